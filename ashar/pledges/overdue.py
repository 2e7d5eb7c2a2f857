"""Corridors of payment that nobody has looked at for too long: told once for each due day."""

from sqlalchemy import select

from ashar.kernel import db, history, jobs, outbox
from ashar.kernel.db import session
from ashar.kernel.history import History
from ashar.kernel.terms import TermRow
from ashar.pledges import lists

DAY = 24 * 3600


@jobs.job("corridors.unchecked", every=DAY)
def tell() -> int:
    """Tell of corridors whose last check is too old; return of how many it was told now."""
    session.rollback()
    rows = session.scalars(
        select(TermRow.code).where(TermRow.kind == "corridor").order_by(TermRow.code)
    ).all()
    session.rollback()
    return sum(_tell(code) for code in rows)


def _tell(code: str) -> bool:
    """Tell of one corridor, unless it was told of for the same day; two at once tell once."""
    with db.transaction():
        row = session.scalars(
            select(TermRow)
            .where(TermRow.kind == "corridor", TermRow.code == code)
            .with_for_update()
        ).one()
        found = lists.corridor_of(row)
        due = found.due.isoformat() if found.due else ""
        if not found.overdue or _was_told(row.id, due):
            return False
        history.record("term", row.id, "unchecked", None, due)
        outbox.emit("corridor_unchecked", country=code, due=due)
    return True


def _was_told(row: int, due: str) -> bool:
    """Tell whether somebody was told of it for that day already."""
    query = select(History.id).where(
        History.kind == "term",
        History.subject_id == row,
        History.what == "unchecked",
        History.new == due,
    )
    return session.execute(query.limit(1)).first() is not None
