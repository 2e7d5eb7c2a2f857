"""What the clock and the donor's card do to subscriptions: first payment, renewals, retries."""

from __future__ import annotations

from . import invoices, methods
from .account import Account
from .charges import billing
from .errors import ApiError
from .events import emit
from .payments import capture, check_payable, fail
from .sessions import details, ensure_customer
from .store import DAY, Obj, change
from .subscriptions import ENDED, end, make, method_of, months_after, move, period_end

#: After so long a debit has come in by itself.
DEBIT = 6 * DAY


def pay_first(account: Account, session_id: str, method: str, outcome: str) -> Obj:
    """Try to pay an open session in subscription mode; return the session."""
    with account.lock:
        session = account.store.get("checkout.session", session_id, "session")
        check_payable(session, method, outcome)
        if session["customer_details"] is None:
            session["customer_details"] = details("donor@example.com", "Sandbox Donor")
        used = _method(account, session, method)
        subscription = account.store.find(session["subscription"]) or _begin(account, session, used)
        subscription["default_payment_method"] = used["id"]
        invoice = account.store.get("invoice", subscription["latest_invoice"])
        declined = "generic_decline" if outcome == "decline" else ""
        done = invoices.charge(account, invoice, used, declined)
        if done == "failed":
            return session
        slow = done == "pending"
        move(account, subscription, status="active")
        change(
            session,
            status="complete",
            payment_status="unpaid" if slow else "paid",
            url=None,
        )
        emit(account, "checkout.session.completed", session)
        if slow and outcome == "succeed":
            settle_first(account, session_id)
        return session


def _method(account: Account, session: Obj, name: str) -> Obj:
    ensure_customer(account, session)
    id, now = account.store.new_id("pm_"), account.clock.now()
    used = account.store.add(methods.payment_method(name, id, now, billing(session)))
    used["customer"] = session["customer"]
    emit(account, "payment_method.attached", used)
    return used


def _begin(account: Account, session: Obj, used: Obj) -> Obj:
    items = [one for one in account.store.all("item") if one["_session"] == session["id"]]
    subscription = make(account, session, items[0], used)
    change(session, subscription=subscription["id"])
    start = subscription["created"]
    invoice = invoices.make(
        account, subscription, "subscription_create", start, period_end(subscription)
    )
    subscription["latest_invoice"] = session["invoice"] = invoice["id"]
    emit(account, "customer.subscription.created", subscription)
    invoices.finalize(account, invoice)
    return subscription


def settle_first(account: Account, session_id: str, ok: bool = True) -> Obj:
    """Let the debit of a completed session in subscription mode come in, or fail."""
    with account.lock:
        session = account.store.get("checkout.session", session_id, "session")
        invoice = account.store.find(session["invoice"])
        if invoice is None:
            raise ApiError(f"The Checkout Session {session_id} waits for no debit.")
        settle(account, invoice["id"], ok)
        session["payment_status"] = "paid" if ok else "unpaid"
        word = "succeeded" if ok else "failed"
        emit(account, f"checkout.session.async_payment_{word}", session)
        return session


def settle(account: Account, invoice_id: str, ok: bool = True) -> Obj:
    """Let the debit of an invoice come in, or fail; return the invoice."""
    with account.lock:
        invoice = account.store.get("invoice", invoice_id, "invoice")
        intent = invoices.intent_of(account, invoice)
        found = account.store.find(intent and intent["latest_charge"])
        if intent is None or found is None or found["status"] != "pending":
            raise ApiError(f"The invoice {invoice_id} waits for no debit.")
        subscription = account.store.get("subscription", invoices.subscription_id(invoice))
        if ok:
            change(found, status="succeeded", paid=True)
            capture(account, found)
            invoices.paid(account, invoice, intent, found)
            _follow(account, subscription, invoice)
            return invoice
        change(found, status="failed", captured=False, amount_captured=0)
        message = "The customer's account has insufficient funds to cover this payment."
        fail(account, intent, found, "payment_intent_payment_attempt_failed", message)
        invoices.put_off(account, invoice)
        _follow(account, subscription, invoice)
        return invoice


def _follow(account: Account, subscription: Obj, invoice: Obj) -> None:
    """Bring a subscription's status to what its last invoice says."""
    if subscription["status"] in ENDED or invoice["id"] != subscription["latest_invoice"]:
        return
    if invoice["status"] == "paid":
        move(account, subscription, status="active")
    elif invoice["next_payment_attempt"] is None and invoice["attempt_count"] > len(
        invoices.RETRIES
    ):
        end(account, subscription, "payment_failed")
    else:
        move(account, subscription, status="past_due")


def due(account: Account) -> int | None:
    """Return when something happens to a subscription next."""
    times = [
        at
        for one in account.store.all("subscription")
        if one["status"] not in (*ENDED, "incomplete")
        for at in (period_end(one), _retry_at(account, one), _debit_at(account, one))
        if at is not None
    ]
    return min(times, default=None)


def _retry_at(account: Account, subscription: Obj) -> int | None:
    latest = account.store.find(subscription["latest_invoice"])
    at: int | None = latest["next_payment_attempt"] if latest else None
    return at


def _debit_at(account: Account, subscription: Obj) -> int | None:
    latest = account.store.find(subscription["latest_invoice"])
    intent = invoices.intent_of(account, latest)
    found = account.store.find(intent and intent["latest_charge"])
    return found["created"] + DEBIT if found and found["status"] == "pending" else None


def run_due(account: Account) -> None:
    """Renew, try again and let debits come in, all whose time has come."""
    with account.lock:
        now = account.clock.now()
        for one in account.store.all("subscription"):
            if one["status"] in (*ENDED, "incomplete"):
                continue
            debit, retry = _debit_at(account, one), _retry_at(account, one)
            if debit is not None and debit <= now:
                _arrive(account, one)
            if retry is not None and retry <= now:
                try_again(account, one["latest_invoice"])
            if one["status"] not in ENDED and period_end(one) <= now:
                _renew(account, one)


def _arrive(account: Account, subscription: Obj) -> None:
    invoice = account.store.get("invoice", subscription["latest_invoice"])
    for session in account.store.all("checkout.session"):
        if session["invoice"] == invoice["id"]:
            settle_first(account, session["id"])
            return
    settle(account, invoice["id"])


def _renew(account: Account, subscription: Obj) -> None:
    if subscription["cancel_at_period_end"]:
        end(account, subscription, "cancellation_requested")
        return
    start, periods = period_end(subscription), subscription["_periods"] + 1
    until = months_after(subscription["billing_cycle_anchor"], periods + 1)
    [item] = subscription["items"]["data"]
    renewed = {**item, "current_period_start": start, "current_period_end": until}
    invoice = invoices.make(account, subscription, "subscription_cycle", start, until)
    subscription["_periods"] = periods
    move(
        account,
        subscription,
        items={**subscription["items"], "data": [renewed]},
        latest_invoice=invoice["id"],
    )
    if subscription["pause_collection"]:
        invoices.void(account, invoice)
        return
    invoices.finalize(account, invoice)
    if invoices.charge(account, invoice, method_of(account, subscription)) != "pending":
        _follow(account, subscription, invoice)


def try_again(account: Account, invoice_id: str, method: Obj | None = None) -> Obj:
    """Charge an open invoice once more, with another payment method if one is given."""
    with account.lock:
        invoice = account.store.get("invoice", invoice_id, "invoice")
        subscription = account.store.get("subscription", invoices.subscription_id(invoice))
        used = method or method_of(account, subscription)
        change(invoice, next_payment_attempt=None)
        if invoices.charge(account, invoice, used) != "pending":
            _follow(account, subscription, invoice)
        return invoice


def pay_by_hand(account: Account, invoice_id: str, ok: bool = True) -> Obj:
    """Pay an open invoice on its hosted page with a new card, or have that one declined."""
    with account.lock:
        invoice = account.store.get("invoice", invoice_id, "invoice")
        if invoice["status"] != "open":
            raise ApiError(f"This invoice is {invoice['status']}.")
        subscription = account.store.get("subscription", invoices.subscription_id(invoice))
        id, now = account.store.new_id("pm_"), account.clock.now()
        person = {"customer_details": {"email": invoice["customer_email"], "name": None}}
        used = account.store.add(methods.payment_method("card", id, now, billing(person)))
        used["customer"] = invoice["customer"]
        if not ok:
            planned = invoice["next_payment_attempt"]
            invoices.charge(account, invoice, used, "generic_decline")
            change(invoice, next_payment_attempt=planned)
            return invoice
        emit(account, "payment_method.attached", used)
        keeps = subscription["payment_settings"]["save_default_payment_method"]
        if keeps == "on_subscription":
            move(account, subscription, default_payment_method=used["id"])
        return try_again(account, invoice_id, used)
