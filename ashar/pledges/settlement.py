"""The one door in: every fact from outside becomes states, book, totals and signals here.

Called inside a transaction. Each fact finds its payment and locks it, widens what is known of it,
and lets `standing` book the difference: facts may come late, twice and in any order.
"""

from collections.abc import Callable, Iterable

from flask import current_app

from ashar.gateways.base import Movement, Notice
from ashar.kernel import clock, history, outbox
from ashar.kernel.db import session
from ashar.kernel.errors import Parked
from ashar.kernel.money import Money
from ashar.pledges import (
    brake,
    dispositions,
    finding,
    held,
    inbox,
    queries,
    refunds,
    services,
    standing,
    subscriptions,
)
from ashar.pledges.held import HeldPayment
from ashar.pledges.models import Dispute, FraudWarning, Refund
from ashar.pledges.states import DISPUTE, MONEY_CAME, PAYMENT, PLEDGE, REFUND
from ashar.projects.services import counts_late_money


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
    if notice.kind == "subscription":
        return subscriptions.take(notice)
    find, take = HANDLERS[notice.kind]
    payment = find(notice)
    known = take(payment, notice)
    held.save(payment)
    return known


def _about(payment: HeldPayment) -> dict[str, int | str]:
    """Return what every signal of a payment tells."""
    return {"pledge": payment.pledge_id, "payment": payment.id, "project": payment.project.slug}


def _learn(payment: HeldPayment, notice: Notice) -> set[str]:
    """Note the provider's ids of a payment; return those that name it."""
    for name in ("session", "intent", "charge", "invoice"):
        value = notice.ids.get(name)
        if value and getattr(payment, f"{name}_id") is None:
            setattr(payment, f"{name}_id", value)
    ids = (payment.session_id, payment.intent_id, payment.charge_id, payment.invoice_id)
    return {value or "" for value in ids}


def _named(notice: Notice) -> HeldPayment:
    """Return the payment that a session, an intent or a subscription's invoice is about."""
    if "invoice" in notice.ids and "session" not in notice.ids:
        return subscriptions.invoiced(notice)
    return finding.named(notice)


# Facts of a payment ------------------------------------------------------------------------


def _paid(payment: HeldPayment, notice: Notice) -> set[str]:
    if notice.money != payment.charged:
        raise Parked(f"{notice.money} came where {payment.charged} was asked")
    known = _learn(payment, notice)
    if payment.state in MONEY_CAME:
        return known
    _settle(payment, notice)
    if payment.invoice_id:
        subscriptions.note_paid(payment)
    return known


def _settle(payment: HeldPayment, notice: Notice) -> None:
    counts = counts_late_money(payment.project.state)
    payment.account = f"project:{payment.project.slug}" if counts else standing.SUSPENSE
    payment.trouble, payment.also["settled_at"] = None, notice.at
    if counts:
        standing.fix_worth(payment, clock.day_of(notice.valued_at or notice.at))
    PAYMENT.move(payment, "settled", why=notice.id)
    standing.apply(payment, "paid", notice.id, notice.at, fresh=True)
    gift = Money(payment.gift_minor, payment.currency)
    outbox.emit("pledge_paid", **_about(payment), amount=gift.decimal, currency=gift.currency)


def _referenced(notice: Notice) -> HeldPayment:
    """Return the payment that money with a reference pays, locked: the open one, else a new one."""
    line = notice.ids["charge"]
    word = notice.reference or ""
    found = queries.by_reference(word) or queries.by_token(word)
    if found is None:
        raise Parked(f"no pledge has the reference {notice.reference}")
    pledge = queries.lock_pledge(found.id)
    # Only now, under the pledge's lock: the same line may have come in twice at once.
    if (known := held.of_ids(notice.gateway, None, line)) is not None:
        return known
    last = pledge.payments[-1]
    if last.state in MONEY_CAME | {"mistaken"} or last.gateway != notice.gateway:
        last = services.add_payment(pledge, notice.gateway)
    return held.lock(last.id)


def _received(payment: HeldPayment, notice: Notice) -> set[str]:
    """Take in money that came by itself: a payment is of what came, whatever was pledged."""
    money, line = notice.money, notice.ids["charge"]
    if money is None or money.minor <= 0:
        raise Parked(f"{money} is nothing that was given")
    if payment.state in MONEY_CAME:
        if (payment.charge_id, payment.charged) != (line, money):
            raise Parked(f"{line} was booked before, with {payment.charged}")
        return {line}
    if payment.state == "mistaken":
        raise Parked(f"{line} was taken back as entered by mistake")
    payment.gift_minor, payment.cover_minor = _parts(payment, money)
    payment.currency, payment.held_in = money.currency, notice.account
    payment.charge_id = payment.transaction_id = line
    payment.settled_minor, payment.settled_fee = money.minor, 0
    payment.settled_currency = money.currency
    if notice.sender:
        payment.also["sender_iban"] = notice.sender
    _settle(payment, notice)
    return {line}


def _parts(payment: HeldPayment, money: Money) -> tuple[int, int]:
    """Return which part of what came is the gift, and which covers fees: the gift comes first."""
    if money.currency != payment.currency:
        return money.minor, 0
    cover = min(payment.cover_minor, max(0, money.minor - payment.gift_minor))
    return money.minor - cover, cover


def _processing(payment: HeldPayment, notice: Notice) -> set[str]:
    known = _learn(payment, notice)
    if payment.state in {"started", "expired"}:
        PAYMENT.move(payment, "processing", why=notice.id)
        standing.show_awaiting(payment)
        standing.follow(payment, notice.id)
        outbox.emit("pledge_processing", **_about(payment))
    return known


def _declined(payment: HeldPayment, notice: Notice) -> set[str]:
    """Note a try that the bank declined; the donor is still at the provider's page."""
    if payment.state == "started":
        payment.trouble = notice.reason or "declined"
        brake.note_decline(payment.id)
    return _learn(payment, notice)


def _failed(payment: HeldPayment, notice: Notice) -> set[str]:
    known = _learn(payment, notice)
    if payment.state in {"started", "processing"}:
        PAYMENT.move(payment, "failed", why=notice.reason or notice.id)
        payment.trouble = notice.reason or "failed"
        standing.stop_awaiting(payment)
        standing.follow(payment, notice.id, otherwise="open")
        more = subscriptions.note_failure(payment, notice) if payment.invoice_id else {}
        outbox.emit("pledge_failed", **_about(payment), **more)
    return known


def _expired(payment: HeldPayment, notice: Notice) -> set[str]:
    if payment.state == "started":
        PAYMENT.move(payment, "expired", why=notice.id)
        standing.stop_awaiting(payment)
        pledge = payment.pledge
        if pledge.state == "open" and _is_latest(payment):
            PLEDGE.move(pledge, "expired", why=notice.id)
            outbox.emit("pledge_expired", pledge=pledge.id, project=payment.project.slug)
    return _learn(payment, notice)


def _is_latest(payment: HeldPayment) -> bool:
    return all(other.no < payment.no for other in held.others(payment))


def _charged(payment: HeldPayment, notice: Notice) -> set[str]:
    """Learn the charge of an intent; its balance transaction is wanted, and comes by itself."""
    return _learn(payment, notice)


# The provider's balance --------------------------------------------------------------------


def _transaction(payment: HeldPayment, notice: Notice) -> set[str]:
    """Take in one of the provider's balance transactions, by what it is the transaction of."""
    source, movement = notice.ids["source"], notice.movements[0]
    taken = queries.refund_of(source) or queries.dispute_of(source)
    if taken is None:
        _credit(payment, movement)
    else:
        _widen(taken, [movement], payment)
    standing.apply(payment, notice.status or "transaction", movement.id, notice.at)
    return set()


def _credit(payment: HeldPayment, movement: Movement) -> None:
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


def _widen(row: Refund | Dispute, movements: Iterable[Movement], payment: HeldPayment) -> None:
    """Add the provider's transactions to a refund or dispute, each once."""
    known = dict(row.movements)
    for movement in movements:
        currency = movement.amount.currency
        if payment.settled_currency not in {None, currency}:
            raise Parked(f"{movement.id} is in {currency}, the charge in another currency")
        known[movement.id] = [movement.amount.minor, movement.fee.minor, currency]
    row.movements = known


# Money taken back --------------------------------------------------------------------------


def _refunded(payment: HeldPayment, notice: Notice) -> set[str]:
    refund = _refund_of(payment, notice)
    to = {"succeeded": "succeeded", "failed": "failed"}.get(notice.status, "pending")
    moved = REFUND.may(refund.state, to) and REFUND.move(refund, to, why=notice.id)
    standing.apply(payment, "refund" if to != "failed" else "refund failed", notice.id, notice.at)
    known = _learn(payment, notice) | {notice.ids["refund"]}
    facts = _about(payment) | {"refund": refund.id}
    if moved and to == "succeeded":
        outbox.emit(
            "pledge_refunded", amount=refund.money.decimal, currency=refund.currency, **facts
        )
    elif moved and to == "failed":
        refund.trouble = notice.reason or "failed"
        outbox.emit("refund_failed", **facts)
        if not dispositions.tries_again(payment.id):
            # What is known so far is written before it is booked anew.
            held.save(payment)
            refunds.owe(queries.lock_payment(payment.id), refund)
    return known


def _refund_of(payment: HeldPayment, notice: Notice) -> Refund:
    """Return the refund of a fact: known, ordered by us, or made elsewhere and new to us."""
    gateway_id, money = notice.ids["refund"], notice.money
    if money is None or money.currency != payment.currency:
        raise Parked(f"a refund of {money} for a charge in {payment.currency}")
    found = queries.refund_of(gateway_id) or _ordered(payment, notice)
    if found is None:
        found = Refund(
            payment_id=payment.id,
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


def _ordered(payment: HeldPayment, notice: Notice) -> Refund | None:
    """Return our own order that the provider's refund answers, by the number it carries."""
    number = notice.ids.get("order")
    return next((row for row in queries.refunds(payment.id) if str(row.id) == number), None)


def _disputed(payment: HeldPayment, notice: Notice) -> set[str]:
    dispute = queries.dispute_of(notice.ids["dispute"]) or _new_dispute(payment, notice)
    _widen(dispute, notice.movements, payment)
    dispute.due_at = notice.due or dispute.due_at
    to = notice.status
    moved = DISPUTE.may(dispute.state, to) and DISPUTE.move(dispute, to, why=notice.id)
    standing.apply(payment, "dispute", notice.id, notice.at)
    if moved and to == "open":
        outbox.emit("pledge_disputed", **_about(payment), dispute=dispute.id)
    return _learn(payment, notice) | {notice.ids["dispute"]}


def _new_dispute(payment: HeldPayment, notice: Notice) -> Dispute:
    if notice.money is None or notice.money.currency != payment.currency:
        raise Parked(f"a dispute of {notice.money} for a charge in {payment.currency}")
    dispute = Dispute(
        payment_id=payment.id,
        gateway_id=notice.ids["dispute"],
        minor=notice.money.minor,
        currency=notice.money.currency,
        reason=notice.reason,
        opened_at=notice.at,
        due_at=notice.due,
        movements={},
    )
    session.add(dispute)
    session.flush()
    return dispute


def _fraud_warning(payment: HeldPayment, notice: Notice) -> set[str]:
    """Show an early fraud warning to the treasurer, or refund at once where the site says so."""
    name = notice.ids["warning"]
    if queries.warning_of(name) is None:
        warning = FraudWarning(
            payment_id=payment.id,
            gateway_id=name,
            reason=notice.reason,
            warned_at=notice.at,
        )
        session.add(warning)
        session.flush()
        history.record("fraud-warning", warning.id, "state", None, "open", why=notice.reason)
        if current_app.config["ASHAR_REFUND_WARNED"]:
            refunds.heed(warning, actor=None)
    return _learn(payment, notice) | {name}


Finder = Callable[[Notice], HeldPayment]
Handler = Callable[[HeldPayment, Notice], set[str]]

HANDLERS: dict[str, tuple[Finder, Handler]] = {
    "paid": (_named, _paid),
    "received": (_referenced, _received),
    "processing": (finding.named, _processing),
    "declined": (_named, _declined),
    "failed": (_named, _failed),
    "expired": (finding.named, _expired),
    "charged": (finding.charged, _charged),
    "transaction": (finding.source, _transaction),
    "refunded": (finding.charged, _refunded),
    "refund_failed": (finding.charged, _refunded),
    "disputed": (finding.charged, _disputed),
    "fraud_warning": (finding.charged, _fraud_warning),
}
