"""Reading what the desk shows: a fixed number of queries, however many projects there are."""

from collections.abc import Iterable, Mapping

from sqlalchemy import func, select

from ashar.kernel.db import session
from ashar.kernel.media import Media
from ashar.moderation.models import Case, Decision, Remark
from ashar.projects.models import Helper, Project, Working


def project(slug: str) -> Project | None:
    """Return a project in whichever state."""
    return session.scalars(select(Project).where(Project.slug == slug)).one_or_none()


def begun(owner: int, attempt: str) -> Project | None:
    """Return the project that somebody has begun with a form already."""
    query = select(Project).where(Project.owner_id == owner, Project.attempt == attempt)
    return session.scalars(query).one_or_none()


def workings(projects: Iterable[Project]) -> Mapping[int, Working]:
    """Return the working copies of projects."""
    rows = [one.id for one in projects]
    found = session.scalars(select(Working).where(Working.project_id.in_(rows)))
    return {copy.project_id: copy for copy in found}


def open_questions(projects: Iterable[Project]) -> Mapping[int, int]:
    """Return how many of the reviewers' questions wait for an answer, per project."""
    rows = session.execute(
        select(Case.project_id, func.count())
        .join(Remark, Remark.case_id == Case.id)
        .where(Case.project_id.in_([one.id for one in projects]), Case.state == "asked")
        .where(Remark.kind == "question", Remark.answered_at.is_(None))
        .group_by(Case.project_id)
    )
    return {row: count for row, count in rows if row is not None}


def question(project: Project, token: str) -> Remark | None:
    """Return a question about a project."""
    return session.scalars(
        select(Remark)
        .join(Case, Case.id == Remark.case_id)
        .where(Remark.token == token, Remark.kind == "question", Case.project_id == project.id)
    ).one_or_none()


def turned_down(project: Project) -> Mapping[int, Decision]:
    """Return the decision that turned a version down, by the version's row."""
    rows = session.execute(
        select(Case.subject_id, Decision)
        .join(Decision, Decision.case_id == Case.id)
        .where(Case.project_id == project.id, Case.outcome == "rejected")
        .where(Case.kind.in_(("project", "change", "slight", "completion")))
        .where(Decision.what == "reject")
        .order_by(Decision.id)
    )
    return {subject: decision for subject, decision in rows}


def invitation(token: str) -> Helper | None:
    """Return an invitation by its link."""
    return session.scalars(select(Helper).where(Helper.token == token)).one_or_none()


def same_picture(project: Project, digest: str) -> Media | None:
    """Return a picture of a project's with the same bytes, uploaded before."""
    query = select(Media).where(
        Media.owner_kind == "project", Media.owner_id == project.id, Media.digest == digest
    )
    return session.scalars(query.order_by(Media.id).limit(1)).one_or_none()


def pictures(project: Project) -> Mapping[str, Media]:
    """Return a project's pictures by token."""
    query = select(Media).where(Media.owner_kind == "project", Media.owner_id == project.id)
    return {row.token: row for row in session.scalars(query)}
