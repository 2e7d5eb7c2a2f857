"""Fixtures: a sandbox whose every object is checked at the end, a real client, a receiver."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import stripe

from stripe_sandbox import Sandbox
from tests.stripe_sandbox.receiver import Receiver
from tests.stripe_sandbox.shop import make_client, wrong_shapes


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(settlement="CHF", seed=1, capture_delay=0.05) as running:
        yield running
        assert wrong_shapes(running) == []


@pytest.fixture
def client(sandbox: Sandbox) -> stripe.StripeClient:
    return make_client(sandbox)


@pytest.fixture
def receiver(sandbox: Sandbox) -> Iterator[Receiver]:
    with Receiver("whsec_first") as running:
        sandbox.add_endpoint(running.url, running.secret)
        yield running
