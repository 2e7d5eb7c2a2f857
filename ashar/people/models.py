"""Persons, softly tied to the host's users; their roles, applications and recoveries."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ashar.kernel import ids
from ashar.kernel.db import Base, row_key

#: How the `external_id` of somebody begins who was erased.
ERASED_ID = "erased-"


class Person(Base):
    """Somebody known to Ashar; `external_id` is the host's id of its user.

    `folded` are name, e-mail and phone as they are searched; `reads` are the languages in which
    somebody with a role says that they can judge a text.
    """

    __tablename__ = "ashar_person"

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    external_id: Mapped[str] = mapped_column(unique=True)
    token: Mapped[str] = mapped_column(unique=True, index=True, default=ids.token)
    email: Mapped[str | None] = mapped_column(index=True)
    phone: Mapped[str | None]
    name: Mapped[str] = mapped_column(default="")
    folded: Mapped[str] = mapped_column(default="")
    language: Mapped[str | None]
    reads: Mapped[list[str]] = mapped_column(JSON, default=list)
    made_at: Mapped[datetime]

    roles: Mapped[list["Role"]] = relationship(
        back_populates="person", lazy="selectin", order_by="Role.name, Role.scope"
    )


class Role(Base):
    """A role given to a person, for one region or partner where it is bound to one."""

    __tablename__ = "ashar_role"
    __table_args__ = (UniqueConstraint("person_id", "name", "scope"),)

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("ashar_person.id"))
    name: Mapped[str]
    scope: Mapped[str] = mapped_column(default="")
    given_at: Mapped[datetime]

    person: Mapped[Person] = relationship(back_populates="roles")


class Application(Base):
    """Somebody's wish to become a leader: what they answered, and what became of it."""

    __tablename__ = "ashar_application"
    __table_args__ = (
        Index(
            "uq_ashar_application_open",
            "person_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    token: Mapped[str] = mapped_column(unique=True, default=ids.token)
    person_id: Mapped[int] = mapped_column(ForeignKey("ashar_person.id"), index=True)
    region: Mapped[str]
    #: place, phone, about, community, vouchers: [{name, contact}]; emptied some time after a no.
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(index=True)
    made_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("ashar_person.id"))
    why: Mapped[str] = mapped_column(default="")

    person: Mapped[Person] = relationship(foreign_keys=person_id)


class Recovery(Base):
    """A way back for somebody who lost password or second factor and was met in person.

    One administrator opens it, another one confirms it; of the code only a digest is kept.
    """

    __tablename__ = "ashar_recovery"
    __table_args__ = (
        Index(
            "uq_ashar_recovery_active",
            "person_id",
            unique=True,
            sqlite_where=text("state IN ('open', 'confirmed')"),
            postgresql_where=text("state IN ('open', 'confirmed')"),
        ),
    )

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    token: Mapped[str] = mapped_column(unique=True, default=ids.token)
    person_id: Mapped[int] = mapped_column(ForeignKey("ashar_person.id"), index=True)
    state: Mapped[str] = mapped_column(index=True)
    reason: Mapped[str]
    opened_by: Mapped[int] = mapped_column(ForeignKey("ashar_person.id"))
    opened_at: Mapped[datetime]
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("ashar_person.id"))
    digest: Mapped[str | None] = mapped_column(unique=True)
    ends_at: Mapped[datetime]

    person: Mapped[Person] = relationship(foreign_keys=person_id)
