"""Money that goes back, in a browser: the treasurer orders it, the donor says where, a second
person agrees, the bank gets its order; and a dispute is answered.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ashar.gateways import bank
from ashar.kernel import clock, db
from ashar.kernel.money import Money
from ashar.pledges import tasks
from ashar.pledges.models import Payment
from ashar.projects import queries as projects
from tests.factories import make_account, make_person, make_transfer
from tests.golden import assert_book
from tests.journeys.conftest import Visit
from tests.journeys.minefield import sign_in_by_header
from tests.journeys.stage import Stage
from tests.journeys.test_pages import AXE, CHECK, NOT_CONTRAST
from tests.journeys.visitor import DESK, PHONE, Visitor

pytestmark = pytest.mark.browser

PROJECT = "batken-dry-rice"
IBAN = "DE89 3704 0044 0532 0130 00"
SHOTS = Path(__file__).resolve().parents[1] / "screenshots"
PROOF = {"name": "line.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 a line"}


@pytest.fixture
def office(stage: Stage) -> Iterator[Stage]:
    """Have an account in francs, a treasurer, an administrator, and a transfer that came."""
    with stage.site.app_context():
        make_account("CHF")
        make_person("kassa", "treasurer")
        make_person("boss", "administrator")
        found = projects.by_slug(PROJECT)
        assert found is not None
        made = make_transfer(found.id)
        with db.transaction():
            made.language, made.name = "ky", "Айгүл"
        money, at = Money(5000, "CHF"), clock.now()
        about = {"reference": str(made.reference), "account": "chf", "line": "line-1"}
        tasks.take_in("bank", bank.fact(money=money, on=at, **about))
        db.session.rollback()
    sign_in_by_header(stage.site, {})
    stage.calm()
    yield stage


def at_desk(visit: Visit, who: str, language: str = "de", **device: object) -> Visitor:
    return visit(
        locale=language, bypass_csp=True, extra_http_headers={"X-Who": who}, **(device or DESK)
    )


def look(page: Page, name: str) -> list[str]:
    """Take a picture, and return what axe objects to, or what is too wide."""
    page.screenshot(path=SHOTS / f"refunds-{name}.png", full_page=True)
    page.evaluate(AXE)
    faults = [f"{name}: {fault}" for fault in page.evaluate(CHECK, NOT_CONTRAST)]
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return faults + ([f"{name}: wide"] if wide else [])


def test_a_gift_goes_back_to_an_account_that_its_donor_names(office: Stage, visit: Visit) -> None:
    kassa, faults = at_desk(visit, "kassa"), []
    page = kassa.page
    kassa.go(f"{office.url}/treasury?lang=de")
    page.locator("main a[href*='/treasury/payments']").first.click()
    page.locator("[name=q]").fill("айгүл")
    page.locator("[role=search] button").click()
    page.locator("main a[href*='/treasury/payments/']").click()
    faults += look(page, "payment")
    page.locator("[name=amount]").fill("20")
    page.locator("[name=way][value=bank]").check()
    page.locator("[name=reason]").fill("Sie braucht es selbst.")
    page.locator("form[action$='/1'] button").click()
    page.wait_for_url("**/treasury/refunds/*")
    there = page.url
    faults += look(page, "owed")

    office.calm()
    letter = office.post.letters[-1].get_body(("plain",))
    assert letter is not None
    [link] = re.findall(rf"{office.url}/pledges/\S+/refunds/\S+", letter.get_content())
    donor = visit(locale="ky", bypass_csp=True, **PHONE)
    donor.go(link)
    faults += look(donor.page, "where-ky")
    donor.page.locator("[name=iban]").fill("DE89 3704 0044 0532 0130 01")
    donor.page.locator("[name=holder]").fill("Айгүл Өмүрова")
    donor.page.locator("main form button").click()
    expect(donor.page.locator("#iban-error")).to_be_visible()
    assert donor.page.locator("[name=holder]").input_value() == "Айгүл Өмүрова"
    # Chromium notes that the form came back with 422.
    donor.complaints.clear()
    faults += look(donor.page, "where-wrong-ky")
    donor.page.locator("[name=iban]").fill(IBAN)
    donor.page.locator("main form button").click()
    donor.page.wait_for_url("**/pledges/*")
    faults += look(donor.page, "on-its-way-ky")

    boss = at_desk(visit, "boss", "ru", **PHONE)
    boss.go(there.partition("?")[0] + "?lang=ru")
    faults += look(boss.page, "approve-ru")
    boss.page.locator("form[action*='/approve'] button").click()
    expect(boss.page.locator("p.next[role=status]")).to_be_visible()

    kassa.go(f"{office.url}/treasury/refunds?lang=de")
    faults += look(page, "ready")
    page.locator("form[action*='refund-files'] button").click()
    page.wait_for_url("**/treasury/refund-files/*")
    with page.expect_download() as saving:
        page.locator("a[href*='/treasury/papers/']").click()
    order = Path(saving.value.path()).read_text("utf-8")
    assert "Aigul Omurova" in order and IBAN.replace(" ", "") in order
    page.locator("[name=proof]").set_input_files([PROOF])  # type: ignore[list-item]
    faults += look(page, "file")
    page.locator("form[enctype] button[type=submit]").click()
    expect(page.locator("p.next[role=status]")).to_be_visible()
    office.calm()
    donor.page.reload()
    expect(donor.page.locator(".path .done").last).to_contain_text("20")
    assert "20" in str(office.post.letters[-1]["Subject"])
    faults += look(donor.page, "refunded-ky")
    with office.site.app_context():
        assert_book("refunds")
    assert faults == []
    for visitor in (kassa, boss, donor):
        visitor.met_only(office.url)


def test_a_dispute_and_a_warning_are_looked_at_on_a_phone(office: Stage, visit: Visit) -> None:
    donor = visit(locale="de", **PHONE)
    donor.go(f"{office.url}/projects/{PROJECT}/pledge")
    form = donor.page
    form.locator("[name=amount]").fill("50")
    form.locator("[name=currency]").select_option("CHF")
    form.locator("[name=country]").select_option("CH")
    form.locator("[name=method][value=card]").check()
    form.locator("[name=email]").fill("aida@example.org")
    form.locator("main form button[type=submit]").click()
    form.wait_for_url(f"{office.sandbox.url}/**")
    office.sandbox.pay(form.url.rsplit("/", 1)[-1].partition("?")[0])
    office.calm()
    with office.site.app_context():
        payment = db.session.query(Payment).order_by(Payment.id.desc()).first()
        assert payment is not None
        charge = str(payment.charge_id)
        db.session.rollback()
    office.sandbox.fraud_warning(charge)
    office.sandbox.dispute(charge)
    office.calm()
    kassa, faults = at_desk(visit, "kassa", "ky", **PHONE), []
    page = kassa.page
    kassa.go(f"{office.url}/treasury?lang=ky")
    faults += look(page, "treasury-ky")
    kassa.go(f"{office.url}/treasury/disputes?lang=ky")
    faults += look(page, "disputes-ky")
    page.locator("main a[href*='/treasury/payments/']").first.click()
    faults += look(page, "warned-ky")
    page.locator("main a[href*='/treasury/disputes/']").first.click()
    faults += look(page, "dispute-ky")
    page.locator("main form button[type=submit]").click()
    expect(page.locator("p.next[role=status]")).to_be_visible()
    office.calm()
    assert faults == []
    kassa.met_only(office.url)
