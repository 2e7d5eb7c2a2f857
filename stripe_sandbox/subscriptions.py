"""Subscriptions as objects: how they begin, how they are read, changed and cancelled."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime

from . import invoices
from .account import Account
from .errors import ApiError, missing
from .events import emit
from .items import check_recurrence, check_unit_amount, make_price
from .paging import listing
from .params import merge, metadata
from .store import Obj, change

ENDED = ("canceled", "incomplete_expired")


def months_after(anchor: int, months: int) -> int:
    """Return the same day and time so many months later, or that month's last day."""
    at = datetime.fromtimestamp(anchor, UTC)
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    day = min(at.day, calendar.monthrange(year, month + 1)[1])
    return int(at.replace(year=year, month=month + 1, day=day).timestamp())


def make(account: Account, session: Obj, item: Obj, method: Obj) -> Obj:
    """Add the subscription of a Checkout session; it is incomplete until the first money came."""
    id, now = account.store.new_id("sub_"), account.clock.now()
    data, price = session["_subscription"], item["price"]
    empty = (
        "application", "application_fee_percent", "billing_cycle_anchor_config",
        "billing_thresholds", "cancel_at", "canceled_at", "customer_account", "days_until_due",
        "default_source", "ended_at", "latest_invoice", "next_pending_invoice_item_invoice",
        "on_behalf_of", "pause_collection", "pending_invoice_item_interval",
        "pending_setup_intent", "pending_update", "schedule", "test_clock", "transfer_data",
        "trial_end", "trial_start",
    )  # fmt: skip
    return account.store.add(
        {
            "id": id,
            "object": "subscription",
            **dict.fromkeys(empty),
            "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
            "billing_cycle_anchor": now,
            "billing_mode": {"flexible": None, "type": "classic", "updated_at": None},
            "billing_schedules": [],
            "cancel_at_period_end": False,
            "cancellation_details": dict.fromkeys(("comment", "feedback", "reason")),
            "collection_method": "charge_automatically",
            "created": now,
            "currency": session["currency"],
            "customer": session["customer"],
            "default_payment_method": method["id"],
            "default_tax_rates": [],
            "description": data.get("description"),
            "discounts": [],
            "invoice_settings": {
                "account_tax_ids": None,
                "custom_fields": None,
                "description": None,
                "footer": None,
                "issuer": {"type": "self"},
            },
            "items": _items(account, id, price, item["quantity"], now),
            "livemode": False,
            "metadata": metadata(data.get("metadata")),
            "payment_settings": {
                "payment_method_options": None,
                "payment_method_types": None,
                "save_default_payment_method": "off",
            },
            "start_date": now,
            "status": "incomplete",
            "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}},
            "_periods": 0,
        }
    )


def _items(account: Account, id: str, price: Obj, quantity: int, now: int) -> Obj:
    item: Obj = {
        "id": account.store.new_id("si_", 14),
        "object": "subscription_item",
        "billing_thresholds": None,
        "created": now,
        "current_period_end": months_after(now, 1),
        "current_period_start": now,
        "discounts": [],
        "metadata": {},
        "plan": _plan(price),
        "price": price,
        "quantity": quantity,
        "subscription": id,
        "tax_rates": [],
    }
    url = f"/v1/subscription_items?subscription={id}"
    return {"object": "list", "url": url, "data": [item], "has_more": False}


def _plan(price: Obj) -> Obj:
    copied = ("active", "billing_scheme", "created", "currency", "livemode", "metadata",
              "nickname", "product", "tiers_mode")  # fmt: skip
    return {
        "id": price["id"],
        "object": "plan",
        **{name: price[name] for name in copied},
        "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"],
        "interval": price["recurring"]["interval"],
        "interval_count": price["recurring"]["interval_count"],
        "meter": None,
        "transform_usage": None,
        "trial_period_days": None,
        "usage_type": "licensed",
    }


def method_of(account: Account, subscription: Obj) -> Obj:
    """Return what a subscription charges."""
    return account.store.get("payment_method", subscription["default_payment_method"])


def period_end(subscription: Obj) -> int:
    """Return when a subscription renews."""
    at: int = subscription["items"]["data"][0]["current_period_end"]
    return at


def move(account: Account, subscription: Obj, **changes: object) -> None:
    """Change a subscription, and tell of it where anything is new."""
    previous = change(subscription, **changes)
    if previous:
        emit(account, "customer.subscription.updated", subscription, previous)


def retrieve(account: Account, params: Obj, id: str) -> Obj:
    """Return one subscription."""
    return account.store.get("subscription", id, "id")


def list_subscriptions(account: Account, params: Obj) -> Obj:
    """List subscriptions that have not ended, or of a status, newest first."""
    wanted = params.get("status")
    found = [
        one
        for one in account.store.all("subscription")
        if wanted == "all" or (one["status"] == wanted if wanted else one["status"] not in ENDED)
    ]
    rest = {name: value for name, value in params.items() if name != "status"}
    return listing(found, rest, "/v1/subscriptions", ("customer",))


def update(account: Account, params: Obj, id: str) -> Obj:
    """Change amount, metadata, what is charged, or pause."""
    subscription = _running(account, id)
    changes: Obj = {}
    if "items" in params:
        changes["items"] = _changed_items(account, subscription, params)
    if "metadata" in params:
        changes["metadata"] = merge(subscription["metadata"], params["metadata"])
    if "pause_collection" in params:
        given = params["pause_collection"] or None
        changes["pause_collection"] = given and {"resumes_at": None, **given}
    if "default_payment_method" in params:
        method = params["default_payment_method"]
        account.store.get("payment_method", method, "default_payment_method", 400)
        changes["default_payment_method"] = method
    if "payment_settings" in params:
        changes["payment_settings"] = {
            **subscription["payment_settings"], **params["payment_settings"],
        }  # fmt: skip
    for name in ("cancel_at_period_end", "description"):
        if name in params:
            changes[name] = params[name]
    move(account, subscription, **changes)
    return subscription


def _running(account: Account, id: str) -> Obj:
    subscription = account.store.get("subscription", id, "id")
    if subscription["status"] in ENDED:
        message = "A canceled subscription can only update its cancellation_details and metadata."
        raise ApiError(message, param="id")
    return subscription


def _changed_items(account: Account, subscription: Obj, params: Obj) -> Obj:
    if params.get("proration_behavior", "create_prorations") != "none":
        message = "The sandbox computes no prorations: pass proration_behavior=none."
        code = "sandbox_not_implemented"
        raise ApiError(message, code=code, param="proration_behavior")
    [item] = subscription["items"]["data"]
    if len(params["items"]) != 1 or params["items"][0].get("id") != item["id"]:
        message = "The sandbox's subscriptions have one item: name it by its id."
        raise ApiError(message, code="sandbox_not_implemented", param="items")
    data, path = params["items"][0].get("price_data"), "items[0][price_data]"
    if data is None:
        return dict(subscription["items"])
    if data["currency"].lower() != subscription["currency"]:
        message = "The price specified only supports another currency than the subscription's."
        raise ApiError(message, param=path)
    if account.store.find(data["product"]) is None:
        raise missing("product", data["product"], f"{path}[product]", 400)
    check_unit_amount(data, path)
    check_recurrence(data["recurring"], f"{path}[recurring]")
    price = make_price(account, data, data["product"])
    changed = {**item, "price": price, "plan": _plan(price)}
    return {**subscription["items"], "data": [changed]}


def cancel(account: Account, params: Obj, id: str) -> Obj:
    """End a subscription at once; nothing is given back."""
    subscription = account.store.get("subscription", id, "id")
    if subscription["status"] in ENDED:
        raise missing("subscription", id, "id")
    return end(account, subscription, "cancellation_requested")


def end(account: Account, subscription: Obj, reason: str) -> Obj:
    """End a subscription; what was not paid is let go."""
    now = account.clock.now()
    details = {**subscription["cancellation_details"], "reason": reason}
    change(
        subscription,
        status="canceled",
        canceled_at=now,
        ended_at=now,
        cancellation_details=details,
    )
    latest = account.store.find(subscription["latest_invoice"])
    if latest and latest["status"] == "open":
        latest.update(auto_advance=False, next_payment_attempt=None)
        if reason == "payment_failed":
            invoices.void(account, latest)
    emit(account, "customer.subscription.deleted", subscription)
    return subscription
