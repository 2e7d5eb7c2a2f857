"""What was read of a statement as a text table, held against the one that somebody has read.

`ASHAR_GOLDEN=write pytest …` writes what is read now; read it by eye before it is committed.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import MISSING, fields
from datetime import date
from pathlib import Path

from ashar.gateways.statements.base import Begin, End, Line, Part
from ashar.kernel.money import Money

#: What stands in columns, and is not told again behind them.
COLUMNS = {"row", "booked", "minor", "currency", "charges_currency", "instructed_currency"}


def assert_table(file: Path, parts: Iterable[Part]) -> None:
    """Hold what was read against the table that lies beside a file."""
    told = file.with_suffix(".expected.txt")
    now = "\n".join(table(parts)) + "\n"
    if os.environ.get("ASHAR_GOLDEN") == "write":
        told.write_text(now, "utf-8")
    assert told.exists(), "read what ASHAR_GOLDEN=write writes, then commit it"
    assert now == told.read_text("utf-8")


def table(parts: Iterable[Part]) -> Iterator[str]:
    """Yield a row a part: the columns, and whatever else it tells."""
    currency = ""
    for part in parts:
        if isinstance(part, Begin):
            currency = part.currency
            yield _begin(part)
        elif isinstance(part, End):
            yield f"end    {part.row:>5}             {_sum(part.closing, currency)}"
        else:
            yield f"line   {part.row:>5}  {part.booked}  {_sum(part.minor, currency)}{_more(part)}"


def _begin(part: Begin) -> str:
    period = f"{_day(part.since)}…{_day(part.until)}"
    made = part.made_at.isoformat() if part.made_at else "-"
    posts = "" if part.posts else "  posts nothing"
    names = f"{part.account}  number {part.number}  sequence {part.sequence or '-'}"
    return f"begin                     {_sum(part.opening, part.currency)}  {names}  {period}  made {made}{posts}"  # noqa: E501


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _sum(minor: int | None, currency: str) -> str:
    return f"{'-' if minor is None else str(Money(minor, currency)):>16}"


def _more(line: Line) -> str:
    """Return what differs from what a line says by itself, each on a row of its own."""
    told = []
    for field in fields(line):
        value = getattr(line, field.name)
        if field.name in COLUMNS or value == field.default or field.default is MISSING:
            continue
        if field.name in ("charges", "instructed"):
            value = Money(value, getattr(line, f"{field.name}_currency"))
        told.append(f"{field.name.replace('_', ' '):>30}: {value}")
    return "".join(f"\n{row}" for row in told)
