"""A threshold project that fails: 200 gifts go back, 20 of them only at the second try."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ashar.kernel import clock as time
from ashar.kernel import db
from ashar.moderation import tasks as moderation
from ashar.pledges import campaigns, tasks
from ashar.pledges.models import Disposition, Payment, Refund
from ashar.projects.models import Project
from ashar.projects.services import Words
from tests.conftest import Clock
from tests.factories import make_account, make_person, make_project
from tests.golden import assert_book
from tests.journeys.conftest import Visit
from tests.journeys.minefield import sign_in_by_header
from tests.journeys.stage import Stage
from tests.journeys.test_pages import AXE, CHECK, NOT_CONTRAST
from tests.journeys.visitor import DESK, PHONE, Visitor
from tests.pledges.campaign import give

# Two hundred times through the sandbox: once is enough, and PostgreSQL has its own tests of it.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]

SLUG = "ak-suu-bridge"
GIFTS, FAILING, DAYS = 200, 20, 30
SHOTS = Path(__file__).resolve().parents[1] / "screenshots"
BRIDGE = {
    "ru": Words("Мост в Ак-Суу", "Соберём на мост.", "Весной вода уносит старый мост."),
    "en": Words("A bridge in Ak-Suu", "A bridge.", "The old one goes with every flood."),
}


@pytest.fixture
def bridge(stage: Stage) -> Iterator[Stage]:
    """Have a bridge that needs 30,000 francs within a month, and somebody who keeps the books."""
    with stage.site.app_context():
        leader = make_person("leader", "leader")
        row = make_project(
            SLUG, words=BRIDGE, language="ru", deadline=time.today() + timedelta(days=DAYS)
        )
        with db.transaction() as session:
            found = session.get_one(Project, row)
            found.funding, found.minimum_minor, found.owner_id = "threshold", 1_500_000, leader
        make_account("CHF")
        make_person("kassa", "treasurer")
    sign_in_by_header(stage.site, {})
    yield stage


def by_card(visitor: Visitor, stage: Stage) -> str:
    """Give fifty francs on the phone; return the pledge's page."""
    page = visitor.page
    visitor.go(f"{stage.url}/projects/{SLUG}")
    page.locator(f'a.button:not(.slim)[href*="/{SLUG}/pledge"]').click()
    page.locator("[name=amount]").fill("50")
    page.locator("[name=currency]").select_option("CHF")
    page.locator("[name=country]").select_option("CH")
    page.locator("[name=method][value=card]").check()
    page.locator("[name=email]").fill("aida@example.org")
    expect(page.locator("[name=fallback][value=refund]")).to_be_checked()
    assert page.locator("[name=fallback_project] option").count() == 3
    looks(page, "pledge-form")
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(f"{stage.sandbox.url}/**")
    page.locator("button[name=action][value=pay]").click()
    page.wait_for_url(f"{stage.url}/pledges/*")
    return page.url


def looks(page: Page, name: str) -> None:
    """Take a picture; axe must object to nothing, and nothing be wider than the screen."""
    page.screenshot(path=SHOTS / f"campaigns-{name}.png", full_page=True)
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), name
    page.evaluate(AXE)
    assert page.evaluate(CHECK, NOT_CONTRAST) == [], name


def pass_by(stage: Stage, clock: Clock, **by: int) -> None:
    clock.forward(**by)
    stage.sandbox.advance(seconds=int(timedelta(**by).total_seconds()))


def work(stage: Stage, clock: Clock) -> None:
    """Let each job have its turn, a minute later."""
    with stage.site.app_context():
        moderation.close_missed()
        campaigns.follow()
        campaigns.carry_out()
        clock.forward(seconds=61)
        tasks.send_refunds(1000)
        hear(stage)
        campaigns.carry_out()
        campaigns.follow()


def hear(stage: Stage) -> None:
    stage.sandbox.flush()
    stage.sandbox.advance(seconds=1)
    tasks.catch_up()
    tasks.sweep(10_000, early=True)
    db.session.rollback()


def counts(stage: Stage) -> tuple[dict[str, int], dict[str, int]]:
    """Return how many dispositions and refunds stand where."""
    with stage.site.app_context():
        rows = db.session.query(Disposition.state)
        return (
            dict(Counter(state for (state,) in rows)),
            dict(Counter(state for (state,) in db.session.query(Refund.state))),
        )


def test_two_hundred_gifts_go_back_though_twenty_refunds_fail_at_first(
    bridge: Stage, visit: Visit, clock: Clock
) -> None:
    stage = bridge
    donor = visit(locale="ru", bypass_csp=True, **PHONE)
    there = by_card(donor, stage)
    expect(donor.page.locator("html")).to_have_attribute("lang", "ru")
    stage.calm()
    with stage.site.app_context():
        row = db.session.query(Project.id).filter_by(slug=SLUG).scalar()
        db.session.rollback()
        stage.sandbox.hold_deliveries()
        for _ in range(GIFTS - 1):
            # Without an address: two hundred letters of thanks say no more than one.
            give(stage.sandbox, row, email=None)
        hear(stage)
        assert db.session.query(Payment).filter_by(state="settled").count() == GIFTS
        db.session.rollback()

    # The last day passes; what the provider kept of its fees is missing on its balance.
    pass_by(stage, clock, days=DAYS + 1)
    work(stage, clock)
    assert counts(stage) == ({"decided": GIFTS}, {})
    keeper = visit(locale="en", bypass_csp=True, extra_http_headers={"X-Who": "kassa"}, **DESK)
    keeper.go(f"{stage.url}/treasury")
    looks(keeper.page, "treasury")
    keeper.page.get_by_role("link", name="Campaigns with a minimum").click()
    looks(keeper.page, "list")
    keeper.page.locator(f'main a[href*="/campaigns/{SLUG}"]').click()
    expect(keeper.page.locator("#short")).to_be_visible()
    looks(keeper.page, "short")
    [told] = [one for one in stage.post.letters if "missing" in str(one["Subject"])]
    assert told["To"] == "kassa@example.org"
    donor.go(there)
    expect(donor.page.locator("#fate")).to_be_visible()
    looks(donor.page, "donor-missed")

    # The treasurer begins; twenty refunds arrive and come back.
    keeper.page.locator("main form button[type=submit]").click()
    expect(keeper.page.locator("p.next[role=status]")).to_be_visible()
    work(stage, clock)
    with stage.site.app_context():
        fail = [row.gateway_id for row in db.session.query(Refund).order_by(Refund.id)][-FAILING:]
        db.session.rollback()
        for refund in fail:
            stage.sandbox.fail_refund(str(refund))
        hear(stage)
    work(stage, clock)
    assert counts(stage) == (
        {"done": GIFTS - FAILING, "decided": FAILING},
        {"succeeded": GIFTS - FAILING, "failed": FAILING},
    )
    keeper.page.reload()
    assert keeper.page.locator("[role=progressbar]").get_attribute("aria-valuenow") == "90"
    looks(keeper.page, "running")

    pass_by(stage, clock, hours=2)
    work(stage, clock)
    assert counts(stage) == ({"done": GIFTS}, {"succeeded": GIFTS, "failed": FAILING})
    keeper.page.reload()
    assert keeper.page.locator("[role=progressbar]").get_attribute("aria-valuenow") == "100"
    looks(keeper.page, "done")
    donor.go(there)
    expect(donor.page.locator(".outcome .tone-rest")).to_be_visible()
    looks(donor.page, "donor-refunded")
    letters = [one for one in stage.post.letters if one["To"] == "aida@example.org"]
    subjects = [str(one["Subject"]) for one in letters]
    assert len(subjects) == 3 and all(re.search("[а-я]", one) for one in subjects), subjects
    with stage.site.app_context():
        assert_book("campaigns", fold=True)
    for one in (donor, keeper):
        one.met_only(stage.url, stage.sandbox.url)
