"""What money can be given to instead of a project that cannot use it."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import selectinload

from ashar.kernel import clock, i18n
from ashar.kernel.db import session
from ashar.pledges.queries import Before
from ashar.projects import queries as projects
from ashar.projects.models import Project

#: As many as a donor can read through on a phone.
OFFERED = 5


class Other(NamedTuple):
    """A project that may be given to instead."""

    id: int
    slug: str
    title: str


def others(region: str, but: int) -> Sequence[Other]:
    """Return a few projects that may be given to instead of one; those of its region first.

    They use whatever comes in: money that had to move once should not have to move again.
    """
    takes = or_(
        Project.state == "published",
        (Project.state == "funded") & Project.takes_more.is_(True),
    )
    rows = session.scalars(
        select(Project)
        .where(Project.funding == "flexible", takes, Project.id != but)
        .where(or_(Project.deadline.is_(None), Project.deadline >= clock.today()))
        .order_by((Project.region == region).desc(), Project.published_at.desc(), Project.id)
        .limit(OFFERED)
        .options(selectinload(Project.texts))
    )
    return [Other(row.id, row.slug, projects.title(row, i18n.language())) for row in rows]


def of(project: Project | Before) -> Sequence[Other] | None:
    """Return what may be given to instead of a threshold project; None for any other."""
    return others(project.region, project.id) if project.funding == "threshold" else None
