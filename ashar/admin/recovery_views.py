"""Giving somebody their account back in person: two administrators, one code."""

from typing import Any

from flask import abort

from ashar.admin import views
from ashar.admin.forms import BeginForm, ConfirmForm
from ashar.kernel import db
from ashar.kernel.errors import Refused
from ashar.kernel.forms import Form
from ashar.kernel.i18n import N_, t
from ashar.people import recovery
from ashar.people.accounts import Accounts, accounts
from ashar.people.models import Person


def begin(token: str) -> Any:
    """Say as the first administrator that one has met the person."""
    _ours()
    form = BeginForm()

    def step(person: Person, actor: int) -> None:
        recovery.begin(person, actor, form.how.data)

    done = t(N_("Noted. Another administrator who has met them has to confirm it."))
    return views.change(token, form, step, done, begin_form=form)


def confirm(token: str) -> Any:
    """Confirm as the second one; the page that answers shows the code, and no other ever does."""
    known, form = _ours(), ConfirmForm()
    if not form.validate():
        shown = views.found(token)
        return views.person_page(shown, 400 if form.forged else 422, confirm_form=form)
    try:
        with db.transaction():
            person = views.found(token)
            code = recovery.confirm(person, views.actor(), form.note.data or "")
            identity = person.external_id
    except Refused as error:
        return views.person_page(views.found(token), 409, told=t(str(error)), confirm_form=form)
    known.tell(identity, "met")
    return views.person_page(views.found(token), code=code)


def withdraw(token: str) -> Any:
    """Call a recovery off."""
    _ours()
    form = Form()

    def step(person: Person, actor: int) -> None:
        recovery.withdraw(person, actor)

    return views.change(token, form, step, t(N_("The recovery is called off.")))


def _ours() -> Accounts:
    """Return the accounts of the stand-alone site; a host has ways of its own."""
    return accounts() or abort(404)
