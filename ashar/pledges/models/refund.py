"""A refund, whoever asked for it: we, or somebody in the provider's dashboard."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ashar.kernel.db import Base, row_key
from ashar.kernel.money import Money
from ashar.pledges.models.payment import Payment


class RefundFile(Base):
    """A payment order for a bank: the refunds of one account that it was handed together.

    `message` is the name by which the bank knows it; its bytes are kept as a paper.
    """

    __tablename__ = "ashar_refund_file"

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    token: Mapped[str] = mapped_column(unique=True)
    account: Mapped[str]
    message: Mapped[str] = mapped_column(unique=True)
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    made_at: Mapped[datetime]

    refunds: Mapped[list["Refund"]] = relationship(back_populates="file", order_by="Refund.id")


class Refund(Base):
    """Money on its way back to a donor, in the currency that the donor paid.

    `way` is how: by the provider, by the bank, in cash, as a recall by the donor's own bank, or as
    the correction of a transfer that was entered by mistake. `movements` are the provider's
    transactions for it, by id: [minor, fee, currency]. The rest is of refunds that the association
    pays itself: `account` is the one they are paid from, `iban` and `holder` are where to, given by
    the donor at `confirmed_at` unless it is where the money came from; `paid_*` is what was
    debited. `asked` counts how often the donor was asked where to. `instead_of` is the provider's
    refund that failed. `attempt` is the random word of the form that ordered it.
    """

    __tablename__ = "ashar_refund"
    __table_args__ = (CheckConstraint("minor > 0", name="amount"),)

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("ashar_payment.id"), index=True)
    gateway_id: Mapped[str | None] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(default="ordered", index=True)
    way: Mapped[str] = mapped_column(default="provider", server_default="provider")
    minor: Mapped[int]
    currency: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    attempt: Mapped[str | None] = mapped_column(index=True, unique=True)
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    ordered_at: Mapped[datetime]
    next_at: Mapped[datetime | None]
    trouble: Mapped[str | None]
    movements: Mapped[dict[str, list[int | str]]] = mapped_column(JSON, default=dict)
    account: Mapped[str | None]
    iban: Mapped[str | None]
    holder: Mapped[str | None]
    confirmed_at: Mapped[datetime | None]
    given_by: Mapped[int | None] = mapped_column(BigInteger)
    approved_by: Mapped[int | None] = mapped_column(BigInteger)
    asked: Mapped[int] = mapped_column(default=0, server_default="0")
    instead_of: Mapped[int | None] = mapped_column(index=True, unique=True)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("ashar_refund_file.id"), index=True)
    paid_at: Mapped[datetime | None]
    paid_minor: Mapped[int | None]
    paid_currency: Mapped[str | None]

    payment: Mapped[Payment] = relationship(back_populates="refunds")
    file: Mapped[RefundFile | None] = relationship(back_populates="refunds")

    @property
    def money(self) -> Money:
        """Return what goes back."""
        return Money(self.minor, self.currency)

    @property
    def paid(self) -> Money | None:
        """Return what was debited for it, on an account of the association's own."""
        if self.paid_minor is None or self.paid_currency is None:
            return None
        return Money(self.paid_minor, self.paid_currency)
