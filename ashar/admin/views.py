"""The administrators' pages: who is who, roles, and applications to lead."""

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from ashar.admin import list_show, lists, show
from ashar.admin.forms import BeginForm, ConfirmForm, DecisionForm, RoleForm, TakeForm
from ashar.kernel import db, links
from ashar.kernel.errors import Refused
from ashar.kernel.forms import Form
from ashar.kernel.i18n import N_, t
from ashar.people import access, queries, services
from ashar.people import applications as leading
from ashar.people.access import ROLES
from ashar.people.accounts import accounts
from ashar.people.models import Application, Person
from ashar.people.words import APPLICATION_WORDS, ROLE_NOTES, ROLE_WORDS


def overview() -> Any:
    """Show what waits for an administrator, and who has which role."""
    holders = queries.holders()
    seconds = show.second_factors(holders)
    return render_template(
        "ashar/admin/overview.html",
        waiting=queries.count_applications(),
        recoveries=queries.recoveries(),
        has_accounts=accounts() is not None,
        overdue=list_show.overdue(),
        kinds=lists.KINDS.values(),
        idle=[one for one in holders if show.idle(one, seconds[one.id])],
        counts=[
            (name, sum(any(role.name == name for role in one.roles) for one in holders))
            for name in ROLES
        ],
    )


def people() -> Any:
    """Search people by name or e-mail."""
    words, role = request.args.get("q", "")[:100].strip(), request.args.get("role", "")
    number = request.args.get("page", "1")
    page = int(number) if number.isdecimal() and len(number) < 6 else 1
    found, total = queries.search(words, role if role in ROLES else "", page)
    seconds = show.second_factors(found)
    return render_template(
        "ashar/admin/people.html",
        people=found,
        idle={one.id for one in found if show.idle(one, seconds[one.id])},
        page=show.Page(max(1, page), total),
        q=words,
        role=role,
        role_words=ROLE_WORDS,
        has_accounts=accounts() is not None,
    )


def person(token: str) -> Any:
    """Show one person."""
    return person_page(found(token))


def found(token: str) -> Person:
    """Return a person by the token in the address."""
    return queries.by_token(token) or abort(404)


def person_page(
    person: Person, status: int = 200, code: str = "", told: str = "", **forms: Form
) -> Any:
    """Return a person's page, with what was typed into one of its forms."""
    second = show.second_factors([person])[person.id]
    page = render_template(
        "ashar/admin/person.html",
        person=person,
        second=second,
        idle=show.idle(person, second),
        strong=access.STRONG,
        lines=show.lines(person.id),
        applications=queries.applications_of(person.id),
        recovery=queries.recovery_of(person.id),
        me=access.person(),
        has_accounts=accounts() is not None,
        awaits_password=_awaits_password(person),
        role_notes={name: t(words) for name, words in ROLE_NOTES.items()},
        told=told,
        code=code,
        code_url=_code_url(code),
        **{
            "role_form": RoleForm(formdata=None),
            "take_form": TakeForm(formdata=None),
            "begin_form": BeginForm(formdata=None),
            "confirm_form": ConfirmForm(formdata=None),
            **forms,
        },
    )
    return page, status


def _awaits_password(person: Person) -> bool:
    known = accounts()
    return known is not None and known.awaits_password(person.external_id)


def _code_url(code: str) -> str:
    known = accounts()
    return known.recovery_url(code) if known and code else ""


def give_role(token: str) -> Any:
    """Give a role."""
    form = RoleForm()

    def give(person: Person, actor: int) -> None:
        services.give_roles(person, form.role.data, form.scopes, actor=actor, why=form.why.data)

    return change(token, form, give, t(N_("The role is given.")), role_form=form)


def take_role(token: str) -> Any:
    """Take a role away, or give up one's own."""
    form = TakeForm()

    def take(person: Person, actor: int) -> None:
        services.take_role(
            person, form.role.data, form.scope.data, actor=actor, why=form.reason.data
        )

    return change(token, form, take, t(N_("The role is taken away.")), take_form=form)


def change(
    token: str, form: Form, step: Callable[[Person, int], None], done: str, **shown: Form
) -> Any:
    """Do something to a person as who is signed in; say in words why not."""
    if not form.validate():
        return person_page(found(token), 400 if form.forged else 422, **shown)
    try:
        with db.transaction():
            step(found(token), actor())
    except Refused as error:
        return person_page(found(token), 409, told=t(str(error)), **shown)
    flash(done, "success")
    return to_person(token)


def actor() -> int:
    """Return the row of the administrator who is signed in."""
    me = access.person() or abort(403)
    return me.id


def to_person(token: str) -> Response:
    """Lead back to a person's page, or away when one's own role for it is gone."""
    if "administrator" not in access.roles():
        return redirect(links.url("pages.home"), 303)
    return redirect(links.url("admin.person", token=token), 303)


def applications() -> Any:
    """List who wants to lead."""
    state = request.args.get("state", "open")
    if state not in APPLICATION_WORDS:
        state = "open"
    return render_template(
        "ashar/admin/applications.html",
        applications=queries.applications(state),
        state=state,
        states=APPLICATION_WORDS,
    )


def application(token: str) -> Any:
    """Show one application, with who vouches."""
    return _application(queries.application(token) or abort(404), DecisionForm(formdata=None))


def _application(shown: Application, form: DecisionForm, status: int = 200) -> Any:
    decided_by = queries.named({shown.decided_by}) if shown.decided_by else {}
    page = render_template(
        "ashar/admin/application.html",
        application=shown,
        form=form,
        decided_by=decided_by.get(shown.decided_by or 0),
        me=access.person(),
    )
    return page, status


def decide(token: str) -> Any:
    """Make somebody a leader, or decline."""
    form = DecisionForm()
    shown = queries.application(token) or abort(404)
    if not form.validate():
        return _application(shown, form, 400 if form.forged else 422)
    step = leading.grant if form.decision.data == "grant" else leading.refuse
    try:
        with db.transaction():
            held = queries.application(token, hold=True) or abort(404)
            step(held, actor(), form.words.data or "")
    except Refused as error:
        form.form_errors.append(t(str(error)))
        return _application(queries.application(token) or abort(404), form, 409)
    flash(t(N_("Decided.")), "success")
    return redirect(links.url("admin.applications"), 303)
