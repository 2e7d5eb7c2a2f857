"""Helpers: inviting them, their coming, and their going."""

from typing import Any

from flask import abort, render_template

from ashar.kernel import db, limits, links
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_, t
from ashar.lead import access, forms, queries, show
from ashar.lead.access import Seat
from ashar.lead.views import leave
from ashar.moderation import queries as moderation
from ashar.people import access as people
from ashar.people import services as persons
from ashar.projects import services, versions
from ashar.projects.models import Helper, Project


def helpers(slug: str) -> Any:
    """Show who helps, and the form to invite somebody."""
    return _helpers(access.own(slug), forms.InviteForm())


def _helpers(seat: Seat, form: forms.InviteForm, status: int = 200) -> Any:
    page = render_template(
        "ashar/lead/helpers.html",
        slug=seat.project.slug,
        title=show.title(versions.written(seat.project).content),
        helpers=versions.helpers(seat.project),
        form=form,
        plain=forms.PlainForm(),
    )
    return page, status


def invite(slug: str) -> Any:
    """Invite somebody; who is invited already is not asked twice."""
    seat = access.own(slug)
    form = forms.InviteForm()
    if not form.validate():
        return _helpers(seat, form, 400 if form.forged else 422)
    email = str(form.email.data)
    if email.casefold() == (seat.person.email or "").casefold():
        form.email.errors = [t(N_("This is your own e-mail."))]
        return _helpers(seat, form, 422)
    known = {one.email.casefold() for one in versions.helpers(seat.project)}
    if email.casefold() not in known:
        limits.hit("invite", str(seat.person.id))
        with db.transaction():
            services.invite(seat.project, email, form.name.data or "", seat.person)
    told = t(N_("A letter with a link is on its way to %(email)s."), email=email)
    return leave(_home(slug), told)


def _home(slug: str) -> str:
    return links.url("helping.helpers", slug=slug)


def dismiss(slug: str, token: str) -> Any:
    """End somebody's helping, or take an invitation back."""
    seat = access.own(slug)
    if not forms.PlainForm().validate():
        return _helpers(seat, forms.InviteForm(), 400)
    with db.transaction():
        helper = queries.invitation(token)
        if helper is None or helper.project_id != seat.project.id:
            abort(404)
        services.dismiss(helper, seat.person)
    return leave(_home(slug), t(N_("Done: they no longer see this project's desk.")))


def invitation(token: str) -> Any:
    """Ask somebody whether they want to help."""
    return _invitation(_open(token))


def _open(token: str) -> Helper:
    return queries.invitation(token) or abort(404)


def _invitation(helper: Helper, status: int = 200, problem: str = "") -> Any:
    project = db.session.get_one(Project, helper.project_id)
    person = people.person()
    page = render_template(
        "ashar/lead/invitation.html",
        token=helper.token,
        slug=project.slug,
        title=show.title(versions.written(project).content),
        leader=moderation.names([project.owner_id]).get(project.owner_id or 0, ""),
        ended=helper.ended_at is not None,
        mine=person is not None and helper.person_id == person.id,
        form=forms.PlainForm(),
        problem=problem,
    )
    return page, status


def accept(token: str) -> Any:
    """Begin to help."""
    helper = _open(token)
    if not forms.PlainForm().validate():
        return _invitation(helper, 400)
    identity = people.who() or abort(403)
    try:
        with db.transaction():
            helper = _open(token)
            project = db.session.get_one(Project, helper.project_id)
            person = persons.know(identity)
            if project.owner_id == person.id:
                raise Refused(N_("You are the leader of this project."))
            services.accept(helper, person)
            slug = project.slug
    except Refused as error:
        return _invitation(_open(token), 422, t(str(error)))
    return leave(
        links.url("lead.desk", slug=slug),
        t(N_("Thank you! What you enter waits for the leader's word.")),
    )
