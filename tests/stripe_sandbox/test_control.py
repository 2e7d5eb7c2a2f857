"""The controls over HTTP, and the process on its own."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import stripe

from stripe_sandbox import Sandbox
from tests.stripe_sandbox.receiver import Receiver
from tests.stripe_sandbox.shop import begin


def post(url: str, verb: str, **given: Any) -> Any:
    answer = requests.post(f"{url}/_sandbox/{verb}", json=given, timeout=15)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_another_process_can_do_everything(
    sandbox: Sandbox, client: stripe.StripeClient, receiver: Receiver
) -> None:
    url = sandbox.url
    post(url, "rates", **{"from": "EUR", "to": "CHF", "rate": "0.94"})
    session = begin(client, 5000, "eur")
    post(url, "pay", session_id=session.id, method="sepa_debit", outcome="pending")
    done = post(url, "settle_async", session_id=session.id, ok=True)
    refund = post(url, "refund", charge_or_intent=done["payment_intent"], amount=100)
    post(url, "succeed_refund", refund_id=refund["id"])
    post(url, "fail_refund", refund_id=refund["id"])
    dispute = post(url, "dispute", charge=done["payment_intent"])
    post(url, "close_dispute", dispute=dispute["id"], won=True)
    post(url, "fraud_warning", charge=done["payment_intent"])
    post(url, "expire", session_id=begin(client).id)
    assert post(url, "advance", days=2) > 0
    post(url, "hold")
    sandbox.expire(begin(client).id)
    assert len(post(url, "release", order="reverse")) == 1
    assert post(url, "flush") is True
    assert len(post(url, "events", type="checkout.session.expired")) == 2
    assert len(post(url, "events")) == len(receiver.events) == len(post(url, "deliveries"))
    assert len(post(url, "calls")) == 3


def test_faults_are_ordered_listed_and_forgotten_over_http(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    made = post(sandbox.url, "faults", match="GET /v1/balance", kind="500", times=None)
    assert (made["kind"], made["when"]) == ("500", "before")
    with pytest.raises(stripe.APIError):
        client.v1.balance.retrieve()
    assert post(sandbox.url, "faults")[0]["hits"] == 1
    assert post(sandbox.url, "faults", clear=True) == []
    assert client.v1.balance.retrieve()


@pytest.mark.parametrize(
    ("verb", "body", "status"),
    [
        ("dance", b"{}", 404),
        ("pay", b"{}", 400),
        ("pay", b"[1", 400),
        ("pay", b"[]", 400),
        ("pay", b'{"session_id": "cs_x"}', 400),
        ("faults", b'{"kind": "fire"}', 400),
        ("rates", b'{"from": "EUR", "to": "CHF", "rate": "much"}', 400),
    ],
)
def test_a_mistake_is_answered_with_a_sentence(
    sandbox: Sandbox, verb: str, body: bytes, status: int
) -> None:
    answer = requests.post(f"{sandbox.url}/_sandbox/{verb}", data=body, timeout=5)
    assert answer.status_code == status
    assert answer.json()["error"]


def start(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "stripe_sandbox", "--quiet", *arguments]
    return subprocess.Popen(  # noqa: S603
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.fixture
def process() -> Iterator[tuple[subprocess.Popen[str], str, Receiver]]:
    with Receiver("whsec_cli") as receiver:
        running = start("--port", "0", "--webhook", receiver.url, "--secret", receiver.secret)
        with running:
            assert running.stdout
            line = running.stdout.readline()
            assert line.startswith("Stripe sandbox ready on http://127.0.0.1:")
            yield running, line.split()[-1], receiver
            running.kill()


def test_the_process_serves_delivers_and_ends_cleanly(
    process: tuple[subprocess.Popen[str], str, Receiver],
) -> None:
    running, url, receiver = process
    client = stripe.StripeClient("sk_test_sandbox", base_addresses={"api": url})
    post(url, "expire", session_id=begin(client).id)
    post(url, "flush")
    assert receiver.types == ["checkout.session.expired"]
    running.send_signal(signal.SIGTERM)
    out, err = running.communicate(timeout=5)
    assert (running.returncode, out, err) == (0, "", "")


def test_a_taken_port_is_said_in_one_sentence(sandbox: Sandbox) -> None:
    with start("--port", sandbox.url.rpartition(":")[2]) as running:
        out, err = running.communicate(timeout=10)
    assert running.returncode == 1
    assert out == ""
    assert err.startswith("The Stripe sandbox cannot start: 127.0.0.1:")
    assert err.count("\n") == 1


def test_nothing_answers_after_stop() -> None:
    with Sandbox(seed=1) as sandbox:
        url = sandbox.url
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=1)


def test_the_sandbox_imports_nothing_of_ashar() -> None:
    code = "import sys, stripe_sandbox; print([m for m in sys.modules if m.startswith('ashar')])"
    command = [sys.executable, "-c", code]
    assert subprocess.check_output(command, text=True) == "[]\n"  # noqa: S603
