"""The job process: one ticker a site, no job cut short, the host's own app."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from ashar.kernel import locks
from tests.operations.house import ASHAR, environment, gone, started, until

HOST = """
import time
from pathlib import Path

from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from ashar import Ashar
from ashar.kernel import config, jobs

HERE = Path(__file__).parent


def create_app():
    app = Flask(__name__, instance_path=str(HERE / "instance"))
    found = config.from_environment()
    app.config.update(found, SECRET_KEY="a host of the tests", ASHAR_SQLITE_PRAGMAS=True)
    app.config["SQLALCHEMY_DATABASE_URI"] = found["ASHAR_DATABASE_URL"]
    SQLAlchemy(app)
    Ashar(app, url_prefix="/crowd")
    app.add_url_rule("/own", view_func=lambda: "the host's own page")
    return app


@jobs.job("test.slow", every=3600)
def slow():
    (HERE / "begun").touch()
    time.sleep(3)
    (HERE / "ended").touch()
"""
FLASK = [sys.executable, "-m", "flask", "--app", "villages:create_app", "ashar"]


@pytest.fixture
def host(tmp_path: Path) -> Path:
    """Write a host with a slow recurring job; return its folder."""
    (tmp_path / "villages.py").write_text(HOST)
    return tmp_path


def lock_of(site: Flask) -> locks.Lock:
    state = site.extensions["ashar"]
    with site.app_context():
        return locks.make_lock("ticker", state.database.engine, state.folder)


def test_one_process_a_site_runs_the_recurring_jobs(
    site: Flask, settings: dict[str, Any], tmp_path: Path
) -> None:
    ours = lock_of(site)
    assert ours.held()
    ours.release()
    worker = subprocess.Popen([*ASHAR, "worker"], env=environment(settings), cwd=tmp_path)
    try:
        until(lambda: not _take(ours), "the worker holds the lock")
        assert not ours.held()
        worker.kill()
        worker.wait()
        until(ours.held, "a killed worker's lock is free", 10)
    finally:
        ours.release()
        worker.kill()
        worker.wait()


def _take(lock: locks.Lock) -> bool:
    """Try for a moment, and leave it to others."""
    found = lock.held()
    lock.release()
    return found


def test_a_lock_that_is_lost_is_known_to_be_lost(site: Flask) -> None:
    first, second = lock_of(site), lock_of(site)
    assert first.held()
    assert not second.held()
    _break(site)
    assert soon(second)
    assert not first.held()
    second.release()
    assert soon(first)
    first.release()


def soon(lock: locks.Lock) -> bool:
    """Tell whether a lock can be had once the server has put its last holder away."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if lock.held():
            return True
        time.sleep(0.05)
    return False


def _break(site: Flask) -> None:
    """Take the lock's ground away: the server's connection, or the file."""
    state = site.extensions["ashar"]
    with site.app_context():
        engine = state.database.engine
        if engine.dialect.name == "sqlite":
            (state.folder / "ticker.lock").unlink()
            return
        with engine.connect() as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory'"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("where", ["sqlite", "off"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_worker_ends_after_the_job_at_hand(
    host: Path, settings: dict[str, Any], number: signal.Signals, where: str
) -> None:
    environ = environment(settings, ASHAR_JOBS=where)
    worker = subprocess.Popen([*FLASK, "worker"], env=environ, cwd=host)
    until((host / "begun").exists, "the recurring job began")
    os.kill(worker.pid, number)
    assert worker.wait(30) == 0
    assert (host / "ended").exists()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_host_is_served_with_its_own_pages_and_ours(host: Path, settings: dict[str, Any]) -> None:
    environ = environment(settings)
    with started(environ, host, "--workers", "1", command=FLASK) as house:
        until(lambda: _status(house, "/own") == 200, "the host is up")
        assert house.get("/own").text == "the host's own page"
        assert house.get("/crowd/healthz").ok
        assert house.get("/healthz").status_code == 404
        until((host / "begun").exists, "the host's jobs run")
        family = house.all()
        house.process.kill()
        house.process.wait()
        assert gone(family) == []


def _status(house: Any, path: str) -> int:
    try:
        return int(house.get(path, 2).status_code)
    except OSError:
        return 0
