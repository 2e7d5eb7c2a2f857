"""Cash, from the slip to the book: counted, short, void, late, by two at once."""

import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from ashar.gateways import cash
from ashar.kernel import clock as time
from ashar.kernel import db
from ashar.kernel.db import session
from ashar.kernel.errors import Refused
from ashar.kernel.money import Money
from ashar.ledger import rates
from ashar.ledger.models import Entry
from ashar.pledges import collectors, hand_ins, refunds, slips
from ashar.pledges.models import Collector, HandIn, Payment, Pledge, Slip
from ashar.pledges.slips import Given
from ashar.projects import queries as projects
from tests.conftest import Clock
from tests.factories import (
    PROJECT,
    make_account,
    make_collector,
    make_partner,
    make_person,
    make_rates,
)
from tests.live import read_form
from tests.mailbox import Mailbox
from tests.pledges.test_stream import balances, only_pledge
from tests.pledges.test_transfers import states, totals

PAGE = f"/projects/{PROJECT}/pledge"
PDF = (b"%PDF-1.7 signed", "signed.pdf")
HELD = "partner-held:village"


class World:
    """A collector in Batken with a book, a partner, a treasurer."""

    def __init__(self) -> None:
        make_rates()
        self.project = projects.by_slug(PROJECT).id  # type: ignore[union-attr]
        self.aibek = make_person("aibek")
        self.collector = make_collector("batken-1", self.aibek, slips=20)
        make_partner("village", [self.project])
        self.kassa = make_person("kassa", "treasurer")
        session.rollback()

    def given(self, serial: int = 1, amount: str = "1000", **more: Any) -> Given:
        """Return cash that a walk-in gave."""
        known = {"project": self.project, "name": "Айгүл", "phone": f"+99670012345{serial % 10}"}
        money = Money.parse(amount, "KGS")
        return Given(cash.number_of(serial), money, time.today(), **(known | more))

    def write(self, serial: int = 1, amount: str = "1000", **more: Any) -> str:
        """Write a slip; return its number."""
        with db.transaction():
            return slips.write(
                self.collector, self.given(serial, amount, **more), actor=self.aibek
            ).number

    def hand_in(self, *numbers: str, declared: str = "1000", account: str = HELD) -> str:
        """Hand some slips in; return the hand-in's token."""
        with db.transaction():
            money = Money.parse(declared, "KGS")
            row = hand_ins.declare(self.collector, numbers, account, money, PDF, actor=self.aibek)
            return row.token

    def count(self, token: str, counted: str = "1000", reason: str = "", **more: Any) -> None:
        """Count a hand-in."""
        given: dict[str, Any] = {"actor": self.kassa} | more
        with db.transaction():
            hand_ins.count(token, Money.parse(counted, "KGS"), reason, None, **given)

    def slip(self, number: str) -> Slip:
        found = collectors.slip(number)
        assert found is not None
        return found


@pytest.fixture
def world(site: Flask, project: str) -> World:
    with site.app_context():
        return World()


def refused(call: Callable[[], Any]) -> str:
    """Return in which words something is refused."""
    with pytest.raises(Refused) as caught:
        call()
    session.rollback()
    return str(caught.value)


def test_cash_waits_until_it_is_counted(site: Flask, world: World, mailbox: Mailbox) -> None:
    with site.app_context():
        number = world.write(email="aigul@example.org", phone=None)
        assert balances() == {("cash:batken-1", "KGS"): 100_000, ("cash-awaiting", "KGS"): -100_000}
        # 96.5 som and 0.94 francs for a euro.
        assert totals() == (0, 974, 0)
        assert states() == ("processing", ["processing"])
        token = world.hand_in(number)
        assert totals() == (0, 974, 0)
        world.count(token)
        assert balances() == {(HELD, "KGS"): 100_000, (f"project:{PROJECT}", "KGS"): -100_000}
        assert totals() == (974, 0, 1)
        assert states() == ("paid", ["settled"])
        assert only_pledge().visibility == "hidden"
    assert [letter.recipient for letter in mailbox.letters] == ["aigul@example.org"] * 2
    assert cash.grouped(number) in mailbox.letters[0].text


@pytest.mark.parametrize(
    ("counted", "bank", "apart"), [("950", 95_000, 5_000), ("1020.50", 102_050, -2_050)]
)
def test_what_is_over_or_short_is_booked_apart(
    site: Flask, world: World, counted: str, bank: int, apart: int
) -> None:
    with site.app_context():
        token = world.hand_in(world.write(), declared=counted)
        assert refused(lambda: world.count(token, counted)) == hand_ins.NO_REASON
        assert balances()[("cash:batken-1", "KGS")] == 100_000
        world.count(token, counted, "a note was torn")
        assert balances() == {
            (HELD, "KGS"): bank,
            ("cash-differences", "KGS"): apart,
            (f"project:{PROJECT}", "KGS"): -100_000,
        }
        assert totals() == (974, 0, 1)


def test_nobody_counts_what_they_collected(site: Flask, world: World) -> None:
    with site.app_context():
        token = world.hand_in(world.write())
        assert refused(lambda: world.count(token, actor=world.aibek)) == hand_ins.OWN
        assert refused(lambda: give_back(token, world.aibek)) == hand_ins.OWN
        assert world.slip(cash.number_of(1)).state == "handed_in"


def give_back(token: str, actor: int) -> None:
    with db.transaction():
        hand_ins.give_back(token, "the bag was empty", actor=actor)


def test_a_count_needs_a_paper(site: Flask, world: World) -> None:
    with site.app_context():
        number = world.write()
        with db.transaction():
            money = Money.parse("1000", "KGS")
            token = hand_ins.declare(
                world.collector, [number], HELD, money, None, actor=world.aibek
            ).token
        assert refused(lambda: world.count(token)) == hand_ins.NO_PROOF
        with db.transaction():
            hand_ins.count(token, Money.parse("1000", "KGS"), "", PDF, actor=world.kassa)
            assert len(hand_ins.proofs(session.scalars(select(HandIn)).one().id)) == 1


def test_what_did_not_come_goes_back_to_the_collector(site: Flask, world: World) -> None:
    with site.app_context():
        number = world.write()
        give_back(world.hand_in(number), world.kassa)
        assert world.slip(number).state == "written"
        assert balances()[("cash:batken-1", "KGS")] == 100_000
        world.count(world.hand_in(number))
        assert balances() == {(HELD, "KGS"): 100_000, (f"project:{PROJECT}", "KGS"): -100_000}


def test_a_slip_is_handed_in_once(site: Flask, world: World) -> None:
    with site.app_context():
        number = world.write()
        world.hand_in(number)
        assert refused(lambda: world.hand_in(number)) == hand_ins.CHANGED
        assert refused(lambda: world.hand_in()) == hand_ins.CHANGED


def test_a_count_twice_is_one_and_with_another_sum_is_refused(site: Flask, world: World) -> None:
    with site.app_context():
        token = world.hand_in(world.write())
        world.count(token)
        world.count(token)
        assert refused(lambda: world.count(token, "900", "less")) == hand_ins.DECIDED
        assert refused(lambda: give_back(token, world.kassa)) == hand_ins.DECIDED
        assert totals() == (974, 0, 1)


def test_the_rate_of_the_slips_own_day_holds(site: Flask, world: World, clock: Clock) -> None:
    with site.app_context():
        number = world.write()
        clock.forward(days=3)
        with db.transaction():
            rates.add("KGS", time.today(), Decimal("50"), "test")
        world.count(world.hand_in(number))
        [payment] = session.scalars(select(Payment))
        assert payment.worth_minor == 974
        entry = session.scalars(select(Entry).where(Entry.kind == "paid")).one()
        assert entry.day == time.today()


class TestNumbers:
    """Each number once, and only of the collector's books."""

    def test_the_same_slip_twice_is_one_and_another_is_refused(
        self, site: Flask, world: World
    ) -> None:
        with site.app_context():
            number = world.write()
            assert world.write() == number
            assert refused(lambda: world.write(amount="900")) == slips.USED
            assert len(session.scalars(select(Slip)).all()) == 1
            assert totals() == (0, 974, 0)

    def test_a_number_of_nobodys_or_anothers_book_is_refused(
        self, site: Flask, world: World
    ) -> None:
        with site.app_context():
            make_collector("osh-1", make_person("nur"), slips=10)
            session.rollback()
            assert refused(lambda: world.write(21)) == slips.NOT_YOURS
            assert refused(lambda: world.write(900)) == slips.NOT_YOURS
            assert refused(lambda: spoil(world, 21)) == slips.NOT_YOURS

    def test_void_numbers_are_entered_and_stay_void(self, site: Flask, world: World) -> None:
        with site.app_context():
            spoil(world, 1)
            spoil(world, 1)
            assert refused(lambda: world.write(1)) == slips.USED
            assert collectors.next_number(world.collector) == cash.number_of(2)
            world.write(2)
            assert refused(lambda: spoil(world, 2)) == slips.USED
            assert balances()[("cash:batken-1", "KGS")] == 100_000

    def test_the_next_number_follows_through_the_books(self, site: Flask, world: World) -> None:
        with site.app_context():
            assert collectors.next_number(world.collector) == cash.number_of(1)
            spoil(world, 20)
            assert collectors.next_number(world.collector) is None

    def test_a_mistake_is_taken_back_by_somebody_else(self, site: Flask, world: World) -> None:
        with site.app_context():
            number = world.write()
            session.rollback()
            assert "you collected it" in refused(lambda: take_back(number, world.aibek))
            take_back(number, world.kassa)
            assert balances() == {}
            assert totals() == (0, 0, 0)
            assert states() == ("cancelled", ["expired"])
            assert refused(lambda: world.hand_in(number)) == hand_ins.CHANGED
            assert "void already" in refused(lambda: take_back(number, world.kassa))


def spoil(world: World, serial: int) -> None:
    with db.transaction():
        slips.spoil(world.collector, cash.number_of(serial), "spoilt", actor=world.aibek)


def take_back(number: str, actor: int) -> None:
    with db.transaction():
        slips.take_back(number, "typed wrongly", actor=actor)


class TestLimits:
    """Per slip, per donor and year, held at once, days held: KGS 50,000, 100,000, 200,000, 30."""

    def test_a_slip_above_its_limit_is_refused(self, site: Flask, world: World) -> None:
        with site.app_context():
            assert refused(lambda: world.write(amount="50000.01")) == slips.OVER["slip"]
            world.write(amount="50000")

    def test_one_donor_gives_so_much_a_year(self, site: Flask, world: World, clock: Clock) -> None:
        with site.app_context():
            for serial in (1, 2):
                world.write(serial, "50000", phone="+996700123456")
            again = {"phone": "+996700123456"}
            assert refused(lambda: world.write(3, "100", **again)) == slips.OVER["donor"]
            world.write(3, "100", phone="+996700999999")
            clock.forward(days=366)
            with db.transaction():
                session.get_one(Collector, world.collector).days_held = 365 * 2
            world.write(4, "100", **again)

    def test_no_more_is_held_at_once(self, site: Flask, world: World) -> None:
        with site.app_context():
            numbers = [world.write(serial, "50000") for serial in (1, 2, 3, 4)]
            assert refused(lambda: world.write(5, "1")) == slips.OVER["held"]
            world.hand_in(*numbers[:2], declared="100000")
            world.write(5, "1")

    def test_who_holds_cash_for_too_long_hands_it_in_first(
        self, site: Flask, world: World, clock: Clock
    ) -> None:
        with site.app_context():
            number = world.write(1)
            clock.forward(days=31)
            assert refused(lambda: world.write(2)) == slips.OVER["days"]
            world.hand_in(number)
            world.write(2)

    def test_paper_of_an_earlier_day_is_taken_in_and_marked(
        self, site: Flask, world: World
    ) -> None:
        with site.app_context():
            number = cash.number_of(1)
            yesterday = time.today() - timedelta(days=1)
            given = Given(
                number,
                Money.parse("60000", "KGS"),
                yesterday,
                project=world.project,
                name="Айгүл",
                phone="+996700123456",
            )
            with db.transaction():
                slips.write(world.collector, given, actor=world.aibek)
            assert world.slip(number).over == "slip"
            assert time.day_of(world.slip(number).written_at) == yesterday

    def test_who_no_longer_collects_hands_in_and_writes_nothing(
        self, site: Flask, world: World
    ) -> None:
        with site.app_context():
            number = world.write(1)
            with db.transaction():
                session.get_one(Collector, world.collector).active = False
            assert refused(lambda: world.write(2)) == slips.IDLE
            world.count(world.hand_in(number))
            assert totals() == (974, 0, 1)


class TestPledged:
    """Cash that a donor pledged on the site."""

    def pledge(self, client: FlaskClient, **fields: Any) -> Any:
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        form = read_form(client.get(PAGE)).fields
        given = {"amount": "1000", "currency": "KGS", "country": "KG", "method": "cash"}
        return client.post(PAGE, data=form | given | {"phone": "0700 123 456"} | fields)

    def test_a_pledge_is_told_by_its_code_and_its_payment_is_of_what_was_given(
        self, site: Flask, world: World, client: FlaskClient
    ) -> None:
        there = self.pledge(client).location
        page = client.get(there).text
        with site.app_context():
            made = only_pledge()
            code = str(made.reference)
            assert cash.read_code(code) == code and cash.grouped(code) in page
            assert "Базар" in page
            assert totals() == (0, 974, 0)
            row = made.id
        assert client.get(f"{there.partition('?')[0]}/cash.svg").content_type == "image/svg+xml"
        with site.app_context():
            first = world.write(1, "400", pledge=row)
            assert totals() == (0, 390, 0)
            assert states() == ("processing", ["processing"])
            second = world.write(2, "600", pledge=row)
            assert totals() == (0, 974, 0)
        page = client.get(there).text
        assert "with the collector" in page
        with site.app_context():
            world.count(world.hand_in(first, second))
            assert states() == ("paid", ["settled", "settled"])
            assert totals() == (974, 0, 1)
        assert "arrived" in client.get(there).text

    def test_what_is_with_the_collector_is_not_cancelled(
        self, site: Flask, world: World, client: FlaskClient
    ) -> None:
        there = self.pledge(client).location
        form = read_form(client.get(there)).fields
        with site.app_context():
            world.write(1, pledge=only_pledge().id)
        assert client.post(f"{there.partition('?')[0]}/cancel", data=form).status_code == 409

    def test_it_is_offered_where_a_collector_takes_the_currency(
        self, site: Flask, world: World, client: FlaskClient
    ) -> None:
        assert self.pledge(client, currency="CHF").status_code == 422
        assert self.pledge(client, country="CH").status_code == 422
        assert self.pledge(client, method="card").status_code == 422
        assert self.pledge(client, phone="").status_code == 422
        with site.app_context(), db.transaction():
            session.get_one(Collector, world.collector).active = False
        assert 'value="cash"' not in client.get(PAGE).text


def test_cash_for_a_closed_project_is_kept_apart(site: Flask, world: World) -> None:
    with site.app_context():
        number = world.write()
        with db.transaction():
            found = projects.by_slug(PROJECT)
            assert found is not None
            found.state = "closed"
        assert "does not take" in refused(lambda: world.write(2))
        world.count(world.hand_in(number))
        assert balances() == {(HELD, "KGS"): 100_000, ("suspense", "KGS"): -100_000}


# Two at once -------------------------------------------------------------------------------


def at_once(site: Flask, *calls: Callable[[], Any]) -> list[BaseException]:
    """Do several things at once; return what was raised."""
    faults: list[BaseException] = []

    def run(call: Callable[[], Any]) -> None:
        with site.app_context():
            try:
                call()
            except Exception as error:
                faults.append(error)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return faults


def meeting(site: Flask) -> threading.Barrier:
    """Return where two threads meet inside their transactions; SQLite lets one in at a time."""
    with site.app_context():
        return threading.Barrier(2 if db.dialect() == "postgresql" else 1, timeout=10)


@pytest.mark.parametrize("guarded", [True, False], ids=["with", "without"])
def test_two_counts_of_one_hand_in_at_once(
    site: Flask, world: World, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the look under its lock, both have counted it: the control."""
    with site.app_context():
        token = world.hand_in(world.write())
    both, lock = meeting(site), hand_ins.lock

    def meet(asked: str) -> HandIn:
        both.wait()
        found = lock(asked) if guarded else hand_ins.by_token(asked)
        assert found is not None
        return found

    monkeypatch.setattr(hand_ins, "lock", meet)
    if not guarded:
        monkeypatch.setattr(hand_ins, "_was_counted", lambda *_: False)
    faults = at_once(
        site,
        lambda: world.count(token, "1000", "first"),
        lambda: world.count(token, "900", "second"),
    )
    with site.app_context():
        # The book holds positions: even then no gift is there twice.
        assert totals() == (974, 0, 1)
        assert [str(fault) for fault in faults] == ([hand_ins.DECIDED] if guarded else [])


@pytest.mark.parametrize("guarded", [True, False], ids=["with", "without"])
def test_one_number_twice_at_once(
    site: Flask, world: World, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the look under the collector's lock, both write it: the control."""
    both = meeting(site)
    lock = collectors.lock

    def meet(row: int) -> Collector:
        if guarded:
            both.wait()
            return lock(row)
        return session.get_one(Collector, row)

    def blind(_number: str) -> None:
        both.wait()

    monkeypatch.setattr(slips.collectors, "lock", meet)
    if not guarded:
        monkeypatch.setattr(slips.collectors, "slip", blind)
    faults = at_once(site, lambda: world.write(1, "1000"), lambda: world.write(1, "2000"))
    monkeypatch.undo()
    with site.app_context():
        assert len(faults) == 1
        assert len(session.scalars(select(Slip)).all()) == 1
        assert len(session.scalars(select(Pledge)).all()) == 1
        if guarded:
            assert str(faults[0]) == slips.USED
        else:
            # The number's own mark, unique in the database, is the last guard.
            assert not isinstance(faults[0], Refused)


@pytest.mark.parametrize("account", [HELD, "bank:chf"])
def test_counted_cash_is_no_transfer_that_could_be_a_mistake_or_be_called_back(
    site: Flask, project: str, account: str
) -> None:
    with site.app_context():
        world = World()
        make_account("CHF")
        currency = "KGS" if account == HELD else "CHF"
        beat = make_person("beat")
        collector = make_collector("bern-1", beat, slips=20, currency=currency)
        money = Money.parse("100", currency)
        given = Given(cash.number_of(21), money, time.today(), project=world.project, name="A")
        with db.transaction():
            number = slips.write(collector, given, actor=beat).number
            row = hand_ins.declare(collector, [number], account, money, PDF, actor=beat)
            token = row.token
        with db.transaction():
            hand_ins.count(token, money, "", None, actor=world.kassa)
        payment = session.scalars(select(Payment)).one()
        assert (payment.state, payment.held_in) == ("settled", account)
        for act in (
            lambda: refunds.doubt(payment.id, "not hers", actor=world.kassa),
            lambda: refunds.recall(payment.id, money, time.now(), "no", PDF, actor=world.kassa),
        ):
            with pytest.raises(Refused), db.transaction():
                act()
        assert payment.state == "settled"
