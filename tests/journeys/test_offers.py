"""Five labour days on a phone, in Kyrgyz: offered, accepted, delivered in part, confirmed."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from ashar.kernel import clock as time
from ashar.kernel import db
from ashar.pledges import offers
from ashar.pledges.models import Offer
from ashar.projects.models import Project
from tests.factories import make_offer, make_person
from tests.golden import assert_book
from tests.journeys.conftest import Visit
from tests.journeys.minefield import sign_in_by_header
from tests.journeys.stage import Stage
from tests.journeys.test_pages import AXE, CHECK, NOT_CONTRAST
from tests.journeys.visitor import DESK, PHONE, Visitor

pytestmark = pytest.mark.browser

PROJECT = "batken-dry-rice"
SHOTS = Path(__file__).resolve().parents[1] / "screenshots"
WIDE = "document.documentElement.scrollWidth > innerWidth"


@pytest.fixture
def village(stage: Stage) -> Iterator[Stage]:
    """Have a leader, and one of the committee with an account."""
    with stage.site.app_context():
        leader, _ = make_person("leader", "leader"), make_person("bakyt")
        with db.transaction() as session:
            project = session.query(Project).filter_by(slug=PROJECT).one()
            project.owner_id = leader
            named = [{"key": "p1", "name": "Бакыт", "role": "", "email": "bakyt@example.org"}]
            project.content = project.content | {"committee": named}
    sign_in_by_header(stage.site, {})
    yield stage


def come(visit: Visit, who: str = "", script: bool = True, **device: object) -> Visitor:
    headers = {"X-Who": who} if who else {}
    return visit(
        locale="ky",
        bypass_csp=True,
        java_script_enabled=script,
        extra_http_headers=headers,
        **(device or PHONE),
    )


def shoot(visitor: Visitor, name: str) -> None:
    visitor.page.screenshot(path=SHOTS / f"offers-{name}.png", full_page=True)


def state(stage: Stage) -> tuple[str, int, int, int]:
    with stage.site.app_context():
        found = db.session.query(Offer).populate_existing().one()
        return found.state, found.accepted, found.delivered, found.confirmed


def jpeg() -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(out, "JPEG")
    return out.getvalue()


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
def test_five_labour_days_offered_accepted_delivered_in_part_confirmed(
    village: Stage, visit: Visit, script: bool
) -> None:
    giver = come(visit, script=script)
    here = offered(giver, village)
    assert state(village) == ("offered", 0, 0, 0)
    village.calm()
    assert {one["To"] for one in village.post.letters} == {
        "aibek@example.org",
        "leader@example.org",
    }

    leader = come(visit, "leader", script)
    answered(leader, village)
    assert state(village) == ("accepted", 5, 0, 0)
    giver.go(here)
    expect(giver.page.locator(".outcome .tone-good")).to_be_visible()
    shoot(giver, "accepted")
    day = giver.page.request.get(f"{here}/day.ics")
    assert day.ok and b"BEGIN:VEVENT" in day.body()

    came(leader, village)
    assert state(village) == ("delivered", 5, 3, 0)
    giver.go(here)
    shoot(giver, "delivered")
    giver.page.locator('form[action*="/confirm"] button').click()
    giver.page.wait_for_url(here)
    assert state(village) == ("confirmed", 5, 3, 3)
    expect(giver.page.locator(".outcome .tone-good")).to_be_visible()
    shoot(giver, "confirmed")

    giver.page.locator(f'.card a[href*="{PROJECT}"]').click()
    words = giver.page.locator(".needs").inner_text()
    assert "3 / 60" in words.replace("\xa0", " ")
    bar = giver.page.locator('.needs [role="progressbar"]').first
    expect(bar).to_have_attribute("aria-valuenow", "5")
    shoot(giver, "project")
    village.calm()
    subjects = [one["Subject"] for one in village.post.letters if one["To"] == "aibek@example.org"]
    assert len(subjects) == 4
    with village.site.app_context():
        assert_book("offers")
    for visitor in (giver, leader):
        visitor.met_only(village.url)


def offered(giver: Visitor, stage: Stage) -> str:
    """Find the need on the project's page, and offer five days; return the offer's address."""
    page = giver.page
    giver.go(f"{stage.url}/projects/{PROJECT}")
    expect(page.locator("html")).to_have_attribute("lang", "ky")
    page.locator('.needs a[href*="kind=labour"]').click()
    shoot(giver, "form")
    page.locator("[name=quantity]").fill("5")
    page.locator("[name=people]").fill("2")
    page.locator("[name=name]").fill("Айбек")
    page.locator("main form button[type=submit]").click()
    # Neither e-mail nor phone: it is said, and nothing typed is lost.
    expect(page.locator("#email-error")).to_be_visible()
    assert page.locator("[name=quantity]").input_value() == "5"
    assert len(giver.complaints) == 1 and "422" in giver.complaints.pop()
    page.locator("[name=email]").fill("aibek@example.org")
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(f"{stage.url}/pledges/*")
    shoot(giver, "offered")
    return page.url


def answered(leader: Visitor, stage: Stage) -> None:
    """Accept it for today."""
    page = leader.page
    leader.go(f"{stage.url}/lead/projects/{PROJECT}/offers")
    shoot(leader, "desk")
    page.locator('table a[href*="/offers/"]').click()
    shoot(leader, "desk-offer")
    with stage.site.app_context():
        today = time.today().isoformat()
    page.locator('[name="accept-day"]').fill(today)
    page.locator('[name="accept-meeting"]').fill("8:00, тегирмендин жанында")
    page.locator('form[action$="/accept"] button').click()
    expect(page.locator("p.next[role=status]").first).to_be_visible()


def came(leader: Visitor, stage: Stage) -> None:
    """Enter on the day's list that three of the five came, with a picture."""
    page = leader.page
    leader.go(f"{stage.url}/lead/projects/{PROJECT}/offers")
    page.locator('a[href*="/days/"]').first.click()
    shoot(leader, "day")
    page.locator('[name^="came_"]').fill("3")
    picture = {"name": "day.jpg", "mimeType": "image/jpeg", "buffer": jpeg()}
    page.locator("[name=photo]").set_input_files([picture])  # type: ignore[list-item]
    page.locator("main form[enctype] button[type=submit]").click()
    expect(page.locator("p.next[role=status]").first).to_be_visible()


def test_axe_objects_to_nothing_on_the_pages_of_offers(village: Stage, visit: Visit) -> None:
    with village.site.app_context():
        row, today = db.session.query(Project).filter_by(slug=PROJECT).one().id, time.today()
        rows = [make_offer(row, 5, name=f"Айбек {no}", group="Ош тобу") for no in range(3)]
        for number in rows[1:]:
            with db.transaction():
                offers.accept(db.session.get_one(Offer, number), 5, day=today, actor=None)
        with db.transaction():
            came = db.session.get_one(Offer, rows[2])
            offers.deliver([(came, 4)], photo=(jpeg(), "day.jpg"), actor=None)
        found = [db.session.get_one(Offer, number) for number in rows]
        tokens = [(offer.token, offer.pledge.token) for offer in found]
    desk = f"/lead/projects/{PROJECT}"
    pages = {
        "": (f"/projects/{PROJECT}/pledge?kind=labour", *(f"/pledges/{own}" for _, own in tokens)),
        "leader": (
            *(f"{desk}/offers", f"{desk}/offers/paper", f"{desk}/days/{today.isoformat()}"),
            *(f"{desk}/offers/{token}" for token, _ in tokens),
        ),
        "bakyt": (f"/projects/{PROJECT}/confirm",),
    }
    faults: list[str] = []
    for language, device, kept in (("ky", PHONE, "phone"), ("de", DESK, "desk")):
        for who, paths in pages.items():
            headers = {"X-Who": who} if who else {}
            visitor = visit(locale=language, bypass_csp=True, extra_http_headers=headers, **device)
            for number, path in enumerate(paths):
                visitor.go(village.url + path)
                visitor.page.evaluate(AXE)
                wrong = visitor.page.evaluate(CHECK, NOT_CONTRAST)
                faults += [f"{path} {language}: {fault}" for fault in wrong]
                faults += [f"{path} {language}: wide"] if visitor.page.evaluate(WIDE) else []
                shoot(visitor, f"{kept}-{who or 'giver'}-{number}")
    assert faults == []
