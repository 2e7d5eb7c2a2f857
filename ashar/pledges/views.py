"""Pledging, and the pledge's private page."""

from typing import Any

from flask import abort, g, make_response, redirect, render_template, request
from markupsafe import Markup
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from ashar.kernel import db, i18n, limits, links
from ashar.kernel.db import session
from ashar.kernel.errors import GatewayError, GatewayRefused, Refused
from ashar.kernel.i18n import N_, t
from ashar.kernel.limits import TooMany, limited
from ashar.people import access
from ashar.people import services as people
from ashar.pledges import (
    brake,
    checkout,
    fallbacks,
    groups,
    lists,
    pages,
    queries,
    services,
    sponsors,
    tasks,
)
from ashar.pledges.changing import made_here, may_change, pledge_of, remember, send_key
from ashar.pledges.checkout import Ready
from ashar.pledges.forms import CancelForm, PledgeForm, RetryForm, suggestions
from ashar.pledges.models import Pledge
from ashar.projects import queries as projects
from ashar.projects import show
from ashar.projects.models import Project

WAIT = N_(
    "Very many gifts come from here just now. Please wait a little and send it again: nothing was "
    "charged, and what you typed is still here."
)


def form(slug: str) -> Any:
    """Show the form."""
    project = _project(slug)
    if not services.takes_gifts(project):
        return closed(project, N_("This project does not take gifts now."))
    ways = lists.ways(project.id)
    if not ways:
        return closed(project, N_("No way of paying is set up here yet."))
    return _form(project, PledgeForm(project.currency, ways, fallbacks.of(project)))


def pledge(slug: str) -> Any:
    """Make a pledge and lead the donor on to pay; the same form twice makes one pledge."""
    found = queries.before(slug, request.form.get("attempt", "")) or abort(404)
    form = PledgeForm(found.currency, lists.ways(found.id), fallbacks.of(found))
    if found.pledge is not None:
        return _known(session.get_one(Pledge, found.pledge), form)
    valid = form.validate()
    try:
        _count(slug, form, valid)
    except TooMany as error:
        if not valid:
            raise
        return _too_many(slug, form, error)
    except Refused as error:
        return _refused(slug, form, error)
    if not valid:
        return _form(_project(slug), form, 400 if form.forged else 422)
    try:
        ready = _make(slug, form)
    except Refused as error:
        return _refused(slug, form, error)
    remember(ready.order.pledge)
    return _on_to(ready)


def _refused(slug: str, form: PledgeForm, error: Refused) -> Any:
    form.form_errors.append(t(str(error)))
    return _form(_project(slug), form, 422)


def _too_many(slug: str, form: PledgeForm, error: TooMany) -> Any:
    """Ask a donor to wait, with all they typed: the same form goes through after the window."""
    form.form_errors.append(t(error.words or WAIT))
    form.form_errors.append(limits.again(error))
    answer = make_response(_form(_project(slug), form, 429))
    answer.headers["Retry-After"] = str(error.seconds)
    return answer


def _count(slug: str, form: PledgeForm, valid: bool) -> None:
    """Count a form under the limits: what is not valid only for the address it comes from.

    Raises TooMany beyond one of them, and Refused for a form that no person can have filled in,
    which is held against it only while the brake is on.
    """
    if not valid:
        limits.hit("pledge", limits.address())
        return
    if _count_gift(slug, form.email.data or form.phone.data, form.method.data):
        brake.check(form.age, request.form, limits.address())


def _count_gift(slug: str, email: str, method: str) -> bool:
    """Count a gift for which a provider's session may be opened; tell whether the brake is on."""
    address, email = limits.address(), email.casefold()
    limits.hit_all({"pledge": address, "pledge-email": email, "project-pledges": slug})
    slow = brake.slows(method)
    if slow:
        brake.hit(address, email)
    return slow


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
            return checkout.tell(checkout.first(made, wish, gateway, project.title))
    except IntegrityError:
        first = queries.by_attempt(form.attempt.data)
        if first is None:
            raise
        if first.kind != "money":
            abort(409)
        return checkout.prepare(first.payments[-1])


def _known(made: Pledge, form: PledgeForm) -> Response:
    """Answer a form sent again: on to pay if it asks for the same, else to the first pledge."""
    if made.kind != "money":
        return redirect(links.url("pledges.show", token=made.token), 303)
    payment = made.payments[-1]
    same = form.amount.data and pages.same_gift(made, form)
    remember(made.token)
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
        pool=sponsors.of_project(project),
        captcha=_captcha(),
        groups=groups.suggestions(),
        next_line=t(
            N_(
                "Next comes the payment page of Stripe, our payment service, in your language "
                "where it has it. You are charged only after you confirm there, and once unless "
                "you chose each month. With a bank transfer, the next page says what to write on "
                "it."
            )
        ),
    )
    return page, status


def _captcha() -> Markup:
    """Return the host's question while the brake is on; its page may then load what it needs."""
    found = brake.widget()
    g.ashar_captcha = bool(found)
    return found


def closed(project: Project, why: str) -> Any:
    """Say that a project takes no gifts of a kind now, and why."""
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


@limited("pledge-page")
def show_pledge(token: str) -> Any:
    """Show a pledge to whoever holds its link: sum, state and what came of it, no names."""
    return _page(pledge_of(token))


def _page(made: Pledge, status: int = 200, **more: Any) -> Any:
    shown = pages.view(made, request.args.get("trouble", ""))
    page = render_template(
        "ashar/pledges/show.html",
        pledge=shown,
        headline=shown.headline,
        explanation=shown.explanation,
        matches=sponsors.lines(made),
        retry_form=RetryForm() if shown.can_retry else None,
        cancel_form=CancelForm(key=more.get("key", "")),
        **more,
    )
    return page, status


@limited("pledge-page")
def transfer_code(token: str) -> Response:
    """Send the code that a banking app scans for an open transfer."""
    found = pages.transfer(pledge_of(token)) or abort(404)
    from ashar.gateways import codes

    return _drawn(codes.code_svg(found) or abort(404), "image/svg+xml")


@limited("pledge-page")
def qr_bill(token: str) -> Response:
    """Send the Swiss QR-bill of an open transfer, to print."""
    found = pages.transfer(pledge_of(token)) or abort(404)
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
    made = pledge_of(token)
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
    made = pledge_of(token)
    if not RetryForm().validate():
        return _page(made, 400)
    _count_gift(made.project.slug, made.email or made.phone or "", made.method)
    payment_id = made.payments[-1].id
    try:
        tasks.poll(payment_id)
    except GatewayError as error:
        pages.log_trouble(payment_id, error)
    try:
        with db.transaction():
            made = pledge_of(token)
            last = made.payments[-1]
            ready = checkout.prepare(last if last.state == "started" else services.try_again(made))
    except Refused:
        return redirect(links.url("pledges.show", token=token), 303)
    return _on_to(ready)


@limited("pledge-page")
def confirm_cancel(token: str) -> Any:
    """Ask whether to cancel, with the key of a fresh link."""
    made, key = pledge_of(token), request.args.get("key", "")
    good = made_here(made) or services.key_opens(made, "cancel", key)
    return _page(made, confirm="cancel" if good else "stale", key=key)


@limited("change")
def cancel(token: str) -> Any:
    """Cancel a pledge that was not paid; a forwarded link alone only sends a fresh one."""
    made = pledge_of(token)
    form = CancelForm()
    if not form.validate():
        return _page(made, 400)
    if not may_change(made, "cancel", form.key.data or ""):
        send_key(made, "cancel")
        return _page(
            pledge_of(token), told=t(N_("We have sent a link to the e-mail of this pledge."))
        )
    try:
        _cancel(token)
    except Refused as error:
        return _page(pledge_of(token), 409, told=t(str(error)))
    return redirect(links.url("pledges.show", token=token), 303)


def _cancel(token: str) -> None:
    """End the session first: what was paid at the last second stays paid."""
    payment = pledge_of(token).payments[-1]
    name, session_id, payment_id = payment.gateway, payment.session_id, payment.id
    session.rollback()
    if session_id and not checkout.stop(name, session_id):
        tasks.poll(payment_id)
    with db.transaction():
        services.cancel(pledge_of(token))
