"""A whole site to walk through: it listens, the sandbox calls it back, letters reach a server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask

from ashar import checks
from ashar.kernel import db
from ashar.kernel.outbox import Outbox
from ashar.pledges.models import Inbox, Pledge
from ashar.site import create_app
from stripe_sandbox import Sandbox
from tests.conftest import WEBHOOK_SECRET, Clock, _dispose
from tests.live import listening

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATIENCE = 20.0


def closing(app: Flask) -> WSGIApplication:
    """Close each answer as soon as it is written.

    Werkzeug's server forgets to when a browser resets its connection just then, and with it what
    was put off until the answer is out.
    """

    def run(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        answer = app(environ, start_response)
        try:
            yield from answer
        finally:
            answer.close()  # type: ignore[attr-defined]

    return run


class AnyPort(Controller):
    """A controller that may be given port 0: it then says which one it got."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@dataclass
class PostOffice:
    """A mail server that keeps what it is handed."""

    letters: list[EmailMessage] = field(default_factory=list)
    url: str = ""

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Take in one letter; aiosmtpd asks for this name."""
        letter = message_from_bytes(envelope.content or b"", policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        return "250 OK"

    @contextmanager
    def open(self) -> Iterator[PostOffice]:
        """Listen on a free port."""
        controller = AnyPort(self, hostname="127.0.0.1", port=0)
        controller.start()
        self.url = f"smtp://127.0.0.1:{controller.port}"
        try:
            yield self
        finally:
            controller.stop()


@dataclass
class Stage:
    """The site and what stands around it."""

    site: Flask
    url: str
    sandbox: Sandbox
    post: PostOffice

    def calm(self) -> None:
        """Wait until all that is due was delivered, processed and told."""
        assert self.sandbox.flush()
        deadline = time.monotonic() + PATIENCE
        while waiting := self._waiting():
            assert time.monotonic() < deadline, waiting
            time.sleep(0.05)

    def _waiting(self) -> list[str]:
        """Name the messages and signals that are still on their way."""
        with self.site.app_context():
            stored = db.session.query(Inbox).filter_by(state="stored")
            untold = db.session.query(Outbox).filter(Outbox.done_at.is_(None))
            found = [f"{row.kind}: {row.reason}" for row in stored]
            return found + [f"{row.signal}: {row.error} {row.attempts}" for row in untold]

    def pledges(self) -> list[tuple[str, str, list[str]]]:
        """Return each pledge's token, state and its payments' states."""
        with self.site.app_context():
            rows = db.session.query(Pledge).populate_existing().order_by(Pledge.id)
            return [(row.token, row.state, [one.state for one in row.payments]) for row in rows]

    def sessions(self) -> int:
        """Count the Checkout sessions that were made."""
        return len(self.sandbox.account.store.all("checkout.session"))

    def charges(self) -> int:
        """Count the charges that succeeded."""
        found = self.sandbox.account.store.all("charge")
        return sum(one["status"] == "succeeded" for one in found)

    def command(self, *words: str) -> str:
        """Run `ashar …`; return what it printed."""
        done = self.site.test_cli_runner().invoke(args=["ashar", *words])
        assert done.exit_code == 0, done.output
        return str(done.output)


@contextmanager
def open_stage(
    settings: dict[str, Any], sandbox: Sandbox, clock: Clock, post: PostOffice
) -> Iterator[Stage]:
    """Make the site, let it listen and let the sandbox reach it; at the end its book must hold."""
    site = create_app(settings, environ={}, clock=clock)
    with listening(closing(site)) as url:
        site.config["ASHAR_BASE_URL"] = url
        sandbox.add_endpoint(f"{url}/webhooks/stripe", WEBHOOK_SECRET)
        yield Stage(site, url, sandbox, post)
        sandbox.stop()
    with site.app_context():
        found = {name: rows for name, rows in checks.run().items() if rows}
    _dispose(site)
    assert found == {}
