"""Persons and their roles; called inside a transaction."""

from sqlalchemy import select

from ashar.kernel import clock, history
from ashar.kernel.db import session
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_
from ashar.people.access import ROLES, Identity
from ashar.people.models import Person, Role


def know(identity: Identity) -> Person:
    """Return the person of a signed-in identity, made on first sight, kept up to date."""
    found = session.execute(
        select(Person).where(Person.external_id == identity.id)
    ).scalar_one_or_none()
    if found is None:
        found = Person(external_id=identity.id, made_at=clock.now())
        session.add(found)
    found.email, found.name = identity.email, identity.name
    found.language = identity.locale or found.language
    session.flush()
    return found


def give_role(person: Person, name: str, scope: str = "", *, actor: int | None = None) -> Role:
    """Give a role, once; raise Refused for one that does not exist."""
    if name not in ROLES:
        raise Refused(N_("There is no such role."))
    for role in person.roles:
        if (role.name, role.scope) == (name, scope):
            return role
    role = Role(person=person, name=name, scope=scope, given_at=clock.now())
    session.add(role)
    session.flush()
    history.record("person", person.id, "role", None, f"{name} {scope}".strip(), actor=actor)
    return role
