"""A running site: `ashar run` as an operator starts it, in processes of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import requests

ROOT = Path(__file__).resolve().parents[2]
ASHAR = [sys.executable, "-c", "from ashar.cli import main; main()"]
#: Seconds within which something has to happen, on a machine that does much else.
PATIENCE = 120.0


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(true: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
    """Wait until something is true and return it; fail when it does not come."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := true():
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds:g} s: {what}")


def environment(settings: Mapping[str, Any], **more: str) -> dict[str, str]:
    """Return an environment with a test's database and folder, and no other setting of ours."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("ASHAR_")}
    ours = {
        "ASHAR_DATABASE_URL": str(settings["ASHAR_DATABASE_URL"]),
        "ASHAR_INSTANCE_PATH": str(settings["ASHAR_INSTANCE_PATH"]),
        "ASHAR_RATELIMIT_ENABLED": "0",
        "PYTHONPATH": str(ROOT),
    }
    return clean | ours | more


@dataclass
class House:
    """A supervisor and what it started."""

    process: "subprocess.Popen[bytes]"
    port: int
    log: Path

    @property
    def url(self) -> str:
        """Return the site's address."""
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, seconds: float = 10) -> requests.Response:
        """Fetch a page on a connection of its own."""
        return requests.get(self.url + path, timeout=seconds)

    def answers(self) -> bool:
        """Tell whether the site is up; fail when the supervisor has given up."""
        assert self.process.poll() is None, self.log.read_text()
        try:
            return self.get("/healthz", 2).ok
        except requests.RequestException:
            return False

    def wait(self) -> "House":
        """Return when the site answers."""
        try:
            until(self.answers, "the site is up")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.log.read_text()}") from None
        return self

    def all(self) -> list[psutil.Process]:
        """Return every process beneath the supervisor, and itself."""
        top = psutil.Process(self.process.pid)
        return [top, *top.children(recursive=True)]

    def named(self, *words: str) -> list[psutil.Process]:
        """Return the supervisor's own children with all these words on their command line."""
        children = psutil.Process(self.process.pid).children()
        return [found for found in children if {*words} <= set(_command(found))]

    def workers(self) -> list[psutil.Process]:
        """Return granian's workers: children of the web process."""
        return [child for web in self.named("web")[:1] for child in web.children()]


@contextmanager
def started(
    environ: Mapping[str, str],
    folder: Path,
    *options: str,
    command: list[str] | None = None,
    port: int | None = None,
) -> Iterator[House]:
    """Run `ashar run` on a free port; whatever it leaves behind is ended."""
    port = port or free_port()
    log = folder / f"run-{port}.log"
    line = [*(command or ASHAR), "run", "--port", str(port), *options]
    with log.open("wb") as out:
        process = subprocess.Popen(line, env=dict(environ), cwd=folder, stdout=out, stderr=out)
    house = House(process, port, log)
    try:
        yield house
    finally:
        _end(house)


def _end(house: House) -> None:
    if house.process.poll() is None:
        family = house.all()
        house.process.terminate()
        try:
            house.process.wait(40)
        except subprocess.TimeoutExpired:
            for one in family:
                if one.is_running():
                    one.kill()
            house.process.wait()


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:  # it has just ended
        return []


def gone(processes: list[psutil.Process], seconds: float = 5) -> list[psutil.Process]:
    """Wait for processes to end; return those that did not."""
    _, alive = psutil.wait_procs(processes, timeout=seconds)
    return [one for one in alive if one.status() != psutil.STATUS_ZOMBIE]
