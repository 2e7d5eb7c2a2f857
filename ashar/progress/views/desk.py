"""The leader's desk of updates: writing, pictures, publishing; helpers write, the leader shows."""

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from ashar.kernel import db, links, media
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_, t
from ashar.progress import queries, services, show
from ashar.progress.access import Writer, writer
from ashar.progress.forms import ActForm, PictureForm, UpdateForm, update_form
from ashar.progress.models import Update
from ashar.projects import show as showing

PER_PAGE = 50


def _writer(slug: str) -> Writer:
    """Return who writes; others are not even told whether the project exists."""
    return writer(slug) or abort(403)


def _leader(slug: str) -> Writer:
    found = _writer(slug)
    return found if found.leads else abort(403)


def _update(at: Writer, token: str) -> Update:
    return queries.written(at.project.id, token) or abort(404)


def index(slug: str) -> Any:
    """List a project's updates, drafts and hidden ones too."""
    at, page = _writer(slug), show.number()
    rows, total = queries.all_written(at.project.id, page, PER_PAGE)
    pages = show.pages(total, PER_PAGE)
    return render_template(
        "ashar/progress/desk.html",
        at=at,
        title=showing.title(at.project),
        updates=rows,
        page=show.Pager(min(page, pages), pages, "writing.index", {"slug": slug}),
    )


def new(slug: str) -> Any:
    """Show an empty form."""
    return _form(_writer(slug), update_form())


def create(slug: str) -> Any:
    """Begin an update."""
    at, form = _writer(slug), update_form()
    if not form.validate():
        return _form(at, form, status=400 if form.forged else 422)
    with db.transaction():
        token = services.write(_writer(slug), form.draft).token
    return _saved(slug, token)


def _saved(slug: str, token: str, words: str = N_("Saved.")) -> Response:
    flash(t(words))
    return redirect(links.url("writing.edit", slug=slug, token=token), 303)


def edit(slug: str, token: str) -> Any:
    """Show an update's form."""
    at = _writer(slug)
    update = _update(at, token)
    return _form(at, update_form(update), update)


def save(slug: str, token: str) -> Any:
    """Save an update's texts."""
    at = _writer(slug)
    update, form = _update(at, token), update_form()
    if not form.validate():
        return _form(at, form, update, status=400 if form.forged else 422)
    try:
        with db.transaction():
            at = _writer(slug)
            services.save(_update(at, token), at, form.draft, form.revision)
    except Refused as error:
        return _refused(slug, token, form, error)
    return _saved(slug, token)


def _refused(slug: str, token: str, form: UpdateForm, error: Refused) -> Any:
    """Show what was typed again, beside why it was not saved; sent once more it counts."""
    at = _writer(slug)
    update = _update(at, token)
    form.form_errors.append(t(str(error), **error.values))
    form.base.data = str(update.revision)
    return _form(at, form, update, status=409)


def _form(at: Writer, form: UpdateForm, update: Update | None = None, **more: Any) -> Any:
    status = more.pop("status", 200)
    page = render_template(
        "ashar/progress/form.html",
        at=at,
        title=showing.title(at.project),
        form=form,
        update=update,
        pictures=show.updates([update], at.project.slug)[0].pictures if update else [],
        picture_form=more.get("picture_form") or PictureForm(formdata=None),
        act=ActForm(formdata=None),
    )
    return page, status


def preview(slug: str, token: str) -> Any:
    """Show an update as its readers will see it, and ask whether to publish it."""
    return _preview(_writer(slug), token)


def _preview(at: Writer, token: str, status: int = 200, told: str = "") -> Any:
    update = _update(at, token)
    page = render_template(
        "ashar/progress/preview.html",
        at=at,
        title=showing.title(at.project),
        update=show.updates([update], at.project.slug)[0],
        row=update,
        act=ActForm(formdata=None),
        told=told,
    )
    return page, status


def publish(slug: str, token: str) -> Any:
    """Show an update to everybody."""
    return _act(slug, token, lambda at, update: services.publish(update, at), N_("Published."))


def hide(slug: str, token: str) -> Any:
    """Take an update out of everybody's sight."""

    def act(at: Writer, update: Update) -> None:
        services.hide(update, "leader", "", at.person.id)

    return _act(slug, token, act, N_("Hidden. You can publish it again."))


def _act(slug: str, token: str, act: Callable[[Writer, Update], None], done: str) -> Any:
    at = _leader(slug)
    if not ActForm().validate():
        return _preview(at, token, 400)
    try:
        with db.transaction():
            at = _leader(slug)
            act(at, _update(at, token))
    except Refused as error:
        return _preview(_writer(slug), token, 409, t(str(error), **error.values))
    flash(t(done))
    return redirect(links.url("writing.index", slug=slug), 303)


def add_picture(slug: str, token: str) -> Any:
    """Add a picture to an update."""
    at, form = _writer(slug), PictureForm()
    update = _update(at, token)
    if not form.validate():
        status = 400 if form.forged else 422
        return _form(at, _untouched(update), update, picture_form=form, status=status)
    data = request.files["picture"].read()
    try:
        made = media.encoded(data)
        with db.transaction():
            at = _writer(slug)
            alt, caption = form.alt.data or "", form.caption.data or ""
            services.add_picture(_update(at, token), at, made, alt, caption)
    except Refused as error:
        form.form_errors.append(t(str(error), **error.values))
        at = _writer(slug)
        update = _update(at, token)
        return _form(at, _untouched(update), update, picture_form=form, status=422)
    return _saved(slug, token, N_("The picture is there."))


def _untouched(update: Update) -> UpdateForm:
    """Return an update's form as its row has it, whatever was sent in another form."""
    return update_form(update, sent=False)


def remove_picture(slug: str, token: str, picture: str) -> Any:
    """Take a picture out of an update."""
    at = _writer(slug)
    update = _update(at, token)
    if not ActForm().validate():
        return _form(at, _untouched(update), update, status=400)
    try:
        with db.transaction():
            at = _writer(slug)
            services.remove_picture(_update(at, token), at, picture)
    except Refused as error:
        return _refused(slug, token, _untouched(_update(_writer(slug), token)), error)
    return _saved(slug, token, N_("The picture is gone."))
