"""The way out: a payment goes to its gateway, outside any transaction."""

from dataclasses import dataclass, replace
from typing import Any, cast

from sqlalchemy import bindparam, func, update
from sqlalchemy.sql.dml import ReturningUpdate

from ashar.gateways import bank, cash
from ashar.gateways.base import Instructions, Listens, Order, Payee
from ashar.kernel import db, links, outbox
from ashar.kernel.db import session
from ashar.kernel.errors import GatewayRefused
from ashar.pledges import held, inbox, lists, partners, standing
from ashar.pledges.models import Payment
from ashar.pledges.services import Wish, Written
from ashar.projects import queries as projects

_PAYMENTS = db.table_of(Payment)
_NOTE = update(_PAYMENTS).where(_PAYMENTS.c.id == bindparam("row")).returning(_PAYMENTS.c.state)
_NOTE_SESSION = _NOTE.values(
    # A webhook may have told of the session before us.
    session_id=func.coalesce(_PAYMENTS.c.session_id, bindparam("session")),
    session_url=bindparam("url"),
    ends_at=bindparam("ends"),
)


#: The signal by which Ashar's own ways tell what the donor has to do.
TOLD = {bank.NAME: "transfer_told", cash.NAME: "cash_told", cash.PARTNER: "cash_told"}


@dataclass(frozen=True, slots=True)
class Ready:
    """A payment that may go to its gateway: all that is needed, read inside the transaction.

    `told` says that its donor knows already what to do.
    """

    payment: int
    gateway: str
    order: Order
    told: bool = False


def first(made: Written, wish: Wish, gateway: str, title: str) -> Ready:
    """Tell what a gateway has to be told of a pledge that was just written."""
    order = _order(
        made.pledge,
        made.token,
        1,
        gift=wish.gift,
        cover=made.cover,
        method=wish.method,
        language=wish.language,
        title=title,
        email=wish.email,
        reference=made.reference,
        monthly=wish.frequency == "monthly",
    )
    return Ready(made.payment, gateway, order)


def tell(ready: Ready) -> Ready:
    """Begin, inside the transaction that wrote a payment, where that takes nobody outside."""
    gateway = inbox.gateway(ready.gateway)
    if getattr(gateway, "reaches_out", True):
        return ready
    try:
        told = gateway.begin(ready.order)
    except GatewayRefused:
        # It says so again to whoever begins; the pledge stands.
        return ready
    _keep(ready, cast(Instructions, told))
    return replace(ready, told=True)


def prepare(payment: Payment) -> Ready:
    """Read what a payment's gateway has to be told."""
    pledge = payment.pledge
    order = _order(
        pledge.id,
        pledge.token,
        payment.no,
        gift=pledge.gift,
        cover=pledge.cover,
        method=pledge.method,
        language=pledge.language,
        title=projects.title(pledge.project, pledge.language),
        email=pledge.email,
        reference=pledge.reference,
        monthly=pledge.frequency == "monthly",
    )
    return Ready(payment.id, payment.gateway, order)


def _order(
    pledge: int, token: str, no: int, *, language: str, reference: str | None, **facts: Any
) -> Order:
    return Order(
        pledge=token,
        key=f"pledge-{pledge}-attempt-{no}-{token[:8]}",
        attempt=no,
        language=language,
        image=None,
        back_url=links.absolute("pledges.back", token=token, lang=language),
        cancel_url=links.absolute("pledges.show", token=token, lang=language),
        payee=_payee(pledge, facts["method"], facts["gift"].currency) if reference else None,
        reference=reference,
        **facts,
    )


def _payee(pledge: int, method: str, currency: str) -> Payee | None:
    """Return to whom a donor sends a gift themselves."""
    return partners.payee(pledge) if method == cash.PARTNER else lists.payee(currency)


def begin(ready: Ready) -> str:
    """Send a payment to its gateway; return the address at which the donor goes on.

    The gateway's key comes from the row, so that calling twice begins once. Raises GatewayError
    when the provider does not answer or says no; the payment stays as it was.
    """
    page = links.absolute("pledges.show", token=ready.order.pledge)
    if ready.told:
        return page
    session.rollback()
    started = inbox.gateway(ready.gateway).begin(ready.order)
    if isinstance(started, Instructions):
        with db.transaction():
            _keep(ready, started)
        return page
    session_of = {"session": started.id, "url": started.url, "ends": started.ends_at}
    state = _note(_NOTE_SESSION, row=ready.payment, **session_of)
    if state == "expired":
        # The pledge was called off meanwhile.
        stop(ready.gateway, started.id)
    return started.url


def _keep(ready: Ready, told: Instructions) -> None:
    """Keep what the donor has to do, and show their gift among those that are on their way."""
    payment = held.lock(ready.payment)
    if payment.state != "started" or payment.awaiting_minor:
        return
    payment.also |= {"instructions": dict(told.lines), "ends_at": told.ends_at}
    standing.show_awaiting(payment)
    held.save(payment)
    # A host's own way has words of its own.
    if ready.gateway in TOLD:
        outbox.emit(
            TOLD[ready.gateway],
            pledge=payment.pledge_id,
            payment=payment.id,
            project=payment.project.slug,
        )


def _note(statement: ReturningUpdate[Any], **values: Any) -> str:
    """Keep what the gateway answered, in one statement; return the payment's state."""
    [(state,)] = db.alone(statement, values)
    return str(state)


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
