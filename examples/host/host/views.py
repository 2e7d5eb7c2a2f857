"""The association's pages."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import login_required, login_user, logout_user
from sqlalchemy import select

from host.forms import JoinForm, SignInForm, SignOutForm
from host.models import User, db

blueprint = Blueprint("verein", __name__)


@blueprint.get("/")
def home() -> Any:
    """Show the first page."""
    return render_template("home.html")


@blueprint.app_errorhandler(404)
def not_found(_error: Exception) -> Any:
    """Answer for what the association does not have."""
    return render_template("not_found.html"), 404


@blueprint.get("/members")
@login_required
def members() -> Any:
    """List the members, to members."""
    people = db.session.scalars(select(User).order_by(User.name)).all()
    return render_template("members.html", people=people)


@blueprint.route("/join", methods=["GET", "POST"])
def join() -> Any:
    """Take in a member."""
    form = JoinForm()
    if not form.validate_on_submit():
        return render_template("form.html", form=form, title="Become a member", action="Join")
    if _by_email(form.email.data) is not None:
        form.email.errors = ["There is a member with this e-mail."]
        return render_template("form.html", form=form, title="Become a member", action="Join")
    user = User(email=form.email.data, name=form.name.data, language=form.language.data)
    user.set_password(form.password.data)
    db.session.add(user)
    db.session.commit()
    login_user(user)
    return redirect(_next())


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Any:
    """Sign a member in, and lead them back to where they came from."""
    form = SignInForm()
    if form.validate_on_submit():
        user = _by_email(form.email.data)
        if user is not None and user.has_password(form.password.data):
            login_user(user)
            return redirect(_next())
        form.password.errors = ["E-mail and password do not fit together."]
    return render_template("form.html", form=form, title="Sign in", action="Sign in")


@blueprint.route("/sign-out", methods=["GET", "POST"])
@login_required
def sign_out() -> Any:
    """Sign out, after a question."""
    form = SignOutForm()
    if form.validate_on_submit():
        logout_user()
        return redirect(url_for("verein.home"))
    return render_template("form.html", form=form, title="Sign out?", action="Sign out")


def _by_email(email: str) -> User | None:
    return db.session.scalars(select(User).where(User.email == email)).one_or_none()


def _next() -> str:
    """Return where to go on: a path of this site only."""
    wanted = request.args.get("next", "")
    own = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if own else url_for("verein.home")
