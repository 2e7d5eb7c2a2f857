"""Refunds: in parts, never beyond what is left, and failing later when told to."""

from __future__ import annotations

from .account import Account
from .balance import record
from .charges import find_charge
from .errors import ApiError, required
from .events import emit
from .methods import METHODS
from .paging import listing
from .params import merge, metadata
from .payments import capture_late
from .store import DAY, Obj, change

PENDING_DAYS = 5


def create(account: Account, params: Obj) -> Obj:
    """Refund a charge, wholly or in part."""
    charge = _charge(account, params)
    _check_state(account, charge)
    amount = params.get("amount", charge["amount"] - charge["amount_refunded"])
    _check_amount(charge, amount)
    capture_late(account, charge)
    refund = account.store.add(_refund(account, charge, amount, params))
    refund["balance_transaction"] = _book(account, refund, charge)["id"]
    _announce(account, charge, refund)
    return refund


def _charge(account: Account, params: Obj) -> Obj:
    given = [name for name in ("charge", "payment_intent") if name in params]
    if not given:
        raise required("charge")
    charge = find_charge(account, params[given[-1]], given[-1])
    if len(given) == 2 and charge["id"] != params["charge"]:
        raise ApiError("The charge does not belong to the payment intent.", param="charge")
    return charge


def _check_state(account: Account, charge: Obj) -> None:
    if charge["status"] != "succeeded":
        message = f"Charge {charge['id']} has not succeeded and cannot be refunded."
        raise ApiError(message, code="charge_not_refundable", param="charge")
    if charge["refunded"]:
        message = f"Charge {charge['id']} has already been refunded."
        raise ApiError(message, code="charge_already_refunded")
    if any(one["charge"] == charge["id"] for one in _blocking(account)):
        message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise ApiError(message, code="charge_disputed")


def _blocking(account: Account) -> list[Obj]:
    found = account.store.all("dispute")
    return [one for one in found if not one["is_charge_refundable"] and one["status"] != "won"]


def _check_amount(charge: Obj, amount: int) -> None:
    left = charge["amount"] - charge["amount_refunded"]
    if amount < 1:
        message = "Invalid positive integer"
        raise ApiError(message, code="parameter_invalid_integer", param="amount")
    if amount > left:
        code = charge["currency"].upper()
        message = (
            f"Refund amount ({amount} {code}) is greater than unrefunded amount on charge "
            f"({left} {code})"
        )
        raise ApiError(message, param="amount")


def _refund(account: Account, charge: Obj, amount: int, params: Obj) -> Obj:
    name = charge["payment_method_details"]["type"]
    slow = METHODS[name].slow
    refund = {
        "id": account.store.new_id("re_" if name == "card" else "pyr_"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": account.clock.now(),
        "currency": charge["currency"],
        "customer": charge["customer"],
        "destination_details": _destination(name),
        "metadata": metadata(params.get("metadata")),
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": params.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "pending" if slow else "succeeded",
        "transfer_reversal": None,
    }
    return {**refund, "pending_reason": "processing"} if slow else refund


def _destination(name: str) -> Obj:
    if name == "card":
        details = {"reference_status": "pending", "reference_type": "acquirer_reference_number"}
        return {"type": name, "card": {**details, "type": "refund"}}
    return {"type": name, name: {}} if name in ("eps", "twint") else {"type": name}


def _book(account: Account, refund: Obj, charge: Obj) -> Obj:
    """Take the money from the balance at today's rate; the charge's fee stays with Stripe."""
    settled, currency, rate = account.settle(refund["amount"], refund["currency"])
    kind = "refund" if refund["id"].startswith("re_") else "payment_refund"
    text = f"REFUND FOR CHARGE ({charge['description'] or charge['id']})"
    return record(
        account, refund, -settled, currency, type=kind, category="refund", rate=rate,
        description=text,
    )  # fmt: skip


def _announce(account: Account, charge: Obj, refund: Obj) -> None:
    total = charge["amount_refunded"] + refund["amount"]
    previous = change(charge, amount_refunded=total, refunded=total == charge["amount"])
    emit(account, "refund.created", refund)
    emit(account, "charge.refunded", charge, previous)


def succeed(account: Account, refund_id: str) -> Obj:
    """Let a pending refund arrive."""
    with account.lock:
        refund = account.store.get("refund", refund_id)
        if refund["status"] != "pending":
            raise ApiError(f"The refund {refund_id} is {refund['status']}.")
        previous = change(refund, status="succeeded")
        previous["pending_reason"] = refund.pop("pending_reason")
        _updated(account, refund, previous)
        return refund


def succeed_due(account: Account) -> None:
    """Let pending refunds arrive after their days."""
    for refund in account.store.all("refund"):
        old = refund["created"] + PENDING_DAYS * DAY <= account.clock.now()
        if old and refund["status"] == "pending":
            succeed(account, refund["id"])


def fail(account: Account, refund_id: str, reason: str = "expired_or_canceled_card") -> Obj:
    """Let a refund fail later: exactly what it had taken comes back to the balance."""
    with account.lock:
        refund = account.store.get("refund", refund_id)
        if refund["status"] not in ("pending", "succeeded"):
            raise ApiError(f"The refund {refund_id} is {refund['status']}.")
        charge = account.store.get("charge", refund["charge"])
        back = _book_back(account, refund)
        previous = change(
            refund, status="failed", failure_reason=reason, failure_balance_transaction=back["id"]
        )
        refund.pop("pending_reason", None)
        change(charge, amount_refunded=charge["amount_refunded"] - refund["amount"], refunded=False)
        _updated(account, refund, previous)
        emit(account, "refund.failed", refund)
        return refund


def _book_back(account: Account, refund: Obj) -> Obj:
    taken = account.store.get("balance_transaction", refund["balance_transaction"])
    return record(
        account,
        refund,
        -taken["amount"],
        taken["currency"],
        type="refund_failure",
        category="refund_failure",
        rate=taken["exchange_rate"],
        description=f"REFUND FAILURE ({refund['id']})",
    )


def _updated(account: Account, refund: Obj, previous: Obj) -> None:
    emit(account, "refund.updated", refund, previous)
    emit(account, "charge.refund.updated", refund, previous)


def update(account: Account, params: Obj, id: str) -> Obj:
    """Change a refund's metadata."""
    refund = account.store.get("refund", id, "refund")
    previous = change(refund, metadata=merge(refund["metadata"], params.get("metadata")))
    _updated(account, refund, previous)
    return refund


def retrieve(account: Account, params: Obj, id: str) -> Obj:
    """Return one refund."""
    return account.store.get("refund", id, "refund")


def list_refunds(account: Account, params: Obj) -> Obj:
    """List refunds by charge, intent and time, newest first."""
    equal = ("charge", "payment_intent")
    return listing(account.store.all("refund"), params, "/v1/refunds", equal)
