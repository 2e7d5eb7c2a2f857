"""Two at once: the last days go to one of them, and what is taken back is accepted by nobody."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from ashar import checks
from ashar.kernel import clock as time
from ashar.kernel import db
from ashar.kernel.errors import Refused
from ashar.pledges import needs, offers
from ashar.pledges.models import Offer
from ashar.projects.models import Need
from ashar.projects.services import Wanted
from ashar.site import create_app
from tests.conftest import Clock, _dispose
from tests.factories import make_offer, make_project
from tests.faults.drivers import watched
from tests.faults.locks import _LOCKS, Rendezvous, together

NEEDED = (Wanted("labour", 8, "day", {"ky": "Арык", "en": "Canal"}),)
CHECK = "offers are of one pledge each, and needs hold what they add up to"


def accept(row: int) -> None:
    day = time.today() + timedelta(days=2)
    offers.accept(db.session.get_one(Offer, row), 5, day=day, actor=None)


def withdraw(row: int) -> None:
    offers.withdraw(db.session.get_one(Offer, row), actor=None)


def at_once(site: Flask, *acts: tuple[Callable[[int], None], int]) -> list[bool]:
    """Do some things at the same moment; return which were done, and not refused."""
    done = [False] * len(acts)

    def run(number: int) -> None:
        act, row = acts[number]
        with site.app_context():
            try:
                with db.transaction():
                    act(row)
                done[number] = True
            except Refused:
                pass

    together(len(acts), run)
    return done


def counted() -> needs.Counts:
    return needs.kept(db.session.query(Need).populate_existing().one())


@contextmanager
def careless(engine: sa.Engine, table: str, row: str) -> Iterator[None]:
    """Have a database that takes no lock, and nobody acts before both have made the locking read.

    `row` begins its condition.
    """
    read = Rendezvous(2)

    def before(statement: str) -> str:
        return "SELECT 1" if statement == "BEGIN IMMEDIATE" else _LOCKS.sub("", statement)

    def after(statement: str) -> None:
        plain = " ".join(statement.split())
        if plain.startswith(f"SELECT {table}.") and f"FROM {table} WHERE {row}" in plain:
            read.wait()

    with watched(engine, before, after):
        yield


@pytest.mark.parametrize("_again", range(3))
def test_of_two_who_accept_the_last_days_one_does(site: Flask, _again: int) -> None:
    with site.app_context():
        project = make_project(needs=NEEDED)
        rows = [make_offer(project, 5), make_offer(project, 5)]
    assert sorted(at_once(site, (accept, rows[0]), (accept, rows[1]))) == [False, True]
    with site.app_context():
        assert counted() == needs.Counts(10, 5)


@pytest.mark.parametrize("_again", range(3))
def test_what_is_taken_back_meanwhile_is_accepted_by_nobody(site: Flask, _again: int) -> None:
    with site.app_context():
        row = make_offer(make_project(needs=NEEDED), 5)
    done = at_once(site, (accept, row), (withdraw, row))
    assert done[1]
    with site.app_context():
        assert db.session.get_one(Offer, row).state == "withdrawn"
        assert counted() == needs.Counts()


@pytest.fixture
def unguarded(settings: dict[str, Any], clock: Clock) -> Iterator[Flask]:
    """Yield a site whose check at the end is the test's own."""
    app = create_app(settings, environ={}, clock=clock)
    yield app
    _dispose(app)


def test_without_the_needs_lock_both_would_take_the_last_days(unguarded: Flask) -> None:
    with unguarded.app_context():
        project = make_project(needs=NEEDED)
        rows = [make_offer(project, 5), make_offer(project, 5)]
        engine = db.database().engine
        db.session.rollback()
    with careless(engine, "ashar_need", "ashar_need.id ="):
        done = at_once(unguarded, (accept, rows[0]), (accept, rows[1]))
    with unguarded.app_context():
        assert done == [True, True] and counted().accepted == 10


def test_without_the_offers_lock_its_need_would_count_what_nobody_gives(unguarded: Flask) -> None:
    with unguarded.app_context():
        row = make_offer(make_project(needs=NEEDED), 5)
        engine = db.database().engine
        db.session.rollback()
    with careless(engine, "ashar_offer", "ashar_offer.id IN"):
        done = at_once(unguarded, (accept, row), (withdraw, row))
    with unguarded.app_context():
        assert done == [True, True] and checks.run()[CHECK]
