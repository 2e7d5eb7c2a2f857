"""The thin endpoint: verify, store, commit, answer; process when the answer is out."""

import logging
from typing import Any, cast

from flask import Response, current_app, request

from ashar.gateways.base import Listens
from ashar.kernel.errors import GatewayRefused
from ashar.pledges import inbox, tasks

log = logging.getLogger(__name__)

LARGEST = 1024 * 1024


def receive(name: str) -> Any:
    """Take in a gateway's signed message; 400 unless it is authentic and fresh."""
    gateway = current_app.extensions["ashar"].gateways.get(name)
    if gateway is None or not hasattr(gateway, "accept"):
        return _answer("no such gateway", 404)
    if (request.content_length or 0) > LARGEST:
        return _answer("too large", 413)
    body = request.get_data()
    if len(body) > LARGEST:
        # Sent in chunks, it did not say how long it is.
        return _answer("too large", 413)
    try:
        received = cast(Listens, gateway).accept(body, dict(request.headers.items()))
    except GatewayRefused as error:
        log.warning("refused a message for %s: %s", name, error)
        return _answer(str(error), 400)
    row = inbox.keep(name, received)
    answer = _answer("stored" if row else "known", 200)
    if row is not None:
        answer.call_on_close(_processing(row))
    return answer


def _processing(row: int) -> Any:
    """Return what processes the message once the sender has its answer."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def step() -> None:
        with app.app_context():
            tasks.process(row)

    return step


def _answer(words: str, status: int) -> Response:
    return Response(words + "\n", status, mimetype="text/plain")
