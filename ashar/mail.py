"""Letters: a signal becomes a row, once per fact and recipient; a job sends it.

`templates/ashar/mail/<kind>/` holds subject.txt, body.txt and body.html of each kind.
"""

import hashlib
import logging
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any

from flask import current_app, render_template
from sqlalchemy import JSON, BigInteger, Index, UniqueConstraint, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from ashar.kernel import clock, db, i18n, jobs, links
from ashar.kernel.db import Base, row_key, session
from ashar.kernel.mailers import Mailer
from ashar.kernel.money import Money
from ashar.pledges.models import Payment, Pledge, Refund
from ashar.pledges.services import signed_key
from ashar.projects import show

log = logging.getLogger(__name__)

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=2)
#: A letter taken up by a sender that died is taken up again after this long.
LEASE = timedelta(minutes=2)
GIVE_UP_AFTER = 40


class Letter(Base):
    """A letter to one person about one fact."""

    __tablename__ = "ashar_letter"
    __table_args__ = (UniqueConstraint("fact", "recipient", "kind"),)

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    fact: Mapped[str]
    recipient: Mapped[str]
    kind: Mapped[str]
    language: Mapped[str]
    pledge_id: Mapped[int | None] = mapped_column(BigInteger)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_at: Mapped[datetime]
    next_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]


Index(
    "ix_ashar_letter_due",
    Letter.next_at,
    sqlite_where=Letter.sent_at.is_(None),
    postgresql_where=Letter.sent_at.is_(None),
)


# Facts → letters ---------------------------------------------------------------------------


def write(kind: str, fact: str, facts: dict[str, Any]) -> None:
    """Write a letter about a fact, once, and have it sent."""
    pledge = session.get(Pledge, facts["pledge"])
    if pledge is None or not pledge.email:
        return
    recipient, language, row = pledge.email, pledge.language, pledge.id
    with db.transaction():
        letter = _add(fact, recipient, kind, language, row, facts)
    if letter is not None:
        jobs.enqueue("mail.send", letter)


def _add(
    fact: str, recipient: str, kind: str, language: str, pledge: int, facts: dict[str, Any]
) -> int | None:
    """Write a letter's row, once; return it, None when it was written before."""
    insert = postgresql.insert if db.dialect() == "postgresql" else sqlite.insert
    now = clock.now()
    found: int | None = session.execute(
        insert(Letter)
        .values(
            fact=fact,
            recipient=recipient,
            kind=kind,
            language=language,
            pledge_id=pledge,
            facts=facts,
            made_at=now,
            next_at=now,
            attempts=0,
        )
        .on_conflict_do_nothing(index_elements=["fact", "recipient", "kind"])
        .returning(Letter.id)
    ).scalar_one_or_none()
    return found


# Letters → mail ----------------------------------------------------------------------------


@jobs.job("mail.send")
def send(row: int) -> bool:
    """Send one letter unless it was sent or somebody is at it; tell whether it went out."""
    with db.transaction():
        taken = session.execute(
            update(Letter)
            .where(Letter.id == row, Letter.sent_at.is_(None), Letter.next_at <= clock.now())
            .values(next_at=clock.now() + LEASE, attempts=Letter.attempts + 1)
            .returning(Letter.id)
            .execution_options(synchronize_session=False)
        ).first()
    if taken is None:
        return False
    letter = session.get_one(Letter, row, populate_existing=True)
    try:
        _hand_over(letter)
    except Exception as error:
        log.exception("letter %s was not sent", row)
        _note(row, error)
        return False
    _note(row, None)
    return True


def _hand_over(letter: Letter) -> None:
    """Render a letter in its language and give it to the mailer; no transaction stays open."""
    with i18n.speaking(letter.language):
        values = _values(letter)
        folder = f"ashar/mail/{letter.kind}/"
        subject, text, html = (
            render_template(folder + name, **values)
            for name in ("subject.txt", "body.txt", "body.html")
        )
    recipient, message_id = letter.recipient, message_id_of(letter)
    session.rollback()
    mailer: Mailer = current_app.extensions["ashar"].mailer
    mailer.send(recipient, " ".join(subject.split()), text.strip() + "\n", html, message_id)


def _values(letter: Letter) -> dict[str, Any]:
    """Return what a letter's templates may say."""
    facts = letter.facts
    pledge = session.get_one(Pledge, letter.pledge_id)
    payment = session.get(Payment, facts["payment"]) if "payment" in facts else None
    refund = session.get(Refund, facts["refund"]) if "refund" in facts else None
    amount = Money.from_decimal(facts["amount"], facts["currency"]) if "amount" in facts else None
    return {
        "pledge": pledge,
        "payment": payment,
        "refund": refund,
        "project": show.view(pledge.project),
        "amount": amount,
        "link": links.absolute("pledges.show", token=pledge.token, lang=letter.language),
        "key_link": _key_link(pledge, facts) if "nonce" in facts else "",
    }


def _key_link(pledge: Pledge, facts: dict[str, Any]) -> str:
    key = signed_key(facts["nonce"])
    return links.absolute(f"pledges.confirm_{facts['purpose']}", token=pledge.token, key=key)


def message_id_of(letter: Letter) -> str:
    """Return the Message-ID of a letter: made from its fact, so a second copy is known as one."""
    word = hashlib.sha256(f"{letter.fact}|{letter.recipient}|{letter.kind}".encode()).hexdigest()
    _, sender = parseaddr(current_app.config["ASHAR_MAIL_FROM"])
    return f"<{word[:32]}@{sender.partition('@')[2] or 'localhost'}>"


def _note(row: int, error: Exception | None) -> None:
    with db.transaction():
        letter = session.get_one(Letter, row, populate_existing=True)
        now = clock.now()
        if error is None:
            letter.sent_at, letter.next_at, letter.error = now, None, None
            return
        wait = min(FIRST_WAIT * 2 ** min(letter.attempts, 16), LONGEST_WAIT)
        letter.next_at = None if letter.attempts >= GIVE_UP_AFTER else now + wait
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
