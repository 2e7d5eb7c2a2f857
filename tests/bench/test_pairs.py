"""Every pair of the bench runs, on few rows; how fast it is here nobody asks.

In a process of its own, since the bench lifts the limits and silences the log.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.conftest import missing

ROOT = Path(__file__).resolve().parents[2]
SMALL = ("--projects", "20", "--pledges", "60", "--rounds", "1", "--share", "0.04")


def run(engine: str, pairs: str) -> list[dict[str, object]]:
    """Run pairs; return the rows of the JSON."""
    with tempfile.TemporaryDirectory(prefix="ashar-bench-") as folder:
        found = Path(folder) / "results.json"
        options = ("--engines", engine, "--only", pairs, "--cache", folder, "--json", str(found))
        done = subprocess.run(
            [sys.executable, "-m", "bench", *SMALL, *options],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        # 1 is told for a missed bound.
        assert done.returncode in {0, 1}, done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        rows: list[dict[str, object]] = json.loads(found.read_text())["rows"]
        return rows


def names(rows: list[dict[str, object]]) -> str:
    return " | ".join(str(row["pair"]) for row in rows)


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_pages_pledges_and_webhooks_are_measured_on(engine: str) -> None:
    rows = run(engine, "pages,pledging,webhooks")
    for pair in (
        "listing",
        "project page",
        "search",
        "pledge form",
        "transfer",
        "acknowledged",
        "settled",
    ):
        assert pair in names(rows)
    assert all(float(str(row["ratio"])) > 0 for row in rows)


def test_writers_are_measured() -> None:
    assert "8 writers" in names(run("postgresql", "writers"))


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_the_statements_of_a_year_are_measured(engine: str) -> None:
    rows = run(engine, "rounds")
    assert "donors" in names(rows) and "memory" in names(rows)


def test_starting_is_measured() -> None:
    assert "memory" in names(run("sqlite", "starting"))


def test_dj_stripe_is_measured() -> None:
    if not (ROOT / ".venv-djstripe" / "ready").exists():
        missing("dj-stripe", "`make bench` sets it up")
    assert "dj-stripe" in names(run("postgresql", "djstripe"))
