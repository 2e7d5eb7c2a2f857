"""What the treasurer's pages show of disputes and early fraud warnings."""

from dataclasses import dataclass
from datetime import date

from flask import current_app

from ashar.gateways.base import Contests
from ashar.kernel import clock
from ashar.kernel.i18n import N_, t
from ashar.kernel.money import Money
from ashar.pledges.models import Dispute, FraudWarning, Pledge
from ashar.projects import show

#: From so few days on, a deadline is near.
NEAR = 3


@dataclass(frozen=True, slots=True)
class DisputeLine:
    """A dispute in a list; `days` are those left to answer it."""

    id: str
    name: str
    project: str
    money: Money
    state: str
    reason: str
    due: date | None
    days: int | None
    near: bool
    answered: date | None


@dataclass(frozen=True, slots=True)
class WarningLine:
    """An early fraud warning."""

    id: str
    name: str
    money: Money
    state: str
    reason: str
    when: date
    token: str
    no: int


def donor(pledge: Pledge) -> str:
    """Return what a donor is called on this desk."""
    return pledge.name or pledge.email or pledge.phone or t(N_("Without a name"))


def dispute_line(row: Dispute) -> DisputeLine:
    """Return a dispute's line."""
    due = clock.day_of(row.due_at) if row.due_at else None
    open_ = row.state in {"warning", "open"} and row.answered_at is None
    days = (due - clock.today()).days if due and open_ else None
    return DisputeLine(
        id=row.gateway_id,
        name=donor(row.payment.pledge),
        project=show.title(row.payment.pledge.project),
        money=Money(row.minor, row.currency),
        state=row.state,
        reason=row.reason,
        due=due if open_ else None,
        days=days,
        near=days is not None and days <= NEAR,
        answered=clock.day_of(row.answered_at) if row.answered_at else None,
    )


def warning_line(row: FraudWarning) -> WarningLine:
    """Return a warning's line."""
    payment = row.payment
    return WarningLine(
        id=row.gateway_id,
        name=donor(payment.pledge),
        money=payment.charged,
        state=row.state,
        reason=row.reason,
        when=clock.day_of(row.warned_at),
        token=payment.pledge.token,
        no=payment.no,
    )


def can_contest(row: Dispute) -> bool:
    """Tell whether a dispute may be answered through its provider now."""
    gateway = current_app.extensions["ashar"].gateways.get(row.payment.gateway)
    open_ = row.state in {"warning", "open"} and row.answered_at is None
    return open_ and isinstance(gateway, Contests)
