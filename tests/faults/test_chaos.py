"""Loops of faults: whatever Stripe and the line do, in the end the book is Stripe's balance."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from ashar import checks, mail
from ashar.kernel import db, outbox
from ashar.kernel.errors import AsharError, GatewayError
from ashar.kernel.money import Money
from ashar.ledger import queries as book
from ashar.ledger.models import Entry, Line
from ashar.pledges import checkout, queries, services, tasks
from ashar.pledges.models import Inbox, Payment
from stripe_sandbox import Sandbox
from stripe_sandbox.errors import ApiError
from tests.conftest import WEBHOOK_SECRET, Clock
from tests.factories import make_pledge, make_project, make_rates
from tests.faults.story import FULL
from tests.live import listening
from tests.mailbox import Mailbox

SEEDS = range(40) if FULL else range(2)
ACTIONS = 40 if FULL else 25

CALLS = ("500", "502", "503", "429", "reset", "hang", "slow")
HOOKS = ("duplicate", "reorder", "delay", "drop", "concurrent")


@dataclass
class World:
    """A site, a sandbox whose webhooks reach it, and a seeded hand that does things."""

    site: Flask
    sandbox: Sandbox
    clock: Clock
    project: int
    chance: random.Random
    charges: list[str] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)

    def act(self) -> None:
        """Do one thing that donors, banks or we may do; what is refused did not happen."""
        action = self.chance.choice(ACTS)
        try:
            action(self)
            self.done[action.__name__] += 1
        except (AsharError, ApiError, IndexError):
            self.done["refused"] += 1

    def charge(self) -> str:
        """Return one of the charges so far; IndexError without one."""
        charges = self.sandbox.account.store.all("charge")
        return str(self.chance.choice([one for one in charges if one["paid"]])["id"])

    def some(self, kind: str) -> str:
        """Return one of the sandbox's objects of a kind."""
        return str(self.chance.choice(self.sandbox.account.store.all(kind))["id"])


def fault(world: World) -> None:
    if world.chance.random() < 0.6:
        kind = world.chance.choice(HOOKS)
        world.sandbox.faults.add("WEBHOOK *", kind, seconds=0.3, times=world.chance.randint(1, 4))
        return
    kind, when = world.chance.choice(CALLS), world.chance.choice(("before", "after"))
    world.sandbox.faults.add("* /v1/*", kind, seconds=1.1, when=when)


def give(world: World) -> None:
    currency = world.chance.choice(("CHF", "EUR", "USD"))
    way = "card" if currency != "EUR" or world.chance.random() < 0.6 else "sepa"
    minor = world.chance.randint(100, 20_000)
    with world.site.app_context():
        payment = make_pledge(
            world.project,
            Money(minor, currency).decimal,
            currency,
            method=way,
            country="DE",
            cover_fees=world.chance.random() < 0.5,
        )[1]
        session_id = opened(payment)
    outcome = world.chance.choice(("succeed", "succeed", "pending" if way == "sepa" else "decline"))
    world.sandbox.pay(session_id, {"card": "card", "sepa": "sepa_debit"}[way], outcome)
    if outcome == "decline" and world.chance.random() < 0.7:
        world.sandbox.pay(session_id)


def opened(payment: int) -> str:
    """Open a session as a patient donor does, who tries again."""
    with db.transaction() as session:
        session.get_one(Payment, payment).session_id = None
    for _ in range(6):
        try:
            ready = checkout.prepare(db.session.get_one(Payment, payment))
            return checkout.begin(ready).rsplit("/", 1)[-1]
        except GatewayError:
            continue
    raise AssertionError("Stripe never answered")


def come_in(world: World) -> None:
    session = world.some("checkout.session")
    world.sandbox.settle_async(session, ok=world.chance.random() < 0.7)


def run_out(world: World) -> None:
    world.sandbox.expire(world.some("checkout.session"))


def refund_there(world: World) -> None:
    world.sandbox.refund(world.charge(), world.chance.choice((None, 50, 100)))


def refund_here(world: World) -> None:
    with world.site.app_context():
        with db.transaction() as session:
            rows = session.scalars(sa.select(Payment.id).order_by(Payment.id)).all()
            payment = queries.lock_payment(world.chance.choice(rows))
            part = world.chance.choice((None, Money(70, payment.currency)))
            order = services.order_refund(payment, part, reason="asked for").id
        tasks.send_refund(order)


def fail(world: World) -> None:
    world.sandbox.fail_refund(world.some("refund"))


def dispute(world: World) -> None:
    amount = world.chance.choice((None, 60, 90))
    world.sandbox.dispute(world.charge(), amount, inquiry=world.chance.random() < 0.2)


def close(world: World) -> None:
    world.sandbox.close_dispute(world.some("dispute"), won=world.chance.random() < 0.5)


def pass_time(world: World) -> None:
    world.sandbox.advance(days=1)


def work(world: World) -> None:
    with world.site.app_context():
        for job in (tasks.sweep, tasks.catch_up, tasks.send_refunds, outbox.sweep, mail.sweep):
            job()


ACTS: tuple[Callable[[World], None], ...] = (
    *(fault,) * 5,
    *(give,) * 4,
    *(refund_there,) * 2,
    *(refund_here,) * 2,
    *(dispute,) * 2,
    come_in,
    run_out,
    fail,
    close,
    pass_time,
    work,
)


@pytest.fixture(params=SEEDS)
def world(
    request: pytest.FixtureRequest, settings: dict[str, Any], sandbox: Sandbox, clock: Clock
) -> Iterator[World]:
    settings["ASHAR_STRIPE_TIMEOUT"] = 1
    site: Flask = request.getfixturevalue("site")
    with site.app_context():
        make_rates()
        project = make_project()
    with listening(site) as url:
        sandbox.add_endpoint(f"{url}/webhooks/stripe", WEBHOOK_SECRET)
        yield World(site, sandbox, clock, project, random.Random(request.param))
        sandbox.stop()


@pytest.mark.faults
def test_after_any_faults_the_book_is_the_providers_balance(world: World, mailbox: Mailbox) -> None:
    give(world)
    for _ in range(ACTIONS):
        world.act()
    world.sandbox.faults.clear()
    assert world.sandbox.flush(30)
    idle(world.site)
    with world.site.app_context():
        for _ in range(3):
            world.clock.forward(minutes=10)
            tasks.reconcile()
        outbox.sweep()
        mail.sweep()
        db.session.rollback()
        left = [
            (row.external_id, row.kind, row.state, row.reason)
            for row in db.session.query(Inbox).filter(Inbox.state != "done")
        ]
        assert left == [], world.done
        assert {name: found for name, found in checks.run().items() if found} == {}, world.done
        assert provider_here() == provider_there(world.sandbox), world.done
        assert payments_here() == payments_there(world.sandbox), world.done
        names = [letter.message_id for letter in mailbox.letters]
        assert len(names) == len(set(names)), world.done


def idle(site: Flask) -> None:
    """Wait until no thread of the site is at its database."""
    with site.app_context():
        pool = db.database().engine.pool
        db.session.rollback()
    deadline = time.monotonic() + 20
    while pool.checkedout() and time.monotonic() < deadline:  # type: ignore[attr-defined]
        time.sleep(0.02)


def provider_here() -> dict[str, int]:
    found = book.balances("provider:stripe")
    return {currency: minor for (_, currency), minor in found.items() if minor}


def provider_there(sandbox: Sandbox) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for one in sandbox.account.store.all("balance_transaction"):
        sums[one["currency"].upper()] += one["net"]
    return {currency: net for currency, net in sums.items() if net}


def payments_here() -> dict[str, int]:
    """Return what the provider holds of each charge, by the book."""
    rows = db.session.execute(
        sa.select(Payment.charge_id, sa.func.sum(Line.minor))
        .join(Entry, sa.and_(Entry.source_kind == "payment", Entry.source_id == Payment.id))
        .join(Line, Line.entry_id == Entry.id)
        .where(Line.account == "provider:stripe", Line.currency == "CHF")
        .group_by(Payment.charge_id)
    )
    return {str(charge): int(minor) for charge, minor in rows if minor}


def payments_there(sandbox: Sandbox) -> dict[str, int]:
    """Return what the provider holds of each charge, by its own balance transactions."""
    store, sums = sandbox.account.store, Counter[str]()
    for one in store.all("balance_transaction"):
        source = store.find(one["source"]) or {}
        sums[str(source.get("charge") or source["id"])] += one["net"]
    return {charge: net for charge, net in sums.items() if net}
