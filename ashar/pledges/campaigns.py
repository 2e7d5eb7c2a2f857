"""Work away from any request: campaigns followed, gifts given back or moved, late money placed."""

import logging
from collections.abc import Callable

from sqlalchemy import select

from ashar.kernel import db, jobs
from ashar.kernel.db import session
from ashar.pledges import closing, conversions, dispositions, standing
from ashar.pledges.models import Campaign, Disposition, Payment, Pledge
from ashar.projects.models import Project

log = logging.getLogger(__name__)


@jobs.job("campaigns.follow", every=60)
def follow() -> int:
    """Bring every campaign forward; return how many there are.

    Each step is a transaction of its own: killed between two, the next run goes on there.
    """
    with db.transaction():
        closing.follow()
    rows = closing.followed()
    for row in rows:
        _alone(_forward, row)
    return len(rows)


def _forward(row: int) -> None:
    session.rollback()
    state = session.get_one(Campaign, row).state
    while state in closing.BACK and _plan(row):
        pass
    with db.transaction():
        campaign = closing.lock(row)
        closing.count(campaign)
        closing.end_otherwise(campaign)
        closing.settle_down(campaign)
        state, due = campaign.state, campaign.figures["due"]
    if state in {"missed", "short"}:
        _compare(row, due)


def _plan(row: int) -> int:
    with db.transaction():
        return closing.plan(closing.lock(row))


def _compare(row: int, due: dict[str, dict[str, int]]) -> None:
    short = closing.compare(due)
    if short is not None:
        with db.transaction():
            closing.answer(closing.lock(row), short)


@jobs.job("dispositions.carry", every=60)
def carry_out(limit: int = 500) -> int:
    """Carry out what was decided, row by row; return how many were looked at."""
    session.rollback()
    rows = [*dispositions.come_back(limit), *dispositions.due(limit)]
    for row in rows:
        _alone(_carry_out, row)
    return len(rows)


@jobs.job("dispositions.one")
def carry_out_one(row: int) -> None:
    """Carry out what was decided just now, without waiting for the others' turn."""
    _alone(_carry_out, row)


def _carry_out(row: int) -> None:
    with db.transaction():
        dispositions.carry_out(row)


@jobs.job("late.place", every=60)
def place_late(limit: int = 200) -> int:
    """Note money that came too late, and place it as its project's state wants it.

    Returns how many were looked at.
    """
    with db.transaction():
        dispositions.begin(_unnoted(limit), "parked")
    rows = session.scalars(
        select(Disposition.id)
        .join(Disposition.payment)
        .join(Payment.pledge)
        .join(Pledge.project)
        .where(Disposition.state == "parked", Project.state != "suspended")
        .order_by(Disposition.id)
        .limit(limit)
    ).all()
    for row in rows:
        _alone(_place, row)
    return len(rows)


def _unnoted(limit: int) -> list[int]:
    return list(
        session.scalars(
            select(Payment.id)
            .outerjoin(Disposition, Disposition.payment_id == Payment.id)
            .where(Payment.account == standing.SUSPENSE, Disposition.id.is_(None))
            .order_by(Payment.id)
            .limit(limit)
        )
    )


def _place(row: int) -> None:
    with db.transaction():
        dispositions.place(row)


@jobs.job("rates.convert", every=600)
def convert(limit: int = 500) -> int:
    """Fix the worth of gifts for which there was no rate when they came; return of how many."""
    session.rollback()
    rows = conversions.waiting(limit)
    for row in rows:
        _alone(_convert, row)
    return len(rows)


def _convert(row: int) -> None:
    with db.transaction():
        conversions.fix(row)


def _alone(step: Callable[[int], None], row: int) -> None:
    """Do a step for one row; a fault of one is logged and keeps no other from its turn."""
    try:
        step(row)
    except Exception:
        log.exception("%s of %s failed", step.__name__, row)
