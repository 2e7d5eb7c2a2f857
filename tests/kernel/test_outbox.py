"""Signals are rows first: none is lost with a process, and receivers hear a fact at least once."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from ashar.kernel import db, history, jobs, outbox
from ashar.kernel.history import History
from ashar.kernel.outbox import Outbox
from ashar.kernel.signals import SIGNALS
from ashar.site import create_app
from tests.conftest import Clock, _dispose
from tests.faults.locks import together

NAME = "project_moved"
Heard = list[dict[str, Any]]


@contextmanager
def listening(site: Flask, receiver: Any) -> Iterator[None]:
    SIGNALS[NAME].connect(receiver, sender=site, weak=False)
    try:
        yield
    finally:
        SIGNALS[NAME].disconnect(receiver, sender=site)


def emit(slug: str = "rice") -> None:
    with db.transaction():
        outbox.emit(NAME, project=slug)


def hearer(heard: Heard) -> Any:
    return lambda _app, **facts: heard.append(facts)


def row() -> Outbox:
    db.session.rollback()
    return db.session.query(Outbox).one()


def test_a_signal_is_sent_after_the_commit_with_its_facts_and_a_name(site: Flask) -> None:
    heard: Heard = []
    with site.app_context(), listening(site, hearer(heard)):
        with db.transaction():
            outbox.emit(NAME, project="rice")
            assert heard == []
        assert heard == [{"project": "rice", "fact": f"outbox-{row().id}"}]
        assert row().done_at is not None


def test_nothing_is_sent_of_a_transaction_that_failed(site: Flask) -> None:
    heard: Heard = []
    with site.app_context(), listening(site, hearer(heard)):
        with pytest.raises(ZeroDivisionError), db.transaction():
            outbox.emit(NAME, project="rice")
            _ = 1 // 0
        assert db.session.query(Outbox).count() == 0
        outbox.sweep()
    assert heard == []


def test_nothing_is_written_when_nobody_listens(site: Flask) -> None:
    with site.app_context():
        emit()
        assert db.session.query(Outbox).count() == 0


def test_a_signal_that_nobody_knows_is_refused(site: Flask) -> None:
    with site.app_context(), pytest.raises(KeyError), db.transaction():
        outbox.emit("pledge_doubled", pledge=1)


def test_a_receiver_that_raises_is_heard_of_and_asked_again_the_others_too(
    site: Flask, clock: Clock
) -> None:
    heard: Heard = []
    failures = [RuntimeError("the host's mail is down")]

    def moody(_app: Flask, **_facts: Any) -> None:
        if failures:
            raise failures.pop()

    with site.app_context(), listening(site, moody), listening(site, hearer(heard)):
        emit()
        assert len(heard) == 1
        assert row().done_at is None and "mail is down" in str(row().error)
        assert outbox.sweep() == 0, "its time has not come"
        clock.forward(seconds=30)
        assert outbox.sweep() == 1
        assert row().done_at is not None and row().error is None
        # At least once: who hears a fact twice knows it by its name.
        assert len({facts["fact"] for facts in heard}) == 1 and len(heard) == 2


def test_a_receiver_that_always_raises_is_asked_ever_more_seldom(site: Flask, clock: Clock) -> None:
    def broken(_app: Flask, **_facts: Any) -> None:
        raise RuntimeError("always")

    with site.app_context(), listening(site, broken):
        emit()
        waits = []
        for _ in range(12):
            found = row()
            waits.append(found.next_at - clock())
            clock.forward(hours=2)
            outbox.sweep()
        assert waits[1] < waits[5] <= waits[-1]
        assert waits[-1] <= outbox.LONGEST_WAIT
        assert row().attempts == 13


def test_what_a_dead_process_left_is_taken_up_by_the_sweep(site: Flask, clock: Clock) -> None:
    heard: Heard = []
    with site.app_context(), listening(site, hearer(heard)):
        with db.transaction() as session:
            # As after a kill between the commit and the sending.
            now = clock()
            session.add(
                Outbox(signal=NAME, facts={"project": "rice"}, made_at=now, next_at=now, attempts=0)
            )
        assert outbox.sweep() == 1
        assert [facts["project"] for facts in heard] == ["rice"]
        assert outbox.sweep() == 0


def test_the_sweep_is_a_job_that_recurs() -> None:
    assert jobs.JOBS["outbox.sweep"].every == 5


def test_sweeps_at_once_share_the_work(site: Flask, clock: Clock) -> None:
    heard: Heard = []
    with site.app_context(), db.transaction() as session:
        now = clock()
        for number in range(20):
            session.add(
                Outbox(
                    signal=NAME,
                    facts={"project": str(number)},
                    made_at=now,
                    next_at=now,
                    attempts=0,
                )
            )

    def sweep(_number: int) -> None:
        with site.app_context():
            outbox.sweep()

    with listening(site, hearer(heard)):
        together(4, sweep)
    assert sorted(int(facts["project"]) for facts in heard) == list(range(20))


def test_a_receiver_may_write_in_a_transaction_of_its_own(site: Flask) -> None:
    def writer(_app: Flask, **_facts: Any) -> None:
        with db.transaction():
            history.record("heard", 1, "what", None, "new")

    with site.app_context(), listening(site, writer):
        emit()
        assert db.session.query(History).filter_by(kind="heard").count() == 1


def test_a_receiver_that_leaves_rows_unsaved_does_not_break_what_follows(
    site: Flask, clock: Clock
) -> None:
    heard: Heard = []

    def careless(_app: Flask, **_facts: Any) -> None:
        at = datetime.now(UTC)
        db.session.add(History(kind="careless", subject_id=1, what="x", why="", at=at))

    with site.app_context(), listening(site, careless), listening(site, hearer(heard)):
        emit()
        assert len(heard) == 1
        assert "not saved" in str(row().error)
        with db.transaction():
            history.record("after", 1, "what", None, "new")
        assert [found.kind for found in db.session.query(History)] == ["after"]


def test_another_app_in_the_process_does_not_hear(
    site: Flask, settings: dict[str, Any], tmp_path: Any
) -> None:
    other = create_app({**settings, "ASHAR_INSTANCE_PATH": str(tmp_path / "other")}, environ={})
    heard: Heard = []
    with listening(other, hearer(heard)), site.app_context():
        emit()
    assert heard == []
    _dispose(other)


def test_in_a_request_signals_are_sent_when_the_answer_is_out(site: Flask) -> None:
    heard: Heard = []
    before: list[int] = []

    @site.get("/emit")
    def view() -> str:
        emit()
        before.append(len(heard))
        return "done"

    with listening(site, hearer(heard)):
        assert site.test_client().get("/emit", buffered=True).text == "done"
    assert before == [0] and len(heard) == 1


def test_what_is_done_quietly_is_told_nobody(site: Flask) -> None:
    heard: Heard = []
    with site.app_context(), listening(site, hearer(heard)):
        with outbox.quiet():
            emit("quiet")
        emit("loud")
        assert row().facts["project"] == "loud"
    assert [facts["project"] for facts in heard] == ["loud"]
