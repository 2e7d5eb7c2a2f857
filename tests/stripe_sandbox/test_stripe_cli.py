"""Stripe's own command line as a second, independent client."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import stripe

from stripe_sandbox import Sandbox
from tests.stripe_sandbox.shop import begin, paid

CACHE = Path(__file__).parents[2] / ".cache" / "stripe-cli"
VERSION = "1.52.0"


@pytest.fixture(scope="session")
def cli() -> Path:
    """Install the CLI once; skip with the reason where that is impossible."""
    program = CACHE / "node_modules" / ".bin" / "stripe"
    npm = shutil.which("npm")
    if not program.exists():
        if npm is None:
            pytest.skip("npm is not installed, so neither is @stripe/cli")
        command = [npm, "install", "--prefix", str(CACHE), f"@stripe/cli@{VERSION}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode or not program.exists():
            pytest.skip(f"@stripe/cli could not be installed: {done.stderr[-300:]}")
    return program


def run(cli: Path, home: Path, sandbox: Sandbox, *arguments: str) -> Any:
    """Run a command of the CLI; return its JSON answer."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "STRIPE_API_KEY": sandbox.key,
        "STRIPE_CLI_TELEMETRY_OPTOUT": "1",
    }
    command = [str(cli), *arguments, "--api-base", sandbox.url, "--color", "off"]
    done = subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, env=environment, timeout=20, check=True
    )
    return json.loads(done.stdout)


def test_stripes_own_command_line_works_with_the_sandbox(
    sandbox: Sandbox, client: stripe.StripeClient, cli: Path, tmp_path: Path
) -> None:
    charge = paid(sandbox, client)

    def stripe_cli(*arguments: str) -> Any:
        return run(cli, tmp_path, sandbox, *arguments)

    assert stripe_cli("charges", "retrieve", charge.id)["amount"] == 5000
    refund = ("refunds", "create", "-d", f"charge={charge.id}", "-d", "amount=100", "-i", "once")
    first = stripe_cli(*refund)
    assert stripe_cli(*refund)["id"] == first["id"]
    assert len(stripe_cli("get", "/v1/refunds")["data"]) == 1
    session = begin(client)
    expired = stripe_cli("checkout", "sessions", "expire", session.id)
    assert expired["status"] == "expired"
    refused = stripe_cli("get", "/v1/charges", "-d", "colour=red")
    assert refused["error"]["code"] == "parameter_unknown"
