"""Where a mapping's columns are in a file, and what its cells say."""

from dataclasses import dataclass
from datetime import date

from ashar.gateways.statements.base import Unreadable
from ashar.gateways.statements.csv_dates import day_of
from ashar.gateways.statements.csv_mapping import COLUMNS, Column, Mapping, folded
from ashar.gateways.statements.texts import BAD_AMOUNT, BAD_DATE, cleaned, shown
from ashar.kernel.errors import AmountError
from ashar.kernel.i18n import N_
from ashar.kernel.money import amount_reader

NO_COLUMN = N_("This file has no column “%(column)s”: its bank may have changed it.")
TWO_COLUMNS = N_("Several columns are called “%(column)s”: choose one by its number.")
NEGATIVE = N_("“%(text)s” bears a sign where the column says which way money went.")
BOTH = N_("This row has an amount that came in and one that went out.")
NO_SIGN = N_("“%(text)s” does not say whether money came in or went out.")

#: What may stand beside an amount in its cell, besides the code of its currency.
SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "RUB": "₽", "CHF": "Fr.", "KGS": "сом"}


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each column stands, counted from 0; -1 for what is not told. `width` cells are a row's.

    A heading's empty cells at its end are not counted: some banks end every line with a delimiter.
    """

    at: dict[str, int]
    text: tuple[int, ...]
    width: int


def columns(mapping: Mapping, first: list[str], row: int) -> Columns:
    """Find the columns in a file's first row, its heading where it has one; raise Unreadable."""
    heading = [folded(cell) for cell in first] if mapping.heading else []
    width = len(first)
    while mapping.heading and width and not heading[width - 1]:
        width -= 1
    at = {
        name: -1 if (column := getattr(mapping, name)) is None else _place(column, heading, row)
        for name in COLUMNS
    }
    text = tuple(_place(column, heading, row) for column in mapping.text)
    farthest = max(*at.values(), *text, 0)
    if farthest >= len(first):
        raise Unreadable(NO_COLUMN, row, column=str(farthest + 1))
    return Columns(at, text, max(width, farthest + 1))


def _place(column: Column, heading: list[str], row: int) -> int:
    if isinstance(column, int):
        return column - 1
    wanted = folded(column)
    if wanted not in heading:
        raise Unreadable(NO_COLUMN, row, column=column)
    if heading.count(wanted) > 1:
        raise Unreadable(TWO_COLUMNS, row, column=column)
    return heading.index(wanted)


class Cells:
    """Reads cells by a mapping's words; raises Unreadable with the row they stand on."""

    def __init__(self, mapping: Mapping, columns: Columns) -> None:
        self._dates, self._currency = mapping.dates, mapping.currency
        self._read = amount_reader(
            mapping.currency, decimal=mapping.decimal, thousands=mapping.grouping
        )
        self._symbol = SYMBOLS.get(mapping.currency, mapping.currency)
        self._negative_debits = mapping.debits == "negative"
        self._ways = {folded(word): 1 for word in mapping.into}
        self._ways |= {folded(word): -1 for word in mapping.out}
        at = columns.at
        self._amount, self._direction = at["amount"], at["direction"]
        self._debit, self._credit = at["debit"], at["credit"]

    def day(self, text: str, row: int) -> date:
        """Return the day that a cell tells."""
        found = day_of(text, self._dates)
        if found is None:
            raise Unreadable(BAD_DATE, row, text=shown(text))
        return found

    def minor(self, text: str, row: int) -> int:
        """Return the signed amount of a cell in minor units."""
        try:
            return self._read(text)
        except AmountError:
            return self._beside_its_unit(text, row)

    def _beside_its_unit(self, text: str, row: int) -> int:
        bare = text[:80].strip()
        for unit in (self._currency, self._symbol):
            bare = bare.removeprefix(unit).removesuffix(unit).strip()
        try:
            return self._read(bare)
        except AmountError:
            raise Unreadable(BAD_AMOUNT, row, text=shown(text), currency=self._currency) from None

    def moved(self, cells: list[str], row: int) -> int:
        """Return what a row's amount is, in whichever way its mapping tells it."""
        if self._direction >= 0:
            return self._directed(cells, row)
        if self._amount >= 0:
            return self.minor(cells[self._amount], row)
        debit, credit = cells[self._debit].strip(), cells[self._credit].strip()
        out = self._out(debit, row) if debit else 0
        into = self.minor(credit, row) if credit or not debit else 0
        if out and into:
            raise Unreadable(BOTH, row)
        return into - out

    def _out(self, text: str, row: int) -> int:
        """Return what a debit column tells, positive where money went out.

        A sign that is not the bank's usual one is refused: nobody can tell a reversal from a
        mapping that is wrong, which would turn all that went out into gifts.
        """
        minor = self.minor(text, row)
        minor = -minor if self._negative_debits else minor
        if minor < 0:
            raise Unreadable(NEGATIVE, row, text=shown(text))
        return minor

    def charges(self, text: str, row: int) -> int:
        """Return what a row tells of charges; 0 where its cell is empty."""
        kept = self.minor(text, row) if text.strip() else 0
        if kept < 0:
            raise Unreadable(NEGATIVE, row, text=shown(text))
        return kept

    def _directed(self, cells: list[str], row: int) -> int:
        minor = self.minor(cells[self._amount], row)
        if minor < 0:
            raise Unreadable(NEGATIVE, row, text=shown(cells[self._amount]))
        way = self._ways.get(folded(cells[self._direction]))
        if way is None:
            raise Unreadable(NO_SIGN, row, text=shown(cells[self._direction]))
        return way * minor


def joined(cells: list[str], places: tuple[int, ...]) -> str:
    """Return the text of several columns, that of an empty one left out."""
    if len(places) == 1:
        return cleaned(cells[places[0]])
    return cleaned(" ".join(filter(None, (cells[place] for place in places))))
