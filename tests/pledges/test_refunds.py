"""Refunds that the association pays itself: owed, approved, ordered of a bank, sent back."""

import io
import threading
from typing import Any
from xml.etree import ElementTree

import pytest
import xmlschema
from flask import Flask

from ashar.gateways import bank
from ashar.gateways.credit_transfers import NAMESPACE
from ashar.kernel import clock as time
from ashar.kernel import db, papers
from ashar.kernel.errors import Refused
from ashar.kernel.money import Money
from ashar.kernel.papers import Paper
from ashar.ledger import accounts
from ashar.pledges import queries, refund_files, refunds, services, settlement, tasks
from ashar.pledges.models import Payment, Pledge, Refund, RefundFile
from tests.factories import (
    PROJECT,
    make_account,
    make_pledge,
    make_project,
    make_rates,
    make_transfer,
    notice,
    pledge_of,
    settle,
)
from tests.golden import assert_book
from tests.mailbox import Mailbox
from tests.pledges.test_settlement import chf, dispute, refund
from tests.pledges.test_stream import balances
from tests.pledges.test_transfers import db_of, totals

IBAN, OTHER = "DE89370400440532013000", "GB82WEST12345698765432"
BOSS, SECOND, THIRD = 1, 2, 3
PROOF = (b"%PDF-1.7 the line", "line.pdf")


@pytest.fixture
def office(site: Flask) -> int:
    """Return a project on a site with an account in francs and one in euros."""
    with site.app_context():
        make_account("CHF")
        make_account("EUR")
        make_rates()
        return make_project()


def came(pledge: Pledge, amount: str = "50.00", **more: Any) -> Payment:
    """Let a transfer come; return its payment."""
    given: dict[str, Any] = {
        "reference": str(pledge.reference),
        "account": "chf",
        "money": Money.from_decimal(amount, "CHF"),
        "on": time.now(),
        "line": f"line-{pledge.id}",
    }
    assert tasks.take_in("bank", bank.fact(**(given | more))) == "done"
    return pledge_of(pledge.id).payments[-1]


def named(pledge: Pledge, name: str = "Айгүл Өмүрова") -> Pledge:
    with db.transaction():
        pledge_of(pledge.id).name = name
    return pledge


def order(payment: int, amount: str | None = None, **more: Any) -> int:
    """Order a refund; return its row."""
    with db.transaction():
        locked = queries.lock_payment(payment)
        money = Money.from_decimal(amount, locked.currency) if amount else None
        given = {"reason": "asked for", "actor": BOSS} | more
        return services.order_refund(locked, money, **given).id


def row_of(row: int) -> Refund:
    return db.session.get_one(Refund, row, populate_existing=True)


def do(what: Any, *args: Any, **more: Any) -> Any:
    with db.transaction():
        return what(*args, **more)


def pay(row: int, account: str = "chf", amount: str = "50.00", **more: Any) -> None:
    with db.transaction():
        found = accounts.account(account)
        assert found is not None
        paid = Money.from_decimal(amount, found.currency)
        refunds.pay(row, found, paid, time.now(), **({"actor": BOSS} | more))


def failed_card(project: int, amount: str = "50.00") -> tuple[int, Refund]:
    """Let a card's refund fail; return the payment and what is owed since."""
    _, payment_id = make_pledge(project, amount)
    settle(payment_id, credited=Money.from_decimal(amount, "CHF"), fee=175)
    for status in ("succeeded", "failed"):
        with db.transaction() as session:
            payment = session.get_one(Payment, payment_id)
            settlement.receive(refund(payment, payment.charged, status, f"re_{payment_id}"))
    return payment_id, db.session.query(Refund).filter_by(payment_id=payment_id, way="bank").one()


def test_a_card_refund_in_parts_fails_later_and_is_paid_by_the_bank(
    site: Flask, office: int, mailbox: Mailbox
) -> None:
    with site.app_context():
        pledge, payment_id = make_pledge(office, "50.00")
        settle(payment_id, credited=chf(5000), fee=175)
        for name, minor in (("re_1", 2000), ("re_2", 3000)):
            told(payment_id, refund, chf(minor), "succeeded", name)
            gone(payment_id, name, -minor)
        assert pledge_of(pledge).state == "refunded"
        told(payment_id, refund, chf(3000), "failed", "re_2")
        gone(payment_id, "re_2", 3000, "back")
        [owed] = db.session.query(Refund).filter_by(way="bank").all()
        assert (owed.state, owed.money, owed.asked) == ("owed", chf(3000), 1)
        assert balances()["refunds-payable", "CHF"] == -3000
        assert pledge_of(pledge).payments[0].state == "partly_refunded"
        letter = mailbox.letters[-1]
        assert "We owe you" in letter.subject and f"/refunds/{owed.id}?key=" in letter.text
        do(refunds.give_account, owed.id, IBAN, "Айгүл")
        assert row_of(owed.id).state == "to_approve"
        do(refunds.approve, owed.id, actor=SECOND)
        with pytest.raises(Refused):
            pay(owed.id, amount="30.00", actor=SECOND)
        with pytest.raises(Refused):
            pay(owed.id, amount="29.99")
        count = len(mailbox.letters)
        pay(owed.id, amount="30.00")
        assert row_of(owed.id).state == "succeeded"
        assert pledge_of(pledge).state == "refunded"
        assert "to your account" in mailbox.letters[count].text
        assert_book("refund-card-owed")


def told(payment_id: int, fact: Any, *args: Any) -> None:
    with db.transaction() as session:
        settlement.receive(fact(session.get_one(Payment, payment_id), *args))


def gone(payment_id: int, source: str, minor: int, name: str = "gone") -> None:
    """Tell of the provider's balance transaction of a refund."""
    from ashar.gateways.base import Movement

    moved = (Movement(f"txn_{source}_{name}", chf(minor), chf(0)),)
    with db.transaction() as session:
        payment = session.get_one(Payment, payment_id)
        ids = {"source": source}
        settlement.receive(notice(payment, "transaction", ids=ids, movements=moved))


def test_a_transfer_goes_back_where_it_came_from_by_an_order_for_the_bank(
    site: Flask, office: int, mailbox: Mailbox
) -> None:
    with site.app_context():
        payment = came(named(make_transfer(office)), sender=IBAN)
        row = order(payment.id, "20.00")
        assert (row_of(row).state, row_of(row).iban) == ("ready", IBAN)
        assert balances() == {
            ("bank:chf", "CHF"): 5000,
            (f"project:{PROJECT}", "CHF"): -3000,
            ("refunds-payable", "CHF"): -2000,
        }
        assert totals() == (3000, 0, 1)
        account = accounts.account("chf")
        assert account is not None
        made = do(refund_files.make, account, actor=BOSS)
        assert row_of(row).state == "in_file"
        with pytest.raises(Refused):
            do(refund_files.make, account, actor=BOSS)
        body = file_of(made)
        schema().validate(io.BytesIO(body))
        assert texts(body, "InstdAmt", "Nm", "IBAN", "CtrlSum") == {
            "InstdAmt": ["20.00"],
            "Nm": ["Ashar", "Ashar", "Aigul Omurova"],
            "IBAN": ["CH9300762011623852957", IBAN],
            "CtrlSum": ["20.00", "20.00"],
        }
        count = len(mailbox.letters)
        assert refund_files.debit(made, time.now(), PROOF, actor=BOSS) == 1
        assert refund_files.debit(made, time.now(), PROOF, actor=BOSS) == 0
        assert row_of(row).state == "succeeded"
        assert [one.subject for one in mailbox.letters[count:]] == ["Refunded: CHF 20.00"]
        # The bank sends it back: it is owed again, and asked for.
        do(refunds.send_back, row, time.now(), "account closed", actor=BOSS)
        assert (row_of(row).state, row_of(row).iban) == ("owed", None)
        assert "sent it back" in mailbox.letters[-1].text
        do(refunds.give_account, row, IBAN, "Aigul Omurova")
        # Where the money came from, nobody else has to look.
        assert row_of(row).state == "ready"
        pay(row, amount="20.00")
        assert totals() == (3000, 0, 1)
        assert_book("refund-transfer-pain001")


def file_of(made: RefundFile) -> bytes:
    row = db.session.get_one(RefundFile, made.id)
    paper = db.session.query(Paper).filter_by(owner_kind="refund-file", owner_id=row.id).first()
    assert paper is not None
    data = papers.read(paper)
    assert data is not None
    return data


def schema() -> xmlschema.XMLSchema:
    """Return the official schema of pain.001.001.09, which sepaxml carries."""
    from importlib.resources import files

    text = (files("sepaxml") / "schemas" / "pain.001.001.09.xsd").read_text("utf-8")
    return xmlschema.XMLSchema(text)


def texts(body: bytes, *names: str) -> dict[str, list[str]]:
    root = ElementTree.fromstring(body)  # noqa: S314 - our own
    return {name: [one.text or "" for one in root.iter(f"{{{NAMESPACE}}}{name}")] for name in names}


@pytest.mark.parametrize("currency", ["CHF", "EUR"])
def test_an_order_of_hostile_names_and_sums_is_one_that_every_bank_takes(
    site: Flask, office: int, currency: str
) -> None:
    hostile = ["<script>&amp;", "Ö" * 70, "Ырыскүл Ңгүү", "O’Brien & Søn", "名字"]
    with site.app_context():
        for number, name in enumerate(hostile):
            pledge = named(make_transfer(office, "10.00", currency), name)
            money = Money.from_decimal(f"10.0{number}", currency)
            about = {
                "account": currency.lower(),
                "money": money,
                "sender": (IBAN, OTHER)[number % 2],
            }
            order(came(pledge, **about).id)
        account = accounts.account(currency.lower())
        assert account is not None
        body = file_of(do(refund_files.make, account, actor=BOSS))
        schema().validate(io.BytesIO(body))
        found = texts(body, "CtrlSum", "Nm", "Cd", "ChrgBr")
        assert found["CtrlSum"] == ["50.10"] * 2
        assert all(name.isascii() and 0 < len(name) <= 70 for name in found["Nm"])
        sepa = currency == "EUR"
        assert found["Cd"] == (["SEPA"] * 5 if sepa else [])
        assert found["ChrgBr"] == (["SLEV"] if sepa else ["DEBT"]) * 5


def test_without_the_senders_account_it_is_owed_and_two_people_have_to_see_another(
    site: Flask, office: int
) -> None:
    with site.app_context():
        payment = came(named(make_transfer(office)), sender=IBAN)
        row = order(payment.id, way="bank", iban=None, state="owed")
        for wrong in ("CH4431999123000889012",):
            with pytest.raises(Refused):
                do(refunds.give_account, row, wrong, "Aigul")
        with pytest.raises(Refused):
            do(refunds.give_account, row, OTHER, "☃")
        do(refunds.give_account, row, OTHER, "Aigul")
        with pytest.raises(Refused):
            do(refunds.give_account, row, IBAN, "Aigul")
        assert row_of(row).state == "to_approve"
        account = accounts.account("chf")
        assert account is not None
        with pytest.raises(Refused):
            do(refund_files.make, account, actor=BOSS)
        with pytest.raises(Refused):
            pay(row)
        with pytest.raises(Refused):
            do(refunds.approve, row, actor=BOSS)
        do(refunds.decline, row, "this is not hers", actor=SECOND)
        assert (row_of(row).state, row_of(row).iban, row_of(row).asked) == ("owed", None, 2)
        do(refunds.give_account, row, OTHER, "Aigul", actor=THIRD)
        with pytest.raises(Refused):
            do(refunds.approve, row, actor=THIRD)
        do(refunds.approve, row, actor=SECOND)
        pay(row)
        assert balances() == {}
        assert pledge_of(payment.pledge_id).state == "refunded"


def test_cash_needs_a_second_person_and_the_signed_paper(site: Flask, office: int) -> None:
    with site.app_context():
        payment = came(make_transfer(office))
        row = order(payment.id, "10.00", way="cash")
        with pytest.raises(Refused):
            pay(row, amount="10.00")
        with pytest.raises(Refused):
            do(refunds.approve, row, actor=BOSS)
        do(refunds.approve, row, actor=SECOND)
        with pytest.raises(Refused):
            pay(row, amount="10.00")
        pay(row, amount="10.00", proof=PROOF)
        assert balances() == {("bank:chf", "CHF"): 4000, (f"project:{PROJECT}", "CHF"): -4000}
        with pytest.raises(Refused):
            do(refunds.send_back, row, time.now(), "no", actor=BOSS)


def test_dollars_that_are_owed_are_paid_in_francs_and_the_difference_is_ours(
    site: Flask, office: int
) -> None:
    with site.app_context():
        _, payment_id = make_pledge(office, "100.00", "USD")
        settle(payment_id, credited=chf(8500), fee=300)
        row = order(payment_id, way="bank")
        do(refunds.give_account, row, OTHER, "Bakyt")
        do(refunds.approve, row, actor=SECOND)
        assert balances()["refunds-payable", "USD"] == -10_000
        pay(row, amount="86.10")
        assert balances() == {
            ("bank:chf", "CHF"): -8610,
            ("fees", "CHF"): 300,
            ("fx", "CHF"): 110,
            ("provider:stripe", "CHF"): 8200,
        }


def test_what_a_dispute_has_taken_is_owed_no_more_until_it_is_won(
    site: Flask, office: int, mailbox: Mailbox
) -> None:
    from ashar.gateways.base import Movement

    with site.app_context():
        payment_id, owed = failed_card(office)
        do(refunds.give_account, owed.id, IBAN, "Aigul")
        do(refunds.approve, owed.id, actor=SECOND)
        out = Movement("txn_d1", chf(-5000), chf(1500))
        back = Movement("txn_d2", chf(5000), chf(0))
        told(payment_id, dispute, chf(5000), "open", out)
        assert ("refunds-payable", "CHF") not in balances()
        assert ("losses", "CHF") not in balances()
        with pytest.raises(Refused):
            pay(owed.id)
        account = accounts.account("chf")
        assert account is not None
        with pytest.raises(Refused):
            do(refund_files.make, account, actor=BOSS)
        told(payment_id, dispute, chf(5000), "won", out, back)
        assert balances()["refunds-payable", "CHF"] == -5000
        pay(owed.id)
        assert balances() == {
            ("bank:chf", "CHF"): -5000,
            ("fees", "CHF"): 175 + 1500,
            ("provider:stripe", "CHF"): 5000 - 175 - 1500,
        }


def test_what_is_taken_back_after_a_refund_is_a_loss(site: Flask, office: int) -> None:
    from ashar.gateways.base import Movement

    with site.app_context():
        payment_id, owed = failed_card(office)
        do(refunds.give_account, owed.id, IBAN, "Aigul")
        do(refunds.approve, owed.id, actor=SECOND)
        pay(owed.id)
        told(payment_id, dispute, chf(5000), "open", Movement("txn_d", chf(-5000), chf(1500)))
        assert balances()["losses", "CHF"] == 5000
        assert (f"project:{PROJECT}", "CHF") not in balances()
        assert totals() == (0, 0, 0)


def test_a_refund_that_is_withdrawn_stays_with_the_project_and_its_donor_is_told_why(
    site: Flask, office: int, mailbox: Mailbox
) -> None:
    with site.app_context():
        payment = came(make_transfer(office))
        row = order(payment.id, "20.00")
        do(refunds.withdraw, row, "She gives it after all.", actor=BOSS)
        assert balances() == {("bank:chf", "CHF"): 5000, (f"project:{PROJECT}", "CHF"): -5000}
        assert totals() == (5000, 0, 1)
        assert "She gives it after all." in mailbox.letters[-1].text
        with pytest.raises(Refused):
            do(refunds.withdraw, row, "again", actor=BOSS)
        # All of it may be given back again.
        assert row_of(order(payment.id)).money == chf(5000)


def test_a_transfer_entered_by_mistake_is_taken_back_by_two(
    site: Flask, office: int, mailbox: Mailbox
) -> None:
    with site.app_context():
        pledge = make_transfer(office)
        payment = came(pledge)
        row = do(refunds.doubt, payment.id, "another's reference", actor=BOSS).id
        with pytest.raises(Refused):
            order(payment.id, "10.00")
        with pytest.raises(Refused):
            do(refunds.approve, row, actor=BOSS)
        assert totals() == (5000, 0, 1)
        do(refunds.approve, row, actor=SECOND)
        assert balances() == {} and totals() == (0, 0, 0)
        assert (pledge_of(pledge.id).state, pledge_of(pledge.id).payments[0].state) == (
            "open",
            "mistaken",
        )
        assert "our mistake" in mailbox.letters[-1].text
        # The same line is not booked again; the donor's real one is.
        line = bank.fact(
            reference=str(pledge.reference),
            account="chf",
            money=chf(5000),
            on=time.now(),
            line=f"line-{pledge.id}",
        )
        with pytest.raises(Exception, match="by mistake"), db.transaction():
            [fact] = site.extensions["ashar"].gateways["bank"].read(line.body)
            settlement.receive(fact)
        came(pledge, line="the-real-one")
        assert totals() == (5000, 0, 1)
        assert pledge_of(pledge.id).state == "paid"


def test_a_mistake_that_is_none_stays_and_frees_the_payment(site: Flask, office: int) -> None:
    with site.app_context():
        payment = came(make_transfer(office))
        row = do(refunds.doubt, payment.id, "I thought so", actor=BOSS).id
        do(refunds.decline, row, "it did come", actor=SECOND)
        assert row_of(row).state == "cancelled"
        assert totals() == (5000, 0, 1)
        assert services.refundable(db.session.get_one(Payment, payment.id)) == chf(5000)


def test_a_transfer_that_is_called_back_leaves_the_account(site: Flask, office: int) -> None:
    with site.app_context():
        payment = came(make_transfer(office))
        row = order(payment.id, "20.00")
        with pytest.raises(Refused):
            do(refunds.recall, payment.id, chf(5001), time.now(), "x", PROOF, actor=BOSS)
        do(refunds.recall, payment.id, chf(5000), time.now(), "recalled", PROOF, actor=BOSS)
        assert balances() == {}
        assert pledge_of(payment.pledge_id).state == "refunded"
        # What was ordered before it is owed no more, and cannot be paid.
        with pytest.raises(Refused):
            do(refunds.give_account, row, IBAN, "x") and pay(row)
        do(refunds.withdraw, row, "recalled", actor=BOSS)


@pytest.mark.parametrize("guarded", [True, False], ids=["with", "without"])
def test_of_two_who_pay_one_refund_at_once_one_does(
    site: Flask, office: int, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the look under the lock both would be told that they paid it: the control."""
    with site.app_context():
        row = order(came(named(make_transfer(office)), sender=IBAN).id)
    # SQLite lets one write at a time, and nobody else come to this point.
    both = threading.Barrier(2 if db_of(site) == "postgresql" else 1, timeout=10)
    locking = refunds.lock

    def meet(number: int) -> Refund:
        found = db.session.get_one(Refund, number)
        both.wait()
        return locking(number) if guarded else found

    monkeypatch.setattr(refunds, "lock", meet)
    paid: list[bool] = []

    def work() -> None:
        with site.app_context():
            try:
                pay(row)
            except Exception:
                paid.append(False)
            else:
                paid.append(True)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with site.app_context():
        if guarded or db_of(site) == "sqlite":
            assert sorted(paid) == [False, True]
        else:
            assert paid == [True, True]
        assert balances() == {}
