"""Refunds that the association pays itself, by a bank or in cash; called inside a transaction.

Each locks its payment first, and then looks again at what is so.
"""

from datetime import datetime

from ashar.gateways import bank, cash
from ashar.gateways.credit_transfers import NAME, plain
from ashar.kernel import clock, history, outbox, papers
from ashar.kernel.db import session
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_
from ashar.kernel.money import Money
from ashar.ledger.models import BankAccount
from ashar.pledges import queries, services, standing
from ashar.pledges.models import FraudWarning, Payment, Refund
from ashar.pledges.states import MONEY_CAME, REFUND, WARNING

#: A proof that somebody brought: its bytes, and the name of its file.
Proof = tuple[bytes, str]

SECOND = N_("A second person has to do this: you ordered it, or gave the account for it.")
TOO_LATE = N_("This refund has moved on meanwhile. Please look at it again.")
TAKEN = N_("The donor's bank has taken this money back, or asks for it: it is not owed now.")


def lock(row: int) -> Refund:
    """Lock a refund's payment, and read both as they are now."""
    found = session.get_one(Refund, row)
    queries.lock_payment(found.payment_id)
    session.refresh(found)
    return found


def owe(payment: Payment, failed: Refund) -> Refund:
    """Owe what the provider could not give back: its donor is asked where to, once.

    Of the whole, whatever else became of the payment: what is taken by others is told apart by its
    position, in whatever order the facts come.
    """
    return services.write_refund(
        payment,
        failed.money,
        way="bank",
        reason=failed.reason,
        actor_id=failed.actor_id,
        instead_of=failed.id,
    )


def give_account(
    row: int, iban: str, holder: str, *, actor: int | None = None, proof: Proof | None = None
) -> Refund:
    """Take in where an owed refund goes, by its donor's word.

    `actor` enters it for a donor who has signed a paper, the proof. Where the money came from,
    nobody else has to look. Raises Refused when it is no longer asked for.
    """
    refund = lock(row)
    if refund.state != "owed":
        raise Refused(TOO_LATE)
    if bank.is_qr_iban(iban) or not plain(holder, NAME):
        raise Refused(N_("No bank could pay to this account, as it is written here."))
    if proof is not None:
        papers.keep(*proof, owner=("refund", row), person=actor)
    refund.iban, refund.holder = iban, holder
    refund.confirmed_at, refund.given_by = clock.now(), actor
    # Never the number itself: histories are read by more people than may see it.
    history.record("refund", row, "account", None, "given", actor=actor)
    known = refund.payment.sender_iban == iban
    REFUND.move(refund, "ready" if known else "to_approve", actor=actor)
    return refund


def approve(row: int, *, actor: int) -> Refund:
    """Let a second person agree; raise Refused for whoever ordered it or gave the account."""
    refund = lock(row)
    if refund.state != "to_approve":
        raise Refused(TOO_LATE)
    if actor in {refund.actor_id, refund.given_by}:
        raise Refused(SECOND)
    refund.approved_by = actor
    if refund.way == "mistake":
        _undo(refund, actor)
    else:
        REFUND.move(refund, "ready", actor=actor)
    return refund


def decline(row: int, why: str, *, actor: int) -> Refund:
    """Do not agree: an account is asked for again, everything else is called off."""
    refund = lock(row)
    if refund.state != "to_approve":
        raise Refused(TOO_LATE)
    if refund.way == "bank":
        REFUND.move(refund, "owed", why=why, actor=actor)
        _forget_account(refund)
        services.ask_where(refund)
    else:
        _call_off(refund, why, actor)
    return refund


def withdraw(row: int, why: str, *, actor: int) -> Refund:
    """Call off a refund that was not paid, and tell the donor why."""
    refund = lock(row)
    if not REFUND.may(refund.state, "cancelled"):
        raise Refused(TOO_LATE)
    _call_off(refund, why, actor)
    return refund


def _call_off(refund: Refund, why: str, actor: int) -> None:
    REFUND.move(refund, "cancelled", why=why, actor=actor)
    if refund.way != "mistake":
        refund.trouble = why
        _rebook(refund, "refund withdrawn", clock.now())
        outbox.emit("refund_withdrawn", **about(refund))


def _forget_account(refund: Refund) -> None:
    refund.iban = refund.holder = refund.confirmed_at = None
    refund.given_by = refund.approved_by = refund.file_id = None


# Paid, and sent back -------------------------------------------------------------------------


def refuse_unpayable(refund: Refund, payment: Payment, actor: int) -> None:
    """Raise Refused unless a refund may be paid now, by this person; its payment is locked."""
    if refund.state not in {"ready", "in_file"}:
        raise Refused(TOO_LATE)
    if refund.state == "ready" and services.unclaimed(payment) < 0:
        raise Refused(TAKEN)
    if refund.approved_by is None or refund.actor_id is not None:
        return
    # Nobody ordered what a provider's failure has left: who pays it stands for them.
    if actor == refund.approved_by:
        raise Refused(SECOND)
    refund.actor_id = actor


def pay(
    row: int,
    account: BankAccount,
    paid: Money,
    at: datetime,
    *,
    actor: int,
    proof: Proof | None = None,
) -> Refund:
    """Note that a refund was debited, or handed over; only now its donor is told "refunded".

    Raises Refused for another sum than was due in its currency, and for cash without the paper
    that the donor has signed.
    """
    refund = lock(row)
    refuse_unpayable(refund, refund.payment, actor)
    if paid.currency != account.currency or (refund.account or account.slug) != account.slug:
        raise Refused(N_("This is not the account that it is paid from."))
    if paid.currency == refund.currency and paid.minor != refund.minor:
        raise Refused(N_("In the refund's own currency, exactly the sum that is due is debited."))
    if refund.way == "cash" and proof is None:
        raise Refused(N_("Please bring the paper that the donor has signed."))
    if proof is not None:
        papers.keep(*proof, owner=("refund", row), person=actor)
    refund.account, refund.paid_at = account.slug, at
    refund.paid_minor, refund.paid_currency = paid.minor, paid.currency
    REFUND.move(refund, "succeeded", actor=actor)
    _rebook(refund, "refund paid", at)
    _tell_refunded(refund)
    return refund


def _tell_refunded(refund: Refund) -> None:
    money = refund.money
    outbox.emit("pledge_refunded", amount=money.decimal, currency=money.currency, **about(refund))


def send_back(row: int, at: datetime, why: str, *, actor: int) -> Refund:
    """Note that the bank sent a refund back, or did not carry it out: it is owed again."""
    refund = lock(row)
    if refund.way != "bank" or refund.state not in {"succeeded", "in_file"}:
        raise Refused(TOO_LATE)
    REFUND.move(refund, "owed", why=why, actor=actor)
    refund.trouble = why
    refund.paid_at = refund.paid_minor = refund.paid_currency = None
    refund.account = None
    _forget_account(refund)
    _rebook(refund, "refund returned", at)
    services.ask_where(refund)
    return refund


def _rebook(refund: Refund, kind: str, at: datetime) -> None:
    session.flush()
    standing.rebook(refund.payment_id, kind, f"refund {refund.id}", at)


def about(refund: Refund) -> dict[str, int | str]:
    """Return what every signal of a refund tells."""
    pledge = refund.payment.pledge
    return {
        "pledge": pledge.id,
        "payment": refund.payment_id,
        "refund": refund.id,
        "project": pledge.project.slug,
    }


# Transfers that were entered by mistake, or called back ------------------------------------


def by_transfer(payment: Payment) -> bool:
    """Tell whether a payment came by transfer; what slips vouch for is void by ways of its own."""
    return (payment.held_in or "").startswith("bank:") and payment.gateway != cash.NAME


def doubt(payment: int, why: str, *, actor: int) -> Refund:
    """Ask a second person to take a transfer back that was entered by mistake.

    Raises Refused for what was not entered by hand, and while anything of it was given back.
    """
    found = queries.lock_payment(payment)
    if found.state != "settled" or not by_transfer(found):
        raise Refused(N_("Only a transfer that was entered, and is whole, can be taken back."))
    return services.order_refund(found, found.charged, reason=why, actor=actor, way="mistake")


def _undo(refund: Refund, actor: int) -> None:
    REFUND.move(refund, "succeeded", actor=actor)
    session.flush()
    at, voucher = clock.now(), f"refund {refund.id}"
    standing.undo(refund.payment_id, voucher, at, actor=actor, reason=refund.reason)
    outbox.emit("transfer_undone", **about(refund))


def recall(
    payment: int, money: Money, at: datetime, why: str, proof: Proof, *, actor: int
) -> Refund:
    """Note that the donor's bank called a transfer back: a fact, whatever was given back before.

    Raises Refused for more than came, or where nothing came by transfer.
    """
    found = queries.lock_payment(payment)
    if found.state not in MONEY_CAME or not by_transfer(found):
        raise Refused(N_("Only a transfer that came can be called back."))
    called = sum(row.minor for row in found.refunds if row.way == "recall")
    if money.currency != found.currency or called + money.minor > found.charged.minor:
        raise Refused(N_("This is more than what came."))
    refund = services.write_refund(
        found,
        money,
        way="recall",
        state="succeeded",
        reason=why,
        actor_id=actor,
        account=str(found.held_in).removeprefix("bank:"),
        paid_at=at,
        paid_minor=money.minor,
        paid_currency=money.currency,
        ordered_at=at,
    )
    papers.keep(*proof, owner=("refund", refund.id), person=actor)
    _tell_refunded(refund)
    return refund


# Early fraud warnings --------------------------------------------------------------------


def heed(warning: FraudWarning, *, actor: int | None) -> Refund | None:
    """Refund what is left of a payment that a card's bank has warned of; a job sends it."""
    payment = queries.lock_payment(warning.payment_id)
    session.refresh(warning)
    if warning.state != "open":
        raise Refused(TOO_LATE)
    if not services.refundable(payment):
        WARNING.move(warning, "dismissed", why="nothing is left to refund", actor=actor)
        return None
    WARNING.move(warning, "refunded", why="refunded", actor=actor)
    return services.order_refund(payment, None, reason="early fraud warning", actor=actor)


def dismiss(row: int, why: str, *, actor: int) -> None:
    """Leave a payment as it is in spite of a warning."""
    warning = session.get_one(FraudWarning, row)
    queries.lock_payment(warning.payment_id)
    session.refresh(warning)
    if warning.state != "open":
        raise Refused(TOO_LATE)
    WARNING.move(warning, "dismissed", why=why, actor=actor)
