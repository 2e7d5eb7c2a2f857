"""Threads that race for the last of a pool: `python -m tests.faults.takers`, or in one process."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask

from ashar.kernel import db
from ashar.pledges import pools
from ashar.pledges.models import Pool
from ashar.site import create_app
from tests.factories import make_pledge, settle
from tests.faults.locks import Rendezvous, together, unlocked


def take(
    site: Flask, project: int, threads: int, times: int, go: Callable[[], None] = lambda: None
) -> list[Exception]:
    """Pledge and settle at once, in some threads; return the faults that they met."""
    faults: list[Exception] = []

    def work(number: int) -> None:
        go()
        with site.app_context():
            for time_no in range(times):
                try:
                    _, payment = make_pledge(project, "50.00")
                    if (number + time_no) % 2:
                        settle(payment)
                except Exception as error:
                    faults.append(error)

    together(threads, work)
    return faults


@contextmanager
def careless(site: Flask, threads: int) -> Iterator[None]:
    """Have all threads read the pool before one of them writes, and nobody lock anything."""
    read, look = Rendezvous(threads), pools.lock

    def meet(row: int) -> Pool:
        found = look(row)
        read.wait()
        return found

    with site.app_context():
        engine = db.database().engine
    pools.lock = meet
    try:
        with unlocked(engine):
            yield
    finally:
        pools.lock = look


def main(url: str, folder: str, project: str, threads: str, times: str, go: str) -> None:
    """Wait for the start, then take; print the faults that they met."""
    given = {"ASHAR_DATABASE_URL": url, "ASHAR_INSTANCE_PATH": folder, "ASHAR_JOBS": "off"}
    site = create_app(given, environ={})
    with site.app_context():
        # A server takes a hundred connections: the threads of a process share a few.
        pool: Any = db.database().engine.pool
        pool._max_overflow, pool._timeout = 8, 300
    Path(f"{go}.{time.monotonic_ns()}").touch()

    def wait() -> None:
        while not Path(go).exists():
            time.sleep(0.01)

    for fault in take(site, int(project), int(threads), int(times), wait):
        print(type(fault).__name__, " ".join(str(fault).split())[:300])


if __name__ == "__main__":
    main(*sys.argv[1:])
