"""Disputes and fraud warnings."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from stripe_sandbox import Sandbox
from tests.stripe_sandbox.shop import paid


def disputes_seen(sandbox: Sandbox) -> list[tuple[str, str, int]]:
    """Name event, status and number of transactions of each dispute event."""
    found = [one for one in sandbox.events() if one["type"].startswith("charge.dispute.")]
    return [
        (
            one["type"].removeprefix("charge.dispute."),
            one["data"]["object"]["status"],
            len(one["data"]["object"]["balance_transactions"]),
        )
        for one in found
    ]


def test_a_lost_dispute_takes_amount_and_fee(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    charge = paid(sandbox, client)
    dispute = sandbox.dispute(charge.id)
    (moved,) = dispute["balance_transactions"]
    assert (moved["amount"], moved["fee"], moved["net"]) == (-5000, 1500, -6500)
    assert (moved["type"], moved["reporting_category"]) == ("adjustment", "dispute")
    sandbox.close_dispute(dispute["id"], won=False)
    assert disputes_seen(sandbox) == [
        ("created", "needs_response", 0),
        ("funds_withdrawn", "needs_response", 1),
        ("closed", "lost", 1),
    ]
    assert client.v1.charges.retrieve(charge.id).disputed


def test_a_won_dispute_gives_the_amount_back_without_the_fee(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    charge = paid(sandbox, client)
    dispute = sandbox.dispute(charge.id, 2000)
    sandbox.close_dispute(dispute["id"], won=True)
    found = client.v1.balance_transactions.list(params={"source": dispute["id"]}).data
    assert [(one.amount, one.fee, one.reporting_category) for one in found] == [
        (2000, 0, "dispute_reversal"),
        (-2000, 1500, "dispute"),
    ]
    assert disputes_seen(sandbox)[2:] == [("funds_reinstated", "won", 2), ("closed", "won", 2)]


def test_evidence_is_handed_in(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    dispute = sandbox.dispute(paid(sandbox, client).id)
    evidence: Any = {"uncategorized_text": "A gift, with thanks."}
    update = client.v1.disputes.update
    staged = update(dispute["id"], params={"evidence": evidence, "submit": False})
    assert (staged.status, staged.evidence_details.has_evidence) == ("needs_response", True)
    given = update(dispute["id"], params={"evidence": evidence})
    assert (given.status, given.evidence_details.submission_count) == ("under_review", 1)
    assert len(sandbox.events("charge.dispute.updated")) == 2


def test_a_dispute_can_be_accepted(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    dispute = sandbox.dispute(paid(sandbox, client).id)
    assert client.v1.disputes.close(dispute["id"]).status == "lost"
    with pytest.raises(ValueError, match="already closed"):
        sandbox.close_dispute(dispute["id"], won=True)


def test_an_inquiry_moves_nothing_and_leaves_refunds_possible(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    charge = paid(sandbox, client)
    dispute = sandbox.dispute(charge.id, inquiry=True)
    assert client.v1.refunds.create(params={"charge": charge.id, "amount": 100}).id
    assert sandbox.close_dispute(dispute["id"], won=True)["status"] == "warning_closed"
    assert disputes_seen(sandbox) == [
        ("created", "warning_needs_response", 0),
        ("closed", "warning_closed", 0),
    ]


def test_a_disputed_charge_cannot_be_refunded_until_it_is_won(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    charge = paid(sandbox, client)
    dispute = sandbox.dispute(charge.id)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.refunds.create(params={"charge": charge.id})
    assert caught.value.code == "charge_disputed"
    sandbox.close_dispute(dispute["id"], won=True)
    assert client.v1.refunds.create(params={"charge": charge.id}).status == "succeeded"


def test_no_more_is_disputed_than_is_left(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    charge = paid(sandbox, client)
    sandbox.refund(charge.id, 2000)
    with pytest.raises(ValueError, match="no such amount"):
        sandbox.dispute(charge.id, 3001)
    assert sandbox.dispute(charge.payment_intent)["amount"] == 3000
    with pytest.raises(ValueError, match="no such amount"):
        sandbox.dispute(charge.id)


def test_an_early_fraud_warning_names_the_charge(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    charge = paid(sandbox, client)
    warning = sandbox.fraud_warning(charge.id)
    found = client.v1.radar.early_fraud_warnings.list(params={"charge": charge.id}).data
    assert [one.id for one in found] == [warning["id"]]
    (event,) = sandbox.events("radar.early_fraud_warning.created")
    assert event["data"]["object"]["payment_intent"] == charge.payment_intent
