"""Slips: written for cash that was taken, or void; each number once.

Locks: the collector, then the pledge, then its payment, then the slip; totals last.
"""

from dataclasses import dataclass
from datetime import date, datetime, time

from ashar.gateways import cash
from ashar.kernel import clock, history, outbox
from ashar.kernel.db import session
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_
from ashar.kernel.money import Money
from ashar.ledger.services import Source, move_to
from ashar.pledges import collectors, held, queries, services, standing
from ashar.pledges.held import HeldPayment
from ashar.pledges.models import Collector, Pledge, Slip
from ashar.pledges.services import Wish
from ashar.pledges.states import MONEY_CAME, PAYMENT, SLIP
from ashar.projects.models import Project

AWAITING = "cash-awaiting"
USED = N_("This number is used already.")
NOT_YOURS = N_("This number stands in none of your books.")
IDLE = N_("You take no cash at present. Please hand in what you hold.")
#: Which limit was passed → words.
OVER = {
    "slip": N_("One slip is for %(sum)s at most."),
    "donor": N_("One donor gives %(sum)s in cash in a year at most."),
    "held": N_("With this you would hold more than %(sum)s: please hand in first."),
    "days": N_("You hold cash for longer than %(days)s days: please hand it in first."),
}


@dataclass(frozen=True, slots=True)
class Given:
    """Cash that was given: on which slip and day, for a pledge, or for a project by a walk-in."""

    number: str
    money: Money
    on: date
    pledge: int | None = None
    project: int | None = None
    name: str = ""
    email: str | None = None
    phone: str | None = None
    language: str = "ky"


def write(collector: int, given: Given, *, actor: int) -> Slip:
    """Write a slip; the same one twice is one.

    Raises Refused for a number that was used otherwise or is not the collector's, and for what
    passes a limit today. Paper of an earlier day is written already: it is taken in and marked.
    """
    row = collectors.lock(collector)
    known = collectors.slip(given.number)
    if known is not None:
        if _is_same(known, row, given):
            return known
        raise Refused(USED)
    book = collectors.book_of(row.id, given.number)
    if book is None:
        raise Refused(NOT_YOURS)
    over = _passed(row, given)
    payment = _payment(given, row)
    _take(payment, given)
    slip = Slip(
        number=given.number,
        book_id=book.id,
        collector_id=row.id,
        pledge_id=payment.pledge_id,
        payment_id=payment.id,
        minor=given.money.minor,
        currency=given.money.currency,
        written_at=instant(given.on),
        entered_at=clock.now(),
        over=over,
    )
    session.add(slip)
    session.flush()
    history.record("slip", slip.id, "state", None, slip.state, actor=actor)
    source = Source("slip", slip.id, given.number)
    move_to("cash slip", sides(slip, row), source, slip.written_at, before={}, actor=actor)
    about = {"pledge": payment.pledge_id, "payment": payment.id, "project": payment.project.slug}
    outbox.emit("cash_taken", **about, slip=given.number)
    return slip


def instant(day: date) -> datetime:
    """Return when a slip of a day was written: now, or at noon of a day before."""
    now = clock.now()
    return now if day == clock.day_of(now) else datetime.combine(day, time(12), clock.zone())


def sides(slip: Slip, collector: Collector) -> dict[tuple[str, str], int]:
    """Return what the book has to hold for a slip: its cash, while it is with the collector."""
    if slip.state not in {"written", "handed_in"} or slip.minor is None or slip.currency is None:
        return {}
    return {
        (collector.account, slip.currency): slip.minor,
        (AWAITING, slip.currency): -slip.minor,
    }


def _is_same(known: Slip, collector: Collector, given: Given) -> bool:
    """Tell whether a slip that was written says the same: the form was sent twice."""
    told = (given.money, given.on, collector.id)
    if (known.money, clock.day_of(known.written_at), known.collector_id) != told:
        return False
    assert known.pledge is not None  # noqa: S101 - a void one has no money
    if given.pledge is not None:
        return known.pledge_id == given.pledge
    made = known.pledge
    written = (made.project_id, made.name, made.email, made.phone)
    return written == (given.project, given.name, given.email, given.phone)


# Limits ------------------------------------------------------------------------------------


def _passed(collector: Collector, given: Given) -> str:
    """Return the limit that a slip passes, empty for none; raise Refused when it is today's."""
    today = given.on == clock.today()
    if today and not collector.active:
        raise Refused(IDLE)
    for name, most in _limits(collector, given):
        if most is not None:
            if today:
                raise Refused(OVER[name], sum=most, days=collector.days_held)
            return name
    return ""


def _limits(collector: Collector, given: Given) -> list[tuple[str, Money | None]]:
    """Return each limit with its sum where it is passed, None where it is kept."""
    money, currency = given.money, given.money.currency
    has = collectors.held().get(collector.id, collectors.Held())
    pledge = session.get_one(Pledge, given.pledge) if given.pledge else None
    email, phone = (pledge.email, pledge.phone) if pledge else (given.email, given.phone)
    so_far = collectors.given_this_year(email, phone, currency, instant(given.on))
    slip = Money(collector.slip_limit_minor, currency)
    year = collectors.limit("ASHAR_CASH_YEAR", currency)
    most = Money(collector.held_limit_minor, currency)
    late = collectors.is_overdue(collector, has.since)
    return [
        ("slip", slip if slip < money else None),
        ("donor", year if year.minor < so_far + money.minor else None),
        ("held", most if most.minor < has.minor + money.minor else None),
        ("days", most if late else None),
    ]


# The payment -------------------------------------------------------------------------------


def _payment(given: Given, collector: Collector) -> HeldPayment:
    """Return the payment that a slip is for, locked: the one that waits, or a new one."""
    if given.pledge is None:
        return _of_walk_in(given, collector)
    pledge = queries.lock_pledge(given.pledge)
    last = pledge.payments[-1]
    if last.gateway != cash.NAME or last.state != "started":
        last = services.add_payment(pledge, cash.NAME)
    return held.lock(last.id)


def _of_walk_in(given: Given, collector: Collector) -> HeldPayment:
    project = session.get_one(Project, given.project)
    if given.on == clock.today() and not services.takes_gifts(project):
        raise Refused(N_("This project does not take gifts now."))
    wish = Wish(
        attempt=f"slip-{given.number}",
        gift=given.money,
        method=cash.NAME,
        country=collector.country,
        language=given.language,
        name=given.name,
        email=given.email,
        phone=given.phone,
        visibility="hidden",
    )
    return held.lock(services.write(project, wish, cash.NAME, given=True).payment)


def _take(payment: HeldPayment, given: Given) -> None:
    """Bind a payment to its slip: it is of what was given, and on its way from now on."""
    standing.stop_awaiting(payment)
    payment.gift_minor, payment.cover_minor = given.money.minor, 0
    payment.currency, payment.charge_id = given.money.currency, line(given.number)
    PAYMENT.move(payment, "processing", why=line(given.number))
    standing.show_awaiting(payment)
    standing.follow(payment, line(given.number))
    held.save(payment)


def line(number: str) -> str:
    """Return how a payment names its slip."""
    return f"slip-{number}"


# Void numbers ------------------------------------------------------------------------------


def spoil(collector: int, number: str, reason: str, *, actor: int) -> Slip:
    """Enter a number as void that was spoilt or left out; raise Refused for one that was used."""
    row = collectors.lock(collector)
    known = collectors.slip(number)
    if known is not None:
        if known.state == "void" and known.collector_id == row.id:
            return known
        raise Refused(USED)
    book = collectors.book_of(row.id, number)
    if book is None:
        raise Refused(NOT_YOURS)
    now = clock.now()
    slip = Slip(
        number=number,
        book_id=book.id,
        collector_id=row.id,
        state="void",
        written_at=now,
        entered_at=now,
        reason=reason,
    )
    session.add(slip)
    session.flush()
    history.record("slip", slip.id, "state", None, "void", why=reason, actor=actor)
    return slip


def take_back(number: str, reason: str, *, actor: int) -> Slip:
    """Make a written slip void, by somebody who did not write it: its entry was a mistake.

    Raises Refused when its cash was handed in, or by the collector themselves.
    """
    slip = collectors.slip(number)
    if slip is None or slip.payment_id is None:
        raise Refused(N_("This slip was not written."))
    row = collectors.lock(slip.collector_id)
    if row.person_id == actor:
        raise Refused(N_("Somebody else has to do this: you collected it."))
    payment = held.lock(slip.payment_id)
    session.refresh(slip)
    if slip.state != "written" or payment.state in MONEY_CAME:
        raise Refused(N_("Its cash was handed in, or it is void already."))
    SLIP.move(slip, "void", why=reason, actor=actor)
    slip.reason = reason
    move_to(
        "cash slip void",
        {},
        Source("slip", slip.id, number),
        clock.now(),
        actor=actor,
        reason=reason,
    )
    PAYMENT.move(payment, "expired", why=line(number), actor=actor)
    standing.stop_awaiting(payment)
    standing.follow(payment, line(number), otherwise="cancelled")
    held.save(payment)
    return slip
