"""People of a village and their moderators, each at a browser of their own, with real sign-in."""

import html
import re
import time
from dataclasses import dataclass, field
from email.message import EmailMessage

from passlib.totp import TOTP
from playwright.sync_api import Page, expect

from tests.journeys.stage import Stage
from tests.journeys.test_pages import SHOTS, WIDER
from tests.journeys.visitor import Visitor

PASSWORD = "төрт түлүк мал, кең жайлоо"
MARK = re.compile(r"\{\{|%\([a-z]+\)s")


@dataclass
class Somebody:
    """Who sits at a phone: an e-mail, a password, an app that shows codes, letters that came."""

    visitor: Visitor
    stage: Stage
    email: str
    key: str = ""
    shown: int = 0
    read: list[EmailMessage] = field(default_factory=list)

    @property
    def page(self) -> Page:
        """Return the page that is open."""
        return self.visitor.page

    def go(self, path: str) -> None:
        """Open a page of the site; it answers well, in Kyrgyz, and fits the phone."""
        self.visitor.go(path if path.startswith("http") else self.stage.url + path)
        self.look()

    def look(self) -> None:
        """Check that the page speaks Kyrgyz, is filled in and no wider than the phone."""
        expect(self.page.locator("html")).to_have_attribute("lang", "ky")
        assert not MARK.search(self.page.locator("main").inner_text())
        assert not self.page.evaluate(WIDER), self.page.url

    def status(self, path: str) -> int:
        """Return how an address answers this person, without opening it."""
        return self.page.request.get(self.stage.url + path, max_redirects=0).status

    def post(self, path: str, **fields: str) -> int:
        """Send a form by hand, with a proof of this very browser."""
        answer = self.page.request.get(f"{self.stage.url}/sign-out")
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', answer.text())
        assert found, answer.text()
        proof = {"csrf_token": html.unescape(found[1])}
        given = {"Referer": f"{self.stage.url}/moderation"}
        return self.page.request.post(
            self.stage.url + path, form=fields | proof, headers=given, max_redirects=0
        ).status

    def fill(self, **fields: str) -> None:
        """Type into fields, by name; `__` stands for the hyphen of a line's."""
        for name, text in fields.items():
            self.page.locator(f"main [name='{name.replace('__', '-')}']").fill(text)

    def choose(self, **fields: str) -> None:
        """Choose from lists, by the fields' names."""
        for name, value in fields.items():
            self.page.locator(f"main select[name='{name.replace('__', '-')}']").select_option(value)

    def tick(self, name: str, *values: str) -> None:
        """Tick boxes, or press a radio button."""
        for value in values:
            self.page.locator(f"main [name='{name}'][value='{value}']").check()

    def send(self, form: str = "main form") -> None:
        """Press the first button of a form."""
        self.page.locator(f"{form} button[type=submit]").first.click()

    def keep(self, name: str) -> None:
        """Keep a picture of the page, for somebody to look at."""
        self.page.screenshot(path=SHOTS / f"village-{name}.png", full_page=True)

    # ---- letters ----

    def unread(self) -> list[EmailMessage]:
        """Return the letters that came to this person and were not read yet."""
        self.stage.calm()
        mine = [letter for letter in self.stage.post.letters if letter["To"] == self.email]
        return [letter for letter in mine if letter not in self.read]

    def letter(self, words: str) -> str:
        """Read the one letter whose subject holds some words; return its plain text."""
        [letter] = [one for one in self.unread() if words in one["Subject"]]
        self.read.append(letter)
        plain, rich = (letter.get_body((kind,)) for kind in ("plain", "html"))
        assert plain is not None and rich is not None
        assert '<html lang="ky">' in rich.get_content()
        text = str(plain.get_content())
        assert not MARK.search(text)
        return text

    def follow(self, letter: str, path: str, status: int = 200) -> None:
        """Open the letter's link to a path."""
        found = re.search(rf"{re.escape(self.stage.url)}{path}\S*", letter)
        assert found, letter
        if status == 200:
            self.go(found[0])
            return
        answer = self.page.goto(found[0])
        assert answer is not None and answer.status == status
        # The browser complains of each such answer.
        [said] = self.visitor.complaints
        assert str(status) in said
        self.visitor.complaints.clear()
        self.look()

    # ---- signing in ----

    def sign_in(self) -> None:
        """Sign in, with the code from the app where there is one."""
        self.fill(email=self.email, password=PASSWORD)
        self.send()
        if self.key:
            self.page.wait_for_url("**/account/code*")
            self.fill(code=self.code())
            self.send()
        self.page.wait_for_url(lambda url: "/sign-in" not in url and "/account/code" not in url)
        self.look()

    def set_up_app(self) -> None:
        """Set up the app, from the account's own page."""
        self.go("/account")
        self.page.locator('main a[href*="/account/two-factor"]').click()
        self.send()
        self.key = self.page.locator("strong[translate=no]").inner_text().replace("-", "")
        self.look()
        self.fill(code=self.code())
        self.send('form[action*="/account/code"]')
        self.page.wait_for_url("**/account")
        self.letter("Экинчи")

    def code(self) -> str:
        """Return a code that was not shown before: each counts once."""
        self.shown = max(self.shown + 1, int(time.time()) // 30 - 1)
        return str(TOTP(key=self.key.replace(" ", "")).generate(time=self.shown * 30).token)
