"""Subscriptions: a first payment on the hosted page, then months of the sandbox's clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import requests
import stripe

from stripe_sandbox import Sandbox
from stripe_sandbox.subscriptions import months_after
from tests.stripe_sandbox.shop import basket, begin


def monthly(amount: int = 2000, currency: str = "chf", **more: Any) -> Any:
    """Build the parameters of a monthly donation's session."""
    params = basket(amount, currency, mode="subscription", **more)
    del params["payment_intent_data"]
    params["line_items"][0]["price_data"]["recurring"] = {"interval": "month"}
    params.setdefault("subscription_data", {"metadata": {"pledge": "token-1", "gift": "2000"}})
    return params


def start(sandbox: Sandbox, client: stripe.StripeClient, method: str = "card", **more: Any) -> Any:
    """Create and pay a session in subscription mode; return the subscription."""
    session = api(client).checkout.sessions.create(params=monthly(**more))
    done = sandbox.pay(session.id, method)
    sandbox.flush()
    return api(client).subscriptions.retrieve(done["subscription"])


def api(client: stripe.StripeClient) -> Any:
    """Return the calls, without the SDK's doubts whether what was expanded is there."""
    return client.v1


def types(sandbox: Sandbox) -> list[str]:
    return [event["type"] for event in sandbox.events()]


def test_a_first_payment_makes_a_subscription_and_a_paid_invoice(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    session = api(client).checkout.sessions.create(params=monthly(locale="de"))
    assert (session.mode, session.payment_intent, session.subscription) == (
        "subscription", None, None,
    )  # fmt: skip
    page = requests.get(session.url, timeout=5).text
    assert "Jeden Monat" in page and "twint" not in page
    done = sandbox.pay(session.id)
    assert (done["status"], done["payment_status"]) == ("complete", "paid")
    subscription = api(client).subscriptions.retrieve(
        done["subscription"], params={"expand": ["default_payment_method"]}
    )
    assert (subscription.status, subscription.metadata["gift"]) == ("active", "2000")
    assert subscription.default_payment_method.card.last4 == "4242"
    invoice = api(client).invoices.retrieve(
        done["invoice"], params={"expand": ["payments.data.payment.payment_intent"]}
    )
    assert (invoice.status, invoice.amount_paid) == ("paid", 2000)
    assert invoice.billing_reason == "subscription_create"
    assert invoice.parent.subscription_details.metadata["pledge"] == "token-1"
    intent = invoice.payments.data[0].payment.payment_intent
    assert (intent.status, intent.metadata.to_dict()) == ("succeeded", {})
    told = types(sandbox)
    assert told.index("customer.subscription.created") < told.index("invoice.paid")
    assert told.index("invoice.paid") < told.index("checkout.session.completed")


def test_each_month_brings_an_invoice_with_the_metadata_of_its_day(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    subscription = start(sandbox, client)
    sandbox.advance(months=1)
    [item] = subscription["items"].data
    changed = {
        "currency": "chf", "product": item.price.product, "unit_amount": 3500,
        "recurring": {"interval": "month"},
    }  # fmt: skip
    api(client).subscriptions.update(
        subscription.id,
        params={
            "items": [{"id": item.id, "price_data": changed}],
            "metadata": {"gift": "3500"},
            "proration_behavior": "none",
        },
    )
    sandbox.advance(months=2)
    sandbox.flush()
    invoices = api(client).invoices.list(params={"subscription": subscription.id}).data
    assert [(one.amount_paid, one.status) for one in invoices] == [
        (3500, "paid"), (3500, "paid"), (2000, "paid"), (2000, "paid"),
    ]  # fmt: skip
    gifts = [one.parent.subscription_details.metadata["gift"] for one in invoices]
    assert gifts == ["3500", "3500", "2000", "2000"]
    assert len({one.created for one in invoices}) == 4
    assert sum(one.amount for one in api(client).charges.list().data) == 11_000


def test_a_card_that_fails_is_tried_again_and_mended_on_the_invoice_s_page(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    subscription = start(sandbox, client)
    sandbox.decline_renewals(subscription.id, "insufficient_funds")
    sandbox.advance(months=1)
    [failed] = sandbox.events("invoice.payment_failed")
    assert failed["data"]["object"]["next_payment_attempt"] is not None
    now = api(client).subscriptions.retrieve(subscription.id)
    assert now.status == "past_due"
    invoice = api(client).invoices.retrieve(
        now.latest_invoice, params={"expand": ["payments.data.payment.payment_intent"]}
    )
    error = invoice.payments.data[0].payment.payment_intent.last_payment_error
    assert (error.code, error.decline_code) == ("card_declined", "insufficient_funds")
    api(client).subscriptions.update(
        subscription.id,
        params={"payment_settings": {"save_default_payment_method": "on_subscription"}},
    )
    url = str(invoice.hosted_invoice_url)
    declined = requests.post(url, data={"action": "decline"}, timeout=5)
    assert 'role="alert"' in declined.text
    assert "has been made" in requests.post(url, data={"action": "pay"}, timeout=5).text
    assert requests.post(url, data={"action": "pay"}, timeout=5).status_code == 409
    mended = api(client).subscriptions.retrieve(subscription.id)
    assert mended.status == "active"
    assert mended.default_payment_method != now.default_payment_method
    sandbox.advance(months=1)
    assert len(sandbox.events("invoice.paid")) == 3


def test_after_three_tries_more_the_subscription_ends(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    subscription = start(sandbox, client)
    sandbox.decline_renewals(subscription.id, "expired_card")
    sandbox.advance(months=2)
    assert len(sandbox.events("invoice.payment_failed")) == 4
    [deleted] = sandbox.events("customer.subscription.deleted")
    told = deleted["data"]["object"]
    assert told["cancellation_details"]["reason"] == "payment_failed"
    assert len(sandbox.events("invoice.paid")) == 1
    with pytest.raises(stripe.InvalidRequestError, match="canceled subscription"):
        api(client).subscriptions.update(subscription.id, params={"description": "x"})


def test_a_pause_lets_the_months_go_by_and_a_cancellation_ends_them(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    subscription = start(sandbox, client)
    paused = api(client).subscriptions.update(
        subscription.id, params={"pause_collection": {"behavior": "void"}}
    )
    assert (paused.status, paused.pause_collection.behavior) == ("active", "void")
    sandbox.advance(months=2)
    assert len(sandbox.events("invoice.voided")) == 2
    api(client).subscriptions.update(subscription.id, params={"pause_collection": ""})
    sandbox.advance(months=1)
    assert len(sandbox.events("invoice.paid")) == 2
    assert api(client).subscriptions.cancel(subscription.id).status == "canceled"
    with pytest.raises(stripe.InvalidRequestError, match="No such subscription"):
        api(client).subscriptions.cancel(subscription.id)
    sandbox.advance(months=2)
    assert len(sandbox.events("invoice.paid")) == 2
    assert api(client).subscriptions.list().data == []


@pytest.mark.parametrize("ok", [True, False])
def test_debits_take_days_each_month(
    sandbox: Sandbox, client: stripe.StripeClient, ok: bool
) -> None:
    session = api(client).checkout.sessions.create(params=monthly(currency="eur"))
    assert session.payment_method_types == ["card", "sepa_debit"]
    done = sandbox.pay(session.id, "sepa_debit", "pending")
    assert (done["status"], done["payment_status"]) == ("complete", "unpaid")
    assert api(client).subscriptions.retrieve(done["subscription"]).status == "active"
    assert sandbox.events("invoice.paid") == []
    sandbox.advance(days=6)
    assert len(sandbox.events("checkout.session.async_payment_succeeded")) == 1
    sandbox.advance(days=26)
    latest = api(client).subscriptions.retrieve(done["subscription"]).latest_invoice
    sandbox.settle_invoice(str(latest), ok)
    now = api(client).subscriptions.retrieve(done["subscription"])
    assert now.status == ("active" if ok else "past_due")
    assert len(sandbox.events("invoice.paid")) == (2 if ok else 1)


def test_a_declined_first_card_can_be_tried_again(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    session = api(client).checkout.sessions.create(params=monthly())
    assert sandbox.pay(session.id, outcome="decline")["status"] == "open"
    done = sandbox.pay(session.id)
    assert done["payment_status"] == "paid"
    assert len(sandbox.events("customer.subscription.created")) == 1
    [failed] = sandbox.events("invoice.payment_failed")
    assert failed["data"]["object"]["billing_reason"] == "subscription_create"


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"payment_intent_data": {"metadata": {"a": "b"}}}, "payment_intent_data"),
        ({"customer_creation": "always"}, "customer_creation"),
        ({"subscription_data": {"trial_ends": "x"}}, "unknown parameter"),
    ],
)
def test_what_belongs_to_another_mode_is_refused(
    client: stripe.StripeClient, more: dict[str, Any], word: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=word):
        api(client).checkout.sessions.create(params={**monthly(), **more})


def test_prices_and_modes_have_to_agree(client: stripe.StripeClient) -> None:
    once = basket(mode="subscription")
    del once["payment_intent_data"]
    with pytest.raises(stripe.InvalidRequestError, match="at least one recurring price"):
        api(client).checkout.sessions.create(params=once)
    with pytest.raises(stripe.InvalidRequestError, match="recurring price"):
        begin(client, line_items=monthly()["line_items"])
    with pytest.raises(stripe.InvalidRequestError, match="subscription_data"):
        begin(client, subscription_data={"description": "A gift"})


def test_what_is_not_ours_is_refused(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    subscription = start(sandbox, client)
    [item] = subscription["items"].data
    price = {"currency": "chf", "product": item.price.product, "unit_amount": 100}
    price["recurring"] = {"interval": "month"}
    items = [{"id": item.id, "price_data": price}]
    update: Any = api(client).subscriptions.update
    with pytest.raises(stripe.InvalidRequestError, match="prorations"):
        update(subscription.id, params={"items": items})
    with pytest.raises(stripe.InvalidRequestError, match="No such product"):
        price["product"] = "prod_x"
        update(subscription.id, params={"items": items, "proration_behavior": "none"})
    with pytest.raises(stripe.InvalidRequestError, match="unknown parameter"):
        update(subscription.id, params={"pause": True})
    assert requests.get(f"{sandbox.url}/invoice/in_x", timeout=5).status_code == 404


def test_months_end_on_their_last_day() -> None:
    anchor = int(datetime(2026, 1, 31, 12, tzinfo=UTC).timestamp())
    days = [datetime.fromtimestamp(months_after(anchor, n), UTC).date() for n in range(4)]
    assert [str(day) for day in days] == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]


def test_the_list_shows_subscriptions_and_has_the_buttons_of_the_card(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    subscription = start(sandbox, client)
    for action, id in (("renewals_fail", subscription.id), ("months", "1")):
        requests.post(sandbox.url, data={"action": action, "id": id}, timeout=5)
    text = requests.get(sandbox.url, timeout=5).text
    assert "past_due" in text and subscription.id in text
