"""What goes wrong between a form and a bank: declines, slow debits, double clicks, going back."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Visit
from tests.journeys.stage import Stage
from tests.journeys.visitor import DESK, PHONE, Visitor

pytestmark = pytest.mark.browser

FORM = "/projects/batken-dry-rice/pledge?lang=en"
GIVE = "main form button[type=submit]"


def fill(page: Page, amount: str = "50", currency: str = "CHF", country: str = "CH") -> None:
    """Fill in the form; the way of paying stays the one it began with."""
    page.locator("[name=amount]").fill(amount)
    page.locator("[name=currency]").select_option(currency)
    page.locator("[name=country]").select_option(country)
    page.locator("[name=email]").fill("donor@example.org")


def to_checkout(visitor: Visitor, stage: Stage, method: str = "card", **given: str) -> Page:
    """Fill in the form and come to the payment page."""
    visitor.go(stage.url + FORM)
    fill(visitor.page, **given)
    visitor.page.locator(f"[name=method][value={method}]").check()
    visitor.page.locator(GIVE).click()
    visitor.page.wait_for_url(f"{stage.sandbox.url}/**")
    return visitor.page


def press(page: Page, action: str) -> None:
    """Press a button of the payment page."""
    page.locator(f"button[name=action][value={action}]").click()


def states(stage: Stage) -> list[tuple[str, list[str]]]:
    """Return the state of each pledge and its payments."""
    return [(state, payments) for _, state, payments in stage.pledges()]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_after_a_decline_the_second_try_pays_once(stage: Stage, visit: Visit, script: bool) -> None:
    visitor = visit(java_script_enabled=script, **PHONE)
    page = to_checkout(visitor, stage)
    press(page, "decline")
    expect(page.locator("[role=alert]")).to_be_visible()
    press(page, "cancel")
    page.wait_for_url(f"{stage.url}/pledges/*")
    stage.calm()
    page.reload()
    expect(page.locator(".outcome")).to_contain_text("declined")
    page.locator('form[action*="/again"] button').click()
    page.wait_for_url(f"{stage.sandbox.url}/**")
    press(page, "pay")
    page.wait_for_url(f"{stage.url}/pledges/*")
    expect(page.locator(".outcome .tone-good")).to_be_visible()
    assert states(stage) == [("paid", ["settled"])]
    assert stage.charges() == 1
    visitor.met_only(stage.url, stage.sandbox.url)


def test_a_slow_debit_shows_by_itself_that_it_has_come(stage: Stage, visit: Visit) -> None:
    visitor = visit(**PHONE)
    page = to_checkout(visitor, stage, "sepa", currency="EUR", country="DE")
    session = page.url.rsplit("/", 1)[-1]
    press(page, "pay_later")
    page.wait_for_url(f"{stage.url}/pledges/*")
    expect(page.locator(".outcome .tone-waits")).to_be_visible()
    stage.sandbox.settle_async(session)
    stage.calm()
    expect(page.locator(".outcome .tone-good")).to_be_visible(timeout=12_000)
    assert page.locator("#pledge[hx-get]").count() == 0
    visitor.met_only(stage.url, stage.sandbox.url)


def test_a_slow_debit_can_be_looked_at_again_without_script(stage: Stage, visit: Visit) -> None:
    visitor = visit(java_script_enabled=False, **PHONE)
    page = to_checkout(visitor, stage, "sepa", currency="EUR", country="DE")
    session = page.url.rsplit("/", 1)[-1]
    press(page, "pay_later")
    page.wait_for_url(f"{stage.url}/pledges/*")
    stage.sandbox.settle_async(session)
    stage.calm()
    page.locator(".outcome ~ .actions a").click()
    expect(page.locator(".outcome .tone-good")).to_be_visible()
    visitor.met_only(stage.url, stage.sandbox.url)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_double_click_begins_one_payment(stage: Stage, visit: Visit, script: bool) -> None:
    visitor = visit(java_script_enabled=script, **DESK)
    visitor.go(stage.url + FORM)
    fill(visitor.page)
    visitor.page.locator(GIVE).dblclick()
    _arrive(visitor.page, stage.sandbox.url)
    assert states(stage) == [("open", ["started"])]
    assert stage.sessions() == 1
    if script:
        sent = [url for url in visitor.requests if url.startswith(stage.url + "/projects/")]
        assert len(sent) == 2
    press(visitor.page, "pay")
    visitor.page.wait_for_url(f"{stage.url}/pledges/*")
    assert states(stage) == [("paid", ["settled"])]


def _arrive(page: Page, url: str) -> None:
    """Wait for an address; the second click breaks the first one's way off, which is no fault."""
    for _ in range(200):
        if page.url.startswith(url):
            break
        page.wait_for_timeout(100)
    page.wait_for_load_state()
    assert page.url.startswith(url)


def test_back_from_checkout_and_give_again_is_the_same_payment(stage: Stage, visit: Visit) -> None:
    visitor = visit(**PHONE)
    page = to_checkout(visitor, stage)
    first = page.url
    page.go_back()
    page.locator(GIVE).click()
    page.wait_for_url(f"{stage.sandbox.url}/**")
    assert page.url == first
    press(page, "pay")
    page.wait_for_url(f"{stage.url}/pledges/*")
    assert states(stage) == [("paid", ["settled"])]
    assert (stage.sessions(), stage.charges()) == (1, 1)


@pytest.mark.parametrize("amount", ["50", "20"])
def test_back_after_paying_and_give_again_shows_what_was_paid(
    stage: Stage, visit: Visit, amount: str
) -> None:
    visitor = visit(**PHONE)
    page = to_checkout(visitor, stage)
    press(page, "pay")
    page.wait_for_url(f"{stage.url}/pledges/*")
    while "/pledge?" not in page.url:
        page.go_back()
    fill(page, amount)
    page.locator(GIVE).click()
    page.wait_for_url(f"{stage.url}/pledges/*")
    expect(page.locator(".outcome .tone-good")).to_be_visible()
    expect(page.locator("#pledge .pairs").first).to_contain_text("CHF\u00a050.00")
    assert states(stage) == [("paid", ["settled"])]
    assert (stage.sessions(), stage.charges()) == (1, 1)


def test_back_from_checkout_and_another_sum_shows_the_first_pledge(
    stage: Stage, visit: Visit
) -> None:
    visitor = visit(**PHONE)
    page = to_checkout(visitor, stage)
    page.go_back()
    fill(page, amount="20")
    page.locator(GIVE).click()
    page.wait_for_url(f"{stage.url}/pledges/*")
    expect(page.locator("#pledge .pairs").first).to_contain_text("CHF\u00a050.00")
    assert states(stage) == [("open", ["started"])]


def test_a_second_gift_begun_from_the_project_is_a_second_pledge(
    stage: Stage, visit: Visit
) -> None:
    visitor = visit(**PHONE)
    for _ in range(2):
        page = to_checkout(visitor, stage)
        press(page, "pay")
        page.wait_for_url(f"{stage.url}/pledges/*")
    assert states(stage) == [("paid", ["settled"])] * 2
    assert stage.charges() == 2


def test_two_tabs_with_one_form_make_one_charge(stage: Stage, visit: Visit) -> None:
    here = visit(**DESK)
    there = Visitor.of(here.page.context)
    for visitor in (here, there):
        visitor.go(stage.url + FORM)
        fill(visitor.page)
    copied = here.page.locator("[name=attempt]").input_value()
    there.page.locator("[name=attempt]").evaluate("(field, value) => field.value = value", copied)
    for visitor in (here, there):
        visitor.page.locator(GIVE).click()
        visitor.page.wait_for_url(f"{stage.sandbox.url}/**")
    assert here.page.url == there.page.url
    for visitor in (here, there):
        press(visitor.page, "pay")
    here.page.wait_for_url(f"{stage.url}/pledges/*")
    expect(there.page.locator("[role=alert]")).to_be_visible()
    assert states(stage) == [("paid", ["settled"])]
    assert (stage.sessions(), stage.charges()) == (1, 1)


def test_a_pledge_can_be_cancelled_where_it_was_made(stage: Stage, visit: Visit) -> None:
    visitor = visit(**PHONE)
    page = to_checkout(visitor, stage)
    press(page, "cancel")
    page.wait_for_url(f"{stage.url}/pledges/*")
    page.locator('form[action*="/cancel"] button').click()
    expect(page.locator(".outcome")).to_contain_text("cancelled")
    assert states(stage) == [("cancelled", ["expired"])]


def test_the_language_that_was_chosen_comes_back_from_the_payment_page(
    stage: Stage, visit: Visit
) -> None:
    visitor = visit(locale="de", **PHONE)
    page = to_checkout(visitor, stage)
    press(page, "pay")
    page.wait_for_url(f"{stage.url}/pledges/*")
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_the_form_offers_the_ways_that_the_currency_allows(stage: Stage, visit: Visit) -> None:
    visitor = visit(**PHONE)
    visitor.go(stage.url + FORM)
    page = visitor.page
    for currency, ways in (("CHF", {"card", "twint"}), ("EUR", {"card", "sepa", "ideal"})):
        page.locator("[name=currency]").select_option(currency)
        seen = page.locator("[name=method]:visible").evaluate_all(
            "fields => fields.map(field => field.value)"
        )
        assert set(seen) == ways


def test_a_form_that_is_refused_keeps_what_was_typed(stage: Stage, visit: Visit) -> None:
    visitor = visit(**PHONE)
    visitor.page.goto(stage.url + FORM)
    page = visitor.page
    fill(page, amount="fifty")
    page.locator("details.more summary").first.click()
    page.locator("[name=message]").fill("Ийгилик!")
    page.locator(GIVE).click()
    expect(page.locator(".errors")).to_be_focused()
    expect(page.locator("[name=amount]")).to_have_value("fifty")
    expect(page.locator("[name=message]")).to_have_value("Ийгилик!")
    expect(page.locator("[name=amount]")).to_have_attribute("aria-invalid", "true")
    page.locator('.errors a[href="#amount"]').click()
    expect(page.locator("[name=amount]")).to_be_focused()
