"""What the pledge's pages show, and what a form's fields mean."""

import logging
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import current_app

from ashar.kernel import clock, i18n, ids
from ashar.kernel.errors import GatewayError
from ashar.kernel.i18n import N_, t
from ashar.kernel.money import Money
from ashar.pledges import lists
from ashar.pledges.forms import PledgeForm
from ashar.pledges.models import Payment, Pledge
from ashar.pledges.services import Wish, takes_gifts
from ashar.pledges.states import GAVE
from ashar.projects import show
from ashar.projects.states import PUBLIC

log = logging.getLogger(__name__)

HEADLINES = {
    "open": N_("Not paid yet"),
    "processing": N_("Your bank is working on it"),
    "paid": N_("Thank you! Your gift has arrived"),
    "expired": N_("This pledge ran out unpaid"),
    "cancelled": N_("This pledge was cancelled"),
    "refunded": N_("This gift was refunded"),
    "disputed": N_("This payment is disputed"),
    "lost": N_("This payment was taken back"),
}
EXPLANATIONS = {
    "open": N_("Nothing was charged. You can go on to pay, or leave it."),
    "processing": N_(
        "The debit was ordered and takes a few days. It counts once the money is there; please do "
        "not pay a second time."
    ),
    "paid": N_("It is counted for the project. A letter with this page's link is on its way."),
    "expired": N_("Nothing was charged. You can try again."),
    "cancelled": N_("Nothing was charged."),
    "refunded": N_("The money went back the way it came. Banks may take some days to show it."),
    "disputed": N_("Your bank has asked for this payment back. We are looking into it."),
    "lost": N_("Your bank has given this payment back to you."),
}
TROUBLES = {
    "unreachable": N_(
        "The payment service did not answer. Nothing was charged. Please try again in a moment."
    ),
    "refused": N_("The payment service could not take this payment. Nothing was charged."),
}
DECLINED = N_("The last try was declined. Nothing was charged; you can try again.")
ON_ITS_WAY = N_("A refund is on its way to you.")
LANDED_ELSEWHERE = N_(
    "The money came when the project no longer took gifts. We keep it apart and will ask you."
)


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """One payment on the pledge's page."""

    state: str
    amount: Money
    when: date
    method: str


@dataclass(frozen=True, slots=True)
class RefundLine:
    """One refund on the pledge's page."""

    state: str
    amount: Money
    when: date


@dataclass(frozen=True, slots=True)
class InstructionsView:
    """What the donor has to do alone: label, words, and what to copy of them."""

    rows: list[tuple[str, str, str]]
    qr: str | None = None


@dataclass(frozen=True, slots=True)
class PledgeView:
    """A pledge as its page shows it: no name, address or e-mail."""

    token: str
    state: str
    headline: str
    explanation: str
    gift: Money
    cover: Money
    created: date
    project: show.ProjectView
    payments: list[PaymentLine]
    refunds: list[RefundLine]
    can_retry: bool
    can_cancel: bool
    can_comment: bool
    instructions: "InstructionsView | None"


def view(pledge: Pledge, trouble: str = "") -> PledgeView:
    """Return what a pledge's page shows."""
    payments = list(pledge.payments)
    last = payments[-1]
    again = pledge.state in {"open", "expired"} and last.state in {"started", "failed", "expired"}
    return PledgeView(
        token=pledge.token,
        state=pledge.state,
        headline=t(HEADLINES[pledge.state]),
        explanation=" ".join(_explained(pledge, last, trouble)),
        gift=pledge.gift,
        cover=pledge.cover,
        created=clock.day_of(pledge.made_at),
        project=show.view(pledge.project),
        payments=[_payment_line(row) for row in payments if row.state != "started"],
        refunds=[
            RefundLine(row.state, row.money, clock.day_of(row.ordered_at))
            for payment in payments
            for row in payment.refunds
        ],
        can_retry=again and takes_gifts(pledge.project),
        can_cancel=pledge.state == "open",
        can_comment=pledge.state in GAVE and pledge.project.state in PUBLIC,
        instructions=_instructions(pledge, last),
    )


def _instructions(pledge: Pledge, last: Payment) -> InstructionsView | None:
    if pledge.state != "open" or not last.instructions:
        return None
    return InstructionsView([(label, words, words) for label, words in last.instructions.items()])


@dataclass(frozen=True, slots=True)
class OwnLine:
    """A pledge in its donor's own list."""

    token: str
    title: str
    state: str
    gift: Money
    back: Money
    created: date


def line(pledge: Pledge) -> OwnLine:
    """Return a pledge for its donor's own list; what went back is told when it has arrived."""
    back = sum(
        row.minor
        for payment in pledge.payments
        for row in payment.refunds
        if row.state == "succeeded"
    )
    return OwnLine(
        token=pledge.token,
        title=show.title(pledge.project),
        state=pledge.state,
        gift=pledge.gift,
        back=Money(back, pledge.currency),
        created=clock.day_of(pledge.made_at),
    )


def _payment_line(row: Payment) -> PaymentLine:
    way = next((way for way in lists.ways() if way.code == row.pledge.method), None)
    when = clock.day_of(row.settled_at or row.started_at)
    return PaymentLine(row.state, row.charged, when, t(way.label) if way else row.pledge.method)


def _explained(pledge: Pledge, last: Payment, trouble: str) -> list[str]:
    found = [t(EXPLANATIONS[pledge.state])]
    if pledge.state == "open" and trouble in TROUBLES:
        found = [t(TROUBLES[trouble])]
    elif pledge.state == "open" and last.trouble:
        found = [t(DECLINED)]
    if pledge.state == "paid" and last.account == "suspense":
        found = [t(LANDED_ELSEWHERE)]
    waiting = {row.state for payment in pledge.payments for row in payment.refunds}
    if waiting & {"ordered", "pending"}:
        found.append(t(ON_ITS_WAY))
    return found


def gateway_of(method: str) -> str:
    """Return the name of the gateway that collects by a way."""
    return next(name for name, gateway in _gateways().items() if method in gateway.methods)


def _gateways() -> dict[str, Any]:
    found: dict[str, Any] = current_app.extensions["ashar"].gateways
    return found


def wish(form: PledgeForm, person: int | None) -> Wish:
    """Return what a valid form asks for."""
    assert form.amount.money is not None  # noqa: S101 - a valid form has read its amount
    return Wish(
        attempt=form.attempt.data or ids.token(),
        gift=form.amount.money,
        method=form.method.data,
        country=form.country.data,
        language=i18n.language(),
        cover_fees=bool(form.cover_fees.data),
        name=form.name.data or "",
        email=form.email.data,
        visibility=form.visibility.data,
        message=form.message.data or "",
        in_honour_of=form.in_honour_of.data or "",
        group=form.group.data or "",
        person=person,
    )


def same_gift(pledge: Pledge, form: PledgeForm) -> bool:
    """Tell whether a form sent again asks for what the first one asked for."""
    try:
        money = Money.parse(form.amount.data or "", form.currency.data or "")
    except ValueError:
        return False
    covered = bool(form.cover_fees.data) == bool(pledge.cover_minor)
    return (money, form.method.data) == (pledge.gift, pledge.method) and covered


def log_trouble(payment: int, error: GatewayError) -> None:
    """Note that a provider could not be reached or said no."""
    log.warning("payment %s: %s", payment, error)
