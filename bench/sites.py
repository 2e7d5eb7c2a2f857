"""Our own side: the stand-alone site as in production, on a database of the run."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask

from ashar import create_app
from ashar.gateways.base import Notice, Order, Received, Redirect, RefundOrder
from ashar.kernel import clock, limits, outbox

SECRET = "whsec_bench_0123456789abcdef"
SITE = "ashar"


class BenchGateway:
    """The bench's own way of paying: answers at once where Stripe would be called."""

    name = "bench"
    methods = ("card",)
    origins = ("https://checkout.stripe.com",)

    def begin(self, order: Order) -> Redirect:
        """Return an address and an id made from the order's key."""
        ends = clock.now() + timedelta(hours=23)
        return Redirect("https://checkout.stripe.com/c/pay/bench", f"cs_{order.key}", ends)

    def read(self, body: bytes) -> list[Notice]:
        """Know no facts."""
        raise NotImplementedError

    def refund(self, order: RefundOrder) -> Received:
        """Give nothing back."""
        raise NotImplementedError

    def fetch(self, kind: str, id: str) -> Received:
        """Have nothing to fetch."""
        raise NotImplementedError


class Discard:
    """A mailer that drops what it is given."""

    def send(self, recipient: str, subject: str, text: str, html: str, message_id: str) -> None:
        """Send one letter nowhere."""


def make(url: str, folder: Path, *, stripe: bool = False) -> Flask:
    """Make the site; with Stripe it takes in events, without it the bench's gateway pays."""
    settings: dict[str, Any] = {
        "ASHAR_DATABASE_URL": url,
        "ASHAR_INSTANCE_PATH": str(folder),
        "ASHAR_BASE_URL": "http://localhost",
        "ASHAR_STRIPE_SECRET_KEY": "sk_test_bench" if stripe else "",
        "ASHAR_STRIPE_WEBHOOK_SECRET": (SECRET,),
        "ASHAR_STRIPE_API_BASE": "http://127.0.0.1:9",
    }
    app = create_app(settings, environ={}, mailer=Discard())
    if not stripe:
        app.extensions["ashar"].gateways["bench"] = BenchGateway()
    _log_to_nowhere()
    _count_without_end()
    return app


def _log_to_nowhere() -> None:
    """Write the log's lines as in production, but not onto the table."""
    nowhere = open(os.devnull, "w")  # noqa: SIM115 - stays open as long as the process
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(nowhere)


def _count_without_end() -> None:
    """Count every doing as in production, but never reach a limit."""
    for rule, words in list(limits.RULES.items()):
        limits.RULES[rule] = "1000000000/" + words.partition("/")[2]


@contextmanager
def signals_put_off() -> Iterator[None]:
    """Leave signals in the outbox, as after a crash: letters are not part of a settlement."""
    send, outbox._send = outbox._send, lambda rows: None
    try:
        yield
    finally:
        outbox._send = send


def dispose(app: Flask) -> None:
    """Close the site's connections."""
    with app.app_context():
        state = app.extensions["ashar"]
        state.database.session.remove()
        state.database.engine.dispose()
        storage = state._limits
        if storage is not None and hasattr(storage, "_engine"):
            storage._engine.dispose()
