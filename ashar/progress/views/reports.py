"""Reporting an irregularity, and the reporter's private page."""

from dataclasses import dataclass
from typing import Any

from flask import abort, redirect, render_template, request
from sqlalchemy.exc import IntegrityError

from ashar.kernel import db, limits, links
from ashar.kernel.db import session
from ashar.people import access
from ashar.people import services as people
from ashar.progress import queries, reports, show
from ashar.progress.forms import ReportForm
from ashar.progress.models import Comment, Update
from ashar.progress.reports import Told
from ashar.progress.states import REPORT_REASONS
from ashar.projects import queries as projects
from ashar.projects import show as showing
from ashar.projects.models import Project
from ashar.projects.states import PUBLIC


@dataclass(frozen=True, slots=True)
class About:
    """What is reported: a project, or an update or comment of it."""

    project: Project
    update: Update | None = None
    comment: Comment | None = None

    @property
    def here(self) -> str:
        """Return the address of the form."""
        rows = {"update": self.update, "comment": self.comment}
        asked = {name: row.token for name, row in rows.items() if row is not None}
        return links.url("reports.write", project=self.project.slug, **asked)


def _about() -> About:
    """Read from the address what is reported; answer with 404 what nobody sees."""
    args = request.args
    project = projects.found(args.get("project", "")) or abort(404)
    update = comment = None
    if token := args.get("update", ""):
        update = queries.update(project.id, token) or abort(404)
    if token := args.get("comment", ""):
        comment = queries.comment(project.id, token) or abort(404)
    return About(project, update, comment)


def write() -> Any:
    """Show the form, or where it is found."""
    if "project" not in request.args:
        return render_template("ashar/progress/report.html", about=None)
    return _form(_about(), ReportForm(formdata=None))


def _form(about: About, form: ReportForm, status: int = 200) -> Any:
    page = render_template(
        "ashar/progress/report.html",
        about=about,
        title=showing.title(about.project),
        update=show.updates([about.update], about.project.slug)[0] if about.update else None,
        comment=show.comment(about.comment) if about.comment else None,
        form=form,
    )
    return page, status


def report() -> Any:
    """Take a report and lead to the reporter's private page; the same form twice is one report."""
    about, form = _about(), ReportForm()
    if not form.validate():
        return _form(about, form, 400 if form.forged else 422)
    limits.hit("report", limits.address())
    return redirect(links.url("reports.status", token=_once(form)), 303)


def _once(form: ReportForm) -> str:
    attempt = form.attempt.data or ""
    try:
        with db.transaction():
            if (first := queries.report_by_attempt(attempt)) is not None:
                return first.token
            about, identity = _about(), access.who()
            told = Told(
                attempt=attempt,
                reason=form.reason.data,
                words=form.words.data or "",
                contact=form.contact.data or "",
                person=people.know(identity).id if identity else None,
                update=about.update,
                comment=about.comment,
            )
            return reports.report(about.project, told).token
    except IntegrityError:
        session.rollback()
        if (first := queries.report_by_attempt(attempt)) is None:
            raise
        return first.token


def status(token: str) -> Any:
    """Tell a reporter how far their report is."""
    found = queries.report(token) or abort(404)
    seen = found.project.state in PUBLIC
    return render_template(
        "ashar/progress/report_status.html",
        report=found,
        reason=REPORT_REASONS[found.reason],
        status=reports.status(found),
        slug=found.project.slug if seen else "",
        title=showing.title(found.project) if seen else "",
    )
