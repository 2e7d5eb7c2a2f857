"""While Stripe does not answer, everything else does."""

import hashlib
import hmac
import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import requests

from tests.live import read_form
from tests.operations.house import House, environment, free_port, started, until

THREADS = 4
SECONDS = 8.0
SECRET = "whsec_held_0123456789"


def test_pages_and_webhooks_answer_while_stripe_hangs_on_all_threads_but_one(
    settings: dict[str, Any], project: str, tmp_path: Path
) -> None:
    port = free_port()
    options = ("--sandbox", "--sandbox-port", str(port), "--no-jobs", "--workers", "1")
    environ = environment(settings, ASHAR_STRIPE_WEBHOOK_SECRET=SECRET)
    with started(environ, tmp_path, *options, "--threads", str(THREADS)) as house:
        house.wait()
        sandbox = f"http://127.0.0.1:{port}/_sandbox/"
        until(lambda: _up(sandbox), "the sandbox is up")
        with ThreadPoolExecutor(THREADS) as pool:
            forms = [_form(house, project) for _ in range(THREADS - 1)]
            _hold(sandbox, THREADS - 1)
            held = [pool.submit(_pledge, house, project, *form) for form in forms]
            until(lambda: _all_held(sandbox), "all calls are held", 5)
            began = time.monotonic()
            for page in ("/healthz", "/projects", f"/projects/{project}"):
                assert house.get(page, 4).ok
            assert _webhook(house).ok
            took = time.monotonic() - began
            assert not any(one.done() for one in held), "Stripe was held all the while"
            assert took < SECONDS / 2
            # Held calls were tried again, and every donor came through.
            assert [one.result().status_code for one in held] == [303] * len(held)
            assert len({one.result().headers["Location"] for one in held}) == len(held)


def _up(sandbox: str) -> bool:
    try:
        return requests.post(sandbox + "faults", json={}, timeout=2).ok
    except requests.RequestException:
        return False


def _hold(sandbox: str, times: int) -> None:
    fault = {"match": "POST /v1/checkout/sessions", "kind": "hang", "seconds": SECONDS}
    assert requests.post(sandbox + "faults", json=fault | {"times": times}, timeout=5).ok


def _all_held(sandbox: str) -> bool:
    found: list[Any] = requests.post(sandbox + "faults", json={}, timeout=5).json()
    return found == []


def _form(house: House, project: str) -> tuple[requests.Session, dict[str, str]]:
    visitor = requests.Session()
    page = visitor.get(f"{house.url}/projects/{project}/pledge?lang=en", timeout=20)
    return visitor, read_form(page).fields  # type: ignore[arg-type]


def _pledge(
    house: House, project: str, visitor: requests.Session, fields: dict[str, str]
) -> requests.Response:
    given = {"amount": "50", "currency": "CHF", "country": "CH", "method": "card"}
    given["email"] = "donor@example.org"
    address = f"{house.url}/projects/{project}/pledge"
    return visitor.post(address, data=fields | given, allow_redirects=False, timeout=40)


def _webhook(house: House) -> requests.Response:
    event = {"id": "evt_held", "object": "event", "type": "customer.created", "livemode": False}
    body = json.dumps(event | {"created": int(time.time()), "data": {"object": {}}}).encode()
    at = str(int(time.time()))
    made = hmac.new(SECRET.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
    headers = {"Stripe-Signature": f"t={at},v1={made}", "Content-Type": "application/json"}
    return requests.post(house.url + "/webhooks/stripe", body, headers=headers, timeout=4)
