"""Receipts as the treasurer looks for them."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import select

from ashar.kernel.db import session
from ashar.kernel.papers import Paper
from ashar.pledges.models import Receipt, Round, Series

PER_PAGE = 50


class Found(NamedTuple):
    """Some receipts, and whether there are more."""

    rows: Sequence[Receipt]
    more: bool


def years() -> list[int]:
    """Return the years of which there are receipts, newest first."""
    return list(session.scalars(select(Series.year).distinct().order_by(Series.year.desc())))


def listed(year: int, page: int) -> Found:
    """Return receipts that were given out in a year, newest first."""
    query = select(Receipt).where(Receipt.year == year).order_by(Receipt.id.desc())
    found = session.scalars(query.offset(PER_PAGE * (page - 1)).limit(PER_PAGE + 1)).all()
    return Found(found[:PER_PAGE], len(found) > PER_PAGE)


def every(year: int) -> Iterator[Receipt]:
    """Yield all receipts of a year in the order of their series, a few at a time."""
    query = select(Receipt).where(Receipt.year == year).order_by(Receipt.series, Receipt.serial)
    yield from session.scalars(query.execution_options(yield_per=500))


def by_number(number: str) -> Receipt | None:
    """Return the receipt of a number."""
    return session.scalars(select(Receipt).where(Receipt.number == number)).one_or_none()


def cancelling(row: int) -> Receipt | None:
    """Return the receipt that takes another back."""
    return session.scalars(select(Receipt).where(Receipt.cancels_id == row)).one_or_none()


def paper(row: Receipt) -> Paper | None:
    """Return a receipt's kept duplicate."""
    return session.get(Paper, row.paper_id) if row.paper_id else None


def rounds() -> Sequence[Round]:
    """Return the last rounds over all donors, newest first."""
    return session.scalars(select(Round).order_by(Round.id.desc()).limit(3)).all()
