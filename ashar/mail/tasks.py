"""Letters that no single fact calls for: mailings to many in batches, deadlines that come near."""

from datetime import timedelta

from sqlalchemy import select

from ashar.kernel import clock, db, jobs
from ashar.kernel.db import session
from ashar.mail.models import Mailing
from ashar.mail.recipients import MANY
from ashar.mail.writing import add, write
from ashar.projects.models import Project

#: Letters written in one transaction.
BATCH = 200
#: Days before a deadline at which its leader is told, each once, at the latest a day later.
DAYS = (14, 3)
LATE = 1


@jobs.job("mail.spread")
def spread(row: int) -> int:
    """Write a mailing's letters, batch by batch, and have each sent; return how many."""
    written = 0
    while (count := _batch(row)) is not None:
        written += count
        jobs.enqueue("mail.sweep")
    return written


def _batch(row: int) -> int | None:
    """Write the next letters of a mailing; return how many, None when all are written.

    Of two that are at it, one waits for the other and goes on where that one stopped.
    """
    with db.transaction():
        mailing = session.execute(
            select(Mailing).where(Mailing.id == row, Mailing.done_at.is_(None)).with_for_update(),
            execution_options={"populate_existing": True},
        ).scalar_one_or_none()
        if mailing is None:
            return None
        found = MANY[mailing.to](mailing.facts, mailing.after, BATCH)
        if not found:
            mailing.done_at = clock.now()
            return None
        mailing.after = found[-1].key
        return len(add(mailing.kind, mailing.fact, mailing.facts, found))


@jobs.job("mail.mailings", every=60)
def go_on() -> int:
    """Go on with mailings that a process left behind; return how many letters were written."""
    session.rollback()
    rows = session.scalars(
        select(Mailing.id).where(Mailing.done_at.is_(None)).order_by(Mailing.id)
    ).all()
    return sum(spread(row) for row in rows)


@jobs.job("mail.deadlines", every=3600)
def remind() -> int:
    """Tell leaders whose projects collect a few days more; return of how many projects."""
    session.rollback()
    found = [(days, row) for days in DAYS for row in _ending(days)]
    for days, (slug, day) in found:
        facts = {"project": slug, "deadline": day}
        write("deadline", f"deadline-{slug}-{day}-{days}", facts, "owner")
    return len(found)


def _ending(days: int) -> list[tuple[str, str]]:
    last = clock.today() + timedelta(days=days)
    rows = session.execute(
        select(Project.slug, Project.deadline)
        .where(Project.state == "published", Project.owner_id.is_not(None))
        .where(Project.deadline.between(last - timedelta(days=LATE), last))
        .order_by(Project.id)
    )
    return [(row.slug, str(row.deadline)) for row in rows]
