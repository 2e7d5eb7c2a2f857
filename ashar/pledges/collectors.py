"""Collectors of cash as they are: who takes what, what they hold, which numbers are theirs."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from ashar.gateways import cash
from ashar.kernel import clock
from ashar.kernel.db import session
from ashar.kernel.money import Money, exponent
from ashar.pledges.corridors import SCALE
from ashar.pledges.models import Collector, HandIn, Pledge, Slip, SlipBook
from ashar.projects.models import Project

#: How many slips or collectors a list shows at most.
SHOWN = 100


def limit(setting: str, currency: str) -> Money:
    """Return one of the settings' limits in a currency; they are in francs, euros or dollars."""
    minor = Money.parse(current_app.config[setting], "EUR").minor * SCALE.get(currency, 1)
    return Money(minor * 10 ** exponent(currency) // 100, currency)


def all_of_them() -> Sequence[Collector]:
    """Return all collectors, those who no longer collect last."""
    query = select(Collector).options(joinedload(Collector.person))
    return session.scalars(query.order_by(Collector.active.desc(), Collector.slug)).all()


def by_slug(slug: str) -> Collector | None:
    """Return a collector by their name in addresses and in the book."""
    return session.scalars(select(Collector).where(Collector.slug == slug)).one_or_none()


def of_person(person: int) -> Collector | None:
    """Return somebody as a collector, if they are one."""
    return session.scalars(select(Collector).where(Collector.person_id == person)).one_or_none()


def near(country: str, currency: str) -> Sequence[Collector]:
    """Return who takes a currency in a country now."""
    return session.scalars(
        select(Collector)
        .where(
            Collector.active.is_(True),
            Collector.country == country,
            Collector.currency == currency,
        )
        .order_by(Collector.place, Collector.id)
        .limit(SHOWN)
    ).all()


def lock(row: int) -> Collector:
    """Read a collector as they are now; whoever writes or hands in slips of theirs waits."""
    return session.scalars(
        select(Collector)
        .where(Collector.id == row)
        .with_for_update(of=Collector)
        .execution_options(populate_existing=True)
    ).one()


def books(row: int) -> Sequence[SlipBook]:
    """Return the books that a collector was issued, in the order of their numbers."""
    query = select(SlipBook).where(SlipBook.collector_id == row)
    return session.scalars(query.order_by(SlipBook.first)).all()


def book_of(row: int, number: str) -> SlipBook | None:
    """Return the book of a collector's that a number stands in."""
    serial = cash.serial_of(number)
    return session.scalars(
        select(SlipBook).where(
            SlipBook.collector_id == row, SlipBook.first <= serial, SlipBook.last >= serial
        )
    ).one_or_none()


def is_issued(number: str) -> bool:
    """Tell whether a number stands in a book that was issued to anybody."""
    serial = cash.serial_of(number)
    query = select(SlipBook.id).where(SlipBook.first <= serial, SlipBook.last >= serial)
    return session.execute(query.limit(1)).first() is not None


def next_number(row: int) -> str | None:
    """Return the number after the last one that was used of a collector's books in use."""
    rows = session.execute(
        select(Slip.book_id, func.max(Slip.number))
        .where(Slip.collector_id == row)
        .group_by(Slip.book_id)
    )
    used = {book: last for book, last in rows}
    for book in books(row):
        last = used.get(book.id)
        serial = book.first if last is None else cash.serial_of(last) + 1
        if serial <= book.last:
            return cash.number_of(serial)
    return None


def slip(number: str) -> Slip | None:
    """Return a slip that was entered, as it is now."""
    return session.scalars(
        select(Slip).where(Slip.number == number).execution_options(populate_existing=True)
    ).one_or_none()


def open_slips(row: int, limit: int = SHOWN) -> Sequence[Slip]:
    """Return a collector's slips whose cash they still hold, oldest first."""
    return session.scalars(
        select(Slip)
        .where(Slip.collector_id == row, Slip.state == "written")
        .options(joinedload(Slip.pledge).joinedload(Pledge.project).selectinload(Project.texts))
        .order_by(Slip.written_at, Slip.number)
        .limit(limit)
    ).all()


def of_pledge(pledge: int) -> Sequence[Slip]:
    """Return the slips that were written for a pledge, with their hand-ins, oldest first."""
    return session.scalars(
        select(Slip)
        .where(Slip.pledge_id == pledge)
        .options(joinedload(Slip.hand_in))
        .order_by(Slip.id)
    ).all()


class Held(NamedTuple):
    """What a collector holds: how many slips, minor units of their currency, since when."""

    slips: int = 0
    minor: int = 0
    since: datetime | None = None


def held() -> dict[int, Held]:
    """Return what each collector holds who holds anything."""
    rows = session.execute(
        select(
            Slip.collector_id,
            func.count(),
            func.sum(Slip.minor),
            func.min(Slip.written_at),
        )
        .where(Slip.state == "written")
        .group_by(Slip.collector_id)
    )
    return {row: Held(count, int(minor or 0), since) for row, count, minor, since in rows}


def is_overdue(collector: Collector, since: datetime | None) -> bool:
    """Tell whether the oldest cash that somebody holds should have been handed in by now."""
    return since is not None and since < clock.now() - timedelta(days=collector.days_held)


def given_this_year(email: str | None, phone: str | None, currency: str, at: datetime) -> int:
    """Return what a donor's slips of a calendar year say, in minor units of a currency.

    A donor is known by the e-mail or phone that stands on their pledges.
    """
    if not email and not phone:
        return 0
    year = at.astimezone(clock.zone()).year
    begins = datetime(year, 1, 1, tzinfo=clock.zone())
    known = Pledge.phone == phone if phone else func.lower(Pledge.email) == (email or "").lower()
    found = session.execute(
        select(func.sum(Slip.minor))
        .join(Pledge, Pledge.id == Slip.pledge_id)
        .where(
            known,
            Slip.currency == currency,
            Slip.state != "void",
            Slip.written_at >= begins,
            Slip.written_at < begins.replace(year=year + 1),
        )
    ).scalar_one()
    return int(found or 0)


def hand_ins(row: int, limit: int = 20) -> Sequence[HandIn]:
    """Return a collector's hand-ins, newest first."""
    return session.scalars(
        select(HandIn)
        .where(HandIn.collector_id == row)
        .options(joinedload(HandIn.collector))
        .order_by(HandIn.id.desc())
        .limit(limit)
    ).all()
