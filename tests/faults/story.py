"""One payment's events in Stripe's own shapes: told once by a sandbox, retold under other names."""

import json
import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import stripe

from ashar.gateways.base import Received
from ashar.kernel import db
from ashar.pledges import checkout
from ashar.pledges.models import Payment, Pledge
from stripe_sandbox import Sandbox
from tests.conftest import WEBHOOK_SECRET
from tests.factories import make_pledge, pledge_of

Event = dict[str, Any]

#: Long loops run whole under `make faults` only.
FULL = "full" in {os.environ.get("ASHAR_FAULTS"), os.environ.get("ASHAR_HYPOTHESIS")}

#: What is told of 50.00 paid, 20.00 refunded and 30.00 disputed, in Stripe's usual order.
TOLD = (
    "checkout.session.completed",
    "charge.updated",
    "refund.created",
    "refund.updated",
    "charge.dispute.created",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.closed",
)
_ID = re.compile(r"\b(?:evt|cs_test|pi|ch|re|du|txn|pm)_[A-Za-z0-9]{8,}")


def signed(body: bytes, secret: str = WEBHOOK_SECRET, at: int | None = None) -> dict[str, str]:
    """Return the headers of an authentic delivery."""
    sign = stripe.WebhookSignature.generate_signature_header
    return {"Stripe-Signature": sign(body.decode(), secret, at), "Content-Type": "application/json"}


def raw(event: Event) -> bytes:
    """Return an event's bytes as Stripe would send them."""
    return json.dumps(event, indent=2, ensure_ascii=False).encode()


def received(event: Event) -> Received:
    """Return a verified event, as the endpoint would store it."""
    return Received(event["id"], event["type"], raw(event))


def begin(project: int, amount: str = "50.00", currency: str = "CHF", **more: Any) -> Pledge:
    """Write a pledge and open its session at the sandbox; return the pledge."""
    pledge, payment = make_pledge(project, amount, currency, **more)
    _forget_session(payment)
    checkout.begin(checkout.prepare(db.session.get_one(Payment, payment)))
    return pledge_of(pledge)


def _forget_session(payment: int) -> None:
    with db.transaction() as session:
        session.get_one(Payment, payment).session_id = None


def pay(sandbox: Sandbox, pledge: Pledge) -> Event:
    """Pay a pledge at the sandbox; return the event of its completed session."""
    session_id = pledge.payments[0].session_id
    assert session_id is not None
    sandbox.pay(session_id)
    found = sandbox.events("checkout.session.completed")
    return next(one for one in found if one["data"]["object"]["id"] == session_id)


@dataclass(frozen=True)
class Tale:
    """The seven events of one payment, and the balance transactions that they lead to.

    `extra` is the event of a won dispute's money coming back, which tells what its closing tells.
    """

    token: str
    session: str
    events: tuple[Event, ...]
    extra: tuple[Event, ...]
    transactions: tuple[Event, ...]

    def retold(self, token: str) -> "Tale":
        """Return the same tale about another pledge, everything in it under another name."""
        suffix = secrets.token_hex(6)
        parts = [self.session, self.events, self.extra, self.transactions]
        text = json.dumps(parts).replace(self.token, token)
        renamed = json.loads(_ID.sub(lambda found: found[0] + suffix, text))
        session, *rest = renamed
        return Tale(token, session, *(tuple(part) for part in rest))


def tell(sandbox: Sandbox, pledge: Pledge, won: bool) -> Tale:
    """Let a pledge be paid, refunded and disputed at the sandbox; return what was told of it."""
    pay(sandbox, pledge)
    assert sandbox.flush()
    charge = sandbox.events("charge.updated")[-1]["data"]["object"]["id"]
    sandbox.refund(charge, 2000)
    dispute = sandbox.dispute(charge, 3000)
    sandbox.close_dispute(dispute["id"], won=won)
    last = {event["type"]: event for event in sandbox.events()}
    last.update(_refund(last["refund.created"]))
    return Tale(
        pledge.token,
        str(pledge.payments[0].session_id),
        tuple(last[name] for name in TOLD),
        (last["charge.dispute.funds_reinstated"],) if won else (),
        _transactions(sandbox),
    )


def _refund(event: Event) -> dict[str, Event]:
    """Tell a refund in two steps, as banks do: pending first, arrived later."""
    created, updated = (json.loads(json.dumps(event)) for _ in range(2))
    created["data"]["object"]["status"] = "pending"
    updated.update(id=event["id"] + "Up", type="refund.updated")
    return {"refund.created": created, "refund.updated": updated}


def _transactions(sandbox: Sandbox) -> tuple[Event, ...]:
    found = sandbox.account.store.all("balance_transaction")
    return tuple(one for one in found if one["source"].startswith(("ch_", "re_")))


def serve(sandbox: Sandbox, transactions: Sequence[Event]) -> None:
    """Put balance transactions where the site will ask for them: into the sandbox's account."""
    with sandbox.account.lock:
        for transaction in transactions:
            sandbox.account.store.add(dict(transaction))
