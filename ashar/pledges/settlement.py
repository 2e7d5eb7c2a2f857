"""The one door in: every fact from outside becomes states, book, totals and signals here.

Called inside a transaction, with the payment locked. Facts may come late, twice and in any order:
what is known of a payment is widened, then `apply` books the difference (see position.py).
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from sqlalchemy import Row

from ashar.gateways.base import Movement, Notice
from ashar.kernel import clock, db, history, outbox
from ashar.kernel.db import session
from ashar.kernel.errors import Parked, Waits
from ashar.kernel.money import Money, share
from ashar.ledger import rates
from ashar.ledger.services import Source, move_to
from ashar.pledges import inbox, queries
from ashar.pledges.models import Dispute, Payment, Pledge, Refund
from ashar.pledges.position import Facts, Takeback, position
from ashar.pledges.states import (
    DISPUTE,
    MONEY_CAME,
    MONEY_LEFT,
    PAYMENT,
    PLEDGE,
    REFUND,
    pledge_state,
)
from ashar.projects import totals
from ashar.projects.services import counts_late_money

SUSPENSE = "suspense"


def receive_all(notices: Iterable[Notice]) -> set[str]:
    """Take facts in; return the ids that are known from now on, for which others may wait.

    Raises Waits when a fact's predecessor is missing, Parked when it cannot be applied.
    """
    known: set[str] = set()
    for notice in notices:
        known |= {value for value in receive(notice) if value}
        # Only now, under the payment's lock: two facts that want the same would wait for each
        # other's insert and for each other's lock.
        for kind, external_id in notice.wants:
            inbox.want(notice.gateway, kind, external_id)
    return known


def receive(notice: Notice) -> set[str]:
    """Take one fact in; return the ids that it made known."""
    return HANDLERS[notice.kind](notice)


# Finding the payment -----------------------------------------------------------------------


def _find(notice: Notice) -> Payment:
    """Return the payment that a fact of a session or intent is about, locked.

    Whatever the fact names (session, pledge's token, intent) must lead to one payment.
    """
    payment = _named(notice)
    if payment is None:
        raise Parked("unknown pledge: nothing of ours is named")
    for name in ("session", "intent", "charge"):
        told, known = notice.ids.get(name), getattr(payment, f"{name}_id")
        if told and known and told != known:
            raise Parked(f"another {name} than the payment's: {told}")
    _agree_on_token(notice, payment)
    return payment


def _named(notice: Notice) -> Payment | None:
    """Look a payment up by what names it best; `_find` holds the rest against it."""
    ids, gateway = notice.ids, notice.gateway
    token = notice.reference or ids.get("token")
    found = queries.payment_of_session(gateway, ids["session"]) if "session" in ids else None
    if found is None and token:
        found = queries.payment_of_attempt(gateway, token, int(ids.get("attempt") or 1))
    return found or queries.payment_of_ids(gateway, ids.get("intent"), ids.get("charge"))


def _agree_on_token(notice: Notice, payment: Payment) -> None:
    for word in (notice.reference, notice.ids.get("token")):
        if word and word != payment.pledge.token:
            raise Parked("the ids name different pledges: " + ", ".join(sorted(_words(notice))))


def _words(notice: Notice) -> list[str]:
    """Say what a fact names, without the private links."""
    named = [f"{key} {value}" for key, value in notice.ids.items() if key != "token"]
    return named + (["a pledge's token"] if notice.reference or "token" in notice.ids else [])


def _find_charge(notice: Notice) -> Payment:
    """Return the payment of a charge or intent whose money came, locked, or wait for it."""
    intent, charge = notice.ids.get("intent"), notice.ids.get("charge")
    payment = queries.payment_of_ids(notice.gateway, intent, charge)
    if payment is None or payment.state not in MONEY_CAME:
        raise Waits(intent or charge or notice.id)
    return payment


def _learn(payment: Payment, notice: Notice) -> set[str]:
    """Note the provider's ids of a payment; return those that name it."""
    for name in ("session", "intent", "charge"):
        value = notice.ids.get(name)
        if value and getattr(payment, f"{name}_id") is None:
            setattr(payment, f"{name}_id", value)
    return {payment.session_id or "", payment.intent_id or "", payment.charge_id or ""}


# Facts of a payment ------------------------------------------------------------------------


def _paid(notice: Notice) -> set[str]:
    payment = _find(notice)
    if notice.money != payment.charged:
        raise Parked(f"{notice.money} came where {payment.charged} was asked")
    known = _learn(payment, notice)
    if payment.state in MONEY_CAME:
        return known
    _settle(payment, notice)
    return known


def _settle(payment: Payment, notice: Notice) -> None:
    pledge = payment.pledge
    counts = counts_late_money(pledge.project)
    payment.account = f"project:{pledge.project.slug}" if counts else SUSPENSE
    payment.settled_at, payment.trouble = notice.at, None
    if counts:
        _fix_worth(payment, pledge)
    PAYMENT.move(payment, "settled", why=notice.id)
    apply(payment, "paid", notice.id, notice.at, fresh=True)
    outbox.emit(
        "pledge_paid",
        pledge=pledge.id,
        payment=payment.id,
        project=pledge.project.slug,
        amount=pledge.gift.decimal,
        currency=pledge.currency,
    )


def _fix_worth(payment: Payment, pledge: Pledge) -> None:
    """Fix, once, what the gift adds to the bar: at the last known rate on the fact's own day."""
    gift = Money(payment.gift_minor, payment.currency)
    day = clock.day_of(payment.settled_at or clock.now())
    quote = rates.quote(gift.currency, pledge.project.currency, day)
    payment.worth_currency = pledge.project.currency if quote else gift.currency
    found = rates.value(gift, pledge.project.currency, day) if quote else gift
    payment.worth_minor = found.minor if found else gift.minor
    if quote:
        payment.worth_rate, payment.worth_day = quote.rate, quote.day
        payment.worth_source = quote.source


def _processing(notice: Notice) -> set[str]:
    payment = _find(notice)
    known = _learn(payment, notice)
    if payment.state in {"started", "expired"}:
        PAYMENT.move(payment, "processing", why=notice.id)
        _await(payment)
        _follow(payment, notice.id)
        outbox.emit(
            "pledge_processing",
            pledge=payment.pledge_id,
            payment=payment.id,
            project=payment.pledge.project.slug,
        )
    return known


def _declined(notice: Notice) -> set[str]:
    """Note a try that the bank declined; the donor is still at the provider's page."""
    payment = _find(notice)
    if payment.state == "started":
        payment.trouble = notice.reason or "declined"
    return _learn(payment, notice)


def _failed(notice: Notice) -> set[str]:
    payment = _find(notice)
    known = _learn(payment, notice)
    if payment.state in {"started", "processing"}:
        PAYMENT.move(payment, "failed", why=notice.reason or notice.id)
        payment.trouble = notice.reason or "failed"
        _stop_awaiting(payment)
        _follow(payment, notice.id, otherwise="open")
        outbox.emit(
            "pledge_failed",
            pledge=payment.pledge_id,
            payment=payment.id,
            project=payment.pledge.project.slug,
        )
    return known


def _expired(notice: Notice) -> set[str]:
    payment = _find(notice)
    if payment.state == "started":
        PAYMENT.move(payment, "expired", why=notice.id)
        pledge = payment.pledge
        if pledge.state == "open" and payment is pledge.payments[-1]:
            PLEDGE.move(pledge, "expired", why=notice.id)
            outbox.emit("pledge_expired", pledge=pledge.id, project=pledge.project.slug)
    return _learn(payment, notice)


def _charged(notice: Notice) -> set[str]:
    """Learn the charge of an intent; its balance transaction is wanted, and comes by itself."""
    return _learn(_find_charge(notice), notice)


# The provider's balance --------------------------------------------------------------------


def _transaction(notice: Notice) -> set[str]:
    """Take in one of the provider's balance transactions, by what it is the transaction of."""
    source, movement = notice.ids["source"], notice.movements[0]
    if refund := queries.refund_of(source):
        payment = queries.lock_payment(refund.payment_id)
        # Read before the lock, it may lack what another has written meanwhile.
        session.refresh(refund)
        _widen(refund, [movement], payment)
    elif dispute := queries.dispute_of(source):
        payment = queries.lock_payment(dispute.payment_id)
        session.refresh(dispute)
        _widen(dispute, [movement], payment)
    else:
        payment = _charge_of(source, notice)
        _credit(payment, movement)
    apply(payment, notice.status or "transaction", movement.id, notice.at)
    return set()


def _charge_of(source: str, notice: Notice) -> Payment:
    payment = queries.payment_of_ids(notice.gateway, None, source)
    if payment is None or payment.state not in MONEY_CAME:
        raise Waits(source)
    return payment


def _credit(payment: Payment, movement: Movement) -> None:
    """Note, once, what the provider credited for the charge."""
    if payment.transaction_id is not None:
        if payment.transaction_id != movement.id:
            raise Parked(f"a second transaction {movement.id} of one charge")
        return
    if movement.amount.minor <= 0:
        raise Parked(f"{movement.amount} is no credit for a charge")
    same = movement.amount.currency == payment.currency
    if same and movement.amount != payment.charged:
        raise Parked(f"{movement.amount} credited where {payment.charged} was charged")
    payment.transaction_id = movement.id
    payment.settled_minor = movement.amount.minor
    payment.settled_currency = movement.amount.currency
    payment.settled_fee = movement.fee.minor


def _widen(row: Refund | Dispute, movements: Iterable[Movement], payment: Payment) -> None:
    """Add the provider's transactions to a refund or dispute, each once."""
    known = dict(row.movements)
    for movement in movements:
        currency = movement.amount.currency
        if payment.settled_currency not in {None, currency}:
            raise Parked(f"{movement.id} is in {currency}, the charge in another currency")
        known[movement.id] = [movement.amount.minor, movement.fee.minor, currency]
    row.movements = known


# Money taken back --------------------------------------------------------------------------


def _refunded(notice: Notice) -> set[str]:
    payment = _find_charge(notice)
    refund = _refund_of(payment, notice)
    to = {"succeeded": "succeeded", "failed": "failed"}.get(notice.status, "pending")
    moved = REFUND.may(refund.state, to) and REFUND.move(refund, to, why=notice.id)
    apply(payment, "refund" if to != "failed" else "refund failed", notice.id, notice.at)
    facts = _taken_facts(payment, refund)
    if moved and to == "succeeded":
        outbox.emit(
            "pledge_refunded", amount=refund.money.decimal, currency=refund.currency, **facts
        )
    elif moved and to == "failed":
        refund.trouble = notice.reason or "failed"
        outbox.emit("refund_failed", **facts)
    return _learn(payment, notice) | {notice.ids["refund"]}


def _taken_facts(payment: Payment, refund: Refund) -> dict[str, int | str]:
    return {
        "pledge": payment.pledge_id,
        "payment": payment.id,
        "refund": refund.id,
        "project": payment.pledge.project.slug,
    }


def _refund_of(payment: Payment, notice: Notice) -> Refund:
    """Return the refund of a fact: known, ordered by us, or made elsewhere and new to us."""
    gateway_id, money = notice.ids["refund"], notice.money
    if money is None or money.currency != payment.currency:
        raise Parked(f"a refund of {money} for a charge in {payment.currency}")
    found = queries.refund_of(gateway_id) or _ordered(payment, notice)
    if found is None:
        found = Refund(
            payment=payment,
            minor=money.minor,
            currency=money.currency,
            reason=notice.reason,
            ordered_at=notice.at,
        )
        session.add(found)
        session.flush()
        history.record("refund", found.id, "state", None, "ordered", why="made at the provider")
    if (found.payment_id, found.minor) != (payment.id, money.minor):
        raise Parked(f"refund {gateway_id} is of {money}, ours of {found.money}")
    found.gateway_id = gateway_id
    return found


def _ordered(payment: Payment, notice: Notice) -> Refund | None:
    """Return our own order that the provider's refund answers, by the number it carries."""
    number = notice.ids.get("order")
    return next((row for row in payment.refunds if str(row.id) == number), None)


def _disputed(notice: Notice) -> set[str]:
    payment = _find_charge(notice)
    dispute = queries.dispute_of(notice.ids["dispute"]) or _new_dispute(payment, notice)
    _widen(dispute, notice.movements, payment)
    to = notice.status
    moved = DISPUTE.may(dispute.state, to) and DISPUTE.move(dispute, to, why=notice.id)
    apply(payment, "dispute", notice.id, notice.at)
    if moved and to == "open":
        outbox.emit(
            "pledge_disputed",
            pledge=payment.pledge_id,
            payment=payment.id,
            dispute=dispute.id,
            project=payment.pledge.project.slug,
        )
    return _learn(payment, notice) | {notice.ids["dispute"]}


def _new_dispute(payment: Payment, notice: Notice) -> Dispute:
    if notice.money is None or notice.money.currency != payment.currency:
        raise Parked(f"a dispute of {notice.money} for a charge in {payment.currency}")
    dispute = Dispute(
        payment=payment,
        gateway_id=notice.ids["dispute"],
        minor=notice.money.minor,
        currency=notice.money.currency,
        reason=notice.reason,
        opened_at=notice.at,
        movements={},
    )
    session.add(dispute)
    session.flush()
    return dispute


def _fraud_warning(notice: Notice) -> set[str]:
    """Leave an early fraud warning to the treasurer: a refund now is cheaper than a dispute."""
    payment = _find_charge(notice)
    raise Parked(f"early fraud warning for payment {payment.id}: consider a refund")


# Applying what is known --------------------------------------------------------------------


def apply(payment: Payment, kind: str, voucher: str, at: datetime, *, fresh: bool = False) -> None:
    """Bring book, totals and states of a payment to what is known of it; nothing twice.

    `fresh` says that its money has come just now: nothing was booked, nothing taken back yet.
    """
    with session.no_autoflush:
        facts = charge_of(payment) if fresh else facts_of(payment)
        names = accounts_of(payment)
        target = {
            (names.get(role, role), currency): minor
            for (role, currency), minor in position(facts).items()
        }
        source = Source("payment", payment.id, voucher)
        move_to(kind, target, source, at, before={} if fresh else None)
        _move_totals(payment, facts)
        if not fresh:
            PAYMENT.move(payment, _payment_state(payment), why=voucher)
        _follow(payment, voucher)


def accounts_of(payment: Payment) -> dict[str, str]:
    """Return the book's accounts that play a payment's roles; the others bear their role's name."""
    return {"provider": f"provider:{payment.gateway}", "project": payment.account or SUSPENSE}


def charge_of(payment: Payment, takebacks: tuple[Takeback, ...] = ()) -> Facts:
    """Return what is known of a payment's charge."""
    return Facts(
        gift=payment.gift_minor,
        cover=payment.cover_minor,
        currency=payment.currency,
        settled=payment.settled,
        takebacks=takebacks,
    )


def facts_of(payment: Payment) -> Facts:
    """Gather what is known of a payment whose money came."""
    currency = payment.settled_currency
    refunds = [
        _takeback(row.minor if row.state in MONEY_LEFT else 0, row.movements, currency, row.state)
        for row in payment.refunds
        if row.state != "ordered"
    ]
    disputes = [
        _takeback(_disputed_minor(row), row.movements, currency, row.state)
        for row in payment.disputes
    ]
    return charge_of(payment, tuple(refunds + disputes))


def _disputed_minor(row: Dispute) -> int:
    """Return what a dispute takes now: all of it while withdrawn more often than given back."""
    given_back = [int(moved[0]) > 0 for moved in row.movements.values()]
    return row.minor if given_back.count(False) > given_back.count(True) else 0


def _takeback(
    minor: int, movements: dict[str, list[int | str]], currency: str | None, state: str
) -> Takeback:
    """Read a row's movements; a failed refund's count only once both of its ways are known."""
    ours = [moved for moved in movements.values() if moved[2] == currency]
    complete = bool(ours) and (state != "failed" or len(ours) % 2 == 0)
    moved = -sum(int(item[0]) for item in ours) if complete else None
    return Takeback(minor, moved, sum(int(item[1]) for item in ours))


def _move_totals(payment: Payment, facts: Facts) -> None:
    """Move the bar by what changed: worth less its taken share, to the unit."""
    _stop_awaiting(payment)
    if payment.worth_minor is None or payment.worth_currency is None:
        return
    taken = min(facts.taken, facts.charged)
    standing = payment.worth_minor - share(payment.worth_minor, taken, facts.charged)
    delta = standing - payment.moved_minor
    payment.moved_minor = standing
    pledge = payment.pledge
    counted = standing > 0 or any(other.moved_minor > 0 for other in _others(payment))
    people = int(counted) - int(pledge.counted)
    pledge.counted = counted
    if delta or people:
        totals.move(pledge.project, payment.worth_currency, raised_minor=delta)
        totals.move(pledge.project, pledge.project.currency, supporters=people)


def _await(payment: Payment) -> None:
    """Show a gift that is on its way, at today's rate, apart from what came."""
    project = payment.pledge.project
    gift = Money(payment.gift_minor, payment.currency)
    found = rates.value(gift, project.currency, clock.today()) or gift
    payment.awaiting_minor, payment.awaiting_currency = found.minor, found.currency
    totals.move(project, found.currency, awaiting_minor=found.minor)


def _stop_awaiting(payment: Payment) -> None:
    if payment.awaiting_minor and payment.awaiting_currency:
        totals.move(
            payment.pledge.project,
            payment.awaiting_currency,
            awaiting_minor=-payment.awaiting_minor,
        )
        payment.awaiting_minor = 0


def _payment_state(payment: Payment) -> str:
    """Return the state that a payment's refunds and disputes make."""
    states = {row.state for row in payment.disputes}
    if "lost" in states:
        return "lost"
    if "open" in states:
        return "disputed"
    back = sum(row.minor for row in payment.refunds if row.state == "succeeded")
    if back >= payment.charged.minor:
        return "refunded"
    return "partly_refunded" if back else "settled"


def _others(payment: Payment) -> Sequence[Row[str, int]]:
    """Return the pledge's other payments, read once: most pledges have none."""
    found: Sequence[Row[str, int]] = db.gathered(
        ("others", payment.id), lambda: queries.others(payment)
    )
    return found


def _follow(payment: Payment, why: str, otherwise: str | None = None) -> None:
    """Bring a pledge's state to what its payments say."""
    pledge = payment.pledge
    states = [payment.state, *[other.state for other in _others(payment)]]
    PLEDGE.move(pledge, pledge_state(states, otherwise or pledge.state), why=why)


HANDLERS: dict[str, Callable[[Notice], set[str]]] = {
    "paid": _paid,
    "processing": _processing,
    "declined": _declined,
    "failed": _failed,
    "expired": _expired,
    "charged": _charged,
    "transaction": _transaction,
    "refunded": _refunded,
    "refund_failed": _refunded,
    "disputed": _disputed,
    "fraud_warning": _fraud_warning,
}
