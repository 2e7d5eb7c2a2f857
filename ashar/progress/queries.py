"""Reading updates, comments and reports: each page in a fixed number of queries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import joinedload

from ashar.kernel.db import session
from ashar.kernel.media import Media
from ashar.progress.models import Comment, Report, Update

#: Updates and threads of comments on one page; updates on the project's own.
UPDATES, THREADS, LATEST = 10, 20, 3


def _published(project: int) -> tuple[ColumnElement[bool], ...]:
    return Update.project_id == project, Update.state == "published"


def updates(project: int, page: int = 1, limit: int = UPDATES) -> list[Update]:
    """Return one page of a project's published updates, the newest first."""
    query = (
        select(Update)
        .where(*_published(project))
        .order_by(Update.published_at.desc(), Update.id.desc())
        .offset((page - 1) * limit)
        .limit(limit)
    )
    return list(session.scalars(query))


def count_updates(project: int) -> int:
    """Return how many updates of a project are published."""
    query = select(func.count()).select_from(Update).where(*_published(project))
    return session.execute(query).scalar_one()


def latest(projects: Iterable[int]) -> Mapping[int, Update]:
    """Return the last published update of each of some projects: one query."""
    newest = (
        select(func.max(Update.id))
        .where(Update.project_id.in_(set(projects)), Update.state == "published")
        .group_by(Update.project_id)
    )
    found = session.scalars(select(Update).where(Update.id.in_(newest)))
    return {row.project_id: row for row in found}


def update(project: int, token: str) -> Update | None:
    """Return an update that everybody may read."""
    query = select(Update).where(*_published(project), Update.token == token)
    return session.scalars(query).one_or_none()


def written(project: int, token: str) -> Update | None:
    """Return an update in whatever state, for who writes it."""
    query = select(Update).where(Update.project_id == project, Update.token == token)
    return session.scalars(query).one_or_none()


def all_written(project: int, page: int = 1, limit: int = 50) -> tuple[list[Update], int]:
    """Return one page of a project's updates in whatever state, the newest first; how many."""
    query = (
        select(Update)
        .where(Update.project_id == project)
        .order_by(Update.id.desc())
        .offset((page - 1) * limit)
        .limit(limit)
        .options(joinedload(Update.writer))
    )
    total = select(func.count()).select_from(Update).where(Update.project_id == project)
    return list(session.scalars(query)), session.execute(total).scalar_one()


def pictures(found: Iterable[Update]) -> Mapping[str, Media]:
    """Return the pictures of updates by token: one query, none where there are none."""
    tokens = [line["key"] for row in found for line in row.pictures]
    if not tokens:
        return {}
    return {row.token: row for row in session.scalars(select(Media).where(Media.token.in_(tokens)))}


@dataclass(frozen=True, slots=True)
class Threads:
    """One page of comments: those that begin a thread, the answers to each, how many threads."""

    first: list[Comment]
    answers: Mapping[int, list[Comment]]
    total: int


def _has_a_place() -> ColumnElement[bool]:
    """Return which comments stand on a page: also those that stood there and were hidden."""
    hidden = and_(Comment.state == "hidden", Comment.shown_at.is_not(None))
    return or_(Comment.state == "shown", hidden)


def _under(project: int, about: int | None) -> tuple[ColumnElement[bool], ...]:
    same = Comment.update_id.is_(None) if about is None else Comment.update_id == about
    return Comment.project_id == project, same


def threads(project: int, about: int | None = None, page: int = 1) -> Threads:
    """Return one page of what was said to a project or an update, the newest thread first."""
    rows = session.execute(
        select(Comment, func.count().over())
        .where(*_under(project, about), Comment.parent_id.is_(None), _has_a_place())
        .order_by(Comment.id.desc())
        .offset((page - 1) * THREADS)
        .limit(THREADS)
    ).all()
    first = [row[0] for row in rows]
    return Threads(first, _answers(first), rows[0][1] if rows else 0)


def _answers(first: list[Comment]) -> Mapping[int, list[Comment]]:
    found: dict[int, list[Comment]] = {row.id: [] for row in first}
    if not first:
        return found
    query = select(Comment).where(Comment.parent_id.in_(found), _has_a_place())
    for row in session.scalars(query.order_by(Comment.id)):
        found[row.parent_id or 0].append(row)
    return found


def comment(project: int, token: str) -> Comment | None:
    """Return a comment of a project that everybody sees."""
    query = select(Comment).where(
        Comment.project_id == project, Comment.token == token, Comment.state == "shown"
    )
    return session.scalars(query).one_or_none()


def by_attempt(attempt: str) -> Comment | None:
    """Return the comment that a form has made before."""
    return session.scalars(select(Comment).where(Comment.attempt == attempt)).one_or_none()


def _by(person: int | None, pledge: int | None) -> ColumnElement[bool]:
    if pledge is not None:
        return Comment.pledge_id == pledge
    return and_(Comment.person_id == person, Comment.pledge_id.is_(None))


def is_known(person: int | None, pledge: int | None) -> bool:
    """Tell whether a comment of the same author is shown already."""
    query = select(exists().where(_by(person, pledge), Comment.state == "shown"))
    return bool(session.execute(query).scalar())


def own(project: int, person: int | None, pledge: int | None, limit: int = 20) -> list[Comment]:
    """Return what an author has said to a project, the newest first."""
    query = select(Comment).where(Comment.project_id == project, _by(person, pledge))
    return list(session.scalars(query.order_by(Comment.id.desc()).limit(limit)))


def said_by(person: int | None, pledge: int | None, token: str) -> Comment | None:
    """Return a comment if it is by this author."""
    if person is None and pledge is None:
        return None
    query = select(Comment).where(Comment.token == token, _by(person, pledge))
    return session.scalars(query).one_or_none()


def count_answers(parent: int) -> int:
    """Return how many answers a comment has, whatever became of them."""
    query = select(func.count()).select_from(Comment).where(Comment.parent_id == parent)
    return session.execute(query).scalar_one()


def report(token: str) -> Report | None:
    """Return the report of a private link, with its project."""
    query = select(Report).where(Report.token == token).options(joinedload(Report.project))
    return session.scalars(query).one_or_none()


def report_by_attempt(attempt: str) -> Report | None:
    """Return the report that a form has made before."""
    return session.scalars(select(Report).where(Report.attempt == attempt)).one_or_none()
