"""Payment intents and charges as objects: how they begin and how they are read."""

from __future__ import annotations

from .account import Account
from .errors import ApiError
from .methods import charge_details
from .paging import listing
from .params import merge
from .store import Obj, change

NO_ADDRESS = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))


def new_intent(account: Account, session: Obj) -> Obj:
    """Build the intent of a session, as it is before anything was tried."""
    data, id = session["_intent"], account.store.new_id("pi_")
    empty = (
        "application", "application_fee_amount", "canceled_at", "cancellation_reason",
        "customer_account", "last_payment_error", "latest_charge", "next_action", "on_behalf_of",
        "payment_method", "payment_method_configuration_details", "processing", "review",
        "shipping", "source", "transfer_data", "transfer_group",
    )  # fmt: skip
    given = ("description", "receipt_email", "setup_future_usage", "statement_descriptor",
             "statement_descriptor_suffix")  # fmt: skip
    return {
        "id": id,
        "object": "payment_intent",
        **dict.fromkeys(empty),
        **{name: data.get(name) for name in given},
        "amount": session["amount_total"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "automatic_payment_methods": None,
        "capture_method": data.get("capture_method", "automatic_async"),
        "client_secret": f"{id}_secret_{account.store.new_id('', 25)}",
        "confirmation_method": "automatic",
        "created": account.clock.now(),
        "currency": session["currency"],
        "customer": session["customer"],
        "excluded_payment_method_types": session["excluded_payment_method_types"],
        "livemode": False,
        "metadata": dict(data.get("metadata", {})),
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": session["payment_method_types"],
        "status": "requires_payment_method",
    }


def billing(session: Obj) -> Obj:
    """Build billing details from what the session knows."""
    person = session["customer_details"] or {}
    return {
        "address": dict(NO_ADDRESS),
        "email": person.get("email"),
        "name": person.get("name"),
        "phone": None,
        "tax_id": None,
    }


def new_charge(account: Account, intent: Obj, session: Obj, method: str, state: str) -> Obj:
    """Build a charge that has `succeeded`, is `pending` or has `failed`."""
    done, amount = state == "succeeded", intent["amount"]
    empty = (
        "application", "application_fee", "application_fee_amount", "balance_transaction",
        "failure_balance_transaction", "failure_code", "failure_message", "on_behalf_of",
        "receipt_number", "receipt_url", "review", "shipping", "source", "source_transfer",
        "transfer_data", "transfer_group",
    )  # fmt: skip
    copied = ("currency", "customer", "description", "payment_method", "receipt_email",
              "statement_descriptor", "statement_descriptor_suffix")  # fmt: skip
    return {
        "id": account.store.new_id("ch_" if method == "card" else "py_"),
        "object": "charge",
        **dict.fromkeys(empty),
        **{name: intent[name] for name in copied},
        "amount": amount,
        "amount_captured": 0 if state == "failed" else amount,
        "amount_refunded": 0,
        "billing_details": billing(session),
        "calculated_statement_descriptor": "SANDBOX" if method == "card" else None,
        "captured": state != "failed",
        "created": account.clock.now(),
        "disputed": False,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "outcome": OUTCOMES[state],
        "paid": done,
        "payment_intent": intent["id"],
        "payment_method_details": charge_details(method),
        "refunded": False,
        "status": state,
    }


ACCEPTED = {
    "advice_code": None,
    "network_advice_code": None,
    "network_decline_code": None,
    "network_status": "approved_by_network",
    "reason": None,
    "risk_level": "normal",
    "risk_score": 12,
    "seller_message": "Payment complete.",
    "type": "authorized",
}
DECLINED = {
    **ACCEPTED,
    "advice_code": "try_again_later",
    "network_decline_code": "05",
    "network_status": "declined_by_network",
    "reason": "generic_decline",
    "seller_message": "The bank did not return any further details with this decline.",
    "type": "issuer_declined",
}
OUTCOMES = {"succeeded": ACCEPTED, "pending": ACCEPTED, "failed": DECLINED}


def find_charge(account: Account, id: str, param: str = "charge") -> Obj:
    """Return a charge by its own id or by that of its intent."""
    if not id.startswith("pi_"):
        return account.store.get("charge", id, param, 400)
    intent = account.store.get("payment_intent", id, param, 400)
    charge = account.store.find(intent["latest_charge"])
    if charge is None or charge["status"] == "failed":
        message = f"This PaymentIntent ({id}) does not have a successful charge to refund."
        raise ApiError(message, code="payment_intent_unexpected_state", param=param)
    return charge


def retrieve_intent(account: Account, params: Obj, id: str) -> Obj:
    """Return one intent."""
    return account.store.get("payment_intent", id, "intent")


def list_intents(account: Account, params: Obj) -> Obj:
    """List intents by customer and time, newest first."""
    found = account.store.all("payment_intent")
    return listing(found, params, "/v1/payment_intents", ("customer",))


def update_intent(account: Account, params: Obj, id: str) -> Obj:
    """Change an intent's metadata and description."""
    return _update(retrieve_intent(account, params, id), params)


def retrieve_charge(account: Account, params: Obj, id: str) -> Obj:
    """Return one charge."""
    return account.store.get("charge", id, "charge")


def list_charges(account: Account, params: Obj) -> Obj:
    """List charges by intent, customer and time, newest first."""
    found = account.store.all("charge")
    return listing(found, params, "/v1/charges", ("payment_intent", "customer"))


def update_charge(account: Account, params: Obj, id: str) -> Obj:
    """Change a charge's metadata and description."""
    return _update(retrieve_charge(account, params, id), params)


def _update(obj: Obj, params: Obj) -> Obj:
    changes = {"description": params["description"]} if "description" in params else {}
    if "metadata" in params:
        changes["metadata"] = merge(obj["metadata"], params["metadata"])
    change(obj, **changes)
    return obj
