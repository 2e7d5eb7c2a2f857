"""Campaigns with a threshold, and money that waits for a decision, as the treasurer looks."""

from collections.abc import Sequence

from sqlalchemy import Row, Select, and_, func, select
from sqlalchemy.orm import contains_eager, joinedload

from ashar.kernel.db import session
from ashar.pledges.models import Campaign, Disposition, Payment, Pledge
from ashar.projects.models import Project, Totals

PER_PAGE = 50
#: Late money, and what was given up.
WAITS = Disposition.state.in_(("asked", "parked", "stuck"))


def _campaigns() -> "Select[Campaign, int]":
    kept = and_(Totals.project_id == Project.id, Totals.currency == Project.currency)
    return (
        select(Campaign, func.coalesce(Totals.raised_minor, 0))
        .join(Campaign.project)
        .outerjoin(Totals, kept)
        .options(contains_eager(Campaign.project).selectinload(Project.texts))
    )


def campaigns(page: int = 1, limit: int = PER_PAGE) -> Sequence[Row[Campaign, int]]:
    """Return campaigns with what stands on their bar, those that give back first; one too many."""
    first = Campaign.state.in_(("short", "missed", "running"))
    query = _campaigns().order_by(first.desc(), Project.deadline.desc(), Campaign.id.desc())
    return session.execute(query.offset(limit * (page - 1)).limit(limit + 1)).all()


def campaign(slug: str) -> Row[Campaign, int] | None:
    """Return a project's campaign with what stands on its bar."""
    return session.execute(_campaigns().where(Project.slug == slug)).one_or_none()


def giving_back() -> int:
    """Count campaigns whose gifts go back now."""
    query = select(func.count()).where(Campaign.state.in_(("short", "missed", "running")))
    return session.execute(query).scalar_one()


def _dispositions() -> "Select[Disposition]":
    about = joinedload(Disposition.payment).joinedload(Payment.pledge).joinedload(Pledge.project)
    return select(Disposition).options(about.selectinload(Project.texts))


def late(page: int = 1, limit: int = PER_PAGE) -> Sequence[Disposition]:
    """Return money that waits for somebody's decision, the oldest first; one too many."""
    query = _dispositions().where(WAITS).order_by(Disposition.id)
    return session.scalars(query.offset(limit * (page - 1)).limit(limit + 1)).all()


def stuck(campaign: Campaign, limit: int = PER_PAGE) -> Sequence[Disposition]:
    """Return a campaign's refunds that were given up."""
    query = _dispositions().where(
        Disposition.campaign_id == campaign.id, Disposition.state == "stuck"
    )
    return session.scalars(query.order_by(Disposition.id).limit(limit)).all()


def waiting() -> int:
    """Count money that waits for somebody's decision."""
    return session.execute(select(func.count(Disposition.id)).where(WAITS)).scalar_one()


def disposition(token: str) -> Disposition | None:
    """Return one by its token."""
    return session.scalars(_dispositions().where(Disposition.token == token)).one_or_none()
