"""Find a project, give, come back, see the bar move: in a real browser under the real policy."""

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Visit
from tests.journeys.stage import Stage
from tests.journeys.visitor import DESK, PHONE, Visitor

pytestmark = pytest.mark.browser

PROJECT = "batken-dry-rice"
API = "/api/v1/projects/<slug>"


@dataclass(frozen=True)
class Donor:
    """Who comes, and with what."""

    language: str
    device: dict[str, Any]
    script: bool = True


DONORS = {
    "on a phone in Kyrgyz": Donor("ky", PHONE),
    "on a phone in Kyrgyz without JavaScript": Donor("ky", PHONE, script=False),
    "at a desk in English": Donor("en", DESK),
}


@pytest.mark.parametrize("donor", DONORS.values(), ids=DONORS.keys())
def test_a_donor_finds_a_project_gives_and_sees_the_bar_move(
    stage: Stage, visit: Visit, donor: Donor
) -> None:
    visitor = visit(locale=donor.language, java_script_enabled=donor.script, **donor.device)
    page = visitor.page
    find(visitor, stage)
    expect(page.locator("html")).to_have_attribute("lang", donor.language)
    assert shown(page) == (0, Decimal(0))
    page.locator(f'a.button:not(.slim)[href*="/{PROJECT}/pledge"]').click()
    fill(page)
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(f"{stage.sandbox.url}/**")
    page.locator("button[name=action][value=pay]").click()
    page.wait_for_url(f"{stage.url}/pledges/*")
    expect(page.locator(".outcome .tone-good")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", donor.language)
    [(token, state, payments)] = stage.pledges()
    assert (state, payments) == ("paid", ["settled"])
    page.locator(f'.card a[href*="{PROJECT}"]').click()
    assert shown(page) == (25, Decimal(50))
    tells(stage, visitor, Decimal(50))
    stage.calm()
    thanks(stage, token, donor.language)
    visitor.met_only(stage.url, stage.sandbox.url)

    stage.command("refund", token)
    stage.calm()
    page.reload()
    assert shown(page) == (0, Decimal(0))
    tells(stage, visitor, Decimal(0))
    visitor.go(f"{stage.url}/pledges/{token}")
    expect(page.locator(".outcome .tone-rest")).to_be_visible()
    assert [state for _, state, _ in stage.pledges()] == ["refunded"]
    assert stage.command("check").count("FAIL") == 0
    visitor.met_only(stage.url, stage.sandbox.url)


def find(visitor: Visitor, stage: Stage) -> None:
    """Walk from the first page to the project by the region filter."""
    page = visitor.page
    visitor.go(stage.url)
    page.locator('main a.button[href^="/projects"]').first.click()
    page.wait_for_url("**/projects*")
    assert page.locator(".card").count() == 2
    page.locator("details.more > summary").click()
    page.locator("select[name=region]").select_option("KG-B")
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**region=KG-B*")
    assert page.locator(".card").count() == 1
    page.locator(".card h3 a").click()
    page.wait_for_url(f"**/projects/{PROJECT}*")


def fill(page: Page) -> None:
    """Ask for fifty francs by card from Switzerland."""
    page.locator("[name=amount]").fill("50")
    page.locator("[name=currency]").select_option("CHF")
    page.locator("[name=country]").select_option("CH")
    page.locator("[name=method][value=card]").check()
    page.locator("[name=email]").fill("donor@example.org")


def shown(page: Page) -> tuple[int, Decimal]:
    """Return the bar's percentage and the sum beside it."""
    bar = page.locator(".project-sum [role=progressbar]")
    figure = page.locator(".project-sum .sum strong").inner_text()
    digits = re.sub(r"[^\d.,]", "", figure).replace(",", ".")
    return int(bar.get_attribute("aria-valuenow") or -1), Decimal(digits)


def tells(stage: Stage, visitor: Visitor, raised: Decimal) -> None:
    """Check that the API says the same."""
    if all(rule.rule != API for rule in stage.site.url_map.iter_rules()):
        return
    answer = visitor.page.request.get(f"{stage.url}/api/v1/projects/{PROJECT}")
    found = json.loads(answer.text())["raised"]
    assert (Decimal(found["amount"]), found["currency"]) == (raised, "CHF")


def thanks(stage: Stage, token: str, language: str) -> None:
    """Check that one letter came, in both forms and in the donor's language."""
    [letter] = stage.post.letters
    assert letter["To"] == "donor@example.org"
    plain, rich = (letter.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None and rich is not None
    for text in (plain.get_content(), rich.get_content()):
        assert f"{stage.url}/pledges/{token}" in text
        assert "50" in text and "CHF" in text
        assert ("Баткенде күрүч" if language == "ky" else "Batken dry rice") in text
        assert ("Thank you" in text) == (language == "en")
    assert f'<html lang="{language}">' in rich.get_content()
