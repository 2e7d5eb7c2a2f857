"""Reading projects: the listing in a fixed number of queries, one project, its totals."""

import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, TypeVarTuple

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    TextClause,
    and_,
    bindparam,
    cast,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy import Text as SQLText
from sqlalchemy.orm import joinedload, selectinload

from ashar.kernel import db
from ashar.kernel.db import session
from ashar.kernel.media import Media
from ashar.kernel.money import Money
from ashar.projects import search
from ashar.projects.models import Need, Project, ProjectText, Totals
from ashar.projects.states import LISTED, PUBLIC

PER_PAGE = 20
#: Seconds for which counts of the filters may be old.
COUNTS_LIFE = 30.0


Columns = TypeVarTuple("Columns")
AnyRow = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Filters:
    """What the listing is asked for; empty means all."""

    q: str = ""
    region: str = ""
    theme: str = ""
    sdg: str = ""
    state: str = ""
    need: str = ""
    sort: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class Sums:
    """A project's totals, money in the goal's currency; `others` stand beside the bar."""

    raised: Money
    matched: Money
    awaiting: Money
    supporters: int
    others: tuple[Money, ...] = ()


SORTS = {
    "new": (Project.published_at.desc(), Project.id.desc()),
    "ending": (Project.deadline.is_(None), Project.deadline, Project.id),
    "progress": (
        (Totals.raised_minor * 1000 / Project.goal_minor).desc(),
        Project.id.desc(),
    ),
    "goal": (Project.goal_minor, Project.id),
}

_CARD = (
    Project.id,
    Project.slug,
    Project.state,
    Project.language,
    Project.region,
    Project.district,
    Project.theme,
    Project.sdg,
    Project.currency,
    Project.goal_minor,
    Project.deadline,
    Project.cover_id,
    Project.edited_at,
    Totals.raised_minor,
    Totals.matched_minor,
    Totals.awaiting_minor,
    Totals.supporters,
)


def _conditions(filters: Filters) -> list[ColumnElement[bool] | TextClause]:
    found: list[ColumnElement[bool] | TextClause] = [Project.listed.is_(True)]
    if filters.state in LISTED:
        found.append(Project.state == filters.state)
    if filters.region:
        found.append(Project.region == filters.region)
    if filters.theme:
        found.append(Project.theme == filters.theme)
    if filters.sdg:
        found.append(cast(Project.sdg, SQLText).contains(f'"{filters.sdg}"', autoescape=True))
    if filters.need:
        found.append(exists().where(and_(Need.project_id == Project.id, Need.kind == filters.need)))
    if filters.q:
        found.append(search.condition())
    return found


def _words(filters: Filters) -> tuple[Filters, dict[str, Any]] | None:
    """Take the words out of filters: each search asks the same of other words.

    Return nothing where there is something to look for and no word in it.
    """
    if not filters.q.strip():
        return replace(filters, q=""), {}
    words = search.wanted(filters.q)
    return (replace(filters, q=db.dialect()), {"words": words}) if words else None


def cards(filters: Filters) -> list[AnyRow]:
    """Return the rows of one page."""
    asked = _words(filters)
    if asked is None:
        return []
    page = max(1, min(filters.page, 10_000))
    given = asked[1] | {"passed": (page - 1) * PER_PAGE}
    return list(db.connection().execute(_listing(replace(asked[0], page=1)), given))


def cards_of(projects: Iterable[int], limit: int = 50) -> list[AnyRow]:
    """Return the rows of some projects that everybody may see: one query."""
    query = _with_totals(select(*_CARD)).where(Project.id.in_(set(projects)))
    query = query.where(Project.state.in_(PUBLIC)).order_by(*SORTS["new"]).limit(limit)
    return list(db.connection().execute(query))


@lru_cache(maxsize=256)
def _listing(filters: Filters) -> Select[*tuple[Any, ...]]:
    """Build a list's statement, once: that costs as much as running it."""
    return (
        _with_totals(select(*_CARD))
        .where(*_conditions(filters))
        .order_by(*SORTS.get(filters.sort, SORTS["new"]))
        .offset(bindparam("passed"))
        .limit(PER_PAGE)
    )


def _with_totals(query: Select[*Columns]) -> Select[*Columns]:
    return query.outerjoin(
        Totals, and_(Totals.project_id == Project.id, Totals.currency == Project.currency)
    )


def published(projects: Iterable[int]) -> Mapping[int, datetime]:
    """Return when projects were published: one query."""
    query = select(Project.id, Project.published_at, Project.made_at)
    rows = session.execute(query.where(Project.id.in_(list(projects))))
    return {row.id: row.published_at or row.made_at for row in rows}


def texts(projects: Iterable[AnyRow], language: str) -> Mapping[int, AnyRow]:
    """Return title and summary per project: the reader's language, else the original."""
    rows = session.execute(
        select(
            ProjectText.project_id,
            ProjectText.language,
            ProjectText.title,
            ProjectText.summary,
        ).where(
            ProjectText.project_id.in_([row.id for row in projects]),
            or_(ProjectText.language == language, ProjectText.original.is_(True)),
        )
    )
    found: dict[int, AnyRow] = {}
    for row in rows:
        if row.language == language or row.project_id not in found:
            found[row.project_id] = row
    return found


class _Counts:
    """Counts that may be some seconds old, per database and question."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[Any, tuple[float, Any]] = {}

    def get(self, key: Any, count: Any) -> Any:
        """Return a kept answer, or count anew."""
        key = (id(db.database()), key)
        kept = self._kept.get(key)
        if kept and kept[0] > time.monotonic():
            return kept[1]
        found = count()
        with self._lock:
            if len(self._kept) > 2000:
                self._kept.clear()
            self._kept[key] = (time.monotonic() + COUNTS_LIFE, found)
        return found

    def clear(self) -> None:
        """Forget all answers."""
        with self._lock:
            self._kept.clear()


counts = _Counts()


def total(filters: Filters, shown: int = PER_PAGE) -> int:
    """Return how many projects the filters find; may be some seconds old.

    A page with room left on it, `shown` of its rows there, says itself where the list ends.
    """
    key = ("total", *[getattr(filters, name) for name in Filters.__slots__ if name != "page"])
    found: int = counts.get(key, lambda: _count(filters))
    if 0 < shown < PER_PAGE or (filters.page <= 1 and not shown):
        return (max(1, filters.page) - 1) * PER_PAGE + shown
    return found


def _count(filters: Filters) -> int:
    asked = _words(filters)
    if asked is None:
        return 0
    query = select(func.count()).select_from(Project).where(*_conditions(asked[0]))
    return session.execute(query, asked[1]).scalar_one()


def count_by(column: str) -> Mapping[str, int]:
    """Return the number of listed projects per region, theme or state; may be seconds old."""
    found: Mapping[str, int] = counts.get(("by", column), lambda: _count_by(column))
    return found


def _count_by(column: str) -> Mapping[str, int]:
    by = getattr(Project, column)
    query = select(by, func.count()).where(Project.listed.is_(True)).group_by(by)
    return {value: count for value, count in session.execute(query)}


@cache
def _standing() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Project.id,
            Project.state,
            Project.region,
            Project.theme,
            Project.edited_at,
            Totals.currency,
            Totals.raised_minor,
            Totals.matched_minor,
            Totals.awaiting_minor,
            Totals.supporters,
            select(func.sum(Need.moves))
            .where(Need.project_id == Project.id)
            .scalar_subquery()
            .label("moves"),
        )
        .outerjoin(Totals, Totals.project_id == Project.id)
        .where(Project.slug == bindparam("slug"), Project.state.in_(PUBLIC))
        .order_by(Totals.currency)
    )


def standing(slug: str) -> list[AnyRow]:
    """Return all that a project's page is made of and that may change, by its row's marks."""
    return list(db.connection().execute(_standing(), {"slug": slug}))


def title(project: Project, language: str) -> str:
    """Return a project's title in a language, else in its own."""
    rows = session.execute(
        select(ProjectText.language, ProjectText.title).where(
            ProjectText.project_id == project.id,
            ProjectText.language.in_([language, project.language]),
        )
    )
    found = {row.language: row.title for row in rows}
    return found.get(language) or found[project.language]


@cache
def _named() -> Select[*tuple[Any, ...]]:
    asked = ProjectText.language == bindparam("language")
    return (
        select(
            Project.id,
            Project.slug,
            Project.state,
            Project.deadline,
            Project.takes_more,
            Project.funding,
            ProjectText.title,
        )
        .join(Project.texts)
        .where(Project.slug == bindparam("slug"))
        .where(or_(asked, ProjectText.language == Project.language))
        .order_by(asked.desc())
        .limit(1)
    )


def named(slug: str, language: str) -> AnyRow | None:
    """Return what a gift has to know of a project, with its title in a language, else in its own.

    Only of a project that everybody may see.
    """
    given = {"slug": slug, "language": language}
    found = db.connection().execute(_named(), given).one_or_none()
    return found if found is not None and found.state in PUBLIC else None


def found(slug: str) -> Project | None:
    """Return a project that everybody may see, its own row alone."""
    return session.execute(
        select(Project).where(Project.slug == slug, Project.state.in_(PUBLIC))
    ).scalar_one_or_none()


def picture(token: str) -> tuple[Media, Project | None] | None:
    """Return a picture and the project that it belongs to, itself or by one of its updates."""
    owned = and_(Media.owner_kind.in_(("project", "update")), Media.owner_id == Project.id)
    row = session.execute(
        select(Media, Project).outerjoin(Project, owned).where(Media.token == token)
    ).one_or_none()
    return (row[0], row[1]) if row else None


def by_slug(slug: str) -> Project | None:
    """Return a project that everybody may see, with its texts, needs and cover."""
    found = session.scalars(
        select(Project)
        .where(Project.slug == slug, Project.state.in_(PUBLIC))
        # One text a language: few enough to come with the project.
        .options(joinedload(Project.texts), selectinload(Project.needs), joinedload(Project.cover))
    )
    return found.unique().one_or_none()


def main_totals(project: Project) -> Totals | None:
    """Return a project's totals in its goal's currency, as they are now."""
    return session.get(Totals, (project.id, project.currency), populate_existing=True)


def sums(project: Project) -> Sums:
    """Return a project's totals."""
    rows = session.scalars(select(Totals).where(Totals.project_id == project.id)).all()
    main = next((row for row in rows if row.currency == project.currency), None)
    others = tuple(
        Money(row.raised_minor, row.currency)
        for row in rows
        if row.currency != project.currency and row.raised_minor
    )
    return Sums(
        raised=Money(main.raised_minor if main else 0, project.currency),
        matched=Money(main.matched_minor if main else 0, project.currency),
        awaiting=Money(main.awaiting_minor if main else 0, project.currency),
        supporters=main.supporters if main else 0,
        others=others,
    )
