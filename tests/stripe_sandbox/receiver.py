"""A webhook endpoint over real HTTP that verifies signatures with the SDK."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

import stripe


class Receiver:
    """Collect events; answer what `answers` says, 200 when it is empty."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.events: list[dict[str, Any]] = []
        self.refused: list[str] = []
        self.answers: list[int] = []
        self.busy = 0
        self.most_at_once = 0
        self.pause = threading.Event()
        self.pause.set()
        self.lock = threading.Lock()

    def __enter__(self) -> Self:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(receiver.take(body, self.headers["Stripe-Signature"]))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/webhook"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.pause.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def take(self, body: bytes, signature: str) -> int:
        """Verify and keep an event; return the status to answer."""
        with self.lock:
            self.busy += 1
            self.most_at_once = max(self.most_at_once, self.busy)
        self.pause.wait(5)
        with self.lock:
            self.busy -= 1
            try:
                event = stripe.Webhook.construct_event(body, signature, self.secret)
            except stripe.SignatureVerificationError as refusal:
                self.refused.append(str(refusal))
                return 400
            status = self.answers.pop(0) if self.answers else 200
            if status == 200:
                self.events.append(event.to_dict())
            return status

    @property
    def types(self) -> list[str]:
        """Name the events received, in order."""
        return [event["type"] for event in self.events]
