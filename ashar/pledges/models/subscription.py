"""A subscription: what a provider charges a donor each month, until somebody stops it."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from ashar.kernel.db import Base, row_key
from ashar.kernel.money import Money


class Subscription(Base):
    """A monthly gift as its provider charges it; its money is in the pledge's payments.

    `next_at` is when the provider charges next, `card_until` the last day of the card. `invoice_id`
    is what could not be charged and waits to be paid, `trouble` the provider's word for why.
    `told_at` is the instant of the last snapshot that was taken in. `paused_by` and `ended_by` are
    "donor" or "project", "failed" after the last vain try, None or "provider" where somebody else
    did it. `asked_at` is when the donor was asked what should become of it, `told_card` and
    `told_debit` for which day and charge they were warned.
    """

    __tablename__ = "ashar_subscription"
    __table_args__ = (
        CheckConstraint("gift_minor > 0 AND cover_minor >= 0", name="amounts"),
        Index("ix_ashar_subscription_next", "state", "next_at"),
    )

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    pledge_id: Mapped[int] = mapped_column(ForeignKey("ashar_pledge.id"), index=True)
    gateway: Mapped[str]
    gateway_id: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(default="active")
    gift_minor: Mapped[int]
    cover_minor: Mapped[int]
    currency: Mapped[str]
    started_at: Mapped[datetime]
    next_at: Mapped[datetime | None]
    card_until: Mapped[date | None]
    invoice_id: Mapped[str | None]
    trouble: Mapped[str | None]
    told_at: Mapped[datetime | None]
    paused_by: Mapped[str | None]
    asked_at: Mapped[datetime | None]
    told_card: Mapped[date | None]
    told_debit: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]

    @property
    def gift(self) -> Money:
        """Return what is given each month."""
        return Money(self.gift_minor, self.currency)

    @property
    def charged(self) -> Money:
        """Return what is charged each month."""
        return Money(self.gift_minor + self.cover_minor, self.currency)
