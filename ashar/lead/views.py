"""The desk: somebody's projects, a new one, one project's desk, its preview and its versions."""

from typing import Any

from flask import abort, current_app, flash, redirect, render_template, url_for
from sqlalchemy.exc import IntegrityError
from werkzeug.routing import BuildError
from werkzeug.wrappers import Response

from ashar.kernel import db, i18n, limits, links
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_, t
from ashar.lead import access, forms, queries, show
from ashar.lead.access import Seat
from ashar.lead.steps import NewForm
from ashar.moderation import access as moderation
from ashar.people import access as people
from ashar.people.models import Person
from ashar.pledges import closing
from ashar.projects import content as contents
from ashar.projects import services, versions
from ashar.projects.words import EVIDENCE_WORDS


def overview() -> Any:
    """Show who leads or helps their projects, and what waits for them."""
    person, leads = people.person(), "leader" in people.roles()
    held = person is not None and any(role.name == "leader" for role in person.roles)
    projects = moderation.desk(person.id) if person else []
    if person is not None and not leads:
        # A role counts only behind a second factor; helping needs none.
        projects = [one for one in projects if one.owner_id != person.id]
    if person is None or not (leads or projects):
        return _not_yet(held)
    return render_template(
        "ashar/lead/index.html",
        rows=show.overview(person.id, projects),
        leads=leads,
        weak=held and not leads,
        account_url=_account_url(),
    )


def _not_yet(held: bool) -> Any:
    """Tell somebody who neither leads nor helps how one comes to it."""
    page = render_template(
        "ashar/lead/closed.html",
        weak=held,
        apply_url=_apply_url(),
        account_url=_account_url(),
    )
    return page, 403


def _apply_url() -> str:
    return found("people.apply")


def _account_url() -> str:
    """Return where a second factor is set up: our own account, or the host's sign-in."""
    try:
        return url_for("ashar_accounts.overview")
    except BuildError:
        return str(current_app.config["ASHAR_SIGN_IN_URL"])


def found(endpoint: str, **values: Any) -> str:
    """Return the address of a page that other features may have, empty where none does."""
    try:
        return links.url(endpoint, **values)
    except BuildError:
        return ""


def new() -> Any:
    """Show the form for a new project."""
    return _new(NewForm())


def _new(form: NewForm, status: int = 200) -> Any:
    return render_template("ashar/lead/new.html", form=form), status


def begin() -> Any:
    """Begin a project; the same form twice begins one."""
    form = NewForm()
    if not form.validate():
        return _new(form, 400 if form.forged else 422)
    person = people.person() or abort(403)
    try:
        project = _begin(form, person)
    except Refused as error:
        form.form_errors.append(t(str(error), **error.values))
        return _new(form, 422)
    flash(t(N_("Your project is begun. Whatever you save from now on stays.")))
    return redirect(links.url("drafts.step", slug=project, step="story"), 303)


def _begin(form: NewForm, person: Person) -> str:
    owner, attempt = person.id, form.attempt.data or None
    if attempt and (known := queries.begun(owner, attempt)) is not None:
        return known.slug
    limits.hit("begin", str(owner))
    try:
        with db.transaction():
            made = services.begin(form.content(), owner=person, attempt=attempt)
            return made.slug
    except IntegrityError:
        # Another form with the same title was there between the look and the writing.
        with db.transaction():
            made = services.begin(form.content(), owner=person, attempt=attempt)
            return made.slug


def desk(slug: str) -> Any:
    """Show a project's desk."""
    return desk_page(access.seat(slug))


def desk_page(seat: Seat, status: int = 200, **sent: Any) -> Any:
    """Return a project's desk, with forms that were sent and refused."""
    shown = show.desk(seat)
    answers = {
        asked.remark.token: sent.get("answer")
        if sent.get("asked") == asked.remark.token
        else forms.AnswerForm(prefix=asked.remark.token, data={"words": asked.remark.answer})
        for asked in shown.questions
    }
    page = render_template(
        "ashar/lead/desk.html",
        desk=shown,
        answers=answers,
        appeal=sent.get("appeal") or forms.AppealForm(),
        problem=sent.get("problem", ""),
        reason=show.reason,
        going_back=closing.progress(seat.project),
        updates_url=found("writing.index", slug=seat.project.slug),
    )
    return page, status


def preview(slug: str) -> Any:
    """Show the project's page as donors would see it."""
    seat = access.seat(slug)
    copy = versions.written(seat.project)
    shown = show.preview(seat.project, copy.content)
    languages = [(code, i18n.ENDONYMS.get(code, code)) for code in contents.languages(copy.content)]
    return render_template(
        "ashar/lead/preview.html",
        project=shown,
        evidence=EVIDENCE_WORDS,
        preview=True,
        back=links.url("lead.desk", slug=slug),
        languages=languages,
    )


def list_versions(slug: str) -> Any:
    """List a project's versions."""
    seat = access.seat(slug)
    return render_template(
        "ashar/lead/versions.html",
        slug=slug,
        title=show.title(versions.written(seat.project).content),
        versions=show.version_lines(seat.project),
    )


def show_version(slug: str, no: str) -> Any:
    """Show how a version differs from what it was compared with."""
    seat = access.seat(slug)
    found = versions.all_of(seat.project)
    version = next((one for one in found if str(one.no) == no), None) or abort(404)
    old, new = show.before(seat.project, version), version.content
    if seat.helper:
        old, new = contents.public(old) if old else {}, contents.public(new)
    line = next(one for one in show.version_lines(seat.project) if one.no == version.no)
    return render_template(
        "ashar/lead/version.html",
        slug=slug,
        title=show.title(new),
        version=line,
        paragraphs=show.paragraphs(old, new),
    )


def leave(url: str, told: str = "") -> Response:
    """Answer a form that was taken: on to a page, with a word of what was done."""
    if told:
        flash(told)
    return redirect(url, 303)
