"""What happens when somebody pays: intents, charges and the events in Stripe's order."""

from __future__ import annotations

from . import methods
from .account import Account
from .balance import record
from .charges import billing, new_charge, new_intent
from .currencies import exponent
from .errors import ApiError
from .events import emit
from .sessions import details, ensure_customer
from .store import Obj, change

OUTCOMES = ("succeed", "decline", "pending")


def pay(account: Account, session_id: str, method: str = "card", outcome: str = "succeed") -> Obj:
    """Try to pay an open session; return the session."""
    with account.lock:
        session = account.store.get("checkout.session", session_id, "session")
        check_payable(session, method, outcome)
        if session["customer_details"] is None and outcome != "decline":
            session["customer_details"] = details("donor@example.com", "Sandbox Donor")
        intent = _intent(account, session)
        _choose(account, session, intent, method)
        if outcome == "decline":
            _decline(account, session, intent, method)
        elif methods.METHODS[method].slow:
            _begin_slow(account, session, intent, method)
            if outcome == "succeed":
                settle(account, session_id)
        else:
            _succeed(account, session, intent, method)
        return session


def check_payable(session: Obj, method: str, outcome: str) -> None:
    """Refuse what the hosted page would not offer."""
    if outcome not in OUTCOMES:
        raise ApiError(f"outcome must be one of {', '.join(OUTCOMES)}")
    if session["status"] != "open":
        raise ApiError(f"This Checkout Session is {session['status']}.")
    if method not in session["payment_method_types"]:
        raise ApiError(f"This Checkout Session does not offer {method}.")
    if outcome == "pending" and not methods.METHODS[method].slow:
        raise ApiError(f"{methods.METHODS[method].label} is never pending.")


def _intent(account: Account, session: Obj) -> Obj:
    existing = account.store.find(session["payment_intent"])
    if existing:
        return existing
    ensure_customer(account, session)
    intent = account.store.add(new_intent(account, session))
    session["payment_intent"] = intent["id"]
    emit(account, "payment_intent.created", intent)
    return intent


def _choose(account: Account, session: Obj, intent: Obj, method: str) -> None:
    id, now = account.store.new_id("pm_"), account.clock.now()
    account.store.add(methods.payment_method(method, id, now, billing(session)))
    intent["payment_method"] = id


def add_charge(account: Account, session: Obj, intent: Obj, method: str, state: str) -> Obj:
    """Add the charge of a try."""
    charge = account.store.add(new_charge(account, intent, session, method, state))
    intent["latest_charge"] = charge["id"]
    return charge


def _succeed(account: Account, session: Obj, intent: Obj, method: str) -> None:
    charge = add_charge(account, session, intent, method, "succeeded")
    later = method == "card" and account.capture_delay > 0
    if not later:
        capture(account, charge)
    receive(intent)
    change(session, status="complete", payment_status="paid", url=None)
    emit(account, "charge.succeeded", charge)
    emit(account, "payment_intent.succeeded", intent)
    emit(account, "checkout.session.completed", session)
    if later:
        account.scheduler.add(lambda: capture_late(account, charge), account.capture_delay)


def receive(intent: Obj) -> None:
    """Note that an intent's money came."""
    change(
        intent,
        status="succeeded",
        amount_received=intent["amount"],
        last_payment_error=None,
        processing=None,
    )


def capture(account: Account, charge: Obj) -> Obj:
    """Book a charge on the balance; return what changed on the charge."""
    name = charge["payment_method_details"]["type"]
    settled, currency, rate = account.settle(charge["amount"], charge["currency"])
    transaction = record(
        account,
        charge,
        settled,
        currency,
        type="charge" if name == "card" else "payment",
        category="charge",
        fee=methods.fee(name, settled, exponent(currency)),
        rate=rate,
        days=methods.METHODS[name].available_after,
        description=charge["description"],
    )
    return change(charge, balance_transaction=transaction["id"])


def capture_late(account: Account, charge: Obj) -> None:
    """Book a charge some time after it succeeded, and say so; twice is harmless."""
    with account.lock:
        if charge["status"] == "succeeded" and charge["balance_transaction"] is None:
            previous = capture(account, charge)
            emit(account, "charge.updated", charge, previous)


def _decline(account: Account, session: Obj, intent: Obj, method: str) -> None:
    charge = add_charge(account, session, intent, method, "failed")
    fail(account, intent, charge, "card_declined", "Your card was declined.")


def fail(
    account: Account,
    intent: Obj,
    charge: Obj,
    code: str,
    message: str,
    decline: str = "generic_decline",
) -> None:
    """Note that a try failed, and why."""
    change(charge, failure_code=code, failure_message=message, paid=False)
    used = account.store.find(intent["payment_method"])
    error = {
        "charge": charge["id"],
        "code": code,
        "decline_code": decline if code == "card_declined" else None,
        "doc_url": f"https://stripe.com/docs/error-codes/{code}",
        "message": message,
        "payment_method": used,
        "type": "card_error" if code == "card_declined" else "invalid_request_error",
    }
    kept = {key: value for key, value in error.items() if value is not None}
    change(
        intent,
        status="requires_payment_method",
        last_payment_error=kept,
        payment_method=None,
        processing=None,
    )
    emit(account, "charge.failed", charge)
    emit(account, "payment_intent.payment_failed", intent)


def _begin_slow(account: Account, session: Obj, intent: Obj, method: str) -> None:
    charge = add_charge(account, session, intent, method, "pending")
    change(intent, status="processing", last_payment_error=None)
    change(session, status="complete", url=None)
    emit(account, "checkout.session.completed", session)
    emit(account, "payment_intent.processing", intent)
    emit(account, "charge.pending", charge)


def settle(account: Account, session_id: str, ok: bool = True) -> Obj:
    """Let the debit of a completed session come in, or fail; return the session."""
    with account.lock:
        session = account.store.get("checkout.session", session_id, "session")
        intent = account.store.find(session["payment_intent"])
        charge = account.store.find(intent and intent["latest_charge"])
        if not intent or not charge or charge["status"] != "pending":
            raise ApiError(f"The Checkout Session {session_id} waits for no debit.")
        (_debited if ok else _returned)(account, session, intent, charge)
        return session


def _debited(account: Account, session: Obj, intent: Obj, charge: Obj) -> None:
    change(charge, status="succeeded", paid=True)
    capture(account, charge)
    receive(intent)
    session["payment_status"] = "paid"
    emit(account, "charge.succeeded", charge)
    emit(account, "payment_intent.succeeded", intent)
    emit(account, "checkout.session.async_payment_succeeded", session)


def _returned(account: Account, session: Obj, intent: Obj, charge: Obj) -> None:
    change(charge, status="failed", captured=False, amount_captured=0)
    message = "The customer's account has insufficient funds to cover this payment."
    fail(account, intent, charge, "payment_intent_payment_attempt_failed", message)
    emit(account, "checkout.session.async_payment_failed", session)
