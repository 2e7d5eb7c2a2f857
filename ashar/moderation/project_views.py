"""The moderators' desk, beside cases: a project's history, holding it up, cancelling it.

Whoever may not see a project gets 403, whether there is one or not.
"""

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, render_template

from ashar.kernel import db, links
from ashar.kernel.db import session
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_, t
from ashar.moderation import access, conflicts, happened, holds, queries, show
from ashar.moderation.forms import CancelForm, LiftForm, ReasonForm
from ashar.moderation.models import Hold
from ashar.moderation.queries import Reviewer
from ashar.projects import show as projects_show
from ashar.projects.models import Project
from ashar.projects.states import PROJECT, PUBLIC


def show_history(slug: str) -> Any:
    """Show what was decided about a project, and what may be done to it."""
    return _history(_project(slug))


def _project(slug: str) -> Project:
    """Return a project of the reviewer's region or reach; answer with 403 for any other."""
    reviewer, found = access.needed(), queries.project(slug)
    if found is None or not (_is_mine(found, reviewer) or access.may_see(found)):
        abort(403)
    return found


def _is_mine(project: Project, reviewer: Reviewer) -> bool:
    if project.state not in PUBLIC and project.state != "suspended":
        return False
    return reviewer.administers or project.region in reviewer.regions


def _history(project: Project, status: int = 200, **more: Any) -> Any:
    reviewer, hold = access.needed(), queries.hold_of(project)
    own = conflicts.with_project(project, reviewer) is not None
    given = {"lift": LiftForm(formdata=None), "told": ""}
    page = render_template(
        "ashar/moderation/project.html",
        project=project,
        title=projects_show.title(project),
        decisions=happened.decisions(project, leader=own),
        life=happened.life(project),
        cases=show.lines(queries.visible_of(project, reviewer), reviewer),
        hold=hold,
        public=project.state in PUBLIC,
        may_hold=PROJECT.may(project.state, "suspended") and not own,
        may_cancel=reviewer.administers and _is_cancellable(project) and not own,
        may_lift=hold is not None and holds.may_lift(hold, reviewer) and not own,
        **(given | more),
    )
    return page, status


def _is_cancellable(project: Project) -> bool:
    return project.published_at is not None and PROJECT.may(project.state, "cancelled")


def hold_form(slug: str) -> Any:
    """Show the form to hold a project up."""
    return _reasoned(_project_of_mine(slug), ReasonForm(formdata=None), "hold")


def hold(slug: str) -> Any:
    """Hold a project up for 72 hours."""
    return _end(slug, ReasonForm(), "hold", holds.place, N_("The project is suspended."))


def cancel_form(slug: str) -> Any:
    """Show the form to cancel a project, and what becomes of the money."""
    return _reasoned(_administered(slug), CancelForm(formdata=None), "cancel")


def cancel(slug: str) -> Any:
    """Cancel a published project for good."""
    _administered(slug)
    return _end(slug, CancelForm(), "cancel", holds.cancel, N_("The project is cancelled."))


def _project_of_mine(slug: str) -> Project:
    found = queries.project(slug)
    if found is None or not _is_mine(found, access.needed()):
        abort(403)
    return found


def _administered(slug: str) -> Project:
    if not access.needed().administers:
        abort(403)
    return _project_of_mine(slug)


def _reasoned(
    project: Project, form: ReasonForm, name: str, status: int = 200, told: str = ""
) -> Any:
    page = render_template(
        f"ashar/moderation/{name}.html",
        project=project,
        title=projects_show.title(project),
        form=form,
        told=told,
    )
    return page, status


def _end(slug: str, form: ReasonForm, name: str, act: Callable[..., object], done: str) -> Any:
    project, reviewer = _project_of_mine(slug), access.needed()
    if not form.validate():
        return _reasoned(project, form, name, 400 if form.forged else 422)
    number, reason, words = project.id, form.reason.data, form.words.data
    try:
        with db.transaction():
            act(session.get_one(Project, number), reviewer, reason, words)
    except Refused as error:
        told = t(str(error), **error.values)
        return _reasoned(_project_of_mine(slug), form, name, 409, told)
    flash(t(done))
    return redirect(links.url("moderated.show_history", slug=slug), 303)


def lift(slug: str) -> Any:
    """Lift a suspension that one placed or confirmed."""
    project, reviewer, form = _project(slug), access.needed(), LiftForm()
    if not form.validate():
        return _history(project, 400 if form.forged else 422, lift=form)
    found, words = queries.hold_of(project), form.words.data or ""
    if found is None:
        return _history(project, 409, told=t(N_("This project is not suspended any more.")))
    number = found.id
    try:
        with db.transaction():
            holds.lift_by(session.get_one(Hold, number), reviewer, words)
    except Refused as error:
        return _history(_project(slug), 409, lift=form, told=t(str(error), **error.values))
    flash(t(N_("The suspension is lifted.")))
    return redirect(links.url("moderated.show_history", slug=slug), 303)
