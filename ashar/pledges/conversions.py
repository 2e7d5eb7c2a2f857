"""Gifts that came when no rate was known: beside the bar in their own currency until one is."""

from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import ColumnElement, func, select

from ashar.kernel import clock
from ashar.kernel.db import session
from ashar.kernel.money import Money
from ashar.ledger import rates
from ashar.pledges import held, queries, standing
from ashar.pledges.models import Payment, Pledge
from ashar.projects.models import Project


@dataclass(frozen=True, slots=True)
class Unrated:
    """Gifts of one currency to projects of another, for which no rate was known."""

    money: Money
    target: str
    gifts: int
    since: date


def unrated() -> list[Unrated]:
    """Return what waits for a rate, per pair of currencies."""
    pair = Payment.currency, Project.currency
    rows = session.execute(
        select(*pair, func.count(), func.sum(Payment.gift_minor), func.min(Payment.settled_at))
        .join(Payment.pledge)
        .join(Pledge.project)
        .where(*_without_rate())
        .group_by(*pair)
        .order_by(*pair)
    )
    return [
        Unrated(Money(int(minor), currency), target, gifts, clock.day_of(since))
        for currency, target, gifts, minor, since in rows
        if since is not None
    ]


def _without_rate() -> tuple[ColumnElement[bool], ...]:
    return Payment.worth_minor.is_not(None), Payment.worth_rate.is_(None)


def waiting(limit: int) -> list[int]:
    """Return payments without a rate for which there is one now, on or before their day."""
    found: list[int] = []
    for pair in unrated():
        first = rates.first_day(pair.money.currency, pair.target)
        if first is None:
            continue
        from_ = datetime.combine(first, time.min, clock.zone())
        found += session.scalars(
            select(Payment.id)
            .join(Payment.pledge)
            .join(Pledge.project)
            .where(*_without_rate(), Payment.settled_at >= from_)
            .where(Payment.currency == pair.money.currency, Project.currency == pair.target)
            .order_by(Payment.id)
            .limit(limit - len(found))
        ).all()
    return found


def fix(row: int) -> bool:
    """Fix a payment's worth, once, and move it on the bar; tell whether it was fixed now."""
    before = queries.lock_payment(row)
    if before.worth_minor is None or before.worth_rate is not None or before.settled_at is None:
        return False
    day, pledge = clock.day_of(before.settled_at), before.pledge
    if rates.quote(before.currency, pledge.project.currency, day) is None:
        return False
    payment = held.lock(row)
    standing.drop_worth(payment)
    standing.fix_worth(payment, day)
    standing.apply(payment, "worth", f"rate of {day}", clock.now())
    held.save(payment)
    return True
