"""An early fraud warning: a card's bank believes that a payment was not its owner's."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ashar.kernel.db import Base, row_key
from ashar.pledges.models.payment import Payment


class FraudWarning(Base):
    """A warning about a payment: a refund now is cheaper than the dispute that may follow."""

    __tablename__ = "ashar_fraud_warning"

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("ashar_payment.id"), index=True)
    gateway_id: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(default="open", index=True)
    reason: Mapped[str] = mapped_column(default="")
    warned_at: Mapped[datetime]

    payment: Mapped[Payment] = relationship()
