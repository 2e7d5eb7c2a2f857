"""Cash that was handed in: counted by a second person; slips that were entered by mistake."""

from typing import Any

from flask import abort, flash, redirect, render_template
from werkzeug.wrappers import Response

from ashar.gateways import cash
from ashar.kernel import db, links
from ashar.kernel.errors import Refused
from ashar.kernel.forms import Form
from ashar.kernel.i18n import N_, t
from ashar.people import access
from ashar.pledges import collectors, hand_ins, slips
from ashar.pledges.models import HandIn, Slip
from ashar.treasury import cash_show
from ashar.treasury.cash_forms import CountForm, ReasonForm
from ashar.treasury.views import actor

COUNTED = N_("It is counted: the gifts have arrived, and the donors are thanked.")
RETURNED = N_("It is given back: the slips are the collector's again.")
VOIDED = N_("The slip is void.")


def index() -> Any:
    """List what is to be counted, what is overdue by name, and what was over or short."""
    return render_template(
        "ashar/treasury/cash.html",
        waiting=cash_show.waiting(),
        overdue=cash_show.overdue(),
        over=cash_show.over_limits(),
        differences=cash_show.differences(),
        held=cash_show.held_by_partners(),
        decided=cash_show.decided(),
        may_register=bool(access.roles() & access.PERMISSIONS["administer"]),
    )


def one(token: str) -> Any:
    """Show a hand-in, and the form to count it."""
    found = _hand_in(token)
    return _page(found, CountForm(found.currency), ReasonForm())


def count(token: str) -> Any:
    """Enter what was counted."""
    found = _hand_in(token)
    form = CountForm(found.currency)
    if not form.validate():
        return _page(found, form, ReasonForm(formdata=None), 400 if form.forged else 422)
    assert form.amount.money is not None  # noqa: S101 - a valid form has read its amount
    proof, me = form.proof.data, actor()
    paper = (proof.read(), proof.filename) if proof and proof.filename else None
    try:
        with db.transaction():
            hand_ins.count(token, form.amount.money, form.reason.data or "", paper, actor=me)
    except Refused as error:
        form.form_errors.append(t(str(error), **error.values))
        return _page(_hand_in(token), form, ReasonForm(formdata=None), 422)
    return _to(token, COUNTED)


def give_back(token: str) -> Any:
    """Send a hand-in back."""
    found = _hand_in(token)
    form = ReasonForm()
    if not form.validate():
        shown = CountForm(found.currency, formdata=None)
        return _page(found, shown, form, 400 if form.forged else 422)
    me = actor()
    try:
        with db.transaction():
            hand_ins.give_back(token, form.why.data, actor=me)
    except Refused as error:
        form.form_errors.append(t(str(error), **error.values))
        found = _hand_in(token)
        return _page(found, CountForm(found.currency, formdata=None), form, 422)
    return _to(token, RETURNED)


def slip(number: str) -> Any:
    """Show a slip, and the form to make it void."""
    return _slip_page(_slip(number), ReasonForm())


def void(number: str) -> Any:
    """Make a slip void that was entered by mistake."""
    found, form = _slip(number), ReasonForm()
    if not form.validate():
        return _slip_page(found, form, 400 if form.forged else 422)
    me = actor()
    try:
        with db.transaction():
            slips.take_back(found.number, form.why.data, actor=me)
    except Refused as error:
        form.form_errors.append(t(str(error), **error.values))
        return _slip_page(_slip(number), form, 422)
    flash(t(VOIDED), "success")
    return redirect(links.url("counting.slip", number=number), 303)


def _to(token: str, words: str) -> Response:
    flash(t(words), "success")
    return redirect(links.url("counting.one", token=token), 303)


def _hand_in(token: str) -> HandIn:
    return hand_ins.by_token(token) or abort(404)


def _slip(number: str) -> Slip:
    known = cash.read_number(number)
    return (collectors.slip(known) if known else None) or abort(404)


def _may_write() -> bool:
    return bool(access.roles() & access.PERMISSIONS["treasury.write"])


def _page(found: HandIn, form: Form, back: Form, status: int = 200) -> Any:
    page = render_template(
        "ashar/treasury/hand_in.html",
        hand_in=cash_show.hand_in(found, actor()),
        form=form,
        back=back,
        may_write=_may_write(),
    )
    return page, status


def _slip_page(found: Slip, form: Form, status: int = 200) -> Any:
    person = found.collector.person
    page = render_template(
        "ashar/treasury/slip.html",
        slip=cash_show.slip_line(found),
        name=person.name or person.email or found.collector.slug,
        hand_in=found.hand_in.token if found.hand_in else "",
        reason=found.reason,
        form=form,
        may_write=_may_write() and found.collector.person_id != actor(),
    )
    return page, status
