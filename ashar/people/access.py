"""Who may do what: one table, and the mark that every route carries."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar
from urllib.parse import urlencode

from flask import abort, current_app, g, redirect, request
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.exceptions import Forbidden

from ashar.kernel.db import session
from ashar.kernel.errors import ConfigError
from ashar.kernel.i18n import N_
from ashar.people.accounts import accounts

if TYPE_CHECKING:
    from ashar.people.models import Person

F = TypeVar("F", bound=Callable[..., Any])

ROLES = ("leader", "moderator", "collector", "partner", "treasurer", "administrator", "auditor")
#: Roles that are held only behind a second factor.
STRONG = frozenset(ROLES) - {"auditor"}

#: What may be done, and by whom. "public" is everybody, and the page is the same for everybody;
#: "form" is everybody, on a page that carries a form's token; "signed-in" everybody with an
#: account; "desk", "desk.own" and "committee" everybody with an account who is what OBJECTS asks
#: for; "link" whoever holds an unguessable link; "signature" whoever signs the message;
#: "token" whoever has an operator's token.
PERMISSIONS: dict[str, frozenset[str]] = {
    "public": frozenset(),
    "form": frozenset(),
    "link": frozenset(),
    "signature": frozenset(),
    "token": frozenset(),
    "signed-in": frozenset(),
    "desk": frozenset(),
    "desk.own": frozenset(),
    "committee": frozenset(),
    "lead": frozenset({"leader"}),
    "moderate": frozenset({"moderator", "administrator"}),
    "collect": frozenset({"collector"}),
    "partner": frozenset({"partner"}),
    "treasury.read": frozenset({"treasurer", "administrator", "auditor"}),
    "treasury.write": frozenset({"treasurer", "administrator"}),
    "audit": frozenset({"auditor"}),
    "administer": frozenset({"administrator"}),
}
OPEN = frozenset({"public", "form", "link", "signature", "token"})
#: For everybody with an account, whatever their roles.
ACCOUNT = frozenset({"signed-in", "desk", "desk.own", "committee"})
#: Of pages about one project or case: what somebody has to be to it, beside what they may do. The
#: view asks, since it has the row; others get 403, whether there is such a row or not. A leader is
#: one only with the role, behind a second factor; a reviewer has the case or project within reach.
OBJECTS: dict[str, frozenset[str]] = {
    "desk": frozenset({"leader", "helper"}),
    "desk.own": frozenset({"leader"}),
    "committee": frozenset({"committee"}),
    "moderate": frozenset({"reviewer"}),
}


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is signed in, by the host's word; `strong` says that two factors were used.

    `phone` is in the international form, `+996700123456`.
    """

    id: str
    email: str | None = None
    name: str = ""
    locale: str | None = None
    strong: bool = False
    phone: str | None = None


def who() -> Identity | None:
    """Return who is signed in, asked once a request."""
    if "ashar_identity" not in g:
        ask: Callable[[], Identity | None] = current_app.extensions["ashar"].who
        g.ashar_identity = ask()
    found: Identity | None = g.ashar_identity
    return found


class Weak(Forbidden):
    """The role is there; the second factor behind which it counts was not shown."""

    headline = N_("This page opens with your second factor")
    explanation = N_(
        "You have the role that this page asks for. It counts only in a session that was begun "
        "with a second factor."
    )


def person() -> "Person | None":
    """Return the row of who is signed in, if Ashar knows them; asked for once a request."""
    return _known()[0]


def roles() -> frozenset[str]:
    """Return the roles that count now: those that need two factors only behind them."""
    return frozenset(name for name, _ in _counting())


def scopes(role: str) -> frozenset[str]:
    """Return for what somebody holds a role that counts now: a moderator's regions."""
    return frozenset(scope for name, scope in _counting() if name == role)


def forget() -> None:
    """Ask again who is signed in to us: their row or roles have just changed."""
    g.pop("ashar_known", None)


#: A person's row, and their roles as (name, scope).
_Known = tuple["Person | None", frozenset[tuple[str, str]]]


def _known() -> _Known:
    identity = who()
    if identity is None:
        return None, frozenset()
    kept: tuple[str, _Known] | None = g.get("ashar_known")
    if kept is None or kept[0] != identity.id or not _is_at_hand(kept[1][0]):
        kept = g.ashar_known = (identity.id, _ask(identity.id))
    return kept[1]


def _is_at_hand(found: "Person | None") -> bool:
    return found is None or found in session


def _ask(external_id: str) -> _Known:
    # The marks of all routes stand here and are read at the start, when no table is needed.
    from ashar.people.models import Person

    found = (
        session.execute(
            select(Person)
            .where(Person.external_id == external_id)
            .options(joinedload(Person.roles))
        )
        .unique()
        .scalar_one_or_none()
    )
    held = found.roles if found else ()
    return found, frozenset((role.name, role.scope) for role in held)


def _counting() -> frozenset[tuple[str, str]]:
    identity = who()
    _, held = _known()
    if identity is not None and identity.strong:
        return held
    return frozenset(pair for pair in held if pair[0] not in STRONG)


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
                    refuse(permission)
            return view(*args, **kwargs)

        checked.ashar_access = permission  # type: ignore[attr-defined]
        return checked  # type: ignore[return-value]

    return wrap


def refuse(permission: str) -> NoReturn:
    """Refuse, and tell who holds the role what is missing."""
    if {name for name, _ in _known()[1]} & PERMISSIONS[permission]:
        raise Weak
    abort(403)


def _to_sign_in() -> Any:
    """Lead to the sign-in and back; what somebody typed comes along, though their session ended."""
    target = request.full_path if request.query_string else request.path
    if request.method == "POST":
        # A table, and no page that only shows something needs it.
        from ashar.kernel import kept

        known = accounts()
        target = kept.keep(known.was() if known else None)
    there = {"next": request.script_root + target}
    return redirect(current_app.config["ASHAR_SIGN_IN_URL"] + "?" + urlencode(there))
