"""Monthly gifts at the door: an invoice's payment, and how a subscription stands.

The first invoice is paid by the payment that checkout began; each later one is a payment of its
own, which is one per invoice, whatever is told of it, how often and in which order. Locks are taken
in the order of the house: pledge, payment, then the subscription.
"""

from datetime import datetime

from sqlalchemy import select

from ashar.gateways.base import Notice
from ashar.kernel import history, outbox
from ashar.kernel.db import session
from ashar.kernel.errors import Parked, Waits
from ashar.kernel.money import Money
from ashar.pledges import held, queries, services
from ashar.pledges.held import HeldPayment
from ashar.pledges.models import Payment, Pledge, Subscription
from ashar.pledges.states import SUBSCRIPTION

#: Whose doing it was that a subscription ended, by the provider's word.
ENDED_BY = {"payment_failed": "failed", "payment_disputed": "failed"}


def invoiced(notice: Notice) -> HeldPayment:
    """Return the payment of an invoice, locked: known, begun by checkout, or new."""
    pledge = _pledge_of(notice)
    invoice = notice.ids["invoice"]
    # Only now, under the pledge's lock: the same invoice may have come in twice at once.
    if (known := held.of_invoice(notice.gateway, invoice)) is not None:
        return known
    payment = _begun(pledge, notice) or held.lock(_add(pledge, notice).id)
    payment.invoice_id = invoice
    return payment


def _pledge_of(notice: Notice) -> Pledge:
    """Return the pledge of a subscription, locked; raise Waits while it is unknown."""
    subscription, token = notice.ids["subscription"], notice.ids.get("token")
    known = of_gateway(notice.gateway, subscription)
    found = session.get(Pledge, known.pledge_id) if known else queries.by_token(token or "")
    if found is None:
        raise Waits(subscription)
    if token not in {None, found.token}:
        raise Parked(f"{subscription} names another pledge than before")
    if found.frequency != "monthly" or found.payments[0].gateway != notice.gateway:
        raise Parked(f"pledge {found.id} is no monthly gift through {notice.gateway}")
    return queries.lock_pledge(found.id)


def _begun(pledge: Pledge, notice: Notice) -> HeldPayment | None:
    """Return the payment that checkout began, if this invoice is the first one."""
    no = notice.ids.get("attempt")
    payment = held.of_attempt(notice.gateway, pledge.token, int(no)) if no else None
    if payment is not None and payment.invoice_id not in {None, notice.ids["invoice"]}:
        raise Parked(f"payment {payment.id} was paid by {payment.invoice_id}")
    return payment


def _add(pledge: Pledge, notice: Notice) -> Payment:
    """Add the payment of a later invoice, of what that asks for."""
    gift, cover = _parts(pledge, notice)
    payment = services.add_payment(pledge, notice.gateway)
    payment.gift_minor, payment.cover_minor = gift.minor, cover.minor
    session.flush()
    return payment


def _parts(pledge: Pledge, notice: Notice) -> tuple[Money, Money]:
    """Return gift and cover of what is charged; without a word of ours all of it is the gift."""
    money = notice.money
    if money is None or money.minor <= 0 or money.currency != pledge.currency:
        raise Parked(f"{money} is asked for a pledge in {pledge.currency}")
    gift = notice.gift if notice.gift and notice.gift.minor <= money.minor else money
    return gift, money - gift


# How it stands -----------------------------------------------------------------------------


def of_gateway(gateway: str, gateway_id: str) -> Subscription | None:
    """Return the subscription that a provider calls so."""
    return session.scalars(
        select(Subscription).where(
            Subscription.gateway == gateway, Subscription.gateway_id == gateway_id
        )
    ).one_or_none()


def lock(row: int) -> Subscription:
    """Read a subscription as it is now and keep others from it until the commit."""
    return session.execute(
        select(Subscription)
        .where(Subscription.id == row)
        .with_for_update(of=Subscription)
        .execution_options(populate_existing=True)
    ).scalar_one()


def take(notice: Notice) -> set[str]:
    """Take in how a subscription stood at an instant; an older snapshot changes nothing."""
    if not notice.status:
        # Only that something became of it: what, is asked for.
        return set()
    pledge = _pledge_of(notice)
    row = _row(pledge, notice)
    if row is None:
        return set()
    if row.told_at is not None and notice.at < row.told_at:
        return {row.gateway_id}
    gift, cover = _parts(pledge, notice)
    _follow_amount(row, gift, cover)
    row.told_at, row.card_until = notice.at, notice.card_until
    begins = row.next_at is None
    row.next_at = notice.next_at
    moved = SUBSCRIPTION.may(row.state, notice.status) and SUBSCRIPTION.move(
        row, notice.status, why=notice.reason or notice.id
    )
    if moved and row.state == "active":
        row.paused_by = None
    about = {"subscription": row.id, "pledge": pledge.id, "project": pledge.project.slug}
    if begins and row.state != "ended":
        outbox.emit("subscription_started", **about)
    if moved and row.state == "ended":
        row.ended_at = notice.at
        row.ended_by = row.ended_by or ENDED_BY.get(notice.reason, "provider")
        outbox.emit("subscription_ended", **about, by=row.ended_by)
    return {row.gateway_id}


def _row(pledge: Pledge, notice: Notice) -> Subscription | None:
    """Return the row of a locked pledge's subscription, locked, written if it is new.

    None for one that ended before anything was charged: a card declined at checkout leaves such.
    """
    found = of_gateway(notice.gateway, notice.ids["subscription"])
    if found is not None:
        return lock(found.id)
    if notice.status == "ended":
        return None
    gift, cover = _parts(pledge, notice)
    row = Subscription(
        pledge_id=pledge.id,
        gateway=notice.gateway,
        gateway_id=notice.ids["subscription"],
        state=SUBSCRIPTION.start,
        gift_minor=gift.minor,
        cover_minor=cover.minor,
        currency=gift.currency,
        started_at=notice.at,
    )
    session.add(row)
    session.flush()
    history.record("subscription", row.id, "state", None, row.state, why=notice.id)
    return row


def _follow_amount(row: Subscription, gift: Money, cover: Money) -> None:
    before, now = str(row.gift), str(gift)
    if before != now:
        history.record("subscription", row.id, "amount", before, now)
    row.gift_minor, row.cover_minor = gift.minor, cover.minor


# What became of an invoice -------------------------------------------------------------------


def note_paid(payment: HeldPayment) -> None:
    """Forget the trouble of an invoice that was paid after all."""
    for row in _troubled(payment):
        row.trouble = row.invoice_id = None


def note_failure(payment: HeldPayment, notice: Notice) -> dict[str, str | bool]:
    """Note what could not be charged, and why; return what the signal tells beyond the payment."""
    subscription = notice.ids.get("subscription")
    found = of_gateway(notice.gateway, subscription) if subscription else None
    if found is not None:
        row = lock(found.id)
        row.invoice_id, row.trouble = payment.invoice_id, notice.reason or "failed"
    return {"renewal": True, "again": _iso(notice.next_at)}


def _iso(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def _troubled(payment: HeldPayment) -> list[Subscription]:
    query = select(Subscription).where(
        Subscription.pledge_id == payment.pledge_id,
        Subscription.invoice_id == payment.invoice_id,
    )
    found = session.scalars(query.with_for_update().execution_options(populate_existing=True))
    return list(found)
