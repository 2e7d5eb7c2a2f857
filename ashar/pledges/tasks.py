"""Work away from any request: the inbox, lost events, open sessions, refunds to send."""

import hashlib
import logging
from datetime import datetime, timedelta
from typing import cast

from flask import current_app
from sqlalchemy import ColumnElement, and_, or_, select

from ashar.gateways.base import Gateway, Listens, Notice, Received, RefundOrder
from ashar.kernel import clock, db, jobs
from ashar.kernel.db import session
from ashar.kernel.errors import (
    AsharError,
    GatewayError,
    GatewayRefused,
    GatewayUnreachable,
    Parked,
    Waits,
)
from ashar.pledges import checkout, inbox, matching, settlement
from ashar.pledges.models import Inbox, Payment, Pledge, Refund
from ashar.pledges.states import MONEY_CAME, PAYMENT, PLEDGE, REFUND
from ashar.projects.models import Project

log = logging.getLogger(__name__)

#: How far back lost events are looked for when they were never listed (Stripe keeps 30 days).
HORIZON = timedelta(days=29)
#: Events are listed again from this long before the last listing.
OVERLAP = timedelta(hours=1)
#: A balance transaction that has not come by an event after this long is asked for.
FEE_PATIENCE = timedelta(minutes=2)
#: Not for ever: what has no fee after so long, a treasurer has to look at.
FEE_HORIZON = timedelta(days=14)
#: Longer than any session lives: a payment without one cannot be paid any more.
UNBEGUN_LIFE = timedelta(hours=25)


def process(row: int) -> str:
    """Take a message through the one door; return its state afterwards.

    Never raises for what the message says; a fault of ours is logged, and the sweep tries again.
    """
    try:
        waiting = _take(row)
        if waiting is None:
            inbox.fetch_body(row)
            waiting = _take(row)
    except Waits as error:
        return inbox.put_off(row, "waiting", str(error), error.keys)
    except (Parked, GatewayRefused) as error:
        return inbox.put_off(row, "parked", str(error))
    except GatewayUnreachable as error:
        return inbox.put_off(row, "stored", str(error))
    except AsharError as error:
        return inbox.put_off(row, "parked", f"{type(error).__name__}: {error}")
    except Exception as error:
        log.exception("inbox %s failed", row)
        return inbox.put_off(row, "stored", f"{type(error).__name__}: {error}")
    for other in waiting or ():
        process(other)
    return "done"


def _take(row: int) -> list[int] | None:
    """Apply a message and mark it done, in one transaction; return those that waited for it.

    None when its bytes are still to be fetched, which no transaction may wait for.
    """
    with db.transaction():
        found = inbox.hold(row)
        if found is None or found.state == "done":
            return []
        if found.body is None:
            return None
        known = settlement.receive_all(_read(found.gateway, found.body))
        inbox.finish(row)
        return inbox.waiting_for(known) if known and found.some_wait else []


def _read(name: str, body: bytes) -> list[Notice]:
    """Read a message; what the gateway cannot read today it cannot read in an hour."""
    try:
        return inbox.gateway(name).read(body)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise Parked(f"unreadable: {type(error).__name__}: {error}") from error


def take_in(name: str, received: Received) -> str:
    """Store a message and process it at once; return its state afterwards."""
    with db.transaction():
        row = inbox.store(name, received)
    if row is None:
        row = session.scalars(
            select(Inbox.id).where(Inbox.gateway == name, Inbox.external_id == received.id)
        ).one()
    return process(row)


def replay(row: int) -> str:
    """Process a message once more by a person's wish, parked ones too."""
    inbox.reopen(row)
    return process(row)


@jobs.job("inbox.process")
def process_job(row: int) -> None:
    """Process one message away from any request."""
    process(row)


@jobs.job("inbox.sweep", every=5)
def sweep(limit: int = 200, *, early: bool = False) -> int:
    """Process what a process left behind, and what waited long enough; return how many.

    With `early` also what another process may be at: of two, one waits for the other.
    """
    session.rollback()
    rows = inbox.due(limit, early=early)
    for row in rows:
        process(row)
    return len(rows)


@jobs.job("gateways.missed", every=600)
def catch_up(since: datetime | None = None) -> int:
    """List what the gateways sent and take in what is new to us; return how many were new."""
    gateways: dict[str, Gateway] = current_app.extensions["ashar"].gateways
    return sum(
        _catch_up_with(name, cast(Listens, gateway), since)
        for name, gateway in gateways.items()
        if hasattr(gateway, "missed")
    )


def _catch_up_with(name: str, gateway: Listens, since: datetime | None) -> int:
    begun = clock.now()
    since = since or _listed_since(name)
    session.rollback()
    new = []
    for received in gateway.missed(since):
        with db.transaction():
            row = inbox.store(name, received)
        if row is not None:
            new.append(row)
    with db.transaction():
        inbox.note_listing(name, begun)
    for row in new:
        process(row)
    return len(new)


def _listed_since(name: str) -> datetime:
    """Return from when on events may be missing.

    Not the newest event that came: a lost one may lie hours before it.
    """
    earliest, last = clock.now() - HORIZON, inbox.last_listing(name)
    return max(last - OVERLAP, earliest) if last else earliest


def poll(payment_id: int) -> None:
    """Ask the provider how a payment's session stands, and take the answer through the door."""
    payment = session.get_one(Payment, payment_id)
    name, session_id = payment.gateway, payment.session_id
    session.rollback()
    if session_id is not None:
        take_in(name, inbox.gateway(name).fetch("session", session_id))


@jobs.job("payments.poll", every=60)
def poll_open(limit: int = 100) -> int:
    """Ask about sessions that should have ended by now; return how many were asked about."""
    session.rollback()
    late = session.scalars(
        select(Payment.id)
        .where(
            Payment.state == "started",
            Payment.session_id.is_not(None),
            Payment.ends_at < clock.now(),
        )
        .order_by(Payment.ends_at)
        .limit(limit)
    ).all()
    asked = 0
    for row in late:
        try:
            poll(row)
            asked += 1
        except GatewayError as error:
            log.warning("could not ask about payment %s: %s", row, error)
    return asked


@jobs.job("payments.stop", every=60)
def stop_sessions(limit: int = 200) -> int:
    """End the open sessions of projects that take no gifts any more; return how many.

    What was paid in the same second is told by the provider, and is late money then.
    """
    session.rollback()
    rows = session.execute(
        select(Payment.id, Payment.gateway, Payment.session_id)
        .join(Payment.pledge)
        .join(Pledge.project)
        .where(Payment.state == "started", Payment.session_id.is_not(None), takes_none())
        .order_by(Payment.id)
        .limit(limit)
    ).all()
    session.rollback()
    for row, name, session_id in rows:
        try:
            if not checkout.stop(name, str(session_id)):
                poll(row)
        except GatewayError as error:
            log.warning("could not end the session of payment %s: %s", row, error)
    return len(rows)


def takes_none() -> ColumnElement[bool]:
    """Return the condition that a project takes no gifts now."""
    takes = or_(
        Project.state == "published", and_(Project.state == "funded", Project.takes_more.is_(True))
    )
    # Not null for a project without a deadline: its negation is asked for too.
    past = and_(Project.deadline.is_not(None), Project.deadline < clock.today())
    return or_(~takes, past)


@jobs.job("payments.unbegun", every=3600)
def drop_unbegun(limit: int = 500) -> int:
    """Let payments run out whose gateway was never reached; return how many."""
    with db.transaction():
        rows = session.scalars(
            select(Payment)
            .join(Payment.pledge)
            .where(
                Payment.state == "started",
                Payment.session_id.is_(None),
                # What the donor does alone has its own end, or none.
                Payment.instructions.is_(None),
                Payment.started_at < clock.now() - UNBEGUN_LIFE,
            )
            .limit(limit)
            .with_for_update(skip_locked=True, of=[Pledge, Payment])
        ).all()
        for payment in rows:
            PAYMENT.move(payment, "expired", why="its gateway was never reached")
            if payment.pledge.state == "open":
                PLEDGE.move(payment.pledge, "expired", why="its gateway was never reached")
        matching.release_all([payment.id for payment in rows if payment.pool_id is not None])
    return len(rows)


@jobs.job("payments.fees", every=300)
def fetch_fees(limit: int = 100) -> int:
    """Ask for charges whose balance transaction no event has told; return how many."""
    session.rollback()
    before = clock.now() - FEE_PATIENCE
    rows = session.execute(
        select(Payment.gateway, Payment.intent_id)
        .where(
            Payment.state.in_(MONEY_CAME),
            Payment.transaction_id.is_(None),
            Payment.intent_id.is_not(None),
            Payment.settled_at.between(before - FEE_HORIZON, before),
        )
        .order_by(Payment.id)
        .limit(limit)
    ).all()
    session.rollback()
    for name, intent in rows:
        if hasattr(inbox.gateway(name), "missed"):
            _fetch_intent(name, str(intent))
    return len(rows)


def _fetch_intent(name: str, intent: str) -> None:
    try:
        found = inbox.gateway(name).fetch("intent", intent)
    except GatewayError as error:
        log.warning("could not fetch %s: %s", intent, error)
        return
    # The same answer again is no new message.
    known = f"{found.id}#{hashlib.sha256(found.body).hexdigest()[:16]}"
    take_in(name, Received(known, found.kind, found.body))


def send_refund(refund_id: int) -> str:
    """Give an ordered refund to the provider, once; return the refund's state afterwards.

    Raises GatewayUnreachable when the provider does not answer: the order stands and is sent
    again. Raises GatewayRefused when it says no: the refund has failed.
    """
    refund = session.get_one(Refund, refund_id)
    if refund.state != "ordered":
        return refund.state
    order, name = _refund_order(refund), refund.payment.gateway
    session.rollback()
    try:
        received = inbox.gateway(name).refund(order)
    except GatewayRefused as error:
        _note_refusal(refund_id, error)
        raise
    take_in(name, received)
    session.rollback()
    return session.get_one(Refund, refund_id).state


def _refund_order(refund: Refund) -> RefundOrder:
    payment = refund.payment
    return RefundOrder(
        key=f"refund-{refund.id}-{payment.pledge.token[:8]}",
        refund=refund.id,
        ids={"intent": payment.intent_id or "", "charge": payment.charge_id or ""},
        money=refund.money,
        reason=refund.reason,
    )


def _note_refusal(refund_id: int, error: GatewayRefused) -> None:
    with db.transaction():
        refund = session.get_one(Refund, refund_id, with_for_update=True)
        refund.trouble = str(error)
        # An event may have told meanwhile that it did go through.
        if refund.state == "ordered":
            REFUND.move(refund, "failed", why=str(error))


@jobs.job("refunds.send", every=30)
def send_refunds(limit: int = 50) -> int:
    """Send refunds that were ordered and did not reach the provider; return how many did now."""
    session.rollback()
    before = clock.now() - timedelta(seconds=30)
    rows = session.scalars(
        select(Refund.id)
        .where(Refund.state == "ordered", Refund.ordered_at < before)
        .order_by(Refund.id)
        .limit(limit)
    ).all()
    sent = 0
    for row in rows:
        try:
            send_refund(row)
            sent += 1
        except GatewayError as error:
            log.warning("refund %s was not sent: %s", row, error)
    return sent


def reconcile(since: datetime | None = None) -> dict[str, int]:
    """Do all of it now; return how much each step found.

    What is here already comes first: it needs no answer from outside.
    """
    return {
        "messages left behind": sweep(10_000, early=True),
        "events that were missed": catch_up(since),
        "messages processed": sweep(10_000, early=True),
        "sessions asked about": poll_open(10_000),
        "sessions of closed projects": stop_sessions(10_000),
        "payments never begun": drop_unbegun(10_000),
        "fees asked for": fetch_fees(10_000),
        "refunds sent": send_refunds(10_000),
    }
