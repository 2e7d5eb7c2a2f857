"""Who is at the desk: the reviewer of the current request, and which projects they may see."""

from flask import abort
from sqlalchemy import or_, select

from ashar.kernel.db import session
from ashar.moderation.models import Case
from ashar.moderation.queries import Reviewer, within_reach
from ashar.people import access
from ashar.projects.models import Helper, Project


def reviewer() -> Reviewer | None:
    """Return who is signed in as a reviewer; somebody without a role that counts sees no case."""
    person = access.person()
    if person is None:
        return None
    return Reviewer(
        id=person.id,
        email=person.email or "",
        regions=access.scopes("moderator"),
        administers="administrator" in access.roles(),
        reads=tuple(person.reads or ()),
        name=person.name,
    )


def needed() -> Reviewer:
    """Return who is signed in as a reviewer, where nobody else gets."""
    return reviewer() or abort(403)


def may_see(project: Project) -> bool:
    """Tell whether who is signed in may see a project that is not public."""
    found = reviewer()
    if found is None:
        return False
    if project.owner_id == found.id or is_helper(project, found.id):
        return True
    case = select(Case.id).where(Case.project_id == project.id, within_reach(found)).limit(1)
    return session.execute(case).first() is not None


def is_helper(project: Project, person: int) -> bool:
    """Tell whether somebody helps a project's leader."""
    query = select(Helper.id).where(
        Helper.project_id == project.id,
        Helper.person_id == person,
        Helper.ended_at.is_(None),
        Helper.accepted_at.is_not(None),
    )
    return session.execute(query.limit(1)).first() is not None


def desk(person: int) -> list[Project]:
    """Return the projects that somebody leads or helps with, the latest first."""
    helped = select(Helper.project_id).where(
        Helper.person_id == person, Helper.ended_at.is_(None), Helper.accepted_at.is_not(None)
    )
    query = select(Project).where(or_(Project.owner_id == person, Project.id.in_(helped)))
    return list(session.scalars(query.order_by(Project.id.desc())))
