"""A monthly gift on a phone: three months, one of them failed and mended, changed, then stopped."""

import os
import re
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ashar.kernel import db
from ashar.pledges import tasks
from ashar.pledges.models import Subscription
from tests import golden
from tests.conftest import Clock
from tests.journeys.conftest import Visit
from tests.journeys.stage import Stage
from tests.journeys.test_pages import AXE, CHECK, NOT_CONTRAST
from tests.journeys.visitor import DESK, PHONE, Visitor

pytestmark = pytest.mark.browser

PROJECT = "batken-dry-rice"
SHOTS = Path(os.environ.get("ASHAR_SHOTS") or Path(__file__).resolve().parents[1] / "screenshots")


def month(stage: Stage, clock: Clock) -> None:
    """Let a month pass, for the provider and for us."""
    before = stage.sandbox.advance()
    clock.forward(seconds=stage.sandbox.advance(months=1) - before)
    settled(stage)


def settled(stage: Stage) -> None:
    """Wait until all was told, and until what waited for another fact is taken in."""
    stage.calm()
    with stage.site.app_context():
        tasks.sweep(early=True)


def told(stage: Stage, word: str) -> EmailMessage:
    """Return the newest letter with a word in its subject."""
    return [letter for letter in stage.post.letters if word in letter["Subject"]][-1]


def link(stage: Stage, letter: EmailMessage, path: str) -> str:
    """Return the link of a letter that leads to a page."""
    plain = letter.get_body(("plain",))
    assert plain is not None
    found = re.search(rf"{stage.url}/pledges/\S+/{path}\S*", plain.get_content())
    assert found is not None, plain.get_content()
    return found[0]


def fine(visitor: Visitor, name: str) -> None:
    """Look at a page: axe objects to nothing, nothing is wider than the phone."""
    page = visitor.page
    page.screenshot(path=SHOTS / f"monthly-{name}.png", full_page=True)
    page.evaluate(AXE)
    assert page.evaluate(CHECK, NOT_CONTRAST) == []
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def pay(page: Page, stage: Stage) -> None:
    """Pay on the provider's page."""
    page.wait_for_url(f"{stage.sandbox.url}/**")
    page.locator("button[name=action][value=pay]").click()


def test_a_monthly_gift_through_three_months_with_one_failure_in_between(
    stage: Stage, visit: Visit, clock: Clock
) -> None:
    visitor = visit(locale="de", bypass_csp=True, **PHONE)
    page = visitor.page
    visitor.go(f"{stage.url}/projects/{PROJECT}/pledge")
    page.locator("[name=amount]").fill("20")
    page.locator("[name=currency]").select_option("CHF")
    page.locator("[name=country]").select_option("CH")
    page.locator("[name=frequency][value=monthly]").check()
    page.locator("[name=method][value=card]").check()
    page.locator("[name=email]").fill("donor@example.org")
    fine(visitor, "form")
    page.locator("main form button[type=submit]").click()
    pay(page, stage)
    page.wait_for_url(f"{stage.url}/pledges/*")
    settled(stage)
    page.reload()
    expect(page.locator("section[aria-labelledby=monthly]")).to_contain_text("jeden Monat")
    fine(visitor, "pledge")
    here = page.url.partition("?")[0]
    told(stage, "Ihre Monatsspende hat begonnen")

    # The second month's charge fails; one link of the letter mends it.
    with stage.site.app_context():
        subscription = db.session.query(Subscription).one().gateway_id
        db.session.rollback()
    stage.sandbox.decline_renewals(subscription, "expired_card")
    month(stage, clock)
    visitor.go(here)
    expect(page.locator("section[aria-labelledby=monthly]")).to_contain_text(
        "die Karte ist abgelaufen"
    )
    fine(visitor, "failed")
    visitor.go(link(stage, told(stage, "hat nicht geklappt"), "mend"))
    pay(page, stage)
    settled(stage)
    visitor.go(here)
    expect(page.locator("section[aria-labelledby=monthly]")).to_contain_text("Sie läuft")

    # The third month comes by the new card; then the sum is changed by a fresh link.
    month(stage, clock)
    visitor.go(f"{here}/monthly")
    page.locator("form[action*='/monthly/key'] button").click()
    expect(page.locator("p.next[role=status]")).to_be_visible()
    stage.calm()
    visitor.go(link(stage, stage.post.letters[-1], "monthly"))
    fine(visitor, "change")
    page.locator("[name=amount]").fill("0")
    page.locator("form[action*='/monthly/sum'] button").click()
    expect(page.locator(".errors[role=alert]")).to_be_visible()
    # A browser writes down each answer of 422.
    [complaint] = visitor.complaints
    assert "422" in complaint
    visitor.complaints.clear()
    page.locator("[name=amount]").fill("25,50")
    page.locator("form[action*='/monthly/sum'] button").click()
    expect(page.locator("p.next[role=status]")).to_contain_text("25,50")
    stage.calm()

    # A letter's link asks, and its button stops.
    visitor.go(link(stage, stage.post.letters[-1], "stop"))
    fine(visitor, "stop")
    page.locator("form[action*='/monthly/stop'] button").click()
    expect(page.locator("p.next[role=status]")).to_be_visible()
    stage.calm()
    told(stage, "Ihre Monatsspende ist beendet")
    visitor.go(here)
    fine(visitor, "ended")
    month(stage, clock)
    [(_, state, payments)] = stage.pledges()
    assert (state, payments) == ("paid", ["settled"] * 3)
    visitor.met_only(stage.url, stage.sandbox.url)
    desk = visit(locale="de", bypass_csp=True, **DESK)
    desk.go(here)
    fine(desk, "desk")
    with stage.site.app_context():
        golden.assert_book("monthly")
    assert stage.command("check").count("FAIL") == 0
