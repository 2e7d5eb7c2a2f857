"""Reading people, applications and recoveries."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import joinedload

from ashar.kernel.db import session
from ashar.kernel.history import History
from ashar.kernel.phones import read_phone
from ashar.people.models import Application, Person, Recovery, Role
from ashar.people.states import ACTIVE

PER_PAGE = 50


def by_token(token: str) -> Person | None:
    """Return a person by the token of their page."""
    return session.scalars(select(Person).where(Person.token == token)).one_or_none()


def by_email(email: str) -> Person | None:
    """Return whoever came first with that e-mail."""
    query = select(Person).where(Person.email == email.strip().lower()).order_by(Person.id)
    return session.scalars(query.limit(1)).one_or_none()


def by_phone(text: str) -> Person | None:
    """Return whoever came first with that phone number; one without a country is of Kyrgyzstan."""
    phone = read_phone(text, "KG")
    query = select(Person).where(Person.phone == phone).order_by(Person.id)
    return session.scalars(query.limit(1)).one_or_none() if phone else None


def lock(row: int) -> Person:
    """Return a person's row, held until the transaction ends."""
    query = select(Person).where(Person.id == row).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


def search(words: str, role: str = "", page: int = 1) -> tuple[Sequence[Person], int]:
    """Return a page of people with all these words in name or e-mail, and how many there are."""
    found = select(Person).where(*_matching(words, role))
    total = session.execute(select(func.count()).select_from(found.subquery())).scalar_one()
    start = (max(1, page) - 1) * PER_PAGE
    rows = found.order_by(Person.folded, Person.id).offset(start).limit(PER_PAGE)
    return session.scalars(rows).all(), total


def _matching(words: str, role: str) -> list[ColumnElement[bool]]:
    found = [Person.folded.contains(word, autoescape=True) for word in words.casefold().split()]
    if role:
        found.append(Person.roles.any(Role.name == role))
    return found


def holders() -> Sequence[Person]:
    """Return everybody who has a role."""
    return session.scalars(select(Person).where(Person.roles.any()).order_by(Person.folded)).all()


def lock_administrators() -> list[Role]:
    """Return every administrator's role, each held until the transaction ends."""
    query = select(Role).where(Role.name == "administrator").order_by(Role.id).with_for_update()
    return list(session.scalars(query.execution_options(populate_existing=True)))


def history_of(person: int) -> Sequence[History]:
    """Return what was done to a person's roles and access, newest first."""
    recoveries = select(Recovery.id).where(Recovery.person_id == person).scalar_subquery()
    theirs = or_(
        and_(History.kind == "person", History.subject_id == person),
        and_(History.kind == "recovery", History.subject_id.in_(recoveries)),
    )
    return session.scalars(select(History).where(theirs).order_by(History.id.desc())).all()


def named(rows: set[int]) -> dict[int, Person]:
    """Return people by their rows."""
    found = session.scalars(select(Person).where(Person.id.in_(rows))) if rows else ()
    return {person.id: person for person in found}


def _applications() -> Select[Any]:
    return select(Application).options(joinedload(Application.person)).order_by(Application.id)


def applications(state: str) -> Sequence[Application]:
    """Return the applications in a state, oldest first."""
    return session.scalars(_applications().where(Application.state == state)).all()


def applications_of(person: int) -> Sequence[Application]:
    """Return somebody's applications, newest first."""
    query = select(Application).where(Application.person_id == person)
    return session.scalars(query.order_by(Application.id.desc())).all()


def application(token: str, hold: bool = False) -> Application | None:
    """Return an application; `hold` keeps its row until the transaction ends."""
    query = select(Application).where(Application.token == token)
    if hold:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).one_or_none()


def count_applications() -> int:
    """Count the applications that wait."""
    query = select(func.count(Application.id)).where(Application.state == "open")
    return session.execute(query).scalar_one()


def recovery_of(person: int, hold: bool = False) -> Recovery | None:
    """Return the recovery of a person that is under way."""
    query = select(Recovery).where(Recovery.person_id == person, Recovery.state.in_(ACTIVE))
    if hold:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).one_or_none()


def recoveries() -> Sequence[Recovery]:
    """Return all recoveries that are under way; a code that opens a new account is none."""
    by_two = or_(Recovery.state == "open", Recovery.confirmed_by.is_not(None))
    query = select(Recovery).where(Recovery.state.in_(ACTIVE), by_two).order_by(Recovery.id)
    return session.scalars(query.options(joinedload(Recovery.person))).all()
