"""Every page, letter and feed with hostile texts in all that people write: nothing runs."""

import json
import random
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jinja2 import DictLoader
from playwright.sync_api import Browser, BrowserContext

from ashar.accounts.models import User
from ashar.kernel import db, paths
from ashar.projects.services import Words
from tests.accounts.conftest import Visitor as Account
from tests.factories import make_project
from tests.faults.story import FULL
from tests.hostile import TEXTS
from tests.journeys.minefield import TOGETHER, Look, Minefield, endings, looks, open_minefield
from tests.journeys.sower import Plot
from tests.journeys.visitor import Visitor
from tests.live import listening

pytestmark = [pytest.mark.browser, pytest.mark.faults]

NEWEST = "/projects.atom"
#: How many texts share a site; a run for every day takes a few, always the same.
SHARE, FEW = 13, 4
CHOSEN = list(TEXTS) if FULL else random.Random(3).sample(TEXTS, FEW)
PARTS = [CHOSEN[start : start + SHARE] for start in range(0, len(CHOSEN), SHARE)]

#: What acts in a page, or would if somebody clicked: found in the document that Chromium made.
ACTS = """(letter) => {
    const found = [];
    const ours = (url) => url.origin === location.origin || letter;
    const good = new Set(["http:", "https:", "mailto:", "tel:", "sms:"]);
    const led = new Set(["href", "xlink:href", "src", "action", "formaction", "data", "poster"]);
    const never = "iframe,frame,object,embed,base,applet,math,animate,set,foreignObject,template,"
        + "xmp,marquee,video,audio,meta[http-equiv]:not([http-equiv=Content-Type i])";
    for (const one of document.querySelectorAll(never)) found.push(one.tagName);
    for (const one of document.querySelectorAll("script, link[rel=stylesheet]")) {
        const address = one.getAttribute("src") || one.getAttribute("href");
        if (!letter && address && ours(new URL(address, document.baseURI))) continue;
        found.push(one.outerHTML);
    }
    if (!letter) for (const one of document.querySelectorAll("style")) found.push(one.outerHTML);
    for (const one of document.querySelectorAll("*")) for (const {name, value} of one.attributes) {
        if (/^on|^srcdoc$/i.test(name)) found.push(`${name}=${value}`);
        if (!led.has(name.toLowerCase())) continue;
        let url;
        try { url = new URL(value, document.baseURI); } catch { continue; }
        const picture = one.tagName === "IMG" && url.protocol === "data:";
        if (!good.has(url.protocol) && !picture) found.push(`${name}=${value}`);
        if (name === "action" && !ours(url)) found.push(`${name}=${value}`);
    }
    return found;
}"""
#: All that a reader can see: what stands in the page, in its fields and beside its pictures.
SEEN = """() => [document.title, document.documentElement.textContent,
    ...Array.from(document.querySelectorAll("input, textarea"), (one) => one.value),
    ...Array.from(document.querySelectorAll("img[alt]"), (one) => one.alt)].join("\\n")"""


class Guard(Visitor):
    """A visitor who notices whatever a text would do."""

    @classmethod
    def of(cls, context: BrowserContext) -> "Guard":
        """Open a page and begin to watch, dialogs and windows too."""
        found = super().of(context)
        assert isinstance(found, cls)
        found.page.on("dialog", lambda box: (found.complaints.append("dialog"), box.dismiss()))
        found.page.on("popup", lambda _: found.complaints.append("window"))
        return found

    def faults(self, host: str, *, letter: bool = False) -> list[str]:
        """Return what is wrong with the page that was just opened, and forget it."""
        page = self.page
        found = [*self.complaints, *page.evaluate(ACTS, letter)]
        found += [f"asked {other}" for other in sorted(self.hosts() - {host})]
        found += ["it ran"] if page.evaluate("window.hostile !== undefined") else []
        found += [f"frame {one.url}" for one in page.frames[1:]]
        self.complaints.clear()
        self.requests.clear()
        return found

    def come_as(self, look: Look) -> None:
        """Be somebody else."""
        headers = {"Accept-Language": look.accepts}
        self.page.set_extra_http_headers(headers | ({"X-Who": look.who} if look.who else {}))


def squeezed(text: str) -> str:
    """Return a text without its spaces, which pages fold."""
    return re.sub(r"[\s\ufeff\u200b]+", "", text)


@pytest.fixture(params=PARTS, ids=lambda part: f"from {TEXTS.index(part[0])}", scope="module")
def minefield(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> Iterator[Minefield]:
    """Open a site with some of the texts in every field."""
    folder = tmp_path_factory.mktemp("minefield")
    with open_minefield(folder, sqlite_template, request.param) as found:
        yield found


def test_no_page_runs_what_people_wrote(minefield: Minefield, browser: Browser) -> None:
    guard = Guard.of(browser.new_context(locale="en"))
    faults: list[str] = []
    for look, text in everything(minefield):
        faults += opened(guard, minefield.url, look, text)
    guard.page.context.close()
    assert faults == []


def everything(minefield: Minefield) -> Iterator[tuple[Look, str]]:
    for plot in minefield.plots:
        pages = list(dict.fromkeys(looks(plot)))
        # Every day each page is opened with some of the texts; under `make faults` with all.
        for look in pages if FULL else pages[plot.number // 2 % 2 :: 2]:
            yield look, plot.text
    for look in (*TOGETHER, *endings(minefield.mailbox)):
        yield look._replace(times=0), ""


def opened(guard: Guard, url: str, look: Look, text: str) -> list[str]:
    """Open a page; return what is wrong with it."""
    guard.come_as(look)
    answer = guard.page.goto(url + look.path)
    assert answer is not None
    found = [] if answer.ok or "/nowhere/" in look.path else [f"answers {answer.status}"]
    if "/nowhere/" in look.path:
        guard.complaints[:] = [one for one in guard.complaints if "404" not in one]
    found += guard.faults(url.removeprefix("http://"))
    seen = squeezed(guard.page.evaluate(SEEN)).count(squeezed(text)) if text else 0
    found += [f"shows it {seen} times, not {look.times}"] if seen < look.times else []
    return [f"{look.who or 'anybody'} at {look.path}, {text!r}: {fault}" for fault in found]


def test_no_letter_runs_what_people_wrote(minefield: Minefield, browser: Browser) -> None:
    # A letter has no policy of ours around it: whatever could run, would.
    guard = Guard.of(browser.new_context())
    faults, shown = [], dict.fromkeys((plot.text for plot in minefield.plots), 0)
    for letter in {one.html: one for one in minefield.mailbox.letters}.values():
        assert letter.subject.splitlines() == [letter.subject]
        guard.page.set_content(letter.html)
        faults += [f"{letter.subject}: {fault}" for fault in guard.faults("", letter=True)]
        seen = squeezed(guard.page.evaluate(SEEN))
        shown = {text: count + (squeezed(text) in seen) for text, count in shown.items()}
    guard.page.context.close()
    assert faults == []
    assert min(shown.values()) > 10, shown


def test_feeds_and_the_api_carry_it_as_text(minefield: Minefield, browser: Browser) -> None:
    guard = Guard.of(browser.new_context(locale="en"))
    # What is no page of ours names no icon, and Chromium asks for the usual one.
    guard.page.context.route("**/favicon.ico", lambda route: route.fulfill(status=204))
    faults = []
    # The feed of all projects holds the newest ones alone.
    older = minefield.plots[:-9]
    for plot in minefield.plots:
        for path in machine_read(plot):
            answer = guard.page.goto(minefield.url + path)
            assert answer is not None and answer.headers["x-content-type-options"] == "nosniff"
            seen = squeezed(texts_of(answer.headers, answer.body()))
            assert squeezed(plot.text) in seen or (path == NEWEST and plot in older), path
            faults += [f"{path}: {fault}" for fault in guard.faults(minefield.url[7:])]
    guard.page.context.close()
    assert faults == []


def machine_read(plot: Plot) -> Iterator[str]:
    slug = plot.slugs["public"]
    yield f"/projects/{slug}/updates.atom?lang=en"
    yield NEWEST
    yield f"/api/v1/projects/{slug}?lang=en"
    yield f"/api/v1/projects/{slug}/updates?lang=ky"
    yield f"/api/v1/projects?theme={plot.theme}"


def texts_of(headers: dict[str, str], body: bytes) -> str:
    """Return the texts of a feed or of an answer of the API; it has to be a good one."""
    kind = headers["content-type"].partition(";")[0]
    if kind == "application/json":
        return "\n".join(strings(json.loads(body)))
    assert kind == "application/atom+xml"
    feed = ET.fromstring(body)  # noqa: S314 - our own feed
    assert {one.tag.partition("}")[0] for one in feed.iter()} == {"{http://www.w3.org/2005/Atom"}
    return "\n".join(feed.itertext())


def strings(value: Any) -> Iterator[str]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inner:
        yield from strings(one)
    if isinstance(value, str):
        yield value


def test_the_page_of_an_account_shows_its_name_as_text(
    minefield: Minefield, browser: Browser
) -> None:
    guard = Guard.of(browser.new_context(locale="en"))
    password, email = "tunduk over the yurt", "account@example.org"
    with minefield.site.app_context():
        minefield.site.extensions["ashar_accounts"].create(email, password)
    visitor = Account(minefield.site.test_client())
    visitor.sign_in(email, password)
    cookie = visitor.client.get_cookie("ashar_session")
    assert cookie is not None
    jar = {"name": cookie.key, "value": cookie.value, "url": minefield.url}
    guard.page.context.add_cookies([jar])
    faults = []
    for plot in minefield.plots:
        with minefield.site.app_context(), db.transaction() as session:
            session.query(User).filter_by(email=email).one().name = plot.text
        faults += opened(guard, minefield.url, Look("", "/account"), plot.text)
    guard.page.context.close()
    assert faults == []


@pytest.mark.parametrize("policed", [True, False], ids=["with our policy", "without"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_page_that_did_not_escape_would_be_noticed(
    site: Flask, browser: Browser, policed: bool
) -> None:
    careless(site, "ashar/projects/show.html", "<h1>{{ project.title", "<h1>{{ project.title|safe")
    context = browser.new_context(locale="en", bypass_csp=not policed)
    guard = Guard.of(context)
    with site.app_context():
        for number, text in enumerate(TEXTS[:25]):
            words = {"ky": Words(text, "Суу.", "Суу.")}
            make_project(f"careless-{number}", words=words)
    with listening(site) as url:
        for number in (0, 1, 4, 15, 17, 18, 23, 24):
            look = Look("", f"/projects/careless-{number}", 0)
            assert opened(guard, url, look, TEXTS[number]), TEXTS[number]
        # And where nothing hostile stands, there is nothing to notice.
        assert opened(guard, url, Look("", "/projects", 0), "") == []
    context.close()


def careless(site: Flask, name: str, right: str, wrong: str) -> None:
    """Let one template of a test's site forget to escape a text."""
    source = (paths.TEMPLATES / name).read_text(encoding="utf-8")
    assert right in source
    site.jinja_loader = DictLoader({name: source.replace(right, wrong)})
