"""Helpers of leaders: what is held of them, and their erasure. Who leads a project is on duty."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, false, or_, select

from ashar.kernel import clock, history
from ashar.kernel.db import session
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_
from ashar.people.privacy import Part, Subject, Table, register
from ashar.projects.models import Helper, Project, Working


def _theirs(subject: Subject) -> ColumnElement[bool]:
    by = [Helper.person_id == subject.person] if subject.person is not None else []
    by += [Helper.email == subject.email] if subject.email else []
    return or_(false(), *by)


def _export(subject: Subject) -> Iterator[Table]:
    rows = session.execute(
        select(Helper, Project.slug)
        .join(Project, Project.id == Helper.project_id)
        .where(_theirs(subject))
        .order_by(Helper.id)
    )
    yield (
        "helping",
        [
            {
                "project": slug,
                "name": one.name,
                "email": one.email,
                "invited_at": one.invited_at,
                "accepted_at": one.accepted_at,
                "ended_at": one.ended_at,
            }
            for one, slug in rows
        ],
    )


def _refuse_leaders(subject: Subject) -> None:
    if subject.person is None:
        return
    query = select(Project.id).where(Project.owner_id == subject.person).limit(1)
    if session.execute(query).first() is not None:
        raise Refused(
            N_(
                "You lead a project here. Please ask an administrator: first somebody else has to "
                "answer for it, or it has to be taken down."
            )
        )


def _erase(subject: Subject) -> None:
    for one in session.scalars(select(Helper).where(_theirs(subject)).order_by(Helper.id)):
        one.ended_at = one.ended_at or clock.now()
        one.name = one.email = ""
        if one.person_id is not None:
            _unname(one.project_id, one.person_id)
        one.person_id = None
        history.record("helper", one.id, "erased", None, None)


def _unname(project: int, person: int) -> None:
    """Take a helper's name off what they have entered."""
    copy = session.get(Working, project, with_for_update=True)
    if copy is not None:
        copy.marks = {
            part: mark | {"name": ""} if mark.get("by") == person else mark
            for part, mark in copy.marks.items()
        }


register(Part("helping", 30, _export, _erase, begin=_refuse_leaders))
