"""Stripe's events and objects, read into facts: no call and no SDK, only what its JSON means."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from ashar.gateways.base import Movement, Notice
from ashar.kernel.errors import GatewayRefused, Parked
from ashar.kernel.money import EXPONENTS, Money

NAME = "stripe"
#: Where Stripe's exponent is not ISO 4217's.
EXPONENT = {"ISK": 2, "UGX": 2, "MGA": 0}
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

Object = Mapping[str, Any]


def to_stripe(money: Money) -> int:
    """Return the amount in Stripe's own smallest unit; raise GatewayRefused when it has none."""
    shift = EXPONENT.get(money.currency, EXPONENTS[money.currency]) - EXPONENTS[money.currency]
    if shift >= 0:
        return money.minor * 10**shift
    units, rest = divmod(money.minor, 10**-shift)
    if rest:
        raise GatewayRefused(f"Stripe cannot charge {money}")
    return units


def from_stripe(amount: int, currency: str) -> Money:
    """Return Stripe's amount as money; raise Parked for what we have no unit for."""
    code = currency.upper()
    if code not in EXPONENTS:
        raise Parked(f"unknown currency {code}")
    shift = EXPONENTS[code] - EXPONENT.get(code, EXPONENTS[code])
    if shift >= 0:
        return Money(amount * 10**shift, code)
    minor, rest = divmod(amount, 10**-shift)
    if rest:
        raise Parked(f"{amount} of Stripe's units is no amount in {code}")
    return Money(minor, code)


def event(found: Object) -> list[Notice]:
    """Read an event; one of a type that says nothing to us has no facts."""
    reader = READERS.get(found["type"])
    if reader is None:
        return []
    at = datetime.fromtimestamp(found["created"], UTC)
    return reader(found["id"], found["type"], found["data"]["object"], at)


def fetched(kind: str, thing: Object) -> list[Notice]:
    """Read something that we asked for."""
    if kind == "balance_transaction":
        return _transaction(thing)
    if kind == "refund":
        return _refund(thing["id"], "refund.updated", thing, _created(thing))
    if kind == "intent":
        return _fetched_intent(thing)
    return _fetched_session(thing)


def site_of(thing: Object) -> str | None:
    """Return the site that a thing was made by, where it says so."""
    site: str | None = (thing.get("metadata") or {}).get("site")
    return site


def _created(thing: Object) -> datetime:
    return datetime.fromtimestamp(thing["created"], UTC)


def _id(value: Any) -> str | None:
    """Return the id of a thing that may be expanded."""
    if isinstance(value, Mapping):
        return str(value["id"])
    return value


def _ids(**values: Any) -> dict[str, str]:
    return {name: str(_id(value)) for name, value in values.items() if value}


def _about(thing: Object) -> dict[str, Any]:
    about = thing.get("metadata") or {}
    attempt = str(about.get("attempt", ""))
    return {"token": about.get("pledge"), "attempt": attempt if attempt.isdigit() else None}


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
    ids = _ids(session=thing["id"], intent=thing.get("payment_intent"), **_about(thing), **more)
    return Notice(
        NAME,
        id,
        kind,
        at,
        reference=thing.get("client_reference_id"),
        ids=ids,
        money=from_stripe(thing["amount_total"], thing["currency"]),
    )


def _fetched_session(thing: Object) -> list[Notice]:
    """Read a session that we asked for; its intent and charge are expanded."""
    intent = thing.get("payment_intent")
    charge = intent.get("latest_charge") if isinstance(intent, Mapping) else None
    at = _created(charge if isinstance(charge, Mapping) else thing)
    more = _ids(charge=charge)
    name = f"{thing['id']}@{thing['status']}/{thing['payment_status']}"
    if thing["status"] == "expired":
        return [_of_session(name, "expired", thing, at)]
    if thing["status"] != "complete":
        return []
    if thing["payment_status"] == "paid":
        return [_of_session(name, "paid", thing, at, **more), *_charge_of(intent)]
    failed = isinstance(intent, Mapping) and intent["status"] == "requires_payment_method"
    return [_of_session(name, "failed" if failed else "processing", thing, at)]


def _fetched_intent(thing: Object) -> list[Notice]:
    if thing["status"] != "succeeded":
        return []
    return [*_intent(thing["id"], "payment_intent.succeeded", thing, _created(thing))] + _charge_of(
        thing
    )


def _charge_of(intent: Any) -> list[Notice]:
    charge = intent.get("latest_charge") if isinstance(intent, Mapping) else None
    if not isinstance(charge, Mapping):
        return []
    return _charge(charge["id"], "charge.updated", charge, _created(charge))


def _intent(id: str, type: str, thing: Object, at: datetime) -> list[Notice]:
    paid = type == "payment_intent.succeeded"
    error = thing.get("last_payment_error") or {}
    about = _about(thing)
    amount = thing["amount_received"] if paid else thing["amount"]
    if about["token"] is None:
        return []
    return [
        Notice(
            NAME,
            id,
            "paid" if paid else "declined",
            at,
            reference=about["token"],
            ids=_ids(
                intent=thing["id"], charge=thing.get("latest_charge") if paid else None, **about
            ),
            money=from_stripe(amount, thing["currency"]),
            reason=error.get("decline_code") or error.get("code") or "",
        )
    ]


def _charge(id: str, type: str, thing: Object, at: datetime) -> list[Notice]:
    """Read a charge for its balance transaction, which tells fee and conversion."""
    transaction = _id(thing.get("balance_transaction"))
    if thing["status"] != "succeeded" or transaction is None:
        return []
    ids = _ids(charge=thing["id"], intent=thing.get("payment_intent"))
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
            ids=_ids(
                refund=thing["id"],
                charge=thing.get("charge"),
                intent=thing.get("payment_intent"),
                order=order,
            ),
            money=from_stripe(thing["amount"], thing["currency"]),
            status=status,
            reason=thing.get("failure_reason") or thing.get("reason") or "",
            wants=tuple(("balance_transaction", str(_id(item))) for item in transactions if item),
        )
    ]


def _dispute(id: str, type: str, thing: Object, at: datetime) -> list[Notice]:
    return [
        Notice(
            NAME,
            id,
            "disputed",
            at,
            ids=_ids(
                dispute=thing["id"], charge=thing["charge"], intent=thing.get("payment_intent")
            ),
            money=from_stripe(thing["amount"], thing["currency"]),
            status=DISPUTES.get(thing["status"], "open"),
            reason=thing.get("reason") or "",
            movements=tuple(_movement(item) for item in thing["balance_transactions"]),
        )
    ]


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
            _created(thing),
            ids=_ids(source=thing["source"]),
            movements=(_movement(thing),),
            status=CATEGORIES[category],
        )
    ]


def _warning(id: str, type: str, thing: Object, at: datetime) -> list[Notice]:
    ids = _ids(charge=thing["charge"], intent=thing.get("payment_intent"))
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
}
