"""Finding matching pools: which one adds to a gift, what is left of it, what was paid in."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    ScalarSelect,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import joinedload, selectinload

from ashar.kernel import clock, db
from ashar.kernel.db import session
from ashar.kernel.papers import Paper
from ashar.pledges.models import Match, Payment, Pledge, Pool, PoolPayment, PoolScope
from ashar.projects.models import Project
from ashar.projects.queries import counts

#: Whose the proofs of what was paid in are.
PAPERS = "pool"
#: What a pool may be for.
SCOPES = ("project", "region", "theme")

_POOLS, _SCOPED, _PROJECTS = map(db.table_of, (Pool, PoolScope, Project))


def _covers(slug: Any, region: Any, theme: Any) -> ColumnElement[bool]:
    """Build the condition that a scope's row is about a project."""
    facts = zip(SCOPES, (slug, region, theme), strict=True)
    return or_(*[and_(_SCOPED.c.kind == kind, _SCOPED.c.value == value) for kind, value in facts])


def _gives(day: Any) -> ColumnElement[bool]:
    """Build the condition that a pool adds to gifts of a day."""
    used = _POOLS.c.reserved_minor + _POOLS.c.booked_minor
    return and_(
        _POOLS.c.open.is_(True),
        or_(_POOLS.c.starts.is_(None), _POOLS.c.starts <= day),
        or_(_POOLS.c.ends.is_(None), _POOLS.c.ends >= day),
        used < _POOLS.c.total_minor,
        or_(_POOLS.c.kind == "promised", used < _POOLS.c.paid_in_minor),
    )


#: Money goes before promises, the older pool before the younger.
_ORDER = (_POOLS.c.kind == "promised", _POOLS.c.id)


@cache
def applying() -> ScalarSelect[int]:
    """Build what finds the pool that adds to a gift, as a part of a statement; see `asked`."""
    day = bindparam("on_day", type_=Date)
    about = _covers(_PROJECTS.c.slug, _PROJECTS.c.region, _PROJECTS.c.theme)
    return (
        select(_POOLS.c.id)
        .select_from(_POOLS.join(_SCOPED).join(_PROJECTS, about))
        .where(_PROJECTS.c.id == bindparam("in_project"), _gives(day))
        .order_by(*_ORDER)
        .limit(1)
        .scalar_subquery()
    )


def asked(project: int) -> dict[str, int | date]:
    """Return the values of `applying`."""
    return {"in_project": project, "on_day": clock.today()}


def of_project(project: int) -> int | None:
    """Return the pool that adds to a gift to a project now."""
    found: int | None = session.execute(select(applying()), asked(project)).scalar_one()
    return found


def shown(project: Project) -> Pool | None:
    """Return the pool that readers of a project's pages are told of.

    Costs no query where the project has none: for which projects, regions and themes there are
    pools may be half a minute old, what is left of one never.
    """
    return shown_of(project.slug, project.region, project.theme)


def shown_of(slug: str, region: str, theme: str) -> Pool | None:
    """Return what `shown` does, by the facts of a project."""
    known: frozenset[tuple[str, str]] = counts.get("pools", _known)
    if known.isdisjoint(zip(SCOPES, (slug, region, theme), strict=True)):
        return None
    day = literal(clock.today(), Date)
    return session.scalars(
        select(Pool)
        .join(Pool.scopes)
        .where(_covers(slug, region, theme), _gives(day))
        .order_by(*_ORDER)
        .limit(1)
    ).one_or_none()


def _known() -> frozenset[tuple[str, str]]:
    rows = select(PoolScope.kind, PoolScope.value).join(Pool).where(Pool.open.is_(True))
    return frozenset((kind, value) for kind, value in session.execute(rows))


def forget() -> None:
    """Look anew for which projects there are pools: this process has changed one."""
    db.after_commit("pools", counts.clear)


# One pool, all pools ------------------------------------------------------------------------


def lock(row: int) -> Pool:
    """Return a pool as it is now; keep others off until the commit.

    After the payments whose matches hang on it, before any project's totals.
    """
    return session.execute(
        select(Pool)
        .where(Pool.id == row)
        .with_for_update(of=Pool, key_share=True)
        .execution_options(populate_existing=True)
    ).scalar_one()


def by_slug(slug: str) -> Pool | None:
    """Return a pool by its name in addresses and in the book."""
    query = select(Pool).where(Pool.slug == slug).options(selectinload(Pool.scopes))
    return session.scalars(query).one_or_none()


def pools() -> Sequence[Pool]:
    """Return all pools, closed ones last: two queries."""
    query = select(Pool).options(selectinload(Pool.scopes))
    return session.scalars(query.order_by(Pool.open.desc(), Pool.id.desc())).all()


def covers(pool: int, project: int) -> bool:
    """Tell whether a pool is for a project, whatever is left of it."""
    about = _covers(_PROJECTS.c.slug, _PROJECTS.c.region, _PROJECTS.c.theme)
    found = select(_SCOPED.c.pool_id).select_from(_SCOPED.join(_PROJECTS, about))
    asked = found.where(_SCOPED.c.pool_id == pool, _PROJECTS.c.id == project).limit(1)
    return session.execute(asked).first() is not None


def match_of(payment: int) -> Match | None:
    """Return what is added to a payment, as it is now."""
    query = select(Match).where(Match.payment_id == payment)
    return session.scalars(query, execution_options={"populate_existing": True}).one_or_none()


def matches_of(pledge: Pledge) -> Sequence[Match]:
    """Return what is added to a pledge's payments, with the pools: one query."""
    return session.scalars(
        select(Match)
        .join(Match.payment)
        .where(Payment.pledge_id == pledge.id)
        .options(joinedload(Match.pool))
        .order_by(Match.id)
    ).all()


def used_by(pledge: int, pool: int, but: int) -> int:
    """Return what a pool adds to a pledge's other payments, set aside or given."""
    query = (
        select(func.coalesce(func.sum(Match.reserved_minor + Match.given_minor), 0))
        .join(Payment, Payment.id == Match.payment_id)
        .where(Payment.pledge_id == pledge, Match.pool_id == pool, Match.payment_id != but)
    )
    return int(session.execute(query).scalar_one())


def paid_in(pool: int) -> Sequence[tuple[PoolPayment, Paper | None]]:
    """Return what a sponsor has paid into a pool, each with its proof."""
    rows = session.execute(
        select(PoolPayment, Paper)
        .outerjoin(Paper, and_(Paper.owner_kind == PAPERS, Paper.owner_id == PoolPayment.id))
        .where(PoolPayment.pool_id == pool)
        .order_by(PoolPayment.id)
    )
    return [(payment, paper) for payment, paper in rows]
