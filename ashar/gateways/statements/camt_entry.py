"""Entries of a camt statement: which movements each of them is.

An entry is what the bank has booked. It tells of one transfer, or of many in a sum: each of these
is then a line of its own, or the sum is one line where the file does not tell them apart.
"""

from datetime import date

from ashar.gateways.statements import camt_detail as details
from ashar.gateways.statements import camt_values as values
from ashar.gateways.statements.base import Begin, Line, Unreadable
from ashar.gateways.statements.camt_detail import NONE
from ashar.gateways.statements.camt_shape import Found
from ashar.gateways.statements.texts import shown
from ashar.kernel.i18n import N_
from ashar.kernel.money import Money

OTHER_CURRENCY = N_("This amount is in “%(currency)s”, but the account is in %(account)s.")
SILENT_PART = N_("A part of this collective entry does not tell its amount.")
WRONG_PARTS = N_("The parts of this collective entry come to %(parts)s, but it is of %(entry)s.")

#: What is booked; the others are promises, and are booked by a later entry if they are kept.
BOOKED, STATUSES = "BOOK", ("BOOK", "PDNG", "FUTR", "INFO")
#: Where the amount of a part may stand, the best place first.
PLACES = ("amount", "transaction", "countervalue", "instructed")


class Entry:
    """One entry, while its details come by."""

    __slots__ = (
        *("_booked", "_first", "_found", "_head", "_minor", "_parts", "_sum", "_valued", "_way"),
        "posted",
    )

    def __init__(self, found: Found, head: Begin) -> None:
        self._found, self._head = found, head
        #: Whether it is booked; what is not tells no line.
        self.posted = _status(found) == BOOKED
        if not self.posted:
            return
        self._way = values.sign(found.get("sign", ""), found.row)
        self._minor = self._way * self._amount(found, "amount")
        self._booked, self._valued = _days(found)
        self._first = NONE
        self._parts = self._sum = 0

    def detail(self, found: Found) -> list[Line]:
        """Take in one of its details; return the lines that are certain by now."""
        self._parts += 1
        if self._parts == 1:
            # Whether it is the only one is known when the next one comes, or none.
            self._first = found
            return []
        first, self._first = self._first, NONE
        return [self._part(one) for one in (first, found) if one is not NONE]

    def end(self, words: str) -> list[Line]:
        """Return what is left to tell; raise Unreadable where its parts do not sum to it."""
        if self._parts < 2:
            self._found.setdefault("words", words)
            return [self._whole(self._first)]
        if self._sum != self._minor:
            currency, row = self._head.currency, self._found.row
            parts, entry = Money(self._sum, currency), Money(self._minor, currency)
            raise Unreadable(WRONG_PARTS, row, parts=str(parts), entry=str(entry))
        return []

    def _whole(self, detail: Found) -> Line:
        """Return the line of an entry that has one detail at most."""
        found = self._found
        bank = values.told(found.get("bank", "")) or values.told(detail.get("bank", ""))
        return self._line(detail, found, found.row, self._minor, self._way, bank, size=_size(found))

    def _part(self, detail: Found) -> Line:
        """Return the line of one of many details."""
        way = values.sign(detail["sign"], detail.row) if "sign" in detail else self._way
        minor = way * self._part_amount(detail)
        self._sum += minor
        bank, entry = (values.told(one.get("bank", "")) for one in (detail, self._found))
        # Some banks repeat the entry's reference in each of its details, where it names none.
        own = "" if bank == entry else bank
        return self._line(detail, NONE, detail.row, minor, way, own, batch=_batch(self._found))

    def _part_amount(self, detail: Found) -> int:
        there = [name for name in PLACES if name in detail]
        if not there:
            raise Unreadable(SILENT_PART, detail.row)
        ours = (name for name in there if detail[f"{name}.Ccy"] == self._head.currency)
        return self._amount(detail, next(ours, there[0]))

    def _amount(self, found: Found, name: str) -> int:
        """Return an amount in the account's currency, without its sign."""
        if (text := found.get(name)) is None:
            raise Unreadable(values.MISSING, found.row, element="Amt")
        currency, account = found[f"{name}.Ccy"], self._head.currency
        if currency != account:
            told = shown(currency)
            raise Unreadable(OTHER_CURRENCY, found.row, currency=told, account=account)
        return values.amount(text, currency, found.row)

    def _line(
        self, detail: Found, more: Found, row: int, minor: int, way: int, bank: str,
        batch: str = "", size: int = 1,
    ) -> Line:  # fmt: skip
        """Return a line of what a detail tells, and of `more` where that is silent."""
        currency = self._head.currency
        returned, reason = details.given_back(detail, self._found)
        party = details.party(detail, way > 0, returned, self._head.account)
        charges = details.charges(detail, currency)
        if charges.minor is None:
            charges = details.charges(more, currency)
        instructed = details.instructed(detail)
        if instructed.minor is None:
            instructed = details.instructed(more)
        return Line(
            row=row,
            booked=self._booked,
            minor=minor,
            currency=currency,
            valued=self._valued,
            bank_reference=bank,
            batch=batch,
            size=size,
            reference=values.told(detail.get("payee reference", "")),
            end_to_end=values.told(detail.get("end to end", "")),
            name=party.name,
            iban=party.account,
            bic=party.bank,
            text=details.text(detail, more),
            kind=details.kind(detail) or details.kind(self._found),
            reason=reason,
            returned=returned,
            charges=charges.minor or 0,
            charges_currency=charges.currency,
            instructed=instructed.minor,
            instructed_currency=instructed.currency,
        )


def _status(found: Found) -> str:
    return values.chosen(found.get("status", ""), "Sts", STATUSES, found.row)


def _days(found: Found) -> tuple[date, date | None]:
    """Return the days on which an entry was booked and from which it counts."""
    valued = values.day(found["valued"], found.row) if found.get("valued") else None
    if found.get("booked"):
        return values.day(found["booked"], found.row), valued
    if valued is None:
        raise Unreadable(values.MISSING, found.row, element="BookgDt")
    return valued, valued


def _size(found: Found) -> int:
    """Return of how many transfers an entry says to be the sum."""
    batches = found.each.get("batches", ())
    told = [values.count(one["size"], "NbOfTxs", one.row) for one in batches if "size" in one]
    return sum(told) or 1


def _batch(found: Found) -> str:
    """Return the name by which a collective entry is known."""
    batch = next(iter(found.each.get("batches", ())), NONE)
    names = (found.get("bank"), found.get("reference"), batch.get("payment"), batch.get("message"))
    return next(filter(None, (values.told(name) for name in names if name)), "")
