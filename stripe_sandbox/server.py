"""The HTTP server: the API, the hosted page, the controls and the page that lists it all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from werkzeug import serving
from werkzeug.wrappers import Request, Response

from . import console, control, hosted
from .pages import static

if TYPE_CHECKING:
    from .sandbox import Sandbox

Server = serving.BaseWSGIServer


class Handler(serving.WSGIRequestHandler):
    """Say nothing of each request."""

    # One request a connection: nothing keeps answering after stop().
    protocol_version = "HTTP/1.0"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing."""

    def connection_dropped(
        self, error: BaseException, environ: dict[str, Any] | None = None
    ) -> None:
        """Let a client hang up; it may have been a fault of our own."""


class LoudHandler(Handler):
    """Log each request, as werkzeug does."""

    log_request = serving.WSGIRequestHandler.log_request


def make_server(sandbox: Sandbox, host: str, port: int, quiet: bool) -> Server:
    """Bind the server; raise PortTaken if that is not possible."""
    return BoundServer(host, port, Application(sandbox), Handler if quiet else LoudHandler)


class BoundServer(serving.ThreadedWSGIServer):
    """Raise what goes wrong while binding, instead of ending the process."""

    request_queue_size = 128

    def server_bind(self) -> None:
        """Bind; werkzeug would print and exit."""
        try:
            super().server_bind()
        except OSError as error:
            raise PortTaken(f"{self.host}:{self.port}: {error.strerror}") from error


class PortTaken(RuntimeError):
    """The address cannot be bound."""


class Application:
    """Send each request where it belongs."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        request = Request(environ)
        return self.dispatch(request)(environ, start_response)

    def dispatch(self, request: Request) -> Response:
        """Answer a request."""
        path = request.path
        if path.startswith("/_sandbox/"):
            return control.respond(self.sandbox, request)
        if path.startswith("/pay/"):
            return hosted.respond(self.sandbox, request)
        if path.startswith("/invoice/"):
            return hosted.respond_invoice(self.sandbox, request)
        if path.startswith("/_static/"):
            return static(path.removeprefix("/_static/"))
        if path == "/":
            return console.respond(self.sandbox, request)
        return self.sandbox.api.respond(request)
