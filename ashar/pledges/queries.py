"""Finding pledges and payments."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from ashar.kernel import db
from ashar.kernel.db import session
from ashar.pledges.models import Dispute, Payment, Pledge, Refund
from ashar.projects.models import Project


def by_token(token: str) -> Pledge | None:
    """Return the pledge of a private link."""
    return session.execute(select(Pledge).where(Pledge.token == token)).scalar_one_or_none()


def of_person(person: int, limit: int = 200) -> Sequence[Pledge]:
    """Return a person's pledges, newest first, with their projects' texts and payments."""
    return session.scalars(
        select(Pledge)
        .where(Pledge.person_id == person)
        .options(
            joinedload(Pledge.project).selectinload(Project.texts),
            selectinload(Pledge.payments).selectinload(Payment.refunds),
        )
        .order_by(Pledge.id.desc())
        .limit(limit)
    ).all()


def by_attempt(attempt: str) -> Pledge | None:
    """Return the pledge that a form has made before."""
    return session.execute(select(Pledge).where(Pledge.attempt == attempt)).scalar_one_or_none()


def by_any(word: str) -> Pledge | None:
    """Return the pledge that an operator means: by number, token or full link."""
    word = word.rstrip("/").rsplit("/", 1)[-1]
    if word.isdigit() and (found := session.get(Pledge, int(word))):
        return found
    return by_token(word)


def latest_payment(pledge: Pledge) -> Payment | None:
    """Return the last try to collect a pledge's money."""
    return pledge.payments[-1] if pledge.payments else None


@cache
def _payment() -> "Select[Payment]":
    """Build it on first use: it has SQLAlchemy configure every model, which takes a while."""
    return (
        select(Payment)
        .join(Payment.pledge)
        .join(Pledge.project)
        .options(contains_eager(Payment.pledge).contains_eager(Pledge.project))
        # The pledge too: its state and its place among the supporters follow from all its payments.
        # Not their keys: a refund's or payment's foreign key need not wait for us.
        .with_for_update(of=[Payment, Pledge], key_share=True)
        .execution_options(populate_existing=True)
    )


@cache
def _locking(how: str) -> "Select[Payment]":
    """Build the statement that finds a payment in one of the ways, once."""
    gateway = Payment.gateway == bindparam("gateway")
    ways: dict[str, tuple[ColumnElement[bool], ...]] = {
        "row": (Payment.id == bindparam("row"),),
        "session": (gateway, Payment.session_id == bindparam("session")),
        "attempt": (
            gateway,
            Pledge.token == bindparam("token"),
            Payment.no == bindparam("no"),
        ),
        "intent": (gateway, Payment.intent_id == bindparam("intent")),
        "charge": (gateway, Payment.charge_id == bindparam("charge")),
    }
    return _payment().where(*ways[how])


def _locked(how: str, **values: Any) -> Payment | None:
    """Read a payment with pledge and project as they are now; keep others off until the commit."""
    return session.execute(_locking(how), values).scalar_one_or_none()


def lock_payment(row: int) -> Payment:
    """Lock a payment by its number."""
    found = _locked("row", row=row)
    if found is None:
        raise LookupError(f"no payment {row}")
    return found


def payment_of_session(gateway: str, session_id: str) -> Payment | None:
    """Return the payment that a provider's session belongs to, locked."""
    return _locked("session", gateway=gateway, session=session_id)


def payment_of_attempt(gateway: str, token: str, no: int) -> Payment | None:
    """Return the payment of a pledge's try, locked."""
    return _locked("attempt", gateway=gateway, token=token, no=no)


def payment_of_ids(gateway: str, intent: str | None, charge: str | None) -> Payment | None:
    """Return the payment of a provider's intent or charge, locked."""
    found = None
    if intent:
        found = _locked("intent", gateway=gateway, intent=intent)
    if found is None and charge:
        found = _locked("charge", gateway=gateway, charge=charge)
    return found


_PAYMENTS = db.table_of(Payment).c
_OTHERS = select(_PAYMENTS.state, _PAYMENTS.moved_minor).where(
    _PAYMENTS.pledge_id == bindparam("pledge"), _PAYMENTS.id != bindparam("payment")
)


def others(payment: Payment) -> Sequence[Row[str, int]]:
    """Return state and place in the totals of a locked pledge's other payments."""
    given = {"pledge": payment.pledge_id, "payment": payment.id}
    found: Sequence[Row[str, int]] = db.connection().execute(_OTHERS, given).all()
    return found


def refund_of(gateway_id: str) -> Refund | None:
    """Return the refund that a provider calls so."""
    return session.execute(
        select(Refund).where(Refund.gateway_id == gateway_id)
    ).scalar_one_or_none()


def dispute_of(gateway_id: str) -> Dispute | None:
    """Return the dispute that a provider calls so."""
    return session.execute(
        select(Dispute).where(Dispute.gateway_id == gateway_id)
    ).scalar_one_or_none()
