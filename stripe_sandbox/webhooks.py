"""Deliver events to endpoints: signed at the time of each attempt, repeated until a 2xx."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence

import stripe
import urllib3

from .account import Account, Delivery
from .paging import public
from .store import Obj

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 240.0
ATTEMPTS = 16
TIMEOUT = 10.0
POOL = urllib3.PoolManager(num_pools=4, maxsize=8)
WRONG_SECRET = "whsec_this_is_not_the_secret"  # noqa: S105 (a fault, not a secret)


def send(account: Account, event: Obj, endpoint: Obj) -> None:
    """Put an event on its way, with the faults that were ordered for it."""
    kinds = {fault.kind: fault.seconds for fault in account.faults.take_webhook(event["type"])}
    delivery = _delivery(account, event, endpoint, kinds)
    account.deliveries.append(delivery)
    if "drop" in kinds:
        delivery.state = "dropped"
        return
    _queue(account, delivery, kinds)
    if "duplicate" in kinds:
        again = _delivery(account, event, endpoint, kinds, copy=True)
        account.deliveries.append(again)
        _queue(account, again, kinds)


def _delivery(
    account: Account, event: Obj, endpoint: Obj, kinds: dict[str, float], copy: bool = False
) -> Delivery:
    secret = WRONG_SECRET if "wrong_secret" in kinds else account.secrets[endpoint["id"]]
    return Delivery(event, endpoint, secret, livemode="livemode" in kinds, copy=copy)


def _queue(account: Account, delivery: Delivery, kinds: dict[str, float]) -> None:
    if account.holding:
        delivery.state = "held"
        account.held.append(delivery)
        return
    delay = kinds.get("delay", 0.0)
    if "reorder" in kinds:
        delay += account.faults.uniform(kinds["reorder"])
    start(account, delivery, delay, "concurrent" in kinds)


def start(account: Account, delivery: Delivery, delay: float = 0, concurrent: bool = False) -> None:
    """Attempt a delivery, in the lane of its endpoint unless it is to be concurrent."""
    delivery.state = "waiting"
    lane = None if concurrent else delivery.endpoint["id"]
    account.scheduler.add(lambda: _attempt(account, delivery), delay, lane)


def release(account: Account, order: str | Sequence[str]) -> list[Delivery]:
    """Send what was held: "fifo", "reverse", "shuffle", or a list of event ids or types."""
    held, account.held, account.holding = account.held, [], False
    if order == "reverse":
        held.reverse()
    elif order == "shuffle":
        held.sort(key=lambda _: account.faults.uniform(1))
    elif not isinstance(order, str):
        held.sort(key=lambda one: _rank(one, list(order)))
    elif order != "fifo":
        raise ValueError(f"no order {order!r}")
    for delivery in held:
        start(account, delivery)
    return held


def _rank(delivery: Delivery, order: list[str]) -> int:
    for name in (delivery.event["id"], delivery.event["type"]):
        if name in order:
            return order.index(name)
    return len(order)


def _attempt(account: Account, delivery: Delivery) -> None:
    if delivery.endpoint["id"] not in account.secrets:
        delivery.state = "dropped"  # the endpoint has been deleted
        return
    payload = _payload(account, delivery)
    began = time.monotonic()
    status, error = _post(delivery, payload)
    _settle(account, delivery, status, error, round(time.monotonic() - began, 3))


def _payload(account: Account, delivery: Delivery) -> str:
    with account.lock:
        event = public(delivery.event)
        if delivery.livemode:
            event["livemode"] = True
            if "livemode" in event["data"]["object"]:
                event["data"]["object"]["livemode"] = True
        return json.dumps(event, indent=2, ensure_ascii=False)


def _post(delivery: Delivery, payload: str) -> tuple[int | None, str | None]:
    sign = stripe.WebhookSignature.generate_signature_header
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        "Stripe-Signature": sign(payload, delivery.secret),
        "Connection": "close",
    }
    body, url = payload.encode(), delivery.endpoint["url"]
    try:
        answer = POOL.request(
            "POST", url, body=body, headers=headers, timeout=TIMEOUT, retries=False, redirect=False
        )
        return answer.status, None
    except (urllib3.exceptions.HTTPError, OSError) as error:
        return None, str(error)


def _settle(
    account: Account, delivery: Delivery, status: int | None, error: str | None, took: float
) -> None:
    with account.lock:
        at = account.clock.now()
        delivery.record({"at": at, "status": status, "error": error, "seconds": took})
        tries = len(delivery.attempts or [])
        if status and 200 <= status < 300:
            delivery.state = "delivered"
            pending = delivery.event["pending_webhooks"]
            delivery.event["pending_webhooks"] = max(0, pending - (not delivery.copy))
            return
        delivery.state = "failed"
        if tries < ATTEMPTS:
            pause = min(FIRST_PAUSE * 2 ** (tries - 1), LONGEST_PAUSE)
            lane = delivery.endpoint["id"]
            account.scheduler.add(lambda: _attempt(account, delivery), pause, lane, awaited=False)
