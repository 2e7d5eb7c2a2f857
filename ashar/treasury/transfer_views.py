"""Transfers: those that are waited for, and one that a treasurer saw on the account."""

from datetime import datetime, time
from typing import Any

from flask import abort, flash, redirect, render_template, request

from ashar.gateways import bank
from ashar.gateways.base import Received
from ashar.kernel import clock, links
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_, t
from ashar.ledger import accounts
from ashar.people import access
from ashar.pledges import queries as pledges
from ashar.pledges import transfers
from ashar.pledges.models import Pledge
from ashar.treasury import queries, show
from ashar.treasury.forms import ReceivedForm
from ashar.treasury.views import actor, page_number

TAKEN = N_("It is entered and counted.")
PARKED = N_("It is kept, but could not be counted. It waits among the parked messages.")


def index() -> Any:
    """List the transfers that are waited for, or find one by reference, name or e-mail."""
    asked, number = request.args.get("q", "")[:100].strip(), page_number()
    found = queries.awaited(asked, number)
    return render_template(
        "ashar/treasury/transfers.html",
        q=asked,
        lines=[show.line(row) for row in found.payments],
        number=number,
        more=found.more,
    )


def one(reference: str) -> Any:
    """Show a pledge by transfer, and the form to enter what came."""
    found = _pledge(reference)
    return _page(found, _form(found))


def enter(reference: str) -> Any:
    """Enter a transfer that came; the same form twice is one."""
    found = _pledge(reference)
    form = _form(found)
    if form is None:
        abort(409)
    if not form.validate():
        return _page(found, form, 400 if form.forged else 422)
    proof = form.proof.data
    try:
        state = transfers.enter(
            _fact(reference, form), (proof.read(), proof.filename), actor=actor()
        )
    except Refused as error:
        if str(error) == transfers.KNOWN:
            form.form_errors.append(t(str(error)))
        else:
            form.proof.errors = [t(str(error))]
        return _page(_pledge(reference), form, 422)
    words, tone = (TAKEN, "success") if state == "done" else (PARKED, "error")
    flash(t(words), tone)
    return redirect(links.url("transfers.one", reference=reference), 303)


def _fact(reference: str, form: ReceivedForm) -> Received:
    assert form.amount.money is not None and form.day.data is not None  # noqa: S101, PT018 - valid
    return bank.fact(
        reference=reference,
        account=form.account.data,
        money=form.amount.money,
        # Of a booked day banks tell no hour.
        on=datetime.combine(form.day.data, time(12), clock.zone()),
        line=f"hand-{form.attempt.data}",
        sender=form.sender.data or "",
    )


def _pledge(reference: str) -> Pledge:
    if bank.read_reference(reference) != reference:
        # A short code of cash or the partner: no bank's statement tells of these.
        abort(404)
    return pledges.by_reference(reference) or abort(404)


def _form(found: Pledge) -> ReceivedForm | None:
    """Return the form, the account that the donor was told first; none without accounts."""
    known = sorted(accounts.accounts(), key=lambda row: row.currency != found.currency)
    return ReceivedForm(known, day=clock.today()) if known else None


def _page(found: Pledge, form: ReceivedForm | None, status: int = 200) -> Any:
    page = render_template(
        "ashar/treasury/transfer.html",
        transfer=show.transfer(found),
        form=form,
        may_write=bool(access.roles() & access.PERMISSIONS["treasury.write"]),
    )
    return page, status
