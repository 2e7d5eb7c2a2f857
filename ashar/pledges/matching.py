"""What sponsors' pools add to gifts: set aside when pledged, given when the gift came, given back.

Of a payment that has no pool nothing here is asked. Whoever comes here holds the payment; the
pool is locked after it, and the totals come last. So nobody waits for each other in a circle, and
two who race for the last of a pool take it one after the other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter

from sqlalchemy import update

from ashar.kernel import clock
from ashar.kernel.db import session
from ashar.kernel.mailboxes import mailbox
from ashar.kernel.money import Money, convert, share
from ashar.ledger import rates
from ashar.ledger.services import Source, move_to
from ashar.people.models import Person
from ashar.pledges import pools
from ashar.pledges.held import HeldPayment
from ashar.pledges.models import Match, Payment, Pool
from ashar.pledges.position import Facts
from ashar.pledges.states import MATCH
from ashar.projects import content, totals
from ashar.projects.models import Project


@dataclass(frozen=True, slots=True)
class Gift:
    """What is pledged: by whom and to what, as far as it decides about a match."""

    payment: int
    pledge: int
    project: int
    money: Money
    person: int | None
    email: str | None


# Set aside ----------------------------------------------------------------------------------


def reserve(pool_id: int, gift: Gift) -> None:
    """Set aside what a pool adds to a gift that was just written: less where less is left.

    The payment keeps no pool where nothing is added: its giver is too close to sponsor or project,
    or others were first.
    """
    pool = pools.lock(pool_id)
    minor = 0
    if not is_close(gift, pool):
        room = _room(pool, gift.pledge, gift.payment)
        minor = min(wanted(pool, gift.money, clock.today()), room, pool.free.minor)
    if minor <= 0:
        session.execute(update(Payment).where(Payment.id == gift.payment).values(pool_id=None))
        return
    pool.reserved_minor += minor
    session.add(
        Match(
            payment_id=gift.payment,
            pool_id=pool.id,
            state=MATCH.start,
            reserved_minor=minor,
            made_at=clock.now(),
        )
    )
    session.flush()


def reserve_again(payment: HeldPayment) -> None:
    """Set aside once more what was released, as far as it is still there: the gift comes late.

    Nothing where it goes to another project meanwhile, for which the pool is not.
    """
    match = pools.match_of(payment.id)
    if match is None or match.state != "released":
        return
    if not pools.covers(match.pool_id, payment.project.id):
        return
    pool, gift = pools.lock(match.pool_id), Money(payment.gift_minor, payment.currency)
    minor = _free(pool, clock.today())
    if minor:
        room = _room(pool, payment.pledge_id, payment.id)
        minor = min(wanted(pool, gift, clock.today()), room, minor)
    if minor > 0:
        MATCH.move(match, "reserved", why="the gift is on its way again")
        match.reserved_minor = minor
        pool.reserved_minor += minor
        session.flush()


def release(payment: HeldPayment) -> None:
    """Let go what was set aside for a gift that does not come."""
    release_all([payment.id])


def release_all(payments: Iterable[int]) -> None:
    """Let go what was set aside for some gifts, the pools in the order of their numbers."""
    found = [match for row in payments if (match := pools.match_of(row)) is not None]
    for match in sorted(found, key=attrgetter("pool_id", "id")):
        if match.state == "reserved":
            pool = pools.lock(match.pool_id)
            MATCH.move(match, "released", why="the gift did not come")
            pool.reserved_minor -= match.reserved_minor
            match.reserved_minor = 0
            session.flush()


def wanted(pool: Pool, gift: Money, day: date) -> int:
    """Return what a pool's rate adds to a gift, in the pool's minor units; 0 without a rate."""
    worth = rates.value(gift, pool.currency, day)
    return 0 if worth is None else share(worth.minor, pool.rate_gives, pool.rate_for)


def _room(pool: Pool, pledge: int, payment: int) -> int:
    """Return what is left of a pledge's cap beside its other payments."""
    if pool.cap_minor is None:
        return pool.total_minor
    return max(0, pool.cap_minor - pools.used_by(pledge, pool.id, payment))


def _free(pool: Pool, day: date) -> int:
    return pool.free.minor if pool.takes(day) else 0


def is_close(gift: Gift, pool: Pool) -> bool:
    """Tell whether a giver is the sponsor, or of the project: owner, payee or committee."""
    project = session.get_one(Project, gift.project)
    said = content.whole(project.content)
    named = [said["payee"], *said["committee"]]
    mails = [pool.email, *[one.get("email") or "" for one in named]]
    rows = {row for row in (pool.person_id, project.owner_id) if row is not None}
    mails += [person.email or "" for row in sorted(rows) if (person := session.get(Person, row))]
    giver = session.get(Person, gift.person) if gift.person is not None else None
    own = {mailbox(mail or "") for mail in (gift.email, giver.email if giver else "")} - {""}
    return gift.person in rows or not own.isdisjoint(map(mailbox, mails))


# Given, and given back ----------------------------------------------------------------------


def follow(
    payment: HeldPayment, facts: Facts, voucher: str, at: datetime, *, fresh: bool = False
) -> None:
    """Bring what is added to a payment to what is known of it; nothing twice.

    `fresh` says that its money has come just now: the match is fixed then.
    """
    match = pools.match_of(payment.id)
    if match is None:
        return
    pool = pools.lock(match.pool_id)
    if fresh and match.state != "booked":
        _fix(match, pool, payment, at)
    if match.state == "booked":
        _bring(match, pool, facts)
        _book(match, pool, payment, voucher, at)
        _move_totals(match, pool, payment)
    session.flush()


def withdraw(payment: HeldPayment, voucher: str, at: datetime, *, why: str) -> None:
    """Give back all that was added to a gift that leaves its project: no refund, no dispute."""
    match = pools.match_of(payment.id)
    if match is None or match.state != "booked":
        return
    pool = pools.lock(match.pool_id)
    pool.booked_minor -= match.given_minor
    pool.reserved_minor -= match.reserved_minor
    match.booked_minor = match.given_minor = match.reserved_minor = match.short_minor = 0
    MATCH.move(match, "released", why=why)
    _book(match, pool, payment, voucher, at)
    _move_totals(match, pool, payment)
    session.flush()


def _fix(match: Match, pool: Pool, payment: HeldPayment, at: datetime) -> None:
    """Fix what is added to a gift that came: what was set aside, more only of what is free now."""
    day, gift = clock.day_of(at), Money(payment.gift_minor, payment.currency)
    minor = 0
    if (payment.account or "").startswith("project:"):
        # A cap that was lowered meanwhile takes nothing from what was set aside.
        room = max(_room(pool, payment.pledge_id, payment.id), match.reserved_minor)
        there = match.reserved_minor + _free(pool, day)
        minor = min(wanted(pool, gift, day), room, there)
    if minor > 0:
        MATCH.move(match, "booked", why="the gift came")
        match.booked_minor, match.booked_at = minor, at
        _fix_worth(match, pool, payment.project.currency, day)
    else:
        MATCH.move(match, "released", why="nothing is added to what came")
        pool.reserved_minor -= match.reserved_minor
        match.reserved_minor = 0


def _fix_worth(match: Match, pool: Pool, currency: str, day: date) -> None:
    """Fix, once, what the match adds to the bar, as a gift's own worth is fixed."""
    added = Money(match.booked_minor, pool.currency)
    quote = rates.quote(added.currency, currency, day)
    worth = added if quote is None else convert(added, currency, quote.rate)
    match.worth_minor, match.worth_currency = worth.minor, worth.currency
    if quote is not None:
        match.worth_rate, match.worth_day = quote.rate, quote.day
        match.worth_source = quote.source


def _bring(match: Match, pool: Pool, facts: Facts) -> None:
    """Give back the taken share to the unit, or take it from the pool again.

    What may still come back, a refund on its way or an open dispute, stays set aside.
    """
    has = match.given_minor + match.reserved_minor
    due = left(match, facts, facts.gone)
    used = due if due <= has else has + min(due - has, pool.free.minor)
    given, kept = given_of(match, facts, used)
    pool.booked_minor += given - match.given_minor
    pool.reserved_minor += kept - match.reserved_minor
    match.given_minor, match.reserved_minor = given, kept
    match.short_minor = due - used


def given_of(match: Match, facts: Facts, used: int) -> tuple[int, int]:
    """Return how much of what is taken from the pool is given, and how much stays set aside."""
    given = min(left(match, facts, facts.taken), used)
    return given, used - given


def left(match: Match, facts: Facts, taken: int) -> int:
    """Return what is left of a match when so much of the payment is taken, to the unit."""
    back = share(match.booked_minor, min(taken, facts.charged), facts.charged)
    return match.booked_minor - back


def sides(match: Match, pool: Pool, account: str) -> dict[tuple[str, str], int]:
    """Return what the book has to hold for a match: nothing where it is only promised."""
    if pool.kind == "promised" or not match.given_minor:
        return {}
    given = match.given_minor
    return {(pool.account, pool.currency): given, (account, pool.currency): -given}


def _book(match: Match, pool: Pool, payment: HeldPayment, voucher: str, at: datetime) -> None:
    source = Source("match", match.id, voucher)
    move_to("match", sides(match, pool, payment.account or ""), source, at)


def stands(match: Match, pool: Pool) -> int:
    """Return what of a match's worth stands on the bar: its given share; of a promise nothing."""
    if pool.kind == "promised" or not match.booked_minor:
        return 0
    return share(match.worth_minor or 0, match.given_minor, match.booked_minor)


def _move_totals(match: Match, pool: Pool, payment: HeldPayment) -> None:
    now = stands(match, pool)
    delta, match.moved_minor = now - match.moved_minor, now
    if delta and match.worth_currency:
        totals.move(payment.project, match.worth_currency, raised_minor=delta, matched_minor=delta)
