"""Finding offers: each list in a fixed number of queries."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from ashar.kernel.db import session
from ashar.pledges.models import Offer, Pledge
from ashar.projects.models import Need, Project

PER_PAGE = 50


class Found(NamedTuple):
    """Some offers, and whether there are more."""

    offers: Sequence[Offer]
    more: bool


def _of(project: int) -> Select[Offer]:
    with_pledge = joinedload(Offer.pledge).raiseload(Pledge.payments)
    return select(Offer).where(Offer.project_id == project).options(with_pledge)


def listed(project: int, state: str, page: int) -> Found:
    """Return one page of a project's offers, all or those in a state, the newest first."""
    query = _of(project)
    if state:
        query = query.where(Offer.state == state)
    query = query.order_by(Offer.id.desc()).offset(PER_PAGE * (page - 1)).limit(PER_PAGE + 1)
    found = session.scalars(query).all()
    return Found(found[:PER_PAGE], len(found) > PER_PAGE)


def numbers(project: int) -> dict[str, int]:
    """Return how many offers of a project are in each state."""
    query = select(Offer.state, func.count()).where(Offer.project_id == project)
    return {state: count for state, count in session.execute(query.group_by(Offer.state))}


def days(project: int, first: date, limit: int = 12) -> list[tuple[date, int, int]]:
    """Return the next days of work with how many offers and people each has."""
    rows = session.execute(
        select(Offer.day, func.count(), func.sum(Offer.people))
        .where(Offer.project_id == project, Offer.day >= first)
        .where(Offer.state.in_(("accepted", "delivered", "confirmed")))
        .group_by(Offer.day)
        .order_by(Offer.day)
        .limit(limit)
    )
    return [(day, count, int(people)) for day, count, people in rows if day]


def of_day(project: int, day: date, limit: int = 500) -> Sequence[Offer]:
    """Return the offers that were accepted for a day, by name."""
    wanted = ("accepted", "delivered", "confirmed", "missed")
    query = _of(project).where(Offer.day == day, Offer.state.in_(wanted))
    query = query.join(Offer.pledge).order_by(Pledge.name, Offer.id).limit(limit)
    return session.scalars(query).all()


def to_confirm(project: int, limit: int = 100) -> Sequence[Offer]:
    """Return what was delivered and waits to be confirmed, the oldest first."""
    query = _of(project).where(Offer.state == "delivered").order_by(Offer.id).limit(limit)
    return session.scalars(query.options(joinedload(Offer.photo))).all()


def by_token(project: int, token: str) -> Offer | None:
    """Return an offer of a project by the name that it has on desks."""
    query = _of(project).where(Offer.token == token).options(joinedload(Offer.photo))
    return session.scalars(query).one_or_none()


def need(project: Project, key: str) -> Need | None:
    """Return a need of a project by its key."""
    query = select(Need).where(Need.project_id == project.id, Need.key == key)
    return session.scalars(query.order_by(Need.position).limit(1)).one_or_none()
