"""What most tests begin with."""

from __future__ import annotations

from typing import Any

import stripe

from stripe_sandbox import Sandbox
from tests.stripe_sandbox.shapes import problems


def basket(amount: int = 5000, currency: str = "chf", **more: Any) -> Any:
    """Build the parameters of a donation's session."""
    price = {
        "currency": currency,
        "unit_amount": amount,
        "product_data": {"name": "Solar panels for Naryn"},
    }
    return {
        "mode": "payment",
        "submit_type": "donate",
        "success_url": "https://ashar.example/thanks?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://ashar.example/back",
        "line_items": [{"price_data": price, "quantity": 1}],
        "adaptive_pricing": {"enabled": False},
        "metadata": {"pledge": "token-1", "site": "ashar"},
        "payment_intent_data": {"metadata": {"pledge": "token-1"}},
        **more,
    }


def begin(
    client: stripe.StripeClient, amount: int = 5000, currency: str = "chf", **more: Any
) -> Any:
    """Create a session."""
    return client.v1.checkout.sessions.create(params=basket(amount, currency, **more))


def paid(
    sandbox: Sandbox,
    client: stripe.StripeClient,
    amount: int = 5000,
    currency: str = "chf",
    method: str = "card",
) -> Any:
    """Create a session, pay it, wait for what follows, and return its charge."""
    session = begin(client, amount, currency)
    done = sandbox.pay(session.id, method)
    sandbox.flush()
    return client.v1.charges.list(params={"payment_intent": done["payment_intent"]}).data[0]


def make_client(sandbox: Sandbox, retries: int = 0, **options: Any) -> stripe.StripeClient:
    """Build a real client that talks to a sandbox."""
    return stripe.StripeClient(
        sandbox.key, base_addresses={"api": sandbox.url}, max_network_retries=retries, **options
    )


def wrong_shapes(sandbox: Sandbox) -> list[str]:
    """Check every answer, every event and what it carries against the SDK's annotations."""
    bodies = [call["body"] for call in sandbox.calls() if call["status"] == 200]
    found = [problem for body in bodies for problem in problems(body)]
    for event in sandbox.events():
        found += problems(event) + problems(event["data"]["object"], event["type"])
    return found
