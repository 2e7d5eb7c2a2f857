"""Making, cancelling and refunding pledges; called inside a transaction."""

from dataclasses import dataclass
from datetime import timedelta

from flask import current_app
from itsdangerous import BadSignature, Signer
from sqlalchemy import update

from ashar.gateways import bank
from ashar.kernel import clock, db, history, ids, outbox
from ashar.kernel.db import session
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_
from ashar.kernel.money import Money
from ashar.pledges import fees, held, queries, standing
from ashar.pledges.models import Key, Payment, Pledge, Refund
from ashar.pledges.states import MONEY_CAME, MONEY_LEFT, PAYMENT, PLEDGE
from ashar.projects import states
from ashar.projects.models import Project
from ashar.projects.queries import AnyRow

KEY_LIFE = timedelta(minutes=30)
#: Of a key that a letter brings unasked: it leads to one's own papers and changes nothing else.
LETTER_LIFE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a donor asked for on the form, validated."""

    attempt: str
    gift: Money
    method: str
    country: str
    language: str
    cover_fees: bool = False
    pays_from: str | None = None
    name: str = ""
    email: str | None = None
    phone: str | None = None
    visibility: str = "anonymous"
    message: str = ""
    in_honour_of: str = ""
    group: str = ""
    fallback: str = "refund"
    person: int | None = None
    receipt_address: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A pledge that was just written: its row, its payment's, its link, what covers the fees.

    `reference` stands on its transfers.
    """

    pledge: int
    payment: int
    token: str
    cover: Money
    reference: str | None


_PLEDGES, _PAYMENTS = db.table_of(Pledge), db.table_of(Payment)
# They go to the driver directly, with all that the models would fill in.
_WRITE_PLEDGE = _PLEDGES.insert().returning(_PLEDGES.c.id)
_WRITE_KEY = db.table_of(Key).insert().inline()
_WRITE_PAYMENT = _PAYMENTS.insert().returning(_PAYMENTS.c.id)


def takes_gifts(project: Project | AnyRow) -> bool:
    """Tell whether a project takes new gifts now."""
    if project.deadline and project.deadline < clock.today():
        return False
    return states.takes_gifts(project.state, project.takes_more)


def pledge(project: Project, wish: Wish, gateway: str) -> tuple[Pledge, Payment]:
    """Write a pledge and its first payment, and read them as rows; raise Refused as `write`."""
    made = write(project, wish, gateway)
    return session.get_one(Pledge, made.pledge), session.get_one(Payment, made.payment)


def write(project: Project | AnyRow, wish: Wish, gateway: str) -> Written:
    """Write a pledge and its first payment; raise Refused when the project takes no gifts."""
    if not takes_gifts(project):
        raise Refused(N_("This project does not take gifts now."))
    cover = (
        fees.cover(wish.gift, wish.method) if wish.cover_fees else Money.zero(wish.gift.currency)
    )
    token, now = ids.token(), clock.now()
    reference = bank.new_reference() if gateway == bank.NAME else None
    asked = {"receipt_address": wish.receipt_address, "receipt_asked_at": now}
    money = {
        "gift_minor": wish.gift.minor,
        "cover_minor": cover.minor,
        "currency": wish.gift.currency,
    }
    about = {
        "token": token,
        "reference": reference,
        "attempt": wish.attempt,
        "project_id": project.id,
        "kind": "money",
        "state": PLEDGE.start,
        "frequency": "once",
        "method": wish.method,
        "country": wish.country,
        "pays_from": wish.pays_from,
        "language": wish.language,
        "name": wish.name,
        "email": wish.email,
        "phone": wish.phone,
        "visibility": wish.visibility,
        "message": wish.message,
        "in_honour_of": wish.in_honour_of,
        "group_name": wish.group,
        "fallback": wish.fallback,
        "person_id": wish.person,
        "counted": False,
        "made_at": now,
    }
    about |= asked if wish.receipt_address else {}
    [(made,)] = db.fetch(_WRITE_PLEDGE, about | money)
    first = {
        "pledge_id": made,
        "no": 1,
        "gateway": gateway,
        "state": PAYMENT.start,
        "moved_minor": 0,
        "awaiting_minor": 0,
        "reminded": 0,
        "started_at": now,
    }
    [(payment,)] = db.fetch(_WRITE_PAYMENT, first | money)
    outbox.emit("pledge_made", pledge=made, project=project.slug)
    return Written(made, payment, token, cover, reference)


def try_again(pledge: Pledge) -> Payment:
    """Add a payment after one that failed or ran out; raise Refused when none is due."""
    pledge = queries.lock_pledge(pledge.id)
    last = queries.latest_payment(pledge)
    if last is None or last.state not in {"failed", "expired"}:
        raise Refused(N_("There is nothing to pay here now."))
    if not takes_gifts(pledge.project):
        raise Refused(N_("This project does not take gifts now."))
    if pledge.state != "open":
        PLEDGE.move(pledge, "open", why="tries again")
    return add_payment(pledge, last.gateway)


def add_payment(pledge: Pledge, gateway: str) -> Payment:
    """Add one more payment to a locked pledge."""
    payment = Payment(
        pledge=pledge,
        no=pledge.payments[-1].no + 1,
        gateway=gateway,
        gift_minor=pledge.gift_minor,
        cover_minor=pledge.cover_minor,
        currency=pledge.currency,
        started_at=clock.now(),
    )
    session.add(payment)
    session.flush()
    return payment


def cancel(pledge: Pledge, *, actor: int | None = None) -> None:
    """Call off a pledge that was not paid; raise Refused when its money is on the way."""
    pledge = queries.lock_pledge(pledge.id)
    if pledge.state not in {"open", "expired"}:
        raise Refused(N_("This pledge can no longer be cancelled."))
    for payment in pledge.payments:
        if payment.state == "started":
            _call_off(payment.id, actor)
    # Its session, ended a moment ago, may have told so before we came here.
    PLEDGE.move(pledge, "cancelled", why="by the donor", actor=actor)


def _call_off(row: int, actor: int | None) -> None:
    payment = held.lock(row)
    PAYMENT.move(payment, "expired", why="cancelled", actor=actor)
    standing.stop_awaiting(payment)
    held.save(payment)


def refundable(payment: Payment) -> Money:
    """Return what may still be given back: paid, less refunds under way and open disputes."""
    if payment.state not in MONEY_CAME:
        return Money.zero(payment.currency)
    gone = sum(
        refund.minor
        for refund in payment.refunds
        if refund.state in MONEY_LEFT or refund.state == "ordered"
    )
    gone += sum(dispute.minor for dispute in payment.disputes if dispute.state in {"open", "lost"})
    return Money(max(0, payment.charged.minor - gone), payment.currency)


def order_refund(
    payment: Payment, money: Money | None, *, reason: str, actor: int | None = None
) -> Refund:
    """Write the order for a refund of a locked payment; the caller then sends it.

    Raises Refused when more is asked than may still be given back.
    """
    left = refundable(payment)
    money = left if money is None else money
    if not money:
        raise Refused(N_("Nothing of this payment can be refunded."))
    if money.minor < 0 or left < money:
        raise Refused(N_("More than what is left of this payment cannot be refunded."))
    refund = Refund(
        payment=payment,
        minor=money.minor,
        currency=money.currency,
        reason=reason,
        actor_id=actor,
        ordered_at=clock.now(),
    )
    session.add(refund)
    session.flush()
    history.record("refund", refund.id, "state", None, "ordered", why=reason, actor=actor)
    return refund


def choose_payment(pledge: Pledge, wanted: int | None) -> Payment:
    """Return the payment to refund; raise Refused when several came and none is named."""
    paid = [payment for payment in pledge.payments if payment.state in MONEY_CAME]
    if wanted is not None:
        paid = [payment for payment in paid if payment.id == wanted]
    if not paid:
        raise Refused(N_("This pledge has no such payment."))
    if len(paid) > 1:
        raise Refused(N_("This pledge has several payments: name one with --payment."))
    return paid[0]


def make_key(pledge: Pledge, purpose: str) -> str:
    """Make a one-use key of 30 minutes for a change of a pledge; return its nonce.

    What opens is the nonce signed with the site's secret, so that no table holds it.
    """
    return make_key_of(pledge.id, purpose, KEY_LIFE)


def make_key_of(pledge: int, purpose: str, life: timedelta) -> str:
    """Make a one-use key of some life for a pledge by its number; return its nonce."""
    nonce, now = ids.token(), clock.now()
    about = {"nonce": nonce, "pledge_id": pledge, "purpose": purpose}
    db.write(_WRITE_KEY, about | {"made_at": now, "ends_at": now + life})
    return nonce


def signed_key(nonce: str) -> str:
    """Return what the letter carries for a nonce."""
    return _signer().sign(nonce).decode()


def _signer() -> Signer:
    return Signer(current_app.secret_key or "", salt="ashar-pledge-key")


def _nonce(key: str) -> str | None:
    try:
        return _signer().unsign(key).decode()
    except BadSignature:
        return None


def key_opens(pledge: Pledge, purpose: str, key: str) -> bool:
    """Tell whether a key is good, without using it up."""
    found = session.get(Key, _nonce(key) or "", populate_existing=True)
    if found is None or found.used_at is not None or found.ends_at <= clock.now():
        return False
    return (found.pledge_id, found.purpose) == (pledge.id, purpose)


def use_key(pledge: Pledge, purpose: str, key: str) -> bool:
    """Use a key up; tell whether it was good. Of two at once, one wins."""
    if not key_opens(pledge, purpose, key):
        return False
    used = session.execute(
        update(Key)
        .where(Key.nonce == _nonce(key), Key.used_at.is_(None))
        .values(used_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    return bool(used.rowcount)  # type: ignore[attr-defined]
