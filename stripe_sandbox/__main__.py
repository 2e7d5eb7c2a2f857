"""Run the sandbox: `python -m stripe_sandbox --webhook URL --secret whsec_…`."""

from __future__ import annotations

import argparse
import signal
import sys
import threading

from .errors import ApiError
from .sandbox import Sandbox
from .server import PortTaken


def arguments() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(prog="stripe_sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=12111)
    parser.add_argument("--webhook", action="append", default=[], metavar="URL")
    parser.add_argument("--secret", action="append", default=[], metavar="whsec_…")
    parser.add_argument("--settlement", default="CHF", help="one currency or several: CHF,EUR")
    parser.add_argument("--key", default="sk_test_sandbox")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--capture-delay", type=float, default=1.0, metavar="SECONDS")
    parser.add_argument("--quiet", action="store_true", help="do not log each request")
    return parser


def main(argv: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; return the exit status."""
    parser = arguments()
    given = parser.parse_args(argv)
    if len(given.webhook) != len(given.secret):
        parser.error("each --webhook needs its --secret")
    try:
        sandbox = Sandbox(given.settlement, given.seed, given.key, given.capture_delay)
        sandbox.start(given.port, given.host, given.quiet)
    except (PortTaken, ApiError) as error:
        print(f"The Stripe sandbox cannot start: {error}", file=sys.stderr)
        return 1
    for url, secret in zip(given.webhook, given.secret, strict=True):
        sandbox.add_endpoint(url, secret)
    _serve(sandbox)
    return 0


def _serve(sandbox: Sandbox) -> None:
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    print(f"Stripe sandbox ready on {sandbox.url}", flush=True)
    over.wait()
    sandbox.stop()


if __name__ == "__main__":
    sys.exit(main())
