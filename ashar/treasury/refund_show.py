"""What the treasurer's pages of payments, refunds and disputes show."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from flask import current_app

from ashar.gateways import bank
from ashar.kernel import clock
from ashar.kernel.i18n import N_, t
from ashar.kernel.money import Money
from ashar.kernel.papers import Paper
from ashar.ledger import queries as book
from ashar.ledger.models import Entry, Line
from ashar.pledges import services
from ashar.pledges.models import Payment, Refund, RefundFile
from ashar.pledges.position import PAYABLE
from ashar.pledges.states import REFUND
from ashar.projects import show
from ashar.treasury import refund_queries as queries
from ashar.treasury.dispute_show import (
    DisputeLine,
    WarningLine,
    dispute_line,
    donor,
    warning_line,
)
from ashar.treasury.refund_forms import WAYS

#: How a refund went that nobody orders by the form.
MORE_WAYS = {
    "recall": N_("Called back by the donor's bank"),
    "mistake": N_("Taken back: it was entered by mistake"),
}


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """A payment in a list."""

    token: str
    no: int
    name: str
    project: str
    money: Money
    state: str
    when: date


@dataclass(frozen=True, slots=True)
class RefundLine:
    """A refund in a list."""

    number: int
    name: str
    project: str
    money: Money
    way: str
    state: str
    since: date
    trouble: str


@dataclass(frozen=True, slots=True)
class Booked:
    """An entry of the book: what it is called, and (account, sum) on each of its sides."""

    kind: str
    day: date
    debits: list[tuple[str, Money]]
    credits: list[tuple[str, Money]]


@dataclass(frozen=True, slots=True)
class Deed:
    """One row of a history: when, what, by whom, why."""

    at: datetime
    state: str
    who: str
    why: str


@dataclass(frozen=True, slots=True)
class PaymentView:
    """A payment as the treasurer sees it."""

    line: PaymentLine
    pledge: str
    reference: str
    email: str
    phone: str
    ids: list[tuple[str, str]]
    left: Money
    refunds: list[RefundLine]
    disputes: list[DisputeLine]
    warnings: list[WarningLine]
    book: list[Booked]


@dataclass(frozen=True, slots=True)
class RefundView:
    """A refund as the treasurer sees it; only who pays it sees the whole number."""

    line: RefundLine
    payment: PaymentLine
    reason: str
    iban: str
    holder: str
    file: tuple[str, str] | None
    paid: tuple[Money, date, str] | None
    has_email: bool
    slip: bool
    papers: Sequence[Paper]
    deeds: list[Deed]


@dataclass(frozen=True, slots=True)
class FileView:
    """A payment order for a bank."""

    token: str
    message: str
    account: str
    made: datetime
    lines: list[RefundLine]
    sum: Money
    left: int
    papers: Sequence[Paper]


@dataclass(frozen=True, slots=True)
class Tally:
    """What of refunds and disputes somebody has to do something about."""

    waiting: list[tuple[str, str, int]]
    payable: list[Money]
    losses: list[Money]

    @property
    def quiet(self) -> bool:
        """Tell whether there is nothing."""
        return not self.waiting and not self.losses


#: What waits, by its state or name, and the page that shows it.
WAITING = {
    "warnings": N_("Early fraud warnings: refund, or leave as it is"),
    "disputes": N_("Disputes that wait for evidence"),
    "failed": N_("Refunds that the payment service refused"),
    "to_approve": N_("Refunds that a second person has to look at"),
    "owed": N_("Refunds that are owed: the donor is asked where to"),
    "ready": N_("Refunds to be paid"),
    "in_file": N_("Refunds in a payment order that is not debited yet"),
}


def tally() -> Tally:
    """Return what waits, in the order in which it should be done."""
    counts = queries.waiting() | {
        "warnings": queries.undecided(),
        "disputes": queries.unanswered(),
        "failed": queries.failed(),
    }
    return Tally(
        [(key, t(words), counts[key]) for key, words in WAITING.items() if counts.get(key)],
        [-Money(minor, code) for (_, code), minor in book.balances(PAYABLE).items() if minor],
        [Money(minor, code) for (_, code), minor in book.balances("losses").items() if minor],
    )


def payment_line(payment: Payment) -> PaymentLine:
    """Return a payment's line."""
    pledge = payment.pledge
    return PaymentLine(
        token=pledge.token,
        no=payment.no,
        name=donor(pledge),
        project=show.title(pledge.project),
        money=payment.charged,
        state=payment.state,
        when=clock.day_of(payment.settled_at or payment.started_at),
    )


def refund_line(row: Refund) -> RefundLine:
    """Return a refund's line."""
    pledge = row.payment.pledge
    return RefundLine(
        number=row.id,
        name=donor(pledge),
        project=show.title(pledge.project),
        money=row.money,
        way=t((WAYS | MORE_WAYS)[row.way]),
        state=row.state,
        since=clock.day_of(row.ordered_at),
        trouble=row.trouble or "",
    )


def payment(row: Payment) -> PaymentView:
    """Return all that the treasurer needs of a payment."""
    pledge = row.pledge
    known = (
        (N_("Charge"), row.charge_id),
        (N_("Payment intent"), row.intent_id),
        (N_("Account"), (row.held_in or "").removeprefix("bank:")),
        (N_("It came from"), masked(row.sender_iban or "")),
    )
    return PaymentView(
        line=payment_line(row),
        pledge=pledge.token,
        reference=bank.grouped(pledge.reference or ""),
        email=pledge.email or "",
        phone=pledge.phone or "",
        ids=[(t(label), words) for label, words in known if words],
        left=services.refundable(row),
        refunds=[refund_line(one) for one in row.refunds],
        disputes=[dispute_line(one) for one in row.disputes],
        warnings=[warning_line(one) for one in queries.warnings_of(row.id)],
        book=[_booked(lines) for _, lines in groupby(queries.entries(row.id), _entry)],
    )


def _entry(pair: tuple[Entry, Line]) -> uuid.UUID:
    return pair[0].id


def _booked(lines: Iterable[tuple[Entry, Line]]) -> Booked:
    found = list(lines)
    entry = found[0][0]
    return Booked(
        entry.kind,
        entry.day,
        [(line.account, Money(line.minor, line.currency)) for _, line in found if line.minor > 0],
        [(line.account, Money(-line.minor, line.currency)) for _, line in found if line.minor < 0],
    )


def masked(iban: str) -> str:
    """Return as much of an account's number as one needs to know it again."""
    return f"{iban[:4]} … {iban[-4:]}" if iban else ""


def refund(row: Refund, *, whole: bool) -> RefundView:
    """Return all that the treasurer needs of a refund; `whole` for those who may pay it."""
    iban, paid = row.iban or "", row.paid
    return RefundView(
        line=refund_line(row),
        payment=payment_line(row.payment),
        reason=row.reason,
        iban=bank.grouped(iban) if whole else masked(iban),
        holder=row.holder or "",
        file=(row.file.token, row.file.message) if row.file else None,
        paid=(paid, clock.day_of(row.paid_at), str(row.account)) if paid and row.paid_at else None,
        has_email=bool(row.payment.pledge.email),
        slip=row.way == "cash",
        papers=queries.papers_of("refund", row.id),
        deeds=[
            Deed(deed.at, deed.new or "", name or "", deed.why)
            for deed, name in queries.deeds("refund", row.id)
            if deed.new in REFUND.states
        ],
    )


def file(row: RefundFile) -> FileView:
    """Return a payment order with its refunds."""
    lines = [refund_line(one) for one in row.refunds]
    total = sum((line.money.minor for line in lines), 0)
    return FileView(
        token=row.token,
        message=row.message,
        account=row.account,
        made=row.made_at,
        lines=lines,
        sum=Money(total, lines[0].money.currency),
        left=sum(line.state == "in_file" for line in lines),
        papers=queries.papers_of("refund-file", row.id),
    )


def ways(row: Payment) -> list[str]:
    """Return how a payment may be given back, the way it came first."""
    gateway = current_app.extensions["ashar"].gateways.get(row.gateway)
    by_provider = gateway is not None and not row.held_in and bool(row.intent_id or row.charge_id)
    return [*(["provider"] if by_provider else []), "bank", "cash"]
