"""What money can be given to instead of a project that cannot use it."""

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import selectinload

from ashar.kernel import clock
from ashar.kernel.db import session
from ashar.projects.models import Project

#: As many as a donor can read through on a phone.
OFFERED = 5


def others(region: str, but: int) -> Sequence[Project]:
    """Return a few projects that may be given to instead of one; those of its region first.

    They use whatever comes in: money that had to move once should not have to move again.
    """
    takes = or_(
        Project.state == "published",
        (Project.state == "funded") & Project.takes_more.is_(True),
    )
    return session.scalars(
        select(Project)
        .where(Project.funding == "flexible", takes, Project.id != but)
        .where(or_(Project.deadline.is_(None), Project.deadline >= clock.today()))
        .order_by((Project.region == region).desc(), Project.published_at.desc(), Project.id)
        .limit(OFFERED)
        .options(selectinload(Project.texts))
    ).all()


def other(slug: str, region: str, but: int) -> Project | None:
    """Return one of the projects that are offered."""
    return next((one for one in others(region, but) if one.slug == slug), None)
