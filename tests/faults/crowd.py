"""Many hands in a process of its own: `python -m tests.faults.crowd JSON`.

Each thread orders a part of one payment back, and takes in one and the same fact.
"""

import json
import sys
import time
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask

from ashar.gateways import bank
from ashar.kernel import db
from ashar.kernel.errors import AsharError
from ashar.kernel.money import Money
from ashar.pledges import queries, services, tasks
from ashar.site import create_app
from tests.faults.locks import together, unlocked

#: What each hand wants back, of 50 francs.
PART = Money(300, "CHF")
#: An engine's pool holds no more connections, so that more could not meet in one transaction.
MEETING = 12


def grab(site: Flask, payment: int) -> None:
    """Order a part back; what is refused is refused."""
    with site.app_context():
        try:
            with db.transaction():
                services.order_refund(queries.lock_payment(payment), PART, reason="asked for")
        except Exception as error:
            # Without the locks anything may happen; what counts is what is left in the end.
            if not isinstance(error, AsharError):
                print(type(error).__name__, file=sys.stderr)


def tell(site: Flask, reference: str, at: str) -> None:
    """Tell of one and the same transfer."""
    fact = bank.fact(
        reference=reference,
        account="chf",
        money=Money(5000, "CHF"),
        on=datetime.fromisoformat(at),
        line="one-line",
    )
    with site.app_context():
        tasks.take_in("bank", fact)


def main(told: str) -> None:
    """Wait for the start, then let all threads go at once."""
    given: dict[str, Any] = json.loads(told)
    site = create_app(given["settings"], environ={})
    threads, guarded = int(given["threads"]), bool(given["guarded"])

    def work(number: int) -> None:
        grab(site, given["payment"])
        if guarded:
            tell(site, given["reference"], given["at"])

    with site.app_context():
        engine = db.database().engine
    Path(f"{given['go']}.{time.monotonic_ns()}").touch()
    while not Path(given["go"]).exists():
        time.sleep(0.01)
    with nullcontext() if guarded else unlocked(engine, min(threads, MEETING)):
        together(threads, work)
    engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1])
