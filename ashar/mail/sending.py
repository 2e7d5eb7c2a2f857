"""Letters → mail: each is taken up by one sender at a time, rendered and handed to the mailer."""

import hashlib
import logging
import re
from datetime import timedelta
from email.utils import parseaddr
from typing import Any
from urllib.parse import quote

from flask import current_app, render_template
from sqlalchemy import delete, func, select, update

from ashar.kernel import clock, db, i18n, jobs
from ashar.kernel.db import session
from ashar.kernel.mailers import Mailer
from ashar.mail import addresses, topics
from ashar.mail.kinds import KINDS, Kind
from ashar.mail.models import Letter
from ashar.mail.says import cut
from ashar.people.models import ERASED_ID, Person
from ashar.pledges.models import Pledge

log = logging.getLogger(__name__)

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=2)
#: A letter taken up by a sender that died is taken up again after this long.
LEASE = timedelta(minutes=2)
GIVE_UP_AFTER = 40
#: Letters that gather facts go to one person no more often than this.
QUIET = timedelta(minutes=30)
#: Why a letter is not sent of which nothing may stay.
ERASED = "erased"
#: Characters of a short text, and to how many its title is cut until it fits.
SHORT = 300
TITLES = (60, 40, 24, 12)


@jobs.job("mail.send")
def send(row: int) -> bool:
    """Send one letter unless it was sent or somebody is at it; tell whether it went out."""
    rows = _take(row)
    if not rows:
        return False
    try:
        dropped = _hand_over(rows)
    except Exception as error:
        log.exception("letter %s was not sent", row)
        _put_off(rows, error)
        return False
    _finish(rows, dropped)
    return not dropped


def _take(row: int) -> list[int]:
    """Take a letter up, with those that go out together with it; return none if it is not due."""
    with db.transaction():
        taken = session.execute(
            _lease(Letter.id == row, Letter.next_at <= clock.now()).returning(
                Letter.id, Letter.kind, Letter.person_id
            )
        ).first()
        if taken is None:
            return []
        if not KINDS[taken.kind].gathers or taken.person_id is None:
            return [taken.id]
        return _gather(taken.id, taken.kind, taken.person_id)


def _lease(*wanted: Any) -> Any:
    """Return what takes unsent letters up."""
    return (
        update(Letter)
        .where(Letter.sent_at.is_(None), *wanted)
        .values(next_at=clock.now() + LEASE, attempts=Letter.attempts + 1)
        .execution_options(synchronize_session=False)
    )


def _gather(row: int, kind: str, person: int) -> list[int]:
    """Take up all that waits for one person, or put it off when they had such a letter just now."""
    # Whoever else is at this person's letters is waited for.
    session.execute(select(Person.id).where(Person.id == person).with_for_update())
    theirs = (Letter.person_id == person, Letter.kind == kind)
    last = session.execute(select(func.max(Letter.sent_at)).where(*theirs)).scalar_one()
    busy = session.execute(
        select(Letter.id)
        .where(*theirs, Letter.id != row, Letter.sent_at.is_(None))
        .where(Letter.attempts > 0, Letter.next_at > clock.now())
        .limit(1)
    ).first()
    free_at = last + QUIET if last else clock.now()
    if busy is None and free_at <= clock.now():
        more = _lease(*theirs, Letter.id != row, Letter.next_at.is_not(None)).returning(Letter.id)
        return [row, *session.scalars(more)]
    session.execute(
        update(Letter)
        .where(Letter.id == row)
        .values(next_at=max(free_at, clock.now() + LEASE), attempts=Letter.attempts - 1)
        .execution_options(synchronize_session=False)
    )
    return []


def _hand_over(rows: list[int]) -> str:
    """Render a letter and give it to the mailer; return why it is not sent, if it is dropped.

    No transaction stays open while the mailer is at work.
    """
    query = select(Letter).where(Letter.id.in_(rows)).order_by(Letter.id)
    letters = session.scalars(query, execution_options={"populate_existing": True}).all()
    if not letters or _is_erased(letters[0]):
        return ERASED
    letter, kind = letters[0], KINDS[letters[0].kind]
    if kind.topic and topics.ended(kind.topic, [letter.recipient]):
        return "unsubscribed"
    with i18n.speaking(letter.language):
        values = kind.says(letters)
        if not values:
            return "nothing to say any more"
        subject, text, html = render(letter.kind, _frame(letter, kind) | values)
    recipient, message_id, headers = letter.recipient, message_id_of(letter), _headers(letter, kind)
    session.rollback()
    mailer: Mailer = current_app.extensions["ashar"].mailer
    mailer.send(recipient, subject, text, html, message_id, headers=headers)
    return ""


def _is_erased(letter: Letter, **how: Any) -> bool:
    """Tell whether whom a letter is to, or whose gift it is about, was erased meanwhile."""
    pledge = session.get(Pledge, letter.pledge_id, **how) if letter.pledge_id else None
    person = session.get(Person, letter.person_id, **how) if letter.person_id else None
    return (pledge is not None and pledge.erased_at is not None) or (
        person is not None and person.external_id.startswith(ERASED_ID)
    )


def _frame(letter: Letter, kind: Kind) -> dict[str, Any]:
    """Return what every letter's frame says: to whom, why, and how to end it."""
    reader = session.get(Person, letter.person_id) if letter.person_id else None
    return {
        "name": reader.name if reader else "",
        "why": kind.why,
        "unsubscribe": _unsubscribe(letter, kind),
    }


def _unsubscribe(letter: Letter, kind: Kind) -> str:
    if not kind.topic:
        return ""
    return addresses.unsubscribe(topics.token(letter.recipient, kind.topic), letter.language)


def _headers(letter: Letter, kind: Kind) -> dict[str, str]:
    """Return the headers by which mail programs end letters with one click (RFC 8058)."""
    if not kind.topic:
        return {}
    return {
        "List-Unsubscribe": f"<{_unsubscribe(letter, kind)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def render(name: str, values: dict[str, Any]) -> tuple[str, str, str]:
    """Return a letter's subject, text and HTML in the language that is spoken."""
    kind, folder = KINDS[name], f"ashar/mail/{name}/"
    if kind.short:
        words = short(name, values)
        forward = "" if kind.private else "https://wa.me/?text=" + quote(words, safe="")
        values = values | {"forward": forward}
    subject, text, html = (
        render_template(folder + part, **values)
        for part in ("subject.txt", "body.txt", "body.html")
    )
    # A text's paragraphs are parted by one empty line, whatever stood between them.
    return " ".join(subject.split()), re.sub(r"\n{3,}", "\n\n", text.strip()) + "\n", html


def short(name: str, values: dict[str, Any]) -> str:
    """Return a letter's short text: one link, at most 300 characters, a long title cut."""
    title, words = values["project"].title if "project" in values else "", ""
    for length in TITLES:
        given = values | {"brief": cut(title, length)}
        words = " ".join(render_template(f"ashar/mail/{name}/short.txt", **given).split())
        if len(words) <= SHORT:
            break
    return words


def message_id_of(letter: Letter) -> str:
    """Return the Message-ID of a letter: made from its fact, so a second copy is known as one."""
    word = hashlib.sha256(f"{letter.fact}|{letter.recipient}|{letter.kind}".encode()).hexdigest()
    _, sender = parseaddr(current_app.config["ASHAR_MAIL_FROM"])
    return f"<{word[:32]}@{sender.partition('@')[2] or 'localhost'}>"


def _finish(rows: list[int], dropped: str) -> None:
    """Note that a letter went out, or why it never will; one to somebody erased leaves nothing."""
    if dropped == ERASED:
        with db.transaction():
            session.execute(delete(Letter).where(Letter.id.in_(rows)))
        return
    values: dict[str, Any] = {"next_at": None, "error": f"dropped: {dropped}" if dropped else None}
    if not dropped:
        values["sent_at"] = clock.now()
    with db.transaction():
        if _erased_meanwhile(rows):
            session.execute(delete(Letter).where(Letter.id.in_(rows)))
            return
        session.execute(
            update(Letter)
            .where(Letter.id.in_(rows))
            .values(values)
            .execution_options(synchronize_session=False)
        )


def _erased_meanwhile(rows: list[int]) -> bool:
    """Tell whether letters' reader is erased, when an erasure under way is through.

    One may have begun before the letter was written, and so have left it out.
    """
    letters = session.scalars(select(Letter).where(Letter.id.in_(rows))).all()
    how = {"with_for_update": {"read": True}, "populate_existing": True}
    return any(_is_erased(one, **how) for one in letters)


def _put_off(rows: list[int], error: Exception) -> None:
    """Note what went wrong; it is tried again, less and less often."""
    with db.transaction():
        for row in rows:
            letter = session.get(Letter, row, populate_existing=True)
            if letter is None:  # its reader was erased
                continue
            wait = min(FIRST_WAIT * 2 ** min(letter.attempts, 16), LONGEST_WAIT)
            given_up = letter.attempts >= GIVE_UP_AFTER
            letter.next_at = None if given_up else clock.now() + wait
            letter.error = f"{type(error).__name__}: {error}"


@jobs.job("mail.sweep", every=15)
def sweep(limit: int = 200) -> int:
    """Send letters that are due; return how many went out."""
    session.rollback()
    rows = session.scalars(
        select(Letter.id)
        .where(Letter.sent_at.is_(None), Letter.next_at <= clock.now())
        .order_by(Letter.id)
        .limit(limit)
    ).all()
    return sum(send(row) for row in rows)
