"""Partners in Kyrgyzstan: their file, agreements, and money that donors send to them."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ashar.kernel import ids
from ashar.kernel.db import Base, row_key
from ashar.kernel.money import Money
from ashar.pledges.models.pledge import Pledge
from ashar.projects.models import Project


class Partner(Base):
    """A partner's file; in the book what it holds for us is `partner-held:` and its slug.

    `name` is the recipient's exact name, as a transfer office asks for it. `register` is its
    status in the register of foreign representatives. The sanctions check says who looked, when
    and in which list.
    """

    __tablename__ = "ashar_partner"

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    legal_form: Mapped[str]
    number: Mapped[str]
    register: Mapped[str] = mapped_column(default="")
    currency: Mapped[str]
    bank: Mapped[str] = mapped_column(default="")
    account_number: Mapped[str] = mapped_column(default="")
    signatories: Mapped[str] = mapped_column(default="")
    sanctions_by: Mapped[str] = mapped_column(default="")
    sanctions_on: Mapped[date | None]
    sanctions_list: Mapped[str] = mapped_column(default="")
    active: Mapped[bool] = mapped_column(default=True)
    made_at: Mapped[datetime]

    agreements: Mapped[list["Agreement"]] = relationship(
        back_populates="partner", order_by="Agreement.id.desc()"
    )

    @property
    def account(self) -> str:
        """Return the book's account of the money that they hold for us."""
        return f"partner-held:{self.slug}"


class Agreement(Base):
    """An agreement with a partner for some projects; its paper is kept beside it.

    With `agency` the partner receives money as our agent, and it is ours from then on.
    """

    __tablename__ = "ashar_agreement"
    __table_args__ = (
        CheckConstraint("ceiling_minor > 0", name="ceiling"),
        CheckConstraint("until_day >= from_day", name="days"),
    )

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("ashar_partner.id"), index=True)
    from_day: Mapped[date]
    until_day: Mapped[date]
    ceiling_minor: Mapped[int]
    currency: Mapped[str]
    agency: Mapped[bool]
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("ashar_person.id"))

    partner: Mapped[Partner] = relationship(back_populates="agreements")
    projects: Mapped[list[Project]] = relationship(
        secondary="ashar_agreement_project", order_by=Project.slug
    )

    @property
    def ceiling(self) -> Money:
        """Return the most that the partner may hold."""
        return Money(self.ceiling_minor, self.currency)


class AgreementProject(Base):
    """A project that an agreement is for."""

    __tablename__ = "ashar_agreement_project"

    agreement_id: Mapped[int] = mapped_column(ForeignKey("ashar_agreement.id"), primary_key=True)
    project_id: Mapped[int] = mapped_column(
        ForeignKey("ashar_project.id"), primary_key=True, index=True
    )


class Remittance(Base):
    """Money sent to a partner: told by the donor, recorded by its clerk, confirmed by a treasurer.

    `sent_*` is what the donor says, `got_*` what the partner received. One that is `local` was
    given without the agency clause: it stands beside the bar and is no money of ours.
    `attempt` is the random word of the form that made it.
    """

    __tablename__ = "ashar_remittance"
    __table_args__ = (
        Index("ix_ashar_remittance_open", "partner_id", "state"),
        Index("ix_ashar_remittance_local", "project_id", "local", "state"),
        CheckConstraint("got_minor IS NULL OR got_minor > 0", name="got"),
    )

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    token: Mapped[str] = mapped_column(unique=True, default=ids.token)
    attempt: Mapped[str] = mapped_column(unique=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("ashar_partner.id"))
    project_id: Mapped[int] = mapped_column(ForeignKey("ashar_project.id"))
    pledge_id: Mapped[int | None] = mapped_column(ForeignKey("ashar_pledge.id"), index=True)
    state: Mapped[str] = mapped_column(default="told")
    local: Mapped[bool] = mapped_column(default=False)
    control: Mapped[str] = mapped_column(default="")
    sent_on: Mapped[date | None]
    sent_minor: Mapped[int | None]
    sent_currency: Mapped[str | None]
    got_on: Mapped[date | None]
    got_minor: Mapped[int | None]
    currency: Mapped[str]
    made_at: Mapped[datetime]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("ashar_person.id"))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("ashar_person.id"))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")

    partner: Mapped[Partner] = relationship()
    project: Mapped[Project] = relationship()
    pledge: Mapped[Pledge | None] = relationship()

    @property
    def sent(self) -> Money | None:
        """Return what the donor says to have sent."""
        return None if self.sent_minor is None else Money(self.sent_minor, self.sent_currency or "")

    @property
    def got(self) -> Money | None:
        """Return what the partner received."""
        return None if self.got_minor is None else Money(self.got_minor, self.currency)
