"""Payment orders for a bank: the refunds of one account, handed over together."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager, selectinload

from ashar.gateways.credit_transfers import CreditTransfer, Payer, pain_001
from ashar.kernel import clock, db, history, ids, papers
from ashar.kernel.db import session
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_
from ashar.ledger import accounts
from ashar.ledger.models import BankAccount
from ashar.pledges import refunds
from ashar.pledges.models import Payment, Pledge, Refund, RefundFile
from ashar.pledges.refunds import Proof
from ashar.pledges.states import REFUND

#: Refunds in one order: so many are locked, written and later debited in one request.
LARGEST = 50


def make(account: BankAccount, *, actor: int) -> RefundFile:
    """Write an order for all refunds that are ready and fit an account; they are then in it.

    Raises Refused when there is none. What this person may not pay, or what is no longer owed,
    stays where it is.
    """
    chosen = [row for row in _ready(account) if _may_pay(row, actor)]
    if not chosen:
        raise Refused(N_("No refund is ready that you may pay from this account."))
    now = clock.now()
    made = RefundFile(
        token=ids.token(),
        account=account.slug,
        message=f"ASHAR-{now:%Y%m%d}-{ids.short().upper()}",
        actor_id=actor,
        made_at=now,
    )
    session.add(made)
    session.flush()
    for row in chosen:
        row.file_id, row.account = made.id, account.slug
        REFUND.move(row, "in_file", why=made.message, actor=actor)
    session.flush()
    body = _order(made, account, chosen)
    owner = ("refund-file", made.id)
    papers.keep_own(body, f"{made.message}.xml", "application/xml", owner=owner, person=actor)
    history.record("refund-file", made.id, "made", None, made.message, actor=actor)
    return made


def _ready(account: BankAccount) -> Sequence[Refund]:
    """Return refunds that are ready, their payments locked in one order that all keep."""
    fits = or_(Refund.account.is_(None), Refund.account == account.slug)
    rows = session.scalars(
        select(Refund.payment_id)
        .where(Refund.state == "ready", Refund.way == "bank", fits)
        .where(Refund.currency == account.currency)
        .order_by(Refund.id)
        .limit(LARGEST)
    ).all()
    payments = session.scalars(
        select(Payment)
        .join(Payment.pledge)
        .where(Payment.id.in_(rows))
        .options(
            contains_eager(Payment.pledge).selectinload(Pledge.project),
            selectinload(Payment.refunds),
            selectinload(Payment.disputes),
        )
        .order_by(Pledge.id, Payment.id)
        .with_for_update(of=[Pledge, Payment], key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    return [
        row
        for payment in payments
        for row in payment.refunds
        if (row.state, row.way, row.currency) == ("ready", "bank", account.currency)
        and row.account in {None, account.slug}
    ]


def _may_pay(row: Refund, actor: int) -> bool:
    try:
        refunds.refuse_unpayable(row, row.payment, actor)
    except Refused:
        return False
    return True


def _order(made: RefundFile, account: BankAccount, rows: Sequence[Refund]) -> bytes:
    payer = Payer(account.holder, account.iban, account.bic)
    transfers = [_transfer(made, row) for row in rows]
    return pain_001(made.message, payer, transfers, made=made.made_at, on=clock.today())


def _transfer(made: RefundFile, row: Refund) -> CreditTransfer:
    pledge = row.payment.pledge
    assert row.iban and row.holder  # noqa: S101, PT018 - none is ready without
    about = " ".join(filter(None, ("Ashar refund", pledge.reference, pledge.project.slug)))
    # Sent anew after it came back, it bears another name.
    return CreditTransfer(f"R{row.id}-{made.message[6:]}", row.holder, row.iban, row.money, about)


def debit(made: RefundFile, at: datetime, proof: Proof, *, actor: int) -> int:
    """Note that a bank has paid an order; return how many refunds are paid by it now.

    Each is a transaction of its own: after an interruption the rest goes on where it stopped.
    """
    file, slug = made.id, made.account
    with db.transaction():
        papers.keep(*proof, owner=("refund-file", file), person=actor)
    rows = session.scalars(
        select(Refund.id)
        .where(Refund.file_id == file, Refund.state == "in_file")
        .order_by(Refund.id)
    ).all()
    return sum(_debit(row, at, slug, actor) for row in rows)


def _debit(row: int, at: datetime, slug: str, actor: int) -> bool:
    try:
        with db.transaction():
            account, money = accounts.account(slug), session.get_one(Refund, row).money
            assert account is not None  # noqa: S101 - accounts are closed, never deleted
            refunds.pay(row, account, money, at, actor=actor)
    except Refused:
        # Another has noted it, or that it came back, in between.
        return False
    return True
