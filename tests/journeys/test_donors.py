"""A donor who erases themselves: their gift stays, nothing names them, the book is as it was."""

import json
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ashar.kernel import clock, db, retained
from ashar.moderation import services as moderation
from ashar.moderation.models import Case
from ashar.pledges.locking import WHY
from ashar.projects.models import Project
from tests.factories import make_person, make_pledge, pledge_of, reviewer, settle, verdict
from tests.golden import assert_book, book
from tests.journeys.conftest import Visit
from tests.journeys.minefield import sign_in_by_header
from tests.journeys.stage import Stage
from tests.journeys.test_pages import AXE, CHECK, NOT_CONTRAST, WIDER
from tests.journeys.test_story import fill, shown
from tests.journeys.visitor import DESK, PHONE, Visitor

pytestmark = pytest.mark.browser

PROJECT = "batken-dry-rice"
SHOTS = Path(__file__).resolve().parents[1] / "screenshots"
WORDS = {"name": "Annelie Sommer", "group": "Ashar Bern", "message": "Gutes Gelingen!"}
FAULTS: list[str] = []


def look(page: Page, name: str) -> None:
    """Take a picture, and have axe look at the page."""
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"donors-{name}.png", full_page=True)
    page.evaluate(AXE)
    FAULTS.extend(f"{name}: {fault}" for fault in page.evaluate(CHECK, NOT_CONTRAST))
    FAULTS.extend([f"{name}: wide"] if page.evaluate(WIDER) else [])


def give(stage: Stage, visitor: Visitor) -> None:
    """Give by card, with a name, a group and a message."""
    page = visitor.page
    visitor.go(f"{stage.url}/projects/{PROJECT}/pledge")
    fill(page)
    expect(page.locator("[data-fees] li").first).to_be_visible()
    page.locator("details.more > summary").first.click()
    page.locator("[name=visibility][value=public]").check()
    for name, words in WORDS.items():
        page.locator(f"[name={name}]").fill(words)
    page.locator("[name=in_honour_of]").fill("Oma")
    page.locator("[name=honour_email]").fill("oma@example.org")
    look(page, "form")
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(f"{stage.sandbox.url}/**")
    page.locator("button[name=action][value=pay]").click()
    page.wait_for_url(f"{stage.url}/pledges/*")
    expect(page.locator(".outcome .tone-good")).to_be_visible()


def read_by_moderators(stage: Stage, *kinds: str) -> None:
    """Have a moderator show messages and groups, or one kind alone."""
    with stage.site.app_context():
        person = make_person("aigul", "moderator", region="KG-B")
        with db.transaction() as session:
            wanted = Case.kind.in_(kinds or ("message", "group"))
            for case in session.query(Case).filter(wanted, Case.state == "open"):
                moderation.decide(case, reviewer(person), verdict("approve", case))


def link_in(stage: Stage, subject: str) -> str:
    """Return the link of the letter with a subject."""
    [letter] = [one for one in stage.post.letters if subject in str(one["Subject"])]
    plain = letter.get_body(("plain",))
    assert plain is not None
    found = re.search(r"https?://\S+/me/by-letter/\S+", plain.get_content())
    assert found is not None
    return found[0]


def test_a_donor_who_erases_themselves(stage: Stage, visit: Visit, tmp_path: Path) -> None:
    FAULTS.clear()
    visitor = visit(locale="de", accept_downloads=True, **PHONE)
    page = visitor.page
    give(stage, visitor)
    stage.calm()
    honoured = [one for one in stage.post.letters if one["To"] == "oma@example.org"]
    assert len(honoured) == 1 and "50" not in str(honoured[0].get_body(("plain",)))
    read_by_moderators(stage)

    # Another browser, weeks later: nothing but the address that was given.
    visitor = visit(locale="de", accept_downloads=True, **PHONE)
    page = visitor.page
    visitor.go(f"{stage.url}/projects/{PROJECT}")
    supporters = page.locator("section[aria-labelledby=supporters]")
    expect(supporters).to_contain_text("Annelie Sommer")
    expect(supporters).to_contain_text("Gutes Gelingen!")
    look(page, "project")
    supporters.locator("a[href*='/groups/']").click()
    expect(page.locator("h1")).to_have_text("Ashar Bern")
    look(page, "group")
    group = page.url
    visitor.go(f"{stage.url}/me/link")
    page.locator("[name=email]").fill("Donor@Example.org")
    look(page, "ask")
    page.locator("main form button[type=submit]").click()
    expect(page.locator("p.panel[role=status]")).to_be_visible()
    stage.calm()
    visitor.go(link_in(stage, "Ihr Link zu Ihren Spenden"))
    look(page, "open")
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(f"{stage.url}/me/gifts*")
    look(page, "gifts")
    expect(page.locator("main .panel")).to_contain_text("50,00")
    page.locator("main a[href*='/me/data']").click()
    look(page, "data")
    with page.expect_download() as download:
        page.locator("main a[download]").click()
    archive = tmp_path / "mine.zip"
    download.value.save_as(archive)
    with zipfile.ZipFile(archive) as found:
        assert json.loads(found.read("data.json"))["pledges"][0]["name"] == "Annelie Sommer"

    with stage.site.app_context():
        before = book()
        db.session.rollback()
    page.locator("main a[href*='/me/erase']").click()
    look(page, "erase")
    page.locator("[name=sure]").check()
    page.locator("main form button[type=submit]").click()
    expect(page.locator("h1")).to_have_text("Ihre Daten sind gelöscht")
    look(page, "erased")
    stage.calm()

    visitor.go(f"{stage.url}/projects/{PROJECT}")
    assert shown(page) == (25, 50)
    text = page.content()
    assert "Annelie" not in text and "Gelingen" not in text and "Ashar Bern" not in text
    visitor.go(group)
    expect(page.locator("main")).not_to_contain_text("50")
    [(token, state, _)] = stage.pledges()
    assert state == "paid"
    answer = page.request.get(f"{stage.url}/pledges/{token}")
    assert answer.status == 404
    assert page.request.get(f"{stage.url}/me/gifts").text().count("50,00") == 0
    with stage.site.app_context():
        assert book() == before
        assert_book("donors")
    assert stage.command("check").count("FAIL") == 0
    assert FAULTS == []
    visitor.met_only(stage.url)


def test_axe_objects_to_nothing_on_the_other_pages(stage: Stage, visit: Visit) -> None:
    FAULTS.clear()
    with stage.site.app_context():
        leader = make_person("aida", "leader")
        make_person("auditor", "auditor")
        with db.transaction() as session:
            project = session.query(Project).filter_by(slug=PROJECT).one()
            project.owner_id, row = leader, project.id
        _, payment = make_pledge(row, "30.00", visibility="anonymous", **WORDS)
        settle(payment)
        pledge, payment = make_pledge(row, "20.00", person=leader, visibility="public", **WORDS)
        settle(payment)
        with db.transaction():
            retained.keep("message", 1, {"body": "eyJpZCI6ICJldnRfMSJ9"}, WHY, clock.now())
        token = pledge_of(pledge).token
        db.session.rollback()
    read_by_moderators(stage, "message")
    sign_in_by_header(stage.site, {})
    for language, device in (("de", PHONE), ("ky", DESK)):
        for who, pages in (
            ("aida", ("/me", "/me/data", "/me/erase", f"/pledges/{token}/change")),
            ("aida", (f"/lead/projects/{PROJECT}/supporters", f"/pledges/{token}")),
            ("auditor", ("/treasury/retained", f"/pledges/{token}/change")),
        ):
            headers = {"X-Who": who}
            visitor = visit(locale=language, bypass_csp=True, extra_http_headers=headers, **device)
            for path in pages:
                visitor.go(f"{stage.url}{path}?lang={language}")
                name = path.replace(token, "one").replace("/", "-").strip("-")
                look(visitor.page, f"{language}-{who}-{name}")
    assert FAULTS == []
