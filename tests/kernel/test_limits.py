"""Limits: counted once for all threads and processes, and told in words."""

import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from limits import parse

from ashar.kernel import db, jobs, limits, locks
from ashar.kernel.limits import DatabaseStorage, TooMany, hit, hit_all, make_storage
from ashar.site import create_app
from tests.conftest import _dispose
from tests.factories import PROJECT, make_project
from tests.faults.locks import together
from tests.live import read_form


@pytest.fixture
def settings(settings: dict[str, Any]) -> dict[str, Any]:
    """Turn the limits on."""
    return settings | {"ASHAR_RATELIMIT_ENABLED": True}


def storage_of(site: Flask) -> DatabaseStorage:
    found = site.extensions["ashar"].limits
    assert isinstance(found, DatabaseStorage)
    return found


def test_as_many_as_the_rule_says_pass_and_then_none(site: Flask) -> None:
    with site.app_context():
        for _ in range(10):
            hit("register", "192.0.2.1")
        with pytest.raises(TooMany) as refused:
            hit("register", "192.0.2.1")
        assert 1 <= refused.value.seconds <= 61
        hit("register", "192.0.2.2")
        hit("reset", "192.0.2.1")


@pytest.mark.parametrize("where", ["database", "memory"])
def test_who_is_refused_under_one_rule_does_not_count_under_the_next(
    site: Flask, where: str
) -> None:
    site.config["ASHAR_RATELIMIT_STORAGE"] = where
    with site.app_context():
        for _ in range(25):
            with contextlib.suppress(TooMany):
                hit_all({"register": "192.0.2.1", "pledge-email": "a@example.org"})
        for _ in range(10):
            hit("pledge-email", "a@example.org")
        with pytest.raises(TooMany):
            hit("pledge-email", "a@example.org")


def test_many_who_count_under_the_same_rules_do_not_block_each_other(site: Flask) -> None:
    rules = ["api", "search", "project-pledges"]

    def ask(number: int) -> None:
        with site.app_context():
            for _ in range(20):
                hit_all(dict.fromkeys(rules[:: -1 if number % 2 else 1], "all"))

    together(8, ask)
    with site.app_context():
        counted = storage_of(site).count({key: 60 for key in _keys(rules)}, amount=0)
    assert set(counted.values()) == {160}


def make_at_once(folder: Path) -> None:
    """Make the counters' storage of a new site in eight threads at once, and count there."""
    engine = sa.create_engine("sqlite://")

    def ask(_number: int) -> None:
        storage = make_storage("database", engine, folder)
        assert isinstance(storage, DatabaseStorage)
        try:
            storage.incr("first", 60)
        finally:
            storage._engine.dispose()

    together(8, ask)


def test_many_who_come_first_at_once_find_one_file(tmp_path: Path) -> None:
    for number in range(20):
        make_at_once(tmp_path / str(number))


@contextlib.contextmanager
def making_while_somebody_does(folder: Path) -> Iterator[threading.Event]:
    """Begin to make the storage while the turn is another's; yield what tells that it is made."""
    made = threading.Event()

    def make() -> None:
        storage = make_storage("database", sa.create_engine("sqlite://"), folder)
        assert isinstance(storage, DatabaseStorage)
        storage._engine.dispose()
        made.set()

    maker = threading.Thread(target=make)
    with locks.turn(folder / "limits.lock"):
        maker.start()
        yield made
    maker.join(20)
    assert made.is_set()


def test_whoever_makes_the_file_is_waited_for(tmp_path: Path) -> None:
    with making_while_somebody_does(tmp_path) as made:
        assert not made.wait(0.5)


def test_without_the_turn_nobody_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control."""
    monkeypatch.setattr(limits, "locks", SimpleNamespace(turn=lambda _: contextlib.nullcontext()))
    with making_while_somebody_does(tmp_path) as made:
        assert made.wait(20)


def _keys(rules: list[str]) -> list[str]:
    return [parse(limits.RULES[rule]).key_for(rule, "all") for rule in rules]


def test_threads_and_processes_count_together(site: Flask, settings: dict[str, Any]) -> None:
    other = create_app(settings, environ={})
    passed: list[int] = []

    def ask(number: int) -> None:
        with (site if number % 2 else other).app_context():
            for _ in range(10):
                try:
                    hit("pledge", "192.0.2.1")
                    passed.append(number)
                except TooMany:
                    continue

    together(8, ask)
    assert len(passed) == 40
    _dispose(other)


def test_a_counter_that_reads_and_then_writes_would_let_more_pass(site: Flask) -> None:
    """The negative control: the same eight threads, with a look before the leap."""
    with site.app_context():
        storage = storage_of(site)
    key, passed = "naive", list[int]()

    def ask(number: int) -> None:
        for _ in range(10):
            if storage.get(key) < 40:
                time.sleep(0.01)
                storage.incr(key, 60)
                passed.append(number)

    together(8, ask)
    assert len(passed) > 40


def test_a_window_ends_and_another_begins(site: Flask) -> None:
    with site.app_context():
        storage = storage_of(site)
        assert [storage.incr("short", 0.3) for _ in range(3)] == [1, 2, 3]
        ends = storage.get_expiry("short")
        assert storage.get("short") == 3
        time.sleep(max(0, ends - time.time()) + 0.05)
        assert storage.get("short") == 0
        assert storage.incr("short", 0.3, amount=2) == 2


def test_counters_can_be_cleared_reset_and_pruned(site: Flask) -> None:
    with site.app_context():
        storage = storage_of(site)
        storage.incr("ended", -1)
        storage.incr("going", 60)
        assert storage.check()
        jobs.JOBS["limits.prune"].run()
        with storage._engine.connect() as connection:
            left = connection.execute(sa.select(limits.LIMITS.c.key)).scalars().all()
        assert left == ["going"]
        storage.clear("going")
        assert storage.get("going") == 0
        storage.incr("again", 60)
        assert storage.reset() == 1


def test_counters_cost_no_sync_and_stay_out_of_the_books_file(site: Flask) -> None:
    with site.app_context():
        storage, engine = storage_of(site), db.database().engine
        if engine.dialect.name != "sqlite":
            kind = "SELECT relpersistence FROM pg_class WHERE relname = 'ashar_limit'"
            with engine.connect() as connection:
                assert connection.exec_driver_sql(kind).scalar_one() == "u"
            return
        assert storage._engine.url.database != engine.url.database
        for _ in range(3):
            with storage._engine.connect() as connection:
                assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 0
            storage._engine.dispose()


def test_limits_can_be_turned_off_outside_production(site: Flask) -> None:
    site.config["ASHAR_RATELIMIT_ENABLED"] = False
    with site.app_context():
        for _ in range(30):
            hit("register", "192.0.2.1")


def test_memory_is_a_storage_for_one_process(site: Flask, tmp_path: Path) -> None:
    with site.app_context():
        found = make_storage("memory", db.database().engine, tmp_path)
        assert found.incr("key", 60) == 1  # type: ignore[attr-defined]


def test_a_run_of_stolen_cards_is_stopped_and_told_so(sandbox: Any, site: Flask) -> None:
    """Another's story: 400 attempts in five minutes."""
    with site.app_context():
        make_project()
    client = site.test_client()
    form = read_form(client.get(f"/projects/{PROJECT}/pledge?lang=en", buffered=True))
    given = {"currency": "CHF", "country": "CH", "method": "card", "amount": "1,2,3"}
    answers = [
        client.post(f"/projects/{PROJECT}/pledge?lang=en", data=form.fields | given, buffered=True)
        for _ in range(45)
    ]
    statuses = [answer.status_code for answer in answers]
    assert statuses[:40].count(429) == 0
    assert statuses[40:] == [429] * 5
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert "<h1" in answers[-1].text


def test_another_address_is_not_stopped_with_it(sandbox: Any, site: Flask) -> None:
    with site.app_context():
        make_project()
        for _ in range(120):
            hit("pledge-page", "192.0.2.1")
    client = site.test_client()
    for address, status in (("192.0.2.1", 429), ("192.0.2.2", 404)):
        answer = client.get("/pledges/nobody", environ_base={"REMOTE_ADDR": address}, buffered=True)
        assert answer.status_code == status
