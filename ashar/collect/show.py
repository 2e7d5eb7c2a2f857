"""What the collector's pages show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from ashar.gateways import cash
from ashar.kernel import clock, i18n
from ashar.kernel.db import session
from ashar.kernel.money import Money
from ashar.pledges import collectors, services
from ashar.pledges.models import Collector, HandIn, Slip
from ashar.projects import show
from ashar.projects.models import Project
from ashar.projects.states import LISTED


@dataclass(frozen=True, slots=True)
class SlipLine:
    """A slip as its collector sees it."""

    number: str
    grouped: str
    money: Money | None
    project: str
    name: str
    day: date
    state: str
    over: str

    @property
    def label(self) -> str:
        """Return it in a line, as it stands beside a box to tick."""
        money = i18n.money(self.money) if self.money else ""
        return " · ".join(filter(None, (self.grouped, money, self.name)))


@dataclass(frozen=True, slots=True)
class HandInLine:
    """A hand-in as its collector sees it."""

    token: str
    day: date
    place: str
    declared: Money
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Desk:
    """What a collector holds, since when, until when it should be handed in, and their limits."""

    place: str
    active: bool
    held: Money
    slips: int
    since: date | None
    overdue: bool
    days: int
    slip_limit: Money
    held_limit: Money
    books: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Public:
    """What everybody may learn of a slip: no sum, and nobody's name."""

    number: str
    state: str
    since: datetime | None = None
    counted: datetime | None = None
    project: str = ""
    fits: bool | None = None


def projects() -> dict[str, tuple[int, str]]:
    """Return projects by slug with number and title, those that take gifts now first."""
    rows = session.scalars(
        select(Project).where(Project.state.in_(LISTED)).options(selectinload(Project.texts))
    )
    found = sorted(
        (not services.takes_gifts(row), show.title(row), row.slug, row.id) for row in rows
    )
    return {slug: (row, title) for _, title, slug, row in found}


def line(slip: Slip) -> SlipLine:
    """Return a slip's line."""
    pledge = slip.pledge
    return SlipLine(
        number=slip.number,
        grouped=cash.grouped(slip.number),
        money=slip.money,
        project=show.title(pledge.project) if pledge else "",
        name=pledge.name if pledge else "",
        day=clock.day_of(slip.written_at),
        state=slip.state,
        over=slip.over,
    )


def desk(collector: Collector) -> Desk:
    """Return what a collector's first page begins with."""
    has = collectors.held().get(collector.id, collectors.Held())
    currency = collector.currency
    return Desk(
        place=collector.place,
        active=collector.active,
        held=Money(has.minor, currency),
        slips=has.slips,
        since=clock.day_of(has.since) if has.since else None,
        overdue=collectors.is_overdue(collector, has.since),
        days=collector.days_held,
        slip_limit=Money(collector.slip_limit_minor, currency),
        held_limit=Money(collector.held_limit_minor, currency),
        books=[
            (cash.grouped(cash.number_of(book.first)), cash.grouped(cash.number_of(book.last)))
            for book in collectors.books(collector.id)
        ],
    )


def hand_ins(rows: Sequence[HandIn], places: dict[str, str]) -> list[HandInLine]:
    """Return the lines of hand-ins."""
    return [
        HandInLine(
            token=row.token,
            day=clock.day_of(row.declared_at),
            place=places.get(row.account, row.account.partition(":")[2]),
            declared=row.declared,
            state=row.state,
            reason=row.reason,
        )
        for row in rows
    ]


def public(number: str, asked: Money | None) -> Public | None:
    """Return what everybody may learn of a slip, and whether a sum they name is the slip's."""
    slip = collectors.slip(number)
    grouped = cash.grouped(number)
    if slip is None:
        return Public(grouped, "issued") if collectors.is_issued(number) else None
    return Public(
        number=grouped,
        state=slip.state,
        since=slip.written_at if slip.money else None,
        counted=slip.hand_in.decided_at if slip.hand_in else None,
        project=show.title(slip.pledge.project) if slip.pledge else "",
        fits=None if asked is None or slip.money is None else asked == slip.money,
    )
