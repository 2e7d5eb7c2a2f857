"""A pledge's receipts: the confirmation for who holds the link, names and papers for its donor."""

from typing import Any

from flask import abort, flash, make_response, redirect, render_template, request
from flask import session as cookie
from werkzeug.wrappers import Response

from ashar.kernel import clock, db, i18n, links
from ashar.kernel.i18n import N_, t
from ashar.kernel.limits import limited
from ashar.pledges import changing, duplicates, receipt_pages, receipts, services
from ashar.pledges.address import OpenForm, ReceiptForm
from ashar.pledges.changing import pledge_of
from ashar.pledges.models import Pledge

#: Seconds for which a key that was used keeps a pledge's receipts open in its browser.
OPEN_LIFE = 30 * 60
OPEN = "ashar_receipts"
SENT = N_("We have sent a link to the e-mail of this pledge.")


@limited("pledge-page")
def receipt_pdf(token: str) -> Response:
    """Send the payment confirmation, with a name only to who proved that they may know it."""
    made = pledge_of(token)
    facts = duplicates.confirmation(made, named=_is_open(made)) or abort(404)
    return _pdf(duplicates.drawn(facts), "confirmation")


@limited("pledge-page")
def confirm_receipt(token: str) -> Any:
    """Show what receipts there are, and what is in the way of others."""
    return _page(pledge_of(token))


@limited("change")
def ask_receipt(token: str) -> Any:
    """Note to whom a receipt is made out."""
    made = pledge_of(token)
    form = ReceiptForm(made.country, None)
    valid = form.validate()
    if form.forged:
        return _page(made, form, 400)
    if not _is_open(made):
        return redirect(links.url("pledges.confirm_receipt", token=token), 303)
    if not valid:
        return _page(made, form, 422)
    with db.transaction():
        receipts.ask(pledge_of(token), form.receipt_address)
    flash(t(N_("Saved.")), "success")
    return redirect(links.url("pledges.confirm_receipt", token=token), 303)


@limited("change")
def open_receipts(token: str) -> Any:
    """Open the receipts by a key that works once; without a good one, send a fresh one."""
    made, form = pledge_of(token), OpenForm()
    if not form.validate():
        return _page(made, status=400)
    with db.transaction():
        opened = services.use_key(pledge_of(token), "receipt", form.key.data or "")
    if opened:
        _remember(token)
    else:
        changing.send_key(pledge_of(token), "receipt")
        flash(t(SENT), "success")
    return redirect(links.url("pledges.confirm_receipt", token=token), 303)


@limited("pledge-page")
def receipt_paper(token: str, number: str) -> Any:
    """Send one of the papers to its donor; others are led to where they can have it opened."""
    made = pledge_of(token)
    if not _is_open(made):
        return redirect(links.url("pledges.confirm_receipt", token=token), 303)
    found = duplicates.of_pledge(made, of_donor=True)
    receipt = next((row for row in found if row.number == number), None) or abort(404)
    return _pdf(duplicates.paper(receipt), receipt.number)


def _pdf(data: bytes, name: str) -> Response:
    answer = make_response(data)
    answer.headers["Content-Type"] = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return answer


def _page(made: Pledge, form: ReceiptForm | None = None, status: int = 200) -> Any:
    key = request.args.get("key", "")
    opened = _is_open(made)
    page = render_template(
        "ashar/pledges/receipt.html",
        view=receipt_pages.view(made, opened=opened),
        form=form or ReceiptForm(made.country, made.receipt_address),
        open_form=OpenForm(key=key),
        good=not opened and services.key_opens(made, "receipt", key),
        stale=bool(key) and not opened,
        language=i18n.language(),
    )
    return page, status


def _is_open(made: Pledge) -> bool:
    if changing.is_known(made):
        return True
    at = dict(cookie.get(OPEN, {})).get(made.token, 0)
    return bool(clock.now().timestamp() - at < OPEN_LIFE)


def _remember(token: str) -> None:
    made = dict(cookie.get(OPEN, {}))
    made[token] = int(clock.now().timestamp())
    cookie[OPEN] = dict(list(made.items())[-5:])
