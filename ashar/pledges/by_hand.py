"""The further pages of a pledge that is given by hand: a collector's code, what was sent."""

from typing import Any

from flask import abort, make_response, redirect, render_template
from werkzeug.wrappers import Response

from ashar.gateways import cash
from ashar.kernel import clock, db, links
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_, t
from ashar.kernel.limits import limited
from ashar.kernel.phones import read_contact
from ashar.pledges import changing, hand_show, queries, remittances
from ashar.pledges.changing import pledge_of
from ashar.pledges.forms import SentForm
from ashar.pledges.models import Pledge
from ashar.pledges.remittances import Sent

NOT_THEIRS = N_("This is not the phone or e-mail of the pledge.")


@limited("pledge-page")
def code(token: str) -> Response:
    """Send the code that a collector scans for an open pledge in cash."""
    url = hand_show.scan_url(pledge_of(token)) or abort(404)
    from ashar.gateways import slip_book

    answer = make_response(slip_book.code_svg(url))
    answer.headers["Content-Type"] = "image/svg+xml"
    return answer


@limited("pledge-page")
def begin(token: str) -> Any:
    """Show the form to tell what was sent."""
    made = pledge_of(token)
    form = SentForm(made.currency, known=changing.is_known(made), day=clock.today())
    form.amount.data = form.amount.data or made.gift.decimal
    return _page(made, form)


@limited("change")
def tell(token: str) -> Any:
    """Take what a donor tells of a transfer to the partner; the same form twice is one."""
    made = pledge_of(token)
    form = SentForm(made.currency, known=changing.is_known(made))
    if not form.validate():
        return _page(made, form, 400 if form.forged else 422)
    if "contact" in form and not _is_theirs(made, form.contact.data or ""):
        form.contact.errors = [t(NOT_THEIRS)]
        return _page(made, form, 422)
    row, sent = made.id, _sent(form)
    try:
        with db.transaction():
            remittances.tell(queries.lock_pledge(row), sent)
    except Refused as error:
        form.form_errors.append(t(str(error)))
        return _page(pledge_of(token), form, 422)
    return redirect(links.url("pledges.show", token=token), 303)


def _sent(form: SentForm) -> Sent:
    assert form.amount.money is not None and form.day.data is not None  # noqa: S101, PT018 - valid
    return Sent(form.attempt.data or "", form.control.data, form.day.data, form.amount.money)


def _is_theirs(made: Pledge, contact: str) -> bool:
    """Tell whether a contact is the one that stands on the pledge."""
    found = read_contact(contact, made.country)
    if found is None:
        return False
    email, phone = found
    if phone is not None:
        return phone == made.phone
    return (email or "").casefold() == (made.email or "").casefold()


def _page(made: Pledge, form: SentForm, status: int = 200) -> Any:
    if made.method != cash.PARTNER:
        abort(404)
    last = made.payments[-1]
    page = render_template(
        "ashar/pledges/sent.html",
        token=made.token,
        by_hand=hand_show.view(made, last),
        form=form,
    )
    return page, status
