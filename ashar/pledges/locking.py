"""The payment service's messages about erased donors: the original is locked away, a copy stays.

The copy in the inbox lacks what names a person, and can be read and replayed as before: nothing
that is booked depends on it. Messages that come later are found by an hourly look.
"""

import base64
import json
import re
from datetime import timedelta
from typing import Any

from sqlalchemy import func, or_, select, update

from ashar.gateways import bank
from ashar.kernel import clock, db, jobs, papers, retained
from ashar.kernel.db import session
from ashar.kernel.i18n import N_
from ashar.kernel.papers import Paper
from ashar.pledges.models import Dispute, Inbox, Payment, Pledge, Refund

MESSAGE, PAPER = "message", "paper"
WHY = N_("A voucher of a payment: law has us keep it.")
#: What names somebody in a message, by the name of its field, whatever it is a part of.
NAMES = frozenset(
    "email customer_email receipt_email payer_email name phone address postal_code line1 line2 city"
    " last4 fingerprint iban_last4 exp_month exp_year receipt_url hosted_invoice_url"
    " cardholder_name sender".split()
)
#: A transfer that was entered, and the payment that it became.
PAID_BY = (Payment.gateway == Inbox.gateway) & (Payment.charge_id == Inbox.external_id)
_ID = re.compile(rb'"([a-z]{2,6}_[A-Za-z0-9_]{4,80})"')
BATCH = 200
#: How far back the hourly look goes.
RECENT = timedelta(days=3)
HOUR = 3600


def without_names(found: Any) -> Any:
    """Return a message without what names a person."""
    if isinstance(found, dict):
        return {
            key: None if key in NAMES and not isinstance(part, dict | list) else without_names(part)
            for key, part in found.items()
        }
    return [without_names(part) for part in found] if isinstance(found, list) else found


@jobs.job("privacy.lock")
def lock_all() -> int:
    """Go through the whole inbox after an erasure; return how many messages were locked away."""
    session.rollback()
    return _from(0) + _lock_papers()


@jobs.job("privacy.lock_recent", every=HOUR)
def lock_recent() -> int:
    """Go through what came lately; return how many messages were locked away."""
    session.rollback()
    first = session.execute(
        select(func.min(Inbox.id)).where(Inbox.received_at >= clock.now() - RECENT)
    ).scalar_one()
    return 0 if first is None or not _any_erased() else _from(first) + _lock_papers()


def _any_erased() -> bool:
    query = select(Pledge.id).where(Pledge.erased_at.is_not(None)).limit(1)
    return session.execute(query).first() is not None


def _from(row: int) -> int:
    locked, after = 0, row - 1
    while batch := _bodies(after):
        erased = _erased({name for names in batch.values() for name in names})
        concerned = [one for one, names in batch.items() if names & erased]
        if concerned:
            with db.transaction():
                locked += sum(lock_message(one) for one in concerned)
        after = max(batch)
        session.rollback()
    return locked


def _bodies(after: int) -> dict[int, set[str]]:
    """Return the next messages, with the ids of the provider that each of them names."""
    rows = session.execute(
        select(Inbox.id, Inbox.body)
        .where(Inbox.id > after, Inbox.gateway != bank.NAME)
        .order_by(Inbox.id)
        .limit(BATCH)
    )
    return {row: {name.decode() for name in _ID.findall(body or b"")} for row, body in rows}


def _erased(names: set[str]) -> set[str]:
    """Return which of a provider's ids are of payments whose donor was erased."""
    found: set[str] = set()
    columns = (Payment.session_id, Payment.intent_id, Payment.charge_id)
    rows = session.execute(
        select(*columns)
        .join(Payment.pledge)
        .where(Pledge.erased_at.is_not(None), or_(*(column.in_(names) for column in columns)))
    )
    for row in rows:
        found |= set(filter(None, row))
    for model in (Refund, Dispute):
        query = select(model.gateway_id).join(model.payment).join(Payment.pledge)
        query = query.where(Pledge.erased_at.is_not(None), model.gateway_id.in_(names))
        found |= set(filter(None, session.scalars(query)))
    return found


def lock_message(row: int) -> bool:
    """Lock one message away; tell whether it was not before."""
    message = session.execute(
        select(Inbox).where(Inbox.id == row).with_for_update(),
        execution_options={"populate_existing": True},
    ).scalar_one()
    try:
        whole = json.loads(message.body or b"")
    except ValueError:
        return False
    if (bare := without_names(whole)) == whole:
        return False
    original = {"body": base64.b64encode(message.body or b"").decode()}
    retained.keep(MESSAGE, row, original, WHY, message.received_at)
    session.execute(
        update(Inbox)
        .where(Inbox.id == row)
        .values(body=json.dumps(bare, separators=(",", ":")).encode())
        .execution_options(synchronize_session=False)
    )
    return True


def _lock_papers() -> int:
    """Lock the proofs of erased donors' transfers: auditors alone get them from then on."""
    locked = select(retained.Retained.row).where(retained.Retained.kind == PAPER)
    rows = session.execute(
        select(Paper.id, Paper.kept_at)
        .join(Inbox, (Paper.owner_kind == "inbox") & (Paper.owner_id == Inbox.id))
        .join(Payment, PAID_BY)
        .join(Payment.pledge)
        .where(Pledge.erased_at.is_not(None), Paper.id.not_in(locked))
    ).all()
    if rows:
        with db.transaction():
            for row, at in rows:
                retained.keep(PAPER, row, {}, WHY, at)
    return len(rows)


def is_locked(paper: Paper) -> bool:
    """Tell whether a proof is for auditors alone: its donor was erased."""
    return retained.of(PAPER, paper.id) is not None or _belongs_to_erased(paper)


def _belongs_to_erased(paper: Paper) -> bool:
    """Look at the pledge too: the job that locks may not have come to it yet."""
    query = (
        select(Pledge.id)
        .join(Payment, Payment.pledge_id == Pledge.id)
        .join(Inbox, PAID_BY)
        .where(Pledge.erased_at.is_not(None), Inbox.id == paper.owner_id)
    )
    if paper.owner_kind != "inbox":
        return False
    return session.execute(query.limit(1)).first() is not None


def _dispose(row: int) -> None:
    if (paper := session.get(Paper, row)) is not None:
        papers.discard(paper)


retained.DISPOSALS[PAPER] = _dispose
