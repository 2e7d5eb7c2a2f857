"""Persons and their roles; called inside a transaction."""

from collections.abc import Sequence

from sqlalchemy import select

from ashar.kernel import clock, history
from ashar.kernel.db import session
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_
from ashar.people import access, queries
from ashar.people.access import ROLES, Identity
from ashar.people.models import Person, Role

#: Roles that are for something: regions, a partner.
SCOPED = frozenset({"moderator", "partner"})


def know(identity: Identity) -> Person:
    """Return the person of a signed-in identity, made on first sight, kept up to date."""
    found = session.execute(
        select(Person).where(Person.external_id == identity.id)
    ).scalar_one_or_none()
    if found is None:
        found = Person(external_id=identity.id, made_at=clock.now())
        session.add(found)
        access.forget()
    found.email, found.name, found.phone = identity.email, identity.name, identity.phone
    known = (identity.name, identity.email, identity.phone)
    found.folded = " ".join(filter(None, known)).casefold().strip()
    found.language = identity.locale or found.language
    session.flush()
    return found


def give_role(
    person: Person, name: str, scope: str = "", *, actor: int | None = None, why: str = ""
) -> Role:
    """Give a role, once.

    Raises Refused for a role that does not exist, and to whoever would give one to themselves.
    """
    if name not in ROLES:
        raise Refused(N_("There is no such role."))
    if actor == person.id:
        raise Refused(N_("Nobody gives themselves a role: another administrator has to."))
    for role in person.roles:
        if (role.name, role.scope) == (name, scope):
            return role
    role = Role(person=person, name=name, scope=scope, given_at=clock.now())
    session.add(role)
    session.flush()
    _record(person, None, role, why, actor)
    return role


def give_roles(
    person: Person, name: str, scopes: Sequence[str] = (), *, actor: int | None, why: str
) -> None:
    """Give a role for each of some regions, for a partner, or for nothing in particular."""
    if (name in SCOPED) != bool(scopes):
        raise Refused(N_("Please say for which region or partner."))
    queries.lock(person.id)
    for scope in scopes or ("",):
        give_role(person, name, scope, actor=actor, why=why)


def take_role(person: Person, name: str, scope: str, *, actor: int | None, why: str = "") -> None:
    """Take a role away; one's own is given up so.

    Raises Refused for one that is not held, and for the last administrator's. All administrators'
    rows are held meanwhile: two who remove each other at once do so one after the other.
    """
    if name == "administrator":
        _spare_the_last(person, actor)
    for role in person.roles:
        if (role.name, role.scope) == (name, scope):
            _record(person, role, None, why, actor)
            person.roles.remove(role)
            session.delete(role)
            session.flush()
            return
    raise Refused(N_("They do not have this role any more."))


def _spare_the_last(person: Person, actor: int | None) -> None:
    held = {role.person_id for role in queries.lock_administrators()}
    session.refresh(person, ["roles"])
    if actor is not None and actor not in held:
        raise Refused(N_("You are no administrator any more."))
    if held == {person.id}:
        raise Refused(N_("The last administrator stays: make somebody else one first."))


def _record(person: Person, old: Role | None, new: Role | None, why: str, by: int | None) -> None:
    history.record("person", person.id, "role", _said(old), _said(new), why=why, actor=by)
    access.forget()


def _said(role: Role | None) -> str | None:
    return f"{role.name} {role.scope}".strip() if role else None


def declare_reading(person: Person, languages: Sequence[str]) -> None:
    """Note in which languages somebody with a role can judge a text."""
    old, new = sorted(person.reads), sorted(languages)
    if old == new:
        return
    person.reads = new
    history.record("person", person.id, "reads", " ".join(old), " ".join(new), actor=person.id)
