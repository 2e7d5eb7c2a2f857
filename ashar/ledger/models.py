"""Entries, their lines, and the rates at which they are valued."""

import uuid
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from ashar.kernel.db import Base, row_key


class Entry(Base):
    """One fact in the book; sealed once written.

    `day` is the association's calendar day, `at` the fact's own instant. `source_kind` and
    `source_id` name the row that the fact belongs to, `voucher` the paper or event behind it.
    """

    __tablename__ = "ashar_entry"
    __table_args__ = (Index("ix_ashar_entry_source", "source_kind", "source_id"),)

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str]
    day: Mapped[date]
    at: Mapped[datetime]
    posted_at: Mapped[datetime]
    source_kind: Mapped[str]
    source_id: Mapped[int] = mapped_column(BigInteger)
    voucher: Mapped[str]
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[str | None]
    reverses: Mapped[uuid.UUID | None] = mapped_column(Uuid, unique=True)


class Line(Base):
    """One side of an entry: signed minor units, debit positive.

    `book_minor` is its value in the book's currency at the last known rate, None without one.
    """

    __tablename__ = "ashar_line"
    __table_args__ = (
        Index("ix_ashar_line_account", "account", "currency"),
        CheckConstraint("minor <> 0", name="amount"),
    )

    entry_id: Mapped[uuid.UUID] = mapped_column(
        Uuid,
        ForeignKey("ashar_entry.id", deferrable=True, initially="DEFERRED"),
        primary_key=True,
    )
    no: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    account: Mapped[str]
    currency: Mapped[str]
    minor: Mapped[int] = mapped_column(BigInteger)
    book_minor: Mapped[int | None] = mapped_column(BigInteger)


class Rate(Base):
    """Units of a currency for one euro on a day, as the source says."""

    __tablename__ = "ashar_rate"
    __table_args__ = (UniqueConstraint("currency", "day"),)

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    currency: Mapped[str]
    day: Mapped[date]
    rate: Mapped[Decimal]
    source: Mapped[str]


class BankAccount(Base):
    """An account of the association's at a bank; in the book it is `bank:` and its slug.

    `qr_iban` is the one that its QR-bills name, where the bank gave one. IBANs stand without
    spaces. What is closed takes no new pledges; late money still finds it.
    """

    __tablename__ = "ashar_bank_account"

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    holder: Mapped[str]
    iban: Mapped[str] = mapped_column(unique=True)
    qr_iban: Mapped[str] = mapped_column(default="")
    bic: Mapped[str] = mapped_column(default="")
    bank: Mapped[str] = mapped_column(default="")
    currency: Mapped[str] = mapped_column(index=True)
    street: Mapped[str] = mapped_column(default="")
    house: Mapped[str] = mapped_column(default="")
    postcode: Mapped[str] = mapped_column(default="")
    city: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(default="")
    open: Mapped[bool] = mapped_column(default=True)
    made_at: Mapped[datetime]
