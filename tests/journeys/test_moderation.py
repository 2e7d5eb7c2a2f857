"""A moderator's evening: from the queue to the case, two questions, the answers, a yes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from ashar.kernel import db
from ashar.moderation import holds, reviews, services
from ashar.moderation.states import CHECKLIST
from tests.factories import reviewer
from tests.journeys.conftest import Visit
from tests.journeys.stage import closing
from tests.journeys.test_pages import ALL, AXE, CHECK, WIDER
from tests.journeys.visitor import DESK, PHONE
from tests.live import listening
from tests.moderation.conftest import (
    answer_all,
    case_of,
    project,
    published,
    signed_in,
    submit,
    submitted,
    write,
)
from tests.moderation.conftest import people as people

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]

TITLE = {"ky": "Тоо жолу", "en": "A mountain trail"}


@dataclass
class Bench:
    """A listening site with a case for a moderator of Naryn."""

    site: Flask
    url: str
    people: dict[str, int]
    row: int

    @contextmanager
    def sitting(self, name: str) -> Iterator[None]:
        """Have everybody who comes be this person."""
        with signed_in(self.site, name):
            yield

    def state(self) -> tuple[str, str]:
        """Return the states of the case and its project."""
        with self.site.app_context():
            return case_of(self.row).state, project(self.row).state

    def answer(self, **values: Any) -> None:
        """Answer all questions, write a little, and send it again, as the leader does."""
        with self.site.app_context():
            answer_all(self.row, self.people["leader"])
            write(self.row, self.people, "story", **values)
            submit(self.row, self.people["leader"])


@pytest.fixture
def bench(site: Flask, people: dict[str, int]) -> Iterator[Bench]:
    with site.app_context():
        row = submitted(people, title=TITLE)
    with listening(closing(site)) as url:
        yield Bench(site, url, people, row)


def ask(page: Page, key: str, words: str) -> None:
    """Open the question beside a field, and ask."""
    page.locator(f'[id="about-{key}"] summary').click()
    page.locator(f'[id="ask-{key}"]').fill(words)
    page.locator(f'[id="about-{key}"] button[type=submit]').click()
    expect(page.locator("[role=status]")).to_be_visible()


def approve(page: Page) -> None:
    """Fill in the form of the decision with a yes to everything."""
    page.locator("[name=kinship][value=no]").check()
    for name in CHECKLIST:
        page.locator(f"[name=check_{name}][value=yes]").check()
    page.locator("[name=reads][value=ky]").check()
    page.locator("[name=what][value=approve]").check()


@pytest.mark.parametrize(
    "device",
    [PHONE, DESK, PHONE | {"java_script_enabled": False}],
    ids=["phone", "desk", "phone without JavaScript"],
)
def test_a_case_is_asked_about_answered_and_approved(
    bench: Bench, visit: Visit, device: dict[str, Any]
) -> None:
    visitor = visit(locale="en", **device)
    page = visitor.page
    with bench.sitting("naryn"):
        visitor.go(f"{bench.url}/moderation")
        page.get_by_role("link", name="A mountain trail").click()
        page.get_by_role("button", name="Take this case").click()
        expect(page.get_by_role("button", name="Put it back")).to_be_visible()
        ask(page, "budget.b1", "Two quotes, please.")
        ask(page, "story", "Who mends them in winter?")
        page.locator("[name=kinship][value=no]").check()
        page.locator("[name=what][value=ask]").check()
        page.get_by_role("button", name="Decide").click()
        page.wait_for_url("**/moderation")
    assert bench.state() == ("asked", "changes_requested")
    bench.answer(story={"ky": "Тоодогу жолго белги коёбуз. Кышында Бакыт карайт.", "en": "Signs."})
    with bench.sitting("naryn"):
        visitor.go(f"{bench.url}/moderation")
        page.get_by_role("link", name="A mountain trail").click()
        expect(page.locator("[aria-labelledby=since] ins").first).to_contain_text("Кышында")
        expect(page.locator("[aria-labelledby=questions]")).to_contain_text("So it is.")
        approve(page)
        page.get_by_role("button", name="Decide").click()
        page.wait_for_url("**/moderation")
    assert bench.state() == ("decided", "published")
    visitor.met_only(bench.url)


def test_what_was_typed_into_one_form_outlasts_the_sending_of_another(
    bench: Bench, visit: Visit
) -> None:
    page = visit(locale="en", **PHONE).page
    with bench.sitting("naryn"):
        page.goto(f"{bench.url}/moderation")
        page.get_by_role("link", name="A mountain trail").click()
        page.locator("#form-decision [name=words]").fill("Half a thought")
        page.locator("[name=check_quotes][value=seen]").check()
        page.get_by_role("link", name="With English beside").click()
        ask(page, "goal", "Why so much?")
        expect(page.locator("#form-decision [name=words]")).to_have_value("Half a thought")
        expect(page.locator("[name=check_quotes][value=seen]")).to_be_checked()
        page.locator("[name=kinship][value=no]").check()
        page.locator("[name=what][value=ask]").check()
        page.get_by_role("button", name="Decide").click()
        page.wait_for_url("**/moderation")
        assert page.evaluate("sessionStorage.length") == 0
    assert bench.state() == ("asked", "changes_requested")


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until something has the focus."""
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate("(what) => document.activeElement.matches(what)", selector):
            return
    raise AssertionError(f"no Tab leads to {selector}")


def test_a_case_is_decided_with_the_keyboard_alone(bench: Bench, visit: Visit) -> None:
    page = visit(locale="en", **DESK).page
    with bench.sitting("naryn"):
        page.goto(f"{bench.url}/moderation")
        tab_to(page, ".rows a")
        page.keyboard.press("Enter")
        page.wait_for_url("**/moderation/*")
        tab_to(page, '[id="about-goal"] summary')
        page.keyboard.press("Enter")
        tab_to(page, "#ask-goal")
        page.keyboard.type("Why so much?")
        tab_to(page, '[id="about-goal"] button')
        page.keyboard.press("Enter")
        page.wait_for_url("**#about-goal")
        for name in ("kinship", "what"):
            tab_to(page, f"#form-decision [name={name}]")
            page.keyboard.press("Space")
        page.keyboard.press("ArrowDown")
        tab_to(page, "#form-decision button[type=submit]")
        page.keyboard.press("Enter")
        page.wait_for_url("**/moderation")
    assert bench.state() == ("asked", "changes_requested")


def _more(bench: Bench) -> dict[str, tuple[str, str]]:
    """Put in a case of each kind; return who looks at which page."""
    people = bench.people
    with bench.site.app_context():
        shown = published(people, title={"ky": "Мектеп", "en": "A warm school"})
        name = project(shown).slug
        write(shown, people, "people", payee={"name": "Жаңы", "email": "pony@example.org"})
        text = project(shown).content["summary"] | {"en": "We put up new signs."}
        write(shown, people, "story", summary=text)
        submit(shown, people["leader"], reviews.propose)
        held = published(people, title={"ky": "Суу", "en": "Clean water"})
        with db.transaction():
            second = reviewer(people["second"])
            holds.place(project(held), second, "untrue", "The photographs are old.")
            services.note(case_of(bench.row), reviewer(people["naryn"]), "I shall phone them.")
            services.question(case_of(bench.row), reviewer(people["naryn"]), "goal", "Why?")
        other = project(held).slug
        tokens = {
            kind: case_of(row, kind).token
            for row, kind in ((shown, "change"), (shown, "slight"), (held, "hold"))
        }
        first = case_of(bench.row).token
    return {
        "queue": ("naryn", "/moderation"),
        "queue-of-a-leader": ("leader", "/moderation"),
        "queue-mine": ("osh", "/moderation?show=mine"),
        "queue-closed": ("naryn", "/moderation?show=closed"),
        "first": ("naryn", f"/moderation/{first}"),
        "first-beside": ("second", f"/moderation/{first}?beside=en"),
        "own": ("leader", f"/moderation/{first}"),
        "change": ("second", f"/moderation/{tokens['change']}"),
        "slight": ("naryn", f"/moderation/{tokens['slight']}"),
        "suspension": ("osh", f"/moderation/{tokens['hold']}"),
        "history": ("naryn", f"/moderation/projects/{name}"),
        "history-held": ("second", f"/moderation/projects/{other}"),
        "suspend": ("naryn", f"/moderation/hold/{name}"),
        "cancel": ("admin", f"/moderation/cancel/{name}"),
    }


def test_axe_objects_to_nothing_on_the_desk(bench: Bench, browser: Browser) -> None:
    context = browser.new_context(locale="en", bypass_csp=True, reduced_motion="reduce")
    page = context.new_page()
    found = []
    for name, (who, path) in _more(bench).items():
        with bench.sitting(who):
            found += [f"{name}: {fault}" for fault in faults(page, bench.url + path)]
    context.close()
    assert found == []


def faults(page: Page, url: str) -> list[str]:
    """Look at a page with everything opened, on phones and at a desk, light and dark."""
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 390, "height": 844})
    answer = page.goto(url)
    assert answer is not None and answer.ok
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    page.evaluate(AXE)
    found: list[str] = page.evaluate(CHECK, ALL)
    for width in (320, 390, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        found += [f"wider than {width}"] if page.evaluate(WIDER) else []
    found += page.evaluate(CHECK, ALL)
    page.emulate_media(color_scheme="dark")
    return found + [f"dark {fault}" for fault in page.evaluate(CHECK, ALL)]
