"""Refunds that the association pays itself: a second person's yes, orders for the bank, debits."""

from collections.abc import Callable
from typing import Any

from flask import abort, flash, make_response, redirect, render_template, request

from ashar.kernel import clock, db, links
from ashar.kernel.errors import Refused
from ashar.kernel.forms import Form
from ashar.kernel.i18n import N_, t
from ashar.ledger import accounts
from ashar.pledges import refund_files, refunds, services
from ashar.pledges.models import Refund, RefundFile
from ashar.pledges.states import REFUND
from ashar.treasury import refund_queries as queries
from ashar.treasury import refund_show as show
from ashar.treasury.payment_views import NEW, brought, instant, may_write
from ashar.treasury.refund_forms import (
    DebitForm,
    FileForm,
    PaidForm,
    ReturnedForm,
    SignedForm,
    StepForm,
    WhyForm,
)
from ashar.treasury.views import actor, page_number

SAVED = N_("Saved.")
MADE = N_("The payment order is made. Save it, and hand it to the bank once.")
DEBITED = N_("It is booked, and the donors are told.")


def index() -> Any:
    """List refunds that somebody has to do something about, and the orders for banks."""
    return _index()


def _index(form: FileForm | None = None, status: int = 200) -> Any:
    asked, number = request.args.get("show", ""), page_number()
    found = queries.refunds(asked, number)
    page = render_template(
        "ashar/treasury/refunds.html",
        asked=asked,
        tally=show.tally(),
        lines=[show.refund_line(row) for row in found.rows],
        number=number,
        more=found.more,
        files=queries.files(),
        form=form or _file_form(),
        may_write=may_write(),
    )
    return page, status


def _file_form() -> FileForm | None:
    """Return the form of a payment order, where an account could pay something that is ready."""
    ready = queries.ready()
    payers = [row for row in accounts.accounts() if row.currency in ready]
    return FileForm(payers) if payers else None


def make_file() -> Any:
    """Make a payment order of all refunds that are ready and fit an account."""
    form = _file_form()
    if form is None:
        return redirect(links.url("refund_desk.index"), 303)
    if not form.validate():
        return _index(form, 400 if form.forged else 422)
    try:
        with db.transaction():
            account = accounts.account(form.account.data) or abort(404)
            token = refund_files.make(account, actor=actor()).token
    except Refused as error:
        form.account.errors = [t(str(error))]
        return _index(form, 422)
    flash(t(MADE), "success")
    return redirect(links.url("refund_desk.file", token=token), 303)


def file(token: str) -> Any:
    """Show a payment order and what became of its refunds."""
    return _file_page(_file(token))


def debit(token: str) -> Any:
    """Note that the bank has paid a payment order."""
    found, form = _file(token), DebitForm()
    if not form.validate():
        return _file_page(found, form, 400 if form.forged else 422)
    proof = brought(form.proof) or abort(422)
    try:
        refund_files.debit(found, instant(form.day.data), proof, actor=actor())
    except Refused as error:
        form.proof.errors = [t(str(error))]
        return _file_page(_file(token), form, 422)
    flash(t(DEBITED), "success")
    return redirect(links.url("refund_desk.file", token=token), 303)


def _file(token: str) -> RefundFile:
    return queries.file(token) or abort(404)


def _file_page(found: RefundFile, form: DebitForm | None = None, status: int = 200) -> Any:
    page = render_template(
        "ashar/treasury/refund_file.html",
        file=show.file(found),
        form=form or DebitForm(day=clock.today()),
        may_write=may_write(),
    )
    return page, status


# One refund ---------------------------------------------------------------------------------


def one(number: str) -> Any:
    """Show a refund, and the steps that may follow."""
    return _page(_refund(number))


def slip(number: str) -> Any:
    """Send the slip that a donor signs who gets a gift back in cash, once somebody agreed."""
    found = _refund(number)
    if found.way != "cash" or found.state not in {"ready", "succeeded"}:
        abort(404)
    # What draws PDFs is large; most workers never draw one.
    from ashar.pledges.sheets import handed_back

    answer = make_response(handed_back.slip(found))
    answer.headers["Content-Type"] = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="refund-{found.id}.pdf"'
    return answer


def _approve(row: int, _form: Any) -> None:
    refunds.approve(row, actor=actor())


def _decline(row: int, form: Any) -> None:
    refunds.decline(row, form.why.data, actor=actor())


def _withdraw(row: int, form: Any) -> None:
    refunds.withdraw(row, form.why.data, actor=actor())


def _account(row: int, form: Any) -> None:
    """Take in what a donor without an e-mail has signed."""
    found = refunds.lock(row)
    if found.payment.pledge.email:
        raise Refused(N_("This donor has an e-mail: the account is asked for by a letter."))
    refunds.give_account(
        row, form.iban.data, form.holder.data, actor=actor(), proof=brought(form.proof)
    )


def _pay(row: int, form: Any) -> None:
    account = accounts.account(form.account.data) or abort(404)
    at, proof = instant(form.day.data), brought(form.proof)
    refunds.pay(row, account, form.amount.money, at, actor=actor(), proof=proof)


def _send_back(row: int, form: Any) -> None:
    refunds.send_back(row, instant(form.day.data), form.why.data, actor=actor())


def _ask(row: int, _form: Any) -> None:
    found = refunds.lock(row)
    if found.state != "owed":
        raise Refused(refunds.TOO_LATE)
    services.ask_where(found)


STEPS: dict[str, Callable[[int, Any], None]] = {
    "approve": _approve,
    "decline": _decline,
    "withdraw": _withdraw,
    "account": _account,
    "pay": _pay,
    "send-back": _send_back,
    "ask": _ask,
}


def take(number: str, step: str) -> Any:
    """Take one step with a refund."""
    found = _refund(number)
    form, row = _forms(found, step).get(step), found.id
    if form is None:
        # Somebody else has taken it meanwhile, or nobody can.
        flash(t(refunds.TOO_LATE), "error")
        return redirect(links.url("refund_desk.one", number=number), 303)
    if not form.validate():
        return _page(found, 400 if form.forged else 422, **{step: form})
    try:
        with db.transaction():
            STEPS[step](row, form)
    except Refused as error:
        form.form_errors.append(t(str(error)))
        return _page(_refund(number), 422, **{step: form})
    flash(t(SAVED), "success")
    return redirect(links.url("refund_desk.one", number=number), 303)


def _refund(number: str) -> Refund:
    return queries.refund(number) or abort(404)


def _forms(row: Refund, sent: str = "") -> dict[str, Form]:
    """Return the steps that a refund may take now, each with its form."""
    found: dict[str, Form] = {}

    def named(step: str) -> dict[str, Any]:
        return {"prefix": step} | ({} if step == sent else NEW)

    today = clock.today()
    if row.state == "to_approve":
        found |= {"approve": StepForm(), "decline": WhyForm(**named("decline"))}
    if row.state == "owed" and row.payment.pledge.email:
        found["ask"] = StepForm()
    elif row.state == "owed":
        found["account"] = SignedForm(**named("account"))
    payers = [one for one in accounts.accounts() if row.account in {None, one.slug}]
    if row.state in {"ready", "in_file"} and payers:
        payers.sort(key=lambda one: (one.currency != row.currency, not one.open))
        due = row.money.decimal if payers[0].currency == row.currency else ""
        found["pay"] = PaidForm(payers, day=today, amount=due, **named("pay"))
    if row.way == "bank" and row.state in {"in_file", "succeeded"}:
        found["send-back"] = ReturnedForm(day=today, **named("send-back"))
    if row.way != "provider" and REFUND.may(row.state, "cancelled"):
        found["withdraw"] = WhyForm(**named("withdraw"))
    return found


def _page(found: Refund, status: int = 200, **sent: Form) -> Any:
    writes = may_write()
    page = render_template(
        "ashar/treasury/refund.html",
        refund=show.refund(found, whole=writes),
        forms=_forms(found) | sent if writes else {},
        opened=sorted(sent),
        second=actor() in {found.actor_id, found.given_by} if writes else False,
    )
    return page, status
