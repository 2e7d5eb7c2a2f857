"""Refunds: parts, limits, races, failures."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stripe

from stripe_sandbox import Sandbox
from tests.stripe_sandbox.shop import begin, make_client, paid


def transaction(client: stripe.StripeClient, id: Any) -> stripe.BalanceTransaction:
    return client.v1.balance_transactions.retrieve(str(id))


def test_a_charge_is_refunded_in_parts(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    charge = paid(sandbox, client)
    first = client.v1.refunds.create(
        params={"charge": charge.id, "amount": 2000, "reason": "requested_by_customer"}
    )
    assert (first.status, first.reason) == ("succeeded", "requested_by_customer")
    second = client.v1.refunds.create(params={"payment_intent": charge.payment_intent})
    assert second.amount == 3000
    now = client.v1.charges.retrieve(charge.id)
    assert (now.amount_refunded, now.refunded) == (5000, True)
    seen = [event["data"]["object"] for event in sandbox.events("charge.refunded")]
    assert [(one["amount_refunded"], one["refunded"]) for one in seen] == [
        (2000, False),
        (5000, True),
    ]
    assert len(client.v1.refunds.list(params={"charge": charge.id}).data) == 2


def test_a_refund_takes_its_money_and_the_fee_stays(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    charge = paid(sandbox, client)
    refund = client.v1.refunds.create(params={"charge": charge.id, "amount": 2000})
    booked = transaction(client, refund.balance_transaction)
    assert (booked.amount, booked.fee, booked.net) == (-2000, 0, -2000)
    assert (booked.type, booked.reporting_category, booked.source) == (
        "refund",
        "refund",
        refund.id,
    )


@pytest.mark.parametrize(("amount", "code"), [(5001, None), (0, "parameter_invalid_integer")])
def test_amounts_that_cannot_be_refunded(
    sandbox: Sandbox, client: stripe.StripeClient, amount: int, code: str | None
) -> None:
    charge = paid(sandbox, client)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.refunds.create(params={"charge": charge.id, "amount": amount})
    assert (caught.value.code, caught.value.param) == (code, "amount")


def test_a_refunded_charge_cannot_be_refunded_again(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    charge = paid(sandbox, client)
    sandbox.refund(charge.payment_intent)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.refunds.create(params={"charge": charge.id})
    assert caught.value.code == "charge_already_refunded"


def test_what_was_not_paid_cannot_be_refunded(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    session = begin(client)
    declined = sandbox.pay(session.id, outcome="decline")
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.refunds.create(params={"payment_intent": declined["payment_intent"]})
    assert caught.value.code == "payment_intent_unexpected_state"


def test_concurrent_refunds_never_exceed_the_payment(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    charge = paid(sandbox, client)

    def attempt(number: int) -> bool:
        try:
            make_client(sandbox).v1.refunds.create(params={"charge": charge.id, "amount": 1200})
        except stripe.InvalidRequestError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(12))) == 4
    assert client.v1.charges.retrieve(charge.id).amount_refunded == 4800


def test_a_refund_that_fails_later_gives_back_exactly_what_it_took(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    charge = paid(sandbox, client, 2000, "eur")
    refund = client.v1.refunds.create(params={"charge": charge.id})
    sandbox.advance(days=3)
    failed = sandbox.fail_refund(refund.id)
    assert (failed["status"], failed["failure_reason"]) == ("failed", "expired_or_canceled_card")
    taken = transaction(client, refund.balance_transaction)
    back = transaction(client, failed["failure_balance_transaction"])
    assert (back.amount, back.type) == (-taken.amount, "refund_failure")
    assert client.v1.charges.retrieve(charge.id).amount_refunded == 0
    assert [one["type"] for one in sandbox.events()][-3:] == [
        "refund.updated", "charge.refund.updated", "refund.failed",
    ]  # fmt: skip
    assert client.v1.refunds.create(params={"charge": charge.id}).status == "succeeded"


def test_a_refund_to_a_bank_account_is_pending_first(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    charge = paid(sandbox, client, 5000, "eur", "sepa_debit")
    first = client.v1.refunds.create(params={"charge": charge.id, "amount": 1000})
    assert (first.status, first.id[:4]) == ("pending", "pyr_")
    assert sandbox.succeed_refund(first.id)["status"] == "succeeded"
    second = sandbox.refund(charge.id, 1000)
    sandbox.advance(days=5)
    assert client.v1.refunds.retrieve(second["id"]).status == "succeeded"
    assert len(sandbox.events("refund.updated")) == 2


def test_a_refund_keeps_notes(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    charge = paid(sandbox, client)
    refund = client.v1.refunds.create(params={"charge": charge.id, "metadata": {"a": "1"}})
    changed = client.v1.refunds.update(refund.id, params={"metadata": {"b": "2"}})
    assert changed.metadata and changed.metadata.to_dict() == {"a": "1", "b": "2"}
