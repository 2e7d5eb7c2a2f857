"""Sample people of the stand-alone site: one for each role, and a donor; none is real."""

from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import select

from ashar.kernel import db
from ashar.kernel.db import session
from ashar.people import services
from ashar.people.models import Person

DONOR = "donor@example.org"
LEADER = "leader@example.org"
MODERATOR = "moderator@example.org"
COLLECTOR = "collector@example.org"
#: What the sample moderator can judge: who decides has to have read a project.
READS = ("ky", "ru", "en", "de")


@dataclass(frozen=True, slots=True)
class SamplePerson:
    """An account: its password is printed by `ashar demo`, so it guards nothing but samples."""

    email: str
    password: str
    roles: tuple[str, ...] = ()
    region: str = ""


PEOPLE = (
    SamplePerson(LEADER, "kymyz-47-terek-Arpa-bulut", ("leader",)),
    SamplePerson(MODERATOR, "tunduk-82-kochkor-Ayil-suu", ("moderator",), "KG-N"),
    SamplePerson(COLLECTOR, "kurut-54-Bazar-dum-almurut", ("collector",)),
    SamplePerson("treasurer@example.org", "som-19-kazan-Eshik-debet", ("treasurer",)),
    SamplePerson("administrator@example.org", "boorsok-63-Kilem-achkych-too", ("administrator",)),
    SamplePerson("auditor@example.org", "esep-35-Daptar-juzum-kalem", ("auditor",)),
    SamplePerson(DONOR, "jolborus-58-Keme-alma-janggak"),
)


def load() -> list[tuple[str, str, list[str]]]:
    """Make the accounts that are missing; return e-mail, password and roles of all.

    Returns none in a host, whose accounts are its own.
    """
    accounts: Any = current_app.extensions.get("ashar_accounts")
    if accounts is None:
        return []
    for one in PEOPLE:
        if person(one.email) is None:
            accounts.create(one.email, one.password, one.roles, one.region)
            if one.email == MODERATOR:
                _declare()
    return [(one.email, one.password, list(one.roles)) for one in PEOPLE]


def _declare() -> None:
    with db.transaction():
        if (moderator := known(MODERATOR)) is not None:
            services.declare_reading(moderator, READS)


def known(email: str) -> Person | None:
    """Return a person with that e-mail, if Ashar knows one."""
    row = person(email)
    return None if row is None else session.get_one(Person, row)


def person(email: str) -> int | None:
    """Return the row of a person with that e-mail, if Ashar knows one."""
    query = select(Person.id).where(Person.email == email).order_by(Person.id).limit(1)
    return session.execute(query).scalar_one_or_none()
