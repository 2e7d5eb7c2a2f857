"""What holds for every page of the accounts: limits, transactions, access marks, no noise."""

import time
from typing import Any

from flask import Flask, Response, abort, current_app, flash, g, redirect, request
from flask import session as cookie
from flask.globals import request_ctx
from flask_login import current_user
from flask_login.utils import _user_context_processor
from flask_security import Security, logout_user, url_for_security
from sqlalchemy import func, select
from werkzeug.exceptions import HTTPException

from ashar import web
from ashar.accounts import factors, phones, sessions
from ashar.accounts.models import User
from ashar.kernel import db, i18n, limits
from ashar.kernel.db import WRITE, session
from ashar.kernel.i18n import N_, t
from ashar.kernel.limits import TooMany

BLUEPRINTS = ("security", "ashar_accounts")

#: Pages for those who have not signed in; all others are for the signed-in.
PUBLIC = frozenset(
    {
        "login",
        "logout",
        "register",
        "send_confirmation",
        "confirm_email",
        "forgot_password",
        "reset_password",
        "change_email_confirm",
        "two_factor_token_validation",
        "two_factor_rescue",
        "mf_recovery",
        "tf_select",
        "wan_signin",
        "wan_signin_response",
    }
)
#: Changes of what one signs in with: for sessions that have shown a second factor, once there is
#: one.
FACTORS = frozenset(
    {
        "change_email",
        "two_factor_setup",
        "two_factor_setup_validate",
        "mf_recovery_codes",
        "wan_register",
        "wan_register_response",
        "wan_delete",
    }
)
#: Seconds that these forms take at least, whether the address has an account or not.
FLOOR = 0.3
EVEN = frozenset({"register", "send_confirmation", "forgot_password"})
#: view → (rule per address, rule per e-mail, rule per account) of its POST.
BRAKES: dict[str, tuple[str, str | None, str | None]] = {
    "login": ("sign-in", "sign-in-email", None),
    "wan_signin": ("sign-in", None, None),
    "wan_signin_response": ("sign-in", None, None),
    "two_factor_token_validation": ("sign-in", None, "second-factor"),
    "mf_recovery": ("sign-in", None, "second-factor"),
    "verify": ("sign-in", None, "second-factor"),
    "change_password": ("sign-in", None, "second-factor"),
    "change_email": ("sign-in", "account-letter", "second-factor"),
    "confirm_address": ("reset", None, None),
    "recover_post": ("reset", None, None),
    "register": ("register", "account-letter", None),
    "send_confirmation": ("reset", "account-letter", None),
    "forgot_password": ("reset", "account-letter", None),
    "reset_password": ("reset", None, None),
}


def mount(app: Flask, security: Security) -> None:
    """Put the guard before and behind the accounts' views."""
    app.view_functions["security.two_factor_rescue"] = _gone
    for endpoint, view in list(app.view_functions.items()):
        blueprint, _, name = endpoint.partition(".")
        if blueprint == "security":
            app.view_functions[endpoint] = _marked(view, name)
    for name in BLUEPRINTS:
        app.before_request_funcs.setdefault(name, []).append(before)
        app.after_request_funcs.setdefault(name, []).append(finish)
        app.url_default_functions.setdefault(name, []).append(_keep_language)
        app.error_handler_spec[name][None][HTTPException] = web.show_error
        app.error_handler_spec[name][None][TooMany] = web.show_too_many
    app.before_request(recognise)
    _quiet(app, security)


def _gone(**_parts: Any) -> Any:
    abort(404)


def _marked(view: Any, name: str) -> Any:
    """Give a view of Flask-Security, which others may share, a mark of its own."""

    def marked(**parts: Any) -> Any:
        return view(**parts)

    marked.ashar_access = (  # type: ignore[attr-defined]
        "public" if name in PUBLIC else "signed-in"
    )
    return marked


def _quiet(app: Flask, security: Security) -> None:
    """Take out hooks that would open the session on every public page.

    We use neither lasting "remember me" cookies nor Flask-Principal's permissions.
    """
    noise = (
        (app.after_request_funcs, security.login_manager._update_remember_cookie),
        (app.before_request_funcs, security.principal._on_before_request),
        (app.template_context_processors, _user_context_processor),
    )
    for hooks, hook in noise:
        if hook in hooks.get(None, []):
            hooks[None].remove(hook)


def session_handle() -> str | None:
    """Return who the session says is signed in, without marking the session as used.

    A page for all stays cacheable for visitors whose session holds only a form's token.
    """
    context = request_ctx._get_current_object()  # type: ignore[attr-defined]
    opened = getattr(context, "_session", None)
    found: str | None = (cookie if opened is None else opened).get("_user_id")
    return found


def recognise() -> None:
    """Know who is signed in and let pages speak their language; nothing is touched for others."""
    if (request.endpoint or "static").endswith("static") or session_handle() is None:
        return
    if not current_user.is_authenticated:
        sessions.drop()
        return
    sessions.touch()
    g.ashar_person_language = current_user.language


def before() -> Any:
    """Refuse what must not come through, count, and begin to write where a view will write."""
    g.ashar_accounts_began = time.monotonic()
    name = _name()
    if request.is_json:
        abort(415)
    if (refused := web.refuse_foreign_posts()) is not None:
        return refused
    if request.method == "POST":
        _count(name)
    if request.method == "POST" or name == "confirm_email":
        _begin_writing(name)
    return _hold_factors(name)


def _count(name: str) -> None:
    address, email, account = BRAKES.get(name, ("sign-in", None, None))
    limits.hit(address, limits.address())
    if email is not None and (typed := request.form.get("email", "").strip().lower()[:254]):
        # All spellings of a number count as one.
        limits.hit(email, phones.canonical(typed) or typed)
    if account is not None and (handle := cookie.get("tf_user_id") or cookie.get("_user_id")):
        limits.hit(account, handle)


def _begin_writing(name: str) -> None:
    """Begin the request's transaction as a writing one, and hold the account's row.

    A reading transaction that turns to writing fails on SQLite when somebody else has written;
    and two requests with one code must not both find it unused.
    """
    session.rollback()
    session.connection(
        bind_arguments={"bind": db.database().engine}, execution_options={WRITE: True}
    )
    if db.dialect() != "postgresql":
        return
    if handle := cookie.get("tf_user_id") or cookie.get("_user_id"):
        session.execute(select(User.id).where(User.fs_uniquifier == handle).with_for_update())
    if name == "register":
        key = func.hashtext(request.form.get("email", "").strip().lower())
        session.execute(select(func.pg_advisory_xact_lock(key)))


def _hold_factors(name: str) -> Any:
    """Send away who would change second factors without having shown one."""
    if session_handle() is None or not current_user.is_authenticated:
        return None
    if name == "two_factor_token_validation" and cookie.get("tf_state") != "validating_profile":
        return redirect(current_app.url_for("ashar_accounts.overview"))
    if name in FACTORS and factors.has_second(current_user) and not factors.is_strong(current_user):
        logout_user()
        flash(t(N_("Please sign in again, with your second factor.")))
        return redirect(url_for_security("login", next=request.path))
    return None


def finish(response: Response) -> Response:
    """Set what every page of ours carries, and let nobody keep it."""
    response = web.finish(response)
    response.headers["Cache-Control"] = "no-store"
    if request.method == "POST" and _name() in EVEN:
        session.rollback()
        time.sleep(max(0.0, FLOOR - (time.monotonic() - g.ashar_accounts_began)))
    return response


def _name() -> str:
    return (request.endpoint or "").rpartition(".")[2]


def _keep_language(_endpoint: str, values: dict[str, Any]) -> None:
    if asked := i18n.chosen():
        values.setdefault("lang", asked)
