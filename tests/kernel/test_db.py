"""The one way to write: once, whole, or not at all; and two processes lose nothing."""

import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError

from ashar.kernel import db, history
from ashar.kernel.errors import PendingRows
from ashar.kernel.history import History
from ashar.ledger import rates
from ashar.ledger.models import Rate
from tests.faults.locks import together


def write(number: int = 1) -> None:
    history.record("test", number, "what", None, "new")


def rows() -> int:
    db.session.rollback()
    return db.session.query(History).count()


def test_what_was_written_is_there_after_the_transaction(site: Flask) -> None:
    with site.app_context():
        with db.transaction():
            write()
        assert rows() == 1


def test_an_error_leaves_nothing_behind(site: Flask) -> None:
    done: list[str] = []
    with site.app_context():
        with pytest.raises(ZeroDivisionError), db.transaction():
            write()
            db.after_commit("told", lambda: done.append("told"))
            db.at_end("last", lambda: done.append("last"))
            _ = 1 // 0
        assert rows() == 0
        assert done == []
        with db.transaction():
            write()
        assert rows() == 1


def test_a_transaction_inside_another_joins_it(site: Flask) -> None:
    with site.app_context():
        with pytest.raises(ZeroDivisionError), db.transaction():
            with db.transaction():
                write()
            _ = 1 // 0
        assert rows() == 0


def test_steps_put_off_run_once_a_key_last_before_and_told_after_the_commit(site: Flask) -> None:
    seen: list[tuple[str, int]] = []
    with site.app_context():

        def note(word: str) -> None:
            with db.database().engine.connect() as other:
                committed = other.execute(sa.select(sa.func.count(History.id))).scalar_one()
            seen.append((word, committed))

        with db.transaction():
            for _ in range(3):
                db.after_commit("told", lambda: note("told"))
                db.at_end("last", lambda: note("last"))
            with db.transaction():
                db.after_commit("told", lambda: note("told"))
            write()
            assert seen == []
    assert seen == [("last", 0), ("told", 1)]


def test_a_step_at_the_end_that_fails_undoes_everything(site: Flask) -> None:
    def fail() -> None:
        raise RuntimeError("no")

    with site.app_context():
        with pytest.raises(RuntimeError), db.transaction():
            write()
            db.at_end("last", fail)
        assert rows() == 0


def test_what_is_gathered_belongs_to_one_transaction(site: Flask) -> None:
    with site.app_context():
        for _ in range(2):
            with db.transaction():
                db.gathered("words", list).append("one")
                assert db.gathered("words", list) == ["one"]


def test_services_write_inside_a_transaction_only(site: Flask) -> None:
    with site.app_context():
        for put_off in (db.at_end, db.after_commit):
            with pytest.raises(RuntimeError, match="with transaction"):
                put_off("key", lambda: None)


@pytest.mark.parametrize("flushed", [False, True])
def test_rows_of_the_host_that_are_not_saved_are_not_lost_in_silence(
    site: Flask, flushed: bool
) -> None:
    with site.app_context():
        row = History(kind="host", subject_id=1, what="x", why="", at=datetime.now(UTC))
        db.session.add(row)
        if flushed:
            db.session.flush()
        with pytest.raises(PendingRows), db.transaction():
            write()
        db.session.commit()
        with db.transaction():
            write()
        assert rows() == 2


def test_with_join_the_hosts_rows_are_committed_with_ours(site: Flask) -> None:
    with site.app_context():
        if db.dialect() == "sqlite":
            pytest.skip("a host's reading transaction cannot become a writing one on SQLite")
        db.session.add(History(kind="host", subject_id=1, what="x", why="", at=datetime.now(UTC)))
        with db.transaction(join=True):
            write()
        assert rows() == 2


def test_a_transaction_reads_what_others_wrote_since_the_page_was_read(site: Flask) -> None:
    with site.app_context():
        with db.transaction():
            write()
        before = db.session.query(History).one()
        assert before.why == ""
        with db.database().engine.begin() as other:
            other.execute(sa.update(History).values(why="changed"))
        with db.transaction() as session:
            assert session.query(History).one().why == "changed"


def test_writers_on_sqlite_wait_for_each_other_and_postgresql_locks_rows(site: Flask) -> None:
    order: list[str] = []
    inside, may_end = threading.Event(), threading.Event()

    def first() -> None:
        with site.app_context(), db.transaction():
            write(1)
            inside.set()
            may_end.wait(5)
            order.append("first")

    def second() -> None:
        inside.wait(5)
        with site.app_context():
            if db.dialect() != "sqlite":
                order.append("second")
                may_end.set()
                return
            threading.Timer(0.3, may_end.set).start()
            with db.transaction():
                order.append("second")
                write(2)

    threads = [threading.Thread(target=work) for work in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    with site.app_context():
        wanted = ["first", "second"] if db.dialect() == "sqlite" else ["second", "first"]
    assert order == wanted


def test_a_refused_row_can_be_followed_by_another_transaction(site: Flask) -> None:
    insert = sa.insert(Rate).values(
        currency="CHF", day=datetime.now(UTC).date(), rate=Decimal(1), source="x"
    )
    with site.app_context():
        with db.transaction() as session:
            session.execute(insert)
        with pytest.raises(IntegrityError), db.transaction() as session:
            session.execute(insert)
        with db.transaction():
            write()
        assert rows() == 1


def test_threads_that_count_in_transactions_lose_nothing(site: Flask) -> None:
    with site.app_context():
        with db.transaction():
            write(0)
        key = db.session.query(History.id).scalar()

    def count(_number: int) -> None:
        for _ in range(10):
            with site.app_context(), db.transaction() as session:
                row = session.get_one(History, key, with_for_update=True)
                row.subject_id += 1

    together(6, count)
    with site.app_context():
        assert db.session.get_one(History, key).subject_id == 60


# Two processes -----------------------------------------------------------------------------

INCREMENTS = 300

COUNTER = """
import sys
from ashar.kernel import db
from ashar.kernel.history import History
from ashar.site import create_app

site = create_app({"ASHAR_DATABASE_URL": sys.argv[1], "ASHAR_INSTANCE_PATH": sys.argv[2]},
                  environ={})
with site.app_context():
    sys.stdin.readline()
    for _ in range(int(sys.argv[3])):
        with db.transaction() as session:
            row = session.query(History).with_for_update().one()
            row.subject_id += 1
"""

NAIVE = """
import sqlite3
import sys
import time

connection = sqlite3.connect(sys.argv[1].removeprefix("sqlite:///"), timeout=20)
sys.stdin.readline()
for _ in range(int(sys.argv[3])):
    # The driver begins a transaction at the UPDATE: what was read before it is old.
    (found,) = connection.execute("SELECT subject_id FROM ashar_history").fetchone()
    time.sleep(0.0002)
    connection.execute("UPDATE ashar_history SET subject_id = ?", (found + 1,))
    connection.commit()
"""


def _count(program: str, url: str, folder: Path) -> None:
    command = [sys.executable, "-c", program, url, str(folder), str(INCREMENTS)]
    begun = [
        subprocess.Popen(command, stdin=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
        for _ in range(2)
    ]
    time.sleep(0.5)
    for process in begun:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.close()
    assert [process.wait(120) for process in begun] == [0, 0]


def test_two_processes_counting_in_one_database_lose_nothing(
    site: Flask, database_url: str, tmp_path: Path
) -> None:
    with site.app_context(), db.transaction():
        write(0)
    _count(COUNTER, database_url, tmp_path)
    with site.app_context():
        assert db.session.query(History).one().subject_id == 2 * INCREMENTS


def test_the_drivers_own_transactions_lose_increments(
    site: Flask, database_url: str, tmp_path: Path
) -> None:
    """The negative control of the test above."""
    if not database_url.startswith("sqlite"):
        pytest.skip("this is about SQLite's driver")
    with site.app_context(), db.transaction():
        write(0)
    _count(NAIVE, database_url, tmp_path)
    with site.app_context():
        assert db.session.query(History).one().subject_id < 2 * INCREMENTS


# Types -------------------------------------------------------------------------------------


def test_an_instant_comes_back_in_utc_whatever_zone_it_went_in_with(site: Flask) -> None:
    east = datetime(2026, 3, 2, 14, 0, tzinfo=timezone(timedelta(hours=6)))
    with site.app_context():
        with db.transaction() as session:
            session.add(History(kind="t", subject_id=1, what="x", why="", at=east))
        found = db.session.query(History).one().at
        assert found == east
        assert found.utcoffset() == timedelta(0)


def test_a_time_without_a_zone_is_refused(site: Flask) -> None:
    bare = datetime(2026, 3, 2, 14, 0)  # noqa: DTZ001
    with site.app_context():
        with pytest.raises(sa.exc.StatementError, match="without a zone"), db.transaction() as s:
            s.add(History(kind="t", subject_id=1, what="x", why="", at=bare))


def test_a_rate_keeps_every_digit(site: Flask) -> None:
    exact, day = Decimal("0.10000000000000000000000001"), datetime.now(UTC).date()
    with site.app_context():
        with db.transaction():
            rates.add("CHF", day, exact, "test")
        assert db.session.query(Rate).one().rate == exact


def test_sqlite_is_set_up_to_keep_what_it_acknowledged(site: Flask) -> None:
    with site.app_context():
        if db.dialect() != "sqlite":
            pytest.skip("this is about SQLite")
        found = {
            name: db.session.execute(sa.text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers")
        }
        assert found == {
            "journal_mode": "wal",
            "synchronous": 2,
            "foreign_keys": 1,
            "recursive_triggers": 1,
        }


def test_the_session_is_the_current_apps_own(site: Flask) -> None:
    with site.app_context():
        assert db.session.get_bind() is db.database().engine
