"""A proposal how a CSV may be read, for a person to correct: nothing guessed is imported."""

import csv
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from ashar.gateways.statements.base import Unreadable
from ashar.gateways.statements.csv_dates import DATES, day_of
from ashar.gateways.statements.csv_headings import DONE, HEADINGS, STOPS, UNDONE, WAYS
from ashar.gateways.statements.csv_mapping import (
    COLUMNS,
    DELIMITERS,
    ENCODINGS,
    USUAL,
    Column,
    Mapping,
    Order,
    folded,
)
from ashar.gateways.statements.texts import sample_lines
from ashar.kernel.errors import AmountError
from ashar.kernel.money import EXPONENTS, written_to_minor

#: Lines among which a heading is looked for, and rows from which the rest is guessed.
_HEAD, _ROWS = 60, 200
#: What headings say besides: a unit, behind or in brackets, and marks of notes.
_NOTES = re.compile(r"\s*(?:\([^)]*\)|[,. ](?:in )?(?:euros?|chf|kgs|usd|rub|сом)|[*:.,])$")
_FIELDS = {heading: field for field, names in HEADINGS.items() for heading in names}
_CODE = re.compile(r"\b[A-Z]{3}\b")


@dataclass(frozen=True)
class _Sample:
    """The beginning of a file, cut: what stands before its heading, the heading, rows below."""

    before: list[str]
    heading: list[str]
    rows: list[list[str]]
    fields: dict[str, list[int]]
    delimiter: str

    def cells(self, field: str) -> list[str]:
        """Return what stands in a field's first column, empty cells left out."""
        places = self.fields.get(field, [])[:1]
        found = (row[place].strip() for row in self.rows for place in places)
        return [cell for cell in found if cell]


def guess(sample: bytes, account: str = "", currency: str = "") -> Mapping | None:
    """Propose a mapping for the beginning of a file; None where no heading is one we know.

    `currency` is the account's; where it is not given, one that the sample names, or else EUR.
    """
    encoding = _encoding(sample)
    lines = sample_lines(sample, ENCODINGS[encoding])
    found = max((_cut(lines, mark) for mark in DELIMITERS), key=lambda one: len(one.fields))
    if "booked" not in found.fields or not {"amount", "credit"} & found.fields.keys():
        return None
    try:
        return _proposed(found, encoding, account, currency or _currency(found))
    except Unreadable:
        return None


def _encoding(sample: bytes) -> str:
    """Tell UTF by its marks and its rules; Cyrillic by its letters standing side by side."""
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        # The sample may end within a letter.
        sample[: sample.rfind(b"\n") + 1].decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError:
        high = re.findall(rb"[\xa8\xb8\xc0-\xff]+", sample)
        words = sum(len(run) for run in high if len(run) > 2)
        return "windows-1251" if words * 2 > sum(map(len, high)) else "windows-1252"


def _cut(lines: list[str], delimiter: str) -> _Sample:
    """Cut a text with a delimiter, at the line that has the most headings which we know."""
    rows = [next(csv.reader([line[:10_000]], delimiter=delimiter), []) for line in lines[:_HEAD]]
    fields = [_known(row) for row in rows]
    at = max(range(len(rows)), key=lambda row: len(fields[row]), default=0)
    heading = rows[at] if rows else []
    below = csv.reader(lines[at + 1 : at + 1 + _ROWS], delimiter=delimiter)
    whole = [row for row in _rows(below) if len(row) >= len(heading) and any(row)]
    return _Sample(lines[:at], heading, whole, fields[at] if fields else {}, delimiter)


def _rows(reader: Iterable[list[str]]) -> Iterable[list[str]]:
    try:
        yield from reader
    except csv.Error:
        return


def _known(heading: list[str]) -> dict[str, list[int]]:
    """Return the places of the fields that a row's cells are headings of, the best one first."""
    found: dict[str, list[tuple[int, int]]] = {}
    for place, cell in enumerate(heading):
        words = _bare(cell)
        if field := _FIELDS.get(words):
            rank = 0 if field == "text" else HEADINGS[field].index(words)
            found.setdefault(field, []).append((rank, place))
    return {field: [place for _, place in sorted(ranked)] for field, ranked in found.items()}


def _bare(cell: str) -> str:
    """Return a heading's words without the units and marks behind them."""
    words = folded(cell[:100])
    while words not in _FIELDS and (note := _NOTES.search(words)):
        words = words[: note.start()]
    return words


def _currency(found: _Sample) -> str:
    """Return the currency that the sample names most often, in its column or before it."""
    for words in (found.cells("currency_column"), found.cells("valued"), found.heading):
        codes = Counter(code for cell in words for code in _CODE.findall(cell))
        if known := [code for code, _ in codes.most_common() if code in EXPONENTS]:
            return known[0]
    return next(
        (code for code in _CODE.findall(" ".join(found.before)) if code in EXPONENTS), "EUR"
    )


def _proposed(found: _Sample, encoding: str, account: str, currency: str) -> Mapping:
    if set(found.cells("valued")) & set(EXPONENTS):
        # Valuta is a currency in Dutch and a day in German.
        found.fields["currency_column"] = found.fields.pop("valued")
    told: dict[str, Any] = {
        field: _column(found, places[0])
        for field, places in found.fields.items()
        if field in COLUMNS
    }
    told["text"] = tuple(_column(found, place) for place in found.fields.get("text", []))
    told |= _amounts(found, told) | _states(found)
    told |= {"dates": _dates(found), "decimal": _decimal(found, currency)}
    return Mapping(
        account=account,
        currency=currency,
        encoding=encoding,
        delimiter=found.delimiter,
        skip=len(found.before),
        order=_order(found, told["dates"]),
        stop=STOPS,
        **{field: value for field, value in told.items() if value is not None},
    )


def _column(found: _Sample, place: int) -> Column:
    """Return a column by its heading, or by its number where others are called the same."""
    headings = [folded(cell) for cell in found.heading]
    return found.heading[place].strip() if headings.count(headings[place]) == 1 else place + 1


def _amounts(found: _Sample, told: dict[str, Any]) -> dict[str, Any]:
    """Choose how amounts are told: two columns, or one, with a sign in another or in itself."""
    if told.get("debit") and told.get("credit"):
        negative = any(cell.startswith(("-", "−")) for cell in found.cells("debit"))
        return {
            "amount": None,
            "direction": None,
            "debits": "negative" if negative else "positive",
        }
    ways = {folded(cell) for cell in found.cells("direction")}
    for into, out in WAYS:
        if ways and ways <= {*into, *out}:
            return {"debit": None, "credit": None, "into": into, "out": out}
    return {"debit": None, "credit": None, "direction": None}


def _states(found: _Sample) -> dict[str, Any]:
    states = {folded(cell) for cell in found.cells("state")}
    if states and states <= {*DONE, *UNDONE}:
        return {"done": DONE, "undone": UNDONE}
    return {"state": None}


def _dates(found: _Sample) -> str:
    """Return the first form that most days have: a day before its month where both may be."""
    days = found.cells("booked")
    return max(DATES, key=lambda form: sum(day_of(day, form) is not None for day in days))


def _decimal(found: _Sample, currency: str) -> str:
    cells = [cell for field in ("amount", "debit", "credit") for cell in found.cells(field)]
    # Where amounts have no decimals the delimiter tells: commas cannot be both.
    usual = ".," if found.delimiter == "," else ",."
    return max(usual, key=lambda sign: sum(_fits(cell, currency, sign) for cell in cells))


def _fits(cell: str, currency: str, decimal: str) -> bool:
    bare = re.sub(r"[^0-9.,' ()+−-]", "", cell.replace("\u00a0", " ")).strip()
    try:
        written_to_minor(bare, currency, decimal=decimal, thousands=USUAL[decimal])
    except AmountError:
        return False
    return True


def _order(found: _Sample, form: str) -> Order:
    days = [day for cell in found.cells("booked") if (day := day_of(cell, form))]
    first, last = (days[0], days[-1]) if days else (date.min, date.min)
    return "newest" if first > last else "oldest"
