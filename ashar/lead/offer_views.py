"""The leader's desk of offers: answers, the day of work, what came, lists that were on paper."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import abort, flash, make_response, redirect, render_template, request
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from ashar.kernel import clock, db, links, papers
from ashar.kernel.errors import Refused
from ashar.kernel.forms import Form
from ashar.kernel.i18n import N_, t
from ashar.kernel.papers import Paper
from ashar.lead import access
from ashar.lead.access import Seat
from ashar.lead.offer_forms import AcceptForm, CameForm, DayForm, DeclineForm, PaperForm, day_form
from ashar.pledges import offer_show, offered, offers
from ashar.pledges import queries as pledges
from ashar.pledges.models import Offer
from ashar.pledges.states import OFFER
from ashar.projects import show

SAVED = N_("Saved.")
TOLD = N_("Saved. Who left an e-mail is told.")
#: The forms on an offer's page, and the states in which each is there.
FORMS: dict[str, tuple[Callable[..., Form], frozenset[str]]] = {
    "accept": (AcceptForm, frozenset({"offered", "accepted", "missed"})),
    "came": (CameForm, frozenset({"accepted", "delivered", "missed"})),
    "decline": (DeclineForm, frozenset({"offered", "accepted"})),
}


def index(slug: str) -> Any:
    """List what was offered to a project, all or by state, and the next days of work."""
    seat = access.seat(slug)
    project, state, number = seat.project.id, request.args.get("state", ""), _page_number()
    state = state if state in OFFER.states else ""
    found, numbers = offered.listed(project, state, number), offered.numbers(project)
    return render_template(
        "ashar/lead/offers.html",
        **_frame(seat),
        state=state,
        states=[(name, numbers[name]) for name in OFFER.states if name in numbers],
        total=sum(numbers.values()),
        lines=[offer_show.line(row, contacts=not seat.helper) for row in found.offers],
        days=offered.days(project, clock.today()),
        needs=show.needs(seat.project),
        number=number,
        more=found.more,
    )


def _frame(seat: Seat) -> dict[str, Any]:
    """Return what every page of this desk shows of its project."""
    return {
        "slug": seat.project.slug,
        "title": show.title(seat.project),
        "helper": seat.helper,
    }


def _page_number() -> int:
    asked = request.args.get("page", "1")
    return max(1, int(asked)) if asked.isdecimal() and len(asked) < 6 else 1


def _offer(seat: Seat, token: str) -> Offer:
    return offered.by_token(seat.project.id, token) or abort(404)


def one(slug: str, token: str) -> Any:
    """Show an offer with what its leader may do about it."""
    seat = access.seat(slug)
    return _page(seat, _offer(seat, token))


def _page(seat: Seat, offer: Offer, status: int = 200, **sent: Form) -> Any:
    forms = {
        name: make(offer, formdata=None)
        for name, (make, states) in FORMS.items()
        if offer.state in states and not seat.helper
    }
    page = render_template(
        "ashar/lead/offer.html",
        **_frame(seat),
        offer=offer_show.line(offer, contacts=not seat.helper),
        steps=offer_show.steps(offer),
        left=offer_show.left(offer),
        forms=forms | sent,
    )
    return page, status


def accept(slug: str, token: str) -> Any:
    """Accept an offer, whole or in part."""

    def act(offer: Offer, form: Any, actor: int) -> None:
        offers.accept(
            offer,
            form.quantity.data,
            day=form.day.data,
            meeting=form.meeting.data or "",
            more=form.more.data,
            actor=actor,
        )

    return _answer(slug, token, "accept", act, TOLD)


def decline(slug: str, token: str) -> Any:
    """Decline an offer with a reason."""

    def act(offer: Offer, form: Any, actor: int) -> None:
        offers.decline(offer, reason=form.reason.data, actor=actor)

    return _answer(slug, token, "decline", act, TOLD)


def deliver(slug: str, token: str) -> Any:
    """Say how much of an offer came; nothing is a day missed."""

    def act(offer: Offer, form: Any, actor: int) -> None:
        offers.deliver([(offer, form.quantity.data)], photo=_photo(form), actor=actor)

    return _answer(slug, token, "came", act, TOLD)


def _answer(
    slug: str, token: str, name: str, act: Callable[[Offer, Any, int], None], told: str
) -> Any:
    """Take one of the forms of an offer's page."""
    seat = access.own(slug)
    offer = _offer(seat, token)
    form = FORMS[name][0](offer)
    if not form.validate():
        return _page(seat, offer, 400 if form.forged else 422, **{name: form})
    try:
        with db.transaction():
            seat = access.own(slug)
            act(_offer(seat, token), form, seat.person.id)
    except Refused as error:
        form.form_errors.append(t(str(error), **error.values))
        seat = access.own(slug)
        return _page(seat, _offer(seat, token), 409, **{name: form})
    flash(t(told))
    return redirect(links.url("offers.one", slug=slug, token=token), 303)


def _photo(form: Any) -> tuple[bytes, str] | None:
    """Return an uploaded picture, if one was chosen."""
    found = form.photo.data
    return (found.read(), found.filename) if found and found.filename else None


def photo(slug: str, token: str) -> Response:
    """Send the picture of the day on which an offer came."""
    return picture(_offer(access.seat(slug), token).photo or abort(404))


def picture(paper: Paper) -> Response:
    """Return a picture of a day of work, to who may see it."""
    answer = make_response(papers.read(paper) or abort(404))
    answer.headers["Content-Type"] = paper.kind
    return answer


def listing(slug: str) -> Any:
    """Show the form for a list that was on paper."""
    seat = access.seat(slug)
    return _paper_page(seat, PaperForm(seat.project.needs))


def _paper_page(seat: Seat, form: PaperForm, status: int = 200) -> Any:
    return render_template("ashar/lead/paper.html", **_frame(seat), form=form), status


def enter(slug: str) -> Any:
    """Enter a list that was on paper; the same form twice enters it once."""
    seat = access.seat(slug)
    form = PaperForm(seat.project.needs)
    if not form.validate():
        return _paper_page(seat, form, 400 if form.forged else 422)
    if pledges.by_attempt(f"{form.attempt.data}-0") is None:
        try:
            _enter(slug, form)
        except Refused as error:
            form.form_errors.append(t(str(error), **error.values))
            return _paper_page(access.seat(slug), form, 422)
    flash(t(SAVED))
    return redirect(links.url("offers.index", slug=slug), 303)


def _enter(slug: str, form: PaperForm) -> None:
    """Write a list; of two forms with one attempt, one does."""
    try:
        with db.transaction():
            seat = access.seat(slug)
            need = offered.need(seat.project, form.need.data) or abort(404)
            offers.enter(
                seat.project, need, form.paper(), actor=seat.person.id, leads=not seat.helper
            )
    except IntegrityError:
        if pledges.by_attempt(f"{form.attempt.data}-0") is None:
            raise


def _day(text: str) -> date:
    """Read a day of an address; answer with 404 what is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        abort(404)


def day(slug: str, day: str) -> Any:
    """Show who is expected on a day, to print and to take along."""
    return _day_page(access.seat(slug), _day(day))


def _day_page(seat: Seat, day: date, status: int = 200, form: DayForm | None = None) -> Any:
    found = offered.of_day(seat.project.id, day)
    over = day <= clock.today()
    if form is None and over and not seat.helper and found:
        form = day_form(found, formdata=None)
    lines = [offer_show.line(row, contacts=not seat.helper) for row in found]
    page = render_template(
        "ashar/lead/day.html",
        **_frame(seat),
        day=day,
        lines=lines,
        sums=offer_show.sums(found),
        people=sum(row.people for row in found),
        meetings=sorted({row.meeting for row in found if row.meeting}),
        form=form,
    )
    return page, status


def came(slug: str, day: str) -> Any:
    """Take what came on a day, of all who were expected."""
    seat, when = access.own(slug), _day(day)
    form = day_form(offered.of_day(seat.project.id, when))
    if not form.validate():
        return _day_page(seat, when, 400 if form.forged else 422, form)
    try:
        with db.transaction():
            seat = access.own(slug)
            found = {row.token: row for row in offered.of_day(seat.project.id, when)}
            came = [(found[token], number) for token, number in form.came.items() if token in found]
            offers.deliver(came, photo=_photo(form), actor=seat.person.id)
    except Refused as error:
        form.form_errors.append(t(str(error), **error.values))
        return _day_page(access.own(slug), when, 409, form)
    flash(t(TOLD))
    return redirect(links.url("offers.day", slug=slug, day=day), 303)


def day_file(slug: str, day: str) -> Response:
    """Send a day of work, for the leader's calendar."""
    seat, when = access.seat(slug), _day(day)
    found = offered.of_day(seat.project.id, when)
    if not found:
        abort(404)
    # Calendars are asked for seldom, and what writes them is large.
    from ashar.pledges import days

    view = show.view(seat.project)
    meetings = sorted({row.meeting for row in found if row.meeting})
    work = days.WorkDay(
        key=f"{seat.project.slug}-{when.isoformat()}",
        day=when,
        title=t(N_("Ashar: %(project)s"), project=view.title),
        place=", ".join([*meetings, view.place]),
        about=" · ".join(offer_show.sums(found)),
        url=links.absolute("offers.day", slug=slug, day=day),
    )
    return days.answer([work])
