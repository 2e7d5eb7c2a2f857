"""A site in a process of its own that can be killed at a step, from the tests' side."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes
from pathlib import Path
from typing import IO, Any

import urllib3
from aiosmtpd.controller import Controller
from werkzeug.test import Client

ROOT = Path(__file__).resolve().parents[2]


class Sink:
    """A real mail server that counts what it took, by Message-ID."""

    def __init__(self) -> None:
        self.taken: dict[str, int] = {}

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        name = str(message_from_bytes(envelope.content)["Message-ID"])
        self.taken[name] = self.taken.get(name, 0) + 1
        return "250 OK"


@contextmanager
def mail_sink() -> Iterator[tuple[str, Sink]]:
    """Run a mail server; yield its address and what it takes."""
    sink = Sink()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{port}", sink
    finally:
        controller.stop()


class Server:
    """One address; behind it one process at a time, which may be made to die."""

    def __init__(self, settings: dict[str, Any], mail: str, log: Path) -> None:
        self._settings, self._mail, self._log = settings, mail, log
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._nursery = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.launcher", str(self._socket.fileno())],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=[self._socket.fileno()],
            text=True,
        )
        self._pid = 0

    def start(self, die_before: int | None = None, *, watched: bool = True) -> None:
        """Start a process; a number names the step before which it kills itself."""
        order = {
            "settings": self._settings,
            "mail": self._mail,
            "log": str(self._log) if watched else os.devnull,
            "die_before": die_before,
        }
        if watched:
            self._log.write_text("")
        stdin, stdout = self._pipes()
        stdin.write(json.dumps(order) + "\n")
        stdin.flush()
        self._pid = int(stdout.readline())

    def _pipes(self) -> tuple[IO[str], IO[str]]:
        assert self._nursery.stdin and self._nursery.stdout
        return self._nursery.stdin, self._nursery.stdout

    @property
    def alive(self) -> bool:
        """Tell whether its process runs."""
        try:
            os.kill(self._pid, 0)
        except ProcessLookupError:
            return False
        return True

    def kill(self) -> None:
        """End its process as the kernel would for want of memory."""
        with suppress(ProcessLookupError):
            if self._pid:
                os.kill(self._pid, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while self._pid and self.alive and time.monotonic() < deadline:
            time.sleep(0.002)
        self._pid = 0

    def steps(self) -> list[str]:
        """Return the names of the steps that its last process began."""
        return [line.split(" ", 1)[1] for line in self._log.read_text().splitlines()]

    def close(self) -> None:
        """End everything."""
        self.kill()
        stdin, stdout = self._pipes()
        stdin.close()
        self._nursery.wait(10)
        stdout.close()
        self._socket.close()


@contextmanager
def serving(settings: dict[str, Any], mail: str, log: Path) -> Iterator[Server]:
    """Yield a server that is not started yet."""
    server = Server(settings, mail, log)
    try:
        yield server
    finally:
        server.close()


class Remote:
    """A WSGI app that passes each request on over HTTP, so that werkzeug's client is a browser.

    A server that dies in the middle answers 599.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._pool = urllib3.PoolManager(retries=False)

    def __call__(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        headers = {"Cookie": environ.get("HTTP_COOKIE", ""), "Connection": "close"}
        if environ.get("CONTENT_TYPE"):
            headers["Content-Type"] = environ["CONTENT_TYPE"]
        path = environ["PATH_INFO"] + (
            "?" + environ["QUERY_STRING"] if environ["QUERY_STRING"] else ""
        )
        try:
            answer = self._pool.request(
                environ["REQUEST_METHOD"],
                self._url + path,
                body=body,
                headers=headers,
                redirect=False,
                timeout=20,
            )
        except urllib3.exceptions.HTTPError:
            start("599 Gone", [("Content-Type", "text/plain")])
            return [b""]
        start(f"{answer.status} {answer.reason}", list(answer.headers.items()))
        return [answer.data]


def browser(server: Server) -> Client:
    """Return a client with cookies that speaks to a server over HTTP."""
    return Client(Remote(server.url))


def wait_for(done: Any, seconds: float = 10) -> bool:
    """Wait until something holds; tell whether it came to hold."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if done():
            return True
        time.sleep(0.01)
    return False
