"""A pledge: who wants to give what to which project, and how."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ashar.kernel.db import Base, row_key
from ashar.kernel.money import Money
from ashar.projects.models import Project

if TYPE_CHECKING:
    from ashar.pledges.models.offer import Offer
    from ashar.pledges.models.payment import Payment


class Pledge(Base):
    """A promise to give; its money comes in payments. One of another kind has one offer instead.

    `attempt` is the random word of the form that made it: the same form sent twice is one pledge.
    `token` is the pledge's private link; `reference` stands on its transfers. `fallback` is what
    the donor of a threshold project chose should it miss: refund, or other with the project in
    `fallback_id`, the association's choice without one.
    `group_id` is the group that `group_name` means, once money came. `erased_at` is when its donor
    had all that names them erased; money is booked to it as before.
    """

    __tablename__ = "ashar_pledge"
    __table_args__ = (
        Index("ix_ashar_pledge_project", "project_id", "state"),
        CheckConstraint(
            "(kind = 'money' AND gift_minor > 0 OR kind <> 'money' AND gift_minor = 0) "
            "AND cover_minor >= 0",
            name="amounts",
        ),
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
    honour_email: Mapped[str | None]
    group_name: Mapped[str] = mapped_column(default="")
    group_id: Mapped[int | None]
    fallback: Mapped[str] = mapped_column(default="refund")
    receipt_address: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    receipt_asked_at: Mapped[datetime | None]
    fallback_id: Mapped[int | None] = mapped_column(BigInteger)
    counted: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]

    project: Mapped[Project] = relationship()
    payments: Mapped[list["Payment"]] = relationship(back_populates="pledge", order_by="Payment.no")
    offer: Mapped["Offer | None"] = relationship(back_populates="pledge", uselist=False)

    @property
    def gift(self) -> Money:
        """Return what is given."""
        return Money(self.gift_minor, self.currency)

    @property
    def cover(self) -> Money:
        """Return what the donor adds for the fees."""
        return Money(self.cover_minor, self.currency)


def _few(name: str, *columns: Any, where: str) -> Index:
    """Make an index over the few rows that are looked for by it."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


#: Which pledges stand among a project's supporters, word for word as their index has it.
IS_SHOWN = "visibility = 'public' AND counted"
_few("ix_ashar_pledge_shown", Pledge.project_id, Pledge.id, where=IS_SHOWN)
_few("ix_ashar_pledge_honour", Pledge.honour_email, where="honour_email IS NOT NULL")
_few("ix_ashar_pledge_group", Pledge.group_id, where="group_id IS NOT NULL")
_few("ix_ashar_pledge_erased", Pledge.erased_at, where="erased_at IS NOT NULL")


class Key(Base):
    """A one-use key to change a pledge; what is sent to its address is the signed nonce."""

    __tablename__ = "ashar_pledge_key"

    nonce: Mapped[str] = mapped_column(primary_key=True)
    pledge_id: Mapped[int] = mapped_column(ForeignKey("ashar_pledge.id"), index=True)
    purpose: Mapped[str]
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class DonorLink(Base):
    """A one-use link by letter to all that was given from an address; used, it opens for a while.

    What the letter carries is the signed nonce. It is written for unknown addresses too, so that
    nothing tells them apart.
    """

    __tablename__ = "ashar_donor_link"

    nonce: Mapped[str] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(index=True)
    language: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
