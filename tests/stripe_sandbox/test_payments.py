"""Payments by card, by wallet and by direct debit, with Stripe's events."""

from __future__ import annotations

import pytest
import stripe

from stripe_sandbox import Sandbox
from tests.stripe_sandbox.receiver import Receiver
from tests.stripe_sandbox.shop import begin, make_client, paid

BY_CARD = [
    "payment_intent.created", "charge.succeeded", "payment_intent.succeeded",
    "checkout.session.completed", "charge.updated",
]  # fmt: skip


def types(sandbox: Sandbox) -> list[str]:
    return [event["type"] for event in sandbox.events()]


def test_a_card_payment_tells_its_story(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    charge = paid(sandbox, client, 2060)
    assert types(sandbox) == BY_CARD
    assert (charge.amount, charge.status, charge.paid) == (2060, "succeeded", True)
    session = client.v1.checkout.sessions.list().data[0]
    assert (session.status, session.payment_status, session.url) == ("complete", "paid", None)
    intent = client.v1.payment_intents.retrieve(str(session.payment_intent))
    assert (intent.status, intent.amount_received) == ("succeeded", 2060)
    assert intent.latest_charge == charge.id


def test_metadata_of_the_intent_reaches_the_charge(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    charge = paid(sandbox, client)
    assert charge.metadata.to_dict() == {"pledge": "token-1"}
    session = client.v1.checkout.sessions.list().data[0]
    assert session.metadata and session.metadata.to_dict() == {"pledge": "token-1", "site": "ashar"}


def test_events_are_frozen_copies(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    charge = paid(sandbox, client)
    (before,) = sandbox.events("charge.succeeded")
    (after,) = sandbox.events("charge.updated")
    assert before["data"]["object"]["balance_transaction"] is None
    assert after["data"]["object"]["balance_transaction"] == charge.balance_transaction
    assert after["data"]["previous_attributes"] == {"balance_transaction": None}
    sandbox.refund(charge.id)
    assert sandbox.events("charge.succeeded")[0] == before


def test_the_balance_transaction_can_come_at_once() -> None:
    with Sandbox(seed=1, capture_delay=0) as sandbox:
        client = make_client(sandbox)
        charge = paid(sandbox, client)
        assert types(sandbox) == BY_CARD[:-1]
        (event,) = sandbox.events("charge.succeeded")
        assert event["data"]["object"]["balance_transaction"] == charge.balance_transaction


def test_events_name_the_request_that_caused_them(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    charge = paid(sandbox, client)
    client.v1.refunds.create(params={"charge": charge.id}, options={"idempotency_key": "r1"})
    refunded = sandbox.events("charge.refunded")[0]["request"]
    assert refunded["idempotency_key"] == "r1"
    assert refunded["id"].startswith("req_")
    paid_by_hand = sandbox.events("charge.succeeded")[0]["request"]
    assert paid_by_hand == {"id": None, "idempotency_key": None}


def test_a_declined_card_leaves_the_session_open_for_another_try(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    session = begin(client)
    sandbox.pay(session.id, outcome="decline")
    assert types(sandbox) == [
        "payment_intent.created", "charge.failed", "payment_intent.payment_failed",
    ]  # fmt: skip
    (failed,) = sandbox.events("payment_intent.payment_failed")
    assert failed["data"]["object"]["last_payment_error"]["code"] == "card_declined"
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"
    sandbox.pay(session.id)
    assert types(sandbox).count("payment_intent.created") == 1
    charges = client.v1.charges.list().data
    assert [one.status for one in charges] == ["succeeded", "failed"]
    assert len({one.payment_intent for one in charges}) == 1


def test_twint_pays_at_once_with_its_money(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    charge = paid(sandbox, client, method="twint")
    assert charge.id.startswith("py_")
    assert charge.payment_method_details.type == "twint"
    assert types(sandbox) == BY_CARD[:-1]
    assert charge.balance_transaction


def begin_debit(sandbox: Sandbox, client: stripe.StripeClient) -> str:
    session = begin(client, 5000, "eur")
    done = sandbox.pay(session.id, "sepa_debit", "pending")
    assert (done["status"], done["payment_status"]) == ("complete", "unpaid")
    return str(session.id)


def test_a_debit_is_on_its_way_and_then_succeeds(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    id = begin_debit(sandbox, client)
    charge = client.v1.charges.list().data[0]
    assert (charge.status, charge.paid, charge.balance_transaction) == ("pending", False, None)
    assert types(sandbox) == [
        "payment_intent.created", "checkout.session.completed", "payment_intent.processing",
        "charge.pending",
    ]  # fmt: skip
    assert sandbox.settle_async(id)["payment_status"] == "paid"
    assert types(sandbox)[4:] == [
        "charge.succeeded", "payment_intent.succeeded",
        "checkout.session.async_payment_succeeded",
    ]  # fmt: skip
    assert client.v1.charges.retrieve(charge.id).balance_transaction


def test_a_debit_is_on_its_way_and_then_fails(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    id = begin_debit(sandbox, client)
    failed = sandbox.settle_async(id, ok=False)
    assert (failed["status"], failed["payment_status"]) == ("complete", "unpaid")
    assert types(sandbox)[4:] == [
        "charge.failed", "payment_intent.payment_failed", "checkout.session.async_payment_failed",
    ]  # fmt: skip
    assert client.v1.balance_transactions.list().data == []
    with pytest.raises(ValueError, match="waits for no debit"):
        sandbox.settle_async(id)


@pytest.mark.parametrize(
    ("method", "outcome"), [("twint", "pending"), ("sepa_debit", "succeed"), ("card", "maybe")]
)
def test_what_a_way_of_paying_cannot_do_is_refused(
    sandbox: Sandbox, client: stripe.StripeClient, method: str, outcome: str
) -> None:
    session = begin(client)
    with pytest.raises(ValueError, match="."):
        sandbox.pay(session.id, method, outcome)
    assert sandbox.events() == []


def test_events_can_be_listed_from_the_last_one_seen(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    paid(sandbox, client)
    seen = client.v1.events.list().data[0]
    sandbox.advance(seconds=10)
    paid(sandbox, client)
    list_ = client.v1.events.list
    newer = list_(params={"ending_before": seen.id, "limit": 100}).data
    assert [one.type for one in newer][::-1] == BY_CARD
    assert len(list_(params={"created": {"gt": seen.created}}).data) == 5
    assert len(list_(params={"type": "charge.*"}).data) == 4
    wanted = ["charge.updated", "checkout.session.completed"]
    assert len(list_(params={"types": wanted}).data) == 4


def test_an_endpoint_receives_the_story_in_order(
    sandbox: Sandbox, client: stripe.StripeClient, receiver: Receiver
) -> None:
    paid(sandbox, client)
    assert receiver.types == BY_CARD
    assert {event["api_version"] for event in receiver.events} == {stripe.api_version}
