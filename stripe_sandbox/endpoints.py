"""Webhook endpoints: who is told about what."""

from __future__ import annotations

from .account import Account
from .paging import listing
from .params import merge, metadata
from .store import Obj, change
from .urls import check_url


def create(account: Account, params: Obj) -> Obj:
    """Create an endpoint; only this answer shows its secret."""
    check_url(params["url"], "url")
    endpoint = add(account, params["url"], account.store.new_id("whsec_", 32), params)
    return {**endpoint, "secret": account.secrets[endpoint["id"]]}


def add(account: Account, url: str, secret: str, params: Obj) -> Obj:
    """Keep an endpoint and its secret."""
    endpoint = account.store.add(
        {
            "id": account.store.new_id("we_"),
            "object": "webhook_endpoint",
            "api_version": params.get("api_version"),
            "application": None,
            "created": account.clock.now(),
            "description": params.get("description"),
            "enabled_events": params.get("enabled_events", ["*"]),
            "livemode": False,
            "metadata": metadata(params.get("metadata")),
            "status": "enabled",
            "url": url,
        }
    )
    account.secrets[endpoint["id"]] = secret
    return endpoint


def update(account: Account, params: Obj, id: str) -> Obj:
    """Change where, what and whether an endpoint is told."""
    endpoint = account.store.get("webhook_endpoint", id)
    if "url" in params:
        check_url(params["url"], "url")
    names = ("url", "enabled_events", "description")
    changes = {name: params[name] for name in names if name in params}
    if "disabled" in params:
        changes["status"] = "disabled" if params["disabled"] else "enabled"
    if "metadata" in params:
        changes["metadata"] = merge(endpoint["metadata"], params["metadata"])
    change(endpoint, **changes)
    return endpoint


def delete(account: Account, params: Obj, id: str) -> Obj:
    """Remove an endpoint; what is on its way to it is dropped."""
    account.store.remove(account.store.get("webhook_endpoint", id))
    del account.secrets[id]
    return {"id": id, "object": "webhook_endpoint", "deleted": True}


def retrieve(account: Account, params: Obj, id: str) -> Obj:
    """Return one endpoint, without its secret."""
    return account.store.get("webhook_endpoint", id)


def list_endpoints(account: Account, params: Obj) -> Obj:
    """List the endpoints, newest first."""
    return listing(account.store.all("webhook_endpoint"), params, "/v1/webhook_endpoints")
