"""The way out: a payment goes to its gateway, outside any transaction."""

from typing import cast

from ashar.gateways.base import Instructions, Listens, Order, Redirect
from ashar.kernel import db, links
from ashar.kernel.db import session
from ashar.kernel.errors import GatewayRefused
from ashar.pledges import inbox, queries
from ashar.pledges.models import Payment


def begin(payment_id: int) -> str:
    """Send a payment to its gateway; return the address at which the donor goes on.

    The gateway's key comes from the row, so that calling twice begins once. Raises GatewayError
    when the provider does not answer or says no; the payment stays as it was.
    """
    order, name = _order(payment_id)
    started = inbox.gateway(name).begin(order)
    if isinstance(started, Instructions):
        _note_instructions(payment_id, started)
        return links.absolute("pledges.show", token=order.pledge)
    _note(payment_id, name, started)
    return started.url


def _order(payment_id: int) -> tuple[Order, str]:
    payment = session.get_one(Payment, payment_id)
    pledge = payment.pledge
    title = _title(payment)
    order = Order(
        pledge=pledge.token,
        key=f"pledge-{pledge.id}-attempt-{payment.no}-{pledge.token[:8]}",
        attempt=payment.no,
        gift=pledge.gift,
        cover=pledge.cover,
        method=pledge.method,
        language=pledge.language,
        title=title,
        image=None,
        email=pledge.email,
        back_url=links.absolute("pledges.back", token=pledge.token, lang=pledge.language),
        cancel_url=links.absolute("pledges.show", token=pledge.token, lang=pledge.language),
    )
    name = payment.gateway
    session.rollback()
    return order, name


def _title(payment: Payment) -> str:
    project = payment.pledge.project
    texts = {text.language: text.title for text in project.texts}
    return texts.get(payment.pledge.language) or texts[project.language]


def _note(payment_id: int, name: str, started: Redirect) -> None:
    """Keep the session; end it again when the pledge was called off meanwhile."""
    with db.transaction():
        payment = queries.lock_payment(payment_id)
        if payment.session_id is None:
            payment.session_id = started.id
        payment.session_url, payment.ends_at = started.url, started.ends_at
        late = payment.state == "expired"
    if late:
        stop(name, started.id)


def _note_instructions(payment_id: int, started: Instructions) -> None:
    with db.transaction():
        payment = queries.lock_payment(payment_id)
        payment.instructions, payment.ends_at = dict(started.lines), started.ends_at


def stop(name: str, session_id: str) -> bool:
    """End an open session at the provider; False when it is too late for that."""
    gateway = inbox.gateway(name)
    if not hasattr(gateway, "stop"):
        return True
    try:
        cast(Listens, gateway).stop(session_id)
    except GatewayRefused:
        return False
    return True
