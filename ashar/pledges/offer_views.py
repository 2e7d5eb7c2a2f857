"""Offering hands and things, and an offer's private page.

The pledge form and the pledge's page are one address for every kind: what is money goes on to the
views of money.
"""

from collections.abc import Callable, Sequence
from typing import Any

from flask import abort, redirect, render_template, request
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from ashar.kernel import db, limits, links, outbox
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_, t
from ashar.kernel.limits import limited
from ashar.people import access
from ashar.people import services as people
from ashar.pledges import changing, offer_show, offered, offers, queries, services, views, witnesses
from ashar.pledges.forms import CancelForm
from ashar.pledges.models import Offer, Pledge
from ashar.pledges.offer_forms import ConfirmForm, OfferForm
from ashar.pledges.states import OFFERED
from ashar.projects import queries as projects
from ashar.projects import show
from ashar.projects.models import Need, Project
from ashar.projects.states import HANDS

SENT = N_("We have sent a link to the e-mail of this offer.")
NO_EMAIL = N_("This offer has no e-mail to send a link to. Please tell the project's leader.")


def form(slug: str) -> Any:
    """Show the form for what is asked for: money, or hands and things."""
    kind = request.args.get("kind", "money")
    if kind not in OFFERED:
        return views.form(slug)
    project, needs = _needs(slug, kind)
    if project.state not in HANDS:
        return views.closed(project, offers.NO_HANDS)
    if not needs:
        return views.closed(project, N_("This project does not ask for this."))
    return _form(project, OfferForm(kind, needs, request.args.get("need", "")))


def pledge(slug: str) -> Any:
    """Take a pledge of any kind."""
    kind = request.form.get("kind", "money")
    return _offer(slug, kind) if kind in OFFERED else views.pledge(slug)


def _needs(slug: str, kind: str) -> tuple[Project, Sequence[Need]]:
    project = projects.found(slug) or abort(404)
    return project, [need for need in project.needs if need.kind == kind]


def _offer(slug: str, kind: str) -> Any:
    """Take an offer; the same form twice makes one."""
    project, needs = _needs(slug, kind)
    if (known := queries.by_attempt(request.form.get("attempt", ""))) is not None:
        return _to(known.token)
    form = OfferForm(kind, needs)
    valid = form.validate()
    doing = {"pledge": limits.address()}
    if valid:
        reached = form.email.data or form.phone.data
        doing |= {"pledge-email": reached.casefold(), "project-pledges": slug}
    limits.hit_all(doing)
    if not valid:
        return _form(project, form, 400 if form.forged else 422)
    try:
        token = _make(slug, form)
    except Refused as error:
        form.form_errors.append(t(str(error), **error.values))
        return _form(_needs(slug, kind)[0], form, 422)
    changing.remember(token)
    return _to(token)


def _make(slug: str, form: OfferForm) -> str:
    """Write the offer; of two forms with one attempt, both get the first one's."""
    try:
        with db.transaction():
            identity = access.who()
            person = people.know(identity).id if identity else None
            project = projects.found(slug) or abort(404)
            need = offered.need(project, form.need.data)
            if need is None or need.kind != form.kind.data:
                raise Refused(N_("The leader has just changed what is needed. Please look again."))
            return offers.make(project, need, form.wish(person)).pledge.token
    except IntegrityError:
        first = queries.by_attempt(form.attempt.data or "")
        if first is None:
            raise
        return first.token


def _to(token: str) -> Response:
    return redirect(links.url("pledges.show", token=token), 303)


def _form(project: Project, form: OfferForm, status: int = 200) -> Any:
    page = render_template(
        "ashar/pledges/form.html",
        project=show.view(project),
        form=form,
        suggestions=(),
        next_line=t(
            N_(
                "The project's leader reads it and answers. Until then you can take it back at any "
                "time, and also after that while nothing of it has come."
            )
        ),
    )
    return page, status


def _found(token: str) -> Pledge:
    return queries.by_link(token) or abort(404)


def _offer_of(token: str) -> Offer:
    return _found(token).offer or abort(404)


def _is_offer(token: str) -> bool:
    return queries.kind_of(token) not in {None, "money"}


def show_pledge(token: str) -> Any:
    """Show a pledge of any kind to whoever holds its link."""
    return _show(token) if _is_offer(token) else views.show_pledge(token)


@limited("pledge-page")
def _show(token: str) -> Any:
    return _page(_offer_of(token))


def _page(offer: Offer, status: int = 200, **more: Any) -> Any:
    shown, key = offer_show.view(offer), more.pop("key", "")
    more = {"told": "", "asked": ""} | more
    page = render_template(
        "ashar/pledges/offer.html",
        offer=shown,
        mine=changing.is_known(offer.pledge),
        cancel_form=CancelForm(key=key, formdata=None),
        confirm_form=more.pop("form", None) or ConfirmForm(offer, key=key, formdata=None),
        **more,
    )
    return page, status


def confirm_cancel(token: str) -> Any:
    """Ask whether to cancel a pledge, or to take an offer back, with the key of a fresh link."""
    return _asked(token, "cancel") if _is_offer(token) else views.confirm_cancel(token)


def confirm_offer(token: str) -> Any:
    """Ask whether it came, with the key of a fresh link."""
    return _asked(token, "offer")


@limited("pledge-page")
def _asked(token: str, purpose: str) -> Any:
    offer, key = _offer_of(token), request.args.get("key", "")
    made = offer.pledge
    good = _is_theirs(made) or services.key_opens(made, purpose, key)
    return _page(offer, asked=purpose if good else "stale", key=key)


def _is_theirs(made: Pledge) -> bool:
    return changing.is_known(made)


def cancel(token: str) -> Any:
    """Cancel a pledge that was not paid, or take an offer back."""
    return _take_back(token) if _is_offer(token) else views.cancel(token)


@limited("change")
def _take_back(token: str) -> Any:
    form = CancelForm()
    if not form.validate():
        return _page(_offer_of(token), 400)
    return _change(token, "cancel", form.key.data or "", _withdraw)


def _withdraw(offer: Offer) -> None:
    person = access.person()
    offers.withdraw(offer, actor=person.id if person else None)


@limited("change")
def confirm(token: str) -> Any:
    """Have an offer's giver say that it came, whole or in part."""
    offer = _offer_of(token)
    form = ConfirmForm(offer)
    if not form.validate():
        status = 400 if form.forged else 422
        return _page(offer, status, form=form, asked="offer")
    quantity = form.quantity.data or 0

    def confirmed(found: Offer) -> None:
        offers.confirm(found, quantity, role=witnesses.GIVER, person=access.person())

    return _change(token, "offer", form.key.data or "", confirmed)


def _change(token: str, purpose: str, key: str, act: Callable[[Offer], None]) -> Any:
    """Change an offer for who made it; a forwarded link alone only has a fresh one sent."""
    try:
        with db.transaction():
            made = _found(token)
            if _is_theirs(made) or services.use_key(made, purpose, key):
                act(_offer_of(token))
                allowed = True
            else:
                allowed = False
    except Refused as error:
        return _page(_offer_of(token), 409, told=t(str(error), **error.values))
    if allowed:
        return _to(token)
    return _page(_offer_of(token), told=t(_send_key(token, purpose)))


def _send_key(token: str, purpose: str) -> str:
    """Send a fresh link to an offer's own e-mail; return what to tell."""
    with db.transaction():
        made = _found(token)
        if not made.email:
            return NO_EMAIL
        nonce = services.make_key(made, purpose)
        outbox.emit("offer_key", pledge=made.id, purpose=purpose, nonce=nonce)
    return SENT


@limited("pledge-page")
def day_file(token: str) -> Response:
    """Send the day of an accepted offer, for a calendar."""
    offer = _offer_of(token)
    if not offer_show.calendar_url(offer) or offer.day is None:
        abort(404)
    # Calendars are asked for seldom, and what writes them is large.
    from ashar.pledges import days

    shown = offer_show.view(offer)
    work = days.WorkDay(
        key=offer.token,
        day=offer.day,
        title=t(N_("Ashar: %(project)s"), project=shown.project.title),
        place=", ".join(filter(None, (offer.meeting, shown.place))),
        about=offer_show.said(offer),
        url=links.absolute("projects.show", slug=offer.project.slug),
    )
    return days.answer([work])
