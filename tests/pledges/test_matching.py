"""What sponsors add: set aside, given, given back to the unit, never more than there is."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from ashar.gateways.base import Movement
from ashar.kernel import clock as now
from ashar.kernel import db
from ashar.kernel.money import Money
from ashar.ledger import accounts
from ashar.ledger import queries as book
from ashar.pledges import held, matching, pools, refunds, services, settlement, sponsoring, tasks
from ashar.pledges.models import Match, Payment, Pledge, Pool, Refund
from ashar.projects import queries as projects
from ashar.projects.models import Project
from tests.conftest import Clock
from tests.factories import (
    make_person,
    make_pledge,
    make_pool,
    make_project,
    make_rates,
    make_transfer,
    notice,
    pledge_of,
    settle,
)
from tests.pledges.test_settlement import dispute, refund
from tests.pledges.test_transfers import came

CHF = "CHF"


def counts(pool: int) -> tuple[int, int, int]:
    """Return what of a pool is set aside, given and free."""
    found = db.session.get_one(Pool, pool, populate_existing=True)
    return found.reserved_minor, found.booked_minor, found.free.minor


def match(payment: int) -> tuple[str, int, int]:
    """Return state of a payment's match, what it holds and what it gives."""
    found = pools.match_of(payment)
    assert found is not None
    return found.state, found.reserved_minor, found.given_minor


def sums(project: int) -> tuple[int, int]:
    """Return raised and matched."""
    found = projects.sums(db.session.get_one(Project, project))
    return found.raised.minor, found.matched.minor


def tell(payment: int, kind: str, **more: Any) -> None:
    with db.transaction() as session:
        settlement.receive(notice(session.get_one(Payment, payment), kind, **more))


def give_back(payment: int, minor: int, status: str, name: str = "re_1") -> None:
    with db.transaction() as session:
        found = session.get_one(Payment, payment)
        settlement.receive(refund(found, Money(minor, found.currency), status, name))


def contest(payment: int, status: str) -> None:
    gone = Movement("txn_d1", Money(-5000, CHF), Money(1500, CHF))
    back = Movement("txn_d2", Money(5000, CHF), Money(0, CHF))
    movements = (gone, back) if status == "won" else (gone,)
    with db.transaction() as session:
        found = session.get_one(Payment, payment)
        settlement.receive(dispute(found, Money(5000, CHF), status, *movements))


def balances() -> dict[str, int]:
    return {account: minor for (account, _), minor in book.balances().items() if minor}


def test_a_gift_is_matched_when_it_came_and_the_match_goes_back_with_it(site: Flask) -> None:
    with site.app_context():
        project, pool = make_project(), make_pool(total="100.00")
        assert balances() == {"bank:chf": 10_000, "pool:sponsor": -10_000}
        pledge, payment = make_pledge(project, "50.00")
        assert counts(pool) == (5000, 0, 5000)
        assert match(payment) == ("reserved", 5000, 0)
        assert sums(project) == (0, 0)
        settle(payment)
        assert counts(pool) == (0, 5000, 5000)
        assert match(payment) == ("booked", 0, 5000)
        assert sums(project) == (10_000, 5000)
        assert balances() == {
            "bank:chf": 10_000,
            "pool:sponsor": -5000,
            "project:dry-rice": -10_000,
            "provider:stripe": 5000,
        }
        give_back(payment, 1667, "succeeded")
        assert counts(pool) == (0, 3333, 6667)
        assert sums(project) == (6666, 3333)
        give_back(payment, 3333, "succeeded", "re_2")
        assert counts(pool) == (0, 0, 10_000)
        assert sums(project) == (0, 0)
        assert balances() == {"bank:chf": 10_000, "pool:sponsor": -10_000}
        assert pledge_of(pledge).state == "refunded"


@pytest.mark.parametrize("kind", ["failed", "expired"])
def test_what_does_not_come_is_let_go_and_what_comes_late_takes_what_is_free(
    site: Flask, kind: str
) -> None:
    with site.app_context():
        project, pool = make_project(), make_pool(total="100.00")
        _, payment = make_pledge(project, "80.00")
        tell(payment, kind)
        assert match(payment) == ("released", 0, 0)
        assert counts(pool) == (0, 0, 10_000)
        _, other = make_pledge(project, "70.00")
        settle(payment)
        assert match(payment) == ("booked", 0, 3000)
        assert counts(pool) == (7000, 3000, 0)
        settle(other)
        assert sums(project) == (8000 + 3000 + 14_000, 10_000)


def test_a_debit_that_comes_after_its_session_ran_out_is_set_aside_again(site: Flask) -> None:
    with site.app_context():
        pool = (make_project(), make_pool())[1]
        _, payment = make_pledge(1, "60.00")
        tell(payment, "expired")
        tell(payment, "processing")
        assert match(payment) == ("reserved", 6000, 0)
        tell(payment, "failed")
        assert counts(pool) == (0, 0, 10_000)


def test_a_cancelled_pledge_and_one_that_was_never_begun_let_go(site: Flask, clock: Clock) -> None:
    with site.app_context():
        project, pool = make_project(), make_pool()
        first, _ = make_pledge(project, "20.00")
        make_pledge(project, "30.00")
        with db.transaction() as session:
            services.cancel(session.get_one(Pledge, first))
        assert counts(pool) == (3000, 0, 7000)
        with db.transaction() as session:
            for payment in session.query(Payment):
                payment.session_id = None
        clock.forward(days=2)
        assert tasks.drop_unbegun() == 1
        assert counts(pool) == (0, 0, 10_000)


def test_who_tries_again_gets_a_match_again(site: Flask) -> None:
    with site.app_context():
        project, pool = make_project(), make_pool()
        pledge, first = make_pledge(project, "20.00")
        tell(first, "failed")
        with db.transaction() as session:
            again = services.try_again(session.get_one(Pledge, pledge))
            again.session_id, row = "cs_again", again.id
        assert counts(pool) == (2000, 0, 8000)
        settle(row)
        assert match(row) == ("booked", 0, 2000)
        assert match(first) == ("released", 0, 0)


def test_the_last_of_a_pool_is_shared_out_in_turn(site: Flask) -> None:
    with site.app_context():
        project, pool = make_project(), make_pool(total="70.00")
        payments = [make_pledge(project, "50.00")[1] for _ in range(3)]
        assert [match(row)[1] for row in payments[:2]] == [5000, 2000]
        assert db.session.get_one(Payment, payments[2]).pool_id is None
        for row in payments:
            settle(row)
        assert sums(project) == (22_000, 7000)
        assert counts(pool) == (0, 7000, 0)


def test_rate_cap_and_currencies(site: Flask) -> None:
    with site.app_context():
        make_rates()
        project = make_project()
        pool = make_pool(total="500.00", currency="EUR", rate_gives=1, rate_for=2, cap="40.00")
        _, small = make_pledge(project, "47.00", CHF)  # 50 EUR at 0.94
        _, large = make_pledge(project, "200.00", "EUR")
        assert (match(small)[1], match(large)[1]) == (2500, 4000)
        settle(small)
        assert match(small) == ("booked", 0, 2500)
        assert sums(project) == (4700 + 2350, 2350)
        assert book.balance("project:dry-rice", "EUR") == Money(-2500, "EUR")
        settle(large)
        assert counts(pool) == (0, 6500, 43_500)


def test_a_cap_is_for_the_pledge_whatever_number_of_payments_it_has(site: Flask) -> None:
    with site.app_context():
        project, pool = make_project(), make_pool(cap="30.00")
        pledge, first = make_pledge(project, "20.00")
        settle(first)
        with db.transaction():
            found = services.queries.lock_pledge(pledge)
            second = services.add_payment(found, "stripe")
            second.session_id, row = "cs_second", second.id
        assert match(row) == ("reserved", 1000, 0)
        settle(row)
        assert counts(pool) == (0, 3000, 7000)


def test_a_transfer_is_matched_by_what_really_came(site: Flask) -> None:
    with site.app_context():
        project, pool = make_project(), make_pool()
        made = make_transfer(project, "50.00")
        payment = made.payments[0].id
        assert counts(pool) == (5000, 0, 5000)
        tell_transfer(str(made.reference), "30.00")
        assert match(payment) == ("booked", 0, 3000)
        tell_transfer(str(made.reference), "90.00")
        assert counts(pool) == (0, 10_000, 0)
        assert sums(project) == (22_000, 10_000)


def tell_transfer(reference: str, amount: str) -> None:
    assert tasks.take_in("bank", came(reference, amount)) == "done"


def test_a_promised_pool_adds_no_money(site: Flask) -> None:
    with site.app_context():
        project, pool = make_project(), make_pool(kind="promised")
        _, payment = make_pledge(project, "50.00")
        settle(payment)
        assert match(payment) == ("booked", 0, 5000)
        assert counts(pool) == (0, 5000, 5000)
        assert sums(project) == (5000, 0)
        assert balances() == {"project:dry-rice": -5000, "provider:stripe": 5000}


def test_a_pool_gives_only_what_was_paid_in(site: Flask) -> None:
    with site.app_context():
        project, pool = make_project(), make_pool(total="100.00", paid="30.00")
        _, payment = make_pledge(project, "50.00")
        assert counts(pool) == (3000, 0, 0)
        settle(payment)
        assert book.balance("pool:sponsor", CHF) == Money(0, CHF)


def test_an_open_dispute_keeps_the_match_and_winning_takes_it_again(site: Flask) -> None:
    with site.app_context():
        project, pool = make_project(), make_pool(total="50.00")
        _, payment = make_pledge(project, "50.00")
        settle(payment, credited=Money(5000, CHF))
        contest(payment, "open")
        assert sums(project) == (0, 0)
        assert match(payment) == ("booked", 5000, 0)
        # Nobody else gets it meanwhile.
        _, other = make_pledge(project, "50.00")
        assert pools.match_of(other) is None
        contest(payment, "won")
        assert match(payment) == ("booked", 0, 5000)
        assert sums(project) == (10_000, 5000)
        assert counts(pool) == (0, 5000, 0)


def test_a_lost_dispute_frees_the_match_for_others(site: Flask) -> None:
    with site.app_context():
        project, pool = make_project(), make_pool(total="50.00")
        _, payment = make_pledge(project, "50.00")
        settle(payment, credited=Money(5000, CHF))
        contest(payment, "open")
        contest(payment, "lost")
        assert counts(pool) == (0, 0, 5000)
        _, other = make_pledge(project, "20.00")
        assert match(other) == ("reserved", 2000, 0)


def test_a_refund_that_fails_takes_the_same_again_or_what_is_left_of_it(site: Flask) -> None:
    with site.app_context():
        project, pool = make_project(), make_pool(total="50.00")
        _, payment = make_pledge(project, "50.00")
        settle(payment)
        give_back(payment, 5000, "pending")
        assert match(payment) == ("booked", 5000, 0)
        give_back(payment, 5000, "succeeded")
        assert counts(pool) == (0, 0, 5000)
        _, other = make_pledge(project, "20.00")
        give_back(payment, 5000, "failed")
        # It is owed now: what was added stays set aside until that is paid, or called off.
        assert match(payment) == ("booked", 3000, 0)
        found = pools.match_of(payment)
        assert found is not None and found.short_minor == 2000
        with db.transaction():
            owed = db.session.query(Refund).filter_by(state="owed").one()
            refunds.withdraw(owed.id, "the donor wants it to stay", actor=1)
        assert match(payment) == ("booked", 0, 3000)
        assert counts(pool) == (2000, 3000, 0)
        # What becomes free is taken with the next fact about the payment.
        tell(other, "failed")
        give_back(payment, 1000, "succeeded", "re_2")
        assert match(payment) == ("booked", 0, 4000)


@pytest.mark.parametrize(
    "who", ["sponsor", "sponsor's person", "owner", "payee", "committee", "stranger"]
)
def test_who_is_too_close_adds_nothing_of_the_sponsors(site: Flask, who: str) -> None:
    with site.app_context():
        project = make_project()
        owner, person = make_person("owner", "leader"), make_person("fund")
        with db.transaction() as session:
            found = session.get_one(Project, project)
            found.owner_id = owner
            found.content = found.content | {
                "payee": {"name": "Payee", "email": "payee@example.org"},
                "committee": [{"key": "p1", "name": "B", "role": "", "email": "b@example.org"}],
            }
        pool = make_pool(email="sponsor@example.org", person_id=person)
        email = {
            "sponsor": "Sponsor+x@example.org",
            "sponsor's person": "fund@example.org",
            "owner": "OWNER@example.org",
            "payee": "payee@example.org",
            "committee": "b@example.org",
            "stranger": "donor@example.org",
        }[who]
        _, payment = make_pledge(project, "20.00", email=email)
        assert counts(pool)[0] == (2000 if who == "stranger" else 0)
        _, signed_in = make_pledge(project, "20.00", person=owner)
        assert pools.match_of(signed_in) is None
        settle(payment)
        settle(signed_in)


@pytest.mark.parametrize(
    ("scopes", "applies"),
    [
        ((("region", "KG-B"),), True),
        ((("theme", "agriculture"),), True),
        ((("region", "KG-N"), ("theme", "tourism")), False),
        ((("project", "another"),), False),
        ((("project", "another"), ("project", "dry-rice"), ("region", "KG-B")), True),
    ],
)
def test_a_pool_is_for_projects_regions_or_themes(
    site: Flask, scopes: tuple[tuple[str, str], ...], applies: bool
) -> None:
    with site.app_context():
        project, pool = make_project(), make_pool(scopes=scopes)
        found = db.session.get_one(Project, project)
        shown = pools.shown(found)
        assert (shown.id if shown else None) == (pool if applies else None)
        make_pledge(project, "20.00")
        assert counts(pool)[0] == (2000 if applies else 0)


def test_a_pool_begins_and_ends_and_keeps_what_it_set_aside(site: Flask, clock: Clock) -> None:
    with site.app_context():
        make_rates()
        today = now.today()
        project = make_project()
        pool = make_pool(starts=today, ends=today)
        _, payment = make_pledge(project, "20.00")
        _, late = make_pledge(project, "30.00")
        tell(late, "expired")
        clock.forward(days=3)
        assert pools.shown(db.session.get_one(Project, project)) is None
        _, after = make_pledge(project, "20.00")
        assert pools.match_of(after) is None
        settle(payment)
        settle(late)
        assert match(payment) == ("booked", 0, 2000)
        assert match(late) == ("released", 0, 0)
        assert counts(pool) == (0, 2000, 8000)


def test_money_for_a_closed_project_is_not_matched(site: Flask) -> None:
    with site.app_context():
        project, pool = make_project(), make_pool()
        _, payment = make_pledge(project, "20.00")
        with db.transaction() as session:
            session.get_one(Project, project).state = "closed"
        settle(payment)
        assert match(payment) == ("released", 0, 0)
        assert counts(pool) == (0, 0, 10_000)


def test_a_match_is_withdrawn_from_a_gift_that_leaves_its_project(site: Flask) -> None:
    with site.app_context():
        project, pool = make_project(), make_pool()
        _, payment = make_pledge(project, "20.00")
        settle(payment)
        for _ in range(2):
            with db.transaction():
                matching.withdraw(held.lock(payment), "moved", now.now(), why="it moves")
        assert match(payment) == ("released", 0, 0)
        assert counts(pool) == (0, 0, 10_000)
        assert sums(project) == (2000, 0)
        give_back(payment, 2000, "succeeded")
        assert balances() == {"bank:chf": 10_000, "pool:sponsor": -10_000}


def test_money_goes_before_promises(site: Flask) -> None:
    with site.app_context():
        project = make_project()
        promised = make_pool("promise", kind="promised")
        paid = make_pool("paid", "30.00")
        payments = [make_pledge(project, "20.00")[1] for _ in range(3)]
        found = [db.session.get_one(Payment, row).pool_id for row in payments]
        assert found == [paid, paid, promised]
        assert [match(row)[1] for row in payments] == [2000, 1000, 2000]


def test_a_pool_that_is_changed_keeps_its_history_and_what_was_given(site: Flask) -> None:
    with site.app_context():
        project, pool = make_project(), make_pool()
        boss = make_person("boss", "administrator")
        _, payment = make_pledge(project, "60.00")
        found = db.session.get_one(Pool, pool)
        said = sponsoring.said_of(found)
        with pytest.raises(sponsoring.Refused), db.transaction():
            sponsoring.change("sponsor", replace(said, total_minor=5999), actor=boss, why="less")
        with db.transaction():
            less = replace(said, total_minor=6000, cap_minor=1000, scopes=(("theme", "water"),))
            assert sponsoring.change("sponsor", less, actor=boss, why="as agreed")
            assert not sponsoring.change("sponsor", less, actor=boss, why="again")
        settle(payment)
        assert match(payment) == ("booked", 0, 6000)
        assert counts(pool) == (0, 6000, 0)


def test_the_same_payment_into_a_pool_twice_is_one(site: Flask) -> None:
    with site.app_context():
        make_project()
        pool, boss = make_pool(paid="40.00"), make_person("kassa", "treasurer")
        account = accounts.account("chf")
        assert account is not None

        def pay(minor: int, attempt: str = "form") -> bool:
            with db.transaction():
                money = Money(minor, CHF)
                row = sponsoring.pay_in("sponsor", attempt, account, money, now.today(), actor=boss)
                return row is not None

        assert [pay(1000), pay(1000)] == [True, False]
        with pytest.raises(sponsoring.Refused):
            pay(2000)
        found = db.session.get_one(Pool, pool, populate_existing=True)
        assert found.paid_in_minor == 5000
        assert book.balance("pool:sponsor", CHF) == Money(-5000, CHF)


def test_a_match_has_one_row_for_a_payment(site: Flask) -> None:
    with site.app_context():
        project = make_project()
        make_pool()
        _, payment = make_pledge(project, "20.00")
        settle(payment)
        tell(payment, "paid")
        assert db.session.query(Match).count() == 1
