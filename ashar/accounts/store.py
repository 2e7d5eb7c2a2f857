"""Where Flask-Security keeps accounts: our session, our models, no roles of its own."""

from typing import Any

from flask import has_request_context
from flask import session as cookie
from flask_security import RoleMixin, SQLAlchemySessionUserDatastore
from sqlalchemy import delete

from ashar.accounts.models import SignIn, User, WebAuthn
from ashar.kernel import clock, i18n
from ashar.kernel.db import session
from ashar.people.access import Identity

#: What the cookie calls the token of its session.
SESSION = "ashar_session_token"
PREFIX = "site-"


class Store(SQLAlchemySessionUserDatastore):
    """The datastore; roles hang on people.Person, so Flask-Security is given none."""

    def __init__(self) -> None:
        super().__init__(session, User, RoleMixin, WebAuthn)

    def _prepare_create_user_args(self, **given: Any) -> dict[str, Any]:
        made: dict[str, Any] = super()._prepare_create_user_args(**given)
        del made["roles"]
        made.setdefault("made_at", clock.now())
        made.setdefault("language", i18n.language())
        return made

    def set_uniquifier(self, user: User, uniquifier: str | None = None) -> None:
        """Give an account a new key: every session ends but the one that asks for it."""
        super().set_uniquifier(user, uniquifier)
        if user.id is not None:
            this = cookie.get(SESSION, "") if has_request_context() else ""
            ended = delete(SignIn).where(SignIn.user_id == user.id, SignIn.token != this)
            session.execute(ended)


def key_of(identity: str) -> str:
    """Return the key of the account behind an identity of ours."""
    return identity.removeprefix(PREFIX)


def identity_of(user: User, strong: bool = False) -> Identity:
    """Return an account as Ashar knows people."""
    return Identity(PREFIX + user.key, user.address, user.name, user.language, strong, user.phone)
