"""Who sits at a project's desk: its leader, whose role counts, or one of the helpers."""

from dataclasses import dataclass

from flask import abort

from ashar.lead import queries
from ashar.moderation import access as moderation
from ashar.people import access
from ashar.people.models import Person
from ashar.projects.models import Project


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody at a project's desk."""

    project: Project
    person: Person
    helper: bool


def seat(slug: str) -> Seat:
    """Return who is at a project's desk; answer 403 to others, whether it exists or not."""
    person, project = access.person(), queries.project(slug)
    if person is None or project is None:
        abort(403)
    if project.owner_id == person.id:
        if "leader" not in access.roles():
            access.refuse("lead")
        return Seat(project, person, helper=False)
    if not moderation.is_helper(project, person.id):
        abort(403)
    return Seat(project, person, helper=True)


def own(slug: str) -> Seat:
    """Return the leader at a project's desk; answer 403 to helpers too."""
    found = seat(slug)
    if found.helper:
        abort(403)
    return found
