"""Invoices: what a subscription asks for each month, and how each of them is charged."""

from __future__ import annotations

from . import methods
from .account import Account
from .charges import new_intent
from .errors import ApiError
from .events import emit
from .paging import listing
from .payments import add_charge, capture, capture_late, fail, receive
from .store import DAY, Obj, change

#: Days after each failed try until the next; after the last the subscription ends.
RETRIES = (3, 5, 7)
MESSAGES = {
    "expired_card": "Your card has expired.",
    "insufficient_funds": "Your card has insufficient funds.",
    "generic_decline": "Your card was declined.",
}


def make(account: Account, subscription: Obj, reason: str, start: int, end: int) -> Obj:
    """Add the invoice of one period, as a draft."""
    id, item = account.store.new_id("in_"), subscription["items"]["data"][0]
    amount = item["price"]["unit_amount"] * item["quantity"]
    customer = account.store.get("customer", subscription["customer"])
    number = customer["next_invoice_sequence"]
    customer["next_invoice_sequence"] = number + 1
    invoice = account.store.add(
        {
            "id": id,
            "object": "invoice",
            **_blank(),
            "amount_due": amount,
            "amount_remaining": amount,
            "billing_reason": reason,
            "created": account.clock.now(),
            "currency": subscription["currency"],
            "customer": customer["id"],
            "customer_email": customer["email"],
            "customer_name": customer["name"],
            "effective_at": account.clock.now(),
            "lines": _lines(account, subscription, id, start, end),
            "number": f"{customer['invoice_prefix']}-{number:04}",
            "parent": {
                "quote_details": None,
                "subscription_details": {
                    # As it was when the invoice was made.
                    "metadata": dict(subscription["metadata"]),
                    "subscription": subscription["id"],
                    "subscription_proration_date": None,
                },
                "type": "subscription_details",
            },
            "period_end": start,
            "period_start": start,
            "subtotal": amount,
            "subtotal_excluding_tax": amount,
            "total": amount,
            "total_excluding_tax": amount,
            "_intent": None,
        }
    )
    emit(account, "invoice.created", invoice)
    return invoice


def _blank() -> Obj:
    empty = (
        "account_tax_ids", "application", "confirmation_secret", "custom_fields",
        "customer_account", "customer_address", "customer_phone", "customer_shipping",
        "default_payment_method", "default_source", "description", "due_date", "ending_balance",
        "footer", "from_invoice", "hosted_invoice_url", "invoice_pdf", "last_finalization_error",
        "latest_revision", "next_payment_attempt", "on_behalf_of", "receipt_number", "rendering",
        "shipping_cost", "shipping_details", "statement_descriptor", "test_clock",
        "threshold_reason", "webhooks_delivered_at", "automatically_finalizes_at",
    )  # fmt: skip
    none = ("customer_tax_ids", "default_tax_rates", "discounts", "total_discount_amounts",
            "total_pretax_credit_amounts", "total_taxes")  # fmt: skip
    zero = ("amount_overpaid", "amount_paid", "amount_shipping", "attempt_count",
            "post_payment_credit_notes_amount", "pre_payment_credit_notes_amount",
            "starting_balance")  # fmt: skip
    return {
        **dict.fromkeys(empty),
        **{name: [] for name in none},
        **dict.fromkeys(zero, 0),
        "account_country": "CH",
        "account_name": "Sandbox",
        "attempted": False,
        "auto_advance": True,
        "automatic_tax": {
            "disabled_reason": None,
            "enabled": False,
            "liability": None,
            "provider": None,
            "status": None,
        },
        "collection_method": "charge_automatically",
        "customer_tax_exempt": "none",
        "issuer": {"type": "self"},
        "livemode": False,
        "metadata": {},
        "payment_settings": {
            "default_mandate": None,
            "payment_method_options": None,
            "payment_method_types": None,
        },
        "status": "draft",
        "status_transitions": dict.fromkeys(
            ("finalized_at", "marked_uncollectible_at", "paid_at", "voided_at")
        ),
    }


def _lines(account: Account, subscription: Obj, invoice: str, start: int, end: int) -> Obj:
    item = subscription["items"]["data"][0]
    price, amount = item["price"], item["price"]["unit_amount"] * item["quantity"]
    line = {
        "id": account.store.new_id("il_"),
        "object": "line_item",
        "amount": amount,
        "currency": subscription["currency"],
        "description": subscription["description"],
        "discount_amounts": [],
        "discountable": True,
        "discounts": [],
        "invoice": invoice,
        "livemode": False,
        "metadata": dict(subscription["metadata"]),
        "parent": {
            "invoice_item_details": None,
            "subscription_item_details": {
                "invoice_item": None,
                "proration": False,
                "proration_details": {"credited_items": None},
                "subscription": subscription["id"],
                "subscription_item": item["id"],
            },
            "type": "subscription_item_details",
        },
        "period": {"end": end, "start": start},
        "pretax_credit_amounts": [],
        "pricing": {
            "price_details": {"price": price["id"], "product": price["product"]},
            "type": "price_details",
            "unit_amount_decimal": price["unit_amount_decimal"],
        },
        "quantity": item["quantity"],
        "subscription": subscription["id"],
        "subtotal": amount,
        "taxes": [],
    }
    url = f"/v1/invoices/{invoice}/lines"
    return {"object": "list", "url": url, "data": [line], "has_more": False}


def finalize(account: Account, invoice: Obj) -> None:
    """Open a draft: it has an intent and an address of its own from now on."""
    now = account.clock.now()
    intent = account.store.add(new_intent(account, _as_session(account, invoice)))
    payment = account.store.add(_payment(account, invoice, intent))
    transitions = {**invoice["status_transitions"], "finalized_at": now}
    url = f"{account.base_url}/invoice/{invoice['id']}"
    change(
        invoice,
        status="open",
        hosted_invoice_url=url,
        invoice_pdf=f"{url}/pdf",
        status_transitions=transitions,
        _intent=intent["id"],
        _payment=payment["id"],
    )
    emit(account, "invoice.finalized", invoice)
    emit(account, "payment_intent.created", intent)


def _as_session(account: Account, invoice: Obj) -> Obj:
    """Return what intents and charges ask of a session, told by an invoice."""
    person = {"email": invoice["customer_email"], "name": invoice["customer_name"]}
    return {
        "_intent": {"description": "Subscription update", "setup_future_usage": "off_session"},
        "amount_total": invoice["amount_due"],
        "currency": invoice["currency"],
        "customer": invoice["customer"],
        "customer_details": person,
        "excluded_payment_method_types": None,
        "payment_method_types": methods.offered(invoice["currency"], None, None, recurring=True),
    }


def _payment(account: Account, invoice: Obj, intent: Obj) -> Obj:
    return {
        "id": account.store.new_id("inpay_"),
        "object": "invoice_payment",
        "amount_paid": None,
        "amount_requested": invoice["amount_due"],
        "created": account.clock.now(),
        "currency": invoice["currency"],
        "invoice": invoice["id"],
        "is_default": True,
        "livemode": False,
        "payment": {"payment_intent": intent["id"], "type": "payment_intent"},
        "status": "open",
        "status_transitions": {"canceled_at": None, "paid_at": None},
    }


def intent_of(account: Account, invoice: Obj | None) -> Obj | None:
    """Return the intent of an invoice that is open or was."""
    return account.store.find((invoice or {}).get("_intent"))


def charge(account: Account, invoice: Obj, method: Obj, outcome: str = "") -> str:
    """Try to charge an open invoice; return "paid", "pending" or "failed".

    Without an outcome the payment method decides: what was ordered for it, or that it goes well.
    """
    intent = intent_of(account, invoice)
    if invoice["status"] != "open" or intent is None:
        raise ApiError(f"This invoice is {invoice['status']}.")
    name, why = method["type"], outcome or method.get("_declines") or ""
    intent["payment_method"] = method["id"]
    change(invoice, attempted=True, attempt_count=invoice["attempt_count"] + 1)
    session = _as_session(account, invoice)
    if why:
        _decline(account, session, invoice, intent, method, why)
        return "failed"
    if methods.METHODS[name].slow:
        pending = add_charge(account, session, intent, name, "pending")
        change(intent, status="processing", last_payment_error=None)
        emit(account, "payment_intent.processing", intent)
        emit(account, "charge.pending", pending)
        return "pending"
    done = add_charge(account, session, intent, name, "succeeded")
    later = name == "card" and account.capture_delay > 0
    if later:
        account.scheduler.add(lambda: capture_late(account, done), account.capture_delay)
    else:
        capture(account, done)
    paid(account, invoice, intent, done)
    return "paid"


def _decline(
    account: Account, session: Obj, invoice: Obj, intent: Obj, method: Obj, why: str
) -> None:
    failed = add_charge(account, session, intent, method["type"], "failed")
    code = "expired_card" if why == "expired_card" else "card_declined"
    fail(account, intent, failed, code, MESSAGES.get(why, MESSAGES["generic_decline"]), why)
    # On the page of the first one the donor tries again by hand.
    put_off(account, invoice, again=invoice["billing_reason"] == "subscription_cycle")


def put_off(account: Account, invoice: Obj, again: bool = True) -> None:
    """Set the next try of an invoice that failed, if there is one left."""
    count = invoice["attempt_count"]
    left = again and 0 < count <= len(RETRIES)
    at = account.clock.now() + RETRIES[count - 1] * DAY if left else None
    change(invoice, next_payment_attempt=at)
    emit(account, "invoice.payment_failed", invoice)


def paid(account: Account, invoice: Obj, intent: Obj, done: Obj) -> None:
    """Let the money of an invoice come, in the order of Stripe's events."""
    now, amount = account.clock.now(), invoice["amount_due"]
    receive(intent)
    payment = account.store.get("invoice_payment", invoice["_payment"])
    transitions = {**invoice["status_transitions"], "paid_at": now}
    change(payment, status="paid", amount_paid=amount)
    payment["status_transitions"] = {"canceled_at": None, "paid_at": now}
    change(
        invoice,
        status="paid",
        amount_paid=amount,
        amount_remaining=0,
        attempted=True,
        next_payment_attempt=None,
        status_transitions=transitions,
    )
    emit(account, "charge.succeeded", done)
    emit(account, "payment_intent.succeeded", intent)
    emit(account, "invoice.paid", invoice)
    emit(account, "invoice.payment_succeeded", invoice)
    emit(account, "invoice_payment.paid", payment)


def void(account: Account, invoice: Obj) -> None:
    """Let an invoice go: a pause, or an end."""
    now = account.clock.now()
    transitions = {**invoice["status_transitions"], "voided_at": now}
    change(invoice, status="void", next_payment_attempt=None, status_transitions=transitions)
    emit(account, "invoice.voided", invoice)


def retrieve(account: Account, params: Obj, id: str) -> Obj:
    """Return one invoice."""
    return account.store.get("invoice", id, "invoice")


def list_invoices(account: Account, params: Obj) -> Obj:
    """List invoices by customer, status, subscription and time, newest first."""
    found = account.store.all("invoice")
    if "subscription" in params:
        wanted = params["subscription"]
        found = [one for one in found if subscription_id(one) == wanted]
    return listing(found, params, "/v1/invoices", ("customer", "status"))


def subscription_id(invoice: Obj) -> str:
    """Return whose period an invoice is for."""
    id: str = invoice["parent"]["subscription_details"]["subscription"]
    return id


def retrieve_payment(account: Account, params: Obj, id: str) -> Obj:
    """Return one payment of an invoice."""
    return account.store.get("invoice_payment", id, "invoice_payment")


def list_payments(account: Account, params: Obj) -> Obj:
    """List the payments of invoices, newest first."""
    found = account.store.all("invoice_payment")
    return listing(found, params, "/v1/invoice_payments", ("invoice", "status"))
