"""Lists that administrators edit: themes, targets, corridors of payment, limits.

What the code knows is where a list begins; a row here adds to it or takes its place. The rows are
few and asked for on every page, so each process reads all of them together, every half minute.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import JSON, Integer, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from ashar.kernel import clock, db, history
from ashar.kernel.db import Base, row_key, session

#: Seconds for which a process may not know of a change.
LIFE = 30.0


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

    def get(self) -> Snapshot:
        key = id(db.database())
        found = self._found.get(key)
        if found is None or found.until < time.monotonic():
            found = _read()
            with self._lock:
                if len(self._found) > 64:
                    self._found.clear()
                self._found[key] = found
        return found

    def forget(self) -> None:
        with self._lock:
            self._found.pop(id(db.database()), None)


_kept = _Kept()
_ALL = select(*db.table_of(TermRow).c).order_by(TermRow.kind, TermRow.position, TermRow.id)


def _read() -> Snapshot:
    lists: dict[str, dict[str, Term]] = {}
    last = ""
    for row in db.connection().execute(_ALL):
        found = Term(row.code, row.names, row.more, row.position, row.active)
        lists.setdefault(row.kind, {})[row.code] = found
        last = max(last, row.changed_at.isoformat())
    return Snapshot(lists, last, time.monotonic() + LIFE)


def of(kind: str) -> Mapping[str, Term]:
    """Return what administrators have said of a list; may be half a minute old."""
    return _kept.get().lists.get(kind, {})


def mark() -> str:
    """Return a mark that moves with every change: what pages are remembered under."""
    return _kept.get().mark


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
) -> TermRow:
    """Write an entry, in the current transaction, with its history."""
    row = session.scalars(
        select(TermRow).where(TermRow.kind == kind, TermRow.code == code).with_for_update()
    ).one_or_none()
    before = None if row is None else _said(row)
    if row is None:
        row = TermRow(kind=kind, code=code)
        session.add(row)
    row.names, row.more = dict(names), dict(more)
    row.position, row.active, row.changed_at = position, active, clock.now()
    session.flush()
    data = {"kind": kind, "code": code, "before": before, "after": _said(row)}
    history.record("term", row.id, "changed", None, code, why=why, actor=actor, data=data)
    db.after_commit("terms", _kept.forget)
    return row


def _said(row: TermRow) -> dict[str, Any]:
    return {
        "names": row.names,
        "more": row.more,
        "position": row.position,
        "active": row.active,
    }
