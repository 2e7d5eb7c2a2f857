"""Receipts that bear a number, what counts the numbers, and the yearly round over all donors."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ashar.kernel.db import Base, row_key
from ashar.kernel.money import Money
from ashar.pledges.models.payment import Payment
from ashar.pledges.models.pledge import Pledge


class Series(Base):
    """How many numbers a series of a year has given out; its row is locked while one is taken."""

    __tablename__ = "ashar_receipt_series"

    series: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(Integer)


class Receipt(Base):
    """A receipt as it was given out; only `cancelled_at` and `paper_id` are ever written again.

    `kind` is legal (of one payment), annual (of a donor's year, `period`) or cancelling (of the
    receipt `cancels_id`). `form` says after whose law it is drawn: de, ch, us, or plain. `facts`
    is all that its paper says; `donor` the e-mail, folded, of whose year it is. `pledge_id` is the
    pledge whose private page leads to it. `paper_id` is the kept duplicate; a plain one has none.
    """

    __tablename__ = "ashar_receipt"
    __table_args__ = (
        UniqueConstraint("series", "year", "serial"),
        CheckConstraint("serial > 0", name="serial"),
        # One payment is confirmed to the tax office once, and a donor's year once.
        Index(
            "ix_ashar_receipt_live",
            "payment_id",
            unique=True,
            sqlite_where=text("kind = 'legal' AND cancelled_at IS NULL"),
            postgresql_where=text("kind = 'legal' AND cancelled_at IS NULL"),
        ),
        Index(
            "ix_ashar_receipt_annual",
            "donor",
            "period",
            "currency",
            unique=True,
            sqlite_where=text("kind = 'annual' AND cancelled_at IS NULL"),
            postgresql_where=text("kind = 'annual' AND cancelled_at IS NULL"),
        ),
        # What is still to be drawn is little; an overview is drawn whenever it is asked for.
        Index(
            "ix_ashar_receipt_undrawn",
            "id",
            sqlite_where=text("paper_id IS NULL AND form <> 'plain'"),
            postgresql_where=text("paper_id IS NULL AND form <> 'plain'"),
        ),
    )

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    series: Mapped[str]
    year: Mapped[int] = mapped_column(Integer)
    serial: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str]
    form: Mapped[str]
    pledge_id: Mapped[int] = mapped_column(ForeignKey("ashar_pledge.id"), index=True)
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("ashar_payment.id"))
    donor: Mapped[str | None]
    period: Mapped[int | None] = mapped_column(Integer)
    language: Mapped[str]
    day: Mapped[date]
    issued_at: Mapped[datetime]
    minor: Mapped[int]
    currency: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    paper_id: Mapped[int | None] = mapped_column(BigInteger)
    cancels_id: Mapped[int | None] = mapped_column(ForeignKey("ashar_receipt.id"), unique=True)
    cancelled_at: Mapped[datetime | None]
    why: Mapped[str] = mapped_column(default="", server_default="")

    pledge: Mapped[Pledge] = relationship()
    payment: Mapped[Payment | None] = relationship()

    @property
    def money(self) -> Money:
        """Return the sum that it names."""
        return Money(self.minor, self.currency)


class Round(Base):
    """A round over all donors of a year; `after` is the last donor that was looked at."""

    __tablename__ = "ashar_receipt_round"
    __table_args__ = (
        # Two rounds over one year would each do half of the other's work.
        Index(
            "ix_ashar_receipt_round_open",
            "period",
            unique=True,
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    period: Mapped[int] = mapped_column(Integer)
    after: Mapped[str] = mapped_column(default="")
    donors: Mapped[int | None] = mapped_column(Integer)
    looked_at: Mapped[int] = mapped_column(Integer, default=0)
    issued: Mapped[int] = mapped_column(Integer, default=0)
    left_out: Mapped[int] = mapped_column(Integer, default=0)
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    begun_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


# Who has asked for a receipt is looked for every hour; a year's gifts once a year.
Index(
    "ix_ashar_pledge_receipt",
    Pledge.id,
    sqlite_where=Pledge.receipt_asked_at.is_not(None),
    postgresql_where=Pledge.receipt_asked_at.is_not(None),
)
Index("ix_ashar_payment_settled", Payment.settled_at)
