"""Exchange rates: the last known one on or before a day, through the euro."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import delete, func, insert, select

from ashar.kernel.db import session
from ashar.kernel.errors import AsharError
from ashar.kernel.i18n import N_
from ashar.kernel.money import EXPONENTS, Money, convert
from ashar.ledger.models import Rate

PLACES = Decimal("0.0000000001")
#: What can be a rate at all: anything beyond is a slip.
SMALLEST, LARGEST = Decimal("0.000001"), Decimal(1_000_000_000)
#: Before this day there was no euro to go through.
EURO_DAY = date(1999, 1, 1)


_NO_DATE = N_("line %(line)s: '%(text)s' is no date like 2026-03-02")
_NO_RATE = N_("line %(line)s: '%(text)s' is no rate")


class RatesError(AsharError):
    """A file of rates that cannot be read; `words` are a msgid that names its line, by `values`."""

    def __init__(self, words: str, **values: Any) -> None:
        super().__init__(words % values)
        self.words, self.values = words, values


@dataclass(frozen=True, slots=True)
class Quote:
    """How many units of one currency another was worth, when and by whose word."""

    rate: Decimal
    day: date
    source: str


def quote(source: str, target: str, on: date) -> Quote | None:
    """Return the last known rate on or before a day, or None."""
    if source == target:
        return Quote(Decimal(1), on, "same currency")
    base, other = _per_euro(source, on), _per_euro(target, on)
    if base is None or other is None:
        return None
    words = " / ".join(dict.fromkeys((other.source, base.source)))
    rate = (other.rate / base.rate).quantize(PLACES)
    return Quote(rate, min(base.day, other.day), words)


def value(money: Money, currency: str, on: date) -> Money | None:
    """Return what money was worth in another currency on a day, or None without a rate."""
    found = quote(money.currency, currency, on)
    return None if found is None else convert(money, currency, found.rate)


def first_day(*currencies: str) -> date | None:
    """Return the first day on which all of some currencies have a rate; None if one has none."""
    days = [_first_day(currency) for currency in currencies if currency != "EUR"]
    return None if None in days else max(filter(None, days), default=EURO_DAY)


def _first_day(currency: str) -> date | None:
    query = select(func.min(Rate.day)).where(Rate.currency == currency)
    return session.execute(query).scalar_one()


def _per_euro(currency: str, on: date) -> Quote | None:
    if currency == "EUR":
        return Quote(Decimal(1), on, "euro")
    row = session.execute(
        select(Rate.rate, Rate.day, Rate.source)
        .where(Rate.currency == currency, Rate.day <= on)
        .order_by(Rate.day.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else Quote(row.rate, row.day, row.source)


def read(text: str) -> Decimal | None:
    """Read a rate as people or files write it; None for what is none."""
    try:
        rate = Decimal(text.strip())
    except InvalidOperation:
        return None
    return rate if rate.is_finite() and SMALLEST <= rate <= LARGEST else None


def add(currency: str, day: date, rate: Decimal, source: str) -> int:
    """Keep a rate; a later word for the same day replaces it, what was booked stays as it was.

    Returns its row.
    """
    session.execute(delete(Rate).where(Rate.currency == currency, Rate.day == day))
    kept = insert(Rate).values(currency=currency, day=day, rate=rate, source=source)
    return session.execute(kept.returning(Rate.id)).scalar_one()


def latest() -> Sequence[Rate]:
    """Return the last rate of each currency."""
    last = select(Rate.currency, func.max(Rate.day).label("day")).group_by(Rate.currency).subquery()
    same = (Rate.currency == last.c.currency) & (Rate.day == last.c.day)
    return session.scalars(select(Rate).join(last, same).order_by(Rate.currency)).all()


def import_csv(text: str) -> int:
    """Import `date,currency,rate,source` lines or the ECB's table; return how many.

    Raises RatesError naming the first line that cannot be read; nothing is kept then.
    """
    rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff"))))
    if not rows:
        raise RatesError(N_("the file is empty"))
    head = [cell.strip() for cell in rows[0]]
    found = _plain(rows) if head[:3] == ["date", "currency", "rate"] else _ecb(head, rows)
    for currency, day, rate, source in found:
        add(currency, day, rate, source)
    return len(found)


def _plain(rows: list[list[str]]) -> list[tuple[str, date, Decimal, str]]:
    found = []
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) < 3 or row[1].strip() not in EXPONENTS:
            raise RatesError(N_("line %(line)s: not date,currency,rate,source"), line=number)
        source = row[3].strip() if len(row) > 3 else "import"
        found.append((row[1].strip(), _day(row[0], number), _rate(row[2], number), source))
    return found


def _ecb(head: list[str], rows: list[list[str]]) -> list[tuple[str, date, Decimal, str]]:
    if not head or head[0].lower() != "date":
        raise RatesError(N_("line 1: neither date,currency,rate,source nor the ECB's table"))
    found = []
    for number, row in enumerate(rows[1:], start=2):
        for currency, cell in zip(head[1:], row[1:], strict=False):
            if currency in EXPONENTS and cell.strip() not in {"", "N/A"}:
                found.append((currency, _day(row[0], number), _rate(cell, number), "ECB"))
    return found


def _day(text: str, number: int) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise RatesError(_NO_DATE, line=number, text=text[:40]) from None


def _rate(text: str, number: int) -> Decimal:
    rate = read(text)
    if rate is None:
        raise RatesError(_NO_RATE, line=number, text=text[:40])
    return rate
