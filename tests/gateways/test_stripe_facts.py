"""What Stripe's JSON of monthly gifts means, without any call."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from ashar.gateways.base import Notice
from ashar.gateways.stripe import EVENTS, StripeGateway
from ashar.kernel.errors import Parked
from ashar.kernel.money import Money

METADATA = {"pledge": "token", "attempt": "2", "site": "here", "gift": "2000"}


def read(type: str, thing: dict[str, Any]) -> list[Notice]:
    """Read an event about a thing."""
    gateway = StripeGateway("sk_test_x", ("whsec_x",), "here")
    event = {"object": "event", "id": "evt_1", "type": type, "created": 1, "livemode": False}
    return gateway.read(json.dumps(event | {"data": {"object": thing}}).encode())


def fetched(kind: str, thing: dict[str, Any]) -> list[Notice]:
    """Read a thing that was asked for."""
    gateway = StripeGateway("sk_test_x", ("whsec_x",), "here")
    told = {"object": "fetched", "kind": kind, "data": thing, "at": "2026-12-01T08:00:00+00:00"}
    return gateway.read(json.dumps(told).encode())


def invoice(**more: Any) -> dict[str, Any]:
    """Return an invoice that was paid."""
    details = {"subscription": "sub_1", "metadata": METADATA}
    return {
        "id": "in_1",
        "status": "paid",
        "amount_paid": 2091,
        "amount_due": 2091,
        "attempt_count": 1,
        "currency": "chf",
        "created": 1,
        "billing_reason": "subscription_cycle",
        "next_payment_attempt": None,
        "parent": {"subscription_details": details},
        **more,
    }


def payments(error: dict[str, str] | None = None) -> dict[str, Any]:
    intent = {"id": "pi_1", "last_payment_error": error}
    return {"data": [{"is_default": True, "payment": {"payment_intent": intent}}]}


def subscription(**more: Any) -> dict[str, Any]:
    """Return a subscription that runs."""
    item = {"price": {"unit_amount": 2091}, "quantity": 1, "current_period_end": 1_800_000_000}
    card = {"exp_year": 2028, "exp_month": 2}
    return {
        "id": "sub_1",
        "status": "active",
        "currency": "chf",
        "metadata": METADATA,
        "items": {"data": [item]},
        "pause_collection": None,
        "default_payment_method": {"id": "pm_1", "card": card},
        **more,
    }


def test_a_later_invoice_names_its_subscription_and_asks_for_its_intent() -> None:
    [told] = read("invoice.paid", invoice())
    assert (told.kind, told.money, told.gift) == ("paid", Money(2091, "CHF"), Money(2000, "CHF"))
    assert told.ids == {"invoice": "in_1", "subscription": "sub_1", "token": "token"}
    assert told.wants == (("invoice", "in_1"),)
    [whole] = fetched("invoice", invoice(payments=payments()))
    assert (whole.ids["intent"], whole.wants) == ("pi_1", ())


def test_the_first_invoice_is_of_the_try_that_checkout_began() -> None:
    [told] = read("invoice.paid", invoice(billing_reason="subscription_create"))
    assert told.ids["attempt"] == "2"


def test_a_failure_waits_for_its_reason_and_the_day_of_the_next_try() -> None:
    failed = invoice(status="open", amount_paid=0, next_payment_attempt=1_800_000_000)
    [told] = read("invoice.payment_failed", failed)
    assert (told.kind, told.wants) == ("declined", (("invoice", "in_1@1"),))
    error = {"code": "card_declined", "decline_code": "expired_card"}
    [whole] = fetched("invoice", failed | {"payments": payments(error)})
    assert (whole.kind, whole.reason) == ("failed", "expired_card")
    assert whole.next_at == datetime.fromtimestamp(1_800_000_000, UTC)


def test_invoices_of_nothing_or_of_nobody_say_nothing_and_another_site_s_are_parked() -> None:
    assert read("invoice.paid", invoice(parent=None)) == []
    assert read("invoice.paid", invoice(amount_paid=0)) == []
    elsewhere = {"subscription": "sub_1", "metadata": METADATA | {"site": "elsewhere"}}
    with pytest.raises(Parked, match="another site"):
        read("invoice.paid", invoice(parent={"subscription_details": elsewhere}))


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({}, "active"),
        ({"status": "trialing"}, "active"),
        ({"status": "past_due"}, "past_due"),
        ({"status": "unpaid"}, "past_due"),
        ({"pause_collection": {"behavior": "void"}}, "paused"),
        ({"status": "canceled", "pause_collection": {"behavior": "void"}}, "ended"),
    ],
)
def test_how_a_subscription_stands(more: dict[str, Any], status: str) -> None:
    [told] = fetched("subscription", subscription(**more))
    assert (told.status, told.money, told.gift) == (
        status,
        Money(2091, "CHF"),
        Money(2000, "CHF"),
    )
    assert told.card_until == date(2028, 2, 29)
    assert told.at == datetime(2026, 12, 1, 8, tzinfo=UTC)


def test_a_subscription_s_event_only_says_that_it_has_to_be_asked_for() -> None:
    [told] = read("customer.subscription.updated", subscription(default_payment_method="pm_1"))
    assert (told.status, told.wants) == ("", (("subscription", "sub_1@evt_1"),))
    assert fetched("subscription", subscription(status="incomplete")) == []
    assert fetched("subscription", subscription(metadata={})) == []
    [told] = fetched("subscription", subscription(default_payment_method=None))
    assert told.card_until is None


def test_what_the_webhook_has_to_be_subscribed_to_is_written_down() -> None:
    wanted = {"invoice.paid", "invoice.payment_failed"}
    wanted |= {f"customer.subscription.{word}" for word in ("created", "updated", "deleted")}
    assert wanted <= set(EVENTS)
