"""Groups in whose name people give; called inside a transaction.

What a group's gifts add up to is kept in a row per project, moved with the project's totals: its
page costs the same however many give. `ashar check` adds it up anew from the payments.
"""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from slugify import slugify
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from ashar.kernel import clock, db, history, ids
from ashar.kernel.db import session
from ashar.kernel.money import Money
from ashar.pledges.models import Group, GroupTotal, Pledge
from ashar.pledges.states import GROUP

#: Hidden gifts are in a group's sum from so many on: fewer would be told by it.
FEW = 3
SUGGESTED = 40


class Counted(Protocol):
    """What has to be known of a pledge to count it for its group."""

    visibility: str
    group_id: int | None


class Where(Protocol):
    """What has to be known of a project."""

    id: int
    currency: str


def fold(name: str) -> str:
    """Return a group's name as it is told apart: case, spaces and forms of letters aside."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def named(name: str) -> Group:
    """Return the group of a name, made when nobody has named it before; of two at once, one is."""
    folded, insert = fold(name), postgresql.insert
    if db.dialect() == "sqlite":
        insert = sqlite.insert  # type: ignore[assignment]
    values = {
        "slug": f"{slugify(name)[:60] or 'group'}-{ids.short()}",
        "name": " ".join(name.split()),
        "folded": folded,
        "state": GROUP.start,
        "made_at": clock.now(),
    }
    made = session.scalars(
        insert(Group)
        .values(values)
        .on_conflict_do_nothing(index_elements=["folded"])
        .returning(Group.id)
    ).one_or_none()
    if made is not None:
        history.record("group", made, "state", None, GROUP.start)
    return session.scalars(select(Group).where(Group.folded == folded)).one()


def lock(row: int) -> Group:
    """Return a group, locked, as it is now."""
    query = select(Group).where(Group.id == row).with_for_update()
    return session.execute(query, execution_options={"populate_existing": True}).scalar_one()


def count(pledge: Counted, project: Where, currency: str, *, raised: int, gifts: int) -> None:
    """Add what a payment adds to its project's bar to its group too, if it has one."""
    if pledge.group_id is None:
        return
    sums: dict[tuple[int, int, str, bool], Counter[str]] = db.gathered("groups", dict)
    for code, deltas in (
        (currency, {"raised_minor": raised}),
        (project.currency, {"gifts": gifts}),
    ):
        key = (pledge.group_id, project.id, code, pledge.visibility == "hidden")
        sums.setdefault(key, Counter()).update(deltas)
    db.at_end("groups", lambda: _write(sums))


def _write(sums: dict[tuple[int, int, str, bool], Counter[str]]) -> None:
    """Move the rows, all transactions in the same order."""
    insert = postgresql.insert if db.dialect() == "postgresql" else sqlite.insert
    for key in sorted(sums):
        deltas = sums[key]
        if not any(deltas.values()):
            continue
        group, project, currency, hidden = key
        values = {"raised_minor": deltas["raised_minor"], "gifts": deltas["gifts"]}
        session.execute(
            insert(GroupTotal)
            .values(group_id=group, project_id=project, currency=currency, hidden=hidden, **values)
            .on_conflict_do_update(
                index_elements=["group_id", "project_id", "currency", "hidden"],
                set_={name: getattr(GroupTotal, name) + by for name, by in values.items()},
            )
        )


def place(pledge: Pledge, group: int | None, visibility: str) -> None:
    """Count a locked pledge for a group and among the visible or the hidden ones from now on."""
    moves = group != pledge.group_id or "hidden" in {visibility, pledge.visibility}
    if moves:
        _count_all(pledge, -1)
    pledge.group_id, pledge.visibility = group, visibility
    if moves:
        _count_all(pledge, 1)


def _count_all(pledge: Pledge, sign: int) -> None:
    project = pledge.project
    for payment in pledge.payments:
        if payment.worth_currency:
            moved = sign * payment.moved_minor
            count(pledge, project, payment.worth_currency, raised=moved, gifts=0)
    count(pledge, project, project.currency, raised=0, gifts=sign * int(pledge.counted))


# Reading ------------------------------------------------------------------------------------


def suggestions() -> Sequence[str]:
    """Return the names of groups that have a page, for the form: the latest first."""
    query = select(Group.name).where(Group.state == "shown").order_by(Group.shown_at.desc())
    return session.scalars(query.limit(SUGGESTED)).all()


def shown(slug: str) -> Group | None:
    """Return a group that everybody may see."""
    query = select(Group).where(Group.slug == slug, Group.state == "shown")
    return session.scalars(query).one_or_none()


def alike(group: Group, limit: int = 10) -> Sequence[Group]:
    """Return groups with a page whose names begin like another's: perhaps it is one of them."""
    first = group.folded.split(" ")[0][:6]
    query = select(Group).where(Group.state == "shown", Group.id != group.id)
    query = query.where(Group.folded.startswith(first, autoescape=True))
    return session.scalars(query.order_by(Group.folded).limit(limit)).all()


@dataclass(frozen=True, slots=True)
class Given:
    """What came in a group's name: how many gifts everybody may know of, sums, to which projects.

    `projects` are rows of projects, each with the sums that went there.
    """

    gifts: int
    sums: list[Money]
    projects: list[int]


def given(group: Group) -> Given:
    """Return what came in a group's name: one query.

    Gifts that are hidden from the leader are in the sum alone, and only where there are several.
    """
    rows = session.scalars(select(GroupTotal).where(GroupTotal.group_id == group.id)).all()
    many = Counter[str]()
    for row in rows:
        many[row.currency] += row.gifts if row.hidden else 0
    sums, projects = Counter[str](), dict[int, None]()
    for row in sorted(rows, key=lambda one: (-one.raised_minor, one.project_id)):
        if not row.hidden or many[row.currency] >= FEW:
            sums[row.currency] += row.raised_minor
        if not row.hidden and row.gifts:
            projects[row.project_id] = None
    return Given(
        gifts=sum(row.gifts for row in rows if not row.hidden),
        sums=[Money(minor, code) for code, minor in sorted(sums.items()) if minor],
        projects=list(projects),
    )
