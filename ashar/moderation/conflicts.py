"""Who is too close to a project to decide on it: worked out for many cases in a few queries.

Everything that names people counts: rows, e-mails in whichever spelling, whole names; what is
shown, what is written, and every version there ever was, so that nobody is freed of a conflict by
being taken off a list.
"""

import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, or_, select

from ashar.kernel.db import session
from ashar.kernel.mailboxes import mailbox
from ashar.moderation.models import Case, Decision
from ashar.moderation.queries import Reviewer
from ashar.people.models import Person
from ashar.projects.models import Helper, Project, Version, Working

#: What weighs more is told first.
_ORDER = ("owner", "helper", "payee", "committee", "author", "named")


class Named(NamedTuple):
    """Somebody whom a project names: by row, by e-mail or by name, and in which part."""

    project: int
    part: str
    person: int | None = None
    email: str = ""
    name: str = ""


#: What names the people of some projects; features to the right may add theirs.
Source = Callable[[Collection[int]], Iterable[Named]]
SOURCES: list[Source] = []


def source(function: Source) -> Source:
    """Register something that names people."""
    SOURCES.append(function)
    return function


def conflict(case: Case, reviewer: Reviewer) -> str | None:
    """Return why somebody may not decide on a case: a key of CONFLICTS, or None."""
    return conflicts([case], reviewer).get(case.id)


def conflicts(cases: Collection[Case], reviewer: Reviewer) -> dict[int, str]:
    """Return by case why somebody may not decide on it, in as many queries as for one case."""
    declared, close = _declared(cases, reviewer), close_to(_projects(cases), reviewer)
    found = {}
    for case in cases:
        if case.id in declared:
            found[case.id] = "declared"
        elif case.project_id in close:
            found[case.id] = close[case.project_id]
    return found


def with_project(project: Project, reviewer: Reviewer) -> str | None:
    """Return what speaks against somebody doing anything to a project, beside any case."""
    declared = (
        select(Decision.id)
        .join(Case, Case.id == Decision.case_id)
        .where(Decision.person_id == reviewer.id, Decision.what == "conflict")
        .where(Case.project_id == project.id)
    )
    if session.execute(declared.limit(1)).first() is not None:
        return "declared"
    return close_to({project.id}, reviewer).get(project.id)


def _projects(cases: Iterable[Case]) -> set[int]:
    return {case.project_id for case in cases if case.project_id is not None}


def _declared(cases: Collection[Case], reviewer: Reviewer) -> set[int]:
    """Return the cases of which, or of whose project, somebody once said to be too close."""
    rows = session.execute(
        select(Decision.case_id, Case.project_id)
        .join(Case, Case.id == Decision.case_id)
        .where(Decision.person_id == reviewer.id, Decision.what == "conflict")
        .where(
            or_(
                Case.project_id.in_(_projects(cases)),
                Decision.case_id.in_({case.id for case in cases}),
            )
        )
    ).all()
    ids, projects = {row[0] for row in rows}, {row[1] for row in rows} - {None}
    return {case.id for case in cases if case.id in ids or case.project_id in projects}


def close_to(projects: Collection[int], reviewer: Reviewer) -> dict[int, str]:
    """Return by project in which part it names somebody."""
    found: dict[int, str] = {}
    if not projects:
        return found
    mail, name = mailbox(reviewer.email), whole_name(reviewer.name)
    for read in SOURCES:
        for named in read(projects):
            if part := _part(named, reviewer.id, mail, name):
                known = found.get(named.project, part)
                found[named.project] = min(known, part, key=_ORDER.index)
    return found


def _part(named: Named, person: int, mail: str, name: str) -> str | None:
    if named.person == person or (mail and mailbox(named.email) == mail):
        return named.part
    return "named" if name and whole_name(named.name) == name else None


def whole_name(name: str) -> str:
    """Return a name of two words or more as it compares; many people bear the same single one."""
    words = sorted(unicodedata.normalize("NFKC", name).casefold().split())
    return " ".join(words) if len(words) > 1 else ""


@source
def _owners(projects: Collection[int]) -> Iterator[Named]:
    query = select(Project.id, Project.owner_id, Person.email, Person.name)
    for row in session.execute(
        query.join(Person, Person.id == Project.owner_id).where(Project.id.in_(projects))
    ):
        yield Named(row.id, "owner", row.owner_id, row.email or "", row.name)


@source
def _helpers(projects: Collection[int]) -> Iterator[Named]:
    """Yield who was ever invited to help, whether they came or not."""
    query = select(Helper.project_id, Helper.person_id, Helper.email, Helper.name)
    for row in session.execute(query.where(Helper.project_id.in_(projects))):
        yield Named(row.project_id, "helper", row.person_id, row.email, row.name)


@source
def _authors(projects: Collection[int]) -> Iterator[Named]:
    query = select(Version.project_id, Version.author_id).distinct()
    for row in session.execute(query.where(Version.project_id.in_(projects))):
        yield Named(row.project_id, "author", row.author_id)
    marks = select(Working.project_id, Working.marks).where(Working.project_id.in_(projects))
    for project, parts in session.execute(marks):
        for mark in parts.values():
            yield Named(project, "author", mark.get("by"))


@source
def _contents(projects: Collection[int]) -> Iterator[Named]:
    """Yield payee, committee and who is responsible, of what is shown, written and proposed."""
    for row, content, where in (
        (Project.id, Project.content, Project.id),
        (Working.project_id, Working.content, Working.project_id),
        (Version.project_id, Version.content, Version.project_id),
    ):
        # Only what names people: stories are long.
        parts: list[ColumnElement[Any]] = [
            content[name] for name in ("payee", "committee", "owner_name")
        ]
        for project, payee, committee, owner in session.execute(
            select(row, *parts).where(where.in_(projects))
        ):
            yield Named(project, "named", name=owner or "")
            yield from _people(project, "payee", [payee or {}])
            yield from _people(project, "committee", committee or [])


def _people(project: int, part: str, people: Iterable[dict[str, Any]]) -> Iterator[Named]:
    for one in people:
        yield Named(project, part, email=one.get("email") or "", name=one.get("name") or "")
