"""The village committee's page: what the leader says has come, to be confirmed or not."""

from typing import Any

from flask import abort, flash, redirect, render_template
from sqlalchemy import select
from werkzeug.wrappers import Response

from ashar.kernel import db, links
from ashar.kernel.db import session
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_, t
from ashar.lead.offer_forms import SeenForm
from ashar.lead.offer_views import picture
from ashar.people import access
from ashar.people.models import Person
from ashar.pledges import offer_show, offered, offers, witnesses
from ashar.pledges.models import Offer
from ashar.projects import show
from ashar.projects.models import Project
from ashar.projects.states import PUBLIC


def _member(slug: str) -> tuple[Project, Person]:
    """Return who is on a project's committee; answer 403 to others, whether it exists or not."""
    query = select(Project).where(Project.slug == slug, Project.state.in_(PUBLIC))
    project, person = session.scalars(query).one_or_none(), access.person()
    if project is None or person is None or not witnesses.sits_on_committee(project, person):
        abort(403)
    return project, person


def _offer(project: Project, token: str) -> Offer:
    return offered.by_token(project.id, token) or abort(404)


def index(slug: str) -> Any:
    """List what waits to be confirmed."""
    return _page(slug)


def _page(slug: str, status: int = 200, **sent: SeenForm) -> Any:
    project, _ = _member(slug)
    rows = offered.to_confirm(project.id)
    forms = {row.token: sent.get(row.token) or SeenForm(row, formdata=None) for row in rows}
    page = render_template(
        "ashar/lead/committee.html",
        slug=slug,
        title=show.title(project),
        lines=[(offer_show.line(row), forms[row.token]) for row in rows],
    )
    return page, status


def confirm(slug: str, token: str) -> Any:
    """Confirm what came, or less of it."""
    project, _ = _member(slug)
    form = SeenForm(_offer(project, token))
    if not form.validate():
        return _page(slug, 400 if form.forged else 422, **{token: form})
    try:
        with db.transaction():
            project, person = _member(slug)
            offer, quantity = _offer(project, token), form.quantity.data or 0
            offers.confirm(offer, quantity, role=witnesses.COMMITTEE, person=person)
    except Refused as error:
        form.form_errors.append(t(str(error), **error.values))
        return _page(slug, 409, **{token: form})
    flash(t(N_("Confirmed. Thank you.")))
    return redirect(links.url("committee.index", slug=slug), 303)


def photo(slug: str, token: str) -> Response:
    """Send the picture of the day on which an offer came."""
    project, _ = _member(slug)
    return picture(_offer(project, token).photo or abort(404))
