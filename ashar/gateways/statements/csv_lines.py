"""CSV exports of an account, read by a mapping that a person has confirmed."""

import csv
from collections.abc import Iterator
from itertools import chain, islice
from operator import itemgetter
from typing import Any, BinaryIO

from ashar.gateways.statements.base import NO_STATEMENT, Begin, End, Line, Part, Unreadable
from ashar.gateways.statements.csv_columns import Cells, Columns, columns, joined
from ashar.gateways.statements.csv_dates import day_of
from ashar.gateways.statements.csv_guess import guess
from ashar.gateways.statements.csv_mapping import ENCODINGS, Mapping, folded
from ashar.gateways.statements.texts import (
    TOO_WIDE,
    account_of,
    cleaned,
    reference_of,
    sample_lines,
    shown,
    text_lines,
)
from ashar.kernel.i18n import N_

__all__ = ["Mapping", "guess", "read", "rows"]

NO_HEADING = N_("This file has no row where its columns' names should be.")
BAD_QUOTES = N_("The quotation marks from this row on do not match.")
WRONG_WIDTH = N_("This row has %(found)s cells, but %(expected)s are expected.")
OTHER_CURRENCY = N_("This row is in “%(found)s”, but the account is kept in %(currency)s.")
BAD_STATE = N_("“%(text)s” does not say whether this row has been booked.")
WRONG_BALANCE = N_("The balance on this row does not follow from the rows before it.")


def read(file: BinaryIO, mapping: Mapping) -> Iterator[Part]:
    """Read a file as one statement of the mapping's account; raise Unreadable.

    Rows are yielded in the order of the file. A running balance is held against every row; the
    opening and the closing one follow from it. Without one nothing tells whether a file is whole.
    """
    lines = _lines(file, mapping)
    running = _Running(mapping.order == "newest")
    first = next(lines, None)
    if first:
        running.add(*first)
    oldest_first = mapping.order == "oldest"
    opening = running.opening if oldest_first else None
    yield Begin(mapping.account, mapping.currency, opening=opening)
    row = first[0].row if first else 1
    if first:
        yield first[0]
    for line, told in lines:
        running.add(line, told)
        row = line.row
        yield line
    yield End(running.closing, row, running.opening)


def rows(sample: bytes, mapping: Mapping, most: int = 25) -> list[list[str]]:
    """Return the first rows of a file as a mapping cuts them, the heading's too.

    They are for a person who is about to correct the mapping: nothing in them is refused. A
    sample may end anywhere; what stands behind its last line's end is left out.
    """
    lines = sample_lines(sample, ENCODINGS[mapping.encoding])[mapping.skip :]
    found: list[list[str]] = []
    try:
        for cells in islice(_reader((line + "\n" for line in lines), mapping, strict=False), most):
            found.append([cleaned(cell) for cell in cells])
    except csv.Error:
        pass
    return found


class _Running:
    """The running balance: where it is told, and what has to come out between."""

    def __init__(self, newest_first: bool) -> None:
        self._newest_first = newest_first
        self._total = 0
        #: The opening balance, or the closing one where the newest row is first.
        self._start: int | None = None

    def add(self, line: Line, told: int | None) -> None:
        """Take a row with the balance that it tells; raise Unreadable where it tells another."""
        after = self._total + line.minor
        if told is not None:
            start = told + self._total if self._newest_first else told - after
            if self._start not in (None, start):
                raise Unreadable(WRONG_BALANCE, line.row)
            self._start = start
        self._total = after

    @property
    def opening(self) -> int | None:
        if self._start is None or not self._newest_first:
            return self._start
        return self._start - self._total

    @property
    def closing(self) -> int | None:
        if self._start is None or self._newest_first:
            return self._start
        return self._start + self._total


def _lines(file: BinaryIO, mapping: Mapping) -> Iterator[tuple[Line, int | None]]:
    """Yield the movements of a file, each with the balance that its row tells."""
    records = _records(file, mapping)
    first = next((record for record in records if any(map(str.strip, record[1]))), None)
    if first is None:
        raise Unreadable(NO_HEADING if mapping.heading else NO_STATEMENT)
    row, cells = first
    table = _Table(mapping, columns(mapping, cells, row))
    below = records if mapping.heading else chain([first], records)
    for row, cells in below:
        if table.ends(cells):
            return
        if line := table.line(cells, row):
            yield line


def _records(file: BinaryIO, mapping: Mapping) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a file with the number of the line on which each begins."""
    lines = text_lines(file, ENCODINGS[mapping.encoding])
    for _ in range(mapping.skip):
        next(lines, None)
    reader = _reader(lines, mapping, strict=True)
    row = mapping.skip + 1
    try:
        for cells in reader:
            yield row, cells
            row = mapping.skip + reader.line_num + 1
    except csv.Error as error:
        # A cell over many lines that is too long is one whose quotation mark never ends.
        wide = "limit" in str(error) and mapping.skip + reader.line_num == row
        raise Unreadable(TOO_WIDE if wide else BAD_QUOTES, row) from None


def _reader(lines: Iterator[str], mapping: Mapping, *, strict: bool) -> Any:
    return csv.reader(
        lines,
        delimiter=mapping.delimiter,
        quotechar=mapping.quote or None,
        quoting=csv.QUOTE_MINIMAL if mapping.quote else csv.QUOTE_NONE,
        strict=strict,
    )


#: What decides whether a row is a movement, and what it says then, in the order of reading.
_FIRST = ("booked", "state", "currency_column", "balance")
_THEN = (
    *("valued", "bank_reference", "reference", "end_to_end", "name", "name_out"),
    *("iban", "iban_out", "bic", "kind", "charges"),
)


class _Table:
    """Rows to lines."""

    def __init__(self, mapping: Mapping, found: Columns) -> None:
        self._mapping, self._at, self._width = mapping, found.at, found.width
        self._text, self._currency = found.text, mapping.currency
        self._cells = Cells(mapping, found)
        self._first = itemgetter(*(found.at[name] for name in _FIRST))
        self._then = itemgetter(*(found.at[name] for name in _THEN))
        self._tells_currency = found.at["currency_column"] >= 0
        self._stop = tuple(word.strip() for word in mapping.stop)
        self._states = {folded(word): True for word in mapping.done}
        self._states |= {folded(word): False for word in mapping.undone}

    def ends(self, cells: list[str]) -> bool:
        """Tell whether a row is the first below the table, such as that of totals."""
        if not self._stop or not cells or not cells[0].strip().startswith(self._stop):
            return False
        # Somebody may be called as totals are: a row with a day is one of the table's.
        booked = cells[self._at["booked"]] if len(cells) >= self._width else ""
        return day_of(booked, self._mapping.dates) is None

    def line(self, cells: list[str], row: int) -> tuple[Line, int | None] | None:
        """Return a row's movement and balance; None for one that is empty or not booked yet."""
        if len(cells) != self._width:
            cells = self._cut(cells, row)
        # Columns that are not told stand at -1.
        cells.append("")
        booked, state, currency, balance = self._first(cells)
        if (not booked or booked.isspace()) and not any(map(str.strip, cells)):
            return None
        if self._states and not self._is_booked(state, row):
            return None
        if currency != self._currency and self._tells_currency:
            self._is_ours(currency, row)
        line = self._line(cells, row, booked)
        return line, self._cells.minor(balance, row) if balance and balance.strip() else None

    def _line(self, cells: list[str], row: int, booked: str) -> Line:
        read = self._cells
        moved, charges = read.moved(cells, row), 0
        valued, bank, reference, payers, payer, payee, by, to, bic, kind, kept = self._then(cells)
        if kept:
            charges = read.charges(kept, row)
        name, account = (payee or payer, to or by) if moved < 0 else (payer, by)
        return Line(
            row=row,
            booked=read.day(booked, row),
            minor=moved - charges,
            currency=self._currency,
            valued=read.day(valued, row) if valued and valued.strip() else None,
            bank_reference=bank and cleaned(bank),
            reference=reference and cleaned(reference),
            end_to_end=payers and reference_of(payers),
            name=name and cleaned(name),
            iban=account and account_of(account),
            bic=bic and account_of(bic),
            text=joined(cells, self._text),
            kind=kind and cleaned(kind),
            charges=charges,
            charges_currency=self._currency if charges else "",
            instructed=abs(moved) if charges else None,
            instructed_currency=self._currency if charges else "",
        )

    def _cut(self, cells: list[str], row: int) -> list[str]:
        """Return a row's cells without empty ones beyond the heading's; all empty if it is."""
        filled = [cell for cell in cells if cell.strip()]
        if not filled:
            return [""] * self._width
        if len(cells) < self._width or any(map(str.strip, cells[self._width :])):
            values = {"found": str(len(cells)), "expected": str(self._width)}
            raise Unreadable(WRONG_WIDTH, row, **values)
        return cells[: self._width]

    def _is_booked(self, text: str, row: int) -> bool:
        """Tell whether a row has been booked by the word that says it."""
        booked = self._states.get(folded(text))
        if booked is None:
            raise Unreadable(BAD_STATE, row, text=shown(text))
        return booked

    def _is_ours(self, text: str, row: int) -> None:
        if text != self._currency and text.strip().upper() != self._currency:
            values = {"found": shown(text), "currency": self._currency}
            raise Unreadable(OTHER_CURRENCY, row, **values)
