"""The inbox: every message from outside, as it came, and what became of it."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ashar.kernel.db import Base, row_key

#: stored: to be processed; waiting: for an earlier fact; parked: for a person; done.
STATES = ("stored", "waiting", "parked", "done")


class Inbox(Base):
    """One message; `body` holds the raw bytes, None while it is still to be fetched."""

    __tablename__ = "ashar_inbox"
    __table_args__ = (UniqueConstraint("gateway", "external_id"),)

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    gateway: Mapped[str]
    external_id: Mapped[str]
    kind: Mapped[str]
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(default="stored")
    reason: Mapped[str | None]
    waits_for: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    received_at: Mapped[datetime]
    next_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]


# What is done is most of it and never looked for.
Index(
    "ix_ashar_inbox_due",
    Inbox.state,
    Inbox.next_at,
    sqlite_where=Inbox.state != "done",
    postgresql_where=Inbox.state != "done",
)
Index(
    "ix_ashar_inbox_waits",
    Inbox.waits_for,
    sqlite_where=Inbox.state == "waiting",
    postgresql_where=Inbox.state == "waiting",
)
