"""Threads that begin together, and a database that ignores our locks: for negative controls."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from flask import Flask

from ashar.kernel import db
from ashar.kernel.outbox import Outbox
from ashar.mail import Letter
from ashar.pledges.models import Inbox
from tests.faults.drivers import watched

_LOCKS = re.compile(r" FOR (NO KEY )?(UPDATE|SHARE)( OF [\w, ]+)?( SKIP LOCKED)?")


def together(threads: int, work: Callable[[int], object]) -> None:
    """Do something in several threads, begun at the same moment; raise what one of them raised."""
    start = threading.Barrier(threads)
    errors: list[BaseException] = []

    def run(number: int) -> None:
        try:
            start.wait(10)
            work(number)
        except BaseException as error:
            errors.append(error)

    begun = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
    for thread in begun:
        thread.start()
    for thread in begun:
        thread.join(60)
    if errors:
        raise errors[0]


def settle_down(site: Flask, seconds: float = 30) -> None:
    """Wait for what a site does after its answers: messages, signals, letters."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with site.app_context():
            left = [
                db.session.query(Inbox).filter(Inbox.state == "stored").count(),
                db.session.query(Outbox).filter(Outbox.done_at.is_(None)).count(),
                db.session.query(Letter).filter(Letter.sent_at.is_(None)).count(),
            ]
            db.session.rollback()
            busy = db.database().engine.pool.checkedout()  # type: ignore[attr-defined]
        if not any(left) and not busy:
            return
        time.sleep(0.02)
    raise AssertionError(f"{left} messages, signals, letters and {busy} connections are left")


class Rendezvous:
    """Where threads wait until all of them have come; who comes again passes."""

    def __init__(self, threads: int) -> None:
        self._missing = threads
        self._all_here = threading.Condition()

    def wait(self, seconds: float = 20) -> None:
        """Wait for the others; go on alone after so long."""
        with self._all_here:
            self._missing -= 1
            self._all_here.notify_all()
            self._all_here.wait_for(lambda: self._missing <= 0, seconds)


@contextmanager
def unlocked(engine: sa.Engine, threads: int = 1) -> Iterator[None]:
    """Have a database that takes no lock: no FOR UPDATE; on SQLite no transaction at all.

    Nobody acts upon a payment before so many threads have read one: what they know is old then.
    """
    read = Rendezvous(threads)

    def before(statement: str) -> str:
        return "SELECT 1" if statement == "BEGIN IMMEDIATE" else _LOCKS.sub("", statement)

    def after(statement: str) -> None:
        if "FROM ashar_payment JOIN" in statement:
            read.wait()

    def careless(raw: Any, *_more: Any) -> None:
        if engine.dialect.name == "sqlite":
            raw.execute("PRAGMA foreign_keys=OFF")

    sa.event.listen(engine, "checkout", careless)
    try:
        with watched(engine, before, after):
            yield
    finally:
        sa.event.remove(engine, "checkout", careless)
