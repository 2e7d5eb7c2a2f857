"""Deliveries: signatures, subscriptions, retries, order, and what can go wrong on purpose."""

from __future__ import annotations

import time

import pytest
import stripe

from stripe_sandbox import Sandbox
from tests.stripe_sandbox.receiver import Receiver
from tests.stripe_sandbox.shop import begin, paid


def states(sandbox: Sandbox) -> list[str]:
    return [one["state"] for one in sandbox.deliveries()]


def test_a_delivery_is_signed_and_recorded(
    sandbox: Sandbox, client: stripe.StripeClient, receiver: Receiver
) -> None:
    sandbox.expire(begin(client).id)
    assert sandbox.flush()
    assert receiver.types == ["checkout.session.expired"]
    (delivery,) = sandbox.deliveries()
    assert (delivery["state"], delivery["endpoint"]) == ("delivered", receiver.url)
    assert [one["status"] for one in delivery["attempts"]] == [200]


def test_an_endpoint_only_gets_what_it_subscribed_to(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    with Receiver("whsec_other") as other:
        sandbox.add_endpoint(other.url, other.secret, ["charge.updated", "refund.*"])
        charge = paid(sandbox, client)
        sandbox.refund(charge.id)
        sandbox.flush()
        assert other.types == ["charge.updated", "refund.created"]


def test_an_endpoint_made_over_the_api_shows_its_secret_once(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    service = client.v1.webhook_endpoints
    with Receiver("") as other:
        made = service.create(params={"url": other.url, "enabled_events": ["*"]})
        other.secret = made.secret or ""
        assert service.retrieve(made.id).to_dict().get("secret") is None
        sandbox.expire(begin(client).id)
        sandbox.flush()
        assert other.types == ["checkout.session.expired"]
        assert service.update(made.id, params={"disabled": True}).status == "disabled"
        sandbox.expire(begin(client).id)
        assert service.delete(made.id).deleted
        assert service.list().data == []
        assert len(sandbox.deliveries()) == 1


def test_a_refused_delivery_is_tried_again(
    sandbox: Sandbox, client: stripe.StripeClient, receiver: Receiver
) -> None:
    receiver.answers = [500]
    sandbox.expire(begin(client).id)
    sandbox.flush()
    assert states(sandbox) == ["failed"]
    assert sandbox.events()[0]["pending_webhooks"] == 1
    assert sandbox.flush(retries=True)
    assert states(sandbox) == ["delivered"]
    (delivery,) = sandbox.deliveries()
    assert [one["status"] for one in delivery["attempts"]] == [500, 200]
    assert sandbox.events()[0]["pending_webhooks"] == 0


def test_nobody_listening_is_a_failure_that_is_recorded(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    sandbox.add_endpoint("http://127.0.0.1:9/nobody", "whsec_x")
    sandbox.expire(begin(client).id)
    sandbox.flush()
    (delivery,) = sandbox.deliveries()
    assert delivery["state"] == "failed"
    assert "refused" in delivery["attempts"][0]["error"].lower()


@pytest.mark.parametrize("order", ["fifo", "reverse", "shuffle"])
def test_held_deliveries_are_released_in_an_order(
    sandbox: Sandbox, client: stripe.StripeClient, receiver: Receiver, order: str
) -> None:
    sandbox.hold_deliveries()
    paid(sandbox, client)
    assert receiver.events == []
    kinds = [event["type"] for event in sandbox.events()]
    released = sandbox.release(order)
    sandbox.flush()
    assert [event["id"] for event in receiver.events] == released
    assert sorted(receiver.types) == sorted(kinds)
    if order != "shuffle":
        assert receiver.types == (kinds if order == "fifo" else kinds[::-1])


def test_held_deliveries_are_released_by_name(
    sandbox: Sandbox, client: stripe.StripeClient, receiver: Receiver
) -> None:
    sandbox.hold_deliveries()
    paid(sandbox, client)
    sandbox.release(["charge.updated", "checkout.session.completed"])
    sandbox.flush()
    assert receiver.types == [
        "charge.updated", "checkout.session.completed", "payment_intent.created",
        "charge.succeeded", "payment_intent.succeeded",
    ]  # fmt: skip


def test_faults_duplicate_drop_and_forge_deliveries(
    sandbox: Sandbox, client: stripe.StripeClient, receiver: Receiver
) -> None:
    sandbox.faults.add("WEBHOOK charge.succeeded", "duplicate")
    sandbox.faults.add("WEBHOOK payment_intent.succeeded", "drop")
    sandbox.faults.add("WEBHOOK checkout.*", "wrong_secret")
    sandbox.faults.add("WEBHOOK charge.updated", "livemode")
    paid(sandbox, client)
    assert receiver.types == [
        "payment_intent.created", "charge.succeeded", "charge.succeeded", "charge.updated",
    ]  # fmt: skip
    assert receiver.events[1]["id"] == receiver.events[2]["id"]
    assert len(receiver.refused) == 1
    assert receiver.events[3]["livemode"] is True
    assert receiver.events[3]["data"]["object"]["livemode"] is True
    assert states(sandbox).count("dropped") == 1
    assert sandbox.faults.waiting() == []


def test_faults_delay_and_reorder_deliveries(
    sandbox: Sandbox, client: stripe.StripeClient, receiver: Receiver
) -> None:
    sandbox.faults.add("WEBHOOK payment_intent.created", "delay", seconds=0.4)
    sandbox.faults.add("WEBHOOK charge.succeeded", "reorder", seconds=0.3)
    began = time.monotonic()
    paid(sandbox, client)
    assert time.monotonic() - began > 0.4
    assert receiver.types[-1] == "payment_intent.created"


def test_deliveries_come_one_by_one_unless_they_are_to_be_concurrent(
    sandbox: Sandbox, client: stripe.StripeClient, receiver: Receiver
) -> None:
    paid(sandbox, client)
    assert receiver.most_at_once == 1
    sandbox.faults.add("WEBHOOK *", "concurrent", times=None)
    receiver.pause.clear()
    sandbox.pay(begin(client).id)
    deadline = time.monotonic() + 5
    while receiver.busy < 4 and time.monotonic() < deadline:
        time.sleep(0.01)
    receiver.pause.set()
    sandbox.flush()
    assert receiver.most_at_once >= 4


def test_a_fault_that_cannot_be_is_refused(sandbox: Sandbox) -> None:
    for match, kind in (("WEBHOOK *", "500"), ("POST /v1/refunds", "drop"), ("*", "fire")):
        with pytest.raises(ValueError, match="no fault"):
            sandbox.faults.add(match, kind)
