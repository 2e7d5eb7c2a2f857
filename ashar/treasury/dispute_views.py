"""Disputes: what is asked, until when, and what speaks against it."""

import json
from typing import Any

from flask import abort, flash, make_response, redirect, render_template

from ashar.kernel import links
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_, t
from ashar.pledges import orders
from ashar.pledges.models import Dispute
from ashar.treasury import dispute_show as show
from ashar.treasury import evidence
from ashar.treasury import refund_queries as queries
from ashar.treasury.payment_views import may_write
from ashar.treasury.refund_forms import EvidenceForm
from ashar.treasury.refund_show import payment_line
from ashar.treasury.views import actor, page_number

ANSWERED = N_("The evidence is handed in. The bank decides, mostly within two or three months.")


def index() -> Any:
    """List disputes and early fraud warnings, what is due first."""
    number = page_number()
    found = queries.disputes(number)
    return render_template(
        "ashar/treasury/disputes.html",
        lines=[show.dispute_line(row) for row in found.rows],
        warnings=[show.warning_line(row) for row in queries.warnings()],
        number=number,
        more=found.more,
    )


def one(dispute: str) -> Any:
    """Show a dispute with all that speaks against it."""
    found = _dispute(dispute)
    return _page(found, _form(found))


def answer(dispute: str) -> Any:
    """Hand the evidence in; it can be done once."""
    found = _dispute(dispute)
    form = _form(found)
    if not form.validate():
        return _page(found, form, 400 if form.forged else 422)
    said = evidence.collected(found) | {
        "product_description": form.about.data or "",
        "uncategorized_text": form.told.data or "",
    }
    try:
        orders.answer(
            found.id, {name: words for name, words in said.items() if words}, actor=actor()
        )
    except Refused as error:
        form.form_errors.append(t(str(error)))
        return _page(_dispute(dispute), form, 422)
    flash(t(ANSWERED), "success")
    return redirect(links.url("disputes.one", dispute=dispute), 303)


def bundle(dispute: str) -> Any:
    """Send all that we know of a dispute, to be saved."""
    found = _dispute(dispute)
    answer = make_response(json.dumps(evidence.bundle(found), ensure_ascii=False, indent=1))
    answer.headers["Content-Type"] = "application/json"
    answer.headers["Content-Disposition"] = 'attachment; filename="evidence.json"'
    return answer


def _dispute(dispute: str) -> Dispute:
    return queries.dispute(dispute) or abort(404)


def _form(found: Dispute) -> EvidenceForm:
    said = evidence.collected(found)
    return EvidenceForm(about=said["product_description"], told=said["uncategorized_text"])


def _page(found: Dispute, form: EvidenceForm, status: int = 200) -> Any:
    known = evidence.collected(found)
    payment = found.payment
    page = render_template(
        "ashar/treasury/dispute.html",
        dispute=show.dispute_line(found),
        payment=payment_line(payment),
        form=form,
        told=known,
        may_answer=may_write() and show.can_contest(found),
    )
    return page, status
