"""Pledging, and the pledge's private page."""

from typing import Any

from flask import abort, make_response, redirect, render_template, request
from flask import session as cookie
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from ashar.kernel import clock, db, i18n, limits, links, outbox
from ashar.kernel.db import session
from ashar.kernel.errors import GatewayError, GatewayRefused, Refused
from ashar.kernel.i18n import N_, t
from ashar.kernel.limits import limited
from ashar.people import access
from ashar.people import services as people
from ashar.pledges import checkout, lists, pages, queries, services, tasks
from ashar.pledges.checkout import Ready
from ashar.pledges.forms import CancelForm, PledgeForm, RetryForm, suggestions
from ashar.pledges.models import Pledge
from ashar.projects import queries as projects
from ashar.projects import show
from ashar.projects.models import Project

#: Seconds for which the browser that made a pledge may change it without a fresh link.
MADE_HERE_LIFE = 30 * 60
MADE_HERE = "ashar_made"


def form(slug: str) -> Any:
    """Show the form."""
    project = _project(slug)
    if not services.takes_gifts(project):
        return _closed(project, N_("This project does not take gifts now."))
    if not lists.ways():
        return _closed(project, N_("No way of paying is set up here yet."))
    return _form(project, PledgeForm(project.currency, lists.ways()))


def pledge(slug: str) -> Any:
    """Make a pledge and lead the donor on to pay; the same form twice makes one pledge."""
    found = queries.before(slug, request.form.get("attempt", "")) or abort(404)
    form = PledgeForm(found.currency, lists.ways())
    if found.pledge is not None:
        return _known(session.get_one(Pledge, found.pledge), form)
    valid = form.validate()
    _count(slug, form, valid)
    if not valid:
        return _form(_project(slug), form, 400 if form.forged else 422)
    try:
        ready = _make(slug, form)
    except Refused as error:
        form.form_errors.append(t(str(error)))
        return _form(_project(slug), form, 422)
    _remember(ready.order.pledge)
    return _on_to(ready)


def _count(slug: str, form: PledgeForm, valid: bool) -> None:
    """Count a form under the limits: what is not valid only for the address it comes from."""
    doing = {"pledge": limits.address()}
    if valid:
        address = form.email.data or form.phone.data
        doing |= {"pledge-email": address.casefold(), "project-pledges": slug}
    limits.hit_all(doing)


def _make(slug: str, form: PledgeForm) -> Ready:
    """Write the pledge; of two forms with one attempt, both get the first one's."""
    try:
        with db.transaction():
            identity = access.who()
            person = people.know(identity).id if identity else None
            wish = pages.wish(form, person)
            project = projects.named(slug, wish.language) or abort(404)
            gateway = pages.gateway_of(wish.method)
            made = services.write(project, wish, gateway)
            return checkout.first(made, wish, gateway, project.title)
    except IntegrityError:
        first = queries.by_attempt(form.attempt.data)
        if first is None:
            raise
        return checkout.prepare(first.payments[-1])


def _known(made: Pledge, form: PledgeForm) -> Response:
    """Answer a form sent again: on to pay if it asks for the same, else to the first pledge."""
    payment = made.payments[-1]
    same = form.amount.data and pages.same_gift(made, form)
    _remember(made.token)
    if same and made.state == "open" and payment.state == "started":
        return _on_to(checkout.prepare(payment))
    return redirect(links.url("pledges.show", token=made.token), 303)


def _on_to(ready: Ready) -> Response:
    """Lead the donor to the provider's page, or to the pledge's own when that fails."""
    try:
        return redirect(checkout.begin(ready), 303)
    except GatewayError as error:
        pages.log_trouble(ready.payment, error)
        why = "refused" if isinstance(error, GatewayRefused) else "unreachable"
        shown = links.url("pledges.show", token=ready.order.pledge, trouble=why)
        return redirect(shown, 303)


def _form(project: Project, form: PledgeForm, status: int = 200) -> Any:
    # The page never offers another one, but whoever sends a form may.
    offered = {code for code, _ in form.currency.choices}
    currency = form.currency.data if form.currency.data in offered else project.currency
    page = render_template(
        "ashar/pledges/form.html",
        project=show.view(project),
        form=form,
        suggestions=suggestions(currency),
        next_line=t(
            N_(
                "Next comes the payment page of Stripe, our payment service, in your language "
                "where it has it. You are charged once, and only after you confirm there. With a "
                "bank transfer, the next page says what to write on it."
            )
        ),
    )
    return page, status


def _closed(project: Project, why: str) -> Any:
    return (
        render_template(
            "ashar/error.html",
            code=409,
            headline=t(why),
            explanation=t(N_("Its page says how far it is.")),
        ),
        409,
    )


def _project(slug: str) -> Project:
    return projects.found(slug) or abort(404)


def _pledge(token: str) -> Pledge:
    return queries.by_token(token) or abort(404)


def mine() -> Any:
    """Show who is signed in all their pledges."""
    person = access.person()
    found = queries.of_person(person.id) if person else ()
    return render_template("ashar/pledges/mine.html", pledges=[pages.line(row) for row in found])


@limited("pledge-page")
def show_pledge(token: str) -> Any:
    """Show a pledge to whoever holds its link: sum, state and what came of it, no names."""
    return _page(_pledge(token))


def _page(made: Pledge, status: int = 200, **more: Any) -> Any:
    shown = pages.view(made, request.args.get("trouble", ""))
    page = render_template(
        "ashar/pledges/show.html",
        pledge=shown,
        headline=shown.headline,
        explanation=shown.explanation,
        retry_form=RetryForm(),
        cancel_form=CancelForm(key=more.get("key", "")),
        **more,
    )
    return page, status


@limited("pledge-page")
def transfer_code(token: str) -> Response:
    """Send the code that a banking app scans for an open transfer."""
    found = pages.transfer(_pledge(token)) or abort(404)
    from ashar.gateways import codes

    return _drawn(codes.code_svg(found) or abort(404), "image/svg+xml")


@limited("pledge-page")
def qr_bill(token: str) -> Response:
    """Send the Swiss QR-bill of an open transfer, to print."""
    found = pages.transfer(_pledge(token)) or abort(404)
    if not found.swiss:
        abort(404)
    from ashar.gateways import codes

    answer = _drawn(codes.bill_pdf(found, i18n.language()), "application/pdf")
    answer.headers["Content-Disposition"] = 'inline; filename="qr-bill.pdf"'
    return answer


def _drawn(data: bytes, kind: str) -> Response:
    answer = make_response(data)
    answer.headers["Content-Type"] = kind
    return answer


@limited("pledge-page")
def back(token: str) -> Response:
    """Come back from the provider: ask it how the session stands, believe nothing else."""
    made = _pledge(token)
    payment = made.payments[-1]
    if payment.state in {"started", "expired"}:
        try:
            tasks.poll(payment.id)
        except GatewayError as error:
            pages.log_trouble(payment.id, error)
    return redirect(links.url("pledges.show", token=token), 303)


@limited("change")
def again(token: str) -> Any:
    """Pay again: go on with what is open, or begin anew what failed or ran out."""
    made = _pledge(token)
    if not RetryForm().validate():
        return _page(made, 400)
    payment_id = made.payments[-1].id
    try:
        tasks.poll(payment_id)
    except GatewayError as error:
        pages.log_trouble(payment_id, error)
    try:
        with db.transaction():
            made = _pledge(token)
            last = made.payments[-1]
            ready = checkout.prepare(last if last.state == "started" else services.try_again(made))
    except Refused:
        return redirect(links.url("pledges.show", token=token), 303)
    return _on_to(ready)


@limited("pledge-page")
def confirm_cancel(token: str) -> Any:
    """Ask whether to cancel, with the key of a fresh link."""
    made, key = _pledge(token), request.args.get("key", "")
    good = made_here(made) or services.key_opens(made, "cancel", key)
    return _page(made, confirm="cancel" if good else "stale", key=key)


@limited("change")
def cancel(token: str) -> Any:
    """Cancel a pledge that was not paid; a forwarded link alone only sends a fresh one."""
    made = _pledge(token)
    form = CancelForm()
    if not form.validate():
        return _page(made, 400)
    if not _may_change(made, "cancel", form.key.data or ""):
        send_key(made, "cancel")
        return _page(
            _pledge(token), told=t(N_("We have sent a link to the e-mail of this pledge."))
        )
    try:
        _cancel(token)
    except Refused as error:
        return _page(_pledge(token), 409, told=t(str(error)))
    return redirect(links.url("pledges.show", token=token), 303)


def _cancel(token: str) -> None:
    """End the session first: what was paid at the last second stays paid."""
    payment = _pledge(token).payments[-1]
    name, session_id, payment_id = payment.gateway, payment.session_id, payment.id
    session.rollback()
    if session_id and not checkout.stop(name, session_id):
        tasks.poll(payment_id)
    with db.transaction():
        services.cancel(_pledge(token))


def _may_change(made: Pledge, purpose: str, key: str) -> bool:
    if made_here(made) or is_owner(made):
        return True
    token = made.token
    with db.transaction():
        return services.use_key(_pledge(token), purpose, key)


def is_owner(made: Pledge) -> bool:
    """Tell whether who is signed in has made a pledge."""
    person = access.person()
    return person is not None and made.person_id == person.id


def send_key(made: Pledge, purpose: str) -> None:
    """Send a fresh one-use link to the pledge's own address."""
    token = made.token
    with db.transaction():
        made = _pledge(token)
        nonce = services.make_key(made, purpose)
        outbox.emit("pledge_key", pledge=made.id, purpose=purpose, nonce=nonce)


def _remember(token: str) -> None:
    """Note in the browser that it made this pledge, for half an hour."""
    made = dict(cookie.get(MADE_HERE, {}))
    made[token] = int(clock.now().timestamp())
    cookie[MADE_HERE] = dict(list(made.items())[-5:])


def made_here(made: Pledge) -> bool:
    """Tell whether this browser has made a pledge, half an hour ago at most."""
    at = dict(cookie.get(MADE_HERE, {})).get(made.token, 0)
    return bool(clock.now().timestamp() - at < MADE_HERE_LIFE)
