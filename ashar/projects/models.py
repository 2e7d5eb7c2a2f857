"""A project, its texts per language, its needs, and the row of its totals."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    Integer,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ashar.kernel.db import Base, row_key
from ashar.kernel.media import Media
from ashar.kernel.money import Money
from ashar.people.models import Person
from ashar.projects.states import LISTED

# The database keeps it itself: an index over it finds a page of the listing without sorting all.
IS_LISTED = "state IN (" + ", ".join(f"'{state}'" for state in LISTED) + ")"


class Project(Base):
    """What a community wants to build; its slug never changes once it was public.

    `edited_at` moves with every change of the project's texts, pictures, needs or facts; what its
    donors gave stands in its totals.
    """

    __tablename__ = "ashar_project"
    __table_args__ = (
        Index("ix_ashar_project_listing", "listed", "published_at", "id"),
        Index("ix_ashar_project_ending", "listed", "deadline", "id"),
        Index("ix_ashar_project_region", "region", "state"),
        Index("ix_ashar_project_theme", "theme", "state"),
        Index("ix_ashar_project_owner", "owner_id"),
        Index("uq_ashar_project_attempt", "owner_id", "attempt", unique=True),
        CheckConstraint("goal_minor > 0", name="goal"),
    )

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(default="draft")
    listed: Mapped[bool] = mapped_column(Computed(IS_LISTED, persisted=True))
    language: Mapped[str]
    region: Mapped[str]
    district: Mapped[str] = mapped_column(default="")
    aymak: Mapped[str] = mapped_column(default="")
    village: Mapped[str] = mapped_column(default="")
    theme: Mapped[str]
    sdg: Mapped[list[str]] = mapped_column(JSON, default=list)
    currency: Mapped[str]
    goal_minor: Mapped[int]
    minimum_minor: Mapped[int | None]
    funding: Mapped[str] = mapped_column(default="flexible")
    deadline: Mapped[date | None]
    takes_more: Mapped[bool] = mapped_column(default=True)
    cover_id: Mapped[int | None] = mapped_column(ForeignKey("ashar_media.id"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    #: The form that its leader began it with: the same form twice begins one project.
    attempt: Mapped[str | None]
    #: What was approved and is shown, whole; see ashar.projects.content. The other columns, the
    #: texts and the needs hold of it what is searched, sorted and summed by.
    content: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    sample: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime]
    edited_at: Mapped[datetime]
    published_at: Mapped[datetime | None]

    texts: Mapped[list["ProjectText"]] = relationship(cascade="all, delete-orphan")
    needs: Mapped[list["Need"]] = relationship(
        order_by="Need.position", cascade="all, delete-orphan"
    )
    cover: Mapped[Media | None] = relationship()

    @property
    def goal(self) -> Money:
        """Return the goal as money."""
        return Money(self.goal_minor, self.currency)


class ProjectText(Base):
    """A project's words in one language."""

    __tablename__ = "ashar_project_text"

    project_id: Mapped[int] = mapped_column(ForeignKey("ashar_project.id"), primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    original: Mapped[bool] = mapped_column(default=False)
    #: Another leader who reads the language has read it; an original is, once approved.
    reviewed: Mapped[bool] = mapped_column(default=False)
    title: Mapped[str]
    summary: Mapped[str]
    story: Mapped[str]


class Need(Base):
    """Labour days, materials, skills or transport that a project needs.

    What was offered of it, and what of that is accepted, delivered and confirmed, is kept in the
    transaction that changes it; `moves` counts these changes. Each holds the ones after it.
    """

    __tablename__ = "ashar_need"
    __table_args__ = (CheckConstraint("needed > 0", name="needed"),)

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("ashar_project.id"), index=True)
    key: Mapped[str] = mapped_column(default="")
    position: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str]
    unit: Mapped[str]
    needed: Mapped[int] = mapped_column(Integer)
    titles: Mapped[dict[str, str]] = mapped_column(JSON)
    offered: Mapped[int] = mapped_column(default=0, server_default="0")
    accepted: Mapped[int] = mapped_column(default=0, server_default="0")
    delivered: Mapped[int] = mapped_column(default=0, server_default="0")
    confirmed: Mapped[int] = mapped_column(default=0, server_default="0")
    moves: Mapped[int] = mapped_column(default=0, server_default="0")


class Totals(Base):
    """What came in for a project, kept in the transaction that changes it.

    One row in the goal's currency; gifts for which no rate was known stand in rows of their own
    currency, beside the bar. All in minor units.
    """

    __tablename__ = "ashar_totals"

    project_id: Mapped[int] = mapped_column(ForeignKey("ashar_project.id"), primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    raised_minor: Mapped[int] = mapped_column(default=0)
    matched_minor: Mapped[int] = mapped_column(default=0)
    awaiting_minor: Mapped[int] = mapped_column(default=0)
    supporters: Mapped[int] = mapped_column(default=0)


class Working(Base):
    """What a project's leader is writing: the content that is proposed next.

    `marks` tells of each part who saved it last: `{"goal": {"revision": 7, "by": 3, "name": …,
    "at": …, "helper": false}}`; what a helper entered waits for the leader's word.
    """

    __tablename__ = "ashar_working"

    project_id: Mapped[int] = mapped_column(ForeignKey("ashar_project.id"), primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    marks: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    revision: Mapped[int] = mapped_column(default=0)
    edited_at: Mapped[datetime]


class Version(Base):
    """A content as it was proposed; never changed, only decided on.

    `kind` is `first` (a project's submission), `change` (of what is published), `slight` (shown at
    once, to be looked at later), or `completion` (with its report).
    """

    __tablename__ = "ashar_project_version"
    __table_args__ = (UniqueConstraint("project_id", "no"),)

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("ashar_project.id"))
    no: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(default="proposed")
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: What it was compared with when it was proposed; empty for a first one.
    base: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    words: Mapped[str] = mapped_column(default="")
    author_id: Mapped[int] = mapped_column(ForeignKey(Person.id))
    made_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]


class Helper(Base):
    """Somebody who may type, translate and upload for a project's leader, once invited."""

    __tablename__ = "ashar_helper"

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    token: Mapped[str] = mapped_column(unique=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("ashar_project.id"), index=True)
    email: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    person_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id), index=True)
    invited_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
