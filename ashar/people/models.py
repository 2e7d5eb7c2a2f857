"""Persons, softly tied to the host's users, and the roles that administrators gave them."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ashar.kernel.db import Base, row_key


class Person(Base):
    """Somebody known to Ashar; `external_id` is the host's id of its user."""

    __tablename__ = "ashar_person"

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    external_id: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str | None] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(default="")
    language: Mapped[str | None]
    #: Languages in which somebody with a role reads what others wrote.
    reads: Mapped[list[str] | None] = mapped_column(JSON)
    made_at: Mapped[datetime]

    roles: Mapped[list["Role"]] = relationship(back_populates="person", lazy="selectin")


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
