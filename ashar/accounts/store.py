"""Where Flask-Security keeps accounts: our session, our models, no roles of its own."""

from typing import Any

from flask_security import RoleMixin, SQLAlchemySessionUserDatastore

from ashar.accounts.models import User, WebAuthn
from ashar.kernel import clock, i18n
from ashar.kernel.db import session
from ashar.people.access import Identity


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


def identity_of(user: User, strong: bool = False) -> Identity:
    """Return an account as Ashar knows people."""
    return Identity(f"site-{user.key}", user.email, user.name, user.language, strong)
