"""Jobs: plain functions in a registry, which each app binds to a queue of its own.

Huey wakes, schedules and spreads the work; it is never the record. Whatever has to happen is a
row of the database first, and a sweep finds it again when a process died with the task.
"""

import json
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from flask import Flask, current_app
from huey.api import Huey, PostgresHuey, RedisHuey, SqliteHuey
from huey.registry import Message
from huey.serializer import Serializer

from ashar.kernel.errors import ConfigError

log = logging.getLogger(__name__)
F = TypeVar("F", bound=Callable[..., Any])


class Job(NamedTuple):
    """A function to run away from any request; with `every`, also each so many seconds."""

    name: str
    run: Callable[..., Any]
    every: int | None = None


JOBS: dict[str, Job] = {}


def job(name: str, every: int | None = None) -> Callable[[F], F]:
    """Register a function as a job; its arguments are ids."""

    def register(function: F) -> F:
        JOBS[name] = Job(name, function, every)
        return function

    return register


class JsonSerializer(Serializer):
    """Write tasks as JSON; Huey's own pickles would run whatever the queue holds."""

    def _serialize(self, data: Any) -> bytes:
        if isinstance(data, Message):
            data = {"message": list(data)}
        return json.dumps(data).encode()

    def _deserialize(self, data: bytes) -> Any:
        found = json.loads(data)
        if isinstance(found, dict) and "message" in found:
            return Message(*found["message"])
        return found


class Queue:
    """The queue of one app: asks for jobs, and runs them where it is consumed."""

    def __init__(self, app: Flask, where: str, folder: Path, database_url: str) -> None:
        self._app = app
        self.huey = _make_huey(where, folder, database_url)
        if self.huey is not None:
            self._task = self.huey.task(name="ashar.job")(self.run)

    def enqueue(self, name: str, *ids: int | str) -> None:
        """Ask for a job; without a queue it runs at once."""
        if name not in JOBS:
            raise KeyError(name)
        if self.huey is None:
            self.run(name, *ids)
            return
        try:
            self._task(name, *ids)
        except Exception:
            # The sweep finds the work; the request that asked must not fail for it.
            log.exception("could not wake the job %s", name)

    def run(self, name: str, *ids: int | str) -> None:
        """Run a job in an app context of its own."""
        started = time.monotonic()
        with self._app.app_context():
            JOBS[name].run(*ids)
        log.debug("job %s took %.3f s", name, time.monotonic() - started)


def _make_huey(where: str, folder: Path, database_url: str) -> Huey | None:
    common = {"serializer": JsonSerializer(), "results": False, "store_none": False}
    if where == "off":
        return None
    if where == "sqlite":
        folder.mkdir(parents=True, exist_ok=True)
        return SqliteHuey("ashar", filename=str(folder / "jobs.sqlite3"), **common)
    if where == "postgres":
        dsn = database_url.replace("postgresql+psycopg://", "postgresql://")
        return PostgresHuey("ashar", dsn=dsn, **common)
    if where.startswith(("redis://", "rediss://")):
        return RedisHuey("ashar", url=where, **common)
    raise ConfigError(f"ASHAR_JOBS: {where!r} is none of sqlite, postgres, redis://…, off")


def enqueue(name: str, *ids: int | str) -> None:
    """Ask the current app's queue for a job."""
    queue: Queue = current_app.extensions["ashar"].queue
    queue.enqueue(name, *ids)


class Ticker(threading.Thread):
    """Runs the jobs that recur, each in turn, while it is not told to stop.

    Huey's own periodic tasks know only minutes; a sweep after a crash has to come sooner.
    """

    def __init__(self, queue: Queue) -> None:
        super().__init__(name="ashar-ticker", daemon=True)
        self._queue = queue
        self._stop_asked = threading.Event()
        self._due: dict[str, float] = {}

    def stop(self) -> None:
        """Ask it to end after the job at hand."""
        self._stop_asked.set()

    def run(self) -> None:
        """Run what is due, once a second."""
        while not self._stop_asked.wait(1.0):
            self.tick(time.monotonic())

    def tick(self, now: float) -> None:
        """Run the recurring jobs whose time has come; a failure is logged, and comes again."""
        for found in [job for job in JOBS.values() if job.every is not None]:
            if self._due.get(found.name, 0.0) > now:
                continue
            self._due[found.name] = now + (found.every or 0)
            try:
                self._queue.run(found.name)
            except Exception:
                log.exception("recurring job %s failed", found.name)


def trouble() -> str:
    """Return what is wrong with the queue, or nothing."""
    queue: Queue = current_app.extensions["ashar"].queue
    if queue.huey is None:
        return ""
    try:
        queue.huey.pending_count()
    except Exception as error:
        return type(error).__name__
    return ""
