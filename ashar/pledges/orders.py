"""What a treasurer orders of gateways: refunds, and evidence against disputes."""

from collections.abc import Mapping
from typing import cast

from sqlalchemy import select

from ashar.gateways.base import Contests
from ashar.kernel import clock, db, history
from ashar.kernel.db import session
from ashar.kernel.errors import GatewayRefused, GatewayUnreachable, Refused
from ashar.kernel.i18n import N_
from ashar.kernel.money import Money
from ashar.pledges import inbox, queries, refunds, services, tasks
from ashar.pledges.models import Dispute, FraudWarning, Refund
from ashar.pledges.transfers import KNOWN

UNREACHABLE = N_(
    "The payment service does not answer. The refund stands as ordered and is sent again by itself."
)
REFUSED = N_("The payment service refused this refund: see why below.")
NOT_NOW = N_("The payment service did not take it. Please try again later.")


def refund(payment: int, money: Money, *, way: str, reason: str, attempt: str, actor: int) -> int:
    """Order a refund and send it on its way; the same form twice is one. Return its row.

    Raises Refused when more is asked than is left, and for other figures under one form; raises
    GatewayUnreachable or GatewayRefused where the provider did not take what was ordered.
    """
    with db.transaction():
        locked = queries.lock_payment(payment)
        known = session.scalars(select(Refund).where(Refund.attempt == attempt)).one_or_none()
        if known is None:
            known = services.order_refund(
                locked, money, way=way, reason=reason, actor=actor, attempt=attempt
            )
        elif (known.payment_id, known.money, known.way) != (payment, money, way):
            raise Refused(KNOWN)
        row = known.id
    if way == "provider":
        tasks.send_refund(row)
    return row


def heed(warning: int, *, actor: int) -> None:
    """Refund a payment that a card's bank has warned of; one that stays unsent is sent again."""
    with db.transaction():
        made = refunds.heed(session.get_one(FraudWarning, warning), actor=actor)
        row = made.id if made else None
    if row is not None:
        tasks.send_refund(row)


def answer(dispute: int, evidence: Mapping[str, str], *, actor: int) -> None:
    """Hand in evidence against a dispute, once; raise Refused when it was, or is too late."""
    row = session.get_one(Dispute, dispute)
    if row.answered_at is not None or row.state not in {"warning", "open"}:
        raise Refused(N_("This dispute was answered before, or is decided."))
    name, gateway_id = row.payment.gateway, row.gateway_id
    session.rollback()
    try:
        gateway = cast(Contests, inbox.gateway(name))
        received = gateway.contest(gateway_id, evidence, f"dispute-{dispute}-evidence")
    except (GatewayRefused, GatewayUnreachable) as error:
        raise Refused(NOT_NOW) from error
    with db.transaction():
        row = session.get_one(Dispute, dispute)
        queries.lock_payment(row.payment_id)
        session.refresh(row)
        if row.answered_at is None:
            row.answered_at = clock.now()
            history.record("dispute", dispute, "answered", None, name, actor=actor)
    tasks.take_in(name, received)
