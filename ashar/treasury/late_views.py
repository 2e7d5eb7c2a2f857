"""Money that waits for a decision: it came too late, or could not go back."""

from typing import Any

from flask import abort, flash, redirect, render_template

from ashar.kernel import db, links
from ashar.kernel.db import session
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_, t
from ashar.people import access
from ashar.pledges import dispositions, fallbacks
from ashar.pledges.late_forms import DecideForm
from ashar.pledges.models import Disposition
from ashar.projects.models import Project
from ashar.treasury import campaign_queries as queries
from ashar.treasury import campaign_show as show
from ashar.treasury.views import actor, page_number


def index() -> Any:
    """List money that waits for somebody's decision."""
    number = page_number()
    found = queries.late(number)
    return render_template(
        "ashar/treasury/late.html",
        lines=[show.line(row) for row in found[: queries.PER_PAGE]],
        number=number,
        more=len(found) > queries.PER_PAGE,
    )


def one(token: str) -> Any:
    """Show one, and the form to decide where the donor's time is over."""
    found = _row(token)
    return _page(found, _form(found))


def _row(token: str) -> Disposition:
    return queries.disposition(token) or abort(404)


def _form(row: Disposition) -> DecideForm:
    pledge = row.payment.pledge
    movable = row.campaign_id is not None or dispositions.may_move(pledge)
    others = fallbacks.others(pledge.project.region, pledge.project_id) if movable else ()
    return DecideForm(others)


def _page(row: Disposition, form: DecideForm, status: int = 200) -> Any:
    page = render_template(
        "ashar/treasury/disposition.html",
        line=show.line(row),
        form=form,
        may_write=bool(access.roles() & access.PERMISSIONS["treasury.write"]),
    )
    return page, status


def decide(token: str) -> Any:
    """Decide what becomes of it; of two at once, one does."""
    found = _row(token)
    form = _form(found)
    if not form.validate():
        return _page(found, form, 400 if form.forged else 422)
    try:
        done = _decide(found.id, form, actor())
    except Refused as error:
        form.form_errors.append(t(str(error)))
        return _page(_row(token), form, 422)
    flash(t(N_("Decided.") if done else N_("This was decided before.")), "success")
    return redirect(links.url("late.index"), 303)


def _decide(row: int, form: DecideForm, who: int) -> bool:
    slug = form.project.data if "project" in form else ""
    with db.transaction():
        project = session.query(Project).filter_by(slug=slug or "").one_or_none()
        return dispositions.decide(row, form.choice.data, project, why=form.why.data, actor=who)
