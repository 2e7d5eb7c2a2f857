"""The account's own pages; all others are Flask-Security's, in our templates."""

from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask_security import current_user, hash_password
from flask_security.change_email import _update_user_email, _verify_token_status
from flask_security.forms import LogoutForm
from sqlalchemy.exc import IntegrityError

from ashar.accounts import factors, letters, sessions
from ashar.accounts.forms import EndForm, LanguageForm, ReadsForm, RecoverForm
from ashar.accounts.models import User
from ashar.accounts.store import SESSION, identity_of, key_of
from ashar.kernel import db, links
from ashar.kernel.errors import Refused
from ashar.kernel.forms import Form
from ashar.kernel.i18n import N_, t
from ashar.people import access, recovery
from ashar.people import services as people
from ashar.people.access import PERMISSIONS, STRONG, allow

#: Page of a desk, what it is called, and the roles it is for.
DESKS = (
    ("lead.overview", N_("Your projects"), frozenset({"leader"})),
    ("moderation.index", N_("Review projects"), frozenset({"moderator", "administrator"})),
    ("collect.index", N_("Collect cash"), PERMISSIONS["collect"]),
    ("partner.index", N_("Partner's desk"), PERMISSIONS["partner"]),
    ("treasury.overview", N_("Treasury"), PERMISSIONS["treasury.read"]),
    ("treasury.retained", N_("Locked away"), frozenset({"auditor"})),
    ("admin.overview", N_("Administration"), frozenset({"administrator"})),
)

blueprint = Blueprint("ashar_accounts", __name__)


@blueprint.get("/account")
@allow("signed-in")
def overview() -> Any:
    """Show an account: e-mail, language, how one signs in, where one is signed in."""
    return _overview()


def _overview(form: LanguageForm | None = None, reads: ReadsForm | None = None) -> Any:
    person = access.person()
    held = [(role.name, role.scope) for role in person.roles] if person else []
    return render_template(
        "ashar/accounts/overview.html",
        user=current_user,
        form=form or LanguageForm(language=current_user.language or ""),
        reads=reads or ReadsForm(reads=person.reads if person else []),
        roles=held,
        counting=access.roles(),
        desks=_desks(),
        totp=bool(current_user.tf_primary_method),
        second=factors.has_second(current_user),
        codes=len(current_user.mf_recovery_codes or ()),
        weak=bool({name for name, _ in held} & STRONG) and not factors.is_strong(current_user),
        sessions=sessions.of(current_user.id),
        this=cookie.get(SESSION),
    )


def _desks() -> list[tuple[str, str]]:
    """Return words and address of the desks where somebody works: roles that count, or a helper."""
    # No table of projects is needed before the first request.
    from ashar.moderation.access import desk

    held, person = access.roles(), access.person()
    if person is not None and desk(person.id):
        held |= {"leader"}
    return [
        (t(words), links.url(page))
        for page, words, roles in DESKS
        if held & roles and links.exists(page)
    ]


@blueprint.get("/account/data")
@allow("signed-in")
def data() -> Any:
    """Lead to the page of one's data, which stands with those of what one gave."""
    return redirect(links.url("me.data"), 303)


@blueprint.post("/account/language")
@allow("signed-in")
def language() -> Any:
    """Change the language of pages and letters."""
    form = LanguageForm()
    if not form.validate_on_submit():
        return _overview(form), 400 if form.forged else 422
    number = current_user.id
    with db.transaction() as session:
        user = session.get_one(User, number)
        user.language = form.language.data
        people.know(identity_of(user))
    flash(t(N_("Saved.")), "success")
    return redirect(url_for("ashar_accounts.overview", lang=None))


@blueprint.post("/account/reads")
@allow("signed-in")
def reads() -> Any:
    """Note the languages in which somebody with a role can judge a text."""
    form = ReadsForm()
    if not form.validate_on_submit():
        return _overview(reads=form), 400 if form.forged else 422
    with db.transaction():
        person = access.person()
        if person is None or not person.roles:
            abort(403)
        people.declare_reading(person, form.reads.data)
    flash(t(N_("Saved.")), "success")
    return redirect(url_for("ashar_accounts.overview"))


@blueprint.post("/account/sessions/end")
@allow("signed-in")
def end_session() -> Any:
    """End one of one's sessions."""
    return _end(lambda user, form: sessions.end(user, form.session.data))


@blueprint.post("/account/sessions/end-others")
@allow("signed-in")
def end_others() -> Any:
    """End all of one's sessions but this one."""
    return _end(lambda user, form: sessions.end_others(user, cookie[SESSION]))


def _end(step: Any) -> Any:
    form = EndForm()
    if not form.validate_on_submit():
        return _overview(), 400
    user = current_user.id
    with db.transaction():
        step(user, form)
    flash(t(N_("Ended: there you have to sign in again.")), "success")
    return redirect(url_for("ashar_accounts.overview", _anchor="sessions"))


@blueprint.get("/sign-out")
@allow("public")
def sign_out() -> Any:
    """Ask whether to sign out; only a POST does it."""
    if not current_user.is_authenticated:
        return redirect(url_for("security.login"))
    return render_template("ashar/accounts/sign_out.html", logout_form=LogoutForm())


def ask_address(token: str) -> Any:
    """Ask whether to take a new e-mail: for the link in its letter, instead of a GET that does."""
    return _address(token, Form())


def _address(token: str, form: Form, status: int = 200) -> Any:
    expired, invalid, user, email = _verify_token_status(token)
    page = render_template(
        "ashar/accounts/address.html",
        form=form,
        token=token,
        email=email if user and not (expired or invalid) else None,
    )
    return page, status


@blueprint.post("/account/email/<token>")
@allow("public")
def confirm_address(token: str) -> Any:
    """Take a new e-mail; the old one is told."""
    form = Form()
    if not form.validate_on_submit():
        return _address(token, form, 400)
    try:
        taken = _take_address(token)
    except IntegrityError:
        # Somebody else has just taken it.
        taken = False
    if not taken:
        return _address(token, form, 422)
    flash(t(N_("Your e-mail is changed. Please sign in with it from now on.")), "success")
    return redirect(url_for("ashar_accounts.overview"))


def _take_address(token: str) -> bool:
    with db.transaction() as session:
        expired, invalid, user, email = _verify_token_status(token)
        if user is None or expired or invalid:
            return False
        _update_user_email(user, email)
        session.flush()
        people.know(identity_of(user))
    return True


@blueprint.get("/account/recover")
@allow("public")
def recover() -> Any:
    """Ask for the code that two administrators gave, and for a new password."""
    return _recover(RecoverForm(code=request.args.get("code", "")[:60]))


def _recover(form: RecoverForm, status: int = 200) -> Any:
    return render_template("ashar/accounts/recover.html", form=form), status


@blueprint.post("/account/recover", endpoint="recover_post")
@allow("public")
def use_code() -> Any:
    """Give an account back to somebody whom two administrators met."""
    form = RecoverForm()
    if not form.validate_on_submit():
        return _recover(form, 400 if form.forged else 422)
    wrong, password = current_app.extensions["security"].password_util.validate(
        form.password.data, False
    )
    if wrong:
        form.password.errors = [str(one) for one in wrong]
        return _recover(form, 422)
    try:
        _give_back(form.code.data, password)
    except Refused as error:
        form.code.errors = [t(str(error))]
        return _recover(form, 422)
    flash(t(N_("Your new password is set. Please sign in, and set up a second factor.")), "success")
    return redirect(url_for("security.login"), 303)


def _give_back(code: str, password: str) -> None:
    """Set the password and take away what the person signed in with before."""
    store = current_app.extensions["ashar_accounts"].store
    with db.transaction() as session:
        person = recovery.redeem(code)
        user = session.query(User).filter(User.key == key_of(person.external_id)).one()
        user.password = hash_password(password)
        store.reset_user_access(user)
        sessions.end_others(user.id, "")
        letters.write(user, "recovered")
