"""People at the accounts' pages: a browser of plain forms, and an authenticator app."""

import html
import json
import re
import time
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from passlib.totp import TOTP

from tests.mailbox import Mailbox

PASSWORD = "tunduk over the yurt"
EMAIL = "aigul@example.org"
LINK = re.compile(r"https?://\S+")


@dataclass
class Visitor:
    """Somebody with a browser: opens pages and sends their forms with what these hold."""

    client: FlaskClient

    def __post_init__(self) -> None:
        """Speak English, unless an address asks for something else."""
        self.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"

    def get(self, path: str, **more: Any) -> Any:
        """Open a page."""
        return self.client.get(path, **more)

    def send(self, page: str, fields: dict[str, str], to: str | None = None, **more: Any) -> Any:
        """Open a page and send its form, token included."""
        token = self.token(page)
        return self.post(to or page, fields | {"csrf_token": token}, **more)

    def post(self, path: str, fields: dict[str, str], **more: Any) -> Any:
        """Send a form as it is."""
        return self.client.post(path, data=fields, **more)

    def token(self, page: str) -> str:
        """Return the token of a page's form."""
        text = self.get(page, follow_redirects=True).get_data(as_text=True)
        found = re.search(r'name="csrf_token" type="hidden" value="([^"]+)"', text)
        assert found, text
        return found[1]

    def sign_in(self, email: str = EMAIL, password: str = PASSWORD, next: str = "") -> Any:
        """Send the sign-in form."""
        page = "/sign-in" + (f"?next={next}" if next else "")
        return self.send(page, {"email": email, "password": password, "next": next}, to="/sign-in")

    def sign_out(self) -> Any:
        """Send the sign-out form."""
        return self.send("/sign-out", {})

    def set_up_app(self) -> "App":
        """Set up an authenticator app; return it."""
        page = self.send("/account/two-factor", {"setup": "authenticator"})
        text = page.get_data(as_text=True)
        key = re.search(r'<strong translate="no">([^<]+)</strong>', text)
        assert key, text
        app = App(html.unescape(key[1]))
        token = re.search(r'id="code-csrf" name="csrf_token" type="hidden" value="([^"]+)"', text)
        assert token, text
        answer = self.post("/account/code", {"csrf_token": token[1], "code": app.code()})
        assert answer.status_code == 302, answer.get_data(as_text=True)
        return app

    def codes(self) -> list[str]:
        """Make recovery codes; return them."""
        page = self.send("/account/recovery-codes", {}).get_data(as_text=True)
        return re.findall(r"<code>([0-9a-f-]+)</code>", page)


class App:
    """An authenticator app; each code is the next one, since each counts once."""

    def __init__(self, key: str) -> None:
        self._totp = TOTP(key=key.replace("-", "").replace(" ", ""))
        self._step = int(time.time()) // 30 - 2

    def code(self) -> str:
        """Return a code that has not been shown before."""
        self._step += 1
        return str(self._totp.generate(time=self._step * 30).token)


@pytest.fixture
def visitor(client: FlaskClient) -> Visitor:
    return Visitor(client)


@pytest.fixture
def account(site: Flask) -> str:
    """Make an account; return its e-mail."""
    with site.app_context():
        site.extensions["ashar_accounts"].create(EMAIL, PASSWORD)
    return EMAIL


def link_in(mailbox: Mailbox, number: int = -1, which: int = 0) -> str:
    """Return the path of a link in a letter."""
    return LINK.findall(mailbox.letters[number].text)[which].removeprefix("http://localhost")


def user_of(site: Flask, email: str = EMAIL) -> Any:
    """Return an account's row, loaded and let go."""
    store = site.extensions["ashar_accounts"].store
    with site.app_context():
        user = store.find_user(email=email)
        if user is not None:
            _ = user.webauthn
            store.db.session.expunge_all()
        return user


def told(site: Flask, visitor: Visitor) -> dict[str, Any] | None:
    """Return what `who` says in this visitor's session."""
    if "told" not in site.view_functions:
        site._got_first_request = False

        def tell() -> str:
            found = site.extensions["ashar"].who()
            return json.dumps(found and {name: getattr(found, name) for name in found.__slots__})

        site.add_url_rule("/told", "told", tell)
    found: dict[str, Any] | None = json.loads(visitor.get("/told").get_data())
    return found
