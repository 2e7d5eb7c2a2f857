"""Updates, comments and reports of irregularities."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ashar.kernel.db import Base, row_key
from ashar.people.models import Person
from ashar.pledges.models import Pledge
from ashar.projects.models import Project


class Update(Base):
    """News of a project, in one or more languages; `language` is the one it was written in.

    `pictures` are `{"key": <token of Media>, "alt": {…}, "caption": {…}}`, whose rows are owned by
    ("update", project) and public only while the update is. `revision` moves with every change, so
    that no form overwrites what its writer has not seen. `hidden_by` is leader or moderator.
    """

    __tablename__ = "ashar_update"
    __table_args__ = (Index("ix_ashar_update_project", "project_id", "state", "published_at"),)

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    token: Mapped[str] = mapped_column(unique=True)
    project_id: Mapped[int] = mapped_column(ForeignKey(Project.id))
    state: Mapped[str] = mapped_column(default="draft")
    language: Mapped[str]
    title: Mapped[dict[str, str]] = mapped_column(JSON)
    text: Mapped[dict[str, str]] = mapped_column(JSON)
    pictures: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    revision: Mapped[int] = mapped_column(Integer, default=1)
    #: Who wrote last, and whether they were a helper: the leader has to read it then.
    writer_id: Mapped[int] = mapped_column(ForeignKey(Person.id))
    by_helper: Mapped[bool] = mapped_column(Boolean, default=False)
    made_at: Mapped[datetime]
    edited_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    hidden_by: Mapped[str] = mapped_column(default="")
    hidden_why: Mapped[str] = mapped_column(default="")

    project: Mapped[Project] = relationship()
    writer: Mapped[Person] = relationship()


class Comment(Base):
    """What somebody said to a project or an update: signed in, or by a pledge's link.

    `attempt` is the random word of the form that made it: the same form sent twice is one comment.
    `name` is only what its author typed; `parent_id` the comment it answers, one level deep.
    `shown_at` stays once it was shown. `hidden_by` is author or moderator.
    """

    __tablename__ = "ashar_comment"
    __table_args__ = (
        Index("ix_ashar_comment_thread", "project_id", "update_id", "parent_id", "id"),
    )

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    token: Mapped[str] = mapped_column(unique=True)
    attempt: Mapped[str] = mapped_column(unique=True)
    project_id: Mapped[int] = mapped_column(ForeignKey(Project.id))
    update_id: Mapped[int | None] = mapped_column(ForeignKey(Update.id))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("ashar_comment.id"), index=True)
    state: Mapped[str] = mapped_column(default="held")
    text: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    person_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id), index=True)
    pledge_id: Mapped[int | None] = mapped_column(ForeignKey(Pledge.id), index=True)
    by_leader: Mapped[bool] = mapped_column(Boolean, default=False)
    made_at: Mapped[datetime]
    shown_at: Mapped[datetime | None]
    hidden_by: Mapped[str] = mapped_column(default="")
    hidden_why: Mapped[str] = mapped_column(default="")


class Message(Base):
    """A pledge's message to the village, as a moderator reads or has read it.

    It is shown only while it is word for word what its donor says now.
    """

    __tablename__ = "ashar_message"

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    pledge_id: Mapped[int] = mapped_column(ForeignKey(Pledge.id), unique=True)
    state: Mapped[str] = mapped_column(default="held")
    text: Mapped[str]
    made_at: Mapped[datetime]

    pledge: Mapped[Pledge] = relationship()


class Report(Base):
    """An irregularity that somebody reports, on a project, an update or a comment.

    Who reported stands here and nowhere else: neither in the history nor in a signal. `token` is
    the reporter's private link, `answer` what moderators said to it.
    """

    __tablename__ = "ashar_report"

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    token: Mapped[str] = mapped_column(unique=True)
    attempt: Mapped[str] = mapped_column(unique=True)
    project_id: Mapped[int] = mapped_column(ForeignKey(Project.id), index=True)
    update_id: Mapped[int | None] = mapped_column(ForeignKey(Update.id))
    comment_id: Mapped[int | None] = mapped_column(ForeignKey(Comment.id))
    state: Mapped[str] = mapped_column(default="open")
    reason: Mapped[str]
    words: Mapped[str]
    contact: Mapped[str] = mapped_column(default="")
    person_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    language: Mapped[str]
    answer: Mapped[str] = mapped_column(default="")
    made_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]

    project: Mapped[Project] = relationship()
    update: Mapped[Update | None] = relationship()
    comment: Mapped[Comment | None] = relationship()
