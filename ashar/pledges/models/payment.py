"""A payment: one try to collect a pledge's money, and what became of it."""

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint, and_
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ashar.kernel.db import Base, row_key
from ashar.kernel.money import Money
from ashar.pledges.models.pledge import Pledge

if TYPE_CHECKING:
    from ashar.pledges.models.dispute import Dispute
    from ashar.pledges.models.pool import Match
    from ashar.pledges.models.refund import Refund


class Payment(Base):
    """One payment of a pledge.

    `settled_*` is what the provider credited, known once its balance transaction is. `worth_*` is
    what it adds to the project's bar, fixed when it settles; `moved_minor` is how much of that
    stands in the totals now, `awaiting_minor` how much stands there as waiting. `account` is the
    book's account that holds the gift, `held_in` the one where the money lies when it is not the
    provider's, `sender_iban` where a transfer came from, if it is known. `instructions` is what the
    donor has to do, label → words, where the gateway leads nowhere; `reminded` is how
    often they were reminded of it.
    """

    __tablename__ = "ashar_payment"
    __table_args__ = (
        UniqueConstraint("pledge_id", "no"),
        CheckConstraint("gift_minor > 0 AND cover_minor >= 0", name="amounts"),
        Index("ix_ashar_payment_open", "state", "ends_at"),
    )

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    pledge_id: Mapped[int] = mapped_column(ForeignKey("ashar_pledge.id"))
    no: Mapped[int] = mapped_column(Integer)
    gateway: Mapped[str]
    state: Mapped[str] = mapped_column(default="started")
    gift_minor: Mapped[int]
    cover_minor: Mapped[int]
    currency: Mapped[str]
    session_id: Mapped[str | None] = mapped_column(unique=True)
    session_url: Mapped[str | None]
    intent_id: Mapped[str | None] = mapped_column(unique=True)
    charge_id: Mapped[str | None] = mapped_column(unique=True)
    invoice_id: Mapped[str | None] = mapped_column(unique=True, index=True)
    started_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    account: Mapped[str | None]
    held_in: Mapped[str | None]
    sender_iban: Mapped[str | None]
    transaction_id: Mapped[str | None]
    settled_minor: Mapped[int | None]
    settled_fee: Mapped[int | None]
    settled_currency: Mapped[str | None]
    worth_minor: Mapped[int | None]
    worth_currency: Mapped[str | None]
    worth_rate: Mapped[Decimal | None]
    worth_day: Mapped[date | None]
    worth_source: Mapped[str | None]
    moved_minor: Mapped[int] = mapped_column(default=0)
    awaiting_minor: Mapped[int] = mapped_column(default=0)
    awaiting_currency: Mapped[str | None]
    reminded: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    instructions: Mapped[dict[str, str] | None] = mapped_column(JSON)
    trouble: Mapped[str | None]
    #: The sponsor's pool that adds to it, if one does.
    pool_id: Mapped[int | None] = mapped_column(ForeignKey("ashar_pool.id"))

    pledge: Mapped[Pledge] = relationship(back_populates="payments")
    refunds: Mapped[list["Refund"]] = relationship(back_populates="payment", order_by="Refund.id")
    disputes: Mapped[list["Dispute"]] = relationship(
        back_populates="payment", order_by="Dispute.id"
    )
    match: Mapped["Match | None"] = relationship(back_populates="payment")

    @property
    def gift(self) -> Money:
        """Return what of it is given."""
        return Money(self.gift_minor, self.currency)

    @property
    def cover(self) -> Money:
        """Return what of it covers the fees."""
        return Money(self.cover_minor, self.currency)

    @property
    def charged(self) -> Money:
        """Return what the donor is charged."""
        return Money(self.gift_minor + self.cover_minor, self.currency)


# Small parts of a large table, which jobs look at: late money, and gifts without a rate.
_SUSPENSE = Payment.account == "suspense"
_UNRATED = and_(Payment.worth_minor.is_not(None), Payment.worth_rate.is_(None))
Index("ix_ashar_payment_suspense", Payment.id, sqlite_where=_SUSPENSE, postgresql_where=_SUSPENSE)
Index("ix_ashar_payment_unrated", Payment.id, sqlite_where=_UNRATED, postgresql_where=_UNRATED)
