"""A refund, whoever asked for it: we, or somebody in the provider's dashboard."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ashar.kernel.db import Base, row_key
from ashar.kernel.money import Money
from ashar.pledges.models.payment import Payment


class Refund(Base):
    """Money on its way back to a donor, in the currency that the donor paid.

    `movements` are the provider's transactions for it, by id: [minor, fee, currency].
    """

    __tablename__ = "ashar_refund"
    __table_args__ = (CheckConstraint("minor > 0", name="amount"),)

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("ashar_payment.id"), index=True)
    gateway_id: Mapped[str | None] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(default="ordered")
    minor: Mapped[int]
    currency: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    ordered_at: Mapped[datetime]
    next_at: Mapped[datetime | None]
    trouble: Mapped[str | None]
    movements: Mapped[dict[str, list[int | str]]] = mapped_column(JSON, default=dict)

    payment: Mapped[Payment] = relationship(back_populates="refunds")

    @property
    def money(self) -> Money:
        """Return what goes back."""
        return Money(self.minor, self.currency)
