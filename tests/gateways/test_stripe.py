"""Stripe's gateway against the sandbox: real SDK, real HTTP; out, asked, and read."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from babel.numbers import get_currency_precision

from ashar.gateways import stripe as module
from ashar.gateways import stripe_facts
from ashar.gateways.base import Notice, Order, Redirect, RefundOrder
from ashar.gateways.stripe import StripeGateway
from ashar.gateways.stripe_json import EXPONENT, from_stripe, to_stripe
from ashar.kernel.errors import GatewayRefused, GatewayUnreachable, Parked
from ashar.kernel.money import EXPONENTS, Money
from stripe_sandbox import Sandbox

SECRET = "whsec_test"
NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(settlement="CHF", seed=1, key="sk_test_sandbox", capture_delay=0.02) as running:
        yield running


@pytest.fixture
def gateway(sandbox: Sandbox) -> StripeGateway:
    return StripeGateway("sk_test_sandbox", (SECRET,), "ashar", sandbox.url, timeout=1)


def order(**more: Any) -> Order:
    given: dict[str, Any] = {
        "pledge": "token-1",
        "key": "pledge-1-attempt-1",
        "attempt": 1,
        "gift": Money(5000, "CHF"),
        "cover": Money(175, "CHF"),
        "method": "card",
        "language": "ky",
        "title": "Күрүч",
        "image": None,
        "email": "donor@example.org",
        "back_url": "http://localhost/back",
        "cancel_url": "http://localhost/pledge",
    }
    return Order(**(given | more))


def begun(gateway: StripeGateway, **more: Any) -> str:
    started = gateway.begin(order(**more))
    assert isinstance(started, Redirect)
    return started.id


def paid(sandbox: Sandbox, gateway: StripeGateway, **more: Any) -> dict[str, Any]:
    """Return the session of a payment."""
    done = sandbox.pay(begun(gateway, **more))
    assert sandbox.flush()
    return done


# Money -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("money", "amount"),
    [
        (Money(5000, "CHF"), 5000),
        (Money(5000, "JPY"), 5000),
        (Money(5000, "KRW"), 5000),
        (Money(5000, "ISK"), 500_000),
        (Money(5000, "UGX"), 500_000),
        (Money(5000, "MGA"), 50),
        (Money(1230, "KWD"), 1230),
    ],
)
def test_amounts_are_told_in_stripes_own_units_and_come_back_the_same(
    money: Money, amount: int
) -> None:
    assert to_stripe(money) == amount
    assert from_stripe(amount, money.currency.lower()) == money


def test_what_stripe_has_no_unit_for_is_refused_both_ways() -> None:
    with pytest.raises(GatewayRefused, match="cannot charge"):
        to_stripe(Money(5001, "MGA"))
    with pytest.raises(Parked, match="no amount in ISK"):
        from_stripe(150, "isk")
    with pytest.raises(Parked, match="unknown currency XAU"):
        from_stripe(100, "xau")


def test_stripes_units_differ_from_isos_only_where_stripe_says_so() -> None:
    """Stripe names its zero-decimal currencies; ISK and UGX only look like some."""
    zero = {"JPY", "KRW", "VND", "CLP", "MGA"}
    for currency in EXPONENTS:
        digits = EXPONENT.get(currency, EXPONENTS[currency])
        assert (digits == 0) == (currency in zero), currency
        if currency not in {"ISK", "UGX", "MGA", "HUF", "UZS"}:
            assert digits == get_currency_precision(currency), currency


# Out ---------------------------------------------------------------------------------------


def test_a_session_says_whose_it_is_and_charges_gift_and_cover_as_asked(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    started = gateway.begin(order())
    assert isinstance(started, Redirect)
    assert started.url.startswith(sandbox.url)
    assert timedelta(hours=22) < started.ends_at - datetime.now(UTC) <= timedelta(hours=24)
    session = sandbox.account.store.get("checkout.session", started.id)
    about = {"pledge": "token-1", "attempt": "1", "site": "ashar"}
    assert (session["amount_total"], session["currency"]) == (5175, "chf")
    assert session["metadata"] == about
    assert session["client_reference_id"] == "token-1"
    assert session["adaptive_pricing"] == {"enabled": False}
    assert session["payment_method_types"] == ["card"]
    assert session["customer_email"] == "donor@example.org"
    assert session["submit_type"] == "donate"
    done = sandbox.pay(started.id)
    assert sandbox.account.store.get("payment_intent", done["payment_intent"])["metadata"] == about


@pytest.mark.parametrize(
    ("language", "locale"), [("ky", "ru"), ("ru", "ru"), ("de", "de"), ("en", "en"), ("fr", "en")]
)
def test_checkout_speaks_a_language_that_it_knows(
    sandbox: Sandbox, gateway: StripeGateway, language: str, locale: str
) -> None:
    id = begun(gateway, language=language)
    assert sandbox.account.store.get("checkout.session", id)["locale"] == locale


def test_beginning_twice_under_one_key_begins_once(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    ids: list[str] = []
    threads = [threading.Thread(target=lambda: ids.append(begun(gateway))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(ids) == 4 and len(set(ids)) == 1


def test_another_order_under_the_same_key_is_refused(gateway: StripeGateway) -> None:
    begun(gateway)
    with pytest.raises(GatewayRefused, match="IdempotencyError"):
        begun(gateway, gift=Money(9000, "CHF"))


def test_a_title_without_end_and_no_address_are_borne(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    id = begun(gateway, title="ң" * 1000, email=None)
    assert sandbox.account.store.get("checkout.session", id)["customer_email"] is None


PASSING = [
    ("500", "before"),
    ("502", "before"),
    ("503", "after"),
    ("429", "before"),
    ("reset", "before"),
    ("reset", "after"),
    ("hang", "before"),
    ("hang", "after"),
]


@pytest.mark.parametrize(("kind", "when"), PASSING)
def test_a_passing_fault_is_tried_again_once_under_the_same_key(
    sandbox: Sandbox, gateway: StripeGateway, kind: str, when: str
) -> None:
    sandbox.faults.add("POST /v1/checkout/sessions", kind, when=when, seconds=1.3)
    try:
        begun(gateway)
    except GatewayUnreachable:
        assert kind == "429"
        begun(gateway)
    assert len(sandbox.account.store.all("checkout.session")) == 1


@pytest.mark.parametrize(("kind", "when"), PASSING)
def test_a_fault_that_stays_is_no_answer_and_the_same_call_may_be_made_again(
    sandbox: Sandbox, gateway: StripeGateway, kind: str, when: str
) -> None:
    sandbox.faults.add("*", kind, when=when, seconds=1.3, times=None)
    began = time.monotonic()
    with pytest.raises(GatewayUnreachable):
        begun(gateway)
    assert time.monotonic() - began < 8
    sandbox.faults.clear()
    begun(gateway)
    assert len(sandbox.account.store.all("checkout.session")) == 1


def test_nobody_at_the_other_end_is_no_answer() -> None:
    with pytest.raises(GatewayUnreachable):
        StripeGateway("sk_test_x", (), "ashar", NOBODY, timeout=1).begin(order())


def test_a_no_is_told_with_stripes_own_word(gateway: StripeGateway) -> None:
    with pytest.raises(GatewayRefused) as refused:
        gateway.fetch("session", "cs_test_nobody")
    assert refused.value.code == "resource_missing"


def test_a_wrong_key_is_our_fault_and_not_shown(sandbox: Sandbox) -> None:
    wrong = StripeGateway("sk_test_secret_of_another_account", (), "ashar", sandbox.url)
    with pytest.raises(GatewayUnreachable) as refused:
        wrong.begin(order())
    assert "sk_test_secret_of_another_account" not in str(refused.value)


def test_an_open_session_can_be_ended_and_a_complete_one_cannot(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    id = begun(gateway)
    gateway.stop(id)
    assert sandbox.account.store.get("checkout.session", id)["status"] == "expired"
    done = paid(sandbox, gateway, key="another")
    with pytest.raises(GatewayRefused):
        gateway.stop(done["id"])


def test_a_refund_under_one_key_is_given_once_and_carries_its_number(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    done = paid(sandbox, gateway)
    ids = {"intent": done["payment_intent"], "charge": ""}
    wanted = RefundOrder("refund-7-token-1", 7, ids, Money(2000, "CHF"))
    sandbox.faults.add("POST /v1/refunds", "reset", when="after")
    answers = [gateway.refund(wanted) for _ in range(2)]
    assert answers[0].id == answers[1].id
    (refund,) = sandbox.account.store.all("refund")
    assert (refund["amount"], refund["metadata"]) == (2000, {"site": "ashar", "refund": "7"})
    (fact,) = gateway.read(answers[0].body)
    assert (fact.kind, fact.status, fact.money) == ("refunded", "succeeded", Money(2000, "CHF"))
    assert fact.ids["order"] == "7"
    with pytest.raises(GatewayRefused, match="greater than unrefunded"):
        gateway.refund(replace(wanted, key="refund-8", money=Money(5000, "CHF")))


# Asked -------------------------------------------------------------------------------------


def kinds(gateway: StripeGateway, body: bytes) -> list[str]:
    return [fact.kind for fact in gateway.read(body)]


def test_an_asked_for_session_tells_what_it_is(sandbox: Sandbox, gateway: StripeGateway) -> None:
    id = begun(gateway)
    assert kinds(gateway, gateway.fetch("session", id).body) == []
    sandbox.pay(id)
    sandbox.flush()
    paid = gateway.fetch("session", id)
    assert paid.id == f"{id}@complete/paid"
    assert kinds(gateway, paid.body) == ["paid", "charged"]
    first, second = gateway.read(paid.body)
    assert first.ids["charge"] == second.ids["charge"]
    assert second.wants[0][0] == "balance_transaction"


def test_an_asked_for_session_that_ran_out_or_waits_for_a_bank(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    id = begun(gateway)
    sandbox.expire(id)
    assert kinds(gateway, gateway.fetch("session", id).body) == ["expired"]
    euros = {"gift": Money(5000, "EUR"), "cover": Money(0, "EUR"), "method": "sepa"}
    id = begun(gateway, key="sepa", **euros)
    sandbox.pay(id, "sepa_debit", "pending")
    assert kinds(gateway, gateway.fetch("session", id).body) == ["processing"]
    sandbox.settle_async(id, ok=False)
    assert kinds(gateway, gateway.fetch("session", id).body) == ["failed"]


def test_an_asked_for_intent_and_its_transaction(sandbox: Sandbox, gateway: StripeGateway) -> None:
    done = paid(sandbox, gateway)
    intent = gateway.read(gateway.fetch("intent", done["payment_intent"]).body)
    assert [fact.kind for fact in intent] == ["paid", "charged"]
    ((kind, id),) = intent[1].wants
    (fact,) = gateway.read(gateway.fetch(kind, id).body)
    assert (fact.kind, fact.status) == ("transaction", "fee")
    assert fact.movements[0].amount == Money(5175, "CHF")
    assert fact.movements[0].fee.minor > 0
    assert fact.ids["source"] == intent[1].ids["charge"]


def test_missed_events_come_oldest_first_and_all_of_them(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    for number in range(25):
        paid(sandbox, gateway, key=f"key-{number}", pledge=f"token-{number}")
    found = list(gateway.missed(datetime.now(UTC) - timedelta(hours=1)))
    assert len(found) > 100
    assert [one.id for one in found] == [event["id"] for event in sandbox.events()]
    assert list(gateway.missed(datetime.now(UTC) + timedelta(hours=1))) == []


# Read --------------------------------------------------------------------------------------


def test_every_event_of_a_long_story_can_be_read(sandbox: Sandbox, gateway: StripeGateway) -> None:
    done = paid(sandbox, gateway)
    charge = sandbox.events("charge.succeeded")[0]["data"]["object"]["id"]
    refund = sandbox.refund(charge, 1000)
    sandbox.fail_refund(refund["id"])
    sandbox.fraud_warning(charge)
    dispute = sandbox.dispute(charge, 2000, inquiry=True)
    sandbox.close_dispute(dispute["id"], won=False)
    dispute = sandbox.dispute(charge, 2000)
    sandbox.close_dispute(dispute["id"], won=True)
    sandbox.expire(begun(gateway, key="another", pledge="token-2"))
    facts: list[Notice] = []
    for event in sandbox.events():
        facts += gateway.read(json.dumps(event).encode())
    seen = {(fact.kind, fact.status) for fact in facts}
    assert seen >= {
        ("paid", ""),
        ("charged", ""),
        ("refunded", "succeeded"),
        ("refund_failed", "failed"),
        ("fraud_warning", ""),
        ("disputed", "warning"),
        ("disputed", "closed"),
        ("disputed", "open"),
        ("disputed", "won"),
        ("expired", ""),
    }
    assert {fact.reference for fact in facts if fact.kind == "paid"} == {"token-1"}
    intents = {fact.ids["intent"] for fact in facts if fact.kind == "refunded"}
    assert intents == {done["payment_intent"]}


def test_what_stripe_is_subscribed_to_is_what_can_be_read() -> None:
    assert set(module.EVENTS) == set(stripe_facts.READERS)
    assert "charge.refunded" not in module.EVENTS


@pytest.mark.parametrize("key", ["sk_live_x", "rk_live_x"])
def test_a_live_key_takes_live_events_only(sandbox: Sandbox, key: str) -> None:
    live = StripeGateway(key, (), "ashar", NOBODY)
    test = StripeGateway("sk_test_x", (), "ashar", NOBODY)
    event = {"object": "event", "id": "evt_1", "type": "x.y", "livemode": True, "data": {}}
    assert live.read(json.dumps(event).encode()) == []
    with pytest.raises(Parked, match="livemode"):
        test.read(json.dumps(event).encode())
    with pytest.raises(Parked, match="livemode"):
        live.read(json.dumps({**event, "livemode": False}).encode())


def test_a_transaction_of_an_unknown_category_is_left_to_a_person(gateway: StripeGateway) -> None:
    thing = {"id": "txn_1", "reporting_category": "climate_order_purchase", "source": "x"}
    body = json.dumps({"object": "fetched", "kind": "balance_transaction", "data": thing}).encode()
    with pytest.raises(Parked, match="unknown reporting category climate_order_purchase"):
        gateway.read(body)


def test_an_intent_without_our_words_is_somebody_elses(gateway: StripeGateway) -> None:
    thing = {
        "id": "pi_1",
        "status": "succeeded",
        "metadata": {},
        "amount_received": 1,
        "currency": "chf",
    }
    event = {
        "object": "event",
        "id": "evt_1",
        "created": 1,
        "type": "payment_intent.succeeded",
        "data": {"object": thing},
    }
    assert gateway.read(json.dumps(event).encode()) == []


def test_a_form_may_lead_to_checkout_or_the_sandbox_and_nowhere_else(sandbox: Sandbox) -> None:
    origins = StripeGateway("sk_test_x", (), "ashar").origins
    assert origins == ("https://checkout.stripe.com", "https://invoice.stripe.com")
    assert StripeGateway("sk_test_x", (), "ashar", sandbox.url + "/").origins == (sandbox.url,)
