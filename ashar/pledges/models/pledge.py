"""A pledge: who wants to give what to which project, and how."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ashar.kernel.db import Base, row_key
from ashar.kernel.money import Money
from ashar.projects.models import Project

if TYPE_CHECKING:
    from ashar.pledges.models.payment import Payment


class Pledge(Base):
    """A promise to give; its money comes in payments.

    `attempt` is the random word of the form that made it: the same form sent twice is one pledge.
    `token` is the pledge's private link; `reference` stands on its transfers.
    """

    __tablename__ = "ashar_pledge"
    __table_args__ = (
        Index("ix_ashar_pledge_project", "project_id", "state"),
        CheckConstraint("gift_minor > 0 AND cover_minor >= 0", name="amounts"),
    )

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    token: Mapped[str] = mapped_column(unique=True)
    reference: Mapped[str | None] = mapped_column(unique=True, index=True)
    attempt: Mapped[str] = mapped_column(unique=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("ashar_project.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("ashar_person.id"), index=True)
    kind: Mapped[str] = mapped_column(default="money")
    state: Mapped[str] = mapped_column(default="open")
    gift_minor: Mapped[int]
    cover_minor: Mapped[int] = mapped_column(default=0)
    currency: Mapped[str]
    method: Mapped[str]
    frequency: Mapped[str] = mapped_column(default="once")
    name: Mapped[str] = mapped_column(default="")
    email: Mapped[str | None] = mapped_column(index=True)
    phone: Mapped[str | None]
    country: Mapped[str]
    pays_from: Mapped[str | None]
    language: Mapped[str]
    visibility: Mapped[str] = mapped_column(default="anonymous")
    message: Mapped[str] = mapped_column(default="")
    in_honour_of: Mapped[str] = mapped_column(default="")
    group_name: Mapped[str] = mapped_column(default="")
    fallback: Mapped[str] = mapped_column(default="refund")
    receipt_address: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    receipt_asked_at: Mapped[datetime | None]
    counted: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime]

    project: Mapped[Project] = relationship()
    payments: Mapped[list["Payment"]] = relationship(back_populates="pledge", order_by="Payment.no")

    @property
    def gift(self) -> Money:
        """Return what is given."""
        return Money(self.gift_minor, self.currency)

    @property
    def cover(self) -> Money:
        """Return what the donor adds for the fees."""
        return Money(self.cover_minor, self.currency)


class Key(Base):
    """A one-use key to change a pledge; what is sent to its address is the signed nonce."""

    __tablename__ = "ashar_pledge_key"

    nonce: Mapped[str] = mapped_column(primary_key=True)
    pledge_id: Mapped[int] = mapped_column(ForeignKey("ashar_pledge.id"), index=True)
    purpose: Mapped[str]
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
