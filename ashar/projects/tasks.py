"""Work away from any request: projects whose last day has passed, and whose theme was renamed."""

from sqlalchemy import and_, or_, select

from ashar.kernel import clock, db, jobs
from ashar.kernel.db import session
from ashar.projects import search, services
from ashar.projects.models import Project, Totals
from ashar.projects.states import PUBLIC


@jobs.job("projects.close", every=900)
def close() -> int:
    """Close projects whose last day has passed; return how many.

    A threshold project that missed its minimum is left: its gifts have to go back first.
    """
    session.rollback()
    kept = or_(
        Project.funding == "flexible",
        Totals.raised_minor >= Project.minimum_minor,
    )
    rows = session.scalars(
        select(Project.id)
        .outerjoin(
            Totals, and_(Totals.project_id == Project.id, Totals.currency == Project.currency)
        )
        .where(Project.state.in_(("published", "funded")), Project.deadline < clock.today(), kept)
    ).all()
    for row in rows:
        with db.transaction():
            project = session.get_one(Project, row)
            # The leader may have gained more time, or closed it, since we looked.
            if project.state in {"published", "funded"} and _is_over(project):
                services.step(project, "closed", why="its last day has passed")
    return len(rows)


def _is_over(project: Project) -> bool:
    return project.deadline is not None and project.deadline < clock.today()


def file_theme(code: str) -> int:
    """File a theme's projects anew: they are found by its name too; return how many.

    What was read before is let go, so that each is filed as it is now; doing it twice does no harm.
    """
    session.rollback()
    rows = session.scalars(
        select(Project.id).where(Project.theme == code, Project.state.in_(PUBLIC))
    ).all()
    for start in range(0, len(rows), search.TOGETHER):
        with db.transaction():
            together = Project.id.in_(rows[start : start + search.TOGETHER])
            for project in session.scalars(select(Project).where(together)):
                search.index(project)
    return len(rows)
