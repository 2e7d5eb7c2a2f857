"""Writing a project: a form per step, translations, pictures, and the leader's confirming."""

from typing import Any

from flask import abort, flash, redirect, render_template, request
from werkzeug.datastructures import FileStorage

from ashar.kernel import db, i18n, limits, links, media, pictures
from ashar.kernel.errors import Refused, Stale
from ashar.kernel.i18n import N_, t
from ashar.kernel.media import Encoded, Media
from ashar.kernel.money import Money
from ashar.lead import access, forms, queries, show, steps, translations
from ashar.lead.access import Seat
from ashar.lead.steps import StepForm
from ashar.projects import content as contents
from ashar.projects import services, versions
from ashar.projects.models import Working
from ashar.projects.states import UNSEEN, WRITABLE

#: Pictures of a project at most.
MOST_PICTURES = 12
MEGABYTE = 1024 * 1024
ORDER = tuple(contents.STEPS)


def step(slug: str, step: str) -> Any:
    """Show a step's form."""
    seat = access.seat(slug)
    copy = versions.written(seat.project)
    return _page(seat, step, copy, _form(seat, step, copy))


def save_step(slug: str, step: str) -> Any:
    """Save a step, as far as it is written, and go on."""
    return _save(access.seat(slug), step)


def words(slug: str, code: str) -> Any:
    """Show the form for the texts in another language."""
    seat = access.seat(slug)
    copy = versions.written(seat.project)
    return _page(seat, f"words:{code}", copy, _form(seat, f"words:{code}", copy))


def save_words(slug: str, code: str) -> Any:
    """Save the texts in another language."""
    return _save(access.seat(slug), f"words:{code}")


def _form(seat: Seat, part: str, copy: Working) -> StepForm:
    """Make a part's form; answer 404 for a part that does not exist."""
    wanted = request.args.get("lines", "")
    blank = int(wanted) if wanted.isdecimal() and len(wanted) < 3 else steps.BLANK_LINES
    more = {
        "base": copy.marks.get(part, {}).get("revision", 0),
        "blank": min(blank, 20),
        "helper": seat.helper,
        "public": seat.project.state not in UNSEEN,
    }
    kind, _, code = part.partition(":")
    if code:
        known = [one for one, _ in translations.other_languages(copy.content)]
        return translations.words_form(copy.content, code, **more) if code in known else abort(404)
    form = forms.FORMS.get(kind) or abort(404)
    return form(copy.content, **more)


def _save(seat: Seat, part: str) -> Any:
    copy = versions.written(seat.project)
    form = _form(seat, part, copy)
    if not form.validate():
        return _page(seat, part, copy, form, 400 if form.forged else 422)
    try:
        _write(seat, part, form)
    except Stale as error:
        return _stale(seat, part, form, error)
    except Refused as error:
        form.form_errors.append(t(str(error), **error.values))
        return _page(seat, part, versions.written(seat.project), form, 422)
    flash(t(N_("Saved.")))
    return redirect(_next(seat.project.slug, part), 303)


def _write(seat: Seat, part: str, form: StepForm) -> None:
    with db.transaction():
        project = versions.lock(seat.project.id)
        content = versions.working(project).content
        versions.save(
            project,
            part,
            form.values(content),
            base=form.base_revision,
            by=seat.person,
            helper=seat.helper,
        )


def _next(slug: str, part: str) -> str:
    """Return where to go on: the next step, the same one, or the same with more lines."""
    then = request.form.get("then", "")
    if then == "more":
        return links.url("drafts.step", slug=slug, step=part, lines=6) + "#more"
    if then != "next":
        return show.step_url(slug, part)
    later = ORDER[ORDER.index(part) + 1 :] if part in ORDER else ()
    return show.step_url(slug, later[0]) if later else links.url("lead.desk", slug=slug)


def _stale(seat: Seat, part: str, form: StepForm, error: Stale) -> Any:
    """Show what somebody else has saved beside what was typed; saved again, that stands."""
    copy = versions.written(seat.project)
    form.form_errors.append(t(str(error), **error.values))
    form.base.data = str(copy.marks[part]["revision"])
    mine = copy.content | form.values(copy.content)
    if seat.helper:
        mine = contents.whole(mine)
    return _page(
        seat, part, copy, form, 422, theirs=show.paragraphs(copy.content, mine),
        name=error.values.get("name", ""),
    )  # fmt: skip


def _page(seat: Seat, part: str, copy: Working, form: Any, status: int = 200, **more: Any) -> Any:
    slug = seat.project.slug
    kind = "words" if ":" in part else part
    found = show.part(slug, part, copy)
    page = render_template(
        f"ashar/lead/steps/{kind}.html",
        slug=slug,
        title=show.title(copy.content),
        part=found,
        parts=show.parts(slug, copy, ()),
        languages=show.languages(slug, copy) if ":" in part else (),
        form=form,
        helper=seat.helper,
        writable=seat.project.state in WRITABLE,
        confirm=None if seat.helper else forms.ConfirmForm(data={"revision": found.revision}),
        original=i18n.ENDONYMS.get(copy.content["language"], ""),
        language=copy.content["language"],
        content=copy.content,
        **_more(seat, part, copy, more),
    )
    return page, status


def _more(seat: Seat, part: str, copy: Working, given: dict[str, Any]) -> dict[str, Any]:
    """Return what single parts show beside their form."""
    content = copy.content
    if part == "budget":
        total = sum(line["amount"] for line in content["budget"])
        sums = {"goal": content["goal"], "total": total}
        return given | {name: Money(sum, content["currency"]) for name, sum in sums.items()}
    if part == "pictures":
        given = {"photos": forms.PhotosForm(), **given}
        room = max(0, MOST_PICTURES - len(content["pictures"]))
        return given | {"rows": queries.pictures(seat.project), "room": room}
    return given


def confirm(slug: str, part: str) -> Any:
    """Have the leader stand behind what a helper entered, as the leader has read it."""
    seat = access.own(slug)
    form = forms.ConfirmForm()
    copy = versions.written(seat.project)
    written = _form(seat, part, copy)
    if not form.validate():
        return _page(seat, part, copy, written, 400)
    with db.transaction():
        project = versions.lock(seat.project.id)
        mark = versions.working(project).marks.get(part, {})
        same = str(mark.get("revision", 0)) == form.revision.data
        if same:
            versions.confirm(project, part, seat.person)
    if not same:
        flash(t(N_("It was saved again while you were reading. Please read it once more.")))
        return redirect(show.step_url(slug, part), 303)
    flash(t(N_("Confirmed: it now counts as yours.")))
    return redirect(links.url("lead.desk", slug=slug), 303)


def add_pictures(slug: str) -> Any:
    """Take pictures in: those that are good stay, of the others it is said why not."""
    seat = access.seat(slug)
    form = forms.PhotosForm()
    quietly = "quietly" in request.form
    if not form.validate():
        return _refuse_pictures(seat, form, quietly, 400 if form.forged else 422)
    sent = [one for one in request.files.getlist("photos") if one.filename][:MOST_PICTURES]
    wrong = [words for one in sent if (words := _take_in(seat, one, form.alt.data or ""))]
    if not sent:
        wrong = [t(N_("Please choose a picture first."))]
    if wrong:
        form.photos.errors = wrong
        return _refuse_pictures(seat, form, quietly, 422)
    if quietly:
        return "", 204
    flash(t(N_("Saved. Please say what is to be seen on each.")))
    return redirect(links.url("drafts.step", slug=slug, step="pictures"), 303)


def _refuse_pictures(seat: Seat, form: forms.PhotosForm, quietly: bool, status: int) -> Any:
    if quietly:
        told = " ".join(map(str, form.photos.errors)) or t(N_("Please try again."))
        return told, status, {"Content-Type": "text/plain; charset=utf-8"}
    copy = versions.written(seat.project)
    made = forms.FORMS["pictures"](
        copy.content, base=copy.marks.get("pictures", {}).get("revision", 0)
    )
    return _page(seat, "pictures", copy, made, status, photos=form)


def _take_in(seat: Seat, file: FileStorage, alt: str) -> str:
    """Take one picture in; return why not, if not."""
    data = file.read(pictures.LARGEST_BYTES + 1)
    try:
        _check_room(seat)
        for _ in range(1 + len(data) // MEGABYTE):
            limits.hit("upload", seat.project.slug)
        made = media.encoded(data)
        with db.transaction():
            _add(seat, made, alt)
    except Refused as error:
        return f"{file.filename}: {t(str(error), **error.values)}"
    return ""


def _check_room(seat: Seat) -> None:
    """Look before the work of decoding it."""
    if seat.project.state not in WRITABLE:
        raise Refused(N_("This project cannot be changed now."))
    if len(versions.written(seat.project).content["pictures"]) >= MOST_PICTURES:
        raise Refused(N_("A project has twelve pictures at most. Please remove one first."))


def _add(seat: Seat, made: Encoded, alt: str) -> None:
    """Add a picture to the working copy; the same one twice is there once."""
    project = versions.lock(seat.project.id)
    copy = versions.working(project)
    picture = queries.same_picture(project, made.digest) or _new_picture(seat, made)
    lines = copy.content["pictures"]
    if picture.token in {line["key"] for line in lines}:
        return
    _check_room(seat)
    said = {copy.content["language"]: alt} if alt else {}
    line = {"key": picture.token, "alt": said, "caption": {}}
    values, mark = {"pictures": [*lines, line]}, copy.marks.get("pictures", {})
    base = mark.get("revision", 0)
    versions.save(project, "pictures", values, base=base, by=seat.person, helper=seat.helper)
    if mark.get("helper"):
        # One more of the leader's does not confirm those before it.
        kept = copy.marks["pictures"] | {"helper": True, "name": mark["name"]}
        copy.marks = copy.marks | {"pictures": kept}


def _new_picture(seat: Seat, made: Encoded) -> Media:
    row = media.add(made)
    services.keep_picture(seat.project, row)
    return row
