"""Many at once: totals stay exact, nothing is given back twice; and the guards are what does it."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from ashar import checks, mail
from ashar.gateways.base import Movement
from ashar.kernel import db
from ashar.kernel.errors import Refused
from ashar.kernel.money import Money
from ashar.ledger import queries as book
from ashar.pledges import queries, services, settlement, tasks
from ashar.pledges.models import Payment, Pledge, Refund
from ashar.projects import queries as projects
from ashar.projects.models import Project, Totals
from ashar.site import create_app
from stripe_sandbox import Sandbox
from tests.conftest import Clock, _dispose
from tests.factories import make_pledge, make_project, notice, pledge_of, settle
from tests.faults.locks import Rendezvous, together, unlocked
from tests.live import read_form
from tests.mailbox import Mailbox

THREADS = 8


def test_payments_of_one_project_that_settle_at_once_are_all_counted(
    site: Flask, mailbox: Mailbox
) -> None:
    with site.app_context():
        project = make_project(goal=Money(20_000, "CHF"))
        payments = [make_pledge(project)[1] for _ in range(THREADS)]
    together(THREADS, lambda number: _settle(site, payments[number]))
    with site.app_context():
        found = db.session.get_one(Project, project)
        assert projects.sums(found).raised == Money(5000 * THREADS, "CHF")
        assert book.balance("project:dry-rice", "CHF") == Money(-5000 * THREADS, "CHF")
        assert db.session.query(Totals).one().supporters == THREADS
        assert found.state == "funded"
    thanks = [subject for subject in mailbox.subjects() if subject.startswith("Thank you")]
    assert len(thanks) == THREADS
    # One person gave all of it, and hears once that the goal is reached.
    assert len(mailbox.letters) == THREADS + 1


def _settle(site: Flask, payment: int) -> None:
    with site.app_context():
        settle(payment)


def test_totals_that_were_read_and_written_back_would_lose_gifts(
    settings: dict[str, Any], clock: Clock
) -> None:
    """The negative control: the same threads, with a sum made in Python and no lock."""
    site = create_app(settings, environ={}, clock=clock)
    with site.app_context():
        project = make_project()
        settle(make_pledge(project)[1])
        engine = db.database().engine

    read = Rendezvous(THREADS)

    def add(_number: int) -> None:
        with site.app_context(), db.transaction() as session:
            row = session.query(Totals).one()
            read.wait()
            row.raised_minor += 5000

    with unlocked(engine):
        together(THREADS, add)
    with site.app_context():
        assert db.session.query(Totals).one().raised_minor < 5000 * (THREADS + 1)
    _dispose(site)


def _order(
    site: Flask, payment: int, accepted: list[int], hold: Callable[[], None] = lambda: None
) -> None:
    """Order a refund; `hold` is called between reading what is left and ordering."""
    with site.app_context():
        try:
            with db.transaction():
                locked = queries.lock_payment(payment)
                services.refundable(locked)
                hold()
                order = services.order_refund(locked, Money(3000, "CHF"), reason="asked for")
                accepted.append(order.id)
        except Refused:
            return


def test_of_refunds_ordered_at_once_only_what_is_left_is_given_back(site: Flask) -> None:
    with site.app_context():
        payment = make_pledge(make_project())[1]
        settle(payment)
    accepted: list[int] = []
    together(THREADS, lambda _: _order(site, payment, accepted))
    assert len(accepted) == 1


def test_without_the_lock_refunds_would_exceed_the_payment(
    settings: dict[str, Any], clock: Clock
) -> None:
    """The negative control of the test above."""
    site = create_app(settings, environ={}, clock=clock)
    with site.app_context():
        payment = make_pledge(make_project())[1]
        settle(payment)
        engine = db.database().engine
    accepted: list[int] = []
    read = Rendezvous(THREADS)
    with unlocked(engine):
        together(THREADS, lambda _: _order(site, payment, accepted, read.wait))
    assert len(accepted) > 1
    _dispose(site)


def test_who_changes_a_pledge_and_who_settles_it_never_wait_in_a_circle(site: Flask) -> None:
    """The pledge is locked first by both; the other way about, each would hold what one wants."""
    with site.app_context():
        pledge, payment = make_pledge(make_project())
    changed = threading.Event()

    def change() -> None:
        with site.app_context(), db.transaction() as session:
            session.get_one(Pledge, pledge).message = "Кубат!"
            session.flush()
            changed.set()
            # Long enough for the other to lock what it can.
            time.sleep(0.5)
            session.get_one(Payment, payment).trouble = "looked at"

    def act(number: int) -> None:
        if number == 0:
            change()
        elif changed.wait(5):
            _settle(site, payment)

    together(2, act)
    with site.app_context():
        assert pledge_of(pledge).state == "paid" and pledge_of(pledge).message == "Кубат!"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_pledge_that_is_paid_while_it_is_called_off_stays_paid(site: Flask) -> None:
    """What was read before the lock is old: calling off looks again under it."""
    with site.app_context():
        pledge, payment = make_pledge(make_project())
    read = threading.Event()

    def act(number: int) -> None:
        if number == 0 and read.wait(5):
            _settle(site, payment)
            paid.set()
        elif number == 1:
            with site.app_context(), pytest.raises(Refused), db.transaction() as session:
                seen = session.get_one(Pledge, pledge)
                assert seen.payments[0].state == "started"
                read.set()
                paid.wait(5)
                services.cancel(seen)

    paid = threading.Event()
    together(2, act)
    with site.app_context():
        assert pledge_of(pledge).state == "paid"


def test_two_payments_of_one_pledge_at_once_are_one_supporter(site: Flask) -> None:
    with site.app_context():
        project = make_project()
        pledge, first = make_pledge(project)
        with db.transaction() as session:
            session.get_one(Payment, first).state = "failed"
            again = services.try_again(session.get_one(Pledge, pledge))
            again.session_id, second = "cs_again", again.id
        facts = [
            notice(db.session.get_one(Payment, row), "paid", reference=None)
            for row in (first, second)
        ]

    def receive(number: int) -> None:
        with site.app_context(), db.transaction():
            settlement.receive(facts[number])

    together(2, receive)
    with site.app_context():
        assert pledge_of(pledge).state == "paid"
        totals = db.session.query(Totals).one()
        assert (totals.raised_minor, totals.supporters) == (10_000, 1)


def test_a_refunds_transaction_and_its_failure_at_once_are_both_known(
    settings: dict[str, Any], clock: Clock
) -> None:
    """A refund that was read before its payment was locked is old: what it says may be undone."""
    site = create_app(settings, environ={}, clock=clock)
    try:
        _refund_and_fail_at_once(site)
    finally:
        _dispose(site)


def _refund_and_fail_at_once(site: Flask) -> None:
    with site.app_context():
        project = make_project()
        payment_id = make_pledge(project)[1]
        settle(payment_id, credited=Money(5000, "CHF"), fee=175)
        payment = db.session.get_one(Payment, payment_id)
        ids = {
            "intent": str(payment.intent_id),
            "charge": str(payment.charge_id),
            "refund": "re_1",
        }
        money, gone = Money(5000, "CHF"), Movement("txn_r", Money(-5000, "CHF"), Money(0, "CHF"))
        back = Movement("txn_f", Money(5000, "CHF"), Money(0, "CHF"))
        common: dict[str, Any] = {"reference": None, "money": money, "ids": ids}
        done = notice(payment, "refunded", status="succeeded", **common)
        failed = notice(payment, "refund_failed", status="failed", **common)
        told = [
            failed,
            *(
                notice(
                    payment,
                    "transaction",
                    reference=None,
                    money=None,
                    ids={"source": "re_1"},
                    movements=(movement,),
                )
                for movement in (gone, back)
            ),
        ]
        with db.transaction():
            settlement.receive(done)
        engine = db.database().engine
    held = threading.Event()

    def receive(number: int) -> None:
        with site.app_context(), db.transaction():
            if number == 0:
                # Holds the payment until the others have read what they read before its lock.
                queries.lock_payment(payment_id)
                held.set()
                if engine.dialect.name == "postgresql":
                    time.sleep(0.5)
            else:
                held.wait(5)
            settlement.receive(told[number])

    if engine.dialect.name == "sqlite":
        for number in range(3):
            receive(number)
    else:
        together(3, receive)
    with site.app_context():
        refund = db.session.query(Refund).filter_by(way="provider").one()
        assert refund.state == "failed"
        assert set(refund.movements) == {"txn_r", "txn_f"}
        assert book.balance("provider:stripe", "CHF") == Money(5000 - 175, "CHF")
        assert not any(checks.run().values())


def test_the_same_form_from_eight_tabs_at_once_is_one_pledge_and_one_session(
    sandbox: Sandbox, request: pytest.FixtureRequest
) -> None:
    site: Flask = request.getfixturevalue("site")
    project: str = request.getfixturevalue("project")
    client = request.getfixturevalue("client")
    form = read_form(client.get(f"/projects/{project}/pledge?lang=en"))
    given = {"amount": "50", "currency": "CHF", "country": "CH", "method": "card"}
    given["email"] = "donor@example.org"
    cookie = client.get_cookie("ashar_session")
    answers: list[Any] = []

    def submit(_number: int) -> None:
        tab = site.test_client()
        tab.set_cookie("ashar_session", cookie.value)
        answers.append(
            tab.post(f"/projects/{project}/pledge", data=form.fields | given, buffered=True)
        )

    together(THREADS, submit)
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.location for answer in answers}) == 1, [one.location for one in answers]
    assert len(sandbox.account.store.all("checkout.session")) == 1
    with site.app_context():
        assert db.session.query(Pledge).count() == 1
        assert db.session.query(Payment).count() == 1


def test_one_letter_is_taken_up_by_one_of_many_senders(site: Flask, mailbox: Mailbox) -> None:
    with site.app_context():
        settle(make_pledge(make_project())[1])
        mailbox.letters.clear()
        with db.transaction() as session:
            session.execute(
                sa.update(mail.Letter).values(sent_at=None, next_at=mail.Letter.made_at)
            )
        row = db.session.query(mail.Letter).one().id

    def send(_number: int) -> None:
        with site.app_context():
            mail.send(row)

    together(THREADS, send)
    assert len(mailbox.letters) == 1


def test_reconciling_while_messages_are_processed_settles_once(site: Flask) -> None:
    with site.app_context():
        project = make_project()
        payments = [make_pledge(project)[1] for _ in range(4)]

    def work(number: int) -> None:
        with site.app_context():
            if number < 4:
                settle(payments[number])
            else:
                tasks.sweep(early=True)

    together(6, work)
    with site.app_context():
        assert db.session.query(Totals).one().raised_minor == 20_000
