"""A threshold project, gifts to it through the sandbox, and time passing over it."""

import secrets
from datetime import timedelta
from typing import Any

from flask import Flask

from ashar.kernel import clock as time
from ashar.kernel import db
from ashar.kernel.money import Money
from ashar.moderation import tasks as moderation
from ashar.pledges import campaigns, checkout, services, tasks
from ashar.pledges.models import Campaign, Disposition, Payment, Pledge
from ashar.projects.models import Project
from stripe_sandbox import Sandbox
from tests.conftest import Clock
from tests.factories import make_project

SLUG = "bridge"
DAYS = 30


def threshold(slug: str = SLUG, minimum: int = 1_000_000, **more: Any) -> int:
    """Write a published project that needs at least so much; return its row."""
    row = make_project(slug, deadline=time.today() + timedelta(days=DAYS), **more)
    with db.transaction() as session:
        found = session.get_one(Project, row)
        found.funding, found.minimum_minor = "threshold", minimum
    return row


def give(sandbox: Sandbox, project: int, amount: str = "50.00", **more: Any) -> str:
    """Pledge and pay by card at the sandbox; return the pledge's token."""
    given = {
        "attempt": secrets.token_hex(8),
        "gift": Money.from_decimal(amount, more.pop("currency", "CHF")),
        "method": "card",
        "country": "CH",
        "language": "en",
        "email": "donor@example.org",
    }
    outcome = more.pop("outcome", "succeed")
    with db.transaction() as session:
        wish = services.Wish(**(given | more))
        _, payment = services.pledge(session.get_one(Project, project), wish, "stripe")
        ready = checkout.prepare(payment)
    url = checkout.begin(ready)
    if outcome:
        way = {"card": "card", "sepa": "sepa_debit"}[wish.method]
        sandbox.pay(url.rsplit("/", 1)[-1], way, outcome)
    return ready.order.pledge


def hear(sandbox: Sandbox) -> None:
    """Take in all that the sandbox has to tell."""
    sandbox.flush()
    sandbox.advance(seconds=1)
    tasks.catch_up()
    tasks.sweep(10_000, early=True)


def pass_by(clock: Clock, sandbox: Sandbox, **by: int) -> None:
    """Let time pass for the site and for the sandbox."""
    clock.forward(**by)
    sandbox.advance(seconds=int(timedelta(**by).total_seconds()))


def work(clock: Clock, sandbox: Sandbox, rounds: int = 3) -> None:
    """Let the jobs run, a minute after each other, and hear of what they caused."""
    for _ in range(rounds):
        moderation.close_missed()
        campaigns.place_late()
        campaigns.follow()
        campaigns.carry_out()
        clock.forward(seconds=61)
        tasks.send_refunds(1000)
        hear(sandbox)


def campaign() -> Campaign:
    """Return the one campaign as it is now."""
    db.session.rollback()
    return db.session.query(Campaign).populate_existing().one()


def rows() -> list[Disposition]:
    """Return what becomes of what, as it is now."""
    db.session.rollback()
    return db.session.query(Disposition).populate_existing().order_by(Disposition.id).all()


def states() -> list[tuple[str | None, str]]:
    """Return choice and state of each."""
    return [(row.choice, row.state) for row in rows()]


def pledge(token: str) -> Pledge:
    """Read a pledge as it is now."""
    db.session.rollback()
    return db.session.query(Pledge).populate_existing().filter_by(token=token).one()


def payments() -> list[str]:
    """Return the payments' states."""
    db.session.rollback()
    return [row.state for row in db.session.query(Payment).order_by(Payment.id)]


def state_of(site: Flask, row: int) -> str:
    """Return a project's state."""
    with site.app_context():
        return db.session.get_one(Project, row, populate_existing=True).state
