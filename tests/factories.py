"""Rows that tests begin with; each is made by the services that production uses."""

import secrets
from datetime import timedelta
from decimal import Decimal
from typing import Any

from ashar.gateways.base import Movement, Notice
from ashar.kernel import clock, db
from ashar.kernel.money import Money
from ashar.ledger import rates
from ashar.pledges import services, settlement
from ashar.pledges.models import Payment, Pledge
from ashar.projects import services as projects
from ashar.projects.models import Project
from ashar.projects.services import Draft, Wanted, Words

PROJECT = "dry-rice"


def make_project(slug: str = PROJECT, *, publish: bool = True, **more: Any) -> int:
    """Write a project; return its row."""
    given: dict[str, Any] = {
        "language": "ky",
        "region": "KG-B",
        "district": "Кадамжай",
        "theme": "agriculture",
        "goal": Money(1_800_000, "CHF"),
        "sdg": ("6.4",),
        "words": {
            "ky": Words("Баткенде күрүч", "Суусуз өстүрөбүз.", "## Окуя\n\nБиз башташты."),
            "en": Words("Batken dry rice", "Rice without flooding.", "## Story\n\nWe begin."),
        },
        "needs": (Wanted("labour", 60, "day", {"ky": "Арык тазалоо", "en": "Clearing canals"}),),
        "owner_name": "Айыл кеңеши",
    }
    with db.transaction():
        project = projects.create(Draft(slug=slug, **(given | more)))
        if publish:
            projects.publish(project)
        return project.id


def make_rates(**per_euro: str) -> None:
    """Put in rates that hold for the last year; CHF 0.94 and the like when none are given."""
    found = per_euro or {"CHF": "0.94", "USD": "1.10", "KGS": "96.5", "KRW": "1500"}
    with db.transaction():
        for currency, rate in found.items():
            day = clock.today() - timedelta(days=370)
            rates.add(currency, day, Decimal(rate), "test")


def make_pledge(
    project: int, amount: str = "50.00", currency: str = "CHF", **more: Any
) -> tuple[int, int]:
    """Write a pledge; return its row and its payment's."""
    given: dict[str, Any] = {
        "attempt": secrets.token_hex(8),
        "gift": Money.from_decimal(amount, currency),
        "method": "card",
        "country": "CH",
        "language": "en",
        "email": "donor@example.org",
    }
    with db.transaction() as session:
        wish = services.Wish(**(given | more))
        pledge, payment = services.pledge(session.get_one(Project, project), wish, "stripe")
        number = secrets.token_hex(6)
        payment.session_id, payment.session_url = f"cs_{number}", "https://example.org/pay"
        return pledge.id, payment.id


def notice(payment: Payment, kind: str, **more: Any) -> Notice:
    """Return a fact about a payment as it is now, as Stripe's gateway would tell it."""
    db.session.refresh(payment)
    number = str(payment.session_id).removeprefix("cs_")
    given: dict[str, Any] = {
        "gateway": "stripe",
        "id": f"evt_{secrets.token_hex(6)}",
        "kind": kind,
        "at": clock.now(),
        "ids": {"session": payment.session_id, "intent": f"pi_{number}", "charge": f"ch_{number}"},
        "reference": payment.pledge.token,
        "money": payment.charged,
    }
    return Notice(**(given | more))


def settle(payment_id: int, *, credited: Money | None = None, fee: int = 0) -> None:
    """Let a payment's money come, and its balance transaction where it is given."""
    with db.transaction() as session:
        payment = session.get_one(Payment, payment_id)
        settlement.receive(notice(payment, "paid"))
        if credited is not None:
            settlement.receive(credit(payment, credited, fee))


def credit(payment: Payment, amount: Money, fee: int = 0) -> Notice:
    """Return the provider's balance transaction of a payment's charge."""
    db.session.refresh(payment)
    movement = Movement(f"txn_{payment.id}", amount, Money(fee, amount.currency))
    ids = {"source": str(payment.charge_id)}
    return notice(
        payment, "transaction", ids=ids, reference=None, money=None, movements=(movement,)
    )


def pledge_of(row: int) -> Pledge:
    """Read a pledge as it is now."""
    return db.session.get_one(Pledge, row, populate_existing=True)
