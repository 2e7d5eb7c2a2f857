"""Events: frozen copies of an object as it was, handed to the webhook endpoints."""

from __future__ import annotations

from copy import deepcopy
from fnmatch import fnmatchcase

import stripe

from . import webhooks
from .account import Account, cause
from .paging import listing
from .store import Obj


def emit(account: Account, type: str, obj: Obj, previous: Obj | None = None) -> Obj:
    """Record an event with a snapshot of the object and send it out."""
    event = account.store.add(_event(account, type, obj, previous))
    endpoints = [one for one in account.store.all("webhook_endpoint") if wants(one, type)]
    event["pending_webhooks"] = len(endpoints)
    for endpoint in endpoints:
        webhooks.send(account, event, endpoint)
    return event


def _event(account: Account, type: str, obj: Obj, previous: Obj | None) -> Obj:
    data = {"object": deepcopy(obj)}
    if previous:
        data["previous_attributes"] = deepcopy(previous)
    return {
        "id": account.store.new_id("evt_"),
        "object": "event",
        "api_version": stripe.api_version,
        "created": account.clock.now(),
        "data": data,
        "livemode": False,
        "pending_webhooks": 0,
        "request": {"id": cause.get().id, "idempotency_key": cause.get().idempotency_key},
        "type": type,
    }


def wants(endpoint: Obj, type: str) -> bool:
    """Tell whether an endpoint has subscribed to a type of event."""
    enabled = endpoint["status"] == "enabled"
    return enabled and any(fnmatchcase(type, one) for one in endpoint["enabled_events"])


def retrieve(account: Account, params: Obj, id: str) -> Obj:
    """Return one event."""
    return account.store.get("event", id)


def list_events(account: Account, params: Obj) -> Obj:
    """List events by type (with `*`), types and time, newest first."""
    patterns = params.get("types") or ([params["type"]] if "type" in params else ["*"])
    found = [
        event
        for event in account.store.all("event")
        if any(fnmatchcase(event["type"], one) for one in patterns)
    ]
    return listing(found, params, "/v1/events")
