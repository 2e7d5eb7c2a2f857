"""How one bank writes its CSV: what a person has confirmed and the site has saved."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, Self, get_args

from ashar.gateways.statements.base import Unreadable
from ashar.gateways.statements.csv_dates import DATES
from ashar.gateways.statements.texts import cleaned, shown
from ashar.kernel.i18n import N_
from ashar.kernel.money import EXPONENTS

#: A column: the words of its heading, or its place counted from 1.
Column = str | int
Order = Literal["oldest", "newest"]
Debits = Literal["positive", "negative"]

#: Encodings that can be chosen, with Python's name for each. A mark at the start is taken off.
ENCODINGS = {
    "utf-8": "utf-8-sig",
    "utf-8-sig": "utf-8-sig",
    "utf-16": "utf-16",
    "windows-1251": "cp1251",
    "windows-1252": "cp1252",
    "iso-8859-1": "iso8859-1",
    "iso-8859-15": "iso8859-15",
}
DELIMITERS = (",", ";", "\t", "|")
QUOTES = ('"', "'", "")
#: Signs that may group thousands; which of them do, where a mapping does not say.
GROUPING = frozenset(".,' ")
USUAL = {".": ",' ", ",": ".' "}

BAD_MAPPING = N_("The mapping of this bank's columns is wrong in “%(field)s”.")
NO_AMOUNTS = N_(
    "Choose how amounts are told: in one column, in two, or in one beside another with a sign."
)

#: Fields that hold a column or none, and those that hold several words.
COLUMNS = (
    *("booked", "valued", "amount", "debit", "credit", "direction", "currency_column"),
    *("name", "name_out", "iban", "iban_out", "bic", "reference", "end_to_end"),
    *("bank_reference", "kind", "charges", "balance", "state"),
)
WORDS = ("into", "out", "stop", "done", "undone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """Which column of a CSV tells what. Raises Unreadable where it contradicts itself.

    `skip` lines stand before the heading, or before the first row where `heading` is False.
    Amounts are told by `amount` alone, signed; by `debit` and `credit`, where `debits` says
    whether money out bears a minus; or by `amount` and `direction`, whose words are those of
    `into` and `out`. `charges` are told beside an amount and come off it. `name_out` and
    `iban_out` stand for money that goes out, where payer and payee have columns of their own.
    `balance` is the running one, `order` which row of the file is the first. A row that begins
    with a word of `stop` ends the table. A row whose `state` is a word of `undone` is none yet,
    such as a pending one; any other than those of `done` is refused.
    """

    account: str
    currency: str
    booked: Column
    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    skip: int = 0
    heading: bool = True
    dates: str = "yyyy-mm-dd"
    decimal: str = "."
    thousands: str | None = None
    valued: Column | None = None
    amount: Column | None = None
    debit: Column | None = None
    credit: Column | None = None
    debits: Debits = "positive"
    direction: Column | None = None
    into: tuple[str, ...] = ()
    out: tuple[str, ...] = ()
    currency_column: Column | None = None
    name: Column | None = None
    name_out: Column | None = None
    iban: Column | None = None
    iban_out: Column | None = None
    bic: Column | None = None
    reference: Column | None = None
    end_to_end: Column | None = None
    bank_reference: Column | None = None
    kind: Column | None = None
    text: tuple[Column, ...] = ()
    charges: Column | None = None
    balance: Column | None = None
    order: Order = "oldest"
    state: Column | None = None
    done: tuple[str, ...] = ()
    undone: tuple[str, ...] = ()
    stop: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, right in self._rules():
            if not right:
                raise Unreadable(BAD_MAPPING, field=name)
        told = tuple(
            column is not None for column in (self.amount, self.debit, self.credit, self.direction)
        )
        if told not in {_SIGNED, _TWO, _DIRECTED}:
            raise Unreadable(NO_AMOUNTS)

    @property
    def grouping(self) -> str:
        """Return the signs that may group thousands."""
        return USUAL[self.decimal] if self.thousands is None else self.thousands

    def _rules(self) -> list[tuple[str, bool]]:
        """Return what has to hold, with the field that it is about."""
        grouping = USUAL.get(self.decimal, "") if self.thousands is None else self.thousands
        signs = GROUPING - {self.decimal}
        return [
            ("account", _is_text(self.account, least=0)),
            ("currency", self.currency in EXPONENTS),
            ("encoding", self.encoding in ENCODINGS),
            ("delimiter", self.delimiter in DELIMITERS),
            ("quote", self.quote in QUOTES),
            ("skip", _is_number(self.skip, 0, 1000)),
            ("heading", isinstance(self.heading, bool)),
            ("dates", self.dates in DATES),
            ("decimal", self.decimal in USUAL),
            ("thousands", isinstance(grouping, str) and not set(grouping) - signs),
            ("debits", self.debits in get_args(Debits)),
            ("order", self.order in get_args(Order)),
            ("booked", self.booked is not None),
            *((name, self._is_column(getattr(self, name))) for name in COLUMNS),
            ("text", _are(self.text, lambda one: one is not None and self._is_column(one))),
            *((name, _are(getattr(self, name), _is_text)) for name in WORDS),
            ("into", (self.direction is None) == (not self.into)),
            ("out", (self.direction is None) == (not self.out)),
            ("out", not _folded(self.into) & _folded(self.out)),
            ("done", (self.state is None) == (not self.done)),
            ("undone", not _folded(self.done) & _folded(self.undone)),
        ]

    def _is_column(self, column: Column | None) -> bool:
        named = self.heading and _is_text(column)
        return column is None or named or _is_number(column, 1, 500)

    def to_json(self) -> str:
        """Return a text from which the same mapping can be made."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=2)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Make a mapping of a text, whoever wrote it; raise Unreadable."""
        try:
            told = json.loads(text)
            known = {field.name for field in fields(cls)}
            if strange := sorted(set(told) - known):
                raise Unreadable(BAD_MAPPING, field=strange[0])
            return cls(**{name: _frozen(told[name]) for name in told})
        except (ValueError, TypeError, RecursionError) as error:
            raise Unreadable(BAD_MAPPING, field=shown(str(error))) from None


_SIGNED = (True, False, False, False)
_TWO = (False, True, True, False)
_DIRECTED = (True, False, False, True)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _are(values: object, right: Callable[[Any], bool]) -> bool:
    return isinstance(values, tuple) and all(map(right, values))


def _is_text(value: object, least: int = 1) -> bool:
    return isinstance(value, str) and least <= len(value) <= 200


def _is_number(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _folded(words: tuple[str, ...]) -> set[str]:
    return {folded(word) for word in words}


def folded(word: str) -> str:
    """Return a word as it is compared: headings and signs differ in case and spaces."""
    return cleaned(word).casefold()
