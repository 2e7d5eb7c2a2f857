"""Whatever happens to several gifts, in any order: a pool gives no more than it has."""

import itertools
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ashar.gateways.base import Movement
from ashar.kernel import db
from ashar.kernel.errors import Waits
from ashar.kernel.money import Money
from ashar.ledger import queries as book
from ashar.pledges import pools, settlement
from ashar.pledges.models import Match, Payment, Pool
from ashar.projects import queries as projects
from ashar.projects.models import Project
from tests.factories import make_pledge, make_pool, make_project, notice, settle
from tests.pledges.test_settlement import refund

GIFTS = ("50.00", "33.33", "20.01", "70.00")
TOTAL = "100.00"
#: What can happen to a payment, and the part of it in hundredths.
EVENTS = ("settle", "fail", "expire", "process", "refund", "whole", "undo", "open", "won", "lost")
steps = st.lists(
    st.tuples(st.integers(0, len(GIFTS) - 1), st.sampled_from(EVENTS), st.integers(1, 99)),
    max_size=25,
)


class Story:
    """Some gifts to one project with one pool, and what happens to them."""

    def __init__(self, number: int) -> None:
        slug = f"p{number}"
        self.project, self.slug = make_project(slug), slug
        self.pool = make_pool(slug, TOTAL, scopes=(("project", slug),))
        self.payments = [make_pledge(self.project, amount)[1] for amount in GIFTS]
        self.back: dict[int, list[tuple[str, int]]] = {row: [] for row in self.payments}
        self.names = itertools.count()

    def happen(self, index: int, event: str, part: int) -> None:
        """Tell one fact; what does not fit the state is told all the same."""
        row = self.payments[index]
        payment = db.session.get_one(Payment, row)
        name = f"{self.slug}-{row}-{next(self.names)}"
        if event in {"settle", "fail", "expire", "process"}:
            kinds = {"settle": "paid", "fail": "failed", "expire": "expired"}
            self.tell(notice(payment, kinds.get(event, "processing")))
        elif event in {"refund", "whole"}:
            self.refund(payment, name, part if event == "refund" else 100)
        elif event == "undo" and self.back[row]:
            told, minor = self.back[row].pop()
            self.tell(refund(payment, Money(minor, "CHF"), "failed", told))
        elif event in {"open", "won", "lost"}:
            self.dispute(payment, event)

    def refund(self, payment: Payment, name: str, part: int) -> None:
        charged = payment.charged.minor
        left = charged - sum(minor for _, minor in self.back[payment.id])
        minor = min(left, max(1, charged * part // 100))
        status = "pending" if part % 3 == 0 else "succeeded"
        if minor and self.tell(refund(payment, Money(minor, "CHF"), status, name)):
            self.back[payment.id].append((name, minor))

    def dispute(self, payment: Payment, status: str) -> None:
        number = f"{self.slug}_{payment.id}"
        ids = {"charge": payment.charge_id or "none", "dispute": f"dp_{number}"}
        out = Movement(f"txn_{number}o", -payment.charged, Money(0, "CHF"))
        back = Movement(f"txn_{number}b", payment.charged, Money(0, "CHF"))
        more: dict[str, Any] = {"money": payment.charged, "status": status, "reference": None}
        movements = (out, back) if status == "won" else (out,)
        self.tell(notice(payment, "disputed", ids=ids, movements=movements, **more))

    def tell(self, fact: Any) -> bool:
        try:
            with db.transaction():
                settlement.receive(fact)
        except Waits:
            return False
        return True

    def hold(self) -> None:
        """Hold the pool against its limits, and all sums against each other."""
        db.session.rollback()
        pool = db.session.get_one(Pool, self.pool, populate_existing=True)
        matches = list(db.session.query(Match).filter_by(pool_id=pool.id))
        assert pool.reserved_minor == sum(match.reserved_minor for match in matches)
        assert pool.booked_minor == sum(match.given_minor for match in matches)
        assert 0 <= pool.reserved_minor + pool.booked_minor <= pool.total_minor
        assert book.balance(pool.account, "CHF").minor == pool.booked_minor - pool.total_minor
        sums = projects.sums(db.session.get_one(Project, self.project, populate_existing=True))
        assert sums.matched.minor == pool.booked_minor


def test_any_order_of_facts_keeps_the_pool_within_its_limits(site: Flask) -> None:
    numbers, back = itertools.count(), itertools.count()

    @settings(
        max_examples=settings().max_examples // 3,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(steps)
    def stories(found: list[tuple[int, str, int]]) -> None:
        story = Story(next(numbers))
        for step in found:
            story.happen(*step)
            story.hold()
        # In the end everything goes back: to the unit, whatever went before.
        for row in story.payments:
            payment = db.session.get_one(Payment, row)
            if payment.state in {"started", "processing", "failed", "expired"}:
                settle(row)
            story.refund(db.session.get_one(Payment, row), f"{story.slug}-{row}-end", 100)
            db.session.refresh(payment)
            match = pools.match_of(row)
            if match is not None and payment.state in {"refunded", "lost"}:
                next(back)
                assert (match.given_minor, match.reserved_minor) == (0, 0)
        story.hold()

    with site.app_context():
        stories()
    assert next(back) > 20
