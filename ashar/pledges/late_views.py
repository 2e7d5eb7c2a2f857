"""Money that came when its project took no more gifts: its donor says what becomes of it."""

from typing import Any

from flask import abort, redirect, render_template, request

from ashar.kernel import db, links
from ashar.kernel.db import session
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_, t
from ashar.kernel.limits import limited
from ashar.pledges import dispositions, fallbacks, fates
from ashar.pledges.changing import may_change, pledge_of, send_key
from ashar.pledges.late_forms import LateForm
from ashar.pledges.models import Pledge
from ashar.projects import show
from ashar.projects.models import Project

BY_DONOR = "the donor's answer"


def _form(made: Pledge, **more: Any) -> LateForm:
    movable = dispositions.may_move(made)
    others = fallbacks.others(made.project.region, made.project_id) if movable else ()
    return LateForm(others, **more)


@limited("pledge-page")
def confirm_late(token: str) -> Any:
    """Ask what should become of the money."""
    made = pledge_of(token)
    return _page(made, _form(made, data={"key": request.args.get("key", "")}))


def _page(made: Pledge, form: LateForm, status: int = 200, told: str = "") -> Any:
    rows = fates.asked(made)
    if not rows:
        if status != 200:
            abort(status)
        return redirect(links.url("pledges.show", token=made.token), 303)
    page = render_template(
        "ashar/pledges/late.html",
        token=made.token,
        title=show.title(made.project),
        sums=fates.sums(rows),
        form=form,
        told=told,
    )
    return page, status


@limited("change")
def answer_late(token: str) -> Any:
    """Take the donor's answer; a forwarded link alone only sends a fresh one."""
    made = pledge_of(token)
    form = _form(made)
    if not form.validate():
        return _page(made, form, 400 if form.forged else 422)
    if not may_change(made, "late", form.key.data or ""):
        send_key(made, "late")
        told = t(N_("We have sent a link to the e-mail of this pledge."))
        return _page(pledge_of(token), form, told=told)
    try:
        _answer(token, form)
    except Refused as error:
        form.form_errors.append(t(str(error)))
        return _page(pledge_of(token), form, 422)
    return redirect(links.url("pledges.show", token=token), 303)


def _answer(token: str, form: LateForm) -> None:
    slug = form.project.data if "project" in form else ""
    with db.transaction():
        project = session.query(Project).filter_by(slug=slug or "").one_or_none()
        for row in fates.asked(pledge_of(token)):
            dispositions.decide(row.id, form.choice.data, project, why=BY_DONOR)
