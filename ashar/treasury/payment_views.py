"""Payments: found by whatever names them, refunded whole or in part, taken back when mistaken."""

from datetime import date, datetime, time
from typing import Any

from flask import abort, flash, redirect, render_template, request
from flask_wtf.file import FileField

from ashar.kernel import clock, db, links
from ashar.kernel.errors import GatewayRefused, GatewayUnreachable, Refused
from ashar.kernel.forms import Form
from ashar.kernel.i18n import N_, t
from ashar.people import access
from ashar.pledges import orders, refunds, services
from ashar.pledges.models import Payment
from ashar.pledges.refunds import Proof
from ashar.treasury import refund_queries as queries
from ashar.treasury import refund_show as show
from ashar.treasury.refund_forms import OrderForm, RecallForm, StepForm, WhyForm
from ashar.treasury.views import actor, page_number

ORDERED = N_("The refund is ordered.")
DOUBTED = N_("A second person is asked to take it back.")
CALLED = N_("It is entered: the money has left, and the donor is told.")
HEEDED = N_("What was left of it is refunded.")
LEFT = N_("It is left as it is.")
#: Of a form beside the one that was sent: nothing of it was typed.
NEW: dict[str, Any] = {"formdata": None}


def index() -> Any:
    """List payments that came, or find some."""
    asked, number = request.args.get("q", "")[:300].strip(), page_number()
    found = queries.payments(asked, number)
    return render_template(
        "ashar/treasury/payments.html",
        q=asked,
        lines=[show.payment_line(row) for row in found.rows],
        number=number,
        more=found.more,
    )


def one(token: str, no: str) -> Any:
    """Show a payment with its refunds, disputes and what the book holds of it."""
    return _page(_payment(token, no))


def order(token: str, no: str) -> Any:
    """Order a refund, and send a provider's on its way."""
    found = _payment(token, no)
    form = _order_form(found)
    if not form.validate():
        return _page(found, 400 if form.forged else 422, order=form)
    assert form.amount.money is not None  # noqa: S101 - a valid form has read its amount
    about = {"way": form.way.data, "reason": form.reason.data, "attempt": form.attempt.data}
    try:
        row = orders.refund(found.id, form.amount.money, actor=actor(), **about)
    except Refused as error:
        form.amount.errors = [t(str(error))]
        return _page(_payment(token, no), 422, order=form)
    except GatewayUnreachable:
        return _to(token, no, orders.UNREACHABLE, "error")
    except GatewayRefused:
        return _to(token, no, orders.REFUSED, "error")
    flash(t(ORDERED), "success")
    if form.way.data == "provider":
        return redirect(links.url("payments.one", token=token, no=no), 303)
    return redirect(links.url("refund_desk.one", number=row), 303)


def doubt(token: str, no: str) -> Any:
    """Ask a second person to take a transfer back that was entered by mistake."""
    found, form = _payment(token, no), WhyForm(prefix="doubt")
    if not form.validate():
        return _page(found, 400 if form.forged else 422, doubt=form)
    try:
        with db.transaction():
            refunds.doubt(found.id, str(form.why.data), actor=actor())
    except Refused as error:
        form.form_errors.append(t(str(error)))
        return _page(_payment(token, no), 422, doubt=form)
    return _to(token, no, DOUBTED)


def recall(token: str, no: str) -> Any:
    """Enter that the donor's bank called a transfer back."""
    found = _payment(token, no)
    form = RecallForm(found.currency, prefix="recall")
    if not form.validate():
        return _page(found, 400 if form.forged else 422, recall=form)
    assert form.amount.money is not None  # noqa: S101 - a valid form has read its amount
    at, why, proof = instant(form.day.data), str(form.why.data), brought(form.proof)
    try:
        with db.transaction():
            assert proof is not None  # noqa: S101 - a valid form has one
            refunds.recall(found.id, form.amount.money, at, why, proof, actor=actor())
    except Refused as error:
        form.form_errors.append(t(str(error)))
        return _page(_payment(token, no), 422, recall=form)
    return _to(token, no, CALLED)


def warning(token: str, no: str, answer: str) -> Any:
    """Decide on early fraud warnings of a payment: refund what is left, or leave it."""
    found = _payment(token, no)
    form: Form = StepForm() if answer == "refund" else WhyForm(prefix="leave")
    open_ = [row.id for row in queries.warnings_of(found.id) if row.state == "open"]
    if answer not in {"refund", "leave"} or not open_:
        abort(404)
    if not form.validate():
        return _page(found, 400 if form.forged else 422, leave=form)
    try:
        for row in open_:
            if isinstance(form, WhyForm):
                _leave(row, str(form.why.data))
            else:
                orders.heed(row, actor=actor())
    except Refused as error:
        return _to(token, no, str(error), "error")
    except GatewayUnreachable:
        return _to(token, no, orders.UNREACHABLE, "error")
    except GatewayRefused:
        return _to(token, no, orders.REFUSED, "error")
    return _to(token, no, HEEDED if answer == "refund" else LEFT)


def _leave(row: int, why: str) -> None:
    with db.transaction():
        refunds.dismiss(row, why, actor=actor())


def instant(day: date | None) -> datetime:
    """Return the instant of a booked day: of those, banks tell no hour."""
    return datetime.combine(day or clock.today(), time(12), clock.zone())


def brought(field: FileField) -> Proof | None:
    """Return a file that came with a form, if one did."""
    found = field.data
    return (found.read(), found.filename) if found and found.filename else None


def may_write() -> bool:
    """Tell whether who is signed in may do more than read."""
    return bool(access.roles() & access.PERMISSIONS["treasury.write"])


def _payment(token: str, no: str) -> Payment:
    return queries.payment(token, no) or abort(404)


def _to(token: str, no: str, words: str, tone: str = "success") -> Any:
    flash(t(words), tone)
    return redirect(links.url("payments.one", token=token, no=no), 303)


def _order_form(found: Payment, **more: Any) -> OrderForm:
    left, ways = services.refundable(found), show.ways(found)
    return OrderForm(found.currency, ways, amount=left.decimal, way=ways[0], **more)


def _page(found: Payment, status: int = 200, **forms: Form) -> Any:
    shown = show.payment(found)
    came_by_bank = refunds.by_transfer(found)
    page = render_template(
        "ashar/treasury/payment.html",
        payment=shown,
        may_write=may_write(),
        order=forms.get("order") or (_order_form(found, **NEW) if shown.left else None),
        doubt=forms.get("doubt") or WhyForm(prefix="doubt", **NEW),
        recall=forms.get("recall") or RecallForm(found.currency, prefix="recall", **NEW),
        leave=forms.get("leave") or WhyForm(prefix="leave", **NEW),
        step=StepForm(),
        may_doubt=came_by_bank and found.state == "settled" and shown.left == found.charged,
        may_recall=came_by_bank and found.state != "mistaken",
        opened=sorted(forms),
    )
    return page, status
