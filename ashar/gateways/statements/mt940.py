"""SWIFT MT940: the statements of account that banks export as text.

PyPI's `mt-940` was looked at and is not used: it reads a file whole before it tells the first
line, knows no row of it, passes over what it cannot read, gives a German :86: back without what
it has no name for, and lets a second subfield of one number replace the first. What is needed of
the format is small: tags at the beginning of lines.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from ashar.gateways.statements import mt940_fields as fields
from ashar.gateways.statements.base import NO_END, Begin, End, Line, Part, Unreadable
from ashar.gateways.statements.mt940_dialects import details
from ashar.gateways.statements.texts import byte_lines, cleaned, shown
from ashar.kernel.i18n import N_

NO_ACCOUNT = N_("This statement does not name its account.")
NO_OPENING = N_("This statement does not tell its opening balance.")
MISSING_PAGE = N_("A page of this statement is missing: the next one opens with another balance.")
MISPLACED = N_("“%(text)s” stands where a statement cannot have it.")
TOO_MUCH = N_("The details of this movement are longer than any bank's.")

#: Letters that a bank may tell of one movement; SWIFT allows 390, the most generous some thousand.
MOST = 20_000
_TAG = re.compile(
    r":(20|21|25P?|28C?|60[FM]?|61|62[FM]?|86|13D?|34F|64|65|90[CD]|940|NS):(.*)", re.DOTALL
)
#: Ends a message, and its last field with it.
_OVER = "-"


class Field(NamedTuple):
    """A tag with the row on which it stands and its lines."""

    row: int
    tag: str
    lines: list[str]

    @property
    def first(self) -> str:
        return self.lines[0]


def read(file: BinaryIO) -> Iterator[Part]:
    """Read the statements of a file, page by page; raise Unreadable.

    Every page of a statement is one of its own, with its own balances. Movements that are only
    expected (EC, ED) are left out, since no balance holds them.
    """
    statement = _Statement()
    for field in _fields(file):
        yield from statement.take(field)
    statement.over()


def _fields(file: BinaryIO) -> Iterator[Field]:
    """Yield the fields of a file, whatever envelope is around them."""
    field = Field(0, "", [])
    size = 0
    for row, line in enumerate(byte_lines(file), 1):
        text = _unwrapped(_decoded(line))
        tag = _TAG.match(text)
        if tag or text == _OVER:
            yield field
            field, size = Field(row, tag[1] if tag else _OVER, [tag[2] if tag else ""]), 0
        elif text:
            size += len(text)
            if size > MOST:
                raise Unreadable(TOO_MUCH, field.row or row)
            field.lines.append(text)
    yield field


def _decoded(line: bytes) -> str:
    """Decode a line for itself: a file may be of either, and some are of both."""
    for encoding in ("utf-8", "cp1252"):
        try:
            return line.decode(encoding).lstrip("\ufeff")
        except UnicodeDecodeError:
            continue
    return line.decode("latin-1")


def _unwrapped(text: str) -> str:
    """Return a line without SWIFT's blocks: `{1:…}{2:…}{4:` before a message, `-}` after it."""
    if not text.startswith(("{", "-}")):
        return text if text.strip() != _OVER else _OVER
    before, begun, rest = text.partition("{4:")
    if begun:
        return rest or _OVER
    return _OVER if before.startswith(("-}", "{1:", "{2:", "{5:")) else text


class _Statement:
    """Where a file stands: before a statement, in one, or behind it."""

    def __init__(self) -> None:
        self._account = self._number = self._currency = ""
        self._open: Field | None = None
        self._movement: Field | None = None
        self._told: list[str] = []
        self._size = 0
        #: Whose page ended last with a balance from which another page has to go on.
        self._page: tuple[str, int] = "", 0

    def take(self, field: Field) -> Iterator[Part]:
        """Take in a field; yield what it completes."""
        tag = field.tag
        if tag == "86":
            self._tell(field)
            return
        yield from self._complete()
        if tag == "20":
            self._fresh(field)
        elif tag in {"25", "25P"}:
            self._account = field.first
        elif tag in {"28", "28C"}:
            self._number = cleaned(field.first)
        elif tag[:2] == "60":
            yield self._begin(field)
        elif tag == "61":
            self._move(field)
        elif tag[:2] == "62":
            yield self._end(field)

    def _tell(self, field: Field) -> None:
        """Add details to a movement; those of a whole statement are nobody's."""
        if self._movement:
            self._told += field.lines
            self._size += sum(len(line) + 1 for line in field.lines)
            if self._size > MOST:
                raise Unreadable(TOO_MUCH, self._movement.row)

    def over(self) -> None:
        """Refuse a file that stops in a statement."""
        if self._open:
            raise Unreadable(NO_END, self._open.row)

    def _fresh(self, field: Field) -> None:
        if self._open:
            raise Unreadable(NO_END, field.row)
        self._account = self._number = ""

    def _begin(self, field: Field) -> Begin:
        if self._open:
            raise Unreadable(NO_END, field.row)
        opening, self._currency = fields.balance(field.first, field.row)
        account = fields.account(self._account, self._currency)
        if not account:
            raise Unreadable(NO_ACCOUNT, field.row)
        if field.tag == "60M" and self._page[0] == account and self._page[1] != opening:
            raise Unreadable(MISSING_PAGE, field.row)
        self._account, self._open = account, field
        return Begin(account, self._currency, self._number, opening=opening)

    def _move(self, field: Field) -> None:
        if not self._open:
            raise Unreadable(NO_OPENING, field.row)
        self._movement, self._told, self._size = field, [], 0

    def _end(self, field: Field) -> End:
        if not self._open:
            raise Unreadable(NO_OPENING, field.row)
        closing, currency = fields.balance(field.first, field.row)
        if currency != self._currency:
            raise Unreadable(MISPLACED, field.row, text=shown(field.first))
        self._page = (self._account, closing) if field.tag == "62M" else ("", 0)
        self._open = None
        return End(closing, field.row)

    def _complete(self) -> Iterator[Line]:
        """Yield the movement whose details have all been told."""
        field, self._movement = self._movement, None
        if field is None:
            return
        move = fields.movement(field.first, self._currency, field.row)
        if not move.expected:
            yield _line(field, move, self._told, self._currency)


def _line(field: Field, move: fields.Movement, told: list[str], currency: str) -> Line:
    supplement = " ".join([move.supplement, *field.lines[1:]]).strip()
    number, words = fields.supplement_of(supplement)
    found, text = details(told, words, currency)
    return Line(
        row=field.row,
        booked=move.booked,
        minor=move.minor,
        currency=currency,
        valued=move.valued,
        bank_reference=move.bank_reference,
        size=found.size,
        reference=found.reference,
        end_to_end=found.end_to_end or move.reference,
        name=found.name,
        iban=found.iban or number,
        bic=found.bic,
        text=text,
        kind="/".join(filter(None, (move.kind, found.code))),
        reason=found.reason,
        returned=move.returned or found.returned,
        charges=found.charges,
        charges_currency=found.charges_currency,
        instructed=found.instructed,
        instructed_currency=found.instructed_currency,
    )
