"""A bank transfer in a browser: its codes read as a phone reads them, then entered with a proof."""

import io
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from ashar.kernel import db
from ashar.pledges import queries
from tests.factories import make_account, make_person
from tests.journeys.conftest import Visit
from tests.journeys.minefield import sign_in_by_header
from tests.journeys.stage import Stage
from tests.journeys.test_pages import AXE, CHECK, NOT_CONTRAST
from tests.journeys.test_story import shown, tells
from tests.journeys.visitor import DESK, PHONE, Visitor

pytestmark = pytest.mark.browser

PROJECT = "batken-dry-rice"
SHOTS = Path(__file__).resolve().parents[1] / "screenshots"


@pytest.fixture
def office(stage: Stage) -> Iterator[Stage]:
    """Have an account in francs and one in euros, and a treasurer."""
    with stage.site.app_context():
        make_account("CHF")
        make_account("EUR")
        make_person("kassa", "treasurer")
    sign_in_by_header(stage.site, {})
    yield stage


def pledge(visitor: Visitor, stage: Stage, currency: str, country: str) -> None:
    """Fill in the form."""
    page = visitor.page
    visitor.go(f"{stage.url}/projects/{PROJECT}/pledge")
    page.locator("[name=amount]").fill("50")
    page.locator("[name=currency]").select_option(currency)
    page.locator("[name=country]").select_option(country)
    page.locator("[name=method][value=bank]").check()
    page.locator("[name=email]").fill("donor@example.org")
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(f"{stage.url}/pledges/*")


def scanned(page: Page) -> list[str]:
    """Hold another phone's camera to the page."""
    [code] = zxingcpp.read_barcodes(Image.open(io.BytesIO(page.locator("img.scan").screenshot())))
    return code.text.replace("\r\n", "\n").split("\n")


@pytest.mark.parametrize(
    ("language", "currency", "country", "script"),
    [("de", "EUR", "DE", True), ("ky", "CHF", "CH", True), ("de", "CHF", "CH", False)],
)
def test_a_transfer_from_the_form_to_the_bar(
    office: Stage, visit: Visit, language: str, currency: str, country: str, script: bool
) -> None:
    visitor = visit(locale=language, java_script_enabled=script, **PHONE)
    page = visitor.page
    pledge(visitor, office, currency, country)
    reference = str(page.locator("[data-reference]").get_attribute("data-reference"))
    told = scanned(page)
    assert reference in told
    if currency == "EUR":
        assert told[:4] == ["BCD", "002", "1", "SCT"]
        assert told[6:] == ["DE89370400440532013000", "EUR50", "", reference]
    else:
        assert told[0] == "SPC" and told[18:20] == ["50.00", "CHF"]
        link = page.locator("a[href*='qr-bill.pdf']").get_attribute("href")
        bill = page.request.get(f"{office.url}{link}")
        assert bill.ok and bill.body().startswith(b"%PDF")
    page.screenshot(path=SHOTS / f"transfer-{language}-{currency}.png", full_page=True)
    here = page.url
    office.calm()
    [letter] = office.post.letters
    plain = letter.get_body(("plain",))
    assert plain is not None and reference in plain.get_content().replace(" ", "")
    assert f"{office.url}/pledges/" in plain.get_content()

    entered(visit, office, reference, currency)
    office.calm()
    visitor.go(here)
    expect(page.locator(".outcome .tone-good")).to_be_visible()
    assert page.locator("img.scan").count() == 0
    if currency == "CHF":
        page.locator(f'.card a[href*="{PROJECT}"]').click()
        assert shown(page) == (25, Decimal(50))
        tells(office, visitor, Decimal(50))
    assert len(office.post.letters) == 2
    assert office.command("check").count("FAIL") == 0
    visitor.met_only(office.url)


def entered(visit: Visit, stage: Stage, reference: str, currency: str) -> None:
    """Enter what came, at a desk in English."""
    visitor = visit(locale="en", bypass_csp=True, extra_http_headers={"X-Who": "kassa"}, **DESK)
    page = visitor.page
    visitor.go(f"{stage.url}/treasury")
    page.get_by_role("link", name="All transfers").click()
    page.locator("[name=q]").fill(reference.lower())
    page.locator("[role=search] button").click()
    page.locator(f'main a[href*="{reference}"]').click()
    page.wait_for_url(f"**/treasury/transfers/{reference}*")
    page.locator("[name=account]").select_option(currency.lower())
    page.locator("[name=amount]").fill("50.00")
    proof = {"name": "line.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 a line"}
    page.locator("[name=proof]").set_input_files([proof])  # type: ignore[list-item]
    page.locator("main form[enctype] button[type=submit]").click()
    expect(page.locator("p.next[role=status]")).to_be_visible()
    expect(page.locator("main a[href*='/treasury/papers/']")).to_be_visible()
    visitor.met_only(stage.url)


def test_axe_objects_to_nothing_on_the_treasurers_pages(office: Stage, visit: Visit) -> None:
    donor = visit(locale="en", **DESK)
    pledge(donor, office, "CHF", "CH")
    with office.site.app_context():
        make_person("boss", "administrator")
        token = re.sub(r".*/", "", donor.page.url.partition("?")[0])
        found = queries.by_token(token)
        assert found is not None
        reference = found.reference
        db.session.rollback()
    faults: list[str] = []
    for language, device in (("ky", PHONE), ("en", DESK), ("de", PHONE)):
        for who in ("kassa", "boss"):
            headers = {"X-Who": who}
            visitor = visit(locale=language, bypass_csp=True, extra_http_headers=headers, **device)
            pages = ("", "/accounts", "/accounts/chf", "/transfers", f"/transfers/{reference}")
            for path in (*pages, *(["/accounts/new"] if who == "boss" else [])):
                visitor.go(f"{office.url}/treasury{path}?lang={language}")
                visitor.page.evaluate(AXE)
                found_here = visitor.page.evaluate(CHECK, NOT_CONTRAST)
                faults += [f"{path} {language}: {fault}" for fault in found_here]
                wide = "document.documentElement.scrollWidth > innerWidth"
                faults += [f"{path} {language}: wide"] if visitor.page.evaluate(wide) else []
                name = f"treasury{path.replace('/', '-')}-{language}-{who}".replace(
                    str(reference), "one"
                )
                if who == "boss":
                    visitor.page.screenshot(path=SHOTS / f"{name}.png", full_page=True)
    assert faults == []
