"""Stripe: Checkout out, signed events in, refunds, and what has to be asked for.

Only this file imports the SDK, and only a site that uses Stripe loads this file.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import stripe

from ashar.gateways.base import Movement, Notice, Order, Received, Redirect, RefundOrder
from ashar.kernel.errors import GatewayRefused, GatewayUnreachable, Parked
from ashar.kernel.money import EXPONENTS, Money

NAME = "stripe"
TOLERANCE = 300
SESSION_LIFE = timedelta(hours=23)
CHECKOUT = "https://checkout.stripe.com"
#: Where Stripe's exponent is not ISO 4217's.
EXPONENT = {"ISK": 2, "UGX": 2, "MGA": 0}
LOCALES = {"ky": "ru", "ru": "ru", "de": "de", "en": "en"}
WAYS = {"card": "card", "sepa": "sepa_debit", "twint": "twint", "ideal": "ideal"}
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


class StripeGateway:
    """Stripe Checkout on one account."""

    name = NAME
    methods = tuple(WAYS)

    def __init__(
        self,
        key: str,
        secrets: tuple[str, ...],
        site: str,
        api_base: str = "",
        timeout: float = 10,
    ) -> None:
        self._secrets, self._site = secrets, site
        self._live = key.startswith(("sk_live", "rk_live"))
        self.origins = (api_base.rstrip("/") or CHECKOUT,)
        self._client = stripe.StripeClient(
            key,
            base_addresses={"api": api_base.rstrip("/")} if api_base else None,
            max_network_retries=1,
            http_client=stripe.RequestsClient(timeout=timeout),
        )

    # Out ---------------------------------------------------------------------------------

    def begin(self, order: Order) -> Redirect:
        """Open a Checkout session; the key makes a repeated call answer with the same one."""
        params = self._session_params(order)
        with _translated():
            session = self._client.v1.checkout.sessions.create(
                params=params,  # type: ignore[arg-type]
                options={"idempotency_key": order.key},
            )
        ends = datetime.fromtimestamp(session.expires_at, UTC)
        return Redirect(str(session.url), session.id, ends)

    def _session_params(self, order: Order) -> dict[str, Any]:
        about = {
            "pledge": order.pledge,
            "attempt": str(order.attempt),
            "site": self._site,
        }
        found: dict[str, Any] = {
            "mode": "payment",
            "ui_mode": "hosted_page",
            "submit_type": "donate",
            "client_reference_id": order.pledge,
            "metadata": about,
            "payment_intent_data": {"metadata": about},
            "locale": LOCALES.get(order.language, "en"),
            "adaptive_pricing": {"enabled": False},
            "allowed_payment_method_types": [WAYS[order.method]],
            "success_url": order.back_url,
            "cancel_url": order.cancel_url,
            "line_items": [self._item(order)],
        }
        if order.email:
            found["customer_email"] = order.email
        return found

    def _item(self, order: Order) -> dict[str, Any]:
        product: dict[str, Any] = {"name": order.title[:250]}
        if order.image:
            product["images"] = [order.image]
        price = {
            "currency": order.total.currency.lower(),
            "unit_amount": to_stripe(order.total),
            "product_data": product,
        }
        return {"quantity": 1, "price_data": price}

    def stop(self, id: str) -> None:
        """End an open session; raise GatewayRefused when it is complete."""
        with _translated():
            self._client.v1.checkout.sessions.expire(id)

    def refund(self, order: RefundOrder) -> Received:
        """Give back a payment or a part of it, once per key."""
        params: dict[str, Any] = {
            "amount": to_stripe(order.money),
            "metadata": {"site": self._site, "refund": str(order.refund)},
        }
        for name, ours in (("payment_intent", "intent"), ("charge", "charge")):
            if order.ids.get(ours):
                params[name] = order.ids[ours]
                break
        with _translated():
            found = self._client.v1.refunds.create(
                params=params,  # type: ignore[arg-type]
                options={"idempotency_key": order.key},
            )
        return _fetched("refund", f"{found.id}@{found.status}", found.to_dict())

    # Asked -------------------------------------------------------------------------------

    def balance(self) -> dict[str, Money]:
        """Return what is available for refunds now, per settlement currency."""
        with _translated():
            found = self._client.v1.balance.retrieve()
        parts = [(one.amount, one.currency) for one in found.available]
        sums = [from_stripe(amount, code) for amount, code in parts if code.upper() in EXPONENTS]
        return {money.currency: money for money in sums}

    def fetch(self, kind: str, id: str) -> Received:
        """Ask for a session, an intent or a balance transaction."""
        with _translated():
            found = self._fetchers()[kind](id)
        if kind == "balance_transaction":
            return _fetched(kind, id, found)
        word = f"{found.get('status')}/{found.get('payment_status', '')}"
        return _fetched(kind, f"{id}@{word}", found)

    def _fetchers(self) -> dict[str, Callable[[str], dict[str, Any]]]:
        v1, charge = self._client.v1, "latest_charge"
        return {
            "session": lambda id: v1.checkout.sessions.retrieve(
                id, params={"expand": [f"payment_intent.{charge}"]}
            ).to_dict(),
            "intent": lambda id: v1.payment_intents.retrieve(
                id, params={"expand": [charge]}
            ).to_dict(),
            "balance_transaction": lambda id: v1.balance_transactions.retrieve(id).to_dict(),
        }

    def missed(self, since: datetime) -> Iterator[Received]:
        """List Stripe's events since an instant, oldest first (it keeps thirty days)."""
        with _translated():
            found = list(
                self._client.v1.events.list(
                    params={"created": {"gte": int(since.timestamp())}, "limit": 100}
                ).auto_paging_iter()
            )
        for event in reversed(found):
            body = json.dumps(event.to_dict()).encode()
            yield Received(event.id, event.type, body)

    # In ----------------------------------------------------------------------------------

    def accept(self, body: bytes, headers: Mapping[str, str]) -> Received:
        """Verify a signed event; raise GatewayRefused unless it is authentic, fresh and one."""
        self._verify(body, headers.get("Stripe-Signature", ""))
        try:
            event = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise GatewayRefused("the body is not JSON") from error
        if not isinstance(event, dict) or event.get("object") != "event":
            raise GatewayRefused("the body is no event")
        id, kind = event.get("id"), event.get("type")
        if not isinstance(id, str) or not isinstance(kind, str) or not id:
            raise GatewayRefused("the event has no id")
        return Received(id, kind, body)

    def _verify(self, body: bytes, header: str) -> None:
        """Hold the signature against each secret; the SDK lets timestamps of the future pass."""
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError as error:
            raise GatewayRefused("the body is not UTF-8") from error
        _refuse_future(header)
        for secret in self._secrets:
            try:
                stripe.WebhookSignature.verify_header(text, header, secret, TOLERANCE)
            except (stripe.SignatureVerificationError, ValueError):
                continue
            return
        raise GatewayRefused("the signature is missing, wrong or too old")

    def read(self, body: bytes) -> list[Notice]:
        """Turn an event, or something fetched, into facts."""
        found = json.loads(body)
        if found["object"] == "fetched":
            return self._read_fetched(found["kind"], found["data"])
        self._refuse_foreign(found)
        reader = _READERS.get(found["type"])
        if reader is None:
            return []
        thing = found["data"]["object"]
        self._refuse_other_site(thing)
        at = datetime.fromtimestamp(found["created"], UTC)
        return reader(found["id"], found["type"], thing, at)

    def _refuse_foreign(self, event: Object) -> None:
        if bool(event.get("livemode")) != self._live:
            raise Parked("livemode differs from the key's")
        if event.get("account"):
            raise Parked(f"of another account: {event['account']}")

    def _refuse_other_site(self, thing: Object) -> None:
        site = (thing.get("metadata") or {}).get("site")
        if site not in {None, self._site}:
            raise Parked(f"of another site: {site}")

    def _read_fetched(self, kind: str, thing: Object) -> list[Notice]:
        self._refuse_other_site(thing)
        if kind == "balance_transaction":
            return _transaction(thing)
        if kind == "refund":
            return _refund(thing["id"], "refund.updated", thing, _created(thing))
        if kind == "intent":
            return _fetched_intent(thing)
        return _fetched_session(thing)


def _refuse_future(header: str) -> None:
    for part in header.split(","):
        name, _, value = part.partition("=")
        if name.strip() == "t" and value.isdigit() and int(value) > time.time() + TOLERANCE:
            raise GatewayRefused("the signature's time lies in the future")


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the SDK's errors into ours."""
    try:
        yield
    except (stripe.APIConnectionError, stripe.RateLimitError) as error:
        raise GatewayUnreachable(_words(error)) from error
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        # A wrong key is our fault, not the payment's: what was asked is asked again.
        raise GatewayUnreachable(_words(error)) from error
    except (stripe.InvalidRequestError, stripe.CardError) as error:
        raise GatewayRefused(_words(error), error.code) from error
    except stripe.IdempotencyError as error:
        if error.http_status == 409:
            raise GatewayUnreachable(_words(error)) from error
        raise GatewayRefused(_words(error), error.code) from error
    except stripe.StripeError as error:
        raise GatewayUnreachable(_words(error)) from error


def _words(error: stripe.StripeError) -> str:
    return f"{type(error).__name__}: {error.user_message or error}"


def _fetched(kind: str, id: str, thing: dict[str, Any]) -> Received:
    body = json.dumps({"object": "fetched", "kind": kind, "data": thing}).encode()
    return Received(id, kind, body)


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


_READERS: dict[str, Callable[[str, str, Object, datetime], list[Notice]]] = {
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
#: What Stripe's webhook has to be subscribed to.
EVENTS = tuple(_READERS)
