"""Every page, looked at: by axe, in each language, on a phone and at a desk, light and dark."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page

from ashar.demo.people import DONOR, PEOPLE
from ashar.kernel import limits
from tests.journeys.conftest import Exhibition

pytestmark = pytest.mark.browser

HERE = Path(__file__).resolve().parents[1]
AXE = (HERE / "vendor/axe/axe.min.js").read_text(encoding="utf-8")
SHOTS = HERE / "screenshots"
LANGUAGES = ("ky", "ru", "en", "de")
PHONE, DESK, NARROW = 390, 1280, 320
HEIGHTS = {PHONE: 844, DESK: 800, NARROW: 640}
#: Languages whose desk is looked at: the shortest words and the longest.
AT_A_DESK = ("ky", "de")
#: Which pictures are kept for somebody to look at: language → (width, theme).
KEPT = {"ky": ((PHONE, "light"), (DESK, "dark")), "en": ((DESK, "light"), (PHONE, "dark"))}

#: Pages that the map of addresses does not name by itself.
EXAMPLES = {
    "project": "/projects/batken-dry-rice",
    "project-of-tourism": "/projects/naryn-community-tourism",
    "project-closed": "/projects/closed",
    "project-bare": "/projects/bare",
    "listing-filtered": "/projects?region=KG-B&theme=agriculture",
    "listing-empty": "/projects?q=nowhere",
    "pledge-form": "/projects/batken-dry-rice/pledge",
    "pledge-form-begun": "/projects/batken-dry-rice/pledge?amount=50&currency=CHF",
    "pledge-form-closed": "/projects/closed/pledge",
    "updates": "/projects/batken-dry-rice/updates",
    "updates-none": "/projects/closed/updates",
    "comment-stranger": "/projects/batken-dry-rice/comment",
    "report-form": "/report?project=batken-dry-rice",
    "imprint": "/legal/imprint",
    "privacy": "/legal/privacy",
    "terms": "/legal/terms",
    "not-found": "/projects/nothing-here",
    "nowhere": "/nothing-here",
}
STRUCTURE = """() => ({
    title: document.title.trim(),
    headings: document.querySelectorAll("h1").length,
    language: document.documentElement.lang,
})"""
WIDER = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
CHECK = """async (options) => (await axe.run(document, options)).violations.map(
    (found) => `${found.id}: ${found.nodes.map((node) => node.target.join(" ")).join(", ")}`)"""
ALL: dict[str, Any] = {"resultTypes": ["violations"]}
CONTRAST = ALL | {"runOnly": ["color-contrast"]}
NOT_CONTRAST = ALL | {"rules": {"color-contrast": {"enabled": False}}}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_has_anything_that_axe_objects_to(
    exhibition: Exhibition, browser: Browser, language: str
) -> None:
    found: list[str] = []
    for context, pages in walks(exhibition, browser, language):
        page = context.new_page()
        for name, path in pages.items():
            page.goto(exhibition.url + path)
            found += [f"{name}: {fault}" for fault in look(page, name, language)]
        found += special(page, exhibition, language) if "not-found" in pages else []
        context.close()
    assert found == []


def walks(
    exhibition: Exhibition, browser: Browser, language: str
) -> Iterator[tuple[BrowserContext, dict[str, str]]]:
    """Yield a stranger's browser and a donor's, with what each goes to see."""
    open_pages, own_pages = mapped(exhibition.site)
    yield arrive(browser, language), open_pages | EXAMPLES | exhibition.pledges
    own_pages |= {"comment": "/projects/batken-dry-rice/comment"}
    donor = arrive(browser, language)
    sign_in(donor, exhibition)
    yield donor, {f"own-{name}": f"{path}?lang={language}" for name, path in own_pages.items()}


def arrive(browser: Browser, language: str) -> BrowserContext:
    """Open a browser whose policy lets axe in."""
    size = {"width": PHONE, "height": HEIGHTS[PHONE]}
    return browser.new_context(
        locale=language, viewport=size, bypass_csp=True, reduced_motion="reduce"
    )


def mapped(site: Flask) -> tuple[dict[str, str], dict[str, str]]:
    """Return the pages without parameters: for everybody, and for whoever has an account."""
    open_pages, own_pages = {}, {}
    for rule in site.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.arguments or not is_page(site, rule.rule):
            continue
        access = getattr(site.view_functions[rule.endpoint], "ashar_access", None)
        name = rule.rule.strip("/").replace("/", "-") or "home"
        if access == "public":
            open_pages[name] = rule.rule
        elif access == "signed-in":
            own_pages[name] = rule.rule
    return open_pages, own_pages | {"sign-out": "/sign-out"}


def is_page(site: Flask, path: str) -> bool:
    """Tell whether an address leads to a page, rather than to data."""
    answer = site.test_client().get(path, buffered=True)
    return answer.mimetype == "text/html"


def sign_in(context: BrowserContext, exhibition: Exhibition) -> None:
    """Sign in as the sample donor."""
    page = context.new_page()
    page.goto(f"{exhibition.url}/sign-in")
    page.locator("[name=email]").fill(DONOR)
    page.locator("[name=password]").fill(next(p.password for p in PEOPLE if p.email == DONOR))
    page.locator("main form button[type=submit], main form input[type=submit]").first.click()
    page.wait_for_url("**/account*")
    page.close()


def look(page: Page, name: str, language: str) -> list[str]:
    """Look at a page in both themes and three widths; return what is wrong with it.

    Contrast is the same in every language, so one of them stands for all.
    """
    page.emulate_media(color_scheme="light")
    found = bones(page, language)
    page.evaluate(AXE)
    found += page.evaluate(CHECK, ALL if language == LANGUAGES[0] else NOT_CONTRAST)
    keep(page, name, language, PHONE, "light")
    resize(page, NARROW)
    found += [f"wider than {NARROW}"] if page.evaluate(WIDER) else []
    resize(page, DESK)
    if language in AT_A_DESK:
        found += [f"desk {fault}" for fault in page.evaluate(CHECK, NOT_CONTRAST)]
    keep(page, name, language, DESK, "light")
    page.emulate_media(color_scheme="dark")
    keep(page, name, language, DESK, "dark")
    resize(page, PHONE)
    keep(page, name, language, PHONE, "dark")
    if language == LANGUAGES[0]:
        found += [f"dark {fault}" for fault in page.evaluate(CHECK, CONTRAST)]
    return found


def bones(page: Page, language: str) -> list[str]:
    """Check a page's title, headline, language and width."""
    found = page.evaluate(STRUCTURE)
    faults = [] if found["title"] else ["no title"]
    faults += [] if found["headings"] == 1 else [f"{found['headings']} headlines"]
    faults += [] if found["language"] == language else [f"speaks {found['language']}"]
    return faults + ([f"wider than {PHONE}"] if page.evaluate(WIDER) else [])


def resize(page: Page, width: int) -> None:
    """Turn a phone into a desk, and back."""
    page.set_viewport_size({"width": width, "height": HEIGHTS[width]})


def keep(page: Page, name: str, language: str, width: int, theme: str) -> None:
    """Keep a picture, where one is wanted."""
    if (width, theme) in KEPT.get(language, ()):
        path = SHOTS / f"{name}-{language}-{width}-{theme}.png"
        page.screenshot(path=path, full_page=True)


def special(page: Page, exhibition: Exhibition, language: str) -> list[str]:
    """Look at pages that only a form or haste leads to."""
    page.goto(f"{exhibition.url}/projects/batken-dry-rice/pledge")
    page.locator("[name=amount]").fill("-")
    page.locator("[name=email]").fill("nobody")
    page.locator("[name=country]").select_option("RU")
    page.locator("main form").evaluate("(form) => { form.noValidate = true; }")
    page.locator("main form button[type=submit]").click()
    page.locator(".errors").wait_for()
    found = [f"form with errors: {fault}" for fault in look(page, "form-errors", language)]
    with hurried(exhibition.site):
        while (answer := page.goto(f"{exhibition.url}/projects")) and answer.status == 200:
            pass
        assert answer is not None and answer.status == 429
    return found + [f"too many: {fault}" for fault in look(page, "too-many", language)]


@contextmanager
def hurried(site: Flask) -> Iterator[None]:
    """Let the site find one look at the listing a minute enough."""
    before = limits.RULES["search"]
    limits.RULES["search"], site.config["ASHAR_RATELIMIT_ENABLED"] = "1/minute", True
    try:
        yield
    finally:
        limits.RULES["search"], site.config["ASHAR_RATELIMIT_ENABLED"] = before, False
