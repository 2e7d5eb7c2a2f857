"""Cash in a browser: a slip on the collector's phone, handed in, counted by somebody else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from ashar.gateways import cash
from ashar.kernel import db
from ashar.kernel.db import session
from ashar.people import services
from ashar.people.models import Person
from ashar.pledges import remittances
from ashar.pledges.models import Pledge
from ashar.projects import queries as projects
from tests.factories import make_collector, make_partner, make_person
from tests.golden import assert_book
from tests.journeys.conftest import Visit
from tests.journeys.minefield import sign_in_by_header
from tests.journeys.stage import Stage
from tests.journeys.test_pages import AXE, CHECK, NOT_CONTRAST
from tests.journeys.visitor import DESK, PHONE, Visitor

pytestmark = pytest.mark.browser

PROJECT = "batken-dry-rice"
SHOTS = Path(__file__).resolve().parents[1] / "screenshots"
PAPER = {"name": "signed.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 signed"}
NUMBERS = [cash.number_of(serial) for serial in (1, 2)]


@pytest.fixture
def bazaar(stage: Stage) -> Iterator[Stage]:
    """Have a collector with a book of slips, a partner with its clerk, a treasurer."""
    with stage.site.app_context():
        found = projects.by_slug(PROJECT)
        assert found is not None
        make_partner("village", [found.id])
        make_collector("batken-1", make_person("aibek"), slips=20)
        make_person("kassa", "treasurer")
        make_person("boss", "administrator")
        session.rollback()
    sign_in_by_header(stage.site, {})
    yield stage


def as_(visit: Visit, who: str, language: str, device: dict[str, object] = PHONE) -> Visitor:
    """Let somebody of the house come."""
    headers = {"X-Who": who} if who else {}
    return visit(locale=language, bypass_csp=True, extra_http_headers=headers, **device)


def looked_at(page: Page, name: str) -> None:
    """Take a picture, and hold the page against axe and the screen's width."""
    page.screenshot(path=SHOTS / f"cash-{name}.png", full_page=True)
    page.evaluate(AXE)
    assert page.evaluate(CHECK, NOT_CONTRAST) == [], name
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), name


def write(visitor: Visitor, stage: Stage, amount: str, code: str = "") -> None:
    """Write the next slip, for a walk-in or for a pledge's code."""
    page = visitor.page
    visitor.go(f"{stage.url}/collect/new")
    page.locator("[name=amount]").fill(amount)
    if code:
        page.locator("[name=code]").fill(code)
    else:
        page.locator("[name=project]").select_option(PROJECT)
        page.locator("[name=name]").fill("Айгүл")
        page.locator("[name=contact]").fill("0700 123 456")
    looked_at(page, "slip")
    page.locator("main form button[type=submit]").click()
    expect(page.locator("p.next[role=status]")).to_be_visible()


def test_a_slip_from_the_bazaar_to_the_bar(bazaar: Stage, visit: Visit) -> None:
    donor = visit(locale="ru", **PHONE)
    page = donor.page
    donor.go(f"{bazaar.url}/projects/{PROJECT}/pledge?lang=ru")
    page.locator("[name=amount]").fill("1000")
    page.locator("[name=currency]").select_option("KGS")
    page.locator("[name=country]").select_option("KG")
    page.locator("[name=method][value=cash]").check()
    page.locator("[name=phone]").fill("+996 555 123 456")
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(f"{bazaar.url}/pledges/*")
    here = page.url
    code = page.locator("dl.copies dd").last.inner_text()
    expect(page.locator("img.scan")).to_be_visible()
    looked_at(page, "pledge")

    collector = as_(visit, "aibek", "ru")
    write(collector, bazaar, "1000", code)
    write(collector, bazaar, "2500")
    looked_at(collector.page, "desk")
    stranger = visit(locale="ru", bypass_csp=True, **PHONE)
    stranger.go(f"{bazaar.url}/slips/{NUMBERS[0]}?sum=1000&currency=KGS")
    expect(stranger.page.locator(".outcome h1")).to_contain_text("У сборщика с")
    expect(stranger.page.locator("p[role=status] .tone-good")).to_be_visible()
    assert "Айгүл" not in stranger.page.content()
    looked_at(stranger.page, "public")
    donor.go(here)
    expect(page.locator(".outcome h1")).to_contain_text("у сборщика")
    looked_at(page, "held")

    page = collector.page
    collector.go(f"{bazaar.url}/collect/hand-in")
    page.locator("[name=account]").check()
    page.locator("[name=amount]").fill("3450")
    looked_at(page, "hand-in")
    page.locator("main form button[type=submit]").click()
    expect(page.locator("p.next[role=status]")).to_be_visible()
    counted(visit, bazaar)
    bazaar.calm()

    stranger.go(f"{bazaar.url}/slips/{NUMBERS[0]}")
    expect(stranger.page.locator(".outcome .tone-good")).to_be_visible()
    donor.go(here)
    expect(donor.page.locator(".outcome .tone-good")).to_be_visible()
    with bazaar.site.app_context():
        assert_book("cash")
    for visitor in (donor, collector, stranger):
        visitor.met_only(bazaar.url)


def counted(visit: Visit, stage: Stage) -> None:
    """Count what was handed in: fifty som are missing."""
    visitor = as_(visit, "kassa", "ru", DESK)
    page = visitor.page
    visitor.go(f"{stage.url}/treasury")
    page.locator("main a[href*='/treasury/cash']").click()
    looked_at(page, "waiting")
    page.locator("main .rows a").first.click()
    page.locator("[name=amount]").fill("3450")
    page.locator("[name=reason]").fill("Одной купюры не хватало")
    page.locator("[name=proof]").set_input_files([PAPER])  # type: ignore[list-item]
    looked_at(page, "count")
    page.locator("form[enctype] button[type=submit]").click()
    expect(page.locator("p.next[role=status]")).to_be_visible()
    looked_at(page, "counted")
    visitor.met_only(stage.url)


def test_axe_objects_to_nothing_on_the_other_pages(bazaar: Stage, visit: Visit) -> None:
    with bazaar.site.app_context():
        make_person("clerk")
        with db.transaction() as writing:
            person = writing.scalars(select(Person).where(Person.name == "Clerk")).one()
            services.give_role(person, "partner", "village")
    donor = visit(locale="de", bypass_csp=True, **PHONE)
    page = donor.page
    donor.go(f"{bazaar.url}/projects/{PROJECT}/pledge?lang=de")
    page.locator("[name=amount]").fill("5000")
    page.locator("[name=currency]").select_option("KGS")
    page.locator("[name=country]").select_option("RU")
    page.locator("[name=method][value=partner]").check()
    page.locator("[name=phone]").fill("+7 912 345 67 89")
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(f"{bazaar.url}/pledges/*")
    looked_at(page, "partner-pledge")
    page.locator("a[href*='/sent']").click()
    page.locator("[name=control]").fill("123-456-789")
    looked_at(page, "partner-sent")
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(f"{bazaar.url}/pledges/*")
    with bazaar.site.app_context():
        pledge = session.scalars(select(Pledge)).one()
        told = remittances.of_pledge(pledge.id)[0].token
        session.rollback()
    for who, paths in {
        "clerk": ("/partner", f"/partner/record?told={told}", "/partner/record"),
        "boss": (
            *("/admin/collectors", "/admin/collectors/new", "/admin/collectors/batken-1"),
            *("/admin/partners", "/admin/partners/village", "/admin/partners/new"),
            "/admin/partners/village/agreement",
        ),
        "kassa": ("/treasury/remittances", f"/treasury/remittances/{told}"),
        "aibek": ("/collect/void",),
    }.items():
        visitor = as_(visit, who, "ky", PHONE if who != "boss" else DESK)
        for path in paths:
            visitor.go(f"{bazaar.url}{path}")
            name = path.partition("?")[0].strip("/").replace("/", "-").replace(told, "one")
            looked_at(visitor.page, f"{who}-{name}")
