"""Who did what to which row, when and why."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from ashar.kernel import clock, db
from ashar.kernel.db import Base, row_key


class History(Base):
    """One change of one row; never updated."""

    __tablename__ = "ashar_history"
    __table_args__ = (Index("ix_ashar_history_subject", "kind", "subject_id"),)

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    kind: Mapped[str]
    subject_id: Mapped[int] = mapped_column(BigInteger)
    what: Mapped[str]
    old: Mapped[str | None]
    new: Mapped[str | None]
    why: Mapped[str] = mapped_column(default="")
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[datetime]
    data: Mapped[dict[str, Any] | None] = mapped_column(JSON)


_RECORD = db.table_of(History).insert().inline()


def record(
    kind: str,
    subject_id: int,
    what: str,
    old: str | None,
    new: str | None,
    *,
    why: str = "",
    actor: int | None = None,
    data: dict[str, Any] | None = None,
) -> None:
    """Write one change in the current transaction."""
    db.write(
        _RECORD,
        {
            "kind": kind,
            "subject_id": subject_id,
            "what": what,
            "old": old,
            "new": new,
            "why": why,
            "actor_id": actor,
            "at": clock.now(),
            "data": data,
        },
    )
