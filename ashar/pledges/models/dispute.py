"""A dispute: the donor's bank asks for the money back."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ashar.kernel.db import Base, row_key
from ashar.pledges.models.payment import Payment


class Dispute(Base):
    """A dispute of a payment; `movements` are the provider's transactions for it, by id.

    Evidence is taken until `due_at`; it was handed in at `answered_at`.
    """

    __tablename__ = "ashar_dispute"

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("ashar_payment.id"), index=True)
    gateway_id: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(default="warning")
    minor: Mapped[int]
    currency: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    movements: Mapped[dict[str, list[int | str]]] = mapped_column(JSON, default=dict)

    payment: Mapped[Payment] = relationship(back_populates="disputes")
