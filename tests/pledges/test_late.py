"""Money that comes when its project takes no more gifts: the donor is asked, then a treasurer."""

import re
import threading
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ashar.kernel import db
from ashar.kernel.errors import Refused
from ashar.kernel.money import Money
from ashar.pledges import campaigns, dispositions, moves, queries, tasks
from ashar.pledges.models import Disposition, Payment, Pledge
from ashar.projects import services as projects
from ashar.projects.models import Project
from tests.conftest import Clock
from tests.factories import (
    make_account,
    make_pledge,
    make_project,
    make_rates,
    make_transfer,
    pledge_of,
    settle,
)
from tests.live import read_form
from tests.mailbox import Mailbox
from tests.pledges.campaign import rows, states
from tests.pledges.test_stream import balances
from tests.pledges.test_transfers import came, db_of, totals

CANAL = "canal"


@pytest.fixture
def closed(site: Flask) -> int:
    """Return the pledge of a transfer to a project that is closed; its money has not come."""
    with site.app_context():
        make_rates()
        make_account("CHF")
        row = make_project()
        make_project(CANAL, goal=Money(1_000_000, "EUR"))
        made = make_transfer(row)
        step(row, "closed")
        return made.id


def step(project: int, to: str) -> None:
    with db.transaction() as session:
        projects.step(session.get_one(Project, project), to)


def suspend(project: int, to: str) -> None:
    """Put a project into another state, as a hold does."""
    with db.transaction() as session:
        session.get_one(Project, project).state = to


def arrive(pledge: int, **more: Any) -> None:
    assert tasks.take_in("bank", came(str(pledge_of(pledge).reference), **more)) == "done"


def link(mailbox: Mailbox) -> str:
    found = re.search(r"http://localhost(/pledges/\S+/late\?key=\S+)", mailbox.letters[-1].text)
    assert found is not None
    return found[1]


def answer(client: FlaskClient, there: str, **fields: str) -> Any:
    form = read_form(client.get(there))
    return client.post(form.action, data=form.fields | fields)


def test_the_donor_is_asked_once_and_their_answer_is_carried_out(
    site: Flask, client: FlaskClient, closed: int, mailbox: Mailbox
) -> None:
    with site.app_context():
        arrive(closed)
        assert balances() == {("bank:chf", "CHF"): 5000, ("suspense", "CHF"): -5000}
        assert campaigns.place_late() == 1
        assert campaigns.place_late() == 0
        assert states() == [(None, "asked")]
    there = link(mailbox)
    assert len([one for one in mailbox.letters if "late" in one.subject]) == 1
    assert client.get(there).status_code == 200
    assert answer(client, there, choice="project", project="").status_code == 422
    assert answer(client, there, choice="").status_code == 422
    assert answer(client, there, choice="project", project="elsewhere").status_code == 422
    done = answer(client, there, choice="project", project=CANAL)
    assert done.status_code == 303
    with site.app_context():
        campaigns.carry_out()
        assert states() == [("project", "done")]
        assert balances() == {("bank:chf", "CHF"): 5000, ("project:canal", "CHF"): -5000}
        # 50 francs at 0.94 for a euro.
        assert totals(CANAL, "EUR") == (5319, 0, 1)
        assert totals() == (0, 0, 0)
        token = pledge_of(closed).token
    page = client.get(f"/pledges/{token}?lang=en").text
    assert "Your gift went to" in page and "keep it apart" not in page
    # The key was used, and nothing is asked any more.
    assert client.get(there).status_code == 303


def test_a_forwarded_link_alone_only_sends_a_fresh_key(
    site: Flask, client: FlaskClient, closed: int, mailbox: Mailbox
) -> None:
    with site.app_context():
        arrive(closed)
        campaigns.place_late()
        token = pledge_of(closed).token
    told = answer(client, f"/pledges/{token}/late?lang=en", choice="general")
    assert told.status_code == 200 and "sent a link" in told.text
    with site.app_context():
        assert states() == [(None, "asked")]
    there = re.search(r"http://localhost(/pledges/\S+/late\?key=\S+)", mailbox.letters[-1].text)
    assert there is not None
    assert answer(client, there[1], choice="general").status_code == 303
    with site.app_context():
        campaigns.carry_out()
        assert balances() == {("bank:chf", "CHF"): 5000, ("general", "CHF"): -5000}
    page = client.get(f"/pledges/{token}?lang=en").text
    assert "general fund" in page


def test_a_transfer_goes_back_by_another_to_an_account_that_is_asked_for(
    site: Flask, client: FlaskClient, closed: int, mailbox: Mailbox
) -> None:
    with site.app_context():
        arrive(closed)
        campaigns.place_late()
    assert answer(client, link(mailbox), choice="refund").status_code == 303
    with site.app_context():
        campaigns.carry_out()
        [row] = rows()
        assert row.state == "ordered"
        assert [one.state for one in row.payment.refunds] == ["owed"]
        assert balances() == {("bank:chf", "CHF"): 5000, ("refunds-payable", "CHF"): -5000}


def test_a_treasurer_decides_only_when_the_donor_had_their_time(
    site: Flask, closed: int, clock: Clock
) -> None:
    with site.app_context():
        arrive(closed)
        campaigns.place_late()
        [row] = rows()
        with pytest.raises(Refused, match="time"), db.transaction():
            dispositions.decide(row.id, "general", why="rule", actor=7)
        clock.forward(days=31)
        number = rows()[0].id
        with db.transaction():
            assert dispositions.decide(number, "general", why="rule", actor=7)
        with db.transaction():
            assert not dispositions.decide(number, "refund", why="rule", actor=7)
        campaigns.carry_out()
        assert states() == [("general", "done")]


def test_whoever_left_no_address_is_not_waited_for(site: Flask, closed: int) -> None:
    with site.app_context():
        with db.transaction():
            pledge_of(closed).email = None
        arrive(closed)
        campaigns.place_late()
        number = rows()[0].id
        with db.transaction():
            assert dispositions.decide(number, "general", why="nobody to ask", actor=7)


def test_a_suspended_projects_money_waits_and_counts_when_it_goes_on(
    site: Flask, closed: int, mailbox: Mailbox
) -> None:
    with site.app_context():
        row = pledge_of(closed).project_id
        suspend(row, "suspended")
        arrive(closed)
        letters = len(mailbox.letters)
        campaigns.place_late()
        campaigns.carry_out()
        assert states() == [(None, "parked")]
        assert len(mailbox.letters) == letters
        suspend(row, "published")
        campaigns.place_late()
        campaigns.carry_out()
        assert states() == [("project", "done")]
        assert totals() == (5000, 0, 1)
        assert balances() == {("bank:chf", "CHF"): 5000, ("project:dry-rice", "CHF"): -5000}


@pytest.mark.parametrize(
    ("fallback", "choice"), [("refund", "refund"), ("other", "general"), ("canal", "project")]
)
def test_a_cancelled_projects_money_goes_the_way_that_was_chosen(
    site: Flask, closed: int, fallback: str, choice: str
) -> None:
    with site.app_context():
        with db.transaction() as session:
            made = pledge_of(closed)
            made.fallback = "refund" if fallback == "refund" else "other"
            if fallback == CANAL:
                made.fallback_id = session.query(Project.id).filter_by(slug=CANAL).scalar()
        suspend(pledge_of(closed).project_id, "cancelled")
        arrive(closed)
        campaigns.place_late()
        campaigns.carry_out()
        assert states() == [(choice, "ordered" if choice == "refund" else "done")]


def test_a_part_that_is_in_its_project_keeps_the_rest_from_another(
    site: Flask, client: FlaskClient, closed: int, mailbox: Mailbox
) -> None:
    with site.app_context():
        row = pledge_of(closed).project_id
        suspend(row, "published")
        arrive(closed, amount="20.00")
        step(row, "closed")
        arrive(closed, amount="30.00")
        campaigns.place_late()
    there = link(mailbox)
    assert 'value="project"' not in client.get(there).text
    assert answer(client, there, choice="general").status_code == 303
    with site.app_context():
        campaigns.carry_out()
        assert balances() == {
            ("bank:chf", "CHF"): 5000,
            ("project:dry-rice", "CHF"): -2000,
            ("general", "CHF"): -3000,
        }
        assert totals() == (2000, 0, 1)


def test_a_pledge_moves_with_all_its_money_and_back_again(site: Flask) -> None:
    """Sums stay, whatever was refunded, converted or is on its way."""
    with site.app_context():
        make_rates()
        first, second = make_project(), make_project(CANAL, goal=Money(1_000_000, "KRW"))
        pledge, payment = make_pledge(first, "20.00", "EUR")
        settle(payment, credited=Money(1880, "CHF"), fee=85)
        before = balances(), totals()
        for slug, row in ((CANAL, second), ("dry-rice", first), ("dry-rice", first)):
            with db.transaction() as session:
                to = session.get_one(Project, row)
                moves.move_pledge(session.get_one(Pledge, pledge), to, voucher="test")
            assert balances()[f"project:{slug}", "CHF"] == -1880
            assert pledge_of(pledge).project.slug == slug
            if slug == CANAL:
                assert totals(CANAL, "KRW") == (30_000, 0, 1)
                assert totals() == (0, 0, 0)
        assert (balances(), totals()) == before


@pytest.mark.parametrize("guarded", [True, False], ids=["with", "without"])
def test_what_settles_while_a_pledge_moves_finds_its_new_project(
    site: Flask, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """Without the second look, PostgreSQL's waiting reader finds no row: the control."""
    from ashar.pledges import held, settlement
    from tests.factories import notice

    with site.app_context():
        make_rates()
        first, second = make_project(), make_project(CANAL)
        pledge, payment = make_pledge(first)
        told = notice(db.session.get_one(Payment, payment), "paid")
        db.session.rollback()
        engine = db_of(site)
    moved, waits = threading.Event(), threading.Event()
    faults: list[Exception] = []
    if not guarded:
        fetch = db.fetch

        def once(how: str, **values: Any) -> Any:
            found = fetch(held._locking(how), values)
            return held._made(found[0]) if found else None

        monkeypatch.setattr(held, "_lock", once)

    def move() -> None:
        with site.app_context(), db.transaction() as session:
            to = session.get_one(Project, second)
            moves.move_pledge(session.get_one(Pledge, pledge), to, voucher="test")
            moved.set()
            if engine == "postgresql":
                assert waits.wait(10)
                until_somebody_waits()

    def pay() -> None:
        assert moved.wait(10)
        waits.set()
        with site.app_context():
            try:
                with db.transaction():
                    held.lock(payment)
                    settlement.receive(told)
            except Exception as error:
                faults.append(error)

    threads = [threading.Thread(target=one) for one in (move, pay)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with site.app_context():
        if guarded or engine == "sqlite":
            assert faults == []
            assert totals(CANAL) == (5000, 0, 1)
            assert balances()["project:canal", "CHF"] == -5000
        else:
            assert [type(error).__name__ for error in faults] == ["LookupError"]


def until_somebody_waits() -> None:
    """Return when another session of the database waits for a lock."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    engine = db.database().engine
    for _ in range(2000):
        with engine.connect() as connection:
            if connection.exec_driver_sql(query).scalar_one():
                return
    raise AssertionError("nobody waits")


@pytest.mark.parametrize("guarded", [True, False], ids=["with", "without"])
def test_of_two_who_decide_at_once_one_does(
    site: Flask, closed: int, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """Without the lock both find it open, and the second undoes the first: the control."""
    with site.app_context():
        arrive(closed)
        campaigns.place_late()
        number = rows()[0].id
        engine = db_of(site)
    both = threading.Barrier(2 if engine == "postgresql" else 1, timeout=10)
    if not guarded:

        def unlocked(row: int) -> tuple[Disposition, Pledge, Payment]:
            found = db.session.get_one(Disposition, row)
            pledge = db.session.get_one(Pledge, found.payment.pledge_id)
            both.wait()
            return found, pledge, found.payment

        monkeypatch.setattr(dispositions, "lock", unlocked)
    else:
        look = queries.lock_pledge

        def meet(row: int) -> Pledge:
            both.wait()
            return look(row)

        monkeypatch.setattr(queries, "lock_pledge", meet)
    done: list[bool] = []

    def decide() -> None:
        with site.app_context(), db.transaction():
            done.append(dispositions.decide(number, "general", why="two at once"))

    monkeypatch.setattr(dispositions.jobs, "enqueue", lambda *_: None)
    threads = [threading.Thread(target=decide) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    monkeypatch.undo()
    expected = [True, True] if not guarded and engine == "postgresql" else [False, True]
    assert sorted(done) == expected
