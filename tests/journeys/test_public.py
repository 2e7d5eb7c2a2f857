"""What holds for pages that are for everybody: kept by caches, no cookie, every language."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.journeys.conftest import Exhibition, Visit
from tests.journeys.visitor import PHONE

LANGUAGES = ("ky", "ru", "en", "de")
KEPT = ("/", "/projects", "/projects?region=KG-B", "/projects/batken-dry-rice", "/legal/privacy")
PAGES = (*KEPT, "/projects?q=nowhere", "/projects/batken-dry-rice/pledge", "/sign-in", "/register")


def with_api(site: Flask) -> list[str]:
    """Return the addresses that caches may keep, the API's with them."""
    rules = {rule.rule for rule in site.url_map.iter_rules()}
    wanted = ("/api/v1/projects", "/api/v1/projects/<slug>", "/api/v1/regions")
    found = [rule.replace("<slug>", "batken-dry-rice") for rule in wanted if rule in rules]
    return [*KEPT, *found]


@pytest.fixture
def stranger(exhibition: Exhibition) -> FlaskClient:
    return exhibition.site.test_client()


def read(client: FlaskClient, path: str, **headers: str) -> TestResponse:
    return client.get(path, headers=headers, buffered=True)


def test_reading_sets_no_cookie_and_an_unchanged_page_is_not_sent_twice(
    exhibition: Exhibition, stranger: FlaskClient
) -> None:
    for path in with_api(exhibition.site):
        first = read(stranger, path)
        assert first.status_code == 200
        assert "Set-Cookie" not in first.headers, path
        assert "no-store" not in first.headers["Cache-Control"], path
        assert "Cookie" not in first.vary, path
        again = read(stranger, path, **{"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b""), path


def test_every_page_speaks_the_language_that_its_address_asks_for(stranger: FlaskClient) -> None:
    for path in PAGES:
        for language in LANGUAGES:
            asked = f"{path}{'&' if '?' in path else '?'}lang={language}"
            page = read(stranger, asked, **{"Accept-Language": "fr"})
            assert page.status_code == 200
            assert f'<html lang="{language}">' in page.text, asked


def test_links_keep_the_language_that_was_asked_for(stranger: FlaskClient) -> None:
    page = read(stranger, "/projects/batken-dry-rice?lang=de", **{"Accept-Language": "ky"})
    inner = re.findall(r'<a[^>]*href="(/[^"#]*)"', page.text)
    assert inner and [link for link in inner if "lang=" not in link] == []


def test_a_page_loads_nothing_from_elsewhere_and_carries_no_inline_code(
    exhibition: Exhibition, stranger: FlaskClient
) -> None:
    for path in (*PAGES, *exhibition.pledges.values()):
        text = read(stranger, path).text
        loaded = re.findall(r'<(?:script|img|link|source|iframe)[^>]*(?:src|href)="([^"]+)"', text)
        elsewhere = [url for url in loaded if not url.startswith(("/", exhibition.url))]
        assert elsewhere == [], path
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), path
        assert not re.search(r"<[^>]+\s(?:style|on[a-z]+)=", text), path


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_the_browser_has_nothing_to_complain_of_and_asks_nobody_else(
    exhibition: Exhibition, visit: Visit, script: bool
) -> None:
    visitor = visit(locale="ky", java_script_enabled=script, **PHONE)
    for path in (*PAGES, *exhibition.pledges.values()):
        visitor.go(exhibition.url + path)
    visitor.met_only(exhibition.url)


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_the_menu_changes_the_language(exhibition: Exhibition, visit: Visit, script: bool) -> None:
    visitor = visit(locale="ky", java_script_enabled=script, **PHONE)
    visitor.go(f"{exhibition.url}/projects?region=KG-B")
    visitor.page.locator("header details.menu summary").first.click()
    visitor.page.locator('header a[hreflang="de"]').click()
    visitor.page.wait_for_url("**lang=de*")
    assert "region=KG-B" in visitor.page.url
    assert visitor.page.locator("html").get_attribute("lang") == "de"


@pytest.mark.browser
def test_everything_on_a_project_page_can_be_reached_by_keyboard(
    exhibition: Exhibition, visit: Visit
) -> None:
    visitor = visit(locale="en", viewport={"width": 1280, "height": 800})
    visitor.go(f"{exhibition.url}/projects/batken-dry-rice")
    page = visitor.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.getAttribute('href') || ''"))
    assert any("/batken-dry-rice/pledge" in link for link in reached)
