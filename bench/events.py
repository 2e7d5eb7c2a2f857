"""Open pledges, and the events by which Stripe tells that they were paid."""

import hashlib
import hmac
import itertools
import json
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask import Flask
from sqlalchemy import insert

from ashar.gateways.base import Received
from ashar.kernel import clock, db
from ashar.kernel.db import session
from ashar.pledges import inbox
from ashar.pledges.models import Payment, Pledge
from bench.sites import SECRET, SITE

PATH = "/webhooks/stripe"
MINOR = 5_000


def waiting(app: Flask, projects: Iterable[int], count: int) -> list[bytes]:
    """Write open pledges with begun payments, to the projects in turn; return their events."""
    chosen = list(itertools.islice(itertools.cycle(projects), count))
    with app.app_context(), db.transaction():
        made = [(_pledge(project), secrets.token_hex(8)) for project in chosen]
        ids = session.scalars(
            insert(Pledge).returning(Pledge.id, sort_by_parameter_order=True),
            [pledge for pledge, _ in made],
        ).all()
        payments = [_payment(row, word) for row, (_, word) in zip(ids, made, strict=True)]
        session.execute(insert(Payment), payments)
    return [event(pledge["token"], word) for pledge, word in made]


def _pledge(project: int) -> dict[str, Any]:
    word = secrets.token_hex(12)
    return {
        "token": word,
        "attempt": word,
        "project_id": project,
        "gift_minor": MINOR,
        "currency": "CHF",
        "method": "card",
        "email": "donor@example.org",
        "country": "CH",
        "language": "en",
        "made_at": clock.now(),
    }


def _payment(pledge: int, word: str) -> dict[str, Any]:
    return {
        "pledge_id": pledge,
        "no": 1,
        "gateway": "stripe",
        "gift_minor": MINOR,
        "cover_minor": 0,
        "currency": "CHF",
        "session_id": f"cs_{word}",
        "started_at": clock.now(),
    }


def event(token: str, word: str) -> bytes:
    """Return a `payment_intent.succeeded` as Stripe sends it."""
    found = {
        "id": f"evt_{word}",
        "object": "event",
        "account": None,
        "api_version": "2026-10-28.endive",
        "created": int(time.time()),
        "data": {"object": _intent(token, word)},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": f"req_{word}", "idempotency_key": None},
        "type": "payment_intent.succeeded",
    }
    return json.dumps(found, indent=2).encode()


def _intent(token: str, word: str) -> dict[str, Any]:
    empty = (
        "application application_fee_amount automatic_payment_methods canceled_at "
        "cancellation_reason customer description last_payment_error next_action on_behalf_of "
        "processing receipt_email review setup_future_usage shipping statement_descriptor "
        "statement_descriptor_suffix transfer_data transfer_group"
    ).split()
    return {
        "id": f"pi_{word}",
        "object": "payment_intent",
        "amount": MINOR,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": MINOR,
        "capture_method": "automatic_async",
        "client_secret": f"pi_{word}_secret_bench",
        "confirmation_method": "automatic",
        "created": int(time.time()),
        "currency": "chf",
        "latest_charge": f"ch_{word}",
        "livemode": False,
        "metadata": {"pledge": token, "attempt": "1", "site": SITE},
        "payment_method": "pm_bench",
        "payment_method_configuration_details": None,
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"],
        "status": "succeeded",
        **dict.fromkeys(empty),
    }


def signed(body: bytes) -> Mapping[str, str]:
    """Return the headers that make a body authentic now."""
    stamp = int(time.time())
    digest = hmac.new(SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {
        "Stripe-Signature": f"t={stamp},v1={digest}",
        "Content-Type": "application/json; charset=utf-8",
    }


def stored(app: Flask, bodies: Iterable[bytes]) -> list[int]:
    """Put events into the inbox; return their rows."""
    with app.app_context(), db.transaction():
        return [row for body in bodies if (row := inbox.store("stripe", _received(body)))]


def _received(body: bytes) -> Received:
    found = json.loads(body)
    return Received(found["id"], found["type"], body)


class Stock:
    """Events made ahead, handed out in order to each who asks by name."""

    def __init__(self, app: Flask, projects: Iterable[int], count: int) -> None:
        self._events = waiting(app, projects, count)
        self._at: dict[str, Iterator[bytes]] = {}

    def take(self, who: str, count: int) -> list[bytes]:
        """Return the next ones; raise IndexError when too few were made."""
        left = self._at.setdefault(who, iter(self._events))
        found = list(itertools.islice(left, count))
        if len(found) < count:
            raise IndexError("the stock of events is empty")
        return found
