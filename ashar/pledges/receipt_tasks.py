"""Receipts by themselves: those that are due, those that no longer hold, duplicates, rounds."""

import time

from sqlalchemy import select

from ashar.kernel import db, jobs
from ashar.kernel.db import session
from ashar.pledges import duplicates, receipts, statements
from ashar.pledges.models import Round
from ashar.pledges.sheets.facts import Facts

LOOK = "receipts.look"
#: Seconds for which duplicates are drawn before others have their turn, and how many are read.
PATIENCE = 20.0
READ = 50


@jobs.job("receipts.issue", every=3600)
def issue(limit: int = 500) -> int:
    """Give out the receipts that donors asked for and whose money is final; return how many."""
    session.rollback()
    made = 0
    for row in session.scalars(receipts.due().limit(limit)).all():
        with db.transaction():
            made += receipts.issue(row) is not None
    return made


@jobs.job("receipts.review", every=3600)
def sweep() -> int:
    """Cancel receipts whose money went back, however it went; return how many payments it was."""
    session.rollback()
    rows = {row for row in session.scalars(receipts.shaken()) if row is not None}
    rows |= set(statements.shaken())
    return sum(review(row) for row in sorted(rows))


@jobs.job(LOOK)
def review(payment: int) -> bool:
    """Look again at the receipts that name a payment; tell whether any was cancelled."""
    with db.transaction():
        cancelled = receipts.review(payment) is not None
    with db.transaction():
        return statements.refresh(payment) is not None or cancelled


@jobs.job("receipts.draw", every=60)
def draw(patience: float = PATIENCE) -> int:
    """Draw and keep the duplicates of what was given out; return how many.

    They are drawn outside of any transaction, so that nobody waits for a pen.
    """
    drawn, until = 0, time.monotonic() + patience
    while time.monotonic() < until:
        session.rollback()
        rows = [(row, facts) for row, facts in duplicates.undrawn(READ)]
        session.rollback()
        if not rows:
            break
        for row, facts in rows:
            data = duplicates.drawn(Facts.read(facts))
            with db.transaction():
                duplicates.keep(row, data)
            drawn += 1
    return drawn


@jobs.job("receipts.round")
def go(row: int) -> int:
    """Make the statements of a round, batch by batch; return of how many batches."""
    batches = 0
    while step(row):
        batches += 1
    return batches


def step(row: int) -> bool:
    """Look at the next donors of a round, in a transaction; tell whether there were any."""
    with db.transaction():
        return statements.step(row)


@jobs.job("receipts.rounds", every=60)
def go_on() -> int:
    """Go on with rounds that a process left behind; return of how many batches."""
    session.rollback()
    rows = session.scalars(select(Round.id).where(Round.done_at.is_(None)).order_by(Round.id)).all()
    return sum(go(row) for row in rows)
