"""The totals row: moved by differences, as the last statement before the commit."""

from collections import Counter
from dataclasses import dataclass, replace
from functools import cache

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningUpdate

from ashar.kernel import db, jobs, outbox
from ashar.kernel.db import session
from ashar.projects.models import Project, Totals
from ashar.projects.states import PROJECT

COLUMNS = ("raised_minor", "matched_minor", "awaiting_minor", "supporters")


@dataclass(slots=True)
class Target:
    """What has to be known of a project to move its totals; read, not locked."""

    id: int
    slug: str
    state: str
    currency: str
    goal_minor: int


def move(project: Target, currency: str, **deltas: int) -> None:
    """Add differences to a project's totals at the end of the current transaction.

    The row is wanted by every gift to the project; locked last, it is held for a moment only.
    """
    key = ("totals", project.id, currency)
    sums: Counter[str] = db.gathered(key, Counter)
    sums.update(deltas)
    db.at_end(key, lambda: _write(project, currency, sums))


def _write(project: Target, currency: str, deltas: Counter[str]) -> None:
    changes = {column: delta for column, delta in deltas.items() if delta}
    if not changes:
        return
    row = {"project": project.id, "in": currency, **{f"by_{key}": changes[key] for key in changes}}
    moved = db.fetch(_moving(tuple(sorted(changes))), row)
    if not moved:
        _add_row(project.id, currency, changes)
    elif currency == project.currency and moved[0][0] >= project.goal_minor:
        _reach(project)


@cache
def _moving(columns: tuple[str, ...]) -> ReturningUpdate[int]:
    """Build the statement that moves some columns, once."""
    table = db.table_of(Totals).c
    return (
        update(db.table_of(Totals))
        .where(table.project_id == bindparam("project"), table.currency == bindparam("in"))
        .values({name: table[name] + bindparam(f"by_{name}") for name in columns})
        .returning(table.raised_minor)
    )


_PROJECTS = db.table_of(Project)
_STATE = (
    select(_PROJECTS.c.state)
    .where(_PROJECTS.c.id == bindparam("project"))
    .with_for_update(key_share=True)
)
_FUND = update(_PROJECTS).where(_PROJECTS.c.id == bindparam("project"))


def _reach(project: Target) -> None:
    """Mark a project as funded, the first time; the totals row is locked, so that one does."""
    if project.state != "published":
        return
    connection, row = db.connection(), {"project": project.id}
    now = replace(project, state=connection.execute(_STATE, row).scalar_one())
    if now.state == "published":
        PROJECT.move(now, "funded", why="the goal was reached")
        db.write(_FUND, row | {"state": now.state})
        outbox.emit("project_funded", project=project.slug)
        db.after_commit("payments.stop", lambda: jobs.enqueue("payments.stop"))


def _add_row(project: int, currency: str, changes: dict[str, int]) -> None:
    """Insert the row, or add to the one that another session has just inserted."""
    insert = postgresql.insert if db.dialect() == "postgresql" else sqlite.insert
    values = {column: changes.get(column, 0) for column in COLUMNS}
    session.execute(
        insert(Totals)
        .values(project_id=project, currency=currency, **values)
        .on_conflict_do_update(
            index_elements=["project_id", "currency"],
            set_={column: getattr(Totals, column) + values[column] for column in COLUMNS},
        )
    )
