"""Facts → letters: rows, once per fact, recipient and kind."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from ashar.kernel import clock, db, jobs
from ashar.kernel.db import session
from ashar.mail import topics
from ashar.mail.kinds import KINDS
from ashar.mail.models import Letter, Mailing
from ashar.mail.recipients import FEW, MANY, Recipient


def write(kind: str, fact: str, facts: dict[str, Any], to: str = "donor") -> None:
    """Write a letter about a fact to those concerned, once each, and have it sent."""
    if to in MANY:
        _have_written(kind, fact, facts, to)
        return
    recipients = FEW[to](facts)
    if not recipients:
        return
    with db.transaction():
        letters = add(kind, fact, facts, recipients)
    for letter in letters:
        jobs.enqueue("mail.send", letter)


def add(kind: str, fact: str, facts: dict[str, Any], recipients: Sequence[Recipient]) -> list[int]:
    """Write rows, once each, to those who want them; return those that are new."""
    wanted = _without_ended(kind, recipients)
    if not wanted:
        return []
    insert, now = _insert(), clock.now()
    rows = [
        {
            "fact": fact,
            "recipient": one.email,
            "kind": kind,
            "language": one.language,
            "pledge_id": one.pledge,
            "person_id": one.person,
            "facts": facts,
            "made_at": now,
            "next_at": now,
            "attempts": 0,
        }
        for one in wanted
    ]
    statement = insert(Letter).values(rows)
    return list(
        session.scalars(
            statement.on_conflict_do_nothing(
                index_elements=["fact", "recipient", "kind"]
            ).returning(Letter.id)
        )
    )


def _insert() -> Any:
    return postgresql.insert if db.dialect() == "postgresql" else sqlite.insert


def _without_ended(kind: str, recipients: Sequence[Recipient]) -> list[Recipient]:
    topic = KINDS[kind].topic
    ended = topics.ended(topic, [one.email for one in recipients]) if topic else set()
    return [one for one in recipients if topics.fold(one.email) not in ended]


def _have_written(kind: str, fact: str, facts: dict[str, Any], to: str) -> None:
    """Note that many are to be written to; a job does it in batches."""
    values = {"kind": kind, "fact": fact, "facts": facts, "to": to, "made_at": clock.now()}
    with db.transaction():
        found = session.execute(
            _insert()(Mailing)
            .values(after="", **values)
            .on_conflict_do_nothing(index_elements=["fact", "kind"])
            .returning(Mailing.id)
        ).scalar_one_or_none()
    if found is not None:
        jobs.enqueue("mail.spread", found)
