"""Passkeys and security keys, in a real Chromium with a virtual authenticator; and how pages look.

The authenticator is the browser's own, driven by its debugging protocol.
"""

import base64
import os
import re
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Error, Page, Route, expect, sync_playwright
from werkzeug.serving import make_server

from tests.accounts.conftest import EMAIL, PASSWORD, user_of
from tests.conftest import missing

pytestmark = [
    pytest.mark.browser,
    # A browser that turns to another page drops the fonts it was fetching.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

AXE = Path(__file__).parents[1] / "vendor/axe/axe.min.js"
OTHER = "bolot@example.org"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Chromium: ASHAR_CHROMIUM, else the one on the path, else Playwright's own."""
    found = os.environ.get("ASHAR_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        try:
            running = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        except Error as error:
            missing("browser", str(error).splitlines()[0])
        yield running
        running.close()


@pytest.fixture
def address(site: Flask) -> Iterator[str]:
    """Serve the site under a name: keys are bound to names."""
    site.extensions["ashar_accounts"].told = []

    @site.after_request
    def note(response: Any) -> Any:
        site.extensions["ashar_accounts"].told.append(site.extensions["ashar"].who())
        return response

    server = make_server("127.0.0.1", 0, site, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Person:
    """Somebody at a browser with a key."""

    page: Page
    address: str
    site: Flask

    def go(self, path: str) -> None:
        """Open a page."""
        self.page.goto(self.address + path)

    def press(self, name: str) -> None:
        """Press a button."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def sign_in(self, email: str = EMAIL) -> None:
        """Fill in the sign-in form."""
        self.go("/sign-in?lang=en")
        self.page.get_by_label("E-mail").fill(email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.press("Sign in")

    def sign_out(self) -> None:
        """Sign out."""
        self.go("/sign-out?lang=en")
        self.press("Sign out")
        self.page.wait_for_url(lambda url: "sign-out" not in url)

    def add_key(self, usage: str) -> None:
        """Add a key for a use."""
        self.go("/account/passkeys?lang=en")
        self.page.get_by_label("Name of the key").fill("Менин й ачкычым")
        self.page.get_by_label(usage).check()
        self.press("Add")
        expect(self.page.get_by_text("signed out", exact=False)).to_be_visible()

    def authenticator(self, *, verifies: bool = True) -> Any:
        """Plug in a key; return the protocol's session and the key's id."""
        session = self.page.context.new_cdp_session(self.page)
        session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal" if verifies else "usb",
            "hasResidentKey": verifies,
            "hasUserVerification": verifies,
            "isUserVerified": verifies,
            "automaticPresenceSimulation": True,
        }
        session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        return session

    @property
    def strong(self) -> bool | None:
        """Tell what `who` said at the last answer: None for a stranger."""
        told = self.site.extensions["ashar_accounts"].told[-1]
        return told and told.strong


@pytest.fixture
def person(browser: Browser, site: Flask, address: str) -> Iterator[Person]:
    """Somebody with an account and a browser."""
    with site.app_context():
        for email in (EMAIL, OTHER):
            site.extensions["ashar_accounts"].create(email, PASSWORD)
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en")
    context.set_default_timeout(15_000)
    yield Person(context.new_page(), address, site)
    context.close()


def test_a_passkey_signs_in_alone_and_stands_for_two_factors(person: Person) -> None:
    person.authenticator()
    person.sign_in()
    assert person.strong is False
    person.add_key("signs me in alone")
    person.sign_out()
    assert person.strong is None

    person.go("/sign-in?lang=en&next=/projects")
    person.press("Sign in with a passkey")
    person.page.wait_for_url(person.address + "/projects*")
    assert person.strong is True
    person.go("/account/passkeys?lang=en")
    person.press("Remove Менин й ачкычым")
    expect(person.page.get_by_text("is removed")).to_be_visible()
    assert user_of(person.site).webauthn == []


def test_a_security_key_is_the_second_factor_after_the_password(person: Person) -> None:
    person.authenticator(verifies=False)
    person.sign_in()
    person.add_key("second factor")
    person.sign_out()

    person.sign_in()
    assert person.strong is None
    person.press("Continue with the key")
    person.page.wait_for_url(lambda url: url.endswith("/account?lang=en"))
    assert person.strong is True


def test_anothers_key_is_no_second_factor(person: Person) -> None:
    """Whoever finds somebody's key and has an account must not come in as that somebody."""
    person.authenticator(verifies=False)
    ids = {}
    for email in (EMAIL, OTHER):
        person.sign_in(email)
        person.add_key("second factor")
        ids[email] = text_of(user_of(person.site, email).webauthn[0].credential_id)
        person.sign_out()

    def swap(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace(ids[EMAIL], ids[OTHER]))

    person.page.route(re.compile("/account/passkey"), swap)
    person.sign_in()
    person.press("Continue with the key")
    expect(person.page.get_by_text("belongs to another account")).to_be_visible()
    assert person.strong is None


def test_a_key_that_does_not_know_its_owner_cannot_stand_alone(person: Person) -> None:
    person.authenticator(verifies=False)
    person.sign_in()
    person.go("/account/passkeys?lang=en")
    person.page.get_by_label("Name of the key").fill("plain")
    person.page.get_by_label("signs me in alone").check()
    person.press("Add")
    expect(person.page.get_by_text("The key did not answer")).to_be_visible()
    assert user_of(person.site).webauthn == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_accessible_and_fit_a_phone(person: Person, scheme: Any) -> None:
    person.page.emulate_media(color_scheme=scheme)
    person.authenticator()
    for path in ("/sign-in", "/register", "/account/password/forgotten", "/account/confirm"):
        person.go(path + "?lang=ky")
        look(person.page, f"{path}-{scheme}")
    person.go("/sign-in?lang=en")
    person.press("Sign in")
    look(person.page, f"/sign-in-wrong-{scheme}")
    person.sign_in()
    person.add_key("second factor")
    for path in ("", "/two-factor", "/passkeys", "/password", "/recovery-codes", "/verify"):
        person.go(f"/account{path}?lang=ky")
        look(person.page, f"/account{path}-{scheme}")
    person.go("/account/two-factor?lang=en")
    person.press("Set it up")
    look(person.page, f"/account/two-factor-picture-{scheme}")
    person.page.get_by_label("Six-digit code").fill("000000")
    person.press("Turn it on")
    look(person.page, f"/account/code-wrong-{scheme}")
    person.go("/account/recovery-codes?lang=en")
    person.press("Make new codes")
    look(person.page, f"/account/recovery-codes-made-{scheme}")
    person.go("/sign-out?lang=ru")
    look(person.page, f"/sign-out-{scheme}")


def look(page: Page, name: str) -> None:
    """Run axe on a page, see that it fits, and keep a picture where one is asked for."""
    if folder := os.environ.get("ASHAR_PICTURES"):
        page.screenshot(path=f"{folder}/{name.replace('/', '_')}.png", full_page=True)
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run().then(found => found.violations)")
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == [], name
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


def text_of(value: bytes) -> str:
    """Write bytes as the protocol does."""
    return base64.urlsafe_b64encode(value).decode().rstrip("=")
