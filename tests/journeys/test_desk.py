"""Every page of the leader's desk, looked at: by axe, on a phone and at a desk, by keyboard."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys.desk import DeskSite, open_desk
from tests.journeys.test_pages import HEIGHTS, LANGUAGES, PHONE, look

pytestmark = pytest.mark.browser

STEPS = ("story", "place", "goal", "budget", "needs", "milestones", "people", "pictures")
#: What is looked at of which project.
SEEN = {
    "draft": ("", *STEPS, "words/en", "words/de", "helpers", "submit", "turn/withdraw",
              "preview", "versions"),
    "typed": ("", "story", "words/ru", "submit"),
    "asked": ("", "submit", "versions/1"),
    "public": ("", "submit", "extend", "turn/close"),
    "rejected": ("", "versions", "story"),
    "held": ("",),
    "working": ("", "complete"),
}  # fmt: skip


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[DeskSite]:
    """Open a desk to look at; a page looks the same on both engines."""
    with open_desk(tmp_path_factory.mktemp("desk"), sqlite_template) as found:
        yield found


def paths(desk: DeskSite) -> dict[str, str]:
    found = {"lead": "/lead", "lead-new": "/lead/projects/new"}
    for name, pages in SEEN.items():
        for page in pages:
            label = f"lead-{name}-{page.replace('/', '-') or 'desk'}"
            found[label] = f"/lead/projects/{desk.projects[name]}/{page}".rstrip("/")
    return found


def seen_by(who: str, desk: DeskSite) -> dict[str, str]:
    """Return what somebody looks at: a helper, what they see otherwise than the leader."""
    if who == "leader":
        return paths(desk)
    home = f"/lead/projects/{desk.projects['typed']}"
    return {"lead-helper-desk": home, "lead-helper-people": f"{home}/people"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_of_the_desk_has_anything_that_axe_objects_to(
    desk: DeskSite, browser: Browser, language: str
) -> None:
    size = {"width": PHONE, "height": HEIGHTS[PHONE]}
    faults: list[str] = []
    for who in ("leader", "helper"):
        context = browser.new_context(
            locale=language, viewport=size, bypass_csp=True, reduced_motion="reduce",
            extra_http_headers=desk.as_who(who),
        )  # fmt: skip
        page = context.new_page()
        for name, path in seen_by(who, desk).items():
            page.goto(f"{desk.url}{path}?lang={language}")
            faults += [f"{who} {name}: {fault}" for fault in look(page, name, language)]
        context.close()
    assert faults == []


def test_a_project_is_begun_and_written_with_the_keyboard_alone(
    desk: DeskSite, browser: Browser
) -> None:
    context = browser.new_context(locale="en", extra_http_headers=desk.as_who("leader"))
    page = context.new_page()
    page.goto(f"{desk.url}/lead")
    press(page, "New project")
    page.wait_for_url("**/new")
    tab_to(page, "title")
    page.keyboard.type("By keyboard")
    tab_to(page, "goal")
    page.keyboard.type("900")
    press(page, "Begin")
    page.wait_for_url("**/story")
    tab_to(page, "summary")
    page.keyboard.type("Two sentences.")
    press(page, "Save and go on")
    page.wait_for_url("**/place")
    assert page.evaluate("document.activeElement.tagName") == "MAIN"
    tab_to(page, "village")
    # A key that sends the form sends it on, as its first button says.
    page.keyboard.type("Ak-Jar")
    page.keyboard.press("Enter")
    page.wait_for_url("**/goal")
    context.close()


def tab_to(page: Page, name: str) -> None:
    """Go on by Tab to a field."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == name:
            return
    raise AssertionError(name)


def press(page: Page, words: str) -> None:
    """Go on by Tab to a link or button with these words, and press it."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == words:
            page.keyboard.press("Enter")
            return
    raise AssertionError(words)
