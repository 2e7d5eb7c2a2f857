"""A year's gifts, confirmed together: by a round that a killed process cannot harm."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from ashar.kernel import clock as time
from ashar.kernel import db, outbox
from ashar.kernel.errors import Refused
from ashar.pledges import receipt_tasks, statements
from ashar.pledges.models import Payment, Pledge, Receipt, Round
from tests.factories import make_pledge, make_project, make_rates, settle
from tests.mailbox import Mailbox
from tests.pledges.test_receipts import ADDRESS, say_issuer, say_tax, take_back


@pytest.fixture
def row(site: Flask) -> int:
    with site.app_context():
        make_rates()
        say_issuer()
        return make_project()


def last_year() -> int:
    return time.today().year - 1


def gave(row: int, email: str, amount: str = "50.00", currency: str = "CHF", **more: Any) -> int:
    """Let a gift have come in the middle of last year; return its payment."""
    _, payment = make_pledge(row, amount, currency, email=email, **more)
    settle(payment)
    with db.transaction() as session:
        found = session.get_one(Payment, payment)
        assert found.settled_at is not None
        found.settled_at = found.settled_at.replace(year=last_year(), month=6, day=15)
    return payment


def go(year: int | None = None) -> Round:
    with db.transaction():
        row = statements.begin(year or last_year(), actor=1).id
    receipt_tasks.go(row)
    return db.session.get_one(Round, row, populate_existing=True)


def standing() -> list[Receipt]:
    db.session.rollback()
    found = select(Receipt).where(Receipt.kind == "annual", Receipt.cancelled_at.is_(None))
    return list(db.session.scalars(found.order_by(Receipt.donor, Receipt.currency)))


def test_every_donor_gets_one_statement_for_each_currency(
    site: Flask, row: int, mailbox: Mailbox
) -> None:
    with site.app_context():
        gave(row, "aida@example.org")
        gave(row, "Aida@Example.org", "20.00")
        gave(row, "aida@example.org", "30.00", "EUR")
        gave(row, "bakyt@example.org", "7.00")
        _, other = make_pledge(row, email="this-year@example.org")
        settle(other)
        before = len(mailbox.letters)
        done = go()
        assert (done.donors, done.looked_at, done.issued, done.left_out) == (2, 2, 3, 0)
        assert [(one.donor, str(one.money)) for one in standing()] == [
            ("aida@example.org", "70.00 CHF"),
            ("aida@example.org", "30.00 EUR"),
            ("bakyt@example.org", "7.00 CHF"),
        ]
        assert len(mailbox.letters) == before + 3


def test_a_second_round_states_only_what_is_new(site: Flask, row: int) -> None:
    with site.app_context():
        gave(row, "aida@example.org")
        assert go().issued == 1
        assert go().issued == 0
        gave(row, "aida@example.org", "5.00")
        assert go().issued == 1
        assert [str(one.money) for one in standing()] == ["55.00 CHF"]
        kinds = Counter(db.session.scalars(select(Receipt.kind)))
        assert kinds == {"annual": 2, "cancelling": 1}


def test_a_refund_states_the_rest_anew_and_the_whole_back_cancels(site: Flask, row: int) -> None:
    with site.app_context():
        first, second = gave(row, "aida@example.org"), gave(row, "aida@example.org", "9.00")
        go()
        take_back(first)
        assert [str(one.money) for one in standing()] == ["9.00 CHF"]
        take_back(second)
        assert standing() == []


def test_a_round_goes_on_where_a_killed_process_stopped(
    site: Flask, row: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statements, "BATCH", 2)
    with site.app_context():
        for name in "abcde":
            gave(row, f"{name}@example.org")
        with db.transaction():
            number = statements.begin(last_year(), actor=1).id
        with db.transaction():
            assert statements.step(number)
        with pytest.raises(RuntimeError), db.transaction():
            statements.step(number)
            raise RuntimeError
        found = db.session.get_one(Round, number, populate_existing=True)
        assert (found.looked_at, found.issued, found.done_at) == (2, 2, None)
        receipt_tasks.go_on()
        found = db.session.get_one(Round, number, populate_existing=True)
        assert (found.looked_at, found.issued) == (5, 5) and found.done_at is not None
        assert [one.serial for one in standing()] == [1, 2, 3, 4, 5]


def test_a_year_that_is_not_over_or_under_way_is_refused(site: Flask, row: int) -> None:
    with site.app_context():
        for year in (time.today().year, time.today().year + 1):
            with pytest.raises(Refused), db.transaction():
                statements.begin(year, actor=1)
        with db.transaction():
            statements.begin(last_year(), actor=1)
        with pytest.raises(Refused), db.transaction():
            statements.begin(last_year(), actor=1)


def test_francs_of_somebody_in_switzerland_are_confirmed_to_the_tax_office(
    site: Flask, row: int
) -> None:
    with site.app_context():
        say_tax("ch", office="Bern", notice_day=(time.today() - timedelta(days=900)).isoformat())
        asked: dict[str, Any] = {"country": "CH", "receipt_address": ADDRESS}
        gave(row, "aida@example.org", **asked)
        gave(row, "aida@example.org", "20.00", "EUR", **asked)
        gave(row, "bakyt@example.org")
        go()
        assert [(one.form, one.currency) for one in standing()] == [
            ("ch", "CHF"),
            ("plain", "EUR"),
            ("plain", "CHF"),
        ]
        assert receipt_tasks.draw() == 1


def test_a_batch_takes_as_many_queries_for_many_donors_as_for_few(site: Flask, row: int) -> None:
    with site.app_context():
        counts = []
        for many in (2, 12):
            for number in range(many):
                gave(row, f"{many}-{number}@example.org")
            seen: list[str] = []
            engine = db.database().engine

            def note(_c: Any, _u: Any, statement: str, *_rest: Any, seen: list[str] = seen) -> None:
                if statement.lstrip().upper().startswith("SELECT"):
                    seen.append(statement)

            event.listen(engine, "before_cursor_execute", note)
            donors = [f"{many}-{number}@example.org" for number in range(many)]
            with outbox.quiet(), db.transaction():
                assert statements.state(donors, last_year()).issued == many
            event.remove(engine, "before_cursor_execute", note)
            counts.append(len([one for one in seen if "ashar_receipt" in one or "settled" in one]))
        assert counts[0] == counts[1]


def test_what_has_no_email_is_stated_to_nobody(site: Flask, row: int) -> None:
    with site.app_context():
        payment = gave(row, "aida@example.org")
        with db.transaction() as session:
            session.get_one(Pledge, session.get_one(Payment, payment).pledge_id).email = None
        assert go().issued == 0
