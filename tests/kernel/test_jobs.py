"""Jobs: plain functions by name, queued as JSON, run in an app context of their own."""

import json
import pickletools
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, current_app
from huey.registry import Message

from ashar.kernel import db, history, jobs
from ashar.kernel.errors import ConfigError
from ashar.kernel.history import History
from ashar.site import create_app
from tests.conftest import _dispose

NAME = "tests.note"


@pytest.fixture
def noted() -> Iterator[list[tuple[Any, ...]]]:
    """Register a job that notes what it was given."""
    found: list[tuple[Any, ...]] = []

    @jobs.job(NAME)
    def note(*ids: int | str) -> None:
        found.append((current_app.name, *ids))

    yield found
    del jobs.JOBS[NAME]


@pytest.fixture(params=["sqlite", "postgres"])
def queued(request: pytest.FixtureRequest, settings: dict[str, Any]) -> Iterator[Flask]:
    """Return a site with a real queue."""
    if request.param == "postgres" and "postgresql" not in settings["ASHAR_DATABASE_URL"]:
        pytest.skip("a queue on PostgreSQL needs PostgreSQL")
    settings["ASHAR_JOBS"] = request.param
    site = create_app(settings, environ={})
    yield site
    queue = queue_of(site)
    if hasattr(queue.huey.storage, "close"):
        queue.huey.storage.close()
    _dispose(site)


def queue_of(site: Flask) -> jobs.Queue:
    with site.app_context():
        found: jobs.Queue = site.extensions["ashar"].queue
    return found


def work(site: Flask) -> int:
    """Run what the queue holds, as a consumer would; return how many."""
    huey, done = queue_of(site).huey, 0
    while task := huey.dequeue():
        huey.execute(task)
        done += 1
    return done


def test_without_a_queue_a_job_runs_at_once(site: Flask, noted: list[Any]) -> None:
    with site.app_context():
        jobs.enqueue(NAME, 7, "eight")
    assert noted == [("ashar", 7, "eight")]


def test_a_job_waits_in_the_queue_and_keeps_its_ids(queued: Flask, noted: list[Any]) -> None:
    with queued.app_context():
        jobs.enqueue(NAME, 7, "eight")
        jobs.enqueue(NAME, 9)
    assert noted == []
    assert work(queued) == 2
    assert noted == [("ashar", 7, "eight"), ("ashar", 9)]


def test_another_process_finds_the_queue_again(
    queued: Flask, settings: dict[str, Any], noted: list[Any]
) -> None:
    with queued.app_context():
        jobs.enqueue(NAME, 7)
    other = create_app(settings, environ={})
    assert work(other) == 1
    assert noted == [("ashar", 7)]
    storage = queue_of(other).huey.storage
    if hasattr(storage, "close"):
        storage.close()
    _dispose(other)


def test_the_queues_file_holds_json_and_no_pickle(
    settings: dict[str, Any], noted: list[Any]
) -> None:
    settings["ASHAR_JOBS"] = "sqlite"
    site = create_app(settings, environ={})
    with site.app_context():
        jobs.enqueue(NAME, 7, "eight")
    file = Path(settings["ASHAR_INSTANCE_PATH"]) / "jobs.sqlite3"
    connection = sqlite3.connect(file)
    ((data,),) = connection.execute("SELECT data FROM task").fetchall()
    connection.close()
    message = Message(*json.loads(data)["message"])
    assert message.name.endswith("ashar.job")
    assert list(message.args) == [NAME, 7, "eight"]
    with pytest.raises(ValueError, match="."):
        list(pickletools.genops(bytes(data)))
    queue_of(site).huey.storage.close()
    _dispose(site)


def test_what_somebody_slipped_into_the_queue_is_not_run(
    settings: dict[str, Any], noted: list[Any], tmp_path: Path
) -> None:
    import pickle  # noqa: S403

    class Trap:
        def __reduce__(self) -> tuple[Any, tuple[str]]:
            return (open, (str(tmp_path / "sprung"), "w"))  # type: ignore[return-value]

    settings["ASHAR_JOBS"] = "sqlite"
    site = create_app(settings, environ={})
    huey = queue_of(site).huey
    huey.storage.enqueue(pickle.dumps(Trap()))
    with pytest.raises(ValueError, match="."):
        huey.dequeue()
    assert not (tmp_path / "sprung").exists()
    huey.storage.close()
    _dispose(site)


def test_a_job_that_nobody_knows_is_refused_when_it_is_asked_for(site: Flask) -> None:
    with site.app_context(), pytest.raises(KeyError):
        jobs.enqueue("tests.unheard")


def test_a_job_of_another_version_in_the_queue_does_not_stop_the_others(
    queued: Flask, noted: list[Any]
) -> None:
    queue = queue_of(queued)
    queue._task("tests.gone", 1)
    with queued.app_context():
        jobs.enqueue(NAME, 2)
    assert work(queued) == 2
    assert noted == [("ashar", 2)]


def test_a_queue_that_is_out_of_order_does_not_fail_who_asked(
    settings: dict[str, Any], noted: list[Any]
) -> None:
    settings["ASHAR_JOBS"] = "redis://127.0.0.1:9/0"
    pytest.importorskip("redis")
    site = create_app(settings, environ={})
    with site.app_context():
        jobs.enqueue(NAME, 7)
        assert jobs.trouble() != ""
    assert noted == []
    _dispose(site)


def test_a_queue_in_order_has_no_trouble(queued: Flask) -> None:
    with queued.app_context():
        assert jobs.trouble() == ""


def test_a_place_for_jobs_that_nobody_knows_is_refused_in_words(settings: dict[str, Any]) -> None:
    site = create_app({**settings, "ASHAR_JOBS": "rabbitmq"}, environ={})
    with site.app_context(), pytest.raises(ConfigError, match="rabbitmq.*none of"):
        jobs.enqueue("mail.sweep")
    _dispose(site)


def test_a_job_that_fails_leaves_nothing_half_written(site: Flask, noted: list[Any]) -> None:
    @jobs.job("tests.half")
    def half() -> None:
        with db.transaction():
            history.record("half", 1, "x", None, "y")
            raise RuntimeError("no")

    try:
        with site.app_context():
            with pytest.raises(RuntimeError):
                jobs.enqueue("tests.half")
            assert db.session.query(History).count() == 0
    finally:
        del jobs.JOBS["tests.half"]


def test_a_ticker_runs_each_recurring_job_in_its_time_and_bears_failures(site: Flask) -> None:
    seen: list[str] = []

    @jobs.job("tests.often", every=5)
    def often() -> None:
        seen.append("often")
        raise RuntimeError("no")

    @jobs.job("tests.seldom", every=60)
    def seldom() -> None:
        seen.append("seldom")

    class Quiet:
        """Runs the tests' own jobs only."""

        def run(self, name: str) -> None:
            if name.startswith("tests."):
                jobs.JOBS[name].run()

    try:
        ticker = jobs.Ticker(Quiet())  # type: ignore[arg-type]
        for second in (100, 101, 105, 110, 160):
            ticker.tick(float(second))
        assert seen.count("often") == 4
        assert seen.count("seldom") == 2
        ticker.start()
        ticker.stop()
        ticker.join(5)
        assert not ticker.is_alive()
    finally:
        del jobs.JOBS["tests.often"], jobs.JOBS["tests.seldom"]


@pytest.mark.parametrize(
    "name", ["inbox.sweep", "gateways.missed", "outbox.sweep", "mail.sweep", "refunds.send"]
)
def test_whatever_must_not_be_lost_is_swept_for(name: str) -> None:
    every = jobs.JOBS[name].every
    assert every is not None and every <= 600


def test_sweeps_in_an_empty_site_find_nothing_and_are_quick(sandbox: Any, site: Flask) -> None:
    began = time.monotonic()
    with site.app_context():
        for found in jobs.JOBS.values():
            if found.every is not None:
                queue_of(site).run(found.name)
    assert time.monotonic() - began < 20
