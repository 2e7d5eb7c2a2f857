"""Administrators' pages, looked at; and a sign-in that ends while a form is filled in."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from ashar.demo.people import DONOR, PEOPLE
from ashar.kernel import db, terms
from ashar.people.models import Application, Person
from tests.accounts.conftest import Visitor
from tests.journeys.conftest import Exhibition
from tests.journeys.test_pages import arrive, look, sign_in

pytestmark = pytest.mark.browser

FIELDS = {
    "place": "Кочкор, Арал",
    "phone": "+996 700 123-456",
    "about": "Мугалиммин.\n\nОн эки жылдан бери.",
    "community": "Эки жүз түтүн.",
    "voucher1_name": "Бакыт Асанов",
    "voucher1_contact": "+996 555 000 111",
}


@pytest.fixture
def donor(exhibition: Exhibition, browser: Browser) -> Iterator[BrowserContext]:
    """Open the browser of the sample donor, signed in."""
    context = arrive(browser, "ky")
    sign_in(context, exhibition)
    yield context
    context.close()


def fill(page: Page) -> None:
    page.locator("[name=region]").select_option("KG-N")
    for name, text in FIELDS.items():
        page.locator(f"[name={name}]").fill(text)
    page.locator("[name=consent]").check()


def test_what_was_typed_survives_the_end_of_a_session(
    exhibition: Exhibition, donor: BrowserContext
) -> None:
    page = donor.new_page()
    page.goto(f"{exhibition.url}/lead/apply")
    fill(page)
    donor.clear_cookies()
    page.locator("main form [type=submit]").click()
    page.wait_for_url("**/sign-in*")
    page.locator("[name=email]").fill(DONOR)
    page.locator("[name=password]").fill(next(p.password for p in PEOPLE if p.email == DONOR))
    page.locator("main form [type=submit]").first.click()
    page.wait_for_url("**/lead/apply?kept=*")
    page.locator("main [role=status]").wait_for()
    for name, text in FIELDS.items():
        assert page.locator(f"[name={name}]").input_value() == text
    assert page.locator("[name=region]").input_value() == "KG-N"
    assert page.locator("[name=consent]").is_checked()
    assert look(page, "apply-again", "ky") == []
    page.locator("main form [type=submit]").click()
    page.wait_for_url("**/lead/apply")
    assert look(page, "apply-waits", "ky") == []
    with exhibition.site.app_context():
        assert db.session.query(Application).one().answers["about"] == FIELDS["about"]
        db.session.rollback()


def test_the_administrators_pages_are_fine_to_look_at(
    exhibition: Exhibition, browser: Browser
) -> None:
    with exhibition.site.app_context():
        found = db.session.query(Person).filter_by(email="moderator@example.org").one()
        write_lists(found.id)
        pages = {
            "admin": "/admin",
            "admin-people": "/admin/people",
            "admin-nobody": "/admin/people?q=nobody",
            "admin-person": f"/admin/people/{found.token}",
            "admin-applications": "/admin/applications",
            "admin-newcomer": "/admin/people/new",
            "admin-lists": "/admin/lists",
            "admin-themes": "/admin/lists/theme",
            "admin-theme": "/admin/lists/theme/water",
            "admin-theme-new": "/admin/lists/theme/new",
            "admin-targets": "/admin/lists/sdg",
            "admin-corridor": "/admin/lists/corridor/KG",
            "admin-corridor-new": "/admin/lists/corridor/new",
            "admin-limit": "/admin/lists/limit/two_approvals_from",
            "account-of-administrator": "/account",
        }
        db.session.rollback()
    boss = next(one for one in PEOPLE if "administrator" in one.roles)
    visitor = Visitor(exhibition.site.test_client())
    visitor.sign_in(boss.email, boss.password)
    context = arrive(browser, "ky")
    context.add_cookies([cookie(visitor, exhibition)])
    page = context.new_page()
    page.goto(f"{exhibition.url}/admin")
    faults = [f"weak: {fault}" for fault in look(page, "admin-weak", "ky")]
    visitor.set_up_app()
    context.add_cookies([cookie(visitor, exhibition)])
    for name, path in pages.items():
        page.goto(exhibition.url + path)
        page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
        faults += [f"{name}: {fault}" for fault in look(page, name, "ky")]
    page.goto(exhibition.url + pages["admin-person"])
    page.locator("main details summary").nth(1).click()
    assert not page.locator(".of-moderator").is_visible()
    page.locator("[type=radio][value=moderator]").check()
    assert page.locator(".of-moderator").is_visible()
    assert not page.locator(".of-partner").is_visible()
    context.close()
    assert faults == []


def write_lists(actor: int) -> None:
    """Change a theme back and forth, and write down a corridor that nobody has looked at."""
    water = {"ky": "Суу", "ru": "Вода", "en": "Water", "de": "Wasser"}
    with db.transaction():
        for names in (water | {"en": "Rivers and lakes"}, water):
            more = {"icon": "drop"}
            terms.change("theme", "water", names, more=more, position=30, actor=actor, why="asked")
        text = {"en": "Cards of this country may be declined."}
        terms.change("corridor", "KG", text, more={"ways": ["card"]}, actor=actor, why="begun")


def cookie(visitor: Visitor, exhibition: Exhibition) -> dict[str, str]:
    """Return a test client's session for a browser."""
    found = visitor.client.get_cookie("ashar_session")
    assert found is not None
    return {"name": found.key, "value": found.value, "url": exhibition.url}
