"""What the treasurer's pages show of cash and remittances."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from ashar.gateways import cash
from ashar.kernel import clock
from ashar.kernel.db import session
from ashar.kernel.money import Money
from ashar.ledger import queries as book
from ashar.people import queries as people
from ashar.pledges import collectors, hand_ins, partners
from ashar.pledges.models import HandIn, Pledge, Remittance, Slip
from ashar.projects import show
from ashar.projects.models import Project

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Overdue:
    """Cash that should have been handed in: whose, how much, since when."""

    name: str
    slug: str
    place: str
    held: Money
    since: date
    days: int


@dataclass(frozen=True, slots=True)
class HandInLine:
    """A hand-in in the list."""

    token: str
    name: str
    place: str
    declared: Money
    since: date
    state: str
    difference: Money | None


@dataclass(frozen=True, slots=True)
class SlipLine:
    """A slip of a hand-in: what the paper says."""

    number: str
    grouped: str
    name: str
    project: str
    money: Money | None
    day: date
    state: str
    over: str


@dataclass(frozen=True, slots=True)
class HandInView:
    """A hand-in as it is counted."""

    line: HandInLine
    total: Money
    counted: Money | None
    by: str
    at: datetime | None
    reason: str
    own: bool
    slips: list[SlipLine]
    papers: list[tuple[str, str, datetime]]


@dataclass(frozen=True, slots=True)
class RemittanceLine:
    """A remittance: what the donor told, what the partner recorded."""

    token: str
    partner: str
    project: str
    name: str
    code: str
    control: str
    sent: Money | None
    sent_on: date | None
    got: Money | None
    got_on: date | None
    state: str
    local: bool
    reason: str
    agency: bool


def overdue() -> list[Overdue]:
    """Return who holds cash for too long, by name; the longest first."""
    held = collectors.held()
    today = clock.today()
    found = []
    for row in collectors.all_of_them():
        has = held.get(row.id)
        if has is None or has.since is None or not collectors.is_overdue(row, has.since):
            continue
        since = clock.day_of(has.since)
        name = row.person.name or row.person.email or row.slug
        money = Money(has.minor, row.currency)
        found.append(Overdue(name, row.slug, row.place, money, since, (today - since).days))
    return sorted(found, key=lambda one: one.since)


def waiting() -> list[HandInLine]:
    """Return the hand-ins that are to be counted, oldest first."""
    return _lines(select(HandIn).where(HandIn.state == "declared").order_by(HandIn.id))


def decided() -> list[HandInLine]:
    """Return what was counted or given back, newest first."""
    return _lines(select(HandIn).where(HandIn.state != "declared").order_by(HandIn.id.desc()))


def _lines(query: Select[HandIn]) -> list[HandInLine]:
    rows = session.scalars(query.options(joinedload(HandIn.collector)).limit(SHOWN)).all()
    known = people.named({row.collector.person_id for row in rows})
    return [_line(row, known[row.collector.person_id].name) for row in rows]


def _line(row: HandIn, name: str) -> HandInLine:
    return HandInLine(
        token=row.token,
        name=name or row.collector.slug,
        place=row.account.partition(":")[2],
        declared=row.declared,
        since=clock.day_of(row.declared_at),
        state=row.state,
        difference=Money(row.difference, row.currency) if row.difference else None,
    )


def over_limits() -> list[SlipLine]:
    """Return slips of earlier days that passed a limit and are not counted yet."""
    query = _slips().where(Slip.over != "", Slip.state.in_(("written", "handed_in")))
    return [slip_line(row) for row in session.scalars(query.order_by(Slip.id).limit(SHOWN))]


def differences() -> list[Money]:
    """Return what was over or short by now, per currency: over is above zero."""
    found = book.balances(hand_ins.DIFFERENCES)
    return [Money(-minor, currency) for (_, currency), minor in found.items() if minor]


def held_by_partners() -> list[tuple[str, Money, Money | None]]:
    """Return what partners hold for us: name, sum, and the ceiling where it is above it."""
    balances = book.balances("partner-held:")
    found = []
    for row in partners.all_of_them():
        today = clock.today()
        ceilings = {
            one.currency: one.ceiling_minor
            for one in row.agreements
            if one.from_day <= today <= one.until_day
        }
        for (account, currency), minor in balances.items():
            if account == row.account and minor:
                most = ceilings.get(currency)
                above = Money(most, currency) if most is not None and most < minor else None
                found.append((row.name, Money(minor, currency), above))
    return found


def _slips() -> Select[Slip]:
    return select(Slip).options(
        joinedload(Slip.pledge).joinedload(Pledge.project).selectinload(Project.texts)
    )


def slip_line(slip: Slip) -> SlipLine:
    """Return a slip's line."""
    pledge = slip.pledge
    return SlipLine(
        number=slip.number,
        grouped=cash.grouped(slip.number),
        name=(pledge.name or pledge.phone or pledge.email or "") if pledge else "",
        project=show.title(pledge.project) if pledge else "",
        money=slip.money,
        day=clock.day_of(slip.written_at),
        state=slip.state,
        over=slip.over,
    )


def hand_in(row: HandIn, me: int) -> HandInView:
    """Return a hand-in with its slips and papers."""
    query = _slips().where(Slip.hand_in_id == row.id).order_by(Slip.number)
    wanted = {row.collector.person_id, *([row.decided_by] if row.decided_by else [])}
    known = people.named(wanted)
    counter = known.get(row.decided_by or 0)
    return HandInView(
        line=_line(row, known[row.collector.person_id].name),
        total=row.total,
        counted=None if row.counted_minor is None else Money(row.counted_minor, row.currency),
        by=(counter.name or counter.email or "") if counter else "",
        at=row.decided_at,
        reason=row.reason,
        own=row.collector.person_id == me,
        slips=[slip_line(slip) for slip in session.scalars(query)],
        papers=[(one.token, one.name, one.kept_at) for one in hand_ins.proofs(row.id)],
    )


def remittances(rows: Sequence[Remittance]) -> list[RemittanceLine]:
    """Return the lines of remittances."""
    return [remittance(row) for row in rows]


def remittance(row: Remittance, *, agency: bool = True) -> RemittanceLine:
    """Return a remittance's line; `agency` says whether it would count as ours."""
    pledge = row.pledge
    return RemittanceLine(
        token=row.token,
        partner=row.partner.name,
        project=show.title(row.project),
        name=(pledge.name or pledge.phone or pledge.email or "") if pledge else "",
        code=cash.grouped(pledge.reference) if pledge and pledge.reference else "",
        control=row.control,
        sent=row.sent,
        sent_on=row.sent_on,
        got=row.got,
        got_on=row.got_on,
        state=row.state,
        local=row.local,
        reason=row.reason,
        agency=agency,
    )
