"""Checkout sessions: create, show, list and expire them; `payments.py` pays them."""

from __future__ import annotations

from .account import Account
from .customers import create as create_customer
from .errors import ApiError, required
from .events import emit
from .items import build_items
from .methods import offered
from .paging import listing
from .params import metadata
from .store import DAY, Obj, change
from .urls import check_url

HALF_HOUR = 1800
#: Parameters that belong to one mode.
BELONGS = {
    "payment": ("payment_intent_data", "customer_creation"),
    "subscription": ("subscription_data",),
}
ECHOED = (
    "after_expiration", "allow_promotion_codes", "allowed_payment_method_types",
    "billing_address_collection", "cancel_url", "client_reference_id", "consent_collection",
    "customer_email", "excluded_payment_method_types", "integration_identifier", "locale",
    "origin_context", "submit_type", "success_url",
)  # fmt: skip


def create(account: Account, params: Obj) -> Obj:
    """Create a session in payment or subscription mode."""
    _check(account, params)
    items = build_items(account, params)
    session = _session(account, params, items)
    account.store.add(session)
    for item in items:
        account.store.add({**item, "_session": session["id"]})
    delay = session["expires_at"] - session["created"]
    account.scheduler.add(lambda: expire_due(account), delay, awaited=False)
    return session


def _check(account: Account, params: Obj) -> None:
    mode = params.get("mode", "payment")
    if mode not in BELONGS:
        message = f"The sandbox knows no sessions with mode={mode} yet: payment and subscription."
        raise ApiError(message, code="sandbox_not_implemented", param="mode")
    for other, names in BELONGS.items():
        if other != mode and (found := [name for name in names if name in params]):
            message = f"You can not pass `{found[0]}` in `{mode}` mode."
            raise ApiError(message, param=found[0])
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        message = "The sandbox only has ui_mode=hosted_page."
        raise ApiError(message, code="sandbox_not_implemented", param="ui_mode")
    if "success_url" not in params:
        raise required("success_url")
    for name in ("success_url", "cancel_url"):
        if name in params:
            check_url(params[name].replace("{CHECKOUT_SESSION_ID}", "x"), name)
    _check_customer(account, params)
    _expiry(params, account.clock.now())
    if len(params.get("client_reference_id", "")) > 200:
        raise ApiError("Invalid string: at most 200 characters", param="client_reference_id")
    for name in ("payment_intent_data", "subscription_data"):
        metadata(params.get(name, {}).get("metadata"), f"{name}[metadata]")


def _check_customer(account: Account, params: Obj) -> None:
    if "customer" not in params:
        return
    if "customer_email" in params:
        message = "You may only specify one of these parameters: customer, customer_email."
        raise ApiError(message, param="customer")
    account.store.get("customer", params["customer"], "customer", 400)


def _session(account: Account, params: Obj, items: list[Obj]) -> Obj:
    id, now = account.store.new_id("cs_test_", 58), account.clock.now()
    currency, total = items[0]["currency"], sum(item["amount_total"] for item in items)
    return {
        "id": id,
        "object": "checkout.session",
        **{name: params.get(name) for name in ECHOED},
        **_blank(),
        "adaptive_pricing": params.get("adaptive_pricing", {"enabled": True}),
        "amount_subtotal": total,
        "amount_total": total,
        "created": now,
        "currency": currency,
        "custom_text": _custom_text(params),
        "customer": params.get("customer"),
        "customer_creation": _creation(params),
        "customer_details": _details(account, params),
        "expires_at": _expiry(params, now),
        "metadata": metadata(params.get("metadata")),
        "mode": params.get("mode", "payment"),
        "payment_method_types": _methods(currency, params),
        "phone_number_collection": params.get("phone_number_collection", {"enabled": False}),
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "url": f"{account.base_url}/pay/{id}",
        "_intent": params.get("payment_intent_data", {}),
        "_subscription": params.get("subscription_data", {}),
    }


def _blank() -> Obj:
    empty = (
        "client_secret", "collected_information", "consent", "currency_conversion",
        "customer_account", "invoice", "payment_intent", "payment_link",
        "payment_method_configuration_details", "permissions", "recovered_from",
        "saved_payment_method_options", "setup_intent", "shipping_address_collection",
        "shipping_cost", "subscription", "wallet_options",
    )  # fmt: skip
    tax = {"enabled": False, "liability": None, "provider": None, "status": None}
    return {
        **dict.fromkeys(empty),
        "automatic_tax": tax,
        "custom_fields": [],
        "discounts": [],
        "livemode": False,
        "payment_method_collection": "if_required",
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_status": "unpaid",
        "shipping_options": [],
        "status": "open",
        "ui_mode": "hosted_page",
    }


def _custom_text(params: Obj) -> Obj:
    places = ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
    given = params.get("custom_text", {})
    return {place: given.get(place) or None for place in places}


def _creation(params: Obj) -> str | None:
    if "customer" in params:
        return None
    always = params.get("mode") == "subscription"
    return "always" if always else params.get("customer_creation", "if_required")


def _details(account: Account, params: Obj) -> Obj | None:
    known = account.store.find(params.get("customer")) or {}
    email = params.get("customer_email") or known.get("email")
    return details(email, known.get("name")) if email else None


def details(email: str | None, name: str | None) -> Obj:
    """Build what the page knows about the person."""
    return {
        "address": None,
        "business_name": None,
        "email": email,
        "individual_name": None,
        "name": name,
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": [],
    }


def _expiry(params: Obj, now: int) -> int:
    at: int = params.get("expires_at", now + DAY)
    # A minute of grace: the caller's clock and the request's own time.
    if not now + HALF_HOUR - 60 <= at <= now + DAY + 60:
        message = (
            "The `expires_at` timestamp must be at least 30 minutes and less than 24 hours from "
            "Checkout Session creation."
        )
        raise ApiError(message, param="expires_at")
    return at


def _methods(currency: str, params: Obj) -> list[str]:
    allowed = params.get("allowed_payment_method_types")
    recurring = params.get("mode") == "subscription"
    found = offered(currency, allowed, params.get("excluded_payment_method_types"), recurring)
    if not found:
        message = f"No valid payment method types for this Checkout Session in {currency}."
        raise ApiError(message, param="allowed_payment_method_types")
    return found


def ensure_customer(account: Account, session: Obj) -> None:
    """Create the customer that `customer_creation=always` asks for."""
    if session["customer"] is None and session["customer_creation"] == "always":
        known = {key: session["customer_details"][key] for key in ("email", "name")}
        session["customer"] = create_customer(account, known)["id"]


def retrieve(account: Account, params: Obj, id: str) -> Obj:
    """Return one session."""
    return account.store.get("checkout.session", id, "session")


def list_sessions(account: Account, params: Obj) -> Obj:
    """List sessions by intent, customer, status, e-mail and time, newest first."""
    found = account.store.all("checkout.session")
    if "customer_details" in params:
        email = params["customer_details"]["email"]
        found = [one for one in found if (one["customer_details"] or {}).get("email") == email]
    equal = ("payment_intent", "customer", "status", "subscription", "payment_link")
    return listing(found, params, "/v1/checkout/sessions", equal)


def line_items(account: Account, params: Obj, id: str) -> Obj:
    """List what a session is for, in its order."""
    retrieve(account, params, id)
    found = [one for one in account.store.all("item") if one["_session"] == id]
    return listing(found[::-1], params, f"/v1/checkout/sessions/{id}/line_items")


def expire(account: Account, params: Obj, id: str) -> Obj:
    """Expire an open session."""
    session = retrieve(account, params, id)
    if session["status"] != "open":
        message = (
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout '
            f"Session has a status of {session['status']}."
        )
        raise ApiError(message, param="session")
    change(session, status="expired", url=None)
    emit(account, "checkout.session.expired", session)
    return session


def expire_due(account: Account) -> None:
    """Expire the sessions whose time is over."""
    with account.lock:
        for session in account.store.all("checkout.session"):
            due = session["expires_at"] <= account.clock.now()
            if due and session["status"] == "open":
                expire(account, {}, session["id"])
