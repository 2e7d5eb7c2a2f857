"""Serve the site in processes that kill themselves at a step: before a statement, a commit, a call.

`python -m tests.faults.launcher FD` loads everything once and then, for each line of JSON on its
standard input, forks a server on the listening socket FD. Production code runs as it is; the steps
are counted from outside it: by SQLAlchemy's events, and around the SDK's HTTP client, the mailer
and the WSGI call.
"""

import json
import logging
import os
import re
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import sqlalchemy as sa
import stripe
from werkzeug.serving import make_server

from ashar.kernel import db
from ashar.kernel.smtp import SmtpMailer
from ashar.site import create_app
from tests.faults.drivers import watch

#: Kinds of statements that end a step; the others in between change nothing outside.
_NAMED = re.compile(r"^(INSERT INTO|UPDATE|DELETE FROM) \"?(\w+)|^(SELECT|BEGIN)")


class Steps:
    """Counts the steps since the first POST, writes their names, and dies before one of them."""

    def __init__(self, die_before: int | None, log: str) -> None:
        self._die_before = die_before
        self._log = open(log, "a", buffering=1)  # noqa: SIM115
        self._lock = threading.Lock()
        self._armed = False
        self._number = 0

    def arm(self) -> None:
        """Begin to count."""
        self._armed = True

    def __call__(self, name: str) -> None:
        """Count one step; end this process, uncleanly, when it is the one to die before."""
        with self._lock:
            if not self._armed:
                return
            self._log.write(f"{self._number} {name}\n")
            if self._number == self._die_before:
                os.kill(os.getpid(), signal.SIGKILL)
            self._number += 1


class CountingMailer(SmtpMailer):
    """Sends real mail; the moment after the server's 250 is a step of its own."""

    def __init__(self, url: str, sender: str, step: Steps) -> None:
        super().__init__(url, sender)
        self._step = step

    def send(
        self,
        recipient: str,
        subject: str,
        text: str,
        html: str,
        message_id: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._step("mail to be sent")
        super().send(recipient, subject, text, html, message_id, headers)
        self._step("mail sent, not noted")


def count_statements(engine: sa.Engine, step: Steps) -> None:
    """Make each statement that writes, and each commit, a step."""

    def before(statement: str) -> str:
        found = _NAMED.match(statement)
        if found and found[1]:
            step(f"{found[1]} {found[2]}")
        return statement

    watch(engine, before)
    sa.event.listen(engine, "commit", lambda _c: step("commit"))


def count_calls(step: Steps) -> None:
    """Make the moments before and after each call to Stripe steps."""
    inner = stripe.RequestsClient.request

    def request(self: Any, method: str, url: str, *args: Any, **more: Any) -> Any:
        name = f"{method} {'/'.join(url.split('/')[3:6]).split('?')[0]}"
        step(f"{name} to be called")
        answer = inner(self, method, url, *args, **more)
        step(f"{name} answered")
        return answer

    stripe.RequestsClient.request = request  # type: ignore[method-assign]


class CountingApp:
    """Wraps a WSGI app: its answer's way out is a step, and so is what follows it."""

    def __init__(self, app: Callable[..., Any], step: Steps) -> None:
        self._app = app
        self._step = step

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> "CountingAnswer":
        if environ["REQUEST_METHOD"] == "POST":
            self._step.arm()
        name = environ["PATH_INFO"].rsplit("/", 1)[-1]
        self._step(f"{name} to be read")
        return CountingAnswer(self._app(environ, start), self._step, name)


class CountingAnswer:
    """An answer that counts its own way out."""

    def __init__(self, inner: Iterable[bytes], step: Steps, name: str) -> None:
        self._inner, self._step, self._name = inner, step, name

    def __iter__(self) -> Any:
        self._step(f"{self._name} to be answered")
        yield from self._inner
        self._step(f"{self._name} answered")

    def close(self) -> None:
        """Let the app do what it put off to now."""
        if hasattr(self._inner, "close"):
            self._inner.close()


def serve(fd: int, order: dict[str, Any]) -> None:
    """Be the server: one thread, so that the same number is the same step each time."""
    settings = order["settings"]
    step = Steps(order["die_before"], order["log"])
    count_calls(step)
    mailer = CountingMailer(order["mail"], "Ashar <ashar@localhost>", step)
    app = create_app(settings, environ={}, mailer=mailer)
    with app.app_context():
        count_statements(db.database().engine, step)
    app.wsgi_app = CountingApp(app.wsgi_app, step)  # type: ignore[method-assign]
    server = make_server("127.0.0.1", 0, app, threaded=False, fd=fd)
    sys.stdout.write(f"{os.getpid()}\n")
    sys.stdout.flush()
    server.serve_forever(0.02)


def main() -> None:
    """Fork a server for each line; reap those that died."""
    logging.disable(logging.CRITICAL)
    fd = int(sys.argv[1])
    socket.socket(fileno=os.dup(fd)).detach()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            try:
                serve(fd, json.loads(line))
            finally:
                os._exit(1)


if __name__ == "__main__":
    main()
