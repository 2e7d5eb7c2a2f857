"""Rows of letters, of mailings to many, and of what somebody wants no more."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ashar.kernel.db import Base, row_key


class Letter(Base):
    """A letter to one person about one fact."""

    __tablename__ = "ashar_letter"
    __table_args__ = (UniqueConstraint("fact", "recipient", "kind"),)

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    fact: Mapped[str]
    recipient: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    language: Mapped[str]
    pledge_id: Mapped[int | None] = mapped_column(BigInteger)
    person_id: Mapped[int | None] = mapped_column(BigInteger)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_at: Mapped[datetime]
    next_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]


Index(
    "ix_ashar_letter_due",
    Letter.next_at,
    sqlite_where=Letter.sent_at.is_(None),
    postgresql_where=Letter.sent_at.is_(None),
)
# What a person got lately; letters to donors, most of all, are not in it.
Index(
    "ix_ashar_letter_person",
    Letter.person_id,
    Letter.kind,
    sqlite_where=Letter.person_id.is_not(None),
    postgresql_where=Letter.person_id.is_not(None),
)


class Mailing(Base):
    """Letters to many about one fact, written in batches; `after` is the last address so far."""

    __tablename__ = "ashar_mailing"
    __table_args__ = (UniqueConstraint("fact", "kind"),)

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    fact: Mapped[str]
    kind: Mapped[str]
    to: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[str] = mapped_column(default="")
    made_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


Index(
    "ix_ashar_mailing_open",
    Mailing.id,
    sqlite_where=Mailing.done_at.is_(None),
    postgresql_where=Mailing.done_at.is_(None),
)


class Unsubscribed(Base):
    """An address, folded, that wants no more letters of a topic."""

    __tablename__ = "ashar_unsubscribed"

    email: Mapped[str] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
