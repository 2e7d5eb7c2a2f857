"""What the page of a pledge's receipts shows."""

from dataclasses import dataclass
from datetime import date, timedelta

from flask import current_app

from ashar.kernel import clock, i18n
from ashar.kernel.i18n import N_, t
from ashar.kernel.money import Money
from ashar.pledges import corridors, duplicates, final, issuer, receipts
from ashar.pledges.models import Payment, Pledge, Receipt
from ashar.pledges.states import MONEY_CAME
from ashar.projects import show

KINDS = {
    "legal": N_("Receipt for the tax office"),
    "annual": N_("Gifts of a year"),
    "cancelling": N_("Cancelling receipt"),
}
SOON = N_("The receipt is made within the hour.")
ADDRESS_MISSING = N_("For a receipt we need your name and address.")
DEBIT_UNTIL = N_("A direct debit can be called back until %(day)s; the receipt is made after that.")


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """A receipt in a list; it names nobody."""

    number: str
    kind: str
    form: str
    day: date
    money: Money
    cancelled: bool
    period: int | None


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """A payment that came, and what is in the way of its receipt."""

    money: Money
    day: date
    words: list[str]


@dataclass(frozen=True, slots=True)
class ReceiptsView:
    """The page: `open` to who proved that they may see names, `offered` where one can be asked."""

    token: str
    title: str
    open: bool
    offered: bool
    country: str
    came: list[PaymentLine]
    receipts: list[ReceiptLine]


def view(pledge: Pledge, *, opened: bool) -> ReceiptsView:
    """Return what the page shows."""
    form = issuer.form_of(pledge.country)
    return ReceiptsView(
        token=pledge.token,
        title=show.title(pledge.project),
        open=opened,
        offered=form is not None,
        country=corridors.country_name(pledge.country, i18n.language()),
        came=[
            PaymentLine(row.charged, clock.day_of(row.settled_at), _words(row) if form else [])
            for row in pledge.payments
            if row.settled_at and row.state in MONEY_CAME
        ],
        receipts=[line(row) for row in duplicates.of_pledge(pledge, of_donor=opened)],
    )


def line(row: Receipt) -> ReceiptLine:
    """Return a receipt's line."""
    cancelled = row.cancelled_at is not None
    label = t(KINDS[row.kind])
    return ReceiptLine(row.number, label, row.form, row.day, row.money, cancelled, row.period)


def _words(payment: Payment) -> list[str]:
    """Return in words what is in the way of a payment's receipt, or that nothing is."""
    if receipts.live(payment.id) is not None:
        return []
    found = receipts.obstacles(payment, clock.today())
    if found:
        return [_reason(one, payment) for one in found]
    return [t(SOON if payment.pledge.receipt_address else ADDRESS_MISSING)]


def _reason(code: str, payment: Payment) -> str:
    if code == "debit" and payment.settled_at is not None:
        days = timedelta(days=int(current_app.config["ASHAR_DEBIT_DAYS"]))
        return t(DEBIT_UNTIL, day=i18n.day(clock.day_of(payment.settled_at) + days))
    words = receipts.NOT_GIVEN.get(code) or final.REASONS[code]
    return t(words)
