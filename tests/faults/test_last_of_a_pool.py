"""Many at once take the last of a matching pool: never more than there is, never twice."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from ashar.kernel import db
from ashar.kernel.money import Money
from ashar.pledges import settlement, tasks
from ashar.pledges.models import Match, Payment, Pool
from ashar.site import create_app
from tests.conftest import Clock, _dispose
from tests.factories import make_pledge, make_pool, make_project, notice, settle
from tests.faults.locks import together
from tests.faults.story import FULL
from tests.faults.takers import careless, take
from tests.operations.house import ROOT, until
from tests.pledges.test_settlement import refund

THREADS = 8
PROCESSES, EACH = (4, 32) if FULL else (2, 4)


def taken(pool: int) -> tuple[int, int, int]:
    """Return what the pool counts, what its matches hold, and how many there are."""
    found = db.session.get_one(Pool, pool, populate_existing=True)
    rows = list(db.session.query(Match).filter_by(pool_id=pool))
    assert len({row.payment_id for row in rows}) == len(rows)
    held = sum(row.reserved_minor + row.given_minor for row in rows)
    return found.reserved_minor + found.booked_minor, held, len(rows)


def test_threads_share_out_the_last_of_a_pool(site: Flask) -> None:
    with site.app_context():
        project, pool = make_project(), make_pool(total="120.00")
    assert take(site, project, THREADS, 1) == []
    with site.app_context():
        assert taken(pool) == (12_000, 12_000, 3)


def test_without_the_lock_more_would_be_given_than_there_is(
    settings: dict[str, Any], clock: Clock
) -> None:
    """The negative control of the test above."""
    site = create_app(settings, environ={}, clock=clock)
    with site.app_context():
        project, pool = make_project(), make_pool(total="120.00")
    with careless(site, THREADS):
        faults = take(site, project, THREADS, 1)
    with site.app_context():
        assert taken(pool)[1] > 12_000 or faults
    _dispose(site)


def test_gifts_that_come_late_share_out_what_is_free(site: Flask) -> None:
    """What each had set aside was let go; they take it anew when they settle."""
    with site.app_context():
        project, pool = make_project(), make_pool(total="120.00")
        payments = []
        for _ in range(THREADS):
            payments.append(make_pledge(project)[1])
            with db.transaction() as session:
                payment = session.get_one(Payment, payments[-1])
                settlement.receive(notice(payment, "expired"))

    def late(number: int) -> None:
        with site.app_context():
            settle(payments[number])

    together(THREADS, late)
    with site.app_context():
        assert taken(pool) == (12_000, 12_000, THREADS)


def test_who_pledges_settles_and_gives_back_at_once_never_waits_in_a_circle(site: Flask) -> None:
    """The pool is locked after the payment and before the totals, by everybody."""
    with site.app_context():
        project, pool = make_project(), make_pool(total="400.00")
        payments = [make_pledge(project)[1] for _ in range(6)]
        for row in payments[:3]:
            settle(row)

    def act(number: int) -> None:
        with site.app_context():
            if number < 3:
                with db.transaction() as session:
                    payment = session.get_one(Payment, payments[number])
                    money = Money(2000, "CHF")
                    settlement.receive(refund(payment, money, "succeeded", f"re_{number}"))
            elif number < 6:
                settle(payments[number])
            else:
                make_pledge(project)

    together(THREADS, act)
    with site.app_context():
        assert taken(pool) == (34_000, 34_000, 8)


def test_who_lets_go_of_many_pools_and_who_takes_of_each_never_wait_in_a_circle(
    site: Flask, clock: Clock
) -> None:
    with site.app_context():
        rows = [make_project(slug) for slug in ("first", "second")]
        pools = [
            make_pool(f"for-{slug}", scopes=(("project", slug),)) for slug in ("first", "second")
        ]
        payments = [make_pledge(row, "20.00")[1] for row in (*rows, *reversed(rows))]
        with db.transaction() as session:
            # Two were never begun, of both pools.
            for payment in payments[:2]:
                session.get_one(Payment, payment).session_id = None
    clock.forward(days=2)

    def act(number: int) -> None:
        with site.app_context():
            if number < 2:
                tasks.drop_unbegun()
            elif number < 4:
                settle(payments[number])
            else:
                make_pledge(rows[number % 2], "20.00")

    together(6, act)
    with site.app_context():
        assert [taken(pool) for pool in pools] == [(4000, 4000, 3)] * 2


@pytest.mark.faults
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_processes_full_of_threads_share_out_the_last_of_a_pool(
    site: Flask, settings: dict[str, Any], tmp_path: Path
) -> None:
    total = PROCESSES * EACH * 25 + 20
    with site.app_context():
        project, pool = make_project(goal=Money(10**9, "CHF")), make_pool(total=f"{total}.00")
    assert _race(settings, tmp_path, project) == []
    with site.app_context():
        counted, held, _ = taken(pool)
        assert counted == held == total * 100


def _race(settings: dict[str, Any], folder: Path, project: int) -> list[str]:
    """Let processes full of threads take at once; return the faults that they met."""
    go = folder / "go"
    url, instance = str(settings["ASHAR_DATABASE_URL"]), str(folder / "instance")
    line = [sys.executable, "-m", "tests.faults.takers", url, instance, str(project)]
    takers = [
        subprocess.Popen(
            [*line, str(EACH), "2", str(go)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        for _ in range(PROCESSES)
    ]
    until(lambda: len(list(folder.glob("go.*"))) == PROCESSES, "all are ready")
    go.touch()
    answers = [taker.communicate(timeout=900)[0] for taker in takers]
    assert [taker.returncode for taker in takers] == [0] * PROCESSES
    return [line for answer in answers for line in answer.splitlines()]
