"""A group in whose name people give, and what its gifts add up to."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ashar.kernel.db import Base, row_key
from ashar.projects.models import Project


class Group(Base):
    """A group as donors name it; `folded` is its name as it is told apart from others.

    It has a page once a moderator has read its name.
    """

    __tablename__ = "ashar_group"

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    folded: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(default="held")
    made_at: Mapped[datetime]
    shown_at: Mapped[datetime | None]


class GroupTotal(Base):
    """What a group's gifts add to one project, kept in the transaction that changes it.

    Gifts that are hidden from the leader stand in rows of their own. `gifts` are pledges, counted
    in the row of the project's currency as its supporters are.
    """

    __tablename__ = "ashar_group_total"

    group_id: Mapped[int] = mapped_column(ForeignKey("ashar_group.id"), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey(Project.id), primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    hidden: Mapped[bool] = mapped_column(primary_key=True)
    raised_minor: Mapped[int] = mapped_column(default=0)
    gifts: Mapped[int] = mapped_column(default=0)
