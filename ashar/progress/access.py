"""Who writes a project's updates: its leader, or a helper whom the leader invited."""

from dataclasses import dataclass

from sqlalchemy import select

from ashar.kernel.db import session
from ashar.moderation.access import is_helper
from ashar.people import access
from ashar.people.models import Person
from ashar.projects.models import Project


@dataclass(frozen=True, slots=True)
class Writer:
    """Somebody at a project's desk; `leads` says that they are its leader and no helper."""

    project: Project
    person: Person
    leads: bool


def writer(slug: str) -> Writer | None:
    """Return who is signed in as a writer of a project, if they are one."""
    person = access.person()
    if person is None:
        return None
    project = session.scalars(select(Project).where(Project.slug == slug)).one_or_none()
    if project is None:
        return None
    if project.owner_id == person.id:
        if "leader" not in access.roles():
            access.refuse("lead")
        return Writer(project, person, True)
    return Writer(project, person, False) if is_helper(project, person.id) else None


def leads(project: Project) -> bool:
    """Tell whether who is signed in leads a project, in a role that counts."""
    person = access.person()
    return person is not None and person.id == project.owner_id and "leader" in access.roles()
