"""Several at once: one decision, one claim, one publication; and the lock is what does it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from ashar.kernel import db
from ashar.kernel.errors import Refused
from ashar.kernel.history import History
from ashar.moderation import services
from ashar.moderation.models import Case, Decision
from ashar.projects.models import Version
from ashar.site import create_app
from tests.conftest import Clock, _dispose
from tests.factories import make_person, make_rates, reviewer, verdict
from tests.faults.drivers import watched
from tests.faults.locks import _LOCKS, Rendezvous, together
from tests.moderation.conftest import LARGE, PEOPLE, case_of, project, submitted

WHO = ("naryn", "second")


@contextmanager
def careless(engine: sa.Engine, threads: int) -> Iterator[None]:
    """Have a database that takes no lock, and nobody acts before all have read the case."""
    read = Rendezvous(threads)

    def before(statement: str) -> str:
        return "SELECT 1" if statement == "BEGIN IMMEDIATE" else _LOCKS.sub("", statement)

    def after(statement: str) -> None:
        if "FROM ashar_case" in statement and "WHERE ashar_case.id =" in statement:
            read.wait(3)

    with watched(engine, before, after):
        yield


def decide_at_once(
    site: Flask, people: dict[str, int], row: int, given: dict[str, str]
) -> dict[str, str]:
    """Have people decide at the same moment; return what each was told."""
    with site.app_context():
        forms = {name: verdict(what, case_of(row)) for name, what in given.items()}
        number = case_of(row).id
    told: dict[str, str] = {}

    def decide(place: int) -> None:
        name = list(given)[place]
        with site.app_context():
            try:
                with db.transaction():
                    services.decide(services.lock(number), reviewer(people[name]), forms[name])
                told[name] = ""
            except Refused as error:
                told[name] = str(error) % error.values

    together(len(given), decide)
    return told


def decisions(row: int) -> list[str]:
    found = db.session.query(Decision).join(Case, Case.id == Decision.case_id)
    return [one.what for one in found.filter(Case.project_id == row).order_by(Decision.id)]


@pytest.mark.parametrize("_again", range(3))
def test_of_yes_and_no_at_once_one_counts_and_the_other_is_told(
    site: Flask, people: dict[str, int], _again: int
) -> None:
    with site.app_context():
        row = submitted(people)
    told = decide_at_once(site, people, row, {"naryn": "approve", "second": "reject"})
    [won] = [name for name, words in told.items() if not words]
    [late] = [words for words in told.values() if words]
    assert late == f"{won.title()} was first: this case is decided already."
    with site.app_context():
        assert len(decisions(row)) == 1
        expected = "published" if won == "naryn" else "rejected"
        assert (project(row).state, case_of(row).state) == (expected, "decided")


def test_without_the_lock_both_would_have_decided(settings: dict[str, Any], clock: Clock) -> None:
    """The negative control of the test above."""
    site = create_app(settings, environ={}, clock=clock)
    try:
        people = _people(site)
        with site.app_context():
            row = submitted(people)
            engine = db.database().engine
        with careless(engine, 2):
            _quietly(lambda: decide_at_once(site, people, row, dict.fromkeys(WHO, "approve")))
        with site.app_context():
            assert len(decisions(row)) > 1
    finally:
        _dispose(site)


def _people(site: Flask) -> dict[str, int]:
    with site.app_context():
        make_rates()
        return {name: make_person(name, *roles, region=at) for name, (roles, at) in PEOPLE.items()}


def _quietly(act: Callable[[], object]) -> None:
    """What breaks without locks is not the point here."""
    try:
        act()
    except Exception as error:
        assert error


def test_two_approvals_at_once_publish_once(site: Flask, people: dict[str, int]) -> None:
    with site.app_context():
        row = submitted(people, **LARGE)
    told = decide_at_once(site, people, row, dict.fromkeys(WHO, "approve"))
    assert set(told.values()) == {""}
    with site.app_context():
        assert decisions(row) == ["approve", "approve"]
        assert (project(row).state, case_of(row).state) == ("published", "decided")
        steps = db.session.query(History).filter_by(kind="project", what="state", new="published")
        assert steps.count() == 1
        assert [one.state for one in db.session.query(Version)] == ["approved"]


def test_one_persons_double_click_is_one_approval(site: Flask, people: dict[str, int]) -> None:
    with site.app_context():
        row = submitted(people, **LARGE)
        form, number = verdict("approve", case_of(row)), case_of(row).id
    told = []

    def press(_place: int) -> None:
        with site.app_context():
            try:
                with db.transaction():
                    services.decide(services.lock(number), reviewer(people["naryn"]), form)
            except Refused as error:
                told.append(str(error))

    together(2, press)
    assert len(told) == 1
    with site.app_context():
        assert (decisions(row), project(row).state) == (["approve"], "submitted")


def test_a_case_taken_by_two_at_once_is_taken_by_one(site: Flask, people: dict[str, int]) -> None:
    with site.app_context():
        row = submitted(people)
        number = case_of(row).id
    got: list[str] = []

    def take(place: int) -> None:
        with site.app_context():
            try:
                with db.transaction():
                    services.claim(services.lock(number), reviewer(people[WHO[place]]))
                got.append(WHO[place])
            except Refused as error:
                assert "has taken this case" in str(error)

    together(2, take)
    assert len(got) == 1
    with site.app_context():
        assert case_of(row).claimed_by == people[got[0]]
