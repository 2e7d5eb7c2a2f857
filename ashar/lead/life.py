"""The turns of a project's life that its leader takes: never a helper."""

from datetime import date
from typing import Any

from flask import abort, render_template

from ashar.kernel import clock, db, links
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_, t
from ashar.lead import access, forms, queries, show
from ashar.lead.access import Seat
from ashar.lead.views import desk_page, leave
from ashar.moderation import holds, reviews
from ashar.moderation import queries as moderation
from ashar.projects import content as contents
from ashar.projects import services, versions
from ashar.projects.models import Project
from ashar.projects.states import UNSEEN, WRITABLE

#: Each turn that needs no review: what is asked, what it means, the button, what is told after.
TURNS = {
    "withdraw": (
        "cancelled",
        N_("Take this project back?"),
        N_(
            "It goes out of review, and nobody reads it any more. It cannot be begun again; what "
            "you wrote stays to be read here."
        ),
        N_("Take it back"),
        N_("The project was taken back."),
    ),
    "close": (
        "closed",
        N_("Stop collecting?"),
        N_(
            "No new gifts are taken, and payments that somebody has begun run out. It cannot be "
            "opened again. What was given stays with the project."
        ),
        N_("Stop collecting"),
        N_("The project takes no more gifts."),
    ),
    "start": (
        "in_progress",
        N_("Has the work begun?"),
        N_(
            "Its page says so from now on, and no new gifts are taken. When the work is done, you "
            "write the completion report."
        ),
        N_("Yes, the work has begun"),
        N_("Good work! The page says now that it is in progress."),
    ),
}


def _home(slug: str) -> str:
    return links.url("lead.desk", slug=slug)


# Sending in ----------------------------------------------------------------------------------


def sending(slug: str) -> Any:
    """Show what would be sent to review, or what is missing before."""
    return _sending(access.own(slug), forms.SubmitForm())


def _sending(seat: Seat, form: forms.SubmitForm, status: int = 200, problem: str = "") -> Any:
    project = seat.project
    copy = versions.written(project)
    seen = project.state not in UNSEEN
    slight, grave = versions.split(project, copy) if seen else ([], [])
    lacks = services.lacks_of(project, copy) if slight or grave or not seen else []
    page = render_template(
        "ashar/lead/submit.html",
        slug=project.slug,
        title=show.title(copy.content),
        state=project.state,
        seen=seen,
        writable=project.state in WRITABLE,
        slight=[show.paragraph(one, project.content, copy.content) for one in slight],
        grave=[show.paragraph(one, project.content, copy.content) for one in grave],
        lacks=show.lacks(project.slug, lacks),
        unanswered=queries.open_questions([project]).get(project.id, 0),
        form=form,
        # The list says all of it.
        problem="" if lacks else problem,
    )
    return page, status


def send(slug: str) -> Any:
    """Send the project, or its changes, to review."""
    seat = access.own(slug)
    form = forms.SubmitForm()
    if not form.validate():
        return _sending(seat, form, 400 if form.forged else 422)
    if _is_sent(seat.project):
        return leave(_home(slug))
    try:
        told = _send(seat, form.words.data or "")
    except Refused as error:
        return _sending(seat, form, 422, t(str(error), **show.values(error.values)))
    return leave(_home(slug), told)


def _is_sent(project: Project) -> bool:
    """Tell whether a form comes a second time: what it would send is waiting already."""
    if project.state == "submitted":
        return True
    waiting = versions.pending(project, "change")
    return waiting is not None and waiting.content == versions.written(project).content


def _send(seat: Seat, words: str) -> str:
    with db.transaction():
        if seat.project.state in UNSEEN:
            reviews.submit(seat.project, seat.person, words)
            return t(N_("Sent in. You are told as soon as somebody has read it."))
        made = reviews.propose(seat.project, seat.person, words)
        if all(one.kind == "slight" for one in made):
            return t(N_("Shown now. Another leader looks at it later."))
        return t(N_("Sent in. Until another leader says yes, the page stays as it was."))


# Answers, appeals ----------------------------------------------------------------------------


def answer(slug: str, token: str) -> Any:
    """Answer a reviewer's question."""
    seat = access.own(slug)
    form = forms.AnswerForm(prefix=token)
    if not form.validate():
        return desk_page(seat, 400 if form.forged else 422, answer=form, asked=token)
    try:
        with db.transaction():
            remark = queries.question(seat.project, token) or abort(404)
            reviews.answer(remark, seat.project, seat.person, form.words.data or "")
    except Refused as error:
        form.words.errors = [t(str(error))]
        return desk_page(seat, 422, answer=form, asked=token, problem=t(str(error)))
    return leave(_home(slug) + "#questions", t(N_("Your answer is kept, and goes with the rest.")))


def appeal(slug: str) -> Any:
    """Ask for a hold to be lifted, once."""
    seat = access.own(slug)
    form = forms.AppealForm()
    if not form.validate():
        return desk_page(seat, 400 if form.forged else 422, appeal=form)
    try:
        with db.transaction():
            hold = moderation.hold_of(seat.project) or abort(404)
            holds.appeal(hold, seat.person, form.words.data or "")
    except Refused as error:
        return desk_page(seat, 422, appeal=form, problem=t(str(error)))
    return leave(_home(slug), t(N_("Sent. Somebody who did not hold it up reads it.")))


# Turns ---------------------------------------------------------------------------------------


def turning(slug: str, turn: str) -> Any:
    """Ask whether a turn is meant."""
    return _turning(access.own(slug), turn)


def _turning(seat: Seat, turn: str, status: int = 200, problem: str = "") -> Any:
    if turn not in TURNS:
        abort(404)
    _, question, meaning, button, _ = TURNS[turn]
    page = render_template(
        "ashar/lead/turn.html",
        slug=seat.project.slug,
        title=show.title(versions.written(seat.project).content),
        turn=turn,
        possible=turn in show.turns(seat.project.state),
        question=t(question),
        meaning=t(meaning),
        button=t(button),
        form=forms.PlainForm(),
        problem=problem,
    )
    return page, status


def take_turn(slug: str, turn: str) -> Any:
    """Take a turn."""
    seat = access.own(slug)
    if turn not in TURNS:
        abort(404)
    if not forms.PlainForm().validate():
        return _turning(seat, turn, 400)
    state, *_, told = TURNS[turn]
    if seat.project.state == state:
        return leave(_home(slug))
    try:
        with db.transaction():
            _turn(seat, turn, state)
    except Refused as error:
        return _turning(seat, turn, 422, t(str(error)))
    return leave(_home(slug), t(told))


def _turn(seat: Seat, turn: str, state: str) -> None:
    if turn == "withdraw":
        reviews.withdraw(versions.lock(seat.project.id), seat.person)
    else:
        services.step(seat.project, state, actor=seat.person.id, why="said by its leader")


# A later day ---------------------------------------------------------------------------------


def later(slug: str) -> Any:
    """Show the form for a later deadline."""
    seat = access.own(slug)
    mark = versions.written(seat.project).marks.get("goal", {})
    return _later(seat, forms.ExtendForm(data={"base": mark.get("revision", 0)}))


def _later(seat: Seat, form: forms.ExtendForm, status: int = 200, **more: Any) -> Any:
    project, copy = seat.project, versions.written(seat.project)
    others = [
        show.paragraph(one, project.content, copy.content)
        for one in contents.changes(project.content, copy.content)
        if one.key != "deadline"
    ]
    page = render_template(
        "ashar/lead/extend.html",
        slug=project.slug,
        title=show.title(copy.content),
        deadline=project.deadline,
        possible=project.state in {"published", "funded"},
        others=others,
        form=form,
        **{"problem": "", "lacks": ()} | more,
    )
    return page, status


def extend(slug: str) -> Any:
    """Propose a later deadline; another leader says yes or no."""
    seat = access.own(slug)
    form = forms.ExtendForm()
    if not form.validate():
        return _later(seat, form, 400 if form.forged else 422)
    if (wrong := _not_later(seat.project, form.deadline.data)) is not None:
        form.deadline.errors = [t(wrong)]
        return _later(seat, form, 422)
    try:
        with db.transaction():
            _extend(seat, form)
    except Refused as error:
        lacks = show.lacks(slug, services.lacks_of(seat.project, versions.written(seat.project)))
        problem = t(str(error), **show.values(error.values))
        return _later(seat, form, 422, problem=problem, lacks=lacks)
    return leave(_home(slug), t(N_("Sent in. Until another leader says yes, the old day holds.")))


def _not_later(project: Project, day: date | None) -> str | None:
    if project.state not in {"published", "funded"}:
        return N_("This project does not collect now.")
    if day is None:
        return N_("This field is required.")
    if day <= clock.today() or (project.deadline and day <= project.deadline):
        return N_("The new day has to be later than the old one.")
    return None


def _extend(seat: Seat, form: forms.ExtendForm) -> None:
    project = versions.lock(seat.project.id)
    day = {"deadline": form.deadline.data.isoformat()}
    copy = versions.working(project)
    if "goal" in (entered := versions.entered_by_helpers(copy)):
        raise Refused(versions.ENTERED, name=entered["goal"])
    base = copy.marks.get("goal", {}).get("revision", 0)
    versions.save(project, "goal", day, base=base, by=seat.person)
    if not _is_sent(project):
        reviews.propose(project, seat.person, form.words.data or "")


# The end -------------------------------------------------------------------------------------


def reporting(slug: str) -> Any:
    """Show the form of the completion report."""
    seat = access.own(slug)
    codes = contents.languages(seat.project.content)
    waiting = versions.pending(seat.project, "completion")
    report = waiting.content.get("report", {}) if waiting else {}
    return _reporting(seat, codes, forms.report_form(codes, report))


def _reporting(
    seat: Seat, codes: list[str], form: Any, status: int = 200, problem: str = ""
) -> Any:
    page = render_template(
        "ashar/lead/complete.html",
        slug=seat.project.slug,
        title=show.title(seat.project.content),
        possible=seat.project.state == "in_progress",
        languages=[(code, forms.language_name(code)) for code in codes],
        names=forms.REPORT,
        form=form,
        problem=problem,
    )
    return page, status


def report(slug: str) -> Any:
    """Send the completion report."""
    seat = access.own(slug)
    codes = contents.languages(seat.project.content)
    form = forms.report_form(codes, {})
    if not form.validate():
        return _reporting(seat, codes, form, 400 if form.forged else 422)
    said = forms.report_of(form, codes)
    waiting = versions.pending(seat.project, "completion")
    if waiting is None or waiting.content.get("report") != said:
        try:
            with db.transaction():
                reviews.complete(seat.project, seat.person, said)
        except Refused as error:
            return _reporting(seat, codes, form, 422, t(str(error)))
    return leave(_home(slug), t(N_("Sent in. Once another leader has read it, it is completed.")))
