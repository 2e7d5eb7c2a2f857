"""A leader writes a project on a weak line that is cut three times; and so does a helper."""

import io
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import request
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect

from ashar.kernel import clock
from ashar.kernel.db import session
from ashar.projects import versions
from ashar.projects.content import Content
from ashar.projects.models import Project
from tests.journeys.desk import DeskSite, open_desk
from tests.journeys.visitor import PHONE
from tests.lead.browser import Desk

pytestmark = pytest.mark.browser

#: 50 kbit/s and 800 ms, in the terms of Chromium.
WEAK = {"latency": 800, "downloadThroughput": 50_000 / 8, "uploadThroughput": 50_000 / 8}
#: Bytes that a step may take, there and back.
MOST = 30_000
PATIENCE = 60_000
STORY = "Тоодогу жолдо белги жок, ошондуктан коноктор адашып жүрөт. Биз отуз сегиз белги коёбуз. "


@dataclass
class Line:
    """A page on a weak line, and what went over it."""

    page: Page
    wire: CDPSession
    sizes: dict[str, int] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, context: BrowserContext) -> "Line":
        """Open a page and begin to count."""
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        found = cls(page, context.new_cdp_session(page))
        found.wire.send("Network.enable")
        found.wire.on("Network.requestWillBeSent", found._sent)
        found.wire.on("Network.responseReceived", found._answered)
        found.wire.on("Network.loadingFinished", found._came)
        return found

    def _sent(self, event: Any) -> None:
        body = event["request"].get("postData", "")
        self.sizes[event["requestId"]] = self.sizes.get(event["requestId"], 0) + len(body)

    def _answered(self, event: Any) -> None:
        self.kinds[event["requestId"]] = event["type"]

    def _came(self, event: Any) -> None:
        # What the page before was still waiting for is not this step's.
        if event["requestId"] in self.sizes:
            self.sizes[event["requestId"]] += int(event["encodedDataLength"])

    def weak(self) -> None:
        """Make the line weak, or bring it back."""
        self.wire.send("Network.emulateNetworkConditions", {"offline": False, **WEAK})

    def cut(self) -> None:
        """Cut the line."""
        self.wire.send("Network.emulateNetworkConditions", {"offline": True, **WEAK})

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Count what a step takes; photos are not counted."""
        self.sizes.clear()
        yield
        taken = sum(size for one, size in self.sizes.items() if self.kinds.get(one) != "Image")
        assert taken <= MOST, (name, taken, self.kinds, self.sizes)

    def save(self, label: str = "Save and go on") -> None:
        """Press a button of the step."""
        self.page.get_by_role("button", name=label, exact=True).click()

    def arrive(self, end: str) -> None:
        """Wait for the page that follows."""
        self.page.wait_for_url(f"**/{end}", timeout=PATIENCE)
        expect(self.page.locator("#line")).to_be_hidden()

    def fill(self, **fields: str) -> None:
        """Type into fields, by name; `__` stands for the hyphen of a line's."""
        for name, text in fields.items():
            self.page.locator(f"[name='{name.replace('__', '-')}']").fill(text)


@pytest.fixture
def desk(tmp_path: Path, sqlite_template: Path) -> Iterator[DeskSite]:
    """Open a site with people and a few projects."""
    with open_desk(tmp_path, sqlite_template, ASHAR_LANGUAGES=("en", "ky", "ru", "de")) as found:
        yield found


def arrive(desk: DeskSite, browser: Browser, who: str) -> BrowserContext:
    return browser.new_context(locale="en", extra_http_headers=desk.as_who(who), **PHONE)


def photo(seed: int, size: tuple[int, int] = (1800, 1200), noise: int = 0) -> dict[str, Any]:
    """Return a photo as a phone would give it."""
    chance = random.Random(seed)  # noqa: S311
    small = Image.new("RGB", (12, 8))
    small.putdata([tuple(chance.randrange(256) for _ in range(3)) for _ in range(96)])
    picture = small.resize(size, Image.Resampling.BICUBIC)
    if noise:
        grain = Image.effect_noise(size, noise).convert("RGB")
        picture = Image.blend(picture, grain, 0.6)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=92)
    return {"name": f"IMG_{seed}.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def content_of(desk: DeskSite, slug: str) -> Content:
    with desk.site.app_context():
        found = session.query(Project).filter_by(slug=slug).one()
        return dict(versions.written(found).content)


def begin(line: Line) -> str:
    """Begin a project; return its slug."""
    line.page.goto(line.page.url.removesuffix("/lead") + "/lead/projects/new")
    line.fill(title="Суу жолу", goal="5000")
    line.page.locator("[name=language]").select_option("ky")
    line.page.locator("[name=region]").select_option("KG-N")
    line.page.locator("[name=theme]").select_option("water")
    with line.step("new"):
        line.save("Begin")
        line.arrive("story")
    return line.page.url.split("/")[-2]


def write_story(line: Line) -> None:
    """Write the story; the line is gone when it is to be saved."""
    line.fill(title="Суу жолу", summary="Суу жолун оңдойбуз.", story=STORY * 12)
    with line.step("story"):
        line.cut()
        line.save()
        expect(line.page.locator("#line")).to_contain_text("kept on this phone")
        line.page.wait_for_timeout(1500)
        line.weak()
        line.arrive("place")


def write_place(line: Line) -> None:
    line.fill(district="Кочкор", aymak="Кум-Дөбө", village="Ак-Жайлоо")
    line.page.locator("[name=sdg][value='6.4']").check()
    with line.step("place"):
        line.save()
        line.arrive("goal")


def write_goal(line: Line) -> None:
    """Write goal and day; the line is cut while they are on their way."""
    day = (clock.system_clock() + timedelta(days=60)).date().isoformat()
    line.fill(goal="5000", deadline=day)
    with line.step("goal"):
        line.save()
        line.page.wait_for_timeout(900)
        line.cut()
        expect(line.page.locator("#line")).to_contain_text("kept on this phone")
        line.weak()
        line.arrive("budget")


def write_lists(line: Line) -> None:
    line.fill(lines__0__title="Түтүктөр", lines__0__amount="5000")
    with line.step("budget"):
        line.save()
        line.arrive("needs")
    line.fill(lines__0__title="Арык казуу", lines__0__quantity="40")
    with line.step("needs"):
        line.save()
        line.arrive("milestones")


def write_milestones(line: Line) -> Line:
    """Write two milestones; the line is cut, and the phone is turned off before it is back."""
    due = (clock.system_clock() + timedelta(days=90)).date().isoformat()
    for number, title in enumerate(("Түтүк салынды", "Суу келди")):
        line.fill(**{f"lines__{number}__title": title, f"lines__{number}__share": "50",
                     f"lines__{number}__due": due})  # fmt: skip
        line.page.locator(f"[name=lines-{number}-evidence][value=photos]").check()
    line.cut()
    line.save()
    expect(line.page.locator("#line")).to_contain_text("kept on this phone")
    address, context = line.page.url, line.page.context
    line.page.close()
    later = Line.of(context)
    later.weak()
    with later.step("milestones"):
        later.page.goto(address)
        expect(later.page.locator("#line")).to_contain_text("had not been sent")
        expect(later.page.locator("[name=lines-1-title]")).to_have_value("Суу келди")
        later.save()
        later.arrive("people")
    return later


def write_people(line: Line, leads: bool) -> None:
    line.fill(owner_name="Айыл кеңеши", lines__0__name="Бакыт", lines__1__name="Нургүл")
    if leads:
        line.fill(payee_name="Жергилик өнөктөш")
    with line.step("people"):
        line.save()
        line.arrive("pictures")


def send_pictures(line: Line, posts: list[tuple[int, int]]) -> None:
    """Send three photos; the line is cut in the midst of them."""
    line.page.locator("input[type=file]").set_input_files([photo(seed) for seed in (1, 2, 3)])
    expect(line.page.locator(".sent li").first).to_contain_text("Sent", timeout=PATIENCE)
    line.page.wait_for_timeout(1200)
    line.cut()
    expect(line.page.locator(".sent")).to_contain_text("Waits for the line")
    line.weak()
    expect(line.page.locator(".shown img")).to_have_count(3, timeout=2 * PATIENCE)
    kept = [size for status, size in posts if status == 204]
    assert len(kept) == 3 and max(kept) < 200_000, posts
    for number, words in enumerate(("Арык", "Түтүк", "Айыл")):
        line.fill(**{f"lines__{number}__alt": words})
    with line.step("pictures"):
        line.save()
        line.page.wait_for_url(lambda url: not url.endswith("/pictures"))


def watch_uploads(desk: DeskSite) -> list[tuple[int, int]]:
    """Note status and size of each photo that arrives."""
    found: list[tuple[int, int]] = []

    @desk.site.after_request
    def note(answer: Any) -> Any:
        if request.path.endswith("/pictures/add"):
            found.append((answer.status_code, request.content_length or 0))
        return answer

    return found


def write_all(line: Line, posts: list[tuple[int, int]], leads: bool) -> Line:
    """Write a whole project, from the story to the pictures."""
    write_story(line)
    write_place(line)
    write_goal(line)
    write_lists(line)
    line = write_milestones(line)
    write_people(line, leads)
    send_pictures(line, posts)
    return line


def translate(line: Line, home: str) -> None:
    line.page.goto(f"{home}/words/en")
    line.fill(title="A way for water", summary="We mend the canal.", story="No water comes now.")
    with line.step("words"):
        line.save("Save")
        expect(line.page.get_by_text("Saved.", exact=True)).to_be_visible()


def is_whole(content: Content) -> None:
    """Check that all that was typed is there."""
    assert content["title"] == {"ky": "Суу жолу", "en": "A way for water"}
    assert content["story"]["ky"] == (STORY * 12).strip()
    assert (content["district"], content["aymak"]) == ("Кочкор", "Кум-Дөбө")
    assert (content["goal"], content["budget"][0]["amount"]) == (500_000, 500_000)
    assert content["needs"][0]["quantity"] == 40
    assert [one["title"]["ky"] for one in content["milestones"]] == ["Түтүк салынды", "Суу келди"]
    assert [one["alt"]["ky"] for one in content["pictures"]] == ["Арык", "Түтүк", "Айыл"]
    assert len(content["committee"]) == 2


def test_a_leader_writes_a_project_on_a_line_that_is_cut_three_times(
    desk: DeskSite, browser: Browser
) -> None:
    posts = watch_uploads(desk)
    context = arrive(desk, browser, "leader")
    line = Line.of(context)
    line.page.goto(f"{desk.url}/lead")
    line.weak()
    slug = begin(line)
    line = write_all(line, posts, leads=True)
    home = f"{desk.url}/lead/projects/{slug}"
    translate(line, home)
    line.page.goto(f"{home}/submit")
    with line.step("submit"):
        line.save("Send it in")
        line.page.wait_for_url(home)
    is_whole(content_of(desk, slug))
    with desk.site.app_context():
        assert session.query(Project).filter_by(slug=slug).one().state == "submitted"
    context.close()


def test_a_helper_writes_it_on_such_a_line_and_the_leader_confirms(
    desk: DeskSite, browser: Browser
) -> None:
    posts = watch_uploads(desk)
    leader = Desk(desk.site.test_client(), "leader")
    new = {"title": "Суу", "goal": "5000", "language": "ky", "region": "KG-N", "theme": "water"}
    slug = leader.send("/lead/projects/new", "begin", **new).location.split("/")[-2]
    leader.send(f"/lead/projects/{slug}/helpers", "invite", email="helper@example.org")
    context = arrive(desk, browser, "helper")
    line = Line.of(context)
    with desk.site.app_context():
        project = session.query(Project).filter_by(slug=slug).one()
        link = f"{desk.url}/lead/help/{versions.helpers(project)[0].token}"
    line.page.goto(link)
    line.save("I will help")
    home = f"{desk.url}/lead/projects/{slug}"
    line.page.goto(f"{home}/story")
    line.weak()
    line = write_all(line, posts, leads=False)
    translate(line, home)
    context.close()
    is_whole(content_of(desk, slug))
    leader.save(slug, "people", payee_name="Жергилик өнөктөш")
    parts = ["story", "place", "goal", "budget", "needs", "milestones", "pictures", "words:en"]
    for part in parts:
        path = f"/lead/projects/{slug}/{part.replace(':', '/')}"
        form = next(one for one in leader.forms(path).values() if "/confirm/" in one.action)
        assert leader.post(form.action, form.pairs).status_code == 303
    assert leader.send(f"/lead/projects/{slug}/submit", "send").status_code == 303


def test_a_large_photo_is_made_smaller_before_it_is_sent(desk: DeskSite, browser: Browser) -> None:
    posts = watch_uploads(desk)
    context = arrive(desk, browser, "leader")
    page = context.new_page()
    page.goto(f"{desk.url}/lead/projects/{desk.projects['draft']}/pictures")
    large = photo(9, (4000, 3000), noise=120)
    assert len(large["buffer"]) > 2_000_000
    no_photo = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"not a photo"}
    page.locator("input[type=file]").set_input_files([large, no_photo])
    expect(page.locator(".shown img")).to_have_count(2, timeout=PATIENCE)
    expect(page.locator(".sent")).to_contain_text("not a picture")
    [(status, size)] = posts
    assert status == 204 and size < 201_000
    context.close()


def test_without_javascript_a_photo_is_sent_by_a_form(desk: DeskSite, browser: Browser) -> None:
    context = browser.new_context(
        locale="en", java_script_enabled=False, extra_http_headers=desk.as_who("leader"), **PHONE
    )
    page = context.new_page()
    page.goto(f"{desk.url}/lead/projects/{desk.projects['draft']}/pictures")
    page.locator("input[type=file]").set_input_files([photo(5, (600, 400))])
    page.locator("#photos-form [name=alt]").fill("Арык")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator(".shown img")).to_have_count(2)
    expect(page.locator("[name=lines-1-alt]")).to_have_value("Арык")
    context.close()
