"""A matched gift in a browser: a pool is made and paid into, a gift doubled, and given back."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.factories import make_account, make_person
from tests.golden import assert_book
from tests.journeys.conftest import Visit
from tests.journeys.minefield import sign_in_by_header
from tests.journeys.stage import Stage
from tests.journeys.test_pages import ALL, AXE, CHECK
from tests.journeys.test_story import fill, shown, tells
from tests.journeys.visitor import DESK, PHONE, Visitor

pytestmark = pytest.mark.browser

PROJECT = "batken-dry-rice"
SHOTS = Path(__file__).resolve().parents[1] / "screenshots"


@pytest.fixture
def office(stage: Stage) -> Iterator[Stage]:
    """Have an account in francs, an administrator and a treasurer."""
    with stage.site.app_context():
        make_account("CHF")
        make_person("boss", "administrator")
        make_person("kassa", "treasurer")
    sign_in_by_header(stage.site, {})
    SHOTS.mkdir(exist_ok=True)
    yield stage


def test_a_gift_is_matched_and_given_back(office: Stage, visit: Visit) -> None:
    visitor = visit(locale="en", **PHONE)
    page = visitor.page
    boss = visit(locale="en", bypass_csp=True, extra_http_headers={"X-Who": "boss"}, **PHONE)
    pool_is_made(boss, office)
    kassa = visit(locale="en", bypass_csp=True, extra_http_headers={"X-Who": "kassa"}, **DESK)
    paid_in(kassa, office)

    visitor.go(f"{office.url}/projects/{PROJECT}")
    expect(page.locator(".project-sum [data-pool]")).to_contain_text(
        "Alpine Fund adds to gifts, 1:1."
    )
    page.screenshot(path=SHOTS / "matching-project.png")
    page.locator(f'a.button:not(.slim)[href*="/{PROJECT}/pledge"]').click()
    expect(page.locator("main [data-pool]")).to_contain_text("CHF 80.00 is left.")
    page.screenshot(path=SHOTS / "matching-form.png", full_page=True)
    fill(page)
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(f"{office.sandbox.url}/**")
    there = page.url
    [(token, _, _)] = office.pledges()
    visitor.go(f"{office.url}/pledges/{token}")
    expect(page.locator("main")).to_contain_text("Alpine Fund has set CHF 50.00 aside")
    page.screenshot(path=SHOTS / "matching-waits.png", full_page=True)
    visitor.go(there)
    page.locator("button[name=action][value=pay]").click()
    page.wait_for_url(f"{office.url}/pledges/*")
    expect(page.locator("main")).to_contain_text("Alpine Fund has added CHF 50.00 to your gift.")
    page.screenshot(path=SHOTS / "matching-added.png", full_page=True)
    page.locator(f'.card a[href*="{PROJECT}"]').click()
    assert shown(page) == (50, Decimal(100))
    expect(page.locator(".project-sum")).to_contain_text("CHF 50.00 of it was added by sponsors.")
    expect(page.locator(".project-sum [data-pool]")).to_contain_text("CHF 30.00 is left.")
    tells(office, visitor, Decimal(100))
    office.calm()

    office.command("refund", token)
    office.calm()
    visitor.go(f"{office.url}/pledges/{token}")
    expect(page.locator("main")).to_contain_text("went back when your gift went back")
    page.locator(f'.card a[href*="{PROJECT}"]').click()
    assert shown(page) == (0, Decimal(0))
    expect(page.locator(".project-sum [data-pool]")).to_contain_text("CHF 80.00 is left.")
    visitor.met_only(office.url, office.sandbox.url)
    with office.site.app_context():
        assert_book("matching")
    faults = looked_at(boss, office) + looked_at(kassa, office)
    assert faults == []


def pool_is_made(visitor: Visitor, stage: Stage) -> None:
    """Walk from the administrators' first page to a new pool, and fill it in."""
    page = visitor.page
    visitor.go(f"{stage.url}/admin")
    page.get_by_role("link", name="Matching pools").click()
    page.get_by_role("link", name="Make a pool").click()
    page.locator("[name=slug]").fill("alpine-fund")
    page.locator("[name=name_en]").fill("Alpine Fund")
    page.locator("[name=total]").fill("80")
    page.locator("main form button[type=submit]").click()
    expect(page.locator(".errors")).to_contain_text("Please name a project")
    page.screenshot(path=SHOTS / "matching-pool-errors.png", full_page=True)
    # The browser tells of the refused form.
    assert [said for said in visitor.complaints if "422" not in said] == []
    visitor.complaints.clear()
    page.locator("[name=projects]").fill(PROJECT)
    page.locator("main form button[type=submit]").click()
    expect(page.locator("p.next[role=status]")).to_have_text("Saved.")
    page.screenshot(path=SHOTS / "matching-pool.png", full_page=True)


def paid_in(visitor: Visitor, stage: Stage) -> None:
    """Enter what the sponsor has paid, with its proof."""
    page = visitor.page
    visitor.go(f"{stage.url}/treasury")
    page.get_by_role("link", name="Matching pools").click()
    page.get_by_role("link", name="Alpine Fund").click()
    page.locator("[name=amount]").fill("80.00")
    proof = {"name": "line.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 a line"}
    page.locator("[name=proof]").set_input_files([proof])  # type: ignore[list-item]
    page.locator("main form[enctype] button[type=submit]").click()
    expect(page.locator("p.next[role=status]")).to_be_visible()
    page.screenshot(path=SHOTS / "matching-treasury.png", full_page=True)


def looked_at(visitor: Visitor, stage: Stage) -> list[str]:
    """Return what axe objects to, and which pages are wider than the screen."""
    page, faults = visitor.page, []
    everywhere = ("/treasury/pools", "/treasury/pools/alpine-fund", f"/projects/{PROJECT}/pledge")
    is_boss = is_administrator(page, stage)
    admins = ("/admin/pools", "/admin/pools/new", "/admin/pools/alpine-fund") if is_boss else ()
    for language in ("ky", "de"):
        for path in (*everywhere, *admins):
            visitor.go(f"{stage.url}{path}?lang={language}")
            page.evaluate(AXE)
            faults += [f"{path} {language}: {one}" for one in page.evaluate(CHECK, ALL)]
            wide = "document.documentElement.scrollWidth > innerWidth"
            faults += [f"{path} {language}: wide"] if page.evaluate(wide) else []
            if language == "ky":
                name = path.strip("/").replace("/", "-")
                width = page.viewport_size["width"] if page.viewport_size else 0
                page.screenshot(path=SHOTS / f"matching-{name}-{width}.png", full_page=True)
    visitor.met_only(stage.url)
    return faults


def is_administrator(page: Page, stage: Stage) -> bool:
    """Tell whether the visitor may open the administrators' pages."""
    return page.request.get(f"{stage.url}/admin/pools").ok
