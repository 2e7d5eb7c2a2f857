"""What letters can be ended one by one, and the signed links that end them.

Letters about somebody's money, and about decisions that concern them, have no topic: they are
essential. The link holds address and topic, signed; whoever has it got the letter.
"""

from collections.abc import Iterable

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from ashar.kernel import clock, db
from ashar.kernel.db import session
from ashar.kernel.i18n import N_
from ashar.mail.models import Unsubscribed

TOPICS = {
    "queue": N_("What waits for moderators and administrators"),
    "projects": N_("News about the projects that you lead"),
    "ashar": N_("Work that waits for your village's committee to confirm it"),
    "honour": N_("Gifts that others make in your honour"),
    "gifts": N_("News about the projects that you gave to or wrote about"),
}


def fold(email: str) -> str:
    """Return the one spelling by which an address is known here."""
    return email.strip().casefold()


def token(email: str, topic: str) -> str:
    """Return what a letter's link carries; it never runs out."""
    return _serializer().dumps([fold(email), topic])


def read(token: str) -> tuple[str, str] | None:
    """Return address and topic of a link, None for one that we did not sign."""
    try:
        email, topic = _serializer().loads(token)
    except (BadSignature, ValueError):
        return None
    return (email, topic) if topic in TOPICS else None


def _serializer() -> URLSafeSerializer:
    # The last key signs, all of them open: a link outlives a change of keys.
    old = current_app.config.get("SECRET_KEY_FALLBACKS") or ()
    keys = [*reversed(old), current_app.secret_key or ""]
    return URLSafeSerializer(keys, salt="ashar-unsubscribe")


def ended(topic: str, emails: Iterable[str]) -> set[str]:
    """Return which of some addresses, folded, want no more of a topic."""
    folded = {fold(email) for email in emails}
    query = select(Unsubscribed.email).where(
        Unsubscribed.topic == topic, Unsubscribed.email.in_(folded)
    )
    return set(session.scalars(query)) if folded else set()


def end(email: str, topic: str) -> None:
    """Send no more of a topic to an address; a second time changes nothing."""
    insert = postgresql.insert if db.dialect() == "postgresql" else sqlite.insert
    values = {"email": fold(email), "topic": topic, "at": clock.now()}
    session.execute(insert(Unsubscribed).values(values).on_conflict_do_nothing())


def resume(email: str, topic: str) -> None:
    """Send letters of a topic again."""
    session.execute(
        delete(Unsubscribed)
        .where(Unsubscribed.email == fold(email), Unsubscribed.topic == topic)
        .execution_options(synchronize_session=False)
    )
