"""The one door: every order and repetition of a payment's facts gives one book."""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ashar.gateways.base import Movement, Notice
from ashar.kernel import clock, db
from ashar.kernel.errors import Parked, Waits
from ashar.kernel.money import Money
from ashar.ledger import queries as book
from ashar.pledges import settlement
from ashar.pledges.models import Payment
from ashar.projects import queries as projects
from ashar.projects.models import Project
from tests.factories import credit, make_pledge, make_project, make_rates, notice, pledge_of, settle


def chf(minor: int) -> Money:
    return Money(minor, "CHF")


def raised(project: int) -> Money:
    return projects.sums(db.session.get_one(Project, project)).raised


def test_money_that_came_is_booked_counted_and_shown(site: Flask) -> None:
    with site.app_context():
        project = make_project()
        pledge, payment = make_pledge(project, "50.00")
        settle(payment, credited=chf(5000), fee=175)
        assert pledge_of(pledge).state == "paid"
        assert book.balances() == {
            ("fees", "CHF"): 175,
            ("project:dry-rice", "CHF"): -5000,
            ("provider:stripe", "CHF"): 4825,
        }
        assert raised(project) == chf(5000)


def test_euros_settled_in_francs_and_refunded_at_another_rate(site: Flask) -> None:
    with site.app_context():
        make_rates()
        project = make_project()
        pledge, payment_id = make_pledge(project, "20.00", "EUR")
        settle(payment_id)
        assert book.balance("project:dry-rice", "EUR") == Money(-2000, "EUR")
        with db.transaction() as session:
            payment = session.get_one(Payment, payment_id)
            settlement.receive(credit(payment, chf(1880), 85))
        assert book.balances("project") == {
            ("project:dry-rice", "CHF"): -1880,
            ("project:dry-rice", "EUR"): 0,
        }
        assert raised(project) == chf(1880)
        with db.transaction() as session:
            payment = session.get_one(Payment, payment_id)
            settlement.receive(refund(payment, Money(2000, "EUR"), "succeeded"))
            movement = Movement("txn_r", chf(-1910), chf(0))
            settlement.receive(
                notice(payment, "transaction", ids={"source": "re_1"}, movements=(movement,))
            )
        assert {key: minor for key, minor in book.balances().items() if minor} == {
            ("fees", "CHF"): 85,
            ("fx", "CHF"): 30,
            ("provider:stripe", "CHF"): 1880 - 85 - 1910,
        }
        assert raised(project) == chf(0)
        assert pledge_of(pledge).state == "refunded"


def refund(payment: Payment, money: Money, status: str, name: str = "re_1") -> Notice:
    ids = {"intent": str(payment.intent_id), "charge": str(payment.charge_id), "refund": name}
    kind = "refund_failed" if status == "failed" else "refunded"
    return notice(payment, kind, money=money, status=status, ids=ids, reference=None)


def dispute(payment: Payment, money: Money, status: str, *movements: Movement) -> Notice:
    number = str(payment.session_id).removeprefix("cs_")
    ids = {"intent": f"pi_{number}", "charge": f"ch_{number}", "dispute": "dp_1"}
    return notice(
        payment,
        "disputed",
        money=money,
        status=status,
        ids=ids,
        reference=None,
        movements=movements,
    )


def story(payment: Payment, won: bool) -> list[Notice]:
    """Return the facts of one payment of 50: 20 refunded, 30 disputed, lost or won."""
    number = str(payment.session_id).removeprefix("cs_")
    intent, charge = f"pi_{number}", f"ch_{number}"
    refunded = notice(
        payment,
        "refunded",
        money=chf(2000),
        status="pending",
        reference=None,
        ids={"intent": intent, "charge": charge, "refund": "re_1"},
    )
    out = Movement("txn_d1", chf(-3000), chf(1500))
    back = Movement("txn_d2", chf(3000), chf(0))
    facts = [
        replace(
            notice(payment, "paid"), ids={"session": str(payment.session_id), "intent": intent}
        ),
        notice(payment, "charged", ids={"intent": intent, "charge": charge}, reference=None),
        credit_of(payment, charge),
        refunded,
        replace(refunded, status="succeeded"),
        dispute(payment, chf(3000), "open"),
        dispute(payment, chf(3000), "open", out),
    ]
    if won:
        return [*facts, dispute(payment, chf(3000), "won", out, back)]
    return [*facts, dispute(payment, chf(3000), "lost", out)]


def credit_of(payment: Payment, charge: str) -> Notice:
    movement = Movement(f"txn_{payment.id}", chf(5000), chf(175))
    return notice(
        payment, "transaction", ids={"source": charge}, reference=None, movements=(movement,)
    )


def deliver(facts: list[Notice]) -> None:
    """Take facts in; what has to wait comes again, as the inbox would bring it."""
    waiting: list[Notice] = []
    for fact in facts:
        waiting.append(fact)
        for _ in range(len(waiting)):
            waiting = [late for late in waiting if not arrives(late)]
    assert not waiting


def arrives(fact: Notice) -> bool:
    try:
        with db.transaction():
            settlement.receive(fact)
    except Waits:
        return False
    return True


def outcome(project: int, pledge: int) -> object:
    made = pledge_of(pledge)
    return (
        {key: minor for key, minor in book.balances().items() if minor},
        raised(project),
        made.state,
        made.payments[0].state,
        made.payments[0].refunds[0].state,
        made.payments[0].disputes[0].state,
    )


@pytest.mark.parametrize("won", [False, True])
def test_any_order_and_repetition_gives_the_same_book(site: Flask, won: bool) -> None:
    seen: list[object] = []

    @settings(
        max_examples=settings().max_examples // 3,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(st.permutations(range(8)), st.lists(st.integers(0, 7), max_size=4))
    def orders(order: list[int], repeated: list[int]) -> None:
        project = make_project(f"p{len(seen)}")
        pledge, payment_id = make_pledge(project, "50.00")
        payment = db.session.get_one(Payment, payment_id)
        facts = [renamed(fact, payment_id) for fact in story(payment, won)]
        deliver([facts[index] for index in [*order, *repeated]])
        balances = {
            key: minor for key, minor in book.balances(f"project:p{len(seen)}").items() if minor
        }
        made = pledge_of(pledge)
        seen.append(
            (
                [minor for minor in balances.values()],
                raised(project).minor,
                made.state,
                made.payments[0].state,
            )
        )
        assert seen[-1] == seen[0]

    with site.app_context():
        orders()
    assert seen[0] == (
        ([-3000], 3000, "paid", "partly_refunded") if won else ([], 0, "lost", "lost")
    )


def renamed(fact: Notice, number: int) -> Notice:
    """Give a story's refund, dispute and movements names of their own."""
    ids = {
        key: f"{value}_{number}" if key in {"refund", "dispute"} else value
        for key, value in fact.ids.items()
    }
    moved = tuple(replace(item, id=f"{item.id}_{number}") for item in fact.movements)
    return replace(fact, ids=ids, movements=moved)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"money": chf(5100)}, "51.00 CHF came where 50.00 CHF was asked"),
        ({"money": Money(5000, "EUR")}, "50.00 EUR came"),
        ({"reference": "somebody-elses"}, "different pledges"),
        ({"ids": {"token": "somebody-elses"}}, "different pledges"),
        ({"ids": {"session": "cs_other"}}, "another session"),
    ],
)
def test_what_does_not_fit_is_parked_and_nothing_counts(
    site: Flask, change: dict[str, object], words: str
) -> None:
    with site.app_context():
        project = make_project()
        pledge, payment_id = make_pledge(project)
        payment = db.session.get_one(Payment, payment_id)
        fact = notice(payment, "paid")
        ids = {**fact.ids, **change.get("ids", {})}  # type: ignore[dict-item]
        with pytest.raises(Parked, match=words), db.transaction():
            settlement.receive(replace(fact, **{**change, "ids": ids}))  # type: ignore[arg-type]
        assert pledge_of(pledge).state == "open"
        assert book.balances() == {}
        assert raised(project) == chf(0)


def test_an_unknown_pledge_is_parked(site: Flask) -> None:
    with site.app_context(), pytest.raises(Parked, match="unknown pledge"), db.transaction():
        settlement.receive(
            Notice("stripe", "evt_1", "paid", clock.now(), "nobodys", {"session": "cs_nobodys"})
        )


def test_money_for_a_cancelled_pledge_is_booked_and_counts(site: Flask) -> None:
    with site.app_context():
        project = make_project()
        pledge, payment_id = make_pledge(project)
        with db.transaction():
            from ashar.pledges import services

            services.cancel(pledge_of(pledge))
        settle(payment_id)
        assert pledge_of(pledge).state == "paid"
        assert raised(project) == chf(5000)


def test_money_for_a_closed_project_waits_in_suspense(site: Flask) -> None:
    with site.app_context():
        project = make_project()
        _, payment_id = make_pledge(project)
        with db.transaction() as session:
            session.get_one(Project, project).state = "closed"
        settle(payment_id)
        assert book.balance("suspense", "CHF") == chf(-5000)
        assert raised(project) == chf(0)


def test_a_gift_without_a_rate_stands_beside_the_bar(site: Flask) -> None:
    with site.app_context():
        project = make_project()
        _, payment_id = make_pledge(project, "5000", "KRW")
        settle(payment_id)
        sums = projects.sums(db.session.get_one(Project, project))
        assert sums.raised == chf(0)
        assert sums.others == (Money(5000, "KRW"),)


def test_worth_is_fixed_at_the_rate_of_the_facts_own_day(site: Flask) -> None:
    from decimal import Decimal

    from ashar.ledger import rates

    with site.app_context():
        make_rates(CHF="0.94")
        project = make_project()
        _, payment_id = make_pledge(project, "20.00", "EUR")
        with db.transaction():
            rates.add("CHF", clock.today(), Decimal("2.00"), "later")
        with db.transaction() as session:
            payment = session.get_one(Payment, payment_id)
            settlement.receive(replace(notice(payment, "paid"), at=clock.now() - timedelta(days=3)))
        assert raised(project) == chf(1880)


def test_reaching_the_goal_marks_the_project_as_funded_once(site: Flask) -> None:
    with site.app_context():
        project = make_project(goal=chf(10_000))
        for _ in range(3):
            settle(make_pledge(project, "60.00")[1])
        assert db.session.get_one(Project, project, populate_existing=True).state == "funded"
        assert raised(project) == chf(18_000)


def test_a_refund_that_fails_later_is_owed(site: Flask) -> None:
    with site.app_context():
        project = make_project()
        pledge, payment_id = make_pledge(project)
        settle(payment_id, credited=chf(5000), fee=175)
        for status in ("pending", "succeeded", "failed", "succeeded"):
            with db.transaction() as session:
                payment = session.get_one(Payment, payment_id)
                settlement.receive(refund(payment, chf(5000), status))
        assert raised(project) == chf(0)
        assert pledge_of(pledge).state == "paid"
        rows = pledge_of(pledge).payments[0].refunds
        assert [(row.way, row.state) for row in rows] == [("provider", "failed"), ("bank", "owed")]
        assert {key: minor for key, minor in book.balances().items() if minor} == {
            ("fees", "CHF"): 175,
            ("provider:stripe", "CHF"): 5000 - 175,
            ("refunds-payable", "CHF"): -5000,
        }


def test_all_orders_of_three_facts_hold_without_chance(site: Flask) -> None:
    with site.app_context():
        for number, order in enumerate(itertools.permutations(range(3))):
            project = make_project(f"q{number}")
            pledge, payment_id = make_pledge(project)
            payment = db.session.get_one(Payment, payment_id)
            facts = story(payment, won=False)[:3]
            deliver([facts[index] for index in order])
            assert raised(project) == chf(5000)
            assert book.balance(f"project:q{number}", "CHF") == chf(-5000)
            assert pledge_of(pledge).state == "paid"
