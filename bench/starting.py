"""What it costs to start, beside importing the same third-party parts bare.

Each figure is of a process of its own; both sides take turns.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from bench.engines import CACHE
from bench.measure import Cost, compare
from bench.results import Row, rows
from bench.run import Run

CHILD = Path(__file__).with_name("starting_child.py")


def measure(run: Run) -> Iterator[Row]:
    """Compare the plugin, the stand-alone site, and a worker's memory; once, on SQLite."""
    if run.engine != "sqlite":
        return
    for kind, label, most in (
        ("plugin", "import and init_app, no Stripe / parts bare", 1.1),
        ("site", "stand-alone site started / parts bare", 1.2),
    ):
        parts = _run(kind, run.url, [])["parts"]
        found = compare(_starting(kind, run.url), _starting("parts", parts), run.rounds, 1)
        yield rows(label, "", found, most=most)[0]
    yield _memory(run)


def _starting(kind: str, what: Any) -> Callable[[int], Cost]:
    def measured(_steps: int) -> Cost:
        found = _run(kind, *(("", what) if kind == "parts" else (what, [])))
        return Cost(found["cpu"], found["wall"])

    return measured


def _memory(run: Run) -> Row:
    """Compare the resident memory of two workers that have each served pages."""
    parts = _run("worker", run.url, [])["parts"]
    pairs = [
        (_run("worker", run.url, [])["rss"], _run("bare worker", run.url, parts)["rss"])
        for _ in range(run.rounds)
    ]
    ours, bare = (median(side) for side in zip(*pairs, strict=True))
    ratio = median(one / other for one, other in pairs)
    return Row("a worker's memory / parts bare", "", "MiB", ours, bare, ratio, most=1.25)


def _environ() -> dict[str, str]:
    """Let both sides find compiled modules, whatever this shell says about writing them."""
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": str(CACHE / "bytecode")}


def _run(kind: str, url: str, parts: list[str]) -> dict[str, Any]:
    with TemporaryDirectory(prefix="ashar-bench-") as folder:
        done = subprocess.run(
            [sys.executable, str(CHILD), kind, url, folder],
            input=json.dumps(parts),
            env=_environ(),
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(f"{kind}: {done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
