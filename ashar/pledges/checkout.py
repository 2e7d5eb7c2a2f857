"""The way out: a payment goes to its gateway, outside any transaction."""

from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import func, update

from ashar.gateways.base import Instructions, Listens, Order
from ashar.kernel import db, links
from ashar.kernel.db import session
from ashar.kernel.errors import GatewayRefused
from ashar.pledges import inbox
from ashar.pledges.models import Payment
from ashar.projects import queries as projects


@dataclass(frozen=True, slots=True)
class Ready:
    """A payment that may go to its gateway: all that is needed, read inside the transaction."""

    payment: int
    gateway: str
    order: Order


def prepare(payment: Payment) -> Ready:
    """Read what a payment's gateway has to be told."""
    pledge = payment.pledge
    order = Order(
        pledge=pledge.token,
        key=f"pledge-{pledge.id}-attempt-{payment.no}-{pledge.token[:8]}",
        attempt=payment.no,
        gift=pledge.gift,
        cover=pledge.cover,
        method=pledge.method,
        language=pledge.language,
        title=projects.title(pledge.project, pledge.language),
        image=None,
        email=pledge.email,
        back_url=links.absolute("pledges.back", token=pledge.token, lang=pledge.language),
        cancel_url=links.absolute("pledges.show", token=pledge.token, lang=pledge.language),
    )
    return Ready(payment.id, payment.gateway, order)


def begin(ready: Ready) -> str:
    """Send a payment to its gateway; return the address at which the donor goes on.

    The gateway's key comes from the row, so that calling twice begins once. Raises GatewayError
    when the provider does not answer or says no; the payment stays as it was.
    """
    session.rollback()
    started = inbox.gateway(ready.gateway).begin(ready.order)
    if isinstance(started, Instructions):
        _note(ready.payment, instructions=dict(started.lines), ends_at=started.ends_at)
        return links.absolute("pledges.show", token=ready.order.pledge)
    state = _note(
        ready.payment,
        # A webhook may have told of the session before us.
        session_id=func.coalesce(Payment.session_id, started.id),
        session_url=started.url,
        ends_at=started.ends_at,
    )
    if state == "expired":
        # The pledge was called off meanwhile.
        stop(ready.gateway, started.id)
    return started.url


def _note(payment: int, **values: Any) -> str:
    """Keep what the gateway answered, in one statement; return the payment's state."""
    with db.transaction():
        found: str = session.execute(
            update(Payment)
            .where(Payment.id == payment)
            .values(**values)
            .returning(Payment.state)
            .execution_options(synchronize_session=False)
        ).scalar_one()
    return found


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
