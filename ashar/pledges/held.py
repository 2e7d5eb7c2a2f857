"""A payment under its lock, with pledge and project: plain rows, one statement to read or write.

Every fact from outside changes these three, so they do without the ORM, whose loading and unit of
work cost more than all the rest of a settlement.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cache
from operator import attrgetter
from typing import Any

from sqlalchemy import Row, Select, Table, bindparam, func, select, update

from ashar.kernel import db
from ashar.kernel.money import Money
from ashar.pledges.models import Payment, Pledge
from ashar.pledges.position import Settled
from ashar.projects.models import Project
from ashar.projects.totals import Target


@dataclass(slots=True)
class HeldPledge:
    """What a settlement needs of the pledge, under its lock."""

    id: int
    token: str
    state: str
    counted: bool
    gift_minor: int
    currency: str
    visibility: str
    group_id: int | None

    @property
    def gift(self) -> Money:
        """Return what is given."""
        return Money(self.gift_minor, self.currency)


@dataclass(slots=True)
class _Columns:
    """A payment's own row; see models.Payment for what its columns mean."""

    id: int
    pledge_id: int
    no: int
    gateway: str
    state: str
    gift_minor: int
    cover_minor: int
    currency: str
    session_id: str | None
    intent_id: str | None
    charge_id: str | None
    invoice_id: str | None
    account: str | None
    held_in: str | None
    transaction_id: str | None
    settled_minor: int | None
    settled_fee: int | None
    settled_currency: str | None
    worth_minor: int | None
    worth_currency: str | None
    moved_minor: int
    awaiting_minor: int
    awaiting_currency: str | None
    trouble: str | None
    pool_id: int | None


@dataclass(slots=True)
class HeldPayment(_Columns):
    """A payment with its pledge and project; `tries` counts the payments of its pledge.

    `read` is what the database holds of payment and pledge; `also` are columns that are written
    and that nobody here reads.
    """

    tries: int
    pledge: HeldPledge
    project: Target
    read: tuple[tuple[Any, ...], tuple[Any, ...]]
    also: dict[str, Any]

    @property
    def charged(self) -> Money:
        """Return what the donor is charged."""
        return Money(self.gift_minor + self.cover_minor, self.currency)

    @property
    def settled(self) -> Settled | None:
        """Return what the provider credited, once it is known."""
        if self.settled_minor is None or self.settled_currency is None:
            return None
        return Settled(self.settled_minor, self.settled_fee or 0, self.settled_currency)


_PAYMENT, _PLEDGE, _PROJECT = (
    tuple(item.name for item in fields(kind)) for kind in (_Columns, HeldPledge, Target)
)
_values = (attrgetter(*_PAYMENT), attrgetter(*_PLEDGE))
_PLEDGE_FROM = len(_PAYMENT)
_PROJECT_FROM = _PLEDGE_FROM + len(_PLEDGE)
_TRIES = _PROJECT_FROM + len(_PROJECT)

_payments, _pledges, _projects = map(db.table_of, (Payment, Pledge, Project))
_others = _payments.alias("other")

#: A payment with its pledge and project. A try that is added while we wait for the lock is missing
#: from the count; what has only been begun says nothing about the pledge.
_ROWS = select(
    *[_payments.c[name] for name in _PAYMENT],
    *[_pledges.c[name] for name in _PLEDGE],
    *[_projects.c[name] for name in _PROJECT],
    select(func.count())
    .select_from(_others)
    .where(_others.c.pledge_id == _payments.c.pledge_id)
    .scalar_subquery(),
).select_from(_payments.join(_pledges).join(_projects, _projects.c.id == _pledges.c.project_id))

_GATEWAY = _payments.c.gateway == bindparam("gateway")
_FOUND_BY = {
    "row": (_payments.c.id == bindparam("row"),),
    "session": (_GATEWAY, _payments.c.session_id == bindparam("session")),
    "attempt": (
        _GATEWAY,
        _pledges.c.token == bindparam("token"),
        _payments.c.no == bindparam("no"),
    ),
    "intent": (_GATEWAY, _payments.c.intent_id == bindparam("intent")),
    "charge": (_GATEWAY, _payments.c.charge_id == bindparam("charge")),
    "invoice": (_GATEWAY, _payments.c.invoice_id == bindparam("invoice")),
}


@cache
def _locking(how: str) -> Select[Any]:
    """Build the statement that finds and locks a payment in one of the ways, once.

    The pledge too: its state and its place among the supporters follow from all its payments. It
    is locked before the payment, by everybody, so that nobody waits for each other in a circle.
    Not their keys: a refund's or payment's foreign key need not wait for us.
    """
    return _ROWS.where(*_FOUND_BY[how]).with_for_update(of=[_pledges, _payments], key_share=True)


def _lock(how: str, **values: Any) -> HeldPayment | None:
    # A pledge that moves to another project while we wait for its lock fails the join; it is found
    # by a second look.
    found = db.fetch(_locking(how), values) or db.fetch(_locking(how), values)
    return _made(found[0]) if found else None


def _made(values: tuple[Any, ...]) -> HeldPayment:
    own, of_pledge = values[:_PLEDGE_FROM], values[_PLEDGE_FROM:_PROJECT_FROM]
    pledge, project = HeldPledge(*of_pledge), Target(*values[_PROJECT_FROM:_TRIES])
    return HeldPayment(*(*own, values[_TRIES], pledge, project, (own, of_pledge), {}))


def lock(row: int) -> HeldPayment:
    """Lock a payment by its number."""
    found = _lock("row", row=row)
    if found is None:
        raise LookupError(f"no payment {row}")
    return found


def of_session(gateway: str, session_id: str) -> HeldPayment | None:
    """Return the payment that a provider's session belongs to, locked."""
    return _lock("session", gateway=gateway, session=session_id)


def of_attempt(gateway: str, token: str, no: int) -> HeldPayment | None:
    """Return the payment of a pledge's try, locked."""
    return _lock("attempt", gateway=gateway, token=token, no=no)


def of_ids(gateway: str, intent: str | None, charge: str | None) -> HeldPayment | None:
    """Return the payment of a provider's intent or charge, locked."""
    found = None
    if intent:
        found = _lock("intent", gateway=gateway, intent=intent)
    if found is None and charge:
        found = _lock("charge", gateway=gateway, charge=charge)
    return found


def of_invoice(gateway: str, invoice: str) -> HeldPayment | None:
    """Return the payment of a provider's invoice, locked."""
    return _lock("invoice", gateway=gateway, invoice=invoice)


_OTHERS = select(_payments.c.no, _payments.c.state, _payments.c.moved_minor).where(
    _payments.c.pledge_id == bindparam("pledge"), _payments.c.id != bindparam("payment")
)


def others(payment: HeldPayment) -> list[Row[int, str, int]]:
    """Return number, state and place in the totals of the pledge's other payments."""
    if payment.tries == 1:
        return []
    given = {"pledge": payment.pledge_id, "payment": payment.id}
    return list(db.connection().execute(_OTHERS, given))


def stream() -> Iterator[HeldPayment]:
    """Yield all payments as they are, by their numbers; none of them is locked."""
    rows = db.connection().execute(_ROWS.order_by(_payments.c.id).execution_options(yield_per=500))
    yield from map(_made, map(tuple, rows))


_CHANGE = {
    table: update(table).where(table.c.id == bindparam("row")) for table in (_payments, _pledges)
}


def save(payment: HeldPayment) -> None:
    """Write what has changed of a held payment and its pledge, one statement each."""
    now = _values[0](payment), _values[1](payment.pledge)
    _write(_payments, payment.id, _changed(_PAYMENT, payment.read[0], now[0]) | payment.also)
    _write(_pledges, payment.pledge.id, _changed(_PLEDGE, payment.read[1], now[1]))
    payment.read, payment.also = now, {}


def _changed(
    names: tuple[str, ...], before: tuple[Any, ...], now: tuple[Any, ...]
) -> dict[str, Any]:
    return {
        name: value for name, old, value in zip(names, before, now, strict=True) if value != old
    }


def _write(table: Table, row: int, changed: dict[str, Any]) -> None:
    if changed:
        db.write(_CHANGE[table], {"row": row, **changed})
