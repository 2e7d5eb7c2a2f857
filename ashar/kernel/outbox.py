"""Signals as rows of the transaction that caused them, so that none is lost with a process.

After the commit the process that made them sends them; a sweep takes up what it left behind.
"""

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any

from flask import after_this_request, current_app, has_request_context
from sqlalchemy import JSON, Index, Uuid, select, update
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.wrappers import Response

from ashar.kernel import clock, db, ids, jobs
from ashar.kernel.db import Base, session
from ashar.kernel.errors import PendingRows
from ashar.kernel.signals import SIGNALS

log = logging.getLogger(__name__)

# A row that its own process has not sent after this long is taken up by the sweep.
PATIENCE = timedelta(seconds=10)
LONGEST_WAIT = timedelta(hours=1)


class Outbox(Base):
    """A signal to send."""

    __tablename__ = "ashar_outbox"

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=ids.row_id)
    signal: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_at: Mapped[datetime]
    next_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
    error: Mapped[str | None]


# Undone rows are few, however many were sent before.
Index(
    "ix_ashar_outbox_due",
    Outbox.next_at,
    sqlite_where=Outbox.done_at.is_(None),
    postgresql_where=Outbox.done_at.is_(None),
)

_EMIT = db.table_of(Outbox).insert()

#: Id, name and facts of each signal.
Rows = list[tuple[uuid.UUID, str, dict[str, Any]]]


_QUIET: ContextVar[bool] = ContextVar("ashar_quiet", default=False)


@contextmanager
def quiet() -> Iterator[None]:
    """Emit nothing meanwhile: of sample data nobody is told."""
    before = _QUIET.set(True)
    try:
        yield
    finally:
        _QUIET.reset(before)


def emit(signal: str, **facts: Any) -> None:
    """Write a signal in the current transaction; it is sent after the commit.

    Nothing is written when nobody listens.
    """
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    if _QUIET.get() or not SIGNALS[signal].has_receivers_for(app):
        return
    row, now = ids.row_id(), clock.now()
    values = {
        "id": row,
        "signal": signal,
        "facts": facts,
        "made_at": now,
        "next_at": now + PATIENCE,
        "attempts": 0,
    }
    db.write(_EMIT, values)
    rows: Rows = db.gathered("outbox", list)
    rows.append((row, signal, facts))
    db.after_commit("outbox", _send_after(rows))


def _send_after(rows: Rows) -> Any:
    """Send now, or when the answer to the current request is out."""

    def step() -> None:
        if has_request_context():
            after_this_request(lambda response: _when_closed(response, rows))
        else:
            _send(rows)

    return step


def _when_closed(response: Response, rows: Rows) -> Response:
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def step() -> None:
        with app.app_context():
            _send(rows)

    response.call_on_close(step)
    return response


def _send(rows: Rows) -> None:
    """Send each signal to all receivers, then mark those that went well as done."""
    failed = {}
    for row, signal, facts in rows:
        error = _send_one(signal, {**facts, "fact": f"outbox-{row}"})
        if error:
            failed[row] = error
    with db.transaction():
        _mark([row for row, _, _ in rows if row not in failed], failed)


def _send_one(signal: str, facts: dict[str, Any]) -> str:
    """Send one signal; return what went wrong, if anything did."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    errors = []
    for receiver in SIGNALS[signal].receivers_for(app):
        try:
            receiver(app, **facts)
            _refuse_unsaved()
        except Exception as error:
            log.exception("a receiver of %s failed", signal)
            session.rollback()
            errors.append(f"{type(error).__name__}: {error}")
    return "; ".join(errors)


def _refuse_unsaved() -> None:
    """Raise PendingRows over what a receiver left behind: the next one must not trip over it."""
    if session.new or session.dirty or session.deleted:
        raise PendingRows("a receiver left rows that are not saved; it has to commit them")


def _mark(done: list[uuid.UUID], failed: dict[uuid.UUID, str]) -> None:
    now = clock.now()
    session.execute(
        update(Outbox)
        .where(Outbox.id.in_(done))
        .values(done_at=now, error=None)
        .execution_options(synchronize_session=False)
    )
    for row, error in failed.items():
        attempts = session.execute(select(Outbox.attempts).where(Outbox.id == row)).scalar_one()
        wait = min(PATIENCE * 2 ** min(attempts, 20), LONGEST_WAIT)
        session.execute(
            update(Outbox)
            .where(Outbox.id == row)
            .values(attempts=attempts + 1, error=error, next_at=now + wait)
            .execution_options(synchronize_session=False)
        )


@jobs.job("outbox.sweep", every=5)
def sweep(limit: int = 100) -> int:
    """Send signals that nobody has sent in time; return how many were taken up."""
    with db.transaction():
        due = session.execute(
            select(Outbox.id, Outbox.signal, Outbox.facts)
            .where(Outbox.done_at.is_(None), Outbox.next_at <= clock.now())
            .order_by(Outbox.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        ).all()
        # Whoever takes them has this long before another sweep may.
        session.execute(
            update(Outbox)
            .where(Outbox.id.in_([row.id for row in due]))
            .values(next_at=clock.now() + PATIENCE)
            .execution_options(synchronize_session=False)
        )
    if due:
        _send([(row.id, row.signal, row.facts) for row in due])
    return len(due)
