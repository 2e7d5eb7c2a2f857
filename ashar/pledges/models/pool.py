"""Matching pools: what sponsors add to others' gifts, and what was added to each payment."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ashar.kernel.db import Base, row_key
from ashar.kernel.money import Money
from ashar.pledges.models.payment import Payment


class Pool(Base):
    """A sponsor's money for others' gifts: `rate_gives` of it for each `rate_for` of a gift.

    `kind` is `paid_in`, or `promised`: then what it adds is shown and is no money. `cap_minor` is
    the most for one pledge. `reserved_minor` is set aside for gifts that are on their way,
    `booked_minor` stands with gifts that came, `paid_in_minor` is what the sponsor has paid. The
    first and the last day count. All in minor units of `currency`.
    """

    __tablename__ = "ashar_pool"
    __table_args__ = (
        CheckConstraint("rate_gives > 0 AND rate_for > 0", name="rate"),
        CheckConstraint("total_minor > 0 AND (cap_minor IS NULL OR cap_minor > 0)", name="amounts"),
        # The last guard against giving away more than there is, should a lock ever be forgotten.
        CheckConstraint(
            "reserved_minor >= 0 AND booked_minor >= 0"
            " AND reserved_minor + booked_minor <= total_minor"
            " AND (kind = 'promised' OR reserved_minor + booked_minor <= paid_in_minor)",
            name="not_overdrawn",
        ),
    )

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    #: The sponsor's name per language.
    names: Mapped[dict[str, str]] = mapped_column(JSON)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("ashar_person.id"))
    email: Mapped[str] = mapped_column(default="")
    kind: Mapped[str]
    rate_gives: Mapped[int] = mapped_column(Integer, default=1)
    rate_for: Mapped[int] = mapped_column(Integer, default=1)
    currency: Mapped[str]
    total_minor: Mapped[int]
    cap_minor: Mapped[int | None]
    starts: Mapped[date | None]
    ends: Mapped[date | None]
    open: Mapped[bool] = mapped_column(default=True)
    reserved_minor: Mapped[int] = mapped_column(default=0)
    booked_minor: Mapped[int] = mapped_column(default=0)
    paid_in_minor: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime]

    scopes: Mapped[list["PoolScope"]] = relationship(
        cascade="all, delete-orphan", order_by="PoolScope.kind, PoolScope.value"
    )

    @property
    def account(self) -> str:
        """Return its account in the book."""
        return f"pool:{self.slug}"

    @property
    def free(self) -> Money:
        """Return what may still be set aside: of a pool that is paid in, only what has come."""
        most = self.total_minor
        if self.kind == "paid_in":
            most = min(most, self.paid_in_minor)
        return Money(max(0, most - self.reserved_minor - self.booked_minor), self.currency)

    def takes(self, day: date) -> bool:
        """Tell whether gifts of a day may be matched."""
        begun = self.starts is None or self.starts <= day
        return self.open and begun and (self.ends is None or day <= self.ends)


class PoolScope(Base):
    """For what a pool is: `kind` is project, region or theme, `value` its slug or code."""

    __tablename__ = "ashar_pool_scope"
    __table_args__ = (Index("ix_ashar_pool_scope_value", "kind", "value"),)

    pool_id: Mapped[int] = mapped_column(ForeignKey("ashar_pool.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)


class PoolPayment(Base):
    """What a sponsor has paid into a pool, as a treasurer saw it on an account of ours.

    `attempt` is the random word of the form that entered it: the same form twice is one.
    """

    __tablename__ = "ashar_pool_payment"
    __table_args__ = (CheckConstraint("minor > 0", name="amount"),)

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    pool_id: Mapped[int] = mapped_column(ForeignKey("ashar_pool.id"), index=True)
    attempt: Mapped[str] = mapped_column(unique=True)
    account: Mapped[str]
    minor: Mapped[int]
    currency: Mapped[str]
    day: Mapped[date]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("ashar_person.id"))
    made_at: Mapped[datetime]

    @property
    def money(self) -> Money:
        """Return what was paid in."""
        return Money(self.minor, self.currency)


class Match(Base):
    """What a pool adds to one payment, in minor units of the pool's currency.

    `reserved_minor` is set aside, `booked_minor` was fixed when the payment settled, `given_minor`
    is what of it stands with the gift now; `short_minor` could not be taken from the pool again
    after it had gone back. `worth_*` is what the whole adds to the project's bar, fixed with it,
    `moved_minor` how much of that stands in the totals.
    """

    __tablename__ = "ashar_match"
    __table_args__ = (
        CheckConstraint(
            "reserved_minor >= 0 AND given_minor >= 0 AND short_minor >= 0"
            " AND given_minor <= booked_minor",
            name="amounts",
        ),
    )

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("ashar_payment.id"), unique=True)
    pool_id: Mapped[int] = mapped_column(ForeignKey("ashar_pool.id"), index=True)
    state: Mapped[str] = mapped_column(default="reserved")
    reserved_minor: Mapped[int] = mapped_column(default=0)
    booked_minor: Mapped[int] = mapped_column(default=0)
    given_minor: Mapped[int] = mapped_column(default=0)
    short_minor: Mapped[int] = mapped_column(default=0)
    worth_minor: Mapped[int | None]
    worth_currency: Mapped[str | None]
    worth_rate: Mapped[Decimal | None]
    worth_day: Mapped[date | None]
    worth_source: Mapped[str | None]
    moved_minor: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime]
    booked_at: Mapped[datetime | None]

    pool: Mapped[Pool] = relationship()
    payment: Mapped[Payment] = relationship(back_populates="match")
