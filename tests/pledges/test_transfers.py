"""Bank transfers, from the form to the book: whole, in part, twice, late, in other currencies."""

import threading
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ashar.gateways import bank
from ashar.gateways.base import Received
from ashar.kernel import clock as time
from ashar.kernel import db
from ashar.kernel.money import Money
from ashar.ledger.models import BankAccount
from ashar.pledges import checkout, inbox, queries, settlement, tasks, transfers
from ashar.pledges.models import Pledge
from ashar.projects import queries as projects
from ashar.projects.models import Totals
from ashar.projects.states import PROJECT as PROJECT_STATES
from tests.conftest import Clock
from tests.factories import PROJECT, make_account, make_rates
from tests.golden import assert_book
from tests.live import read_form
from tests.mailbox import Mailbox
from tests.pledges.test_stream import balances, only_pledge

PAGE = f"/projects/{PROJECT}/pledge"


@pytest.fixture
def accounts(site: Flask, project: str) -> None:
    """Enter an account in francs and one in euros."""
    with site.app_context():
        make_account("CHF")
        make_account("EUR")
        make_rates()


def pledge(client: FlaskClient, **fields: Any) -> Any:
    """Send the form by bank transfer, in English."""
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    form = read_form(client.get(PAGE)).fields
    given = {"amount": "50", "currency": "CHF", "country": "CH", "method": "bank"}
    return client.post(PAGE, data=form | given | {"email": "aida@example.org"} | fields)


def came(reference: str, amount: str = "50.00", currency: str = "CHF", **more: Any) -> Received:
    """Return money that came."""
    given: dict[str, Any] = {
        "reference": reference,
        "account": currency.lower(),
        "money": Money.from_decimal(amount, currency),
        "on": time.now(),
        "line": f"line-{amount}-{currency}",
    }
    return bank.fact(**(given | more))


def totals(project: str = PROJECT, currency: str = "CHF") -> tuple[int, int, int]:
    """Return raised, awaiting and supporters."""
    found = projects.by_slug(project)
    assert found is not None
    row = db.session.get(Totals, (found.id, currency), populate_existing=True)
    return (row.raised_minor, row.awaiting_minor, row.supporters) if row else (0, 0, 0)


def states() -> tuple[str, list[str]]:
    made = only_pledge()
    db.session.refresh(made)
    return made.state, [row.state for row in made.payments]


@pytest.mark.usefixtures("accounts")
class TestTransfers:
    """All with an account in francs and one in euros."""

    def test_a_transfer_is_pledged_waited_for_and_counted_when_it_came(
        self, site: Flask, client: FlaskClient, mailbox: Mailbox
    ) -> None:
        answer = pledge(client)
        assert answer.status_code == 303
        page = client.get(answer.location)
        with site.app_context():
            reference = str(only_pledge().reference)
            assert totals() == (0, 5000, 0)
            assert balances() == {}
        assert f'data-reference="{reference}"' in page.text
        assert bank.grouped(reference) in page.text
        assert "CH93 0076 2011 6238 5295 7" in page.text
        assert 'data-copy="50.00"' in page.text
        assert page.headers["Cache-Control"] == "no-store"
        assert client.get(f"{answer.location}/transfer.svg").content_type == "image/svg+xml"
        assert client.get(f"{answer.location}/qr-bill.pdf").data.startswith(b"%PDF")
        [told] = mailbox.letters
        assert bank.grouped(reference) in told.text and bank.grouped(reference) in told.html
        with site.app_context():
            assert tasks.take_in("bank", came(reference)) == "done"
            assert states() == ("paid", ["settled"])
            assert totals() == (5000, 0, 1)
            assert balances() == {
                ("bank:chf", "CHF"): 5000,
                (f"project:{PROJECT}", "CHF"): -5000,
            }
        page = client.get(f"{answer.location}?lang=en").text
        assert "arrived" in page and "data-copy" not in page.partition("share")[0]
        assert client.get(f"{answer.location}/transfer.svg").status_code == 404
        assert [one.subject for one in mailbox.letters[1:]] == [mailbox.letters[-1].subject]

    def test_the_same_line_twice_is_one_and_two_lines_are_two(
        self, site: Flask, client: FlaskClient
    ) -> None:
        pledge(client)
        with site.app_context():
            reference = str(only_pledge().reference)
            for line in ("a", "a", "b", "a"):
                assert tasks.take_in("bank", came(reference, line=line)) == "done"
            assert states() == ("paid", ["settled", "settled"])
            assert totals() == (10_000, 0, 1)

    def test_parts_are_counted_as_they_come(self, site: Flask, client: FlaskClient) -> None:
        there = pledge(client).location + "?lang=en"
        with site.app_context():
            reference = str(only_pledge().reference)
            tasks.take_in("bank", came(reference, "20.00"))
            assert totals() == (2000, 0, 1)
        assert "20.00" in client.get(there).text and "So far" in client.get(there).text
        with site.app_context():
            tasks.take_in("bank", came(reference, "30.00"))
            assert totals() == (5000, 0, 1)
        assert "So far" not in client.get(there).text

    def test_more_than_pledged_is_counted_as_it_came(
        self, site: Flask, client: FlaskClient
    ) -> None:
        pledge(client)
        with site.app_context():
            tasks.take_in("bank", came(str(only_pledge().reference), "70.05"))
            assert totals() == (7005, 0, 1)

    def test_another_currency_is_booked_in_the_accounts_own(
        self, site: Flask, client: FlaskClient
    ) -> None:
        pledge(client)
        with site.app_context():
            tasks.take_in("bank", came(str(only_pledge().reference), "50.00", "EUR"))
            assert states() == ("paid", ["settled"])
            assert balances() == {
                ("bank:eur", "EUR"): 5000,
                (f"project:{PROJECT}", "EUR"): -5000,
            }
            # 0.94 francs for a euro.
            assert totals() == (4700, 0, 1)

    def test_what_runs_out_is_booked_when_it_comes_late(
        self, site: Flask, client: FlaskClient, clock: Clock
    ) -> None:
        there = pledge(client).location
        clock.forward(days=61)
        with site.app_context():
            assert transfers.expire() == 1
            assert transfers.expire() == 0
            assert states() == ("expired", ["expired"])
            assert totals() == (0, 0, 0)
        assert "data-copy" not in client.get(there).text.partition("share")[0]
        with site.app_context():
            assert tasks.take_in("bank", came(str(only_pledge().reference))) == "done"
            assert states() == ("paid", ["settled"])
            assert totals() == (5000, 0, 1)

    def test_a_donor_is_reminded_twice_and_not_once_it_came(
        self, site: Flask, client: FlaskClient, clock: Clock, mailbox: Mailbox
    ) -> None:
        pledge(client)
        pledge(client, email="bermet@example.org")
        with site.app_context():
            first = db.session.query(Pledge).order_by(Pledge.id).first()
            assert first is not None
            counts = []
            for days in (5, 6, 1, 18, 5, 10):
                clock.forward(days=days)
                counts.append(transfers.remind() + transfers.remind())
                if days == 1:
                    tasks.take_in("bank", came(str(first.reference)))
        assert counts == [0, 2, 0, 1, 0, 0]
        due = [one for one in mailbox.letters if "not arrived" in one.subject]
        assert sorted(one.recipient for one in due) == [
            "aida@example.org",
            *["bermet@example.org"] * 2,
        ]

    def test_a_cancelled_pledge_is_waited_for_no_more(
        self, site: Flask, client: FlaskClient
    ) -> None:
        there = pledge(client).location
        form = read_form(client.get(there)).fields
        assert client.post(f"{there}/cancel", data=form).status_code == 303
        with site.app_context():
            assert states() == ("cancelled", ["expired"])
            assert totals() == (0, 0, 0)

    def test_one_that_ran_out_can_be_begun_again(
        self, site: Flask, client: FlaskClient, clock: Clock
    ) -> None:
        there = pledge(client).location
        clock.forward(days=61)
        with site.app_context():
            transfers.expire()
            reference = only_pledge().reference
        form = read_form(client.get(there)).fields
        assert client.post(f"{there}/again", data=form).status_code == 303
        assert f'data-reference="{reference}"' in client.get(there).text
        with site.app_context():
            assert states() == ("open", ["expired", "started"])
            assert totals() == (0, 5000, 0)

    def test_a_day_is_too_short_for_a_transfer_to_run_out(
        self, site: Flask, client: FlaskClient, clock: Clock
    ) -> None:
        pledge(client)
        clock.forward(hours=30)
        with site.app_context():
            assert tasks.drop_unbegun() == 0
            assert states() == ("open", ["started"])

    def test_an_unknown_reference_waits_for_a_person(
        self, site: Flask, client: FlaskClient
    ) -> None:
        pledge(client)
        with site.app_context():
            reference = bank.new_reference()
            assert tasks.take_in("bank", came(reference)) == "parked"
            assert balances() == {}

    def test_money_for_a_closed_project_is_kept_apart(
        self, site: Flask, client: FlaskClient
    ) -> None:
        there = pledge(client).location
        with site.app_context():
            with db.transaction():
                found = projects.by_slug(PROJECT)
                assert found is not None
                found.state = "closed"
            tasks.take_in("bank", came(str(only_pledge().reference)))
            assert balances() == {("bank:chf", "CHF"): 5000, ("suspense", "CHF"): -5000}
            assert totals() == (0, 0, 0)
        assert "keep it apart" in client.get(f"{there}?lang=en").text

    def test_the_whole_book_of_a_transfer_in_parts_in_euros_and_too_late(
        self, site: Flask, client: FlaskClient, clock: Clock
    ) -> None:
        pledge(client, cover_fees="y")
        with site.app_context():
            reference = str(only_pledge().reference)
            for amount, currency in (("20.00", "CHF"), ("30.00", "CHF"), ("10.00", "EUR")):
                clock.forward(days=1)
                tasks.take_in("bank", came(reference, amount, currency))
            with db.transaction():
                found = projects.by_slug(PROJECT)
                assert found is not None
                PROJECT_STATES.move(found, "closed", why="its leader closed it")
            clock.forward(days=1)
            tasks.take_in("bank", came(reference, "5.00"))
            assert_book("transfer")

    def test_a_phone_is_enough_and_nothing_at_all_is_not(
        self, site: Flask, client: FlaskClient, mailbox: Mailbox
    ) -> None:
        answer = pledge(client, email="", phone="044 668 18 00")
        assert answer.status_code == 303
        with site.app_context():
            made = only_pledge()
            assert (made.email, made.phone) == (None, "+41446681800")
        assert mailbox.letters == []
        page = client.get(answer.location).text
        assert "Keep the link" in page and "we write to you" not in page
        for wrong in ({"email": "", "phone": ""}, {"email": "", "phone": "12"}):
            answer = pledge(client, **wrong)
            assert answer.status_code == 422
            assert 'aria-invalid="true"' in answer.text

    def test_it_is_offered_only_in_the_accounts_currencies(
        self, client: FlaskClient, site: Flask
    ) -> None:
        assert pledge(client, currency="USD").status_code == 422
        assert pledge(client, country="RU").status_code == 422
        with site.app_context(), db.transaction() as session:
            for row in session.query(BankAccount):
                row.open = False
        assert 'value="bank"' not in client.get(PAGE).text
        assert pledge(client).status_code == 422


def db_of(site: Flask) -> str:
    with site.app_context():
        return db.dialect()


@pytest.mark.usefixtures("accounts")
@pytest.mark.parametrize("guarded", [True, False], ids=["with", "without"])
def test_one_line_told_by_two_at_once_is_booked_once(
    site: Flask, client: FlaskClient, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the look under the lock, both make a payment of it: the control."""
    pledge(client)
    with site.app_context():
        reference = str(only_pledge().reference)
        [notice] = inbox.gateway("bank").read(came(reference).body)
    # SQLite lets one write at a time, and nobody else come to this point.
    both = threading.Barrier(2 if db_of(site) == "postgresql" else 1, timeout=10)
    look = queries.by_reference

    def meet(asked: str) -> Pledge | None:
        found = look(asked)
        both.wait()
        return found

    monkeypatch.setattr(queries, "by_reference", meet)
    if not guarded:
        monkeypatch.setattr(settlement.held, "of_ids", lambda *_: None)
    faults: list[BaseException] = []

    def tell() -> None:
        with site.app_context():
            try:
                with db.transaction():
                    settlement.receive(notice)
            except Exception as error:
                faults.append(error)

    threads = [threading.Thread(target=tell) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with site.app_context():
        if guarded:
            assert not faults
            assert totals() == (5000, 0, 1)
            assert states() == ("paid", ["settled"])
        else:
            # The line's own mark, unique in the database, is the last guard.
            assert len(faults) == 1


@pytest.mark.usefixtures("accounts")
def test_instructions_given_twice_are_waited_for_once(site: Flask, client: FlaskClient) -> None:
    pledge(client)
    with site.app_context():
        checkout.begin(checkout.prepare(only_pledge().payments[0]))
        assert totals() == (0, 5000, 0)
