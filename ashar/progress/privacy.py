"""What somebody said, as comments, messages and reports: what is held of it, and its erasure."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, delete, false, or_, select

from ashar.kernel import history
from ashar.kernel.db import session
from ashar.moderation import queries as cases
from ashar.moderation import services as moderation
from ashar.people.privacy import Part, Subject, Table, register
from ashar.pledges import privacy as pledges
from ashar.progress import comments
from ashar.progress.models import Comment, Message, Report

WHY = "erased"


def _said(subject: Subject) -> ColumnElement[bool]:
    by = [Comment.person_id == subject.person] if subject.person is not None else []
    rows = pledges.rows(subject)
    by += [Comment.pledge_id.in_(rows)] if rows else []
    return or_(false(), *by)


def _comments(subject: Subject) -> list[Comment]:
    return list(session.scalars(select(Comment).where(_said(subject)).order_by(Comment.id)))


def _messages(subject: Subject) -> list[Message]:
    rows = pledges.rows(subject)
    query = select(Message).where(Message.pledge_id.in_(rows)).order_by(Message.id)
    return list(session.scalars(query)) if rows else []


def _reports(subject: Subject) -> list[Report]:
    by = [Report.person_id == subject.person] if subject.person is not None else []
    by += [Report.contact == subject.email] if subject.email else []
    return list(session.scalars(select(Report).where(or_(false(), *by)).order_by(Report.id)))


def _export(subject: Subject) -> Iterator[Table]:
    yield (
        "comments",
        [
            {"made_at": one.made_at, "name": one.name, "text": one.text, "state": one.state}
            for one in _comments(subject)
        ],
    )
    yield (
        "messages",
        [
            {"made_at": one.made_at, "text": one.text, "state": one.state}
            for one in _messages(subject)
        ],
    )
    yield (
        "reports",
        [
            {
                "made_at": one.made_at,
                "reason": one.reason,
                "words": one.words,
                "contact": one.contact,
                "answer": one.answer,
            }
            for one in _reports(subject)
        ],
    )


def _erase(subject: Subject) -> None:
    """Take every word off its page; what others answered stays. Of a report stays what it says."""
    for one in _comments(subject):
        _erase_comment(one)
    for message in _messages(subject):
        _withdraw("message", message.id)
        session.execute(delete(Message).where(Message.id == message.id))
    for report in _reports(subject):
        report.contact, report.person_id = "", None
    session.flush()


def _withdraw(kind: str, row: int) -> None:
    if (case := cases.of_subject(kind, row)) is not None:
        moderation.withdraw(case, why=WHY)


def _erase_comment(one: Comment) -> None:
    _withdraw("comment", one.id)
    comments.hide(one, "author", "", None)
    one.text = one.name = ""
    one.person_id = None
    history.record("comment", one.id, "erased", None, None)


register(Part("said", 10, _export, _erase))
