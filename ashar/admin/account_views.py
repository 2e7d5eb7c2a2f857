"""Accounts for people without an e-mail: made in person, opened with a code that is handed over."""

from typing import Any

from flask import abort, render_template

from ashar.admin import views
from ashar.admin.forms import BeginForm, NewcomerForm
from ashar.kernel import db, i18n
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import t
from ashar.people import recovery
from ashar.people import services as people
from ashar.people.accounts import Accounts, accounts


def form() -> Any:
    """Ask who it is."""
    _ours()
    return _page(NewcomerForm(language=i18n.languages()[0]))


def _page(form: NewcomerForm, status: int = 200) -> Any:
    return render_template("ashar/admin/newcomer.html", form=form), status


def make() -> Any:
    """Make the account; the page that answers shows the code, and no other ever does."""
    known, form = _ours(), NewcomerForm()
    if not form.validate():
        return _page(form, 400 if form.forged else 422)
    try:
        with db.transaction():
            made = known.make_by_phone(form.name.data, form.phone.data, form.language.data)
            person = people.know(made)
            code = recovery.first(person, views.actor(), form.how.data)
            token = person.token
    except Refused as error:
        form.phone.errors = [t(str(error))]
        return _page(form, 422)
    return views.person_page(views.found(token), code=code)


def code(token: str) -> Any:
    """Hand over another code, as long as the account was never opened."""
    _ours()
    form = BeginForm()
    if not form.validate():
        shown = views.found(token)
        return views.person_page(shown, 400 if form.forged else 422, begin_form=form)
    try:
        with db.transaction():
            made = recovery.first(views.found(token), views.actor(), form.how.data)
    except Refused as error:
        return views.person_page(views.found(token), 409, told=t(str(error)), begin_form=form)
    return views.person_page(views.found(token), code=made)


def _ours() -> Accounts:
    """Return the accounts of the stand-alone site; a host has ways of its own."""
    return accounts() or abort(404)
