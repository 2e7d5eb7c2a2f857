"""Letters to somebody, and what they want no more of: what is held of it, and its erasure.

A letter that is written just while its reader is erased is deleted when it would be sent.
"""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, delete, false, or_, select, update

from ashar.kernel.db import session
from ashar.mail import topics
from ashar.mail.models import Letter, Mailing, Unsubscribed
from ashar.people.models import Person
from ashar.people.privacy import Part, Subject, Table, register
from ashar.pledges import privacy as pledges
from ashar.pledges.models import Pledge


def addresses(subject: Subject) -> set[str]:
    """Return the addresses to which letters to somebody went, in each spelling that was typed."""
    found = {subject.email} if subject.email else set()
    if rows := pledges.rows(subject):
        query = select(Pledge.email).where(Pledge.id.in_(rows), Pledge.email.is_not(None))
        found |= set(session.scalars(query))
    if subject.person is not None:
        query = select(Person.email).where(Person.id == subject.person)
        found |= set(filter(None, session.scalars(query)))
    return {str(one) for one in found}


def _to(subject: Subject) -> ColumnElement[bool]:
    theirs: list[ColumnElement[bool]] = [Letter.recipient.in_(addresses(subject))]
    theirs += [Letter.person_id == subject.person] if subject.person is not None else []
    return or_(false(), *theirs)


def _about_honoured(subject: Subject) -> ColumnElement[bool]:
    """Return letters to those whom somebody's gifts honour: the donor has named their addresses."""
    return Letter.fact.in_([f"honour-{row}" for row in pledges.rows(subject)])


def _export(subject: Subject) -> Iterator[Table]:
    query = select(Letter).where(_to(subject)).order_by(Letter.id)
    yield (
        "letters",
        [
            {
                "kind": one.kind,
                "to": one.recipient,
                "language": one.language,
                "made_at": one.made_at,
                "sent_at": one.sent_at,
            }
            for one in session.scalars(query)
        ],
    )
    folded = {topics.fold(one) for one in addresses(subject)}
    ended = select(Unsubscribed).where(Unsubscribed.email.in_(folded))
    yield (
        "letters_not_wanted",
        [{"email": one.email, "topic": one.topic, "at": one.at} for one in session.scalars(ended)],
    )


def _erase(subject: Subject) -> None:
    folded = {topics.fold(one) for one in addresses(subject)}
    for statement in (
        delete(Letter).where(or_(_to(subject), _about_honoured(subject))),
        delete(Unsubscribed).where(Unsubscribed.email.in_(folded)),
        update(Mailing)
        .where(Mailing.after.in_(folded), Mailing.done_at.is_not(None))
        .values(after=""),
    ):
        session.execute(statement.execution_options(synchronize_session=False))


register(Part("letters", 20, _export, _erase))
