"""Reading cases: the queue in a fixed number of queries, who may decide, what speaks against it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, not_, or_, select
from sqlalchemy.orm import joinedload, selectinload

from ashar.kernel import clock
from ashar.kernel.db import session
from ashar.moderation.models import Case, Decision, Hold
from ashar.moderation.states import ADMINISTRATORS, CLAIM, NEIGHBOURS
from ashar.people.models import Person
from ashar.projects.models import Helper, Project, ProjectText, Version, Working
from ashar.projects.regions import REGIONS

PER_PAGE = 25
#: Kinds that administrators see and decide from the first day.
ADMINISTRATORS_TOO = frozenset({"report", "hold", "appeal"})
#: Kinds that are no business of those whom they are about: the leader cannot see who reported.
SECRET = frozenset({"report"})


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Who looks at the queue: their row, the regions they moderate, whether they administer."""

    id: int
    email: str
    regions: frozenset[str]
    administers: bool
    reads: tuple[str, ...] = ()

    @property
    def neighbours(self) -> frozenset[str]:
        """Return the regions beside those that they moderate."""
        return frozenset(code for code in REGIONS if self.regions & set(REGIONS[code].neighbours))


def within_reach(reviewer: Reviewer) -> ColumnElement[bool]:
    """Return which cases somebody is shown: those of their regions, and what came to them."""
    found: list[ColumnElement[bool]] = [Case.region.in_(reviewer.regions)]
    found.append(and_(Case.region.in_(reviewer.neighbours), Case.level >= NEIGHBOURS))
    # A second person for a hold comes from outside the region.
    if reviewer.regions:
        found.append(Case.kind == "hold")
    if reviewer.administers:
        found.append(or_(Case.level >= ADMINISTRATORS, Case.kind.in_(ADMINISTRATORS_TOO)))
    own = select(Project.id).where(Project.owner_id == reviewer.id)
    secret = and_(Case.kind.in_(SECRET), Case.project_id.in_(own))
    return and_(or_(*found), or_(Case.project_id.is_(None), not_(secret)))


def queue(
    reviewer: Reviewer,
    *,
    region: str = "",
    kind: str = "",
    mine: bool = False,
    closed: bool = False,
    page: int = 1,
) -> tuple[list[Case], int]:
    """Return one page of the queue, the longest waiting first, and how many cases there are."""
    wanted = [within_reach(reviewer)]
    wanted.append(Case.state.in_(("decided", "withdrawn") if closed else ("open", "asked")))
    if region:
        wanted.append(Case.region == region)
    if kind:
        wanted.append(Case.kind == kind)
    if mine:
        wanted.append(Case.claimed_by == reviewer.id)
    order = (
        (Case.decided_at.desc(), Case.id) if closed else (Case.state.desc(), Case.since, Case.id)
    )
    rows = session.scalars(
        select(Case)
        .where(*wanted)
        .order_by(*order)
        .offset((max(1, page) - 1) * PER_PAGE)
        .limit(PER_PAGE)
        .options(joinedload(Case.project))
    ).all()
    total = session.execute(select(func.count()).select_from(Case).where(*wanted)).scalar_one()
    return list(rows), total


def counts(reviewer: Reviewer) -> Mapping[str, int]:
    """Return how many open cases there are per kind."""
    rows = session.execute(
        select(Case.kind, func.count())
        .where(within_reach(reviewer), Case.state == "open")
        .group_by(Case.kind)
    )
    return {kind: count for kind, count in rows}


def by_token(token: str, reviewer: Reviewer) -> Case | None:
    """Return a case that somebody may see, with all that was said in it."""
    return session.scalars(
        select(Case)
        .where(Case.token == token, within_reach(reviewer))
        .options(joinedload(Case.project), selectinload(Case.decisions), selectinload(Case.remarks))
    ).one_or_none()


def of_subject(kind: str, subject: int) -> Case | None:
    """Return the latest case about a row."""
    return session.scalars(
        select(Case)
        .where(Case.kind == kind, Case.subject_id == subject)
        .order_by(Case.id.desc())
        .limit(1)
    ).one_or_none()


def open_about(project: Project, *kinds: str) -> list[Case]:
    """Return a project's cases that are not decided yet, the latest first."""
    return list(
        session.scalars(
            select(Case)
            .where(Case.project_id == project.id, Case.state.in_(("open", "asked")))
            .where(Case.kind.in_(kinds) if kinds else Case.id.is_not(None))
            .order_by(Case.id.desc())
            .options(selectinload(Case.remarks), selectinload(Case.decisions))
        )
    )


def hold_of(project: Project) -> Hold | None:
    """Return the hold under which a project stands."""
    return session.scalars(
        select(Hold)
        .where(Hold.project_id == project.id, Hold.lifted_at.is_(None))
        .order_by(Hold.id.desc())
        .limit(1)
    ).one_or_none()


def version_of(case: Case) -> Version:
    """Return the version that a case is about."""
    return session.get_one(Version, case.subject_id)


def names(people: Iterable[int | None]) -> Mapping[int, str]:
    """Return the names of persons: one query."""
    wanted = {row for row in people if row is not None}
    rows = session.execute(
        select(Person.id, Person.name, Person.email).where(Person.id.in_(wanted))
    )
    return {row.id: row.name or row.email or f"#{row.id}" for row in rows}


def titles(projects: Iterable[int], language: str) -> Mapping[int, str]:
    """Return a title per project, in a language or the original: one query."""
    rows = session.execute(
        select(ProjectText.project_id, ProjectText.language, ProjectText.title).where(
            ProjectText.project_id.in_(set(projects)),
            or_(ProjectText.language == language, ProjectText.original.is_(True)),
        )
    )
    found: dict[int, str] = {}
    for row in rows:
        if row.language == language or row.project_id not in found:
            found[row.project_id] = row.title
    return found


def claimed(case: Case) -> int | None:
    """Return who has a case now; a claim that led nowhere has run out."""
    if case.claimed_at is None or case.claimed_at + CLAIM < clock.now():
        return None
    return case.claimed_by


def conflict(case: Case, reviewer: Reviewer) -> str | None:
    """Return why somebody may not decide on a case: a key of CONFLICTS, or None.

    Decided by the system: the owner, the author, a helper, the payee, the committee, by row and by
    e-mail, in whichever role they look at it; and what they declared themselves.
    """
    if _declared(case, reviewer):
        return "declared"
    project = case.project
    if project is None:
        return None
    if project.owner_id == reviewer.id:
        return "owner"
    return _named_in(project, reviewer) or _wrote(case, reviewer)


def _declared(case: Case, reviewer: Reviewer) -> bool:
    """Tell whether somebody once said, in any case of the project, that they are too close."""
    query = (
        select(Decision.id)
        .join(Case, Case.id == Decision.case_id)
        .where(Decision.person_id == reviewer.id, Decision.what == "conflict")
        .where(Case.project_id == case.project_id if case.project_id else Case.id == case.id)
        .limit(1)
    )
    return session.execute(query).first() is not None


def _named_in(project: Project, reviewer: Reviewer) -> str | None:
    """Look through all that names people: what is shown, what is written, what is proposed."""
    email = reviewer.email.casefold()
    helper = select(Helper.id).where(
        Helper.project_id == project.id,
        or_(Helper.person_id == reviewer.id, func.lower(Helper.email) == email),
    )
    if session.execute(helper.limit(1)).first() is not None:
        return "helper"
    if not email:
        return None
    for content in _contents(project):
        if str(content.get("payee", {}).get("email", "")).casefold() == email:
            return "payee"
        members = content.get("committee", [])
        if any(str(one.get("email", "")).casefold() == email for one in members):
            return "committee"
    return None


def _contents(project: Project) -> list[dict[str, Any]]:
    found = [project.content]
    found += session.scalars(select(Working.content).where(Working.project_id == project.id))
    found += session.scalars(
        select(Version.content).where(Version.project_id == project.id, Version.state == "proposed")
    )
    return found


#: Kinds of cases about a version of a project.
OF_VERSIONS = frozenset({"project", "change", "slight", "completion"})


def _wrote(case: Case, reviewer: Reviewer) -> str | None:
    if case.kind in OF_VERSIONS and version_of(case).author_id == reviewer.id:
        return "author"
    return None
