"""Where a refund goes that is owed: its donor says so, by a link that works once."""

from typing import Any

from flask import abort, redirect, render_template, request

from ashar.kernel import db, links
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_, t
from ashar.kernel.limits import limited
from ashar.pledges import queries, refunds, services
from ashar.pledges.changing import is_owner
from ashar.pledges.models import Refund
from ashar.pledges.refund_forms import AskForm, WhereForm
from ashar.projects import show

TOLD = N_("We have sent a link to the e-mail of this pledge. It works once.")


@limited("pledge-page")
def where(token: str, refund: str) -> Any:
    """Ask for the account, with the key of a letter; nothing is used up by looking."""
    row, key = _refund(token, refund), request.args.get("key", "")
    if _may_say(row, key):
        return _page(row, form=WhereForm(key=key))
    return _page(row, ask=AskForm(), stale=bool(key))


@limited("change")
def tell(token: str, refund: str) -> Any:
    """Take in the account; a key is used up only by what is taken in."""
    row = _refund(token, refund)
    form = WhereForm()
    key = form.key.data or ""
    if not _may_say(row, key):
        return _page(row, 409, ask=AskForm(), stale=True)
    if not form.validate():
        return _page(row, 400 if form.forged else 422, form=form)
    try:
        with db.transaction():
            _take_in(token, row.id, form)
    except Refused as error:
        form.form_errors.append(t(str(error)))
        return _page(_refund(token, refund), 422, form=form)
    return redirect(links.url("pledges.show", token=token), 303)


def _take_in(token: str, row: int, form: WhereForm) -> None:
    """Use the key up and take in the account, both or neither; of two at once, one."""
    made = queries.by_link(token) or abort(404)
    key, purpose = form.key.data or "", services.refund_purpose(row)
    if not is_owner(made) and not services.use_key(made, purpose, key):
        raise Refused(refunds.TOO_LATE)
    refunds.give_account(row, str(form.iban.data), str(form.holder.data))


@limited("change")
def ask(token: str, refund: str) -> Any:
    """Send a fresh link to the pledge's own e-mail."""
    row = _refund(token, refund)
    if not AskForm().validate():
        return _page(row, 400, ask=AskForm())
    if row.state == "owed" and row.payment.pledge.email:
        with db.transaction():
            services.ask_where(refunds.lock(row.id))
    return _page(_refund(token, refund), told=t(TOLD))


def _refund(token: str, refund: str) -> Refund:
    """Return a pledge's refund; that there are others of that number is told to nobody."""
    made = queries.by_link(token) or abort(404)
    rows = (row for payment in made.payments for row in payment.refunds)
    return next((row for row in rows if str(row.id) == refund), None) or abort(404)


def _may_say(row: Refund, key: str) -> bool:
    made = row.payment.pledge
    return is_owner(made) or services.key_opens(made, services.refund_purpose(row.id), key)


def _page(row: Refund, status: int = 200, **more: Any) -> Any:
    made = row.payment.pledge
    page = render_template(
        "ashar/pledges/where.html",
        token=made.token,
        number=row.id,
        sum=row.money,
        state=row.state,
        project=show.title(made.project),
        has_email=bool(made.email),
        **more,
    )
    return page, status
