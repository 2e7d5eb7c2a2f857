"""Every page of the leader's desk, looked at: by axe, on a phone and at a desk, by keyboard."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

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
        for name, path in paths(desk).items() if who == "leader" else HELPERS(desk):
            page.goto(f"{desk.url}{path}?lang={language}")
            faults += [f"{who} {name}: {fault}" for fault in look(page, name, language)]
        context.close()
    assert faults == []


def HELPERS(desk: DeskSite) -> list[tuple[str, str]]:
    """Return what a helper sees otherwise than the leader."""
    home = f"/lead/projects/{desk.projects['typed']}"
    return [("lead-helper-desk", home), ("lead-helper-people", f"{home}/people")]
