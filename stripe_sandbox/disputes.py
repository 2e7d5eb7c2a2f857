"""Disputes and early fraud warnings: what banks do to charges."""

from __future__ import annotations

from .account import Account
from .balance import record
from .charges import find_charge
from .currencies import exponent
from .errors import ApiError
from .events import emit
from .paging import listing
from .params import merge
from .payments import capture_late
from .store import DAY, Obj, change

FEE = 1500  # of two decimals, in the settlement currency
EVIDENCE = (
    "access_activity_log", "billing_address", "cancellation_policy",
    "cancellation_policy_disclosure", "cancellation_rebuttal", "customer_communication",
    "customer_email_address", "customer_name", "customer_purchase_ip", "customer_signature",
    "duplicate_charge_documentation", "duplicate_charge_explanation", "duplicate_charge_id",
    "product_description", "receipt", "refund_policy", "refund_policy_disclosure",
    "refund_refusal_explanation", "service_date", "service_documentation", "shipping_address",
    "shipping_carrier", "shipping_date", "shipping_documentation", "shipping_tracking_number",
    "uncategorized_file", "uncategorized_text",
)  # fmt: skip


def open_dispute(
    account: Account,
    charge_id: str,
    amount: int | None = None,
    reason: str = "fraudulent",
    inquiry: bool = False,
) -> Obj:
    """Dispute a charge; an inquiry (`warning_*`) moves no money."""
    with account.lock:
        charge = find_charge(account, charge_id)
        amount = _amount(account, charge, amount)
        capture_late(account, charge)
        dispute = account.store.add(_dispute(account, charge, amount, reason, inquiry))
        charge["disputed"] = True
        emit(account, "charge.dispute.created", dispute)
        if not inquiry:
            _withdraw(account, dispute)
        return dispute


def _amount(account: Account, charge: Obj, amount: int | None) -> int:
    mine = [one for one in account.store.all("dispute") if one["charge"] == charge["id"]]
    taken = sum(one["amount"] for one in mine if one["status"] not in ("won", "warning_closed"))
    left: int = charge["amount"] - taken
    if charge["payment_method_details"]["type"] != "sepa_debit":
        # A debit may be returned for eight weeks without a question, even after a refund.
        left -= charge["amount_refunded"]
    if charge["status"] != "succeeded" or not 0 < (amount or left) <= left:
        raise ApiError(f"There is no such amount left to dispute on {charge['id']}.")
    return amount or left


def _dispute(account: Account, charge: Obj, amount: int, reason: str, inquiry: bool) -> Obj:
    now = account.clock.now()
    return {
        "id": account.store.new_id("du_"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(EVIDENCE), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": now + 10 * DAY,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": inquiry,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": _card(charge, inquiry),
        "reason": reason,
        "status": "warning_needs_response" if inquiry else "needs_response",
    }


def _card(charge: Obj, inquiry: bool) -> Obj | None:
    if charge["payment_method_details"]["type"] != "card":
        return None
    kind = "inquiry" if inquiry else "chargeback"
    card = {"brand": "visa", "case_type": kind, "network": "visa", "network_reason_code": "10.4"}
    return {"type": "card", "card": card}


def _withdraw(account: Account, dispute: Obj) -> None:
    settled, currency, rate = account.settle(dispute["amount"], dispute["currency"])
    transaction = record(
        account,
        dispute,
        -settled,
        currency,
        type="adjustment",
        category="dispute",
        fee=FEE * 10 ** exponent(currency) // 100,
        rate=rate,
        description=f"Chargeback withdrawal for {dispute['charge']}",
        fee_text="Dispute fee",
    )
    dispute["balance_transactions"].append(transaction)
    emit(account, "charge.dispute.funds_withdrawn", dispute)


def close_dispute(account: Account, dispute_id: str, won: bool) -> Obj:
    """Let the bank decide; won money comes back at today's rate, the fee does not."""
    with account.lock:
        dispute = account.store.get("dispute", dispute_id, "dispute")
        _check_open(dispute)
        if dispute["status"].startswith("warning"):
            return _close(account, dispute, "warning_closed")
        if won:
            dispute["status"] = "won"
            _reinstate(account, dispute)
        return _close(account, dispute, "won" if won else "lost")


def _check_open(dispute: Obj) -> None:
    if dispute["status"] in ("won", "lost", "warning_closed"):
        message = f"This dispute is already closed ({dispute['status']})."
        raise ApiError(message, param="dispute")


def _reinstate(account: Account, dispute: Obj) -> None:
    settled, currency, rate = account.settle(dispute["amount"], dispute["currency"])
    transaction = record(
        account,
        dispute,
        settled,
        currency,
        type="adjustment",
        category="dispute_reversal",
        rate=rate,
        description=f"Chargeback reversal for {dispute['charge']}",
    )
    dispute["balance_transactions"].append(transaction)
    emit(account, "charge.dispute.funds_reinstated", dispute)


def _close(account: Account, dispute: Obj, status: str) -> Obj:
    dispute["status"] = status
    emit(account, "charge.dispute.closed", dispute)
    return dispute


def close(account: Account, params: Obj, id: str) -> Obj:
    """Accept a dispute: it is lost."""
    return close_dispute(account, id, False)


def update(account: Account, params: Obj, id: str) -> Obj:
    """Add evidence and, unless `submit` is false, hand it in."""
    dispute = account.store.get("dispute", id, "dispute")
    _check_open(dispute)
    changes: Obj = {}
    if "metadata" in params:
        changes["metadata"] = merge(dispute["metadata"], params["metadata"])
    if params.get("evidence"):
        changes["evidence"] = {**dispute["evidence"], **params["evidence"]}
        changes["evidence_details"] = {**dispute["evidence_details"], "has_evidence": True}
    if params.get("submit", True) and "evidence" in params:
        changes.update(_submitted(dispute, changes.get("evidence_details")))
    previous = change(dispute, **changes)
    emit(account, "charge.dispute.updated", dispute, previous)
    return dispute


def _submitted(dispute: Obj, details: Obj | None) -> Obj:
    details = details or dispute["evidence_details"]
    count = details["submission_count"] + 1
    warning = "warning_" if dispute["status"].startswith("warning") else ""
    return {
        "status": f"{warning}under_review",
        "evidence_details": {**details, "submission_count": count, "submission_method": "manual"},
    }


def retrieve(account: Account, params: Obj, id: str) -> Obj:
    """Return one dispute."""
    return account.store.get("dispute", id, "dispute")


def list_disputes(account: Account, params: Obj) -> Obj:
    """List disputes by charge, intent and time, newest first."""
    equal = ("charge", "payment_intent")
    return listing(account.store.all("dispute"), params, "/v1/disputes", equal)


def warn(account: Account, charge_id: str, fraud_type: str = "made_with_stolen_card") -> Obj:
    """Issue an early fraud warning."""
    with account.lock:
        charge = find_charge(account, charge_id)
        warning = account.store.add(
            {
                "id": account.store.new_id("issfr_"),
                "object": "radar.early_fraud_warning",
                "actionable": not charge["refunded"] and not charge["disputed"],
                "charge": charge["id"],
                "created": account.clock.now(),
                "fraud_type": fraud_type,
                "livemode": False,
                "payment_intent": charge["payment_intent"],
            }
        )
        emit(account, "radar.early_fraud_warning.created", warning)
        return warning


def retrieve_warning(account: Account, params: Obj, id: str) -> Obj:
    """Return one early fraud warning."""
    return account.store.get("radar.early_fraud_warning", id, "early_fraud_warning")


def list_warnings(account: Account, params: Obj) -> Obj:
    """List early fraud warnings by charge, intent and time, newest first."""
    found = account.store.all("radar.early_fraud_warning")
    url, equal = "/v1/radar/early_fraud_warnings", ("charge", "payment_intent")
    return listing(found, params, url, equal)
