"""What hangs on a donor's pledges, as far as it says who they are: exported, and erased with them.

Offers are taken back, monthly gifts end by a job, account numbers and receipts are locked away.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute

from ashar.kernel import db, jobs, retained
from ashar.kernel.db import session
from ashar.kernel.i18n import N_
from ashar.kernel.money import minor_to_decimal
from ashar.people.privacy import Part, Stays, Subject, Table, register
from ashar.pledges import locking, offers, privacy
from ashar.pledges.models import (
    Inbox,
    Offer,
    Payment,
    Pledge,
    Receipt,
    Refund,
    Remittance,
    Subscription,
)
from ashar.pledges.sheets.facts import Donor
from ashar.pledges.states import OVER

RECEIPT, REFUND, PAYMENT = "receipt", "refund", "payment"
#: States of an offer that its giver may still take back.
OPEN = ("offered", "accepted")

Row = TypeVar("Row")


def _of(subject: Subject, model: type[Row], pledge: InstrumentedAttribute[Any]) -> Sequence[Row]:
    key: Any = model.id  # type: ignore[attr-defined]
    found = select(model).where(pledge.in_(privacy.rows(subject))).order_by(key)
    return session.scalars(found).all()


def _receipts(subject: Subject) -> Sequence[Receipt]:
    theirs: ColumnElement[bool] = Receipt.pledge_id.in_(privacy.rows(subject))
    if subject.email:
        theirs = or_(theirs, Receipt.donor == func.lower(subject.email))
    return session.scalars(select(Receipt).where(theirs).order_by(Receipt.id)).all()


def _refunds(subject: Subject) -> Sequence[Refund]:
    payments = select(Payment.id).where(Payment.pledge_id.in_(privacy.rows(subject)))
    found = select(Refund).where(Refund.payment_id.in_(payments), Refund.iban.is_not(None))
    return session.scalars(found.order_by(Refund.id)).all()


# Exported ----------------------------------------------------------------------------------


def _export(subject: Subject) -> Iterator[Table]:
    yield (
        "offers",
        [
            {
                "pledge": one.pledge.token,
                "state": one.state,
                "unit": one.unit,
                "offered": one.offered,
                "accepted": one.accepted,
                "delivered": one.delivered,
                "confirmed": one.confirmed,
                "people": one.people,
                "day": one.day,
            }
            for one in _of(subject, Offer, Offer.pledge_id)
        ],
    )
    yield (
        "monthly_gifts",
        [
            {
                "pledge": one.pledge_id,
                "state": one.state,
                "amount": minor_to_decimal(one.gift_minor, one.currency),
                "currency": one.currency,
                "started_at": one.started_at,
                "next_at": one.next_at,
                "card_until": one.card_until,
                "ended_at": one.ended_at,
            }
            for one in _of(subject, Subscription, Subscription.pledge_id)
        ],
    )
    yield (
        "receipts",
        [
            {"number": one.number, "kind": one.kind, "day": one.day, **one.facts["donor"]}
            for one in _receipts(subject)
        ],
    )
    yield (
        "accounts_for_refunds",
        [
            {"refund": one.id, "iban": one.iban, "holder": one.holder, "state": one.state}
            for one in _refunds(subject)
        ],
    )
    yield (
        "sent_to_partners",
        [
            {
                "control_number": one.control,
                "sent_on": one.sent_on,
                "state": one.state,
                "made_at": one.made_at,
            }
            for one in _of(subject, Remittance, Remittance.pledge_id)
        ],
    )


# What stays --------------------------------------------------------------------------------


def _stays(subject: Subject) -> list[Stays]:
    found: list[Stays] = []
    issued: list[datetime] = [one.issued_at for one in _receipts(subject)]
    if issued:
        found.append(
            Stays(
                N_("Duplicates of your receipts, with name and address, locked away"),
                privacy.WHY,
                retained.until(max(issued)),
            )
        )
    if any(one.state not in OVER for one in _refunds(subject)):
        found.append(
            Stays(
                N_("The account that a refund to you is still to be paid to"),
                N_("Without it the refund could not reach you. It is locked away once it has."),
            )
        )
    return found


# Erased ------------------------------------------------------------------------------------


def _erase(subject: Subject) -> None:
    for offer in _of(subject, Offer, Offer.pledge_id):
        if offer.state in OPEN:
            offers.withdraw(offer, actor=subject.person)
    for receipt in _receipts(subject):
        _empty(receipt)
    for refund in _refunds(subject):
        if refund.state in OVER:
            lock_account(refund)
    _lock_senders(subject)
    # Its provider is asked outside of any transaction; the job finds it again if it is killed.
    db.after_commit("monthly.follow", lambda: jobs.enqueue("monthly.follow"))


def _empty(receipt: Receipt) -> None:
    """Leave the number, the sum and the day; name, address and paper are for auditors alone."""
    about = {"donor": receipt.facts["donor"], "email": receipt.donor}
    retained.keep(RECEIPT, receipt.id, about, privacy.WHY, receipt.issued_at)
    if receipt.paper_id is not None:
        retained.keep(locking.PAPER, receipt.paper_id, {}, privacy.WHY, receipt.issued_at)
    nobody = Donor()
    blank = {name: getattr(nobody, name) for name in receipt.facts["donor"]}
    receipt.facts = {**receipt.facts, "donor": blank}
    receipt.donor = None
    session.flush()


def lock_account(refund: Refund) -> None:
    """Lock the account away to which a refund went; the refund is over."""
    at = refund.paid_at or refund.ordered_at
    about = {"iban": refund.iban, "holder": refund.holder}
    retained.keep(REFUND, refund.id, about, locking.WHY, at)
    refund.iban = refund.holder = None
    session.flush()


def _lock_senders(subject: Subject) -> None:
    """Lock the accounts away from which transfers came, and the messages that told of them."""
    for payment in session.scalars(_sent(privacy.rows(subject))):
        about = {"sender": payment.sender_iban}
        at = payment.settled_at or payment.started_at
        retained.keep(PAYMENT, payment.id, about, locking.WHY, at)
        session.execute(
            update(Payment)
            .where(Payment.id == payment.id)
            .values(sender_iban=None)
            .execution_options(synchronize_session=False)
        )
        session.expire(payment, ["sender_iban"])
        told = select(Inbox.id).where(
            Inbox.gateway == payment.gateway, Inbox.external_id == payment.charge_id
        )
        for row in session.scalars(told):
            locking.lock_message(row)


def _sent(pledges: Sequence[int]) -> Select[Payment]:
    return select(Payment).where(Payment.pledge_id.in_(pledges), Payment.sender_iban.is_not(None))


@jobs.job("privacy.accounts", every=3600)
def lock_accounts(limit: int = 200) -> int:
    """Lock accounts away of erased donors whose refunds are over since; return how many."""
    with db.transaction():
        found = session.scalars(
            select(Refund)
            .join(Refund.payment)
            .join(Payment.pledge)
            .where(Pledge.erased_at.is_not(None), Refund.iban.is_not(None))
            .where(Refund.state.in_(OVER))
            .order_by(Refund.id)
            .limit(limit)
        ).all()
        for refund in found:
            lock_account(refund)
        return len(found)


# Before the pledges themselves, by which all of it is found.
register(Part("attached", 45, _export, _erase, _stays))
