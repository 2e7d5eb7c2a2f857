"""The account's own pages; all others are Flask-Security's, in our templates."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_security import current_user
from flask_security.forms import LogoutForm

from ashar.accounts import factors
from ashar.accounts.forms import LanguageForm
from ashar.accounts.models import User
from ashar.accounts.store import identity_of
from ashar.kernel import db
from ashar.kernel.i18n import N_, t
from ashar.people import access
from ashar.people import services as people
from ashar.people.access import STRONG, allow

blueprint = Blueprint("ashar_accounts", __name__)


@blueprint.get("/account")
@allow("signed-in")
def overview() -> Any:
    """Show an account: e-mail, language, how one signs in."""
    return _overview(LanguageForm(language=current_user.language or ""))


def _overview(form: LanguageForm) -> Any:
    person = access.person()
    held = {role.name for role in person.roles} if person else set()
    return render_template(
        "ashar/accounts/overview.html",
        user=current_user,
        form=form,
        totp=bool(current_user.tf_primary_method),
        second=factors.has_second(current_user),
        codes=len(current_user.mf_recovery_codes or ()),
        weak=bool(held & STRONG) and not factors.is_strong(current_user),
    )


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


@blueprint.get("/sign-out")
@allow("public")
def sign_out() -> Any:
    """Ask whether to sign out; only a POST does it."""
    if not current_user.is_authenticated:
        return redirect(url_for("security.login"))
    return render_template("ashar/accounts/sign_out.html", logout_form=LogoutForm())
