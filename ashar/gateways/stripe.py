"""Stripe: Checkout out, signed events in, refunds, and what has to be asked for.

What Stripe's JSON means is read in stripe_facts.
Only this file imports the SDK, and only a site that uses Stripe loads this file.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import stripe

from ashar.gateways import stripe_facts
from ashar.gateways.base import Notice, Order, Received, Redirect, RefundOrder
from ashar.gateways.stripe_json import NAME, Object, from_stripe, site_of, to_stripe
from ashar.kernel import clock
from ashar.kernel.errors import GatewayRefused, GatewayUnreachable, Parked
from ashar.kernel.money import EXPONENTS, Money

TOLERANCE = 300
#: What is told of a subscription only when it is asked for.
METHOD = "default_payment_method"
CHECKOUT = "https://checkout.stripe.com"
#: Where an invoice that could not be charged is paid by hand.
INVOICES = "https://invoice.stripe.com"
LOCALES = {"ky": "ru", "ru": "ru", "de": "de", "en": "en"}
WAYS = {"card": "card", "sepa": "sepa_debit", "twint": "twint", "ideal": "ideal"}
#: What Stripe's webhook has to be subscribed to.
EVENTS = tuple(stripe_facts.READERS)


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
        self.origins = (api_base.rstrip("/"),) if api_base else (CHECKOUT, INVOICES)
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
            **self._mode(order, about),
            "ui_mode": "hosted_page",
            "submit_type": "donate",
            "client_reference_id": order.pledge,
            "metadata": about,
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

    def _mode(self, order: Order, about: dict[str, str]) -> dict[str, Any]:
        if not order.monthly:
            return {"mode": "payment", "payment_intent_data": {"metadata": about}}
        # Each invoice bears what stood beside the subscription when it was made.
        beside = about | {"gift": str(to_stripe(order.gift))}
        data = {"metadata": beside, "description": order.title[:250]}
        return {"mode": "subscription", "subscription_data": data}

    def _item(self, order: Order) -> dict[str, Any]:
        product: dict[str, Any] = {"name": order.title[:250]}
        if order.image:
            product["images"] = [order.image]
        price = {
            "currency": order.total.currency.lower(),
            "unit_amount": to_stripe(order.total),
            "product_data": product,
        }
        if order.monthly:
            price["recurring"] = {"interval": "month"}
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

    def contest(self, dispute: str, evidence: Mapping[str, str], key: str) -> Received:
        """Hand in evidence against a dispute; Stripe takes it once."""
        params: dict[str, Any] = {"evidence": dict(evidence), "submit": True}
        with _translated():
            found = self._client.v1.disputes.update(
                dispute,
                params=params,  # type: ignore[arg-type]
                options={"idempotency_key": key},
            )
        return _fetched("dispute", f"{found.id}@{found.status}", found.to_dict())

    # Each month -----------------------------------------------------------------------------

    def set_amount(self, id: str, key: str, gift: Money, cover: Money) -> Received:
        """Charge another sum from the next time on; what is open stays as it is."""
        total = gift + cover
        with _translated():
            item = self._client.v1.subscriptions.retrieve(id).to_dict()["items"]["data"][0]
        price = {
            "currency": total.currency.lower(),
            "product": item["price"]["product"],
            "recurring": {"interval": "month"},
            "unit_amount": to_stripe(total),
        }
        return self._modify(
            id,
            key,
            items=[{"id": item["id"], "price_data": price}],
            metadata={"gift": str(to_stripe(gift))},
            proration_behavior="none",
        )

    def pause(self, id: str, key: str) -> Received:
        """Charge nothing until it is resumed; the months between are never asked for."""
        return self._modify(id, key, pause_collection={"behavior": "void"})

    def resume(self, id: str, key: str) -> Received:
        """Charge again from the next time on."""
        return self._modify(id, key, pause_collection="")

    def end(self, id: str, key: str) -> Received:
        """Never charge again; what was not paid is not asked for any more."""
        with _translated():
            found = self._client.v1.subscriptions.cancel(
                id, params={"expand": [METHOD]}, options={"idempotency_key": key}
            )
        return _snapshot(found.to_dict())

    def _modify(self, id: str, key: str, **params: Any) -> Received:
        with _translated():
            found = self._client.v1.subscriptions.update(
                id,
                params={**params, "expand": [METHOD]},  # type: ignore[arg-type]
                options={"idempotency_key": key},
            )
        return _snapshot(found.to_dict())

    def mend(self, id: str, invoice: str) -> str | None:
        """Return Stripe's page of an open invoice; whatever pays there is charged from then on."""
        keeps: dict[str, Any] = {"save_default_payment_method": "on_subscription"}
        with _translated():
            found = self._client.v1.invoices.retrieve(invoice)
            if found.status != "open":
                return None
            self._client.v1.subscriptions.update(
                id,
                params={"payment_settings": keeps},  # type: ignore[arg-type]
            )
        return found.hosted_invoice_url

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
        if kind == "subscription":
            return _snapshot(found)
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
            "invoice": lambda id: v1.invoices.retrieve(
                _plain(id), params={"expand": ["payments.data.payment.payment_intent"]}
            ).to_dict(),
            "subscription": lambda id: v1.subscriptions.retrieve(
                _plain(id), params={"expand": [METHOD]}
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
            body = _json(event.to_dict())
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
            self._refuse_other_site(found["data"])
            at = datetime.fromisoformat(found["at"]) if "at" in found else None
            return stripe_facts.fetched(found["kind"], found["data"], at)
        self._refuse_foreign(found)
        if found["type"] not in stripe_facts.READERS:
            return []
        self._refuse_other_site(found["data"]["object"])
        return stripe_facts.event(found)

    def _refuse_foreign(self, event: Object) -> None:
        if bool(event.get("livemode")) != self._live:
            raise Parked("livemode differs from the key's")
        if event.get("account"):
            raise Parked(f"of another account: {event['account']}")

    def _refuse_other_site(self, thing: Object) -> None:
        site = site_of(thing)
        if site not in {None, self._site}:
            raise Parked(f"of another site: {site}")


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


def _json(thing: dict[str, Any]) -> bytes:
    """Write what the SDK read; it makes decimals of what came as text."""
    return json.dumps(thing, default=str).encode()


def _plain(id: str) -> str:
    """Return an id without the word that tells one asking from another."""
    return id.partition("@")[0]


def _snapshot(thing: dict[str, Any]) -> Received:
    """Keep how a subscription stands now, by our own clock: what is asked later is newer."""
    now = clock.now().isoformat()
    told = {"object": "fetched", "kind": "subscription", "at": now, "data": thing}
    return Received(f"{thing['id']}@{now}", "subscription", _json(told))


def _fetched(kind: str, id: str, thing: dict[str, Any]) -> Received:
    body = _json({"object": "fetched", "kind": kind, "data": thing})
    return Received(id, kind, body)
