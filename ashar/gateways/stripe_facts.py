"""Stripe's events and objects, read into facts: no call and no SDK, only what its JSON means."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from ashar.gateways import stripe_monthly
from ashar.gateways.base import Movement, Notice
from ashar.gateways.stripe_json import NAME, Object, about, created, from_stripe, id_of, ids_of
from ashar.kernel import clock
from ashar.kernel.errors import Parked

DISPUTES = {
    "warning_needs_response": "warning",
    "warning_under_review": "warning",
    "warning_closed": "closed",
    "needs_response": "open",
    "under_review": "open",
    "won": "won",
    "lost": "lost",
    "prevented": "closed",
}


def event(found: Object) -> list[Notice]:
    """Read an event; one of a type that says nothing to us has no facts."""
    reader = READERS.get(found["type"])
    if reader is None:
        return []
    at = datetime.fromtimestamp(found["created"], UTC)
    return reader(found["id"], found["type"], found["data"]["object"], at)


def fetched(kind: str, thing: Object, at: datetime | None = None) -> list[Notice]:
    """Read something that we asked for, at an instant."""
    if kind == "invoice":
        return stripe_monthly.invoice(
            f"{thing['id']}@{thing['attempt_count']}", "", thing, stripe_monthly.paid_at(thing)
        )
    if kind == "subscription":
        return stripe_monthly.fetched_subscription(thing, at or created(thing))
    if kind == "balance_transaction":
        return _transaction(thing)
    if kind == "refund":
        return _refund(thing["id"], "refund.updated", thing, created(thing))
    if kind == "dispute":
        return _dispute(thing["id"], "charge.dispute.updated", thing, created(thing))
    if kind == "intent":
        return _fetched_intent(thing)
    return _fetched_session(thing)


def _session(id: str, type: str, thing: Object, at: datetime) -> list[Notice]:
    kind = {
        "checkout.session.async_payment_succeeded": "paid",
        "checkout.session.async_payment_failed": "failed",
        "checkout.session.expired": "expired",
    }.get(type)
    if kind is None:
        kind = "paid" if thing["payment_status"] == "paid" else "processing"
    return [_of_session(id, kind, thing, at)]


def _of_session(id: str, kind: str, thing: Object, at: datetime, **more: str) -> Notice:
    invoice, subscription = thing.get("invoice"), thing.get("subscription")
    names = {"intent": thing.get("payment_intent"), "invoice": invoice} | about(thing) | more
    ids = ids_of(session=thing["id"], subscription=subscription, **names)
    # A monthly gift's intent is known by its invoice alone.
    lacks = (("invoice", str(id_of(invoice))),) if invoice and kind == "paid" else ()
    return Notice(
        NAME,
        id,
        kind,
        at,
        reference=thing.get("client_reference_id"),
        ids=ids,
        money=from_stripe(thing["amount_total"], thing["currency"]),
        wants=lacks,
    )


def _fetched_session(thing: Object) -> list[Notice]:
    """Read a session that we asked for; its intent and charge are expanded."""
    intent = thing.get("payment_intent")
    charge = intent.get("latest_charge") if isinstance(intent, Mapping) else None
    at = created(charge if isinstance(charge, Mapping) else thing)
    more = ids_of(charge=charge)
    name = f"{thing['id']}@{thing['status']}/{thing['payment_status']}"
    if thing["status"] == "expired":
        return [_of_session(name, "expired", thing, at)]
    if thing["status"] != "complete":
        return []
    begun = _begun(thing.get("subscription"))
    if thing["payment_status"] == "paid":
        return [_of_session(name, "paid", thing, at, **more), *_charge_of(intent), *begun]
    failed = isinstance(intent, Mapping) and intent["status"] == "requires_payment_method"
    return [_of_session(name, "failed" if failed else "processing", thing, at), *begun]


def _begun(subscription: Any) -> list[Notice]:
    """Ask for the subscription that a session began: its events may be lost."""
    if subscription is None:
        return []
    id = str(id_of(subscription))
    wants = (("subscription", f"{id}@begun"),)
    return [Notice(NAME, id, "subscription", clock.now(), ids={"subscription": id}, wants=wants)]


def _fetched_intent(thing: Object) -> list[Notice]:
    if thing["status"] != "succeeded":
        return []
    return [*_intent(thing["id"], "payment_intent.succeeded", thing, created(thing))] + _charge_of(
        thing
    )


def _charge_of(intent: Any) -> list[Notice]:
    charge = intent.get("latest_charge") if isinstance(intent, Mapping) else None
    if not isinstance(charge, Mapping):
        return []
    return _charge(charge["id"], "charge.updated", charge, created(charge))


def _intent(id: str, type: str, thing: Object, at: datetime) -> list[Notice]:
    paid = type == "payment_intent.succeeded"
    error = thing.get("last_payment_error") or {}
    told = about(thing)
    amount = thing["amount_received"] if paid else thing["amount"]
    if told["token"] is None:
        return []
    return [
        Notice(
            NAME,
            id,
            "paid" if paid else "declined",
            at,
            reference=told["token"],
            ids=ids_of(
                intent=thing["id"], charge=thing.get("latest_charge") if paid else None, **told
            ),
            money=from_stripe(amount, thing["currency"]),
            reason=error.get("decline_code") or error.get("code") or "",
        )
    ]


def _charge(id: str, type: str, thing: Object, at: datetime) -> list[Notice]:
    """Read a charge for its balance transaction, which tells fee and conversion."""
    transaction = id_of(thing.get("balance_transaction"))
    if thing["status"] != "succeeded" or transaction is None:
        return []
    ids = ids_of(charge=thing["id"], intent=thing.get("payment_intent"))
    wants = (("balance_transaction", transaction),)
    return [Notice(NAME, id, "charged", at, ids=ids, wants=wants)]


def _refund(id: str, type: str, thing: Object, at: datetime) -> list[Notice]:
    status = {"succeeded": "succeeded", "failed": "failed", "canceled": "failed"}.get(
        thing["status"], "pending"
    )
    order = (thing.get("metadata") or {}).get("refund")
    transactions = (thing.get("balance_transaction"), thing.get("failure_balance_transaction"))
    return [
        Notice(
            NAME,
            id,
            "refunded" if status != "failed" else "refund_failed",
            at,
            ids=ids_of(
                refund=thing["id"],
                charge=thing.get("charge"),
                intent=thing.get("payment_intent"),
                order=order,
            ),
            money=from_stripe(thing["amount"], thing["currency"]),
            status=status,
            reason=thing.get("failure_reason") or thing.get("reason") or "",
            wants=tuple(("balance_transaction", str(id_of(item))) for item in transactions if item),
        )
    ]


def _dispute(id: str, type: str, thing: Object, at: datetime) -> list[Notice]:
    return [
        Notice(
            NAME,
            id,
            "disputed",
            at,
            ids=ids_of(
                dispute=thing["id"], charge=thing["charge"], intent=thing.get("payment_intent")
            ),
            money=from_stripe(thing["amount"], thing["currency"]),
            status=DISPUTES.get(thing["status"], "open"),
            reason=thing.get("reason") or "",
            movements=tuple(_movement(item) for item in thing["balance_transactions"]),
            due=_due(thing),
        )
    ]


def _due(dispute: Object) -> datetime | None:
    by = (dispute.get("evidence_details") or {}).get("due_by")
    return datetime.fromtimestamp(by, UTC) if by else None


def _movement(thing: Object) -> Movement:
    return Movement(
        thing["id"],
        from_stripe(thing["amount"], thing["currency"]),
        from_stripe(thing["fee"], thing["currency"]),
    )


#: Stripe's reporting categories → what the entry is called. Others are exceptions.
CATEGORIES = {
    "charge": "fee",
    "refund": "refund",
    "refund_failure": "refund failed",
    "partial_capture_reversal": "refund",
    "dispute": "dispute",
    "dispute_reversal": "dispute",
}


def _transaction(thing: Object) -> list[Notice]:
    category = thing["reporting_category"]
    if category not in CATEGORIES:
        raise Parked(f"unknown reporting category {category}")
    return [
        Notice(
            NAME,
            thing["id"],
            "transaction",
            created(thing),
            ids=ids_of(source=thing["source"]),
            movements=(_movement(thing),),
            status=CATEGORIES[category],
        )
    ]


def _warning(id: str, type: str, thing: Object, at: datetime) -> list[Notice]:
    ids = ids_of(warning=thing["id"], charge=thing["charge"], intent=thing.get("payment_intent"))
    return [Notice(NAME, id, "fraud_warning", at, ids=ids, reason=thing.get("fraud_type") or "")]


READERS: dict[str, Callable[[str, str, Object, datetime], list[Notice]]] = {
    "checkout.session.completed": _session,
    "checkout.session.async_payment_succeeded": _session,
    "checkout.session.async_payment_failed": _session,
    "checkout.session.expired": _session,
    "payment_intent.succeeded": _intent,
    "payment_intent.payment_failed": _intent,
    "charge.succeeded": _charge,
    "charge.updated": _charge,
    "refund.created": _refund,
    "refund.updated": _refund,
    "refund.failed": _refund,
    "charge.dispute.created": _dispute,
    "charge.dispute.updated": _dispute,
    "charge.dispute.funds_withdrawn": _dispute,
    "charge.dispute.funds_reinstated": _dispute,
    "charge.dispute.closed": _dispute,
    "radar.early_fraud_warning.created": _warning,
    "invoice.paid": stripe_monthly.invoice,
    "invoice.payment_failed": stripe_monthly.invoice,
    "customer.subscription.created": stripe_monthly.subscription,
    "customer.subscription.updated": stripe_monthly.subscription,
    "customer.subscription.deleted": stripe_monthly.subscription,
}
