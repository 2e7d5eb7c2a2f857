"""A site that really listens, for what crosses HTTP: webhooks from the sandbox, a browser."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from stripe_sandbox import Sandbox


@contextmanager
def listening(app: Flask) -> Iterator[str]:
    """Serve an app on a free port; yield its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


@dataclass
class Form:
    """The fields of a page's form, as a browser would send them back."""

    action: str
    fields: dict[str, str]


def read_form(answer: TestResponse) -> Form:
    """Read the first form with a CSRF token on a page."""
    for found in re.finditer(r"<form(.*?)>(.*?)</form>", answer.text, re.S):
        if "csrf_token" in found[2]:
            action = re.search(r'action="([^"]*)"', found[1])
            return Form(unescape(action[1]) if action else "", dict(_fields(found[2])))
    raise AssertionError("no form with a token on this page")


def _fields(html: str) -> Iterator[tuple[str, str]]:
    for tag in re.findall(r"<input[^>]*>", html):
        name, kind = _attribute(tag, "name"), _attribute(tag, "type") or "text"
        if not name or (kind in {"radio", "checkbox"} and " checked" not in tag):
            continue
        yield name, unescape(_attribute(tag, "value") or "")
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', html, re.S):
        chosen = re.search(r"<option[^>]*selected[^>]*>", options) or re.search(
            r"<option[^>]*>", options
        )
        if chosen:
            yield name, unescape(_attribute(chosen[0], "value") or "")


def _attribute(tag: str, name: str) -> str | None:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return found[1] if found else None


def pledge(client: FlaskClient, slug: str, **fields: str) -> TestResponse:
    """Open a project's form, fill it in and send it."""
    form = read_form(client.get(f"/projects/{slug}/pledge?lang=en"))
    given = {"amount": "50", "currency": "CHF", "country": "CH", "method": "card"}
    given["email"] = "donor@example.org"
    return client.post(f"/projects/{slug}/pledge", data=form.fields | given | fields)


def session_of(sandbox: Sandbox, answer: TestResponse) -> str:
    """Return the Checkout session that a pledge's answer leads to."""
    assert answer.status_code == 303, answer.text[:2000]
    assert answer.location.startswith(sandbox.url), answer.location
    return answer.location.rsplit("/", 1)[-1]
