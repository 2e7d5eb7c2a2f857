"""Making, cancelling and refunding pledges; called inside a transaction."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import current_app
from itsdangerous import BadSignature, Signer
from sqlalchemy import update

from ashar.gateways import bank, cash
from ashar.kernel import clock, db, history, ids, outbox
from ashar.kernel.db import session
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_
from ashar.kernel.money import Money
from ashar.pledges import fees, held, matching, pools, queries, standing
from ashar.pledges.models import Key, Payment, Pledge, Refund
from ashar.pledges.states import DISPUTED, LIVE, MONEY_CAME, PAYMENT, PLEDGE, REFUND
from ashar.projects import states
from ashar.projects.models import Project
from ashar.projects.queries import AnyRow

KEY_LIFE = timedelta(minutes=30)
#: Of a key that a letter brings unasked: it leads to one's own papers and changes nothing else.
LETTER_LIFE = timedelta(days=30)
NOT_MONTHLY = N_("This project takes no monthly gifts: it needs its sum by a day.")
#: A letter about money that is owed may wait for its reader.
OWED_LIFE = timedelta(days=14)


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
    honour_email: str | None = None
    group: str = ""
    fallback: str = "refund"
    fallback_project: int | None = None
    person: int | None = None
    receipt_address: dict[str, str] | None = None
    frequency: str = "once"


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
# Which pool adds to a gift is found on the way, without asking for it.
_WRITE_PAYMENT = (
    _PAYMENTS.insert()
    .values(pool_id=pools.applying())
    .returning(_PAYMENTS.c.id, _PAYMENTS.c.pool_id)
)
_WRITE_KEY = db.table_of(Key).insert().inline()


def takes_gifts(project: Project | AnyRow) -> bool:
    """Tell whether a project takes new gifts now."""
    if project.deadline and project.deadline < clock.today():
        return False
    return states.takes_gifts(project.state, project.takes_more)


def takes_monthly(project: Project | AnyRow) -> bool:
    """Tell whether a project may be given to each month: what may have to go back may not."""
    return project.funding != "threshold" and takes_gifts(project)


def pledge(project: Project, wish: Wish, gateway: str) -> tuple[Pledge, Payment]:
    """Write a pledge and its first payment, and read them as rows; raise Refused as `write`."""
    made = write(project, wish, gateway)
    return session.get_one(Pledge, made.pledge), session.get_one(Payment, made.payment)


def write(project: Project | AnyRow, wish: Wish, gateway: str, *, given: bool = False) -> Written:
    """Write a pledge and its first payment; raise Refused when the project takes no gifts.

    What was `given` before it was written needs no code to be told by, and is written in any case.
    """
    if not given and not takes_gifts(project):
        raise Refused(N_("This project does not take gifts now."))
    if wish.frequency == "monthly" and project.funding == "threshold":
        raise Refused(NOT_MONTHLY)
    cover = (
        fees.cover(wish.gift, wish.method) if wish.cover_fees else Money.zero(wish.gift.currency)
    )
    token, now = ids.token(), clock.now()
    asked = {"receipt_address": wish.receipt_address, "receipt_asked_at": now}
    reference = None if given else _new_reference(gateway)
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
        "frequency": wish.frequency,
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
        "honour_email": wish.honour_email,
        "group_name": wish.group,
        "fallback": wish.fallback,
        "fallback_id": wish.fallback_project,
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
    [(payment, pool)] = db.fetch(_WRITE_PAYMENT, first | money | pools.asked(project.id))
    if pool is not None:
        gift = matching.Gift(payment, made, project.id, wish.gift, wish.person, wish.email)
        matching.reserve(pool, gift)
    outbox.emit("pledge_made", pledge=made, project=project.slug)
    return Written(made, payment, token, cover, reference)


def _new_reference(gateway: str) -> str | None:
    """Draw what has to stand on a gift that people bring about themselves."""
    if gateway == bank.NAME:
        return bank.new_reference()
    return queries.free_code() if gateway in {cash.NAME, cash.PARTNER} else None


def try_again(pledge: Pledge) -> Payment:
    """Add a payment after one that failed or ran out; raise Refused when none is due."""
    pledge = queries.lock_pledge(pledge.id)
    last = queries.latest_payment(pledge)
    begins = pledge.state == "open" or PLEDGE.may(pledge.state, "open")
    if not begins or last is None or last.state not in {"failed", "expired", "mistaken"}:
        raise Refused(N_("There is nothing to pay here now."))
    if not takes_gifts(pledge.project):
        raise Refused(N_("This project does not take gifts now."))
    running = queries.subscription_of(pledge.id)
    if running is not None and running.state != "ended":
        # It asks for the money by itself; a second one would charge twice.
        raise Refused(N_("There is nothing to pay here now."))
    if pledge.state != "open":
        PLEDGE.move(pledge, "open", why="tries again")
    return add_payment(pledge, last.gateway)


def add_payment(pledge: Pledge, gateway: str) -> Payment:
    """Add one more payment to a locked pledge."""
    pool = pools.of_project(pledge.project_id)
    payment = Payment(
        pledge=pledge,
        pool_id=pool,
        no=pledge.payments[-1].no + 1,
        gateway=gateway,
        gift_minor=pledge.gift_minor,
        cover_minor=pledge.cover_minor,
        currency=pledge.currency,
        started_at=clock.now(),
    )
    session.add(payment)
    session.flush()
    if pool is not None:
        about = (payment.id, pledge.id, pledge.project_id, pledge.gift)
        matching.reserve(pool, matching.Gift(*about, pledge.person_id, pledge.email))
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
    return Money(max(0, unclaimed(payment)), payment.currency)


def unclaimed(payment: Payment) -> int:
    """Return what no refund or dispute claims, in minor units: negative where they overlap."""
    claimed = sum(refund.minor for refund in payment.refunds if refund.state in LIVE)
    claimed += sum(one.minor for one in payment.disputes if one.state in DISPUTED)
    return payment.charged.minor - claimed


def order_refund(
    payment: Payment,
    money: Money | None,
    *,
    reason: str,
    actor: int | None = None,
    way: str = "",
    **more: Any,
) -> Refund:
    """Write the order for a refund of a locked payment; the caller then sends a provider's.

    It goes the way that the money came, unless another is named; `more` are columns of its row.
    Raises Refused when more is asked than may still be given back.
    """
    left = refundable(payment)
    money = left if money is None else money
    if not money:
        raise Refused(N_("Nothing of this payment can be refunded."))
    if money.minor < 0 or left < money:
        raise Refused(N_("More than what is left of this payment cannot be refunded."))
    about = {"way": way or way_back(payment), "reason": reason, "actor_id": actor}
    return write_refund(payment, money, **about | more)


def write_refund(payment: Payment, money: Money, *, way: str, **more: Any) -> Refund:
    """Write a refund of a locked payment, and book what the association has to pay itself."""
    known: dict[str, str] = {}
    if way == "bank" and payment.sender_iban and payment.pledge.name:
        known = {"iban": payment.sender_iban, "holder": payment.pledge.name}
    refund = Refund(
        payment=payment,
        minor=money.minor,
        currency=money.currency,
        way=way,
        **{"state": _begins_as(way, bool(known)), "ordered_at": clock.now(), **known, **more},
    )
    session.add(refund)
    session.flush()
    history.record(
        "refund",
        refund.id,
        "state",
        None,
        refund.state,
        why=refund.reason,
        actor=refund.actor_id,
    )
    if way not in {"provider", "mistake"}:
        standing.rebook(payment.id, "refund ordered", f"refund {refund.id}", refund.ordered_at)
    if refund.state == "owed":
        ask_where(refund)
    return refund


def _begins_as(way: str, known: bool) -> str:
    """Return a refund's first state: of the bank's, whether it is known where to."""
    if way == "bank":
        return "ready" if known else "owed"
    return REFUND.start if way == "provider" else "to_approve"


def ask_where(refund: Refund) -> None:
    """Ask the donor for the account that an owed refund goes to, by a link that works once."""
    pledge = refund.payment.pledge
    refund.asked += 1
    nonce = make_key(pledge, refund_purpose(refund.id), OWED_LIFE)
    outbox.emit(
        "refund_owed",
        pledge=pledge.id,
        payment=refund.payment_id,
        refund=refund.id,
        project=pledge.project.slug,
        nonce=nonce,
    )


def refund_purpose(row: int) -> str:
    """Return what a key is for that lets its donor say where a refund goes."""
    return f"refund-{row}"


def way_back(payment: Payment) -> str:
    """Return how a payment is given back: as it came."""
    return "bank" if payment.held_in else "provider"


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


def make_key(pledge: Pledge, purpose: str, life: timedelta = KEY_LIFE) -> str:
    """Make a one-use key for a change of a pledge, of 30 minutes by default; return its nonce.

    What opens is the nonce signed with the site's secret, so that no table holds it.
    """
    return make_key_of(pledge.id, purpose, life)


def make_key_of(pledge: int, purpose: str, life: timedelta) -> str:
    """Make a one-use key of some life for a pledge by its number; return its nonce."""
    nonce, now = ids.token(), clock.now()
    about = {"nonce": nonce, "pledge_id": pledge, "purpose": purpose}
    db.write(_WRITE_KEY, about | {"made_at": now, "ends_at": now + life})
    return nonce


def signed_key(nonce: str) -> str:
    """Return what the letter carries for a nonce."""
    return _signer().sign(nonce).decode()


def stop_key(token: str) -> str:
    """Return what a letter carries to stop or mend a pledge's monthly gift, whenever it is read."""
    return _stopper().sign(token).decode().rpartition(".")[2]


def stop_key_opens(token: str, key: str) -> bool:
    """Tell whether a letter's key is of this pledge."""
    return _stopper().validate(f"{token}.{key}")


def _stopper() -> Signer:
    return Signer(current_app.secret_key or "", salt="ashar-monthly-stop")


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
