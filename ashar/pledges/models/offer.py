"""An offer: what a pledge gives that is not money."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ashar.kernel.db import Base, row_key
from ashar.kernel.papers import Paper
from ashar.people.models import Person
from ashar.pledges.models.pledge import Pledge
from ashar.projects.models import Need, Project


class Offer(Base):
    """What a pledge of labour, materials, skills or transport is made of.

    Quantities are whole numbers of `unit`: what was `offered`, what of it the leader `accepted` and
    says was `delivered`, and what somebody else has `confirmed`; each is no more than the one
    before. `unit` and `titles` are the need's, as they were when it was offered. `token` names it
    on desks, where nobody has its pledge's private link. `entered_by` is who typed it from a paper
    list, `confirmed_as` who confirmed it: its giver, or the village's committee.
    """

    __tablename__ = "ashar_offer"
    __table_args__ = (
        Index("ix_ashar_offer_project", "project_id", "state", "id"),
        Index("ix_ashar_offer_day", "project_id", "day"),
        CheckConstraint("offered > 0 AND people > 0", name="offered"),
        CheckConstraint(
            "confirmed >= 0 AND confirmed <= delivered AND delivered <= accepted "
            "AND accepted <= offered",
            name="quantities",
        ),
    )

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    token: Mapped[str] = mapped_column(unique=True)
    pledge_id: Mapped[int] = mapped_column(ForeignKey(Pledge.id), unique=True)
    project_id: Mapped[int] = mapped_column(ForeignKey(Project.id))
    #: None once the leader no longer asks for it.
    need_id: Mapped[int | None] = mapped_column(
        ForeignKey(Need.id, ondelete="SET NULL"), index=True
    )
    unit: Mapped[str]
    titles: Mapped[dict[str, str]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(default="offered")
    people: Mapped[int] = mapped_column(Integer, default=1)
    offered: Mapped[int] = mapped_column(Integer)
    accepted: Mapped[int] = mapped_column(Integer, default=0)
    delivered: Mapped[int] = mapped_column(Integer, default=0)
    confirmed: Mapped[int] = mapped_column(Integer, default=0)
    day: Mapped[date | None]
    meeting: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    photo_id: Mapped[int | None] = mapped_column(ForeignKey(Paper.id))
    entered_by: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    confirmed_as: Mapped[str] = mapped_column(default="")
    accepted_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]

    pledge: Mapped[Pledge] = relationship(back_populates="offer")
    need: Mapped[Need | None] = relationship()
    project: Mapped[Project] = relationship()
    photo: Mapped[Paper | None] = relationship()
