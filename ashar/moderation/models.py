"""Cases, what was asked and decided in them, and holds."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ashar.kernel.db import Base, row_key
from ashar.people.models import Person
from ashar.projects.models import Project


class Case(Base):
    """Something that waits for a moderator: its `kind` says what `subject_id` is a row of.

    `since` is when it last became the moderators' turn; `level` who is asked by now; `needed` how
    many different people have to approve; `revision` moves whenever there is something new to
    decide on, so that no form decides on what its reader has not seen; `begun` is the revision with
    which the current round began: approvals of an earlier one count no more.
    """

    __tablename__ = "ashar_case"
    __table_args__ = (
        Index("ix_ashar_case_queue", "state", "region", "since"),
        Index("ix_ashar_case_subject", "kind", "subject_id"),
        Index("ix_ashar_case_project_id", "project_id"),
    )

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    token: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    subject_id: Mapped[int]
    project_id: Mapped[int | None] = mapped_column(ForeignKey(Project.id))
    region: Mapped[str]
    state: Mapped[str] = mapped_column(default="open")
    outcome: Mapped[str] = mapped_column(default="")
    level: Mapped[int] = mapped_column(Integer, default=0)
    needed: Mapped[int] = mapped_column(Integer, default=1)
    revision: Mapped[int] = mapped_column(Integer, default=1)
    begun: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    opened_at: Mapped[datetime]
    since: Mapped[datetime]
    claimed_by: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    claimed_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]

    project: Mapped[Project | None] = relationship()
    decisions: Mapped[list["Decision"]] = relationship(order_by="Decision.id")
    remarks: Mapped[list["Remark"]] = relationship(order_by="Remark.id")


class Decision(Base):
    """What somebody decided in a case, or why they may not; never changed.

    `what` is approve, reject, ask or conflict; `reads` the languages they declared to have read;
    `subject_id` what the case was about then.
    """

    __tablename__ = "ashar_decision"

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("ashar_case.id"), index=True)
    revision: Mapped[int] = mapped_column(Integer)
    subject_id: Mapped[int | None]
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id))
    what: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    words: Mapped[str] = mapped_column(default="")
    kinship: Mapped[str] = mapped_column(default="")
    checklist: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    reads: Mapped[list[str]] = mapped_column(JSON, default=list)
    at: Mapped[datetime]


class Remark(Base):
    """A question to the leader on a field, with its answer; or a note among moderators."""

    __tablename__ = "ashar_remark"

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    token: Mapped[str] = mapped_column(unique=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("ashar_case.id"), index=True)
    kind: Mapped[str]
    field: Mapped[str] = mapped_column(default="")
    subject_id: Mapped[int | None]
    words: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id))
    at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(default="")
    answered_by: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    answered_at: Mapped[datetime | None]


class Hold(Base):
    """A project held up: by one person for 72 hours, for longer once a second one agrees.

    `before` is the state to which the project goes back.
    """

    __tablename__ = "ashar_hold"

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey(Project.id), index=True)
    before: Mapped[str]
    reason: Mapped[str]
    words: Mapped[str]
    placed_by: Mapped[int] = mapped_column(ForeignKey(Person.id))
    placed_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    confirmed_at: Mapped[datetime | None]
    appeal: Mapped[str] = mapped_column(default="")
    appealed_at: Mapped[datetime | None]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    lifted_why: Mapped[str] = mapped_column(default="")
