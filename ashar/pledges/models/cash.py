"""Cash on its way: who collects it, against which numbered slips, and when it was handed in."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ashar.kernel import ids
from ashar.kernel.db import Base, row_key
from ashar.kernel.money import Money
from ashar.people.models import Person
from ashar.pledges.models.payment import Payment
from ashar.pledges.models.pledge import Pledge


class Collector(Base):
    """Somebody who takes cash at a place, in one currency; in the book it is `cash:` and its slug.

    `place` and `contact` are told to donors. Who is no longer active writes no slips, and still
    hands in.
    """

    __tablename__ = "ashar_collector"

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("ashar_person.id"), unique=True)
    place: Mapped[str]
    contact: Mapped[str] = mapped_column(default="")
    country: Mapped[str]
    currency: Mapped[str]
    slip_limit_minor: Mapped[int]
    held_limit_minor: Mapped[int]
    days_held: Mapped[int] = mapped_column(Integer)
    active: Mapped[bool] = mapped_column(default=True)
    made_at: Mapped[datetime]

    person: Mapped[Person] = relationship()

    @property
    def account(self) -> str:
        """Return the book's account of the cash that they hold."""
        return f"cash:{self.slug}"


class SlipBook(Base):
    """A book of numbered slips, from serial number to serial number, issued to a collector."""

    __tablename__ = "ashar_slip_book"
    __table_args__ = (CheckConstraint("first > 0 AND last >= first", name="serials"),)

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    collector_id: Mapped[int] = mapped_column(ForeignKey("ashar_collector.id"), index=True)
    first: Mapped[int] = mapped_column(unique=True)
    last: Mapped[int] = mapped_column(unique=True)
    issued_at: Mapped[datetime]
    issued_by: Mapped[int | None] = mapped_column(ForeignKey("ashar_person.id"))


class HandIn(Base):
    """Cash of some slips, handed in at once; counted by somebody who did not collect it.

    `account` is where it went: the association's bank or the partner. `slips_minor` is what the
    slips say, `declared_minor` what the collector says to have handed over.
    """

    __tablename__ = "ashar_hand_in"
    __table_args__ = (
        CheckConstraint("slips_minor > 0 AND declared_minor >= 0", name="amounts"),
        CheckConstraint("counted_minor IS NULL OR counted_minor >= 0", name="counted"),
        Index("ix_ashar_hand_in_state", "state"),
    )

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    token: Mapped[str] = mapped_column(unique=True, default=ids.token)
    collector_id: Mapped[int] = mapped_column(ForeignKey("ashar_collector.id"), index=True)
    state: Mapped[str] = mapped_column(default="declared")
    account: Mapped[str]
    currency: Mapped[str]
    slips_minor: Mapped[int]
    declared_minor: Mapped[int]
    counted_minor: Mapped[int | None]
    declared_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("ashar_person.id"))
    reason: Mapped[str] = mapped_column(default="")

    collector: Mapped[Collector] = relationship()
    slips: Mapped[list["Slip"]] = relationship(back_populates="hand_in", order_by="Slip.number")

    @property
    def total(self) -> Money:
        """Return what the slips say."""
        return Money(self.slips_minor, self.currency)

    @property
    def declared(self) -> Money:
        """Return what the collector says to have handed over."""
        return Money(self.declared_minor, self.currency)

    @property
    def difference(self) -> int:
        """Return by how much more was counted than the slips say, in minor units."""
        return 0 if self.counted_minor is None else self.counted_minor - self.slips_minor


class Slip(Base):
    """One slip that was used: written for a pledge's payment, or void; each number once.

    `written_at` is the slip's own date, `entered_at` when it came to us: books work offline. `over`
    names the limit (slip, donor, held, days) that one of an earlier day was found to pass.
    """

    __tablename__ = "ashar_slip"
    __table_args__ = (
        Index("ix_ashar_slip_open", "collector_id", "state"),
        CheckConstraint("minor IS NULL OR minor > 0", name="amount"),
    )

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    book_id: Mapped[int] = mapped_column(ForeignKey("ashar_slip_book.id"))
    collector_id: Mapped[int] = mapped_column(ForeignKey("ashar_collector.id"))
    state: Mapped[str] = mapped_column(default="written")
    pledge_id: Mapped[int | None] = mapped_column(ForeignKey("ashar_pledge.id"), index=True)
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("ashar_payment.id"), unique=True)
    hand_in_id: Mapped[int | None] = mapped_column(ForeignKey("ashar_hand_in.id"), index=True)
    minor: Mapped[int | None]
    currency: Mapped[str | None]
    written_at: Mapped[datetime]
    entered_at: Mapped[datetime]
    over: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")

    collector: Mapped[Collector] = relationship()
    pledge: Mapped[Pledge | None] = relationship()
    payment: Mapped[Payment | None] = relationship()
    hand_in: Mapped[HandIn | None] = relationship(back_populates="slips")

    @property
    def money(self) -> Money | None:
        """Return what was given; nothing for a void one."""
        return None if self.minor is None else Money(self.minor, self.currency or "")
