"""What is held of a person, and how it is erased: each feature registers its own part.

An erasure goes through the parts in their order, in one transaction: all of it is done or nothing.
What law keeps is locked away by `ashar.kernel.retained`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import g, has_request_context
from sqlalchemy import delete, select

from ashar.kernel import clock, history, ids, outbox
from ashar.kernel.db import session
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_
from ashar.kernel.kept import Kept
from ashar.people import queries
from ashar.people.models import ERASED_ID, Application, Person
from ashar.people.states import APPLICATION


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose data: a person's row, an address that is proven to be theirs, or both.

    `external_id` is the person's id with the host.
    """

    person: int | None = None
    email: str | None = None
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class Stays:
    """What stays after an erasure, why, and until when; without a day for as long as the book."""

    what: str
    why: str
    until: date | None = None


Table = tuple[str, list[dict[str, Any]]]


def _nothing(_subject: Subject) -> None:
    """Do nothing first."""


@dataclass(frozen=True, slots=True)
class Part:
    """One feature's share: tables for an export, what stays, the erasure itself.

    `begin` comes before any part erases: it locks what has to be locked first, and raises Refused
    while something has to be settled. Parts that find their rows by others' have a lower `order`.
    """

    name: str
    order: int
    export: Callable[[Subject], Iterator[Table]]
    erase: Callable[[Subject], None]
    stays: Callable[[Subject], list[Stays]] = field(default=lambda _subject: [])
    begin: Callable[[Subject], None] = _nothing


PARTS: dict[str, Part] = {}


def register(part: Part) -> Part:
    """Make a feature's part known."""
    PARTS[part.name] = part
    return part


def parts() -> list[Part]:
    """Return the parts in their order."""
    return sorted(PARTS.values(), key=lambda part: part.order)


def export(subject: Subject) -> dict[str, list[dict[str, Any]]]:
    """Return all that is held of somebody, as tables by name; empty ones are left out."""
    found: dict[str, list[dict[str, Any]]] = {}
    for part in parts():
        for name, rows in part.export(subject):
            found.setdefault(name, []).extend(rows)
    return {name: rows for name, rows in found.items() if rows}


def stays(subject: Subject) -> list[Stays]:
    """Return what would stay after an erasure."""
    return [one for part in parts() for one in part.stays(subject)]


def erase(subject: Subject) -> list[Stays]:
    """Erase somebody; return what stays. Raises Refused, in words, for who has duties here.

    Called inside a transaction. A second time finds nothing and changes nothing.
    """
    for part in parts():
        part.begin(subject)
    left = stays(subject)
    for part in parts():
        part.erase(subject)
    outbox.emit("person_erased", person=subject.external_id)
    return left


def of_person(person: Person, email: str | None = None) -> Subject:
    """Return a person as a subject, with an address where one is proven."""
    return Subject(person.id, email, person.external_id)


# A person's own row -------------------------------------------------------------------------


def _persons(subject: Subject) -> list[Person]:
    if subject.person is None:
        return []
    return list(session.scalars(select(Person).where(Person.id == subject.person)))


def _export(subject: Subject) -> Iterator[Table]:
    for person in _persons(subject):
        yield (
            "person",
            [
                {
                    "name": person.name,
                    "email": person.email,
                    "phone": person.phone,
                    "language": person.language,
                    "reads": " ".join(person.reads),
                    "known_since": person.made_at,
                    "roles": ", ".join(
                        f"{role.name} {role.scope}".strip() for role in person.roles
                    ),
                }
            ],
        )
        yield (
            "applications",
            [
                {"made_at": one.made_at, "state": one.state, "region": one.region, **one.answers}
                for one in queries.applications_of(person.id)
            ],
        )
        typed = select(Kept).where(Kept.owner == person.external_id)
        yield (
            "typed_before_sign_in",
            [
                {"made_at": one.made_at, "path": one.path, "fields": one.fields}
                for one in session.scalars(typed)
            ],
        )


def _refuse_on_duty(subject: Subject) -> None:
    for person in _persons(subject):
        if person.roles:
            raise Refused(
                N_(
                    "You have a role here. Please ask an administrator to end it first: what was "
                    "decided in it stays in the records."
                )
            )


def _erase(subject: Subject) -> None:
    """Empty the row: what others have done in its name refers to it, and says no more who."""
    if subject.person is None:
        return
    person = queries.lock(subject.person)
    if person.external_id != subject.external_id:
        return
    session.execute(delete(Kept).where(Kept.owner == person.external_id))
    for one in session.scalars(select(Application).where(Application.person_id == person.id)):
        one.answers, one.why = {}, ""
        if one.state == "open":
            APPLICATION.move(one, "withdrawn", actor=person.id)
            one.decided_at = clock.now()
    person.external_id = f"{ERASED_ID}{ids.token()}"
    person.email = person.phone = person.language = None
    person.name = person.folded = ""
    person.reads = []
    history.record("person", person.id, "erased", None, None)
    if has_request_context():
        # Whoever asked for it is nobody from now on, also on the page that says so.
        g.ashar_identity = None
        g.pop("ashar_known", None)


register(Part("person", 80, _export, _erase, begin=_refuse_on_duty))
