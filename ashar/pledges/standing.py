"""Bringing book, totals and states to what is known of a payment; nothing twice.

The book holds the difference between `position` now and what was booked before, and so do the
totals: order and repetition of facts cannot matter.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from ashar.kernel import clock
from ashar.kernel.money import Money, convert, share
from ashar.ledger import rates
from ashar.ledger.services import Source, move_to
from ashar.pledges import groups, held, matching, queries
from ashar.pledges.held import HeldPayment
from ashar.pledges.models import Dispute, Refund
from ashar.pledges.position import PAYABLE, Facts, Takeback, position
from ashar.pledges.states import MONEY_CAME, MONEY_LEFT, PAYMENT, PLEDGE, PROMISED, pledge_state
from ashar.projects import totals

SUSPENSE = "suspense"


def apply(
    payment: HeldPayment, kind: str, voucher: str, at: datetime, *, fresh: bool = False
) -> None:
    """Bring book, totals and states of a payment to what is known of it; nothing twice.

    `fresh` says that its money has come just now: nothing was booked, nothing taken back yet.
    """
    refunds = () if fresh else queries.refunds(payment.id)
    disputes = () if fresh else queries.disputes(payment.id)
    facts = facts_of(payment, refunds, disputes)
    source = Source("payment", payment.id, voucher)
    move_to(kind, sides(payment, facts), source, at, before={} if fresh else None)
    _move_totals(payment, facts)
    if payment.pool_id is not None:
        matching.follow(payment, facts, voucher, at, fresh=fresh)
    if not fresh:
        PAYMENT.move(payment, _payment_state(payment, refunds, disputes), why=voucher)
    follow(payment, voucher)


def rebook(row: int, kind: str, voucher: str, at: datetime) -> None:
    """Bring a payment's book, totals and states to what is known, when a refund of it has moved."""
    payment = held.lock(row)
    apply(payment, kind, voucher, at)
    held.save(payment)


def undo(row: int, voucher: str, at: datetime, *, actor: int, reason: str) -> None:
    """Take all of a payment back that was entered by mistake: its money never came."""
    payment = held.lock(row)
    PAYMENT.move(payment, "mistaken", why=voucher, actor=actor)
    source = Source("payment", payment.id, voucher)
    move_to("transfer undone", {}, source, at, actor=actor, reason=reason)
    _show_left(payment, 0)
    if payment.pool_id is not None:
        matching.withdraw(payment, voucher, at, why=reason)
    follow(payment, voucher, otherwise="open")
    held.save(payment)


def sides(payment: HeldPayment, facts: Facts) -> dict[tuple[str, str], int]:
    """Return what the book has to hold for a payment; roles without an account bear their name."""
    names = {
        "provider": payment.held_in or f"provider:{payment.gateway}",
        "project": payment.account or SUSPENSE,
    }
    found: Counter[tuple[str, str]] = Counter()
    for (role, currency), minor in position(facts).items():
        found[names.get(role, role), currency] += minor
    return {key: minor for key, minor in found.items() if minor}


def facts_of(payment: HeldPayment, refunds: Sequence[Refund], disputes: Sequence[Dispute]) -> Facts:
    """Gather what is known of a payment whose money came."""
    currency = payment.settled_currency
    takebacks = [
        _refunded(row, currency)
        for row in refunds
        if row.state not in {"ordered", "cancelled"} and row.way != "mistake"
    ]
    takebacks += [
        _takeback(_disputed_minor(row), row.movements, currency, row.state) for row in disputes
    ]
    return Facts(
        gift=payment.gift_minor,
        cover=payment.cover_minor,
        currency=payment.currency,
        settled=payment.settled,
        takebacks=tuple(takebacks),
    )


def _refunded(row: Refund, currency: str | None) -> Takeback:
    """Return what a refund takes, and out of which account."""
    if row.way == "provider":
        minor = row.minor if row.state in MONEY_LEFT else 0
        return _takeback(minor, row.movements, currency, row.state)
    if row.paid_minor is None or row.paid_currency is None:
        return Takeback(row.minor, role=PAYABLE, promised=row.state in PROMISED)
    paid = (row.paid_minor, row.paid_currency)
    over = row.state == "succeeded"
    return Takeback(row.minor, role=f"bank:{row.account}", paid=paid, final=over)


def _disputed_minor(row: Dispute) -> int:
    """Return what a dispute takes now: all of it while withdrawn more often than given back."""
    given_back = [int(moved[0]) > 0 for moved in row.movements.values()]
    return row.minor if given_back.count(False) > given_back.count(True) else 0


def _takeback(
    minor: int, movements: dict[str, list[int | str]], currency: str | None, state: str
) -> Takeback:
    """Read a row's movements; a failed refund's count only once both of its ways are known."""
    ours = [moved for moved in movements.values() if moved[2] == currency]
    complete = bool(ours) and (state != "failed" or len(ours) % 2 == 0)
    moved = -sum(int(item[0]) for item in ours) if complete else None
    fee = sum(int(item[1]) for item in ours)
    return Takeback(minor, moved, fee, final=state in {"succeeded", "lost"})


def left_of(worth: int, facts: Facts) -> int:
    """Return what is left of a gift's worth on the bar: less its taken share, to the unit."""
    return worth - share(worth, min(facts.taken, facts.charged), facts.charged)


def fix_worth(payment: HeldPayment, day: date) -> None:
    """Fix, once, what the gift adds to the bar: at the last known rate on the fact's own day."""
    gift, currency = Money(payment.gift_minor, payment.currency), payment.project.currency
    quote = rates.quote(gift.currency, currency, day)
    worth = gift if quote is None else convert(gift, currency, quote.rate)
    payment.worth_minor, payment.worth_currency = worth.minor, worth.currency
    if quote is not None:
        payment.also |= {
            "worth_rate": quote.rate,
            "worth_day": quote.day,
            "worth_source": quote.source,
        }


def drop_worth(payment: HeldPayment) -> None:
    """Take a gift from the bar that it stands on, before it is counted anew or not at all."""
    if payment.worth_minor is not None:
        _show_left(payment, 0)
    payment.worth_minor = payment.worth_currency = None
    payment.also |= {"worth_rate": None, "worth_day": None, "worth_source": None}


def _move_totals(payment: HeldPayment, facts: Facts) -> None:
    """Move the bar by what changed."""
    stop_awaiting(payment)
    if payment.worth_minor is not None:
        _show_left(payment, left_of(payment.worth_minor, facts))


def _show_left(payment: HeldPayment, left: int) -> None:
    """Let the bar show what is left of a payment's worth, and who is a supporter by it."""
    delta = left - payment.moved_minor
    payment.moved_minor = left
    pledge, project = payment.pledge, payment.project
    counted = left > 0 or any(other.moved_minor > 0 for other in held.others(payment))
    people = int(counted) - int(pledge.counted)
    pledge.counted = counted
    if payment.worth_currency and (delta or people):
        totals.move(project, payment.worth_currency, raised_minor=delta)
        totals.move(project, project.currency, supporters=people)
        groups.count(pledge, project, payment.worth_currency, raised=delta, gifts=people)


def show_awaiting(payment: HeldPayment) -> None:
    """Show a gift that is on its way, at today's rate, apart from what came."""
    gift, project = Money(payment.gift_minor, payment.currency), payment.project
    found = rates.value(gift, project.currency, clock.today()) or gift
    payment.awaiting_minor, payment.awaiting_currency = found.minor, found.currency
    totals.move(project, found.currency, awaiting_minor=found.minor)
    if payment.pool_id is not None:
        matching.reserve_again(payment)


def stop_awaiting(payment: HeldPayment) -> None:
    """Take a gift that has come, or will not come, from what is on its way."""
    if payment.awaiting_minor and payment.awaiting_currency:
        totals.move(
            payment.project, payment.awaiting_currency, awaiting_minor=-payment.awaiting_minor
        )
        payment.awaiting_minor = 0
    if payment.pool_id is not None and payment.state not in MONEY_CAME:
        matching.release(payment)


def _payment_state(
    payment: HeldPayment, refunds: Sequence[Refund], disputes: Sequence[Dispute]
) -> str:
    """Return the state that a payment's refunds and disputes make."""
    states = {row.state for row in disputes}
    if "lost" in states:
        return "lost"
    if "open" in states:
        return "disputed"
    back = sum(row.minor for row in refunds if row.state == "succeeded" and row.way != "mistake")
    if back >= payment.charged.minor:
        return "refunded"
    return "partly_refunded" if back else "settled"


def follow(payment: HeldPayment, why: str, otherwise: str | None = None) -> None:
    """Bring a pledge's state to what its payments say."""
    pledge = payment.pledge
    states = [payment.state, *[other.state for other in held.others(payment)]]
    PLEDGE.move(pledge, pledge_state(states, otherwise or pledge.state), why=why)
