"""The walker that checks every object at the end of each test, with its negative controls."""

from __future__ import annotations

import json
from typing import Any

import pytest
import stripe

from stripe_sandbox import Sandbox
from tests.stripe_sandbox.shapes import problems
from tests.stripe_sandbox.shop import begin, paid, wrong_shapes
from tests.stripe_sandbox.test_subscriptions import start

KINDS = [
    "balance_transaction", "charge", "checkout.session", "customer", "dispute", "event", "invoice",
    "invoice_payment", "item", "payment_intent", "payment_method", "price", "product",
    "radar.early_fraud_warning", "refund", "subscription", "webhook_endpoint",
]  # fmt: skip


def a_full_life(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    """Let everything happen once."""
    client.v1.webhook_endpoints.create(
        params={"url": "http://127.0.0.1:9/nobody", "enabled_events": ["payout.paid"]}
    )
    customer = client.v1.customers.create(params={"email": "a@example.org", "name": "Aigul"})
    begin(client, customer=customer.id)
    for method in ("card", "sepa_debit", "ideal", "eps"):
        charge = paid(sandbox, client, 5000, "eur", method)
        sandbox.fail_refund(sandbox.refund(charge.id, 1000)["id"])
        sandbox.fraud_warning(charge.id)
        sandbox.close_dispute(sandbox.dispute(charge.id)["id"], won=True)
    sandbox.dispute(paid(sandbox, client, method="twint").id, inquiry=True)
    sandbox.pay(begin(client).id, outcome="decline")
    failing = begin(client, currency="eur")
    sandbox.pay(failing.id, "sepa_debit", "pending")
    sandbox.settle_async(failing.id, ok=False)
    sandbox.expire(begin(client).id)
    subscription = start(sandbox, client)
    sandbox.advance(months=1)
    sandbox.decline_renewals(subscription.id)
    sandbox.advance(months=2)


def test_every_stored_object_fits_the_annotations_of_the_sdk(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    a_full_life(sandbox, client)
    with sandbox.account.lock:
        stored = list(sandbox.account.store.objects.values())
        copies = [sandbox.api.renderer.render(one, []) for one in stored]
    assert [problem for one in copies for problem in problems(one)] == []
    assert {one["object"] for one in copies} == set(KINDS)
    assert wrong_shapes(sandbox) == []


def test_what_every_list_and_every_retrieval_answers_fits_too(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    a_full_life(sandbox, client)
    services: list[Any] = [
        client.v1.checkout.sessions, client.v1.payment_intents, client.v1.charges,
        client.v1.refunds, client.v1.disputes, client.v1.customers, client.v1.webhook_endpoints,
        client.v1.balance_transactions, client.v1.events, client.v1.radar.early_fraud_warnings,
        client.v1.invoices, client.v1.invoice_payments,
    ]  # fmt: skip
    for service in services:
        page: Any = service.list(params={"limit": 100})
        assert page.data
        for one in page.data[:5]:
            assert service.retrieve(one.id).id == one.id
    client.v1.balance.retrieve()
    assert len(sandbox.calls()) > 40
    assert wrong_shapes(sandbox) == []


def a_charge(sandbox: Sandbox, client: stripe.StripeClient) -> dict[str, Any]:
    body = paid(sandbox, client).to_dict()
    copy: dict[str, Any] = json.loads(json.dumps(body, default=str))
    return copy


@pytest.mark.parametrize(
    ("key", "value", "word"),
    [
        ("amount", "5000", "amount"),
        ("amount", True, "amount"),
        ("status", "paid", "none of"),
        ("invented", 1, "unknown"),
        ("metadata", {"a": 1}, "metadata.a"),
        ("billing_details", {"address": {"city": 3}}, "billing_details.address.city"),
        ("balance_transaction", {"object": "charge"}, "balance_transaction"),
    ],
)
def test_the_walker_finds_what_is_wrong(
    sandbox: Sandbox, client: stripe.StripeClient, key: str, value: Any, word: str
) -> None:
    charge = a_charge(sandbox, client)
    assert problems(charge) == []
    assert any(word in one for one in problems({**charge, key: value}))


def test_the_walker_misses_a_required_key(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    charge = a_charge(sandbox, client)
    del charge["currency"]
    assert problems(charge) == ["charge.currency: missing"]
