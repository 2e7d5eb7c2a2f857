"""Receipts for tax offices: given out once, numbered without gaps, cancelled where money goes."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from ashar.kernel import clock as time
from ashar.kernel import db, papers, terms
from ashar.kernel.errors import Refused
from ashar.kernel.money import Money
from ashar.pledges import duplicates, issuing, receipt_tasks, receipts, settlement
from ashar.pledges.models import Payment, Receipt, Series
from ashar.projects.models import Project
from tests.conftest import Clock
from tests.factories import make_pledge, make_project, make_rates, notice, pledge_of, settle
from tests.mailbox import Mailbox
from tests.pledges.test_sheets import pages

ADDRESS = {
    "first_name": "Өмүрбек",
    "last_name": "Жаңыбаев",
    "street": "Sonnenallee 100",
    "postcode": "12045",
    "city": "Berlin",
}


def say_tax(form: str, **more: Any) -> None:
    """Let administrators say what a tax office said."""
    said = {
        "office": "Berlin",
        "number": "27/661/01234",
        "notice": "exempt",
        "notice_day": (time.today() - timedelta(days=200)).isoformat(),
        "purposes": "des Umweltschutzes",
        "machine": True,
    }
    with db.transaction():
        terms.change("receipts", form, {}, more=said | more, actor=None)


def say_issuer() -> None:
    """Let them say who the association is."""
    said = {"name": "Ashar e. V.", "street": "Lindenstraße 12", "city": "Berlin"}
    with db.transaction():
        terms.change("receipts", "association", {}, more=said, actor=None)


@pytest.fixture
def row(site: Flask) -> int:
    """Put in a project, and an association that gives receipts out in Germany and America."""
    with site.app_context():
        make_rates()
        say_issuer()
        say_tax("de")
        say_tax("us")
        return make_project()


def give(row: int, amount: str = "400.00", currency: str = "EUR", **more: Any) -> int:
    """Let a gift come whose donor wants a receipt; return its payment."""
    given = {"country": "DE", "language": "ky", "receipt_address": ADDRESS} | more
    _, payment = make_pledge(row, amount, currency, **given)
    settle(payment)
    return payment


def take_back(payment: int, minor: int | None = None, status: str = "succeeded") -> None:
    """Let the provider tell of a refund."""
    with db.transaction() as session:
        found = session.get_one(Payment, payment)
        money = found.charged if minor is None else Money(minor, found.currency)
        ids = {"charge": str(found.charge_id), "refund": f"re_{payment}_{minor}"}
        kind = "refund_failed" if status == "failed" else "refunded"
        settlement.receive(notice(found, kind, money=money, status=status, ids=ids, reference=None))


def numbers() -> list[tuple[str, str, bool]]:
    """Return all receipts: number, kind, whether cancelled."""
    db.session.rollback()
    found = db.session.scalars(select(Receipt).order_by(Receipt.id))
    return [(one.number, one.kind, one.cancelled_at is not None) for one in found]


def year() -> int:
    return time.today().year


def test_a_final_gift_gets_one_receipt_with_its_paper_and_its_letter(
    site: Flask, row: int, mailbox: Mailbox
) -> None:
    with site.app_context():
        payment = give(row)
        assert receipt_tasks.issue() == 1 and receipt_tasks.issue() == 0
        assert numbers() == [(f"DE-{year()}-000001", "legal", False)]
        assert receipt_tasks.draw() == 1 and receipt_tasks.draw() == 0
        receipt = receipts.live(payment)
        assert receipt is not None
        kept = db.session.get(papers.Paper, receipt.paper_id)
        assert kept is not None
        data = papers.read(kept)
        assert data is not None and data == duplicates.paper(receipt)
        official, translated = pages(data)
        assert "Өмүрбек Жаңыбаев Sonnenallee 100 12045 Berlin Deutschland" in official
        assert "Vierhundert Euro" in official and "Төрт жүз евро" in translated
        number = receipt.number
    letter = mailbox.letters[-1]
    assert number in letter.subject and "key=" in letter.text
    assert "Өмүрбек" not in letter.subject


def test_only_who_asked_gets_one(site: Flask, row: int) -> None:
    with site.app_context():
        give(row, receipt_address=None)
        assert receipt_tasks.issue() == 0


@pytest.mark.parametrize(
    ("amount", "currency", "more", "reason"),
    [
        ("300.00", "EUR", {}, "small"),
        ("400.00", "USD", {}, "currency"),
        ("400.00", "EUR", {"country": "FR"}, "form"),
        ("400.00", "EUR", {"method": "sepa"}, "debit"),
        ("249.99", "USD", {"country": "US"}, "small"),
    ],
)
def test_what_may_have_none_gets_none_and_says_why(
    site: Flask, row: int, amount: str, currency: str, more: dict[str, Any], reason: str
) -> None:
    with site.app_context():
        payment = give(row, amount, currency, **more)
        receipt_tasks.issue()
        assert numbers() == []
        found = db.session.get_one(Payment, payment)
        assert receipts.obstacles(found, time.today()) == [reason]


@pytest.mark.parametrize(
    ("amount", "currency", "more"),
    [("300.01", "EUR", {}), ("250.00", "USD", {"country": "US"})],
)
def test_the_smallest_that_gets_one(
    site: Flask, row: int, amount: str, currency: str, more: dict[str, Any]
) -> None:
    with site.app_context():
        give(row, amount, currency, **more)
        assert receipt_tasks.issue() == 1


def test_a_direct_debit_gets_its_receipt_after_its_weeks(
    site: Flask, row: int, clock: Clock
) -> None:
    with site.app_context():
        give(row, method="sepa")
        clock.forward(days=55)
        assert receipt_tasks.issue() == 0
        clock.forward(days=2)
        assert receipt_tasks.issue() == 1


def test_a_threshold_project_gives_none_before_its_minimum(site: Flask, row: int) -> None:
    with site.app_context():
        other = make_project("threshold")
        with db.transaction() as session:
            project = session.get_one(Project, other)
            project.funding, project.minimum_minor = "threshold", 50_000
        give(other)
        assert receipt_tasks.issue() == 0
        give(other)
        assert receipt_tasks.issue() == 2


def test_a_notice_holds_for_its_years_only(site: Flask, row: int, clock: Clock) -> None:
    with site.app_context():
        give(row)
        clock.forward(days=5 * 366)
        assert receipt_tasks.issue() == 0
        say_tax("de", notice_day=(time.today() - timedelta(days=1)).isoformat())
        assert receipt_tasks.issue() == 1


def test_a_refund_cancels_the_receipt_by_another_and_tells_the_donor(
    site: Flask, row: int, mailbox: Mailbox
) -> None:
    with site.app_context():
        payment = give(row)
        receipt_tasks.issue()
        take_back(payment)
        assert numbers() == [
            (f"DE-{year()}-000001", "legal", True),
            (f"DE-{year()}-000002", "cancelling", False),
        ]
        assert receipt_tasks.issue() == 0 and receipt_tasks.sweep() == 0
        found = db.session.get_one(Payment, payment, populate_existing=True)
        assert receipts.obstacles(found, time.today()) == ["back"]
        assert receipt_tasks.draw() == 2
        [void] = [one for one in mailbox.letters if f"DE-{year()}-000001" in one.subject][1:]
        assert "key=" in void.text


def test_a_part_that_went_back_leaves_a_receipt_over_the_rest(site: Flask, row: int) -> None:
    with site.app_context():
        payment = give(row)
        receipt_tasks.issue()
        take_back(payment, 5_000)
        assert [kind for _, kind, _ in numbers()] == ["legal", "cancelling", "legal"]
        found = receipts.live(payment)
        assert found is not None and found.money == Money(35_000, "EUR")
        take_back(payment, 10_000)
        # What is left of it is too small for one.
        assert [kind for _, kind, _ in numbers()][3:] == ["cancelling"]
        assert receipts.live(payment) is None


def test_a_refund_that_failed_gives_the_receipt_back(site: Flask, row: int) -> None:
    with site.app_context():
        payment = give(row)
        receipt_tasks.issue()
        take_back(payment, 5_000)
        take_back(payment, 5_000, "failed")
        found = receipts.live(payment)
        assert found is not None and found.money == Money(40_000, "EUR")


def test_a_receipt_of_money_that_a_bank_took_for_good_is_found_by_the_sweep(
    site: Flask, row: int
) -> None:
    with site.app_context():
        payment = give(row)
        receipt_tasks.issue()
        for status in ("open", "lost"):
            with db.transaction() as session:
                found = session.get_one(Payment, payment)
                ids = {"charge": str(found.charge_id), "dispute": "dp_1"}
                settlement.receive(notice(found, "disputed", status=status, ids=ids))
        assert receipt_tasks.sweep() == 1
        assert [kind for _, kind, _ in numbers()] == ["legal", "cancelling"]


def test_a_receipt_is_cancelled_once(site: Flask, row: int) -> None:
    with site.app_context():
        payment = give(row)
        receipt_tasks.issue()
        with db.transaction():
            found = receipts.live(payment)
            assert found is not None
            receipts.withdraw(found, "wrong name", actor=1)
        with pytest.raises(Refused), db.transaction():
            receipts.withdraw(db.session.get_one(Receipt, found.id), "again", actor=1)
        # Nobody asks for it any more: no other one is made of the wrong name.
        assert receipt_tasks.issue() == 0
        with db.transaction():
            receipts.ask(pledge_of(found.pledge_id), ADDRESS | {"last_name": "Жаңыбаева"})
        assert receipt_tasks.issue() == 1


def test_what_was_given_out_does_not_change_with_what_is_said_later(site: Flask, row: int) -> None:
    with site.app_context():
        payment = give(row)
        receipt_tasks.issue()
        found = receipts.live(payment)
        assert found is not None
        before = duplicates.paper(found)
        say_tax("de", office="Bonn")
        with db.transaction():
            receipts.ask(pledge_of(found.pledge_id), ADDRESS | {"city": "Bonn"})
        now = receipts.live(payment)
        assert now is not None and duplicates.paper(now) == before


def test_numbers_go_back_with_what_fails(site: Flask, row: int) -> None:
    with site.app_context():
        give(row)
        with pytest.raises(RuntimeError), db.transaction():
            issuing.take_numbers("DE", year(), 3)
            raise RuntimeError
        receipt_tasks.issue()
        assert numbers()[0][0] == f"DE-{year()}-000001"


# Eight at once ------------------------------------------------------------------------------

WRITERS, EACH = 8, 5


def all_at_once(site: Flask, work: Callable[[int], None]) -> list[BaseException]:
    """Let eight writers begin together; return what went wrong."""
    together, errors = threading.Barrier(WRITERS), []

    def run(number: int) -> None:
        with site.app_context():
            together.wait(30)
            for no in range(EACH):
                try:
                    work(number * EACH + no)
                except Exception as error:
                    errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return errors


def test_eight_writers_leave_no_gap_and_no_number_twice(site: Flask, row: int) -> None:
    with site.app_context():
        payments = [give(row) for _ in range(WRITERS * EACH)]

    def issue(number: int) -> None:
        # Every third fails after it has taken its number.
        try:
            with db.transaction():
                receipts.issue(payments[number])
                if number % 3 == 0:
                    raise RuntimeError
        except RuntimeError:
            pass
        with db.transaction():
            receipts.issue(payments[number])

    assert all_at_once(site, issue) == []
    with site.app_context():
        rows = db.session.scalars(select(Receipt.serial).order_by(Receipt.serial)).all()
        assert rows == list(range(1, WRITERS * EACH + 1))
        assert db.session.scalar(select(Series.last)) == WRITERS * EACH


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_without_the_rows_lock_numbers_are_given_out_twice(site: Flask) -> None:
    """The control: what looks at the largest number and adds one."""
    together, taken = threading.Barrier(2), []

    def take() -> None:
        with site.app_context(), db.transaction() as session:
            last = session.scalar(select(Series.last).where(Series.series == "X")) or 0
            together.wait(30)
            taken.append(last + 1)

    threads = [threading.Thread(target=take) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert taken == [1, 1]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_sequence_of_the_database_leaves_gaps(site: Flask) -> None:
    """The other control: what a rollback does not give back."""
    with site.app_context():
        with db.transaction() as session:
            session.connection().exec_driver_sql("CREATE SEQUENCE control")
        with pytest.raises(RuntimeError), db.transaction() as session:
            session.connection().exec_driver_sql("SELECT nextval('control')")
            raise RuntimeError
        with db.transaction() as session:
            found = session.connection().exec_driver_sql("SELECT nextval('control')").scalar()
        assert found == 2


def test_one_payment_asked_for_by_eight_gets_one_receipt(site: Flask, row: int) -> None:
    with site.app_context():
        payment = give(row)

    def issue(_number: int) -> None:
        with db.transaction():
            receipts.issue(payment)

    assert all_at_once(site, issue) == []
    with site.app_context():
        assert len(numbers()) == 1


def test_a_refund_and_a_receipt_at_once_leave_none_that_stands(site: Flask, row: int) -> None:
    with site.app_context():
        payment = give(row)
    together = threading.Barrier(2)

    def issue() -> None:
        with site.app_context():
            together.wait(30)
            with db.transaction():
                receipts.issue(payment)

    def refund() -> None:
        with site.app_context():
            together.wait(30)
            take_back(payment)

    threads = [threading.Thread(target=issue), threading.Thread(target=refund)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with site.app_context():
        receipt_tasks.review(payment)
        assert receipts.live(payment) is None
        assert all(cancelled or kind == "cancelling" for _, kind, cancelled in numbers())
