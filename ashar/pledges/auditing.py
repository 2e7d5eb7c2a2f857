"""What matches and pools have to hold, worked out again from the rows beneath them."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Select, func, select

from ashar.kernel.db import session
from ashar.ledger import queries as book
from ashar.pledges import matching
from ashar.pledges.held import HeldPayment
from ashar.pledges.models import Match, Payment, Pledge, Pool, PoolPayment
from ashar.pledges.position import Facts
from ashar.pledges.states import MATCH, MONEY_CAME

Sides = Counter[tuple[str, str]]


def matched() -> Counter[tuple[int, str]]:
    """Return what of the matches stands on the bars, per (project, currency)."""
    found: Counter[tuple[int, str]] = Counter()
    rows = session.execute(
        select(Match, Pool, Pledge.project_id)
        .join(Match.pool)
        .join(Match.payment)
        .join(Payment.pledge)
    )
    for match, pool, project in rows:
        if match.worth_currency and (stands := matching.stands(match, pool)):
            found[project, match.worth_currency] += stands
    return found


def matches(
    payments: Mapping[int, tuple[HeldPayment, Facts]], booked: dict[int, Sides]
) -> Iterator[str]:
    """Yield what is wrong with matches, by what is known of their payments and what is booked."""
    for match, pool in session.execute(select(Match, Pool).join(Match.pool)):
        if match.payment_id not in payments:
            yield f"match {match.id} is of payment {match.payment_id}, which has no pool"
            continue
        payment, facts = payments[match.payment_id]
        yield from (f"match {match.id} {fault}" for fault in _faults(match, payment, facts))
        target = Counter(matching.sides(match, pool, payment.account or ""))
        have = booked.pop(match.id, Counter())
        for key in sorted({*target, *have}):
            if target[key] != have[key]:
                yield f"match {match.id}: {key} holds {have[key]}, known is {target[key]}"
    for row in booked:
        yield f"entries for match {row}, which does not exist"


def _faults(match: Match, payment: HeldPayment, facts: Facts) -> Iterator[str]:
    if match.state not in MATCH.moves:
        yield f"is {match.state}"
    if payment.pool_id != match.pool_id:
        yield f"is of pool {match.pool_id}, its payment of {payment.pool_id}"
    yield from (_given if match.state == "booked" else _not_given)(match, payment, facts)


def _given(match: Match, payment: HeldPayment, facts: Facts) -> Iterator[str]:
    used = matching.left(match, facts, facts.gone) - match.short_minor
    given, kept = matching.given_of(match, facts, used)
    if (match.given_minor, match.reserved_minor) != (given, kept):
        yield f"gives {match.given_minor}, holds {match.reserved_minor}; known is {given}, {kept}"
    if payment.state not in MONEY_CAME:
        yield f"is booked for a payment that is {payment.state}"


def _not_given(match: Match, payment: HeldPayment, _facts: Facts) -> Iterator[str]:
    if match.given_minor or match.booked_minor:
        yield f"is {match.state} and gives {match.given_minor} of {match.booked_minor}"
    waits = match.state == "reserved"
    if waits != bool(match.reserved_minor):
        yield f"is {match.state} and holds {match.reserved_minor}"
    if waits and payment.state not in {"started", "processing"}:
        yield f"is set aside for a payment that is {payment.state}"


def pools() -> Iterator[str]:
    """Yield what is wrong with pools: their counts, their limits, their accounts."""
    paid, accounts = _paid(), book.balances("pool:")
    sums = [
        func.coalesce(func.sum(column), 0) for column in (Match.reserved_minor, Match.given_minor)
    ]
    query: Select[*tuple[Any, ...]] = select(Pool, *sums)
    rows = session.execute(query.outerjoin(Match, Match.pool_id == Pool.id).group_by(Pool.id)).all()
    for pool, reserved, given in rows:
        have = [pool.reserved_minor, pool.booked_minor, pool.paid_in_minor]
        known = [int(reserved), int(given), paid.get(pool.id, 0)]
        if have != known:
            yield f"pool {pool.slug}: counts {have}, recomputed {known}"
        is_money = pool.kind == "paid_in"
        most = min(pool.total_minor, known[2]) if is_money else pool.total_minor
        if known[0] + known[1] > most:
            yield f"pool {pool.slug}: {known[0]} set aside and {known[1]} given, of {most}"
        holds = -accounts.pop((pool.account, pool.currency), 0)
        wanted = known[2] - known[1] if is_money else 0
        if holds != wanted or holds < 0:
            yield f"{pool.account} holds {holds} {pool.currency}, known is {wanted}"
    for (account, currency), minor in accounts.items():
        if minor:
            yield f"{account} holds {-minor} {currency} of no pool"


def _paid() -> dict[int, int]:
    query = select(PoolPayment.pool_id, func.sum(PoolPayment.minor))
    return {row[0]: int(row[1]) for row in session.execute(query.group_by(PoolPayment.pool_id))}
