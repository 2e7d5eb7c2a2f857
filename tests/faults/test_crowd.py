"""Threads of several processes at one payment: never above what was paid, never twice."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ashar import checks
from ashar.kernel import clock, db
from ashar.pledges.models import Refund
from ashar.pledges.states import LIVE
from ashar.projects.models import Totals
from ashar.site import create_app
from tests.conftest import Clock, _dispose
from tests.factories import make_account, make_project, make_transfer
from tests.faults.crowd import PART
from tests.operations.house import ROOT, until
from tests.pledges.test_refunds import came
from tests.pledges.test_transfers import totals

#: Processes and threads of each.
SIZES = [(2, 10), pytest.param((4, 32), marks=pytest.mark.faults)]


def crowd(
    settings: dict[str, Any], folder: Path, clock_: Clock, size: tuple[int, int], guarded: bool
) -> tuple[int, dict[str, list[str]], tuple[int, int, int]]:
    """Let them all at it; return what they got, the differences, and the totals."""
    site = create_app(settings, environ={}, clock=clock_)
    processes, threads = size
    with site.app_context():
        make_account("CHF")
        project = make_project()
        payment = came(make_transfer(project)).id
        reference = str(make_transfer(project).reference)
        at = clock.now().isoformat()
        db.session.rollback()
    go = folder / "go"
    given = {
        "settings": settings, "threads": threads, "guarded": guarded, "payment": payment,
        "reference": reference, "at": at, "go": str(go),
    }  # fmt: skip
    line = [sys.executable, "-m", "tests.faults.crowd", json.dumps(given)]
    all_of = [subprocess.Popen(line, cwd=ROOT) for _ in range(processes)]
    until(lambda: len(list(folder.glob("go.*"))) == processes, "all are ready")
    go.touch()
    assert [one.wait(400) for one in all_of] == [0] * processes
    with site.app_context():
        rows = db.session.query(Refund).filter(Refund.state.in_(LIVE)).all()
        found = sum(row.minor for row in rows)
        wrong = {name: lines for name, lines in checks.run().items() if lines}
        assert db.session.query(Totals).count() == 1
        sums = totals()
    _dispose(site)
    return found, wrong, sums


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_many_hands_get_what_was_paid_and_one_fact_is_settled_once(
    settings: dict[str, Any], tmp_path: Path, clock: Clock, size: tuple[int, int]
) -> None:
    got, wrong, (raised, awaiting, supporters) = crowd(settings, tmp_path, clock, size, True)
    asked = size[0] * size[1] * PART.minor
    assert got == min(asked, 5000 // PART.minor * PART.minor)
    assert wrong == {}
    assert (raised, awaiting, supporters) == (10_000 - got, 0, 2)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_without_the_locks_many_hands_get_more_than_was_paid(
    settings: dict[str, Any], tmp_path: Path, clock: Clock
) -> None:
    """The negative control: twice twelve hands read before any of them writes."""
    got, wrong, _ = crowd(settings, tmp_path, clock, (2, 12), False)
    assert got > 5000
    assert wrong
