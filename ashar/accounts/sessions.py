"""Sessions: which browsers are signed in, so that each can be ended from any other.

The signed cookie holds the token of a row. Whose row is gone is signed out with the next request.
A new password or second factor ends all others (`Store.set_uniquifier`), signing out ends this one.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, Response, after_this_request, g, request
from flask import session as cookie
from flask_login import user_logged_out
from flask_security import password_reset, user_authenticated
from flask_security.utils import set_request_attr
from sqlalchemy import bindparam, delete, select, update

from ashar.accounts import factors
from ashar.accounts.models import SignIn, User
from ashar.accounts.store import PREFIX, SESSION
from ashar.kernel import clock, db, ids, jobs
from ashar.kernel.db import session

#: The account that the browser is or was signed in to: what somebody typed is given back to it.
ACCOUNT = "ashar_account"
#: What a cookie holds of a session that has ended.
STALE = ("_user_id", "_fresh", "_id", "fs_paa", "fs_gexp", SESSION, factors.STRONG)
#: How exactly it is known when a session was last used.
STEP = timedelta(minutes=5)
#: Sessions that were not used for so long end.
IDLE = timedelta(days=30)

_TOUCH = (
    update(SignIn).where(SignIn.token == bindparam("which")).values(seen_at=bindparam("seen_at"))
)

SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)
#: In this order: most of them say that they are several others as well.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("YaBrowser", "Yandex"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)


def browser_of(agent: str) -> str:
    """Return the kind of a browser in plain words, such as "Firefox · Android"; all else is lost.

    Empty where it is none of those that most people have.
    """
    found = [
        next((word for mark, word in known if mark in agent), "") for known in (BROWSERS, SYSTEMS)
    ]
    return " · ".join(filter(None, found))


def listen(app: Flask) -> None:
    """Follow sign-ins and sign-outs."""
    user_authenticated.connect(_begin, sender=app, weak=False)
    user_logged_out.connect(_end_this, sender=app, weak=False)
    password_reset.connect(_end_all, sender=app, weak=False)


def load(handle: str) -> User | None:
    """Return the account of a cookie, as long as its session is not ended: in one query."""
    token = cookie.get(SESSION)
    if not token or not handle:
        return None
    query = (
        select(User, SignIn.seen_at)
        .join(SignIn, SignIn.user_id == User.id)
        .where(User.fs_uniquifier == str(handle), User.active, SignIn.token == token)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        return None
    set_request_attr("fs_authn_via", "session")
    set_request_attr("fs_paa", cookie.get("fs_paa", 0))
    g.ashar_seen_at = found.seen_at
    user: User = found[0]
    return user


def touch() -> None:
    """Note that the session is used, once in some minutes; before anything else is begun."""
    seen: datetime | None = g.pop("ashar_seen_at", None)
    if seen is not None and clock.now() - seen >= STEP:
        db.alone(_TOUCH, {"which": cookie[SESSION], "seen_at": clock.now()})


def drop() -> None:
    """Take a session that has ended out of the cookie; whose it was stays in it."""
    for name in STALE:
        cookie.pop(name, None)


def was() -> str | None:
    """Return the identity that the browser is or was signed in as, where its cookie still tells."""
    key = cookie.get(ACCOUNT)
    return PREFIX + key if key else None


def _begin(_app: Flask, user: User, authn_via: Any = None, **_more: Any) -> None:
    """Write down a browser that has just signed in; one that goes on under a new key keeps its row.

    The rows are committed with those of Flask-Security.
    """
    cookie[ACCOUNT] = user.key
    before = cookie.get(SESSION)
    if before and authn_via in factors.RENEWALS and _is_theirs(before, user):
        return
    if before:
        session.execute(delete(SignIn).where(SignIn.token == before))
    now, token = clock.now(), ids.token()
    agent = browser_of(request.user_agent.string)
    session.add(SignIn(token=token, user_id=user.id, browser=agent, made_at=now, seen_at=now))
    cookie[SESSION] = token


def _is_theirs(token: str, user: User) -> bool:
    query = select(SignIn.token).where(SignIn.token == token, SignIn.user_id == user.id)
    return session.execute(query).first() is not None


def _end_this(_app: Flask, **_more: Any) -> None:
    token = cookie.pop(SESSION, None)
    cookie.pop(ACCOUNT, None)
    if token is None:
        return

    def end_it(response: Response) -> Response:
        with db.transaction() as writing:
            writing.execute(delete(SignIn).where(SignIn.token == token))
        return response

    after_this_request(end_it)


def _end_all(_app: Flask, user: User, **_more: Any) -> None:
    session.execute(delete(SignIn).where(SignIn.user_id == user.id))


def of(user: int) -> Sequence[SignIn]:
    """Return an account's sessions, the last used first."""
    query = select(SignIn).where(SignIn.user_id == user)
    return session.scalars(query.order_by(SignIn.seen_at.desc(), SignIn.token)).all()


def end(user: int, token: str) -> None:
    """End one session of an account."""
    session.execute(delete(SignIn).where(SignIn.user_id == user, SignIn.token == token))


def end_others(user: int, this: str) -> None:
    """End all sessions of an account but this one."""
    session.execute(delete(SignIn).where(SignIn.user_id == user, SignIn.token != this))


@jobs.job("accounts.prune", every=3600)
def prune() -> None:
    """End sessions that were not used for long."""
    with db.transaction() as writing:
        writing.execute(delete(SignIn).where(SignIn.seen_at <= clock.now() - IDLE))
