"""Who may do what: one table, and the mark that every route carries."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from flask import abort, current_app, g, redirect, request
from sqlalchemy import select

from ashar.kernel.db import session
from ashar.kernel.errors import ConfigError

if TYPE_CHECKING:
    from ashar.people.models import Person

F = TypeVar("F", bound=Callable[..., Any])

ROLES = ("leader", "moderator", "partner", "treasurer", "administrator", "auditor")
#: Roles that are held only behind a second factor.
STRONG = frozenset({"leader", "moderator", "partner", "treasurer", "administrator"})

#: What may be done, and by whom. "public" is everybody, and the page is the same for everybody;
#: "form" is everybody, on a page that carries a form's token; "signed-in" everybody with an
#: account; "desk" everybody with an account, and then only with projects that are theirs or that
#: they help with; "link" whoever holds an unguessable link; "signature" whoever signs the message;
#: "token" whoever has an operator's token.
PERMISSIONS: dict[str, frozenset[str]] = {
    "public": frozenset(),
    "form": frozenset(),
    "link": frozenset(),
    "signature": frozenset(),
    "token": frozenset(),
    "signed-in": frozenset(),
    "desk": frozenset(),
    "lead": frozenset({"leader"}),
    "moderate": frozenset({"moderator", "administrator"}),
    "treasury.read": frozenset({"treasurer", "administrator", "auditor"}),
    "treasury.write": frozenset({"treasurer", "administrator"}),
    "administer": frozenset({"administrator"}),
}
OPEN = frozenset({"public", "form", "link", "signature", "token"})
#: For everybody with an account, whatever their roles.
ACCOUNT = frozenset({"signed-in", "desk"})


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is signed in, by the host's word; `strong` says that two factors were used."""

    id: str
    email: str | None = None
    name: str = ""
    locale: str | None = None
    strong: bool = False


def who() -> Identity | None:
    """Return who is signed in, asked once a request."""
    if "ashar_identity" not in g:
        ask: Callable[[], Identity | None] = current_app.extensions["ashar"].who
        g.ashar_identity = ask()
    found: Identity | None = g.ashar_identity
    return found


def person() -> "Person | None":
    """Return the row of who is signed in, if Ashar knows them."""
    # The marks of all routes stand here and are read at the start, when no table is needed.
    from ashar.people.models import Person

    identity = who()
    if identity is None:
        return None
    return session.execute(
        select(Person).where(Person.external_id == identity.id)
    ).scalar_one_or_none()


def roles() -> frozenset[str]:
    """Return the roles that count now: those that need two factors only behind them."""
    identity, found = who(), person()
    if identity is None or found is None:
        return frozenset()
    held = frozenset(role.name for role in found.roles)
    return held if identity.strong else held - STRONG


def scopes(role: str) -> frozenset[str]:
    """Return what a role is bound to, such as a moderator's regions; counted as `roles` are."""
    found = person()
    if found is None or role not in roles():
        return frozenset()
    return frozenset(one.scope for one in found.roles if one.name == role and one.scope)


def allow(permission: str) -> Callable[[F], F]:
    """Declare who may call a view, and hold to it: strangers are sent to sign in."""
    if permission not in PERMISSIONS:
        raise ConfigError(f"unknown permission {permission!r}")

    def wrap(view: F) -> F:
        @wraps(view)
        def checked(*args: Any, **kwargs: Any) -> Any:
            if permission not in OPEN:
                if who() is None:
                    return _to_sign_in()
                if permission not in ACCOUNT and not roles() & PERMISSIONS[permission]:
                    abort(403)
            return view(*args, **kwargs)

        checked.ashar_access = permission  # type: ignore[attr-defined]
        return checked  # type: ignore[return-value]

    return wrap


def _to_sign_in() -> Any:
    path = request.full_path if request.query_string else request.path
    target = request.script_root + path
    return redirect(current_app.config["ASHAR_SIGN_IN_URL"] + "?" + urlencode({"next": target}))
