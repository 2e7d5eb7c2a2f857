"""All of it as an operator starts it: `ashar upgrade`, `demo`, `run --sandbox`."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Visit
from tests.journeys.stage import PostOffice
from tests.journeys.test_story import PROJECT, fill
from tests.journeys.visitor import PHONE, Visitor

pytestmark = pytest.mark.browser

ASHAR = [sys.executable, "-c", "from ashar.cli import main; main()"]
PATIENCE = 30.0


def free() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Running:
    """A site in processes of its own."""

    def __init__(self, folder: Path, post: PostOffice) -> None:
        self.port, self.sandbox_port = free(), free()
        self.url = f"http://127.0.0.1:{self.port}"
        self.sandbox_url = f"http://127.0.0.1:{self.sandbox_port}"
        inherited = {key: text for key, text in os.environ.items() if not key.startswith("ASHAR_")}
        # Nothing of Stripe: what other commands need of the sandbox, they find.
        own = {"ASHAR_INSTANCE_PATH": str(folder), "ASHAR_MAIL_URL": post.url}
        self.environ = inherited | own
        self.log = folder.with_suffix(".log")

    def command(self, *words: str) -> str:
        """Run `ashar …` to its end; return what it printed."""
        done = subprocess.run(
            [*ASHAR, *words], env=self.environ, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stdout + done.stderr[-2000:]
        return done.stdout

    def start(self) -> "subprocess.Popen[bytes]":
        """Start `ashar run`; return when it answers."""
        ports = ("--port", str(self.port), "--sandbox-port", str(self.sandbox_port))
        words = [*ASHAR, "run", "--sandbox", "--workers", "1", *ports]
        with self.log.open("wb") as log:
            process = subprocess.Popen(words, env=self.environ, stdout=log, stderr=log)
        eventually(lambda: answers(self.port) and answers(self.sandbox_port), self.log)
        return process


def answers(port: int) -> bool:
    with socket.socket() as found:
        return found.connect_ex(("127.0.0.1", port)) == 0


def eventually(holds: Any, log: Path) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, log.read_text(encoding="utf-8")[-3000:]
        time.sleep(0.1)


@pytest.fixture
def running(tmp_path: Path, post: PostOffice) -> Iterator[Running]:
    """Set up a fresh instance with sample data, run it, and end it."""
    site = Running(tmp_path / "instance", post)
    site.command("upgrade")
    site.command("demo")
    process = site.start()
    yield site
    process.send_signal(signal.SIGTERM)
    process.wait(PATIENCE)
    assert not answers(site.port) and not answers(site.sandbox_port)
    assert not list((tmp_path / "instance").glob("sandbox*"))


def raised(visitor: Visitor, site: Running) -> Decimal:
    """Ask the API what was raised."""
    answer = visitor.page.request.get(f"{site.url}/api/v1/projects/{PROJECT}")
    return Decimal(json.loads(answer.text())["raised"]["amount"])


def test_fifty_francs_from_a_phone_to_the_bar_and_back(
    running: Running, visit: Visit, post: PostOffice
) -> None:
    visitor = visit(locale="ky", **PHONE)
    page = visitor.page
    visitor.go(f"{running.url}/projects")
    page.locator("details.more > summary").click()
    page.locator("select[name=region]").select_option("KG-B")
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**region=KG-B*")
    page.locator(f'.card h3 a[href*="{PROJECT}"]').click()
    page.wait_for_url(f"**/projects/{PROJECT}*")
    before = raised(visitor, running)
    page.locator(f'a.button:not(.slim)[href*="/{PROJECT}/pledge"]').click()
    fill(page)
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(f"{running.sandbox_url}/**")
    page.locator("button[name=action][value=pay]").click()
    page.wait_for_url(f"{running.url}/pledges/*")
    expect(page.locator(".outcome .tone-good")).to_be_visible()
    token = page.url.split("/pledges/")[1].split("?")[0]
    eventually(lambda: raised(visitor, running) == before + 50, running.log)
    eventually(lambda: len(post.letters) == 1, running.log)
    visitor.met_only(running.url, running.sandbox_url)

    running.command("refund", token)
    eventually(lambda: raised(visitor, running) == before, running.log)
    eventually(lambda: len(post.letters) == 2, running.log)
    page.reload()
    expect(page.locator(".outcome .tone-rest")).to_be_visible()
    assert "FAIL" not in running.command("check")
