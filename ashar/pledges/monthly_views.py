"""A monthly gift's page: change its sum, pause, resume, stop or mend it.

Whoever holds the pledge's link sees how it stands. Changing it takes a fresh link from the pledge's
own e-mail, the browser that made it, or its signed-in owner; stopping and mending also the key of
any letter about it. GET changes nothing.
"""

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, render_template, request

from ashar.kernel import i18n, links
from ashar.kernel.db import session
from ashar.kernel.errors import GatewayError, Refused
from ashar.kernel.i18n import N_, t
from ashar.kernel.limits import limited
from ashar.people import access
from ashar.pledges import monthly, monthly_show, queries, services
from ashar.pledges.changing import may_change, may_change_now, pledge_of, send_key
from ashar.pledges.models import Pledge, Subscription
from ashar.pledges.monthly_forms import StepForm, SumForm
from ashar.projects import show

SENT = N_("We have sent a link to the e-mail of this pledge.")
UNREACHABLE = N_(
    "The payment service did not answer. Nothing was changed. Please try again in a moment."
)
CHANGED = N_("From the next time on, %(sum)s is charged each month.")
PAUSED = N_("It is paused. Nothing is charged until you resume it.")
RESUMED = N_("It runs again.")
STOPPED = N_("It has ended. Thank you for all that you gave!")


@limited("pledge-page")
def confirm_monthly(token: str) -> Any:
    """Show a monthly gift, and what can be changed to who may."""
    return _page(pledge_of(token), request.args.get("key", ""))


@limited("pledge-page")
def confirm_stop(token: str) -> Any:
    """Ask whether to stop, by the link of a letter."""
    made, key = pledge_of(token), request.args.get("key", "")
    good = services.stop_key_opens(token, key)
    return _page(made, key if good else "", only="stop" if good else "")


@limited("pledge-page")
def go_mend(token: str) -> Any:
    """Lead on to where the open charge can be paid, by the link of a letter."""
    if not services.stop_key_opens(token, request.args.get("key", "")):
        return redirect(_here(token), 303)
    made, found = _found(token)
    return _lead_on(made, found.id)


def _lead_on(made: Pledge, row: int) -> Any:
    token = made.token
    try:
        return redirect(monthly.mend(row), 303)
    except Refused as error:
        flash(t(str(error)), "status")
    except GatewayError:
        flash(t(UNREACHABLE), "error")
    return redirect(_here(token), 303)


@limited("change")
def send(token: str) -> Any:
    """Send a fresh link to the pledge's own e-mail."""
    made = pledge_of(token)
    if not StepForm().validate():
        return _page(made, status=400)
    if made.email:
        send_key(made, "monthly")
        flash(t(SENT), "status")
    return redirect(_here(token), 303)


@limited("change")
def amount(token: str) -> Any:
    """Change the sum from the next charge on."""
    made, found = _found(token)
    form = SumForm(found.currency)
    if not form.validate():
        return _page(made, form.key.data or "", 400 if form.forged else 422, sum_form=form)
    money = form.amount.money
    assert money is not None  # noqa: S101 - a valid form has read its amount
    words = t(CHANGED, sum=i18n.money(money))
    return _step(token, form, lambda row: monthly.set_amount(row, money), words)


@limited("change")
def pause(token: str) -> Any:
    """Pause it."""
    actor = _actor()
    return _step(
        token, StepForm(), lambda row: monthly.pause(row, by="donor", actor=actor), t(PAUSED)
    )


@limited("change")
def resume(token: str) -> Any:
    """Resume it."""
    actor = _actor()
    return _step(token, StepForm(), lambda row: monthly.resume(row, actor=actor), t(RESUMED))


@limited("change")
def stop(token: str) -> Any:
    """Stop it; the key of a letter is enough."""
    form, actor = StepForm(), _actor()
    known = services.stop_key_opens(token, form.key.data or "")
    return _step(
        token,
        form,
        lambda row: monthly.stop(row, by="donor", actor=actor),
        t(STOPPED),
        known=known,
    )


@limited("change")
def mend(token: str) -> Any:
    """Lead on to where the open charge can be paid."""
    made, found = _found(token)
    form = StepForm()
    if not form.validate():
        return _page(made, status=400)
    row = found.id
    if not may_change(made, "monthly", form.key.data or ""):
        return _stale(token)
    return _lead_on(pledge_of(token), row)


def _step(
    token: str, form: StepForm, do: Callable[[int], None], words: str, *, known: bool = False
) -> Any:
    """Take one step, by who may, and say so; whoever may not is sent a link."""
    made, found = _found(token)
    row = found.id
    if not form.validate():
        return _page(made, form.key.data or "", 400)
    if not known and not may_change(made, "monthly", form.key.data or ""):
        return _stale(token)
    try:
        do(row)
    except Refused as error:
        flash(t(str(error)), "error")
    except GatewayError:
        flash(t(UNREACHABLE), "error")
    else:
        flash(words, "status")
    return redirect(_here(token), 303)


def _stale(token: str) -> Any:
    """Send a fresh link to who came without one; a forwarded link alone changes nothing."""
    session.rollback()
    made = pledge_of(token)
    if made.email:
        send_key(made, "monthly")
        flash(t(SENT), "status")
    return redirect(_here(token), 303)


def _here(token: str) -> str:
    return links.url("pledges.confirm_monthly", token=token)


def _actor() -> int | None:
    person = access.person()
    return person.id if person else None


def _found(token: str) -> tuple[Pledge, Subscription]:
    made = pledge_of(token)
    return made, queries.subscription_of(made.id) or abort(404)


def _page(
    made: Pledge,
    key: str = "",
    status: int = 200,
    *,
    only: str = "",
    sum_form: SumForm | None = None,
) -> Any:
    found = queries.subscription_of(made.id) or abort(404)
    shown = monthly_show.of(found)
    may = bool(only) or may_change_now(made, "monthly", key)
    form = sum_form or SumForm(found.currency, amount=found.gift.decimal, key=key)
    page = render_template(
        "ashar/pledges/monthly.html",
        token=made.token,
        monthly=shown,
        project=show.view(made.project),
        may=may and shown.can_change,
        only=only,
        can_send=bool(made.email) and shown.can_change and not may,
        sum_form=form,
        step_form=StepForm(key=key),
        stale=bool(key) and not may,
    )
    return page, status
