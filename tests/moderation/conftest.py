"""Fixtures and short ways of what moderators and leaders do."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask

from ashar.kernel import db
from ashar.moderation import reviews, services
from ashar.moderation.models import Case
from ashar.people.access import Identity
from ashar.people.models import Person
from ashar.projects import versions
from ashar.projects.models import Project
from tests.factories import make_draft, make_person, make_rates, reviewer, verdict

#: Whom the tests know, with their roles and region.
PEOPLE: dict[str, tuple[tuple[str, ...], str]] = {
    "leader": (("leader", "moderator"), "KG-N"),
    "naryn": (("moderator",), "KG-N"),
    "second": (("moderator",), "KG-N"),
    "batken": (("moderator",), "KG-B"),
    "osh": (("moderator",), "KG-O"),
    "admin": (("administrator",), ""),
}
#: A goal that takes two approvals.
LARGE = {
    "goal": 2_000_000,
    "budget": [{"key": "b1", "amount": 2_000_000, "title": {"ky": "Белгилер"}}],
}


@pytest.fixture
def people(site: Flask) -> dict[str, int]:
    with site.app_context():
        make_rates()
        return {name: make_person(name, *roles, region=at) for name, (roles, at) in PEOPLE.items()}


def project(row: int) -> Project:
    return db.session.get_one(Project, row, populate_existing=True)


def case_of(row: int, kind: str = "project") -> Case:
    found = db.session.query(Case).filter_by(project_id=row, kind=kind)
    return found.order_by(Case.id.desc()).populate_existing().first()  # type: ignore[return-value]


def submit(row: int, owner: int, send: Callable[..., object] = reviews.submit) -> None:
    with db.transaction() as session:
        send(project(row), session.get_one(Person, owner))


def decide(case: Case, person: int, what: str, **more: object) -> None:
    with db.transaction():
        services.decide(case, reviewer(person), verdict(what, case, **more))


def submitted(people: dict[str, int], **more: object) -> int:
    row = make_draft(people["leader"], **more)
    submit(row, people["leader"])
    return row


def published(people: dict[str, int], **more: object) -> int:
    row = submitted(people, **more)
    decide(case_of(row), people["naryn"], "approve")
    return row


def write(row: int, people: dict[str, int], part: str = "goal", **values: object) -> None:
    with db.transaction() as session:
        owner = session.get_one(Person, people["leader"])
        versions.save(project(row), part, values, base=99, by=owner)


def answer_all(row: int, owner: int, kind: str = "project") -> None:
    with db.transaction() as session:
        person = session.get_one(Person, owner)
        for one in services.questions(case_of(row, kind)):
            if one.answered_at is None:
                reviews.answer(one, project(row), person, "So it is.")


@contextmanager
def signed_in(site: Flask, name: str, *, strong: bool = True) -> Iterator[None]:
    """Have everybody who comes be one of PEOPLE, by the host's word."""
    extension = site.extensions["ashar"]
    before = extension.who
    extension.who = lambda: Identity(
        f"test-{name}", f"{name}@example.org", name.title(), "en", strong=strong
    )
    try:
        yield
    finally:
        extension.who = before
