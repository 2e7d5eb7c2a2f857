"""Reading cases: the queue in a fixed number of queries, who may decide, what speaks against it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, not_, or_, select
from sqlalchemy.orm import joinedload, selectinload

from ashar.kernel import clock
from ashar.kernel.db import session
from ashar.kernel.history import History
from ashar.moderation.models import Case, Decision, Hold
from ashar.moderation.states import ADMINISTRATORS, CLAIM, NEIGHBOURS
from ashar.people.models import Person
from ashar.projects.models import Project, ProjectText, Version
from ashar.projects.regions import REGIONS

PER_PAGE = 25
#: Kinds that administrators see and decide from the first day.
ADMINISTRATORS_TOO = frozenset({"report", "hold", "appeal"})
#: Kinds of cases about a version of a project.
OF_VERSIONS = frozenset({"project", "change", "slight", "completion"})
#: Kinds that are no business of those whom they are about: the leader cannot see who reported.
SECRET = frozenset({"report"})


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Who looks at the queue: their row, the regions they moderate, whether they administer.

    `reads` are the languages in which they say that they can judge a text.
    """

    id: int
    email: str
    regions: frozenset[str]
    administers: bool
    reads: tuple[str, ...] = ()
    name: str = ""

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


#: What the queue needs of a project: its content is long.
SHOWN = (Project.id, Project.slug, Project.state, Project.region, Project.owner_id)


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
        .options(joinedload(Case.project).load_only(*SHOWN))
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


def approvals(cases: Iterable[Case]) -> Mapping[int, set[int]]:
    """Return by case who has approved what it is about now: one query."""
    rows = session.execute(
        select(Decision.case_id, Decision.person_id)
        .join(Case, Case.id == Decision.case_id)
        .where(Decision.case_id.in_({case.id for case in cases}), Decision.what == "approve")
        .where(Decision.revision >= Case.begun)
    )
    found: dict[int, set[int]] = {}
    for case, person in rows:
        found.setdefault(case, set()).add(person)
    return found


def as_reviewer(person: int) -> Reviewer:
    """Return somebody as a reviewer without any region, to ask what speaks against them."""
    found = session.get_one(Person, person)
    return Reviewer(person, found.email or "", frozenset(), False, name=found.name)


def has_open_report(project: Project) -> bool:
    """Tell whether somebody's report of misuse waits for a decision: no tranche leaves then."""
    query = select(Case.id).where(
        Case.project_id == project.id, Case.kind == "report", Case.state.in_(("open", "asked"))
    )
    return session.execute(query.limit(1)).first() is not None


def cases_of(project: Project) -> list[Case]:
    """Return all cases of a project, the latest first, with what was decided in them."""
    query = select(Case).where(Case.project_id == project.id).order_by(Case.id.desc())
    return list(session.scalars(query.options(selectinload(Case.decisions))))


def project(slug: str) -> Project | None:
    """Return a project in whatever state."""
    return session.execute(select(Project).where(Project.slug == slug)).scalar_one_or_none()


def visible_of(project: Project, reviewer: Reviewer) -> list[Case]:
    """Return the cases of a project that somebody may see, the latest first."""
    query = select(Case).where(Case.project_id == project.id, within_reach(reviewer))
    return list(
        session.scalars(
            query.order_by(Case.id.desc()).options(joinedload(Case.project).load_only(*SHOWN))
        )
    )


def history_of(cases: Iterable[Case]) -> list[History]:
    """Return what happened to cases, in its order: one query."""
    ids = {case.id for case in cases}
    query = select(History).where(History.kind == "case", History.subject_id.in_(ids))
    return list(session.scalars(query.order_by(History.id)))


def steps_of(project: Project) -> list[History]:
    """Return the steps of a project's life, in their order."""
    query = select(History).where(History.kind == "project", History.subject_id == project.id)
    return list(session.scalars(query.where(History.what == "state").order_by(History.id)))


def asked_about(case: Case) -> Version | None:
    """Return the version about which questions were asked last, if another one came since."""
    asked = [one.subject_id for one in case.decisions if one.what == "ask"]
    if not asked or asked[-1] in {None, case.subject_id}:
        return None
    return session.get(Version, asked[-1])
