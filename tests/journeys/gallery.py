"""A site with something on every page: the sample projects, and a pledge in each state."""

from collections.abc import Callable

from flask import Flask

from ashar.demo import sample
from ashar.gateways.base import Movement
from ashar.kernel import db
from ashar.kernel.money import Money
from ashar.pledges import services, settlement
from ashar.pledges.models import Payment
from ashar.projects import queries
from ashar.projects.states import PROJECT
from tests.factories import credit, make_pledge, make_project, notice, pledge_of
from tests.journeys import talk


def hang(site: Flask) -> dict[str, str]:
    """Put in what there is to see; return the address of each page by its name."""
    with site.app_context():
        sample.load()
        make_project("closed", goal=Money(100_000, "CHF"))
        make_project("bare", needs=(), sdg=(), district="", goal=Money(99_999_999_900, "KGS"))
        _close("closed")
        made = talk.hang()
        return made | {
            f"pledge-{name}": f"/pledges/{_pledge(make)}" for name, make in STATES.items()
        }


def _close(slug: str) -> None:
    with db.transaction():
        project = queries.by_slug(slug)
        assert project is not None
        PROJECT.move(project, "closed", why="shown")


def _pledge(bring_about: Callable[[Payment], None]) -> str:
    """Make a pledge and bring its state about; return its token."""
    project = queries.by_slug("batken-dry-rice")
    assert project is not None
    pledge, payment_id = make_pledge(project.id, "50.00", cover_fees=True, email=None)
    with db.transaction() as session:
        bring_about(session.get_one(Payment, payment_id))
    return pledge_of(pledge).token


def _came(payment: Payment) -> None:
    settlement.receive(notice(payment, "paid"))
    settlement.receive(credit(payment, payment.charged, 175))


def _refunded(status: str) -> Callable[[Payment], None]:
    def bring_about(payment: Payment) -> None:
        _came(payment)
        ids = {"charge": str(payment.charge_id), "refund": f"re_{payment.id}"}
        more = {"money": payment.charged, "status": status, "ids": ids, "reference": None}
        settlement.receive(notice(payment, "refunded", **more))

    return bring_about


def _disputed(status: str) -> Callable[[Payment], None]:
    def bring_about(payment: Payment) -> None:
        _came(payment)
        ids = {"charge": str(payment.charge_id), "dispute": f"dp_{payment.id}"}
        taken = Movement(f"txn_d{payment.id}", -payment.charged, Money(1500, "CHF"))
        more = {"money": payment.charged, "ids": ids, "reference": None}
        for step in dict.fromkeys(("open", status)):
            moved = (taken,) if step == "open" else ()
            settlement.receive(notice(payment, "disputed", status=step, movements=moved, **more))

    return bring_about


STATES: dict[str, Callable[[Payment], None]] = {
    "open": lambda payment: None,
    "declined": lambda payment: settlement.receive(notice(payment, "failed")) and None,
    "processing": lambda payment: settlement.receive(notice(payment, "processing")) and None,
    "paid": _came,
    "expired": lambda payment: settlement.receive(notice(payment, "expired")) and None,
    "cancelled": lambda payment: services.cancel(payment.pledge),
    "refunding": _refunded("pending"),
    "refunded": _refunded("succeeded"),
    "disputed": _disputed("open"),
    "lost": _disputed("lost"),
}
