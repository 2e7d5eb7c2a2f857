"""Work away from any request: cases that waited for too long, holds that ran out."""

from datetime import timedelta

from sqlalchemy import select

from ashar.kernel import clock, db, jobs
from ashar.kernel.db import session
from ashar.kernel.i18n import N_
from ashar.moderation import holds, services
from ashar.moderation.models import Case, Hold
from ashar.moderation.states import ADMINISTRATORS, FIRST_STEP, NEIGHBOURS, SECOND_STEP
from ashar.pledges import closing


@jobs.job("moderation.escalate", every=600)
def escalate() -> int:
    """Bring cases that wait for too long to more people; return how many."""
    session.rollback()
    found = _waiting(SECOND_STEP, ADMINISTRATORS) + _waiting(FIRST_STEP, NEIGHBOURS)
    for row, level in found:
        with db.transaction():
            services.escalate(services.lock(row), level)
    return len(found)


def _waiting(patience: timedelta, level: int) -> list[tuple[int, int]]:
    rows = session.scalars(
        select(Case.id).where(
            Case.state == "open", Case.level < level, Case.since <= clock.now() - patience
        )
    )
    return [(row, level) for row in rows]


@jobs.job("moderation.holds", every=300)
def end_holds() -> int:
    """Lift holds that no second person confirmed in time; return how many."""
    session.rollback()
    rows = session.scalars(
        select(Hold.id).where(Hold.lifted_at.is_(None), Hold.ends_at <= clock.now())
    ).all()
    for row in rows:
        with db.transaction():
            hold = session.get_one(Hold, row, populate_existing=True)
            if hold.ends_at is not None and hold.ends_at <= clock.now():
                holds.lift(hold, actor=None, why=N_("No second person confirmed it in time."))
    return len(rows)


@jobs.job("campaigns.close", every=300)
def close_missed() -> int:
    """Cancel threshold projects that missed their minimum; their gifts go back. Return how many."""
    session.rollback()
    rows = closing.over()
    for row in rows:
        with db.transaction():
            holds.end_missed(row)
    return len(rows)
