"""A campaign with a threshold, and what becomes of money that its project cannot use."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ashar.kernel.db import Base, row_key
from ashar.pledges.models.payment import Payment
from ashar.projects.models import Project


class Campaign(Base):
    """A threshold project's collecting, and the way back of its gifts where it missed.

    `figures` is what a job counted last, see `ashar.pledges.closing.count`: what pages show
    without counting gifts themselves. `asked_at` is when the treasurer was asked for money that
    the provider's balance lacks.
    """

    __tablename__ = "ashar_campaign"

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey(Project.id), unique=True)
    state: Mapped[str] = mapped_column(default="collecting", index=True)
    figures: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    counted_at: Mapped[datetime | None]
    missed_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]

    project: Mapped[Project] = relationship()


class Disposition(Base):
    """What becomes of one payment's money that its project cannot use.

    With a campaign it is of a threshold that was missed, else of money that came too late.
    `choice` is refund, project (then `project_id` says which) or general: the association's
    general fund. `attempts` counts the refunds that were ordered, `next_at` is when to look again,
    `actor_id` who decided where it was not the donor.
    """

    __tablename__ = "ashar_disposition"
    __table_args__ = (
        Index("ix_ashar_disposition_due", "state", "next_at"),
        Index("ix_ashar_disposition_of", "campaign_id", "state"),
    )

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    token: Mapped[str] = mapped_column(unique=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey(Payment.id), unique=True)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey(Campaign.id))
    state: Mapped[str]
    choice: Mapped[str | None]
    project_id: Mapped[int | None] = mapped_column(ForeignKey(Project.id))
    made_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    next_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    trouble: Mapped[str | None]

    payment: Mapped[Payment] = relationship()
    project: Mapped[Project | None] = relationship()
    campaign: Mapped[Campaign | None] = relationship()
