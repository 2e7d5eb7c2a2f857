"""Faults on API calls, as the real SDK sees them."""

from __future__ import annotations

import time
from typing import Any

import pytest
import stripe

from stripe_sandbox import Sandbox
from tests.stripe_sandbox.shop import basket, begin, make_client

CREATE = "POST /v1/checkout/sessions"


def sessions(sandbox: Sandbox) -> int:
    with sandbox.account.lock:
        return len(sandbox.account.store.all("checkout.session"))


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("500", stripe.APIError),
        ("503", stripe.APIError),
        ("429", stripe.RateLimitError),
        ("reset", stripe.APIConnectionError),
    ],
)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_call_fails_before_or_after_it_took_effect(
    sandbox: Sandbox, client: stripe.StripeClient, kind: str, error: type[Exception], when: str
) -> None:
    sandbox.faults.add(match=CREATE, kind=kind, when=when)
    with pytest.raises(error):
        begin(client)
    assert sessions(sandbox) == (when == "after")
    begin(client)


@pytest.mark.parametrize("kind", ["500", "reset"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_the_sdk_tries_again_under_the_same_key_and_nothing_happens_twice(
    sandbox: Sandbox, kind: str, when: str
) -> None:
    sandbox.faults.add(match=CREATE, kind=kind, when=when)
    session = begin(make_client(sandbox, retries=1))
    assert sessions(sandbox) == 1
    assert session.status == "open"


@pytest.mark.parametrize(("when", "effect"), [("before", 0), ("after", 1)])
def test_a_call_can_hang(sandbox: Sandbox, when: str, effect: int) -> None:
    client = make_client(sandbox, http_client=stripe.RequestsClient(timeout=0.2))
    sandbox.faults.add(match=CREATE, kind="hang", seconds=0.5, when=when)
    with pytest.raises(stripe.APIConnectionError):
        begin(client)
    assert sessions(sandbox) == effect
    time.sleep(0.5)
    assert sessions(sandbox) == effect


def test_others_are_served_while_a_call_hangs(sandbox: Sandbox) -> None:
    quick = make_client(sandbox, http_client=stripe.RequestsClient(timeout=0.2))
    sandbox.faults.add(match=CREATE, kind="hang", seconds=3)
    with pytest.raises(stripe.APIConnectionError):
        begin(quick)
    began = time.monotonic()
    assert quick.v1.balance.retrieve().object == "balance"
    assert time.monotonic() - began < 1


def test_a_slow_call_is_answered_in_the_end(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    sandbox.faults.add(match=CREATE, kind="slow", seconds=0.2)
    began = time.monotonic()
    begin(client)
    assert time.monotonic() - began > 0.2


def test_faults_match_by_pattern_and_number_of_times(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    sandbox.faults.add(match="GET /v1/*", kind="500", times=2)
    begin(client)
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            client.v1.charges.list()
    assert client.v1.charges.list().data == []
    sandbox.faults.add(match="*", kind="500", times=None)
    for _ in range(3):
        with pytest.raises(stripe.APIError):
            client.v1.balance.retrieve()
    sandbox.faults.clear()
    assert client.v1.balance.retrieve()


def test_the_seed_decides_what_chance_does() -> None:
    def story(seed: int) -> list[bool]:
        sandbox = Sandbox(seed=seed)
        sandbox.faults.add("*", "500", times=None, chance=0.5)
        return [bool(sandbox.faults.take_call("GET", "/", "before")) for _ in range(40)]

    assert story(1) == story(1) != story(2)
    assert 8 < sum(story(1)) < 32


def test_a_reset_after_the_effect_is_replayed_by_hand(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    options: Any = {"idempotency_key": "pledge-7"}
    sandbox.faults.add(match=CREATE, kind="reset", when="after")
    with pytest.raises(stripe.APIConnectionError):
        client.v1.checkout.sessions.create(params=basket(), options=options)
    session = client.v1.checkout.sessions.create(params=basket(), options=options)
    assert session.last_response
    assert session.last_response.headers["Idempotent-Replayed"] == "true"
    assert sessions(sandbox) == 1
