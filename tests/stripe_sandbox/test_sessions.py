"""Checkout sessions: what is refused, what they say, how they end."""

from __future__ import annotations

import time
from typing import Any

import pytest
import stripe

from stripe_sandbox import Sandbox
from tests.stripe_sandbox.shop import basket, begin, make_client


def refusal(client: stripe.StripeClient, params: Any) -> stripe.InvalidRequestError:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.checkout.sessions.create(params=params)
    return caught.value


def test_a_session_says_what_it_was_asked(client: stripe.StripeClient) -> None:
    session = begin(client, 2060, client_reference_id="token-1", locale="de")
    assert (session.amount_total, session.currency, session.status) == (2060, "chf", "open")
    assert (session.payment_status, session.payment_intent) == ("unpaid", None)
    assert session.client_reference_id == "token-1"
    assert session.metadata["pledge"] == "token-1"
    assert session.url.endswith(f"/pay/{session.id}")
    assert session.expires_at - session.created == 86_400


def test_line_items_are_listed_in_their_order(client: stripe.StripeClient) -> None:
    price = {"currency": "chf", "product_data": {"name": "Gift"}}
    items = [
        {"price_data": {**price, "unit_amount": 2000}, "quantity": 1},
        {"price_data": {**price, "unit_amount": 30}, "quantity": 2},
    ]
    session = begin(client, line_items=items)
    listed = client.v1.checkout.sessions.line_items.list(session.id).data
    assert [one.amount_total for one in listed] == [2000, 60]
    assert session.amount_total == 2060


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [
        (49, "chf", "amount_too_small"),
        (49, "jpy", "amount_too_small"),
        (1, "kgs", "amount_too_small"),
        (100_000_000, "chf", "amount_too_large"),
        (10_050, "isk", "parameter_invalid_integer"),
        (1_005, "kwd", "parameter_invalid_integer"),
        (-5, "chf", "parameter_invalid_integer"),
        (500, "xyz", None),
    ],
)
def test_amounts_and_currencies_that_stripe_refuses(
    client: stripe.StripeClient, amount: int, currency: str, code: str | None
) -> None:
    assert refusal(client, basket(amount, currency)).code == code


@pytest.mark.parametrize(
    ("amount", "currency"),
    [(50, "chf"), (50, "jpy"), (10_000, "isk"), (1_010, "kwd"), (500, "USD")],
)
def test_amounts_and_currencies_that_stripe_takes(
    client: stripe.StripeClient, amount: int, currency: str
) -> None:
    session = begin(client, amount, currency)
    assert (session.amount_total, session.currency) == (amount, currency.lower())


def test_a_broken_amount_is_refused(client: stripe.StripeClient) -> None:
    params = basket()
    params["line_items"][0]["price_data"]["unit_amount"] = "20.60"
    assert refusal(client, params).code == "parameter_invalid_integer"


@pytest.mark.parametrize("url", ["/thanks", "ashar.example/thanks", "https:///x", "javascript:1"])
def test_addresses_must_be_absolute(client: stripe.StripeClient, url: str) -> None:
    for name in ("success_url", "cancel_url"):
        assert refusal(client, {**basket(), name: url}).code == "url_invalid"


def test_what_is_not_there_yet_is_refused_clearly(client: stripe.StripeClient) -> None:
    error = refusal(client, basket(mode="setup"))
    assert error.code == "sandbox_not_implemented"
    assert "payment and subscription" in str(error)


@pytest.mark.parametrize(
    ("currency", "more", "methods"),
    [
        ("chf", {}, ["card", "twint"]),
        ("eur", {}, ["card", "sepa_debit", "ideal", "eps"]),
        ("kgs", {}, ["card"]),
        ("eur", {"allowed_payment_method_types": ["sepa_debit", "twint"]}, ["sepa_debit"]),
        ("chf", {"excluded_payment_method_types": ["twint"]}, ["card"]),
    ],
)
def test_ways_of_paying_follow_the_currency_and_the_filters(
    client: stripe.StripeClient, currency: str, more: dict[str, Any], methods: list[str]
) -> None:
    assert begin(client, 50_000, currency, **more).payment_method_types == methods


def test_no_way_of_paying_at_all_is_refused(client: stripe.StripeClient) -> None:
    error = refusal(client, basket(allowed_payment_method_types=["ideal"]))
    assert "No valid payment method types" in str(error)


def test_a_session_expires_once_and_only_while_it_is_open(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    session = begin(client)
    expired = client.v1.checkout.sessions.expire(session.id)
    assert (expired.status, expired.url) == ("expired", None)
    with pytest.raises(stripe.InvalidRequestError, match="status of expired"):
        client.v1.checkout.sessions.expire(session.id)
    with pytest.raises(ValueError, match="expired"):
        sandbox.pay(session.id)
    assert len(sandbox.events("checkout.session.expired")) == 1


def test_a_day_later_an_open_session_has_expired(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    session, done = begin(client), begin(client)
    sandbox.pay(done.id)
    sandbox.advance(days=1)
    (event,) = sandbox.events("checkout.session.expired")
    assert event["data"]["object"]["id"] == session.id


def test_an_expiry_must_lie_between_half_an_hour_and_a_day(client: stripe.StripeClient) -> None:
    now = int(time.time())
    assert begin(client, expires_at=now + 1800).expires_at == now + 1800
    for wrong in (now + 600, now + 90_000):
        assert refusal(client, basket(expires_at=wrong)).param == "expires_at"


def test_sessions_are_found_by_intent_and_status(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    session = begin(client)
    begin(client)
    intent = sandbox.pay(session.id)["payment_intent"]
    list_ = client.v1.checkout.sessions.list
    assert [one.id for one in list_(params={"payment_intent": intent}).data] == [session.id]
    assert len(list_(params={"status": "open"}).data) == 1


def test_customers_are_named_or_created(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create(params={"email": "a@example.org"})
    named = begin(client, customer=customer.id)
    assert named.customer_details.email == "a@example.org"
    session = begin(client, customer_creation="always", customer_email="b@example.org")
    done = sandbox.pay(session.id)
    assert client.v1.customers.retrieve(done["customer"]).email == "b@example.org"
    assert refusal(client, basket(customer="cus_x")).code == "resource_missing"


def test_the_same_seed_gives_the_same_ids() -> None:
    def first_id(seed: int) -> str:
        with Sandbox(seed=seed) as sandbox:
            return str(begin(make_client(sandbox)).id)

    assert first_id(7) == first_id(7) != first_id(8)
