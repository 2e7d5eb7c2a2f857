"""Stripe's invoices and subscriptions, read into facts of monthly gifts."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from ashar.gateways.base import Notice
from ashar.gateways.stripe_json import NAME, Object, about, created, from_stripe, ids_of, metadata
from ashar.kernel.money import Money

#: Stripe's words for how a subscription stands; one that is incomplete has not begun.
SUBSCRIPTIONS = {
    "active": "active",
    "trialing": "active",
    "past_due": "past_due",
    "unpaid": "past_due",
    "paused": "paused",
    "canceled": "ended",
    "incomplete_expired": "ended",
}


def invoice(id: str, type: str, thing: Object, at: datetime) -> list[Notice]:
    """Read an invoice of a subscription: it is paid, or a try to charge it has failed.

    Neither the intent nor the bank's reason is in the event; both come with the invoice asked for.
    """
    told, reason = about(thing), thing.get("billing_reason")
    details = (thing.get("parent") or {}).get("subscription_details")
    paid = thing["status"] == "paid"
    amount = thing["amount_paid"] if paid else thing["amount_due"]
    if not details or told["token"] is None or not amount:
        return []
    intent = _intent_of(thing)
    error = (intent if isinstance(intent, Mapping) else {}).get("last_payment_error") or {}
    first = reason == "subscription_create"
    again = thing.get("next_payment_attempt")
    kind = "paid" if paid else "failed" if intent and not first else "declined"
    name = thing["id"] if paid else f"{thing['id']}@{thing['attempt_count']}"
    ids = ids_of(invoice=thing["id"], subscription=details["subscription"], intent=intent)
    return [
        Notice(
            NAME,
            id,
            kind,
            at,
            ids=ids | ids_of(token=told["token"], attempt=told["attempt"] if first else None),
            money=from_stripe(amount, thing["currency"]),
            gift=_gift(thing, amount),
            reason=error.get("decline_code") or error.get("code") or "",
            next_at=datetime.fromtimestamp(again, UTC) if again else None,
            wants=() if intent else (("invoice", name),),
        )
    ]


def _gift(thing: Object, amount: int) -> Money | None:
    """Return which part of an amount is the gift, by what we wrote beside the subscription."""
    told = str(metadata(thing).get("gift", ""))
    if not told.isdigit() or not 0 < int(told) <= amount:
        return None
    return from_stripe(int(told), thing["currency"])


def _intent_of(invoice: Object) -> Any:
    """Return the intent that collects an invoice, where its payments were asked for too."""
    payments = (invoice.get("payments") or {}).get("data") or []
    found = [one["payment"].get("payment_intent") for one in payments if one["is_default"]]
    return found[-1] if found else None


def paid_at(invoice: Object) -> datetime:
    """Return when an invoice was paid, else when it was made."""
    at = (invoice.get("status_transitions") or {}).get("paid_at")
    return datetime.fromtimestamp(at, UTC) if at else created(invoice)


def subscription(id: str, type: str, thing: Object, at: datetime) -> list[Notice]:
    """Read that something became of a subscription: how it stands is asked for.

    Its events come in any order and lack the card's last day; what is asked for is always newest.
    """
    token = about(thing)["token"]
    if token is None:
        return []
    wants = (("subscription", f"{thing['id']}@{id}"),)
    ids = ids_of(subscription=thing["id"], token=token)
    return [Notice(NAME, id, "subscription", at, ids=ids, wants=wants)]


def fetched_subscription(thing: Object, at: datetime) -> list[Notice]:
    """Read how a subscription stood at an instant."""
    status, token = SUBSCRIPTIONS.get(thing["status"]), about(thing)["token"]
    if status is None or token is None:
        return []
    if thing.get("pause_collection") and status != "ended":
        status = "paused"
    item = thing["items"]["data"][0]
    amount = item["price"]["unit_amount"] * (item.get("quantity") or 1)
    details = thing.get("cancellation_details") or {}
    return [
        Notice(
            NAME,
            f"{thing['id']}@{at.isoformat()}",
            "subscription",
            at,
            ids=ids_of(subscription=thing["id"], token=token),
            money=from_stripe(amount, thing["currency"]),
            gift=_gift(thing, amount),
            status=status,
            reason=details.get("reason") or "",
            next_at=datetime.fromtimestamp(item["current_period_end"], UTC),
            card_until=_card_until(thing.get("default_payment_method")),
        )
    ]


def _card_until(method: Any) -> date | None:
    card = method.get("card") if isinstance(method, Mapping) else None
    if not card:
        return None
    year, month = card["exp_year"], card["exp_month"]
    return date(year, month, monthrange(year, month)[1])
