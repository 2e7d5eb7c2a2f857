"""Transfers that are waited for: entered by hand, reminded of, and let go after their time."""

from datetime import timedelta

from sqlalchemy import Row, Select, select

from ashar.gateways import bank
from ashar.gateways.base import Notice, Received
from ashar.kernel import clock, db, history, jobs, outbox, papers
from ashar.kernel.db import session
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_
from ashar.pledges import inbox, queries, settlement, tasks
from ashar.pledges.models import Payment, Pledge

#: A transfer may take a week from abroad; whoever forgot is told twice, and then left alone.
REMINDERS = (timedelta(days=10), timedelta(days=30))
KNOWN = N_(
    "This form was sent before, with other figures, and those are entered. For another transfer, "
    "open this page anew."
)
#: A reminder that is later than this is not sent at all.
GRACE = timedelta(days=5)


def enter(came: Received, proof: tuple[bytes, str], *, actor: int) -> str:
    """Take in a transfer that a treasurer saw on the account, with its proof; return its state.

    The same message twice is one transfer, and one proof. Raises Refused for a proof that is
    neither a PDF nor a picture, and for other figures under the name of a message that is known.
    """
    with db.transaction():
        row = inbox.store(bank.NAME, came)
        if row is not None:
            papers.keep(*proof, owner=("inbox", row), person=actor)
            history.record("inbox", row, "entered", None, came.id, actor=actor)
        elif inbox.body(bank.NAME, came.id) != came.body:
            raise Refused(KNOWN)
    return tasks.take_in(bank.NAME, came)


@jobs.job("transfers.expire", every=3600)
def expire(limit: int = 500) -> int:
    """Let transfers run out that did not come in their time; return how many.

    Money that comes all the same is booked all the same.
    """
    session.rollback()
    rows = session.execute(
        select(Payment.id, Payment.gateway, Payment.no, Pledge.token)
        .join(Payment.pledge)
        .where(
            Payment.state == "started",
            Payment.session_id.is_(None),
            Payment.ends_at < clock.now(),
        )
        .order_by(Payment.ends_at)
        .limit(limit)
    ).all()
    for row in rows:
        with db.transaction():
            settlement.receive(_ran_out(row))
    return len(rows)


def _ran_out(row: Row[int, str, int, str]) -> Notice:
    payment, gateway, no, token = row
    return Notice(
        gateway=gateway,
        id=f"payment {payment} ran out",
        kind="expired",
        at=clock.now(),
        reference=token,
        ids={"attempt": str(no)},
    )


@jobs.job("transfers.remind", every=3600)
def remind(limit: int = 500) -> int:
    """Remind donors of transfers that have not come; return of how many."""
    session.rollback()
    return sum(
        _remind(row, number)
        for number, after in enumerate(REMINDERS, 1)
        for row in session.scalars(_due(number, after).limit(limit)).all()
    )


def _due(number: int, after: timedelta) -> Select[int]:
    earliest = clock.now() - after - GRACE
    return select(Payment.id).where(
        Payment.gateway == bank.NAME,
        Payment.state == "started",
        Payment.instructions.is_not(None),
        Payment.reminded < number,
        Payment.started_at.between(earliest, earliest + GRACE),
    )


def _remind(row: int, number: int) -> bool:
    """Remind of one transfer; of two at once, one does."""
    with db.transaction():
        payment = queries.lock_payment(row)
        if payment.state != "started" or payment.reminded >= number:
            return False
        payment.reminded = number
        about = {"pledge": payment.pledge_id, "project": payment.pledge.project.slug}
        outbox.emit("transfer_due", payment=row, number=number, **about)
    return True
