"""Settlement: fees, conversion at the day's rate, the balance, the lists."""

from __future__ import annotations

from decimal import Decimal

import pytest
import stripe
from hypothesis import given, settings
from hypothesis import strategies as st

from stripe_sandbox import Sandbox
from stripe_sandbox.balance import show
from stripe_sandbox.rates import Rates
from stripe_sandbox.sessions import create
from tests.stripe_sandbox.shop import basket, begin, make_client, paid, wrong_shapes


def booked(sandbox: Sandbox, client: stripe.StripeClient, id: str) -> stripe.BalanceTransaction:
    return client.v1.balance_transactions.list(params={"source": id}).data[0]


def test_a_card_costs_a_share_and_a_flat_fee(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    one = booked(sandbox, client, paid(sandbox, client, 5000).id)
    assert (one.amount, one.fee, one.net, one.currency) == (5000, 175, 4825, "chf")
    assert (one.exchange_rate, one.type, one.reporting_category) == (None, "charge", "charge")
    assert sum(detail.amount for detail in one.fee_details) == one.fee


def test_another_currency_is_converted_at_the_rate_of_the_day(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    sandbox.set_rate("EUR", "CHF", "0.94")
    charge = paid(sandbox, client, 2000, "eur")
    one = booked(sandbox, client, charge.id)
    assert (one.amount, one.currency, one.exchange_rate) == (1880, "chf", 0.94)
    sandbox.set_rate("EUR", "CHF", "0.97")
    refund = sandbox.refund(charge.id)
    assert booked(sandbox, client, refund["id"]).amount == -1940


def test_currencies_without_decimals_are_converted_with_care(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    sandbox.set_rate("JPY", "CHF", "0.0053")
    one = booked(sandbox, client, paid(sandbox, client, 3000, "jpy").id)
    assert (one.amount, one.currency) == (1590, "chf")


def test_an_account_may_settle_in_several_currencies() -> None:
    with Sandbox(settlement="CHF,EUR", seed=1, capture_delay=0) as sandbox:
        client = make_client(sandbox)
        paid(sandbox, client, 5000, "eur")
        paid(sandbox, client, 5000, "chf")
        paid(sandbox, client, 5000, "usd")
        pending = {one.currency: one.amount for one in client.v1.balance.retrieve().pending}
        assert pending["eur"] == 4825
        assert pending["chf"] > 4825
        assert wrong_shapes(sandbox) == []


def test_rates_change_by_day_and_the_seed_repeats_them() -> None:
    days = [Rates(1).rate("eur", "chf", day) for day in range(20)]
    assert len(set(days)) > 15
    assert days == [Rates(1).rate("eur", "chf", day) for day in range(20)]
    assert days != [Rates(2).rate("eur", "chf", day) for day in range(20)]
    assert all(Decimal("0.88") < rate < Decimal("0.98") for rate in days)


def test_a_rate_must_make_sense(sandbox: Sandbox) -> None:
    for given_ in (("EUR", "XXX", "1"), ("EUR", "CHF", "0")):
        with pytest.raises(ValueError, match="no rate"):
            sandbox.set_rate(*given_)


def test_money_becomes_available_after_some_days(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    paid(sandbox, client)
    balance = client.v1.balance.retrieve()
    assert (balance.pending[0].amount, balance.available[0].amount) == (4825, 0)
    sandbox.advance(days=2)
    balance = client.v1.balance.retrieve()
    assert (balance.pending[0].amount, balance.available[0].amount) == (0, 4825)


def test_transactions_are_filtered(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    charge = paid(sandbox, client)
    sandbox.advance(days=1)
    sandbox.refund(charge.id, 1000)
    list_ = client.v1.balance_transactions.list
    newest = list_().data[0]
    assert [one.type for one in list_(params={"type": "refund"}).data] == ["refund"]
    assert len(list_(params={"currency": "chf"}).data) == 2
    assert list_(params={"currency": "eur"}).data == []
    assert list_(params={"payout": "po_1"}).data == []
    assert [one.id for one in list_(params={"created": {"gte": newest.created}}).data] == [
        newest.id
    ]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(50, 9_999), min_size=1, max_size=5), st.sampled_from(["chf", "eur"]))
def test_the_balance_is_the_sum_of_what_was_booked(amounts: list[int], currency: str) -> None:
    sandbox = Sandbox(seed=3, capture_delay=0)  # not even started: the account works without HTTP
    for amount in amounts:
        session = sandbox_session(sandbox, amount, currency)
        done = sandbox.pay(session)
        sandbox.refund(done["payment_intent"], amount // 3)
    with sandbox.account.lock:
        moved = sandbox.account.store.all("balance_transaction")
        assert all(one["net"] == one["amount"] - one["fee"] for one in moved)
        total = sum(one["net"] for one in moved)
        shown = show(sandbox.account, {})
    assert total == shown["available"][0]["amount"] + shown["pending"][0]["amount"]


def sandbox_session(sandbox: Sandbox, amount: int, currency: str) -> str:
    with sandbox.account.lock:
        return str(create(sandbox.account, basket(amount, currency))["id"])


def test_a_refund_before_the_capture_captures_first() -> None:
    with Sandbox(seed=1, capture_delay=30) as sandbox:
        client = make_client(sandbox)
        session = begin(client)
        intent = sandbox.pay(session.id)["payment_intent"]
        assert client.v1.balance_transactions.list().data == []
        sandbox.refund(intent)
        found = client.v1.balance_transactions.list().data
        assert [one.type for one in found] == ["refund", "charge"]
        assert wrong_shapes(sandbox) == []
