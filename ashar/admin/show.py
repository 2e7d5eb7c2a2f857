"""What the administrators' pages show of people."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask import request

from ashar.kernel import links
from ashar.kernel.history import History
from ashar.kernel.i18n import N_, t
from ashar.people import queries
from ashar.people.access import STRONG
from ashar.people.accounts import accounts
from ashar.people.models import Person
from ashar.people.words import FIRST_STEPS, RECOVERY_STEPS


class Page:
    """One page of the list of people."""

    def __init__(self, number: int, total: int) -> None:
        self.number, self.total = number, total
        self.pages = max(1, -(-total // queries.PER_PAGE))

    def url(self, number: int) -> str:
        """Return the address of another page of the same list."""
        args = {key: value for key, value in request.args.items() if key != "page" and value}
        return links.url("admin.people", **args, **({"page": number} if number > 1 else {}))


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that was done, as the history shows it."""

    at: datetime
    words: str
    role: tuple[str, str] | None
    by: Person | None
    why: str


def second_factors(people: Iterable[Person]) -> dict[int, bool | None]:
    """Tell of each person whether they have a second factor; None where the host alone knows."""
    found, known = list(people), accounts()
    if known is None:
        return {person.id: None for person in found}
    have = known.second_factors([person.external_id for person in found])
    return {person.id: have.get(person.external_id) for person in found}


def idle(person: Person, second: bool | None) -> bool:
    """Tell whether somebody has a role that does not count yet, for want of a second factor."""
    return second is False and any(role.name in STRONG for role in person.roles)


def lines(person: int) -> list[Deed]:
    """Return what was done to a person's roles and access, newest first."""
    rows = queries.history_of(person)
    actors = queries.named({row.actor_id for row in rows if row.actor_id is not None})
    first = {row.subject_id for row in rows if row.what == "first"}
    return [_line(row, actors.get(row.actor_id or 0), row.subject_id in first) for row in rows]


def _line(row: History, by: Person | None, first: bool) -> Deed:
    role = None
    if row.what == "role":
        name, _, scope = (row.new or row.old or "").partition(" ")
        role, words = (name, scope), N_("Role given") if row.new else N_("Role taken away")
    elif row.kind == "recovery":
        words = (FIRST_STEPS if first else RECOVERY_STEPS).get(row.new or "", "")
    else:
        words = N_("Languages they read were changed")
    return Deed(row.at, t(words), role, by, row.why)
