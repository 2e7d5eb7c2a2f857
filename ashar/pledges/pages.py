"""What the pledge's pages show, and what a form's fields mean."""

import logging
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import current_app

from ashar.gateways import bank
from ashar.gateways.bank import Transfer
from ashar.kernel import clock, i18n, ids, links
from ashar.kernel.errors import GatewayError
from ashar.kernel.i18n import N_, t
from ashar.kernel.money import Money
from ashar.pledges import fates, hand_show, lists, monthly_show, moves
from ashar.pledges.corridors import BY_HAND
from ashar.pledges.forms import PledgeForm
from ashar.pledges.models import Payment, Pledge, Refund
from ashar.pledges.monthly_show import MonthlyView
from ashar.pledges.services import Wish, takes_gifts
from ashar.pledges.states import GAVE, MONEY_CAME
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
TRANSFER_OPEN = N_("Please transfer your gift")
TRANSFER_WHY = N_(
    "Below is what to write on it. It counts once it has arrived, and we write to you then."
)
TRANSFER_KEEP = N_(
    "Below is what to write on it. Keep the link of this page: it shows when the money has arrived."
)
TRANSFER_SHUT = N_(
    "This project takes no gifts now: please do not transfer anything. What is on its way already "
    "is not lost; we will ask you."
)
TRANSFER_PART = N_("So far %(came)s of %(gift)s have come.")
ARRIVED = N_("It has arrived with the association.")
ON_ITS_WAY = N_("A refund is on its way to you.")
OWED = N_("A refund is owed to you. To send it, we have to know where to.")
#: States of a refund that is on its way, as its donor sees it.
UNDER_WAY = frozenset({"ordered", "pending", "to_approve", "ready", "in_file"})
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
    """What the donor has to do alone: label, words, and what to copy of them.

    `qr` and `bill` are addresses of a code to scan and of a paper to print; `purpose` is what to
    write where a bank takes no reference.
    """

    rows: list[tuple[str, str, str]]
    qr: str | None = None
    bill: str | None = None
    purpose: str = ""
    until: date | None = None


@dataclass(frozen=True, slots=True)
class PledgeView:
    """A pledge as its page shows it: no name, address or e-mail."""

    token: str
    reference: str | None
    state: str
    headline: str
    explanation: str
    gift: Money
    cover: Money
    created: date
    project: show.Card
    payments: list[PaymentLine]
    refunds: list[RefundLine]
    owed: list[tuple[int, Money]]
    can_retry: bool
    can_cancel: bool
    can_comment: bool
    instructions: "InstructionsView | None"
    monthly: MonthlyView | None
    by_hand: "hand_show.HandView | None"
    fate: fates.Fate = fates.Fate()


def view(pledge: Pledge, trouble: str = "") -> PledgeView:
    """Return what a pledge's page shows."""
    payments = list(pledge.payments)
    last = payments[-1]
    monthly = monthly_show.view(pledge)
    again = pledge.state in {"open", "expired"} and last.state in {
        *("started", "failed", "expired", "mistaken")
    }
    return PledgeView(
        token=pledge.token,
        reference=pledge.reference,
        state=pledge.state,
        headline=_headline(pledge, last),
        explanation=" ".join(_explained(pledge, last, trouble)),
        gift=pledge.gift,
        cover=pledge.cover,
        created=clock.day_of(pledge.made_at),
        project=show.card(pledge.project),
        payments=[_payment_line(row) for row in payments if row.state != "started"],
        refunds=[
            RefundLine(row.state, row.money, clock.day_of(row.ordered_at))
            for row in _refunds(pledge)
        ],
        can_retry=again
        and takes_gifts(pledge.project)
        and not _is_awaited(pledge, last)
        and not (monthly and monthly.can_change),
        owed=[(row.id, row.money) for row in _refunds(pledge) if row.state == "owed"],
        can_cancel=pledge.state == "open",
        can_comment=pledge.state in GAVE and pledge.project.state in PUBLIC,
        instructions=_instructions(pledge, last),
        monthly=monthly,
        fate=fates.of(pledge),
        by_hand=hand_show.view(pledge, last),
    )


def _refunds(pledge: Pledge) -> list[Refund]:
    """Return what goes back to the donor: corrections of what never came are none of it."""
    return [row for payment in pledge.payments for row in payment.refunds if row.way != "mistake"]


def _headline(pledge: Pledge, last: Payment) -> str:
    if own := hand_show.said(pledge, last):
        return t(own[0])
    return t(TRANSFER_OPEN if _is_transfer(pledge, last) else HEADLINES[pledge.state])


def _is_awaited(pledge: Pledge, last: Payment) -> bool:
    """Tell whether the donor has to do the rest alone."""
    return pledge.state == "open" and last.state == "started" and bool(last.instructions)


def _is_transfer(pledge: Pledge, last: Payment) -> bool:
    """Tell whether the gift is to come by a transfer to the association itself."""
    return last.gateway == bank.NAME and _is_awaited(pledge, last)


def _instructions(pledge: Pledge, last: Payment) -> InstructionsView | None:
    if not _is_awaited(pledge, last) or not takes_gifts(pledge.project):
        return None
    if pledge.method in BY_HAND:
        # These have a part of the page of their own.
        return None
    rows = [(t(label), words, words) for label, words in (last.instructions or {}).items()]
    found = transfer(pledge)
    if found is None:
        return InstructionsView(rows)
    known, amount = _plain(found), str(found.money)
    coded = found.sepa or found.swiss
    return InstructionsView(
        rows=[
            (label, i18n.money(found.money) if words == amount else words, known.get(words, words))
            for label, words, _ in rows
        ],
        qr=links.url("pledges.transfer_code", token=pledge.token) if coded else None,
        bill=links.url("pledges.qr_bill", token=pledge.token) if found.swiss else None,
        purpose=f"Ashar {bank.digits_of(found.reference)}",
        until=clock.day_of(last.ends_at) if last.ends_at else None,
    )


def _plain(found: Transfer) -> dict[str, str]:
    """Return what is copied where it is shown in groups: banks' forms take no spaces."""
    return {
        bank.grouped(found.payee.iban): found.payee.iban,
        bank.grouped(found.reference): found.reference,
        str(found.money): found.money.decimal,
    }


def transfer(pledge: Pledge) -> Transfer | None:
    """Return the transfer that a pledge's donor has to make, None where there is none to make."""
    last = pledge.payments[-1]
    if pledge.reference is None or not _is_transfer(pledge, last):
        return None
    payee = lists.payee(pledge.currency)
    if payee is None:
        return None
    return Transfer(
        payee=payee,
        money=last.charged,
        reference=pledge.reference,
        about=f"Ashar {pledge.project.slug}",
    )


def _payment_line(row: Payment) -> PaymentLine:
    when = clock.day_of(row.settled_at or row.started_at)
    return PaymentLine(row.state, row.charged, when, lists.label(row.pledge.method))


def _explained(pledge: Pledge, last: Payment, trouble: str) -> list[str]:
    own = hand_show.said(pledge, last)
    found = [t(own[1] if own else EXPLANATIONS[pledge.state])]
    if pledge.state == "open" and trouble in TROUBLES:
        found = [t(TROUBLES[trouble])]
    elif _is_transfer(pledge, last):
        # Whoever left a phone number alone gets no letter.
        why = TRANSFER_WHY if pledge.email else TRANSFER_KEEP
        found = [t(why if takes_gifts(pledge.project) else TRANSFER_SHUT)]
    elif pledge.state == "open" and last.trouble:
        found = [t(DECLINED)]
    if pledge.state == "paid" and last.account == "suspense":
        found = [t(LANDED_ELSEWHERE)]
    elif pledge.state == "paid" and (
        last.account == moves.GENERAL or pledge.project.state == "cancelled"
    ):
        found = [t(ARRIVED)]
    came = _came(pledge)
    if pledge.state == "paid" and Money.zero(pledge.currency) < came < pledge.gift:
        found.append(t(TRANSFER_PART, came=i18n.money(came), gift=i18n.money(pledge.gift)))
    waiting = {row.state for row in _refunds(pledge)}
    if waiting & UNDER_WAY:
        found.append(t(ON_ITS_WAY))
    if "owed" in waiting:
        found.append(t(OWED))
    return found


def _came(pledge: Pledge) -> Money:
    """Return what came of a pledge, in its currency."""
    found = [
        row.gift_minor
        for row in pledge.payments
        if row.state in MONEY_CAME and row.currency == pledge.currency
    ]
    return Money(sum(found), pledge.currency)


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
        email=(form.email.data or "").lower() or None,
        phone=form.phone.data or None,
        visibility=_visibility(form),
        message=form.message.data or "",
        in_honour_of=form.in_honour_of.data or "",
        honour_email=(form.honour_email.data or "").lower() or None,
        group=form.group.data or "",
        person=person,
        receipt_address=form.receipt_address,
        frequency=form.frequency.data,
        **_fallback(form),
    )


def _fallback(form: PledgeForm) -> dict[str, Any]:
    """Return what becomes of a gift to a threshold that is missed, where the form asks for it."""
    if form.others is None or form.fallback.data != "other":
        return {}
    wanted = form.fallback_project.data
    found = next((one.id for one in form.others if one.slug == wanted), None)
    return {"fallback": "other", "fallback_project": found}


def _visibility(form: PledgeForm) -> str:
    """Return how a donor is named: where people give by hand, their village knows whose it is."""
    chosen: str = form.visibility.data
    by_hand = form.method.data in BY_HAND and chosen == "anonymous"
    return "hidden" if by_hand else chosen


def same_gift(pledge: Pledge, form: PledgeForm) -> bool:
    """Tell whether a form sent again asks for what the first one asked for."""
    try:
        money = Money.parse(form.amount.data or "", form.currency.data or "")
    except ValueError:
        return False
    covered = bool(form.cover_fees.data) == bool(pledge.cover_minor)
    asked = (money, form.method.data, form.frequency.data or "once")
    return asked == (pledge.gift, pledge.method, pledge.frequency) and covered


def log_trouble(payment: int, error: GatewayError) -> None:
    """Note that a provider could not be reached or said no."""
    log.warning("payment %s: %s", payment, error)
