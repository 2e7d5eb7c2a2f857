"""Accounts of the stand-alone site: what is held of one, and its erasure. A host has its own."""

from collections.abc import Iterator

from flask import has_request_context
from flask import session as cookie
from flask_login import logout_user
from sqlalchemy import delete, select

from ashar.accounts import sessions
from ashar.accounts.models import SignIn, User, WebAuthn
from ashar.accounts.store import PREFIX, key_of
from ashar.kernel.db import session
from ashar.people.accounts import accounts
from ashar.people.privacy import Part, Subject, Table, register


def _user(subject: Subject) -> User | None:
    if accounts() is None or not subject.external_id.startswith(PREFIX):
        return None
    query = select(User).where(User.key == key_of(subject.external_id))
    return session.scalars(query).one_or_none()


def _export(subject: Subject) -> Iterator[Table]:
    user = _user(subject)
    if user is None:
        return
    yield (
        "account",
        [
            {
                "email": user.address,
                "phone": user.phone,
                "name": user.name,
                "language": user.language,
                "made_at": user.made_at,
                "confirmed_at": user.confirmed_at,
                "second_factor": user.tf_primary_method,
            }
        ],
    )
    yield (
        "sessions",
        [
            {"browser": one.browser, "made_at": one.made_at, "seen_at": one.seen_at}
            for one in sessions.of(user.id)
        ],
    )
    yield (
        "passkeys",
        [
            {"name": one.name, "used_at": one.lastuse_datetime, "transports": one.transports}
            for one in user.webauthn
        ],
    )


def _erase(subject: Subject) -> None:
    user = _user(subject)
    if user is None:
        return
    if has_request_context() and cookie.get(sessions.ACCOUNT) == user.key:
        logout_user()
        sessions.drop()
        cookie.pop(sessions.ACCOUNT, None)
    row = user.id
    session.expunge(user)
    for model, column in ((SignIn, SignIn.user_id), (WebAuthn, WebAuthn.user_id), (User, User.id)):
        session.execute(
            delete(model).where(column == row).execution_options(synchronize_session=False)
        )


register(Part("account", 70, _export, _erase))
