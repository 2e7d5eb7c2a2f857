"""What law keeps of somebody who had their data erased: locked away, with a day of deletion.

Only auditors see these rows, on one page; every other page reads what is left without them. Each
kind names in DISPOSALS what more has to go on that day than the row itself.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from flask import current_app
from sqlalchemy import JSON, UniqueConstraint, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from ashar.kernel import clock, db, jobs
from ashar.kernel.db import Base, row_key, session

DAY = 24 * 3600
BATCH = 200


class Retained(Base):
    """Personal data of one row, of a kind, kept for a reason until a day."""

    __tablename__ = "ashar_retained"
    __table_args__ = (UniqueConstraint("kind", "row"),)

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    kind: Mapped[str]
    row: Mapped[int]
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    why: Mapped[str]
    kept_at: Mapped[datetime]
    delete_on: Mapped[date] = mapped_column(index=True)


#: Kind → what goes with it on its day, by the row's number.
DISPOSALS: dict[str, Callable[[int], None]] = {}


def until(at: datetime) -> date:
    """Return the first day on which a voucher of that time need not be kept any more.

    The years count from the end of the voucher's own.
    """
    years = int(current_app.config["ASHAR_RETENTION_YEARS"])
    return date(clock.day_of(at).year + years + 1, 1, 1)


def keep(kind: str, row: int, data: dict[str, Any], why: str, at: datetime) -> date:
    """Lock data of a row away, once; return the day of their deletion."""
    insert = postgresql.insert if db.dialect() == "postgresql" else sqlite.insert
    day = until(at)
    values = {
        "kind": kind,
        "row": row,
        "data": data,
        "why": why,
        "kept_at": clock.now(),
        "delete_on": day,
    }
    session.execute(insert(Retained).values(values).on_conflict_do_nothing())
    return day


def of(kind: str, row: int) -> Retained | None:
    """Return what is locked away of a row."""
    query = select(Retained).where(Retained.kind == kind, Retained.row == row)
    return session.scalars(query).one_or_none()


def page(number: int, per_page: int) -> list[Retained]:
    """Return one page of all rows and one row more, those that go first at the top."""
    query = select(Retained).order_by(Retained.delete_on, Retained.id)
    return list(session.scalars(query.offset((number - 1) * per_page).limit(per_page + 1)))


@jobs.job("retained.delete", every=DAY)
def delete_due() -> int:
    """Delete what need not be kept any more; return how many rows."""
    deleted = 0
    while rows := _delete_some():
        deleted += rows
    return deleted


def _delete_some() -> int:
    with db.transaction():
        due = session.scalars(
            select(Retained)
            .where(Retained.delete_on <= clock.today())
            .order_by(Retained.id)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        ).all()
        for found in due:
            if found.kind in DISPOSALS:
                DISPOSALS[found.kind](found.row)
        session.execute(delete(Retained).where(Retained.id.in_([found.id for found in due])))
        return len(due)
