"""Applying to become a community leader, and what became of it."""

from typing import Any

from flask import abort, redirect, render_template
from sqlalchemy.exc import IntegrityError

from ashar.kernel import db, limits, links
from ashar.kernel.errors import Refused
from ashar.kernel.forms import Form
from ashar.kernel.i18n import t
from ashar.pages.forms import VOUCHERS, ApplyForm
from ashar.people import access, applications, queries
from ashar.people import services as people


def form() -> Any:
    """Show the form, or how an application stands."""
    return _page(ApplyForm())


def _page(form: ApplyForm, status: int = 200) -> Any:
    person = access.person()
    page = render_template(
        "ashar/pages/apply.html",
        form=form,
        plain=Form(formdata=None),
        vouchers=[form.pair(number) for number in range(1, VOUCHERS + 1)],
        applications=queries.applications_of(person.id) if person else (),
        may_apply=applications.may_apply(person),
        leads=any(role.name == "leader" for role in person.roles) if person else False,
    )
    return page, status


def apply() -> Any:
    """Hand in an application."""
    form = ApplyForm()
    if not form.validate():
        return _page(form, 400 if form.forged else 422)
    limits.hit("apply", limits.address())
    try:
        with db.transaction():
            identity = access.who() or abort(403)
            applications.apply(people.know(identity), form.answers())
    except (Refused, IntegrityError) as error:
        if isinstance(error, Refused):
            form.form_errors.append(t(str(error)))
        return _page(form, 409)
    return redirect(links.url("apply.form"), 303)


def withdraw() -> Any:
    """Take one's own application back."""
    if not Form().validate():
        return _page(ApplyForm(formdata=None), 400)
    with db.transaction():
        person = access.person()
        mine = queries.applications_of(person.id) if person else ()
        for one in mine:
            held = queries.application(one.token, hold=True)
            if person and held and held.state == "open":
                applications.withdraw(held, person)
    return redirect(links.url("apply.form"), 303)
