"""What the treasurer's pages show."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ashar.gateways import bank
from ashar.kernel import clock
from ashar.kernel.money import Money
from ashar.kernel.retained import Retained
from ashar.ledger import queries as book
from ashar.ledger.models import BankAccount
from ashar.pledges.models import Payment, Pledge
from ashar.projects import show
from ashar.treasury import queries


@dataclass(frozen=True, slots=True)
class AccountLine:
    """An account and what the book holds on it."""

    slug: str
    iban: str
    bank: str
    balance: Money
    open: bool


@dataclass(frozen=True, slots=True)
class TransferLine:
    """A transfer in the list."""

    reference: str
    digits: str
    name: str
    project: str
    money: Money
    state: str
    since: date
    days: int


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A proof, and when and as what it was entered."""

    token: str
    name: str
    size: int
    at: datetime


@dataclass(frozen=True, slots=True)
class TransferView:
    """A pledge by transfer as the treasurer sees it."""

    line: TransferLine
    email: str
    phone: str
    came: list[tuple[Money, date, str]]
    papers: list[PaperLine]


def accounts(rows: Sequence[BankAccount]) -> list[AccountLine]:
    """Return the lines of accounts, all balances read at once."""
    held = book.balances("bank:")
    return [
        AccountLine(
            row.slug,
            bank.grouped(row.iban),
            row.bank,
            Money(held.get((f"bank:{row.slug}", row.currency), 0), row.currency),
            row.open,
        )
        for row in rows
    ]


def line(payment: Payment) -> TransferLine:
    """Return a transfer's line."""
    pledge, since = payment.pledge, clock.day_of(payment.started_at)
    return TransferLine(
        reference=pledge.reference or "",
        digits=bank.grouped(pledge.reference or ""),
        name=pledge.name or pledge.email or pledge.phone or "",
        project=show.title(pledge.project),
        money=payment.charged,
        state=payment.state,
        since=since,
        days=(clock.today() - since).days,
    )


def transfer(pledge: Pledge) -> TransferView:
    """Return all that the treasurer needs of a pledge by transfer."""
    return TransferView(
        line=line(pledge.payments[-1]),
        email=pledge.email or "",
        phone=pledge.phone or "",
        came=[
            (row.charged, clock.day_of(row.settled_at), row.held_in.removeprefix("bank:"))
            for row in pledge.payments
            if row.settled_at and row.held_in
        ],
        papers=[
            PaperLine(paper.token, paper.name, paper.size, paper.kept_at)
            for _, paper in queries.entered(pledge)
        ],
    )


def opened(row: Retained) -> str:
    """Return what is locked away of a row, to be read; a proof has a page of its own."""
    if "body" in row.data:
        return base64.b64decode(row.data["body"]).decode("utf-8", "replace")
    return json.dumps(row.data, ensure_ascii=False, indent=1) if row.data else ""
