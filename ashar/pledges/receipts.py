"""Receipts for tax offices: for money that is final, once, cancelled where it goes back.

Called inside a transaction. Whoever gives one out or takes it back holds the pledge and the
payment first, then the receipt; the series' row comes last.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from flask import current_app
from sqlalchemy import Select, or_, select

from ashar.kernel import clock, history, i18n
from ashar.kernel.db import session
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_
from ashar.kernel.money import Money, share
from ashar.pledges import corridors, final, issuer, issuing, queries
from ashar.pledges.issuing import Draft
from ashar.pledges.models import Payment, Pledge, Receipt
from ashar.pledges.sheets.facts import Donor, Facts, Gift
from ashar.pledges.states import MONEY_CAME
from ashar.projects import queries as projects
from ashar.projects import show
from ashar.projects.models import Project

#: Why no receipt for a tax office is given for money, though it is final.
NOT_GIVEN = {
    "form": N_("For this country the association gives no receipt for the tax office."),
    "annual": N_("Gifts from Switzerland are confirmed together, after the year's end."),
    "notice": N_("The association's notice from the tax office does not hold today."),
    "currency": N_("A receipt for this country's tax office names its own currency only."),
    "small": N_("For a gift of this size the tax office accepts your bank's statement."),
}
WENT_BACK = N_("The gift went back, in part or whole.")
CHANGED = N_("The gifts of the year have changed.")
CANCELLED_BEFORE = N_("This receipt was cancelled before.")


def left(payment: Payment) -> int:
    """Return what has not gone back of a payment, in minor units of what the donor paid."""
    back = sum(row.minor for row in payment.refunds if row.state == "succeeded")
    return max(0, payment.charged.minor - back)


def amount(payment: Payment, currency: str) -> Money | None:
    """Return what is left of a payment in a currency: the donor's, or the one it settled in."""
    if payment.currency == currency:
        return Money(left(payment), currency)
    if payment.settled_currency == currency and payment.settled_minor is not None:
        whole = payment.charged.minor
        return Money(share(payment.settled_minor, left(payment), whole), currency)
    return None


def known(payment: Payment, reached: bool) -> final.Known:
    """Return what decides whether a payment is final."""
    pledge = payment.pledge
    return final.Known(
        state=payment.state,
        method=pledge.method,
        settled=clock.day_of(payment.settled_at) if payment.settled_at else None,
        left=left(payment),
        account=payment.account,
        held_in=payment.held_in,
        refunding=any(row.state in {"ordered", "pending"} for row in payment.refunds),
        project=pledge.project.state,
        reached=reached,
    )


def reached(project: Project) -> bool:
    """Tell whether a project has what it asked for at least."""
    if project.funding != "threshold" or not project.minimum_minor:
        return True
    return not projects.sums(project).raised < Money(project.minimum_minor, project.currency)


def why_not(payment: Payment, day: date) -> list[str]:
    """Return why a payment is not final, as keys of `final.REASONS`."""
    days = int(current_app.config["ASHAR_DEBIT_DAYS"])
    return final.why_not(known(payment, reached(payment.pledge.project)), day, days)


def obstacles(payment: Payment, day: date) -> list[str]:
    """Return why a payment gets no receipt for a tax office now; nothing where it does."""
    form = issuer.form_of(payment.pledge.country)
    tax = issuer.tax(form) if form else None
    if form is None or tax is None:
        return ["form"]
    least = issuer.least(form)
    if least is None:
        return ["annual"]
    found = amount(payment, least.currency)
    if found is None:
        return ["currency"]
    if payment.state in MONEY_CAME and found and found < least:
        return ["small"]
    return why_not(payment, day) or ([] if issuer.holds(form, tax, day) else ["notice"])


def issue(row: int) -> Receipt | None:
    """Give out a payment's receipt for the tax office, unless it has one or may have none now."""
    payment = queries.lock_payment(row)
    pledge, today = payment.pledge, clock.today()
    form = issuer.form_of(pledge.country)
    if pledge.receipt_address is None or form is None or live(row) is not None:
        return None
    if obstacles(payment, today):
        return None
    money = amount(payment, issuer.RULES[form].currency)
    assert money is not None and payment.settled_at is not None  # noqa: S101, PT018 - no obstacle
    with i18n.speaking(pledge.language):
        gift = Gift(row, clock.day_of(payment.settled_at), money, show.title(pledge.project))
    facts = Facts(
        kind="legal",
        form=form,
        number="",
        day=today,
        language=pledge.language,
        donor=donor(pledge, issuer.RULES[form].language),
        issuer=issuer.issuer(),
        gifts=(gift,),
        total=money,
        tax=issuer.tax(form),
    )
    [made] = issuing.write([Draft(facts, pledge.id, row)])
    return made


def donor(pledge: Pledge, language: str) -> Donor:
    """Return who gave, by the address that was left for a receipt, else by name alone."""
    said: Mapping[str, Any] = pledge.receipt_address or {}
    if not said:
        return Donor(name=pledge.name)
    return Donor(
        name=f"{said['first_name']} {said['last_name']}",
        street=said["street"],
        postcode=said["postcode"],
        city=said["city"],
        country=corridors.country_name(pledge.country, language),
    )


def live(payment: int) -> Receipt | None:
    """Return the receipt for the tax office that a payment has now."""
    return session.scalars(
        select(Receipt).where(
            Receipt.payment_id == payment, Receipt.kind == "legal", Receipt.cancelled_at.is_(None)
        ),
        execution_options={"populate_existing": True},
    ).one_or_none()


def review(row: int) -> Receipt | None:
    """Cancel a payment's receipt where it names more or less than is left, and give out another.

    Returns the cancelling one.
    """
    payment = queries.lock_payment(row)
    found = live(row)
    if found is None or _stands(payment, found):
        return None
    made = cancel(found, WENT_BACK)
    issue(row)
    return made


def _stands(payment: Payment, found: Receipt) -> bool:
    if payment.state in {"lost", "refunded"}:
        return False
    return amount(payment, found.currency) == found.money


def cancel(found: Receipt, why: str, *, actor: int | None = None, told: bool = True) -> Receipt:
    """Take a receipt back by a cancelling one; raise Refused where it was cancelled before."""
    locked = session.scalars(
        select(Receipt).where(Receipt.id == found.id).with_for_update(key_share=True),
        execution_options={"populate_existing": True},
    ).one()
    if locked.cancelled_at is not None or locked.kind == "cancelling":
        raise Refused(CANCELLED_BEFORE)
    locked.cancelled_at, locked.why = clock.now(), why
    before = Facts.read(locked.facts)
    facts = replace(
        before,
        kind="cancelling",
        number="",
        day=clock.today(),
        issuer=issuer.issuer(),
        gifts=(),
        cancels=(locked.number, locked.day),
        why=why,
    )
    history.record("receipt", locked.id, "cancelled", None, locked.number, why=why, actor=actor)
    session.flush()
    [made] = issuing.write(
        [Draft(facts, locked.pledge_id, locked.payment_id, locked.donor, locked.id, why, told)]
    )
    return made


def withdraw(found: Receipt, why: str, *, actor: int) -> Receipt:
    """Cancel a receipt by hand; no other is made of it before its donor asks again."""
    pledge = queries.lock_pledge(found.pledge_id)
    if found.kind == "legal":
        pledge.receipt_address = pledge.receipt_asked_at = None
    return cancel(found, why, actor=actor)


def ask(pledge: Pledge, address: Mapping[str, str] | None) -> None:
    """Note to whom a receipt is to be made out, None for nobody; given ones stay as they are."""
    pledge = queries.lock_pledge(pledge.id)
    pledge.receipt_address = dict(address) if address else None
    pledge.receipt_asked_at = clock.now() if address else None
    asked = "asked" if address else "no longer asked"
    history.record("pledge", pledge.id, "receipt", None, asked, why="by the donor")


def due() -> Select[int]:
    """Select the payments whose donors have asked for a receipt and have none yet."""
    given = (
        select(Receipt.id)
        .where(Receipt.payment_id == Payment.id, Receipt.kind == "legal")
        .where(Receipt.cancelled_at.is_(None))
        .exists()
    )
    large = [
        or_(
            (Payment.currency == least.currency)
            & (Payment.gift_minor + Payment.cover_minor >= least.minor),
            (Payment.settled_currency == least.currency) & (Payment.settled_minor >= least.minor),
        )
        & (Pledge.country == issuer.RULES[form].country)
        for form in issuer.forms()
        if (least := issuer.least(form)) is not None
    ]
    return (
        select(Payment.id)
        .join(Payment.pledge)
        .where(Pledge.receipt_asked_at.is_not(None), or_(False, *large), ~given)
        .where(Payment.state.in_(("settled", "partly_refunded")))
        .order_by(Payment.id)
    )


def shaken() -> Select[int | None]:
    """Select the payments that have a receipt and of which something went back."""
    return (
        select(Receipt.payment_id)
        .join(Payment, Payment.id == Receipt.payment_id)
        .where(Receipt.kind == "legal", Receipt.cancelled_at.is_(None))
        .where(Payment.state.in_(("refunded", "partly_refunded", "lost")))
    )
