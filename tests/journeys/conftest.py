"""Fixtures: a real Chromium, and a whole site on each engine for it to visit."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Error, sync_playwright

from ashar.kernel.money import Money
from ashar.projects.services import Words
from ashar.site import create_app
from stripe_sandbox import Sandbox
from tests.conftest import WEBHOOK_SECRET, Clock, _dispose, missing
from tests.factories import make_project, make_rates
from tests.journeys.gallery import hang
from tests.journeys.stage import PostOffice, Stage, open_stage
from tests.journeys.visitor import Visitor
from tests.live import listening
from tests.mailbox import Mailbox

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

GOAL = Money(20_000, "CHF")
TRAIL = {
    "ky": Words("Нарындагы жол", "Белги коёбуз.", "Тоодогу жолго белги коёбуз."),
    "en": Words("A trail in Naryn", "We put up signs.", "We put up signs on the mountain trail."),
}

Visit = Callable[..., Visitor]


# Not for the whole run: Playwright keeps an event loop going, which other tests could not bear.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Start Chromium: ASHAR_CHROMIUM, else the one on the path, else Playwright's own."""
    found = os.environ.get("ASHAR_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        try:
            running = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        except Error as error:
            missing("browser", str(error).splitlines()[0])
        yield running
        running.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """Let somebody come with a browser of their own: a device, a language, JavaScript or not."""
    contexts = []

    def come(**options: Any) -> Visitor:
        context = browser.new_context(**options)
        contexts.append(context)
        return Visitor.of(context)

    yield come
    for context in contexts:
        context.close()


@pytest.fixture
def post() -> Iterator[PostOffice]:
    """Start a mail server."""
    with PostOffice().open() as office:
        yield office


@pytest.fixture
def stage(
    settings: dict[str, Any], sandbox: Sandbox, clock: Clock, post: PostOffice
) -> Iterator[Stage]:
    """Open a site with a project in Batken and one in Naryn."""
    settings["ASHAR_MAIL_URL"] = post.url
    with open_stage(settings, sandbox, clock, post) as found:
        with found.site.app_context():
            make_rates()
            make_project("batken-dry-rice", goal=GOAL)
            make_project("naryn-trail", region="KG-N", theme="tourism", words=TRAIL)
        yield found


@dataclass(frozen=True)
class Exhibition:
    """A listening site with something on every page, and the addresses of its pledges."""

    site: Flask
    url: str
    pledges: dict[str, str]


@pytest.fixture(scope="package")
def exhibition(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> Iterator[Exhibition]:
    """Open a site to look at; SQLite will do, since a page looks the same on both engines."""
    folder = tmp_path_factory.mktemp("exhibition")
    database = folder / "ashar.sqlite3"
    database.write_bytes(sqlite_template.read_bytes())
    site = create_app(
        {
            "ASHAR_DATABASE_URL": f"sqlite:///{database}",
            "ASHAR_INSTANCE_PATH": str(folder),
            "ASHAR_JOBS": "off",
            "ASHAR_RATELIMIT_ENABLED": False,
            "ASHAR_RATELIMIT_STORAGE": "memory",
            "ASHAR_NOTICE": "All projects and sums on this site are samples.",
            "ASHAR_STRIPE_SECRET_KEY": "sk_test_sandbox",
            "ASHAR_STRIPE_WEBHOOK_SECRET": (WEBHOOK_SECRET,),
            "ASHAR_STRIPE_API_BASE": "http://127.0.0.1:9",
        },
        environ={},
        mailer=Mailbox(),
    )
    pledges = hang(site)
    with listening(site) as url:
        site.config["ASHAR_BASE_URL"] = url
        yield Exhibition(site, url, pledges)
    _dispose(site)
