"""A receipt for the German tax office, in Kyrgyz, on a phone: asked for, opened, cancelled."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from ashar.kernel import db
from ashar.pledges import receipt_tasks
from ashar.pledges.models import Payment
from tests.factories import make_person
from tests.golden import assert_book
from tests.journeys.conftest import Visit
from tests.journeys.minefield import sign_in_by_header
from tests.journeys.stage import Stage
from tests.journeys.test_pages import AXE, CHECK, NOT_CONTRAST
from tests.journeys.visitor import DESK, PHONE, Visitor
from tests.pledges.test_receipts import say_issuer, say_tax

pytestmark = pytest.mark.browser

PROJECT = "batken-dry-rice"
SHOTS = Path(__file__).resolve().parents[1] / "screenshots"
WIDE = "document.documentElement.scrollWidth > innerWidth"


@pytest.fixture
def office(stage: Stage) -> Iterator[Stage]:
    """Have an association that Germany has exempted, and a treasurer."""
    with stage.site.app_context():
        say_issuer()
        say_tax("de")
        make_person("kassa", "treasurer")
        make_person("boss", "administrator")
    sign_in_by_header(stage.site, {})
    yield stage


def look(visitor: Visitor, name: str) -> None:
    """Hold a page to what axe asks for, and leave a picture of it."""
    page = visitor.page
    page.evaluate(AXE)
    assert page.evaluate(CHECK, NOT_CONTRAST) == [], name
    assert not page.evaluate(WIDE), name
    page.screenshot(path=SHOTS / f"receipts-{name}.png", full_page=True)


def text_of(visitor: Visitor, url: str) -> str:
    """Return the first sheet's text of a PDF that this browser may see."""
    answer = visitor.page.request.get(url)
    assert answer.ok and answer.headers["content-type"] == "application/pdf"
    with pypdfium2.PdfDocument(io.BytesIO(answer.body())) as pdf:
        page = pdf[0]
        text = page.get_textpage()
        found = " ".join(text.get_text_range().split())
        text.close()
        page.close()
    return found


def letter(office: Stage, number: int) -> str:
    plain = office.post.letters[number].get_body(("plain",))
    assert plain is not None
    return str(plain.get_content())


def credited(office: Stage) -> None:
    """Fetch the charge's balance transaction: what comes first decides in what it is booked.

    Stripe may tell of it before the charge is known here; a job would fetch it later.
    """
    office.command("reconcile")
    office.calm()
    with office.site.app_context():
        assert db.session.scalars(select(Payment.transaction_id)).one()


def test_a_receipt_from_the_form_to_the_cancelling_one(office: Stage, visit: Visit) -> None:
    visitor = visit(locale="ky", bypass_csp=True, **PHONE)
    page = visitor.page
    visitor.go(f"{office.url}/projects/{PROJECT}/pledge?lang=ky")
    page.locator("[name=amount]").fill("400")
    page.locator("[name=currency]").select_option("EUR")
    page.locator("[name=country]").select_option("DE")
    page.locator("[name=method][value=card]").check()
    page.locator("[name=email]").fill("donor@example.org")
    page.locator("details:has([name=tax_receipt]) summary").click()
    page.locator("[name=tax_receipt]").check()
    page.locator("[name=first_name]").fill("Өмүрбек")
    page.locator("[name=last_name]").fill("Жаңыбаев")
    page.locator("[name=street]").fill("Sonnenallee 100")
    page.locator("[name=postcode]").fill("12045")
    look(visitor, "form")
    page.locator("main form button[type=submit]").click()
    # The town is still to come.
    expect(page.locator("[name=city]")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[name=street]")).to_have_value("Sonnenallee 100")
    page.locator("[name=city]").fill("Berlin")
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(f"{office.sandbox.url}/**")
    page.locator("button[name=action][value=pay]").click()
    page.wait_for_url(f"{office.url}/pledges/**")
    office.calm()
    [thanks] = [letter(office, 0)]
    confirmation = re.search(r"http\S+/receipt\.pdf\S*", thanks)
    assert confirmation is not None

    stranger = visit(locale="ky", bypass_csp=True, **PHONE)
    sheet = text_of(stranger, confirmation[0])
    assert "400,00 EUR" in sheet and "Өмүрбек" not in sheet and "Sonnenallee" not in sheet
    with office.site.app_context():
        assert receipt_tasks.issue() == 1
        assert receipt_tasks.draw() == 1
    office.calm()
    link = re.search(r"http\S+key=\S+", letter(office, -1))
    assert link is not None

    donor = visit(locale="ky", bypass_csp=True, **PHONE)
    donor.go(link[0])
    assert "Sonnenallee" not in donor.page.content()
    look(donor, "closed")
    donor.page.locator("main form button[type=submit]").first.click()
    expect(donor.page.locator("[name=street]")).to_have_value("Sonnenallee 100")
    look(donor, "open")
    paper = donor.page.locator("main a[href*='/receipts/DE-']").get_attribute("href")
    sheet = text_of(donor, f"{office.url}{paper}")
    assert "Өмүрбек Жаңыбаев" in sheet and "Vierhundert Euro" in sheet

    kassa = visit(locale="ky", bypass_csp=True, extra_http_headers={"X-Who": "kassa"}, **DESK)
    kassa.go(f"{office.url}/treasury")
    kassa.page.locator("main a[href$='/treasury/receipts']").click()
    look(kassa, "list")
    kassa.page.locator("main a[href*='/receipts/DE-']").click()
    expect(kassa.page.locator("main a[href*='/treasury/papers/']")).to_be_visible()
    look(kassa, "one")

    [(token, _, _)] = office.pledges()
    credited(office)
    office.command("refund", token)
    office.calm()
    assert "key=" in letter(office, -1) + letter(office, -2)
    donor.page.reload()
    expect(donor.page.locator("main .state.tone-bad")).to_have_count(1)
    expect(donor.page.locator("main a[href*='/receipts/DE-']")).to_have_count(2)
    look(donor, "cancelled")
    with office.site.app_context():
        assert_book("receipts")
    for one in (donor, stranger, kassa):
        one.met_only(office.url)


def test_the_desks_of_receipts_please_axe_in_every_language(office: Stage, visit: Visit) -> None:
    for language, device in (("de", PHONE), ("en", DESK), ("ru", PHONE)):
        headers = {"X-Who": "boss"}
        visitor = visit(locale=language, bypass_csp=True, extra_http_headers=headers, **device)
        for path in ("/treasury/receipts", "/admin/lists/receipts", "/admin/lists/receipts/de",
                     "/admin/lists/receipts/association"):  # fmt: skip
            visitor.go(f"{office.url}{path}?lang={language}")
            look(visitor, f"desk{path.replace('/', '-')}-{language}")
