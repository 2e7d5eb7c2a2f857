"""Lists that administrators edit: themes, targets, corridors of payment, limits.

What the code knows is where a list begins; a row here adds to it or takes its place. The rows are
few and asked for on every page, so each process reads all of them together, every half minute.
"""

import hashlib
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import JSON, Integer, UniqueConstraint, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from ashar.kernel import clock, db, history, outbox
from ashar.kernel.db import Base, row_key, session
from ashar.kernel.errors import Stale
from ashar.kernel.i18n import N_

#: Seconds for which a process may not know of a change.
LIFE = 30.0
#: Seconds after a change for which nothing is kept: a request that began before it may still read
#: what was there.
SETTLING = 5.0
CHANGED = N_(
    "Somebody has changed this since you opened it; below you see what. What you typed is still "
    "here: send it again if it still holds."
)


class TermRow(Base):
    """One entry of a list: its names per language, and whatever else its kind needs."""

    __tablename__ = "ashar_term"
    __table_args__ = (UniqueConstraint("kind", "code"),)

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    kind: Mapped[str]
    code: Mapped[str]
    names: Mapped[dict[str, str]] = mapped_column(JSON)
    more: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    position: Mapped[int] = mapped_column(Integer, default=0)
    active: Mapped[bool] = mapped_column(default=True)
    changed_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Term:
    """An entry as it is read: codes that are no longer active keep their names."""

    code: str
    names: Mapping[str, str]
    more: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    position: int = 0
    active: bool = True


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All entries at one moment, and a mark that moves with every change."""

    lists: Mapping[str, Mapping[str, Term]]
    mark: str
    until: float


class _Kept:
    """What was read last, per database."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: dict[int, Snapshot] = {}
        self._changed = -SETTLING

    def get(self) -> Snapshot:
        key = id(db.database())
        found = self._found.get(key)
        if found is None or found.until < time.monotonic():
            found = _read()
            with self._lock:
                if len(self._found) > 64:
                    self._found.clear()
                if self._changed + SETTLING < time.monotonic():
                    self._found[key] = found
        return found

    def forget(self) -> None:
        with self._lock:
            self._changed = time.monotonic()
            self._found.pop(id(db.database()), None)


_kept = _Kept()
_ALL = select(*db.table_of(TermRow).c).order_by(TermRow.kind, TermRow.position, TermRow.id)


def _read() -> Snapshot:
    lists: dict[str, dict[str, Term]] = {}
    mark = hashlib.sha256()
    for row in db.connection().execute(_ALL):
        found = Term(row.code, row.names, row.more, row.position, row.active)
        lists.setdefault(row.kind, {})[row.code] = found
        # All of them, not the latest: the clocks of two machines differ.
        mark.update(f"{row.id} {row.changed_at.isoformat()};".encode())
    return Snapshot(lists, mark.hexdigest()[:24] if lists else "", time.monotonic() + LIFE)


def of(kind: str, *, now: bool = False) -> Mapping[str, Term]:
    """Return what administrators have said of a list; half a minute old, unless asked for `now`."""
    return (_read() if now else _kept.get()).lists.get(kind, {})


def mark() -> str:
    """Return a mark that moves with every change: what pages are remembered under."""
    return _kept.get().mark


def row_of(kind: str, code: str, hold: bool = False) -> TermRow | None:
    """Return an entry's row as it is now; `hold` keeps it until the transaction ends."""
    query = select(TermRow).where(TermRow.kind == kind, TermRow.code == code)
    if hold:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).one_or_none()


def stamp(row: TermRow | None) -> str:
    """Return what a form says of the state that it was made of; empty where there is no row."""
    return "" if row is None else row.changed_at.isoformat()


def change(
    kind: str,
    code: str,
    names: Mapping[str, str],
    *,
    more: Mapping[str, Any] = MappingProxyType({}),
    position: int = 0,
    active: bool = True,
    actor: int | None,
    why: str = "",
    seen: str | None = None,
    instead_of: Term | None = None,
) -> TermRow:
    """Write an entry, in the current transaction, with its history.

    `seen` is the stamp of the state that the change builds on; raises Stale where that is over.
    A first row takes the place of what the code knows, `instead_of`.
    """
    row = row_of(kind, code, hold=True)
    if seen is not None and seen != stamp(row):
        raise Stale(CHANGED)
    now = row or instead_of
    before = said(now) if now else None
    row = row or _new(kind, code)
    # Each change has a moment of its own, whatever the clock says.
    last = row.changed_at or clock.now() - timedelta(days=1)
    row.changed_at = max(clock.now(), last + timedelta(microseconds=1))
    row.names, row.more = dict(names), dict(more)
    row.position, row.active = position, active
    _flush(row)
    data = {"kind": kind, "code": code, "before": before, "after": said(row)}
    history.record("term", row.id, "changed", None, code, why=why, actor=actor, data=data)
    outbox.emit("term_changed", kind=kind, code=code)
    db.after_commit("terms", _kept.forget)
    return row


def _new(kind: str, code: str) -> TermRow:
    row = TermRow(kind=kind, code=code)
    session.add(row)
    return row


def _flush(row: TermRow) -> None:
    """Send the row; of two who write a first one at once, one is told that the other was first."""
    try:
        session.flush()
    except IntegrityError as error:
        raise Stale(CHANGED) from error


def said(row: TermRow | Term) -> dict[str, Any]:
    """Return what an entry says, as its history keeps it."""
    return {
        "names": dict(row.names),
        "more": dict(row.more),
        "position": row.position,
        "active": row.active,
    }
