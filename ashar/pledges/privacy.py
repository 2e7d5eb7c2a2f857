"""A donor's pledges: what is held of them, and their erasure. The book stays whole.

Lock order: pledges by number, each then its payments; totals last. Money that comes later is booked
to the pledge as ever; nobody is written to.
"""

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import delete, func, select, update

from ashar.kernel import clock, history, retained
from ashar.kernel.db import session
from ashar.kernel.i18n import N_
from ashar.people.privacy import Part, Stays, Subject, Table, register
from ashar.pledges import changes, groups, held, queries, standing
from ashar.pledges.models import DonorLink, Key, Payment, Pledge
from ashar.pledges.states import MONEY_CAME, PAYMENT, PLEDGE

#: Kind under which a pledge's address for the tax office is locked away.
KIND = "pledge"
WHY = N_("Receipts for the tax office have to be shown for as long as vouchers are kept.")


def rows(subject: Subject) -> list[int]:
    """Return the rows of somebody's pledges that are not erased, in the order of their locks."""
    query = select(Pledge.id).where(queries.is_of(subject.person, subject.email))
    return list(session.scalars(query.order_by(Pledge.id)))


def _pledges(subject: Subject) -> Iterator[Pledge]:
    for row in rows(subject):
        yield session.get_one(Pledge, row)


def _export(subject: Subject) -> Iterator[Table]:
    found = list(_pledges(subject))
    yield "pledges", [_pledge(one) for one in found]
    paid = [payment for one in found for payment in one.payments]
    yield "payments", [_payment(one) for one in paid]
    yield (
        "refunds",
        [
            {
                "pledge": one.pledge.token,
                "state": refund.state,
                "amount": refund.money.decimal,
                "currency": refund.currency,
                "ordered_at": refund.ordered_at,
            }
            for one in paid
            for refund in one.refunds
        ],
    )
    yield (
        "changes_of_pledges",
        [
            {
                "at": row.at,
                "pledge": row.subject_id,
                "what": row.what,
                "old": row.old,
                "new": row.new,
            }
            for row in _history(found)
        ],
    )
    named = select(Pledge).where(Pledge.honour_email == subject.email, Pledge.erased_at.is_(None))
    yield (
        "named_by_others",
        [
            {"in_honour_of": one.in_honour_of, "email": one.honour_email, "at": one.made_at}
            for one in (session.scalars(named) if subject.email else ())
        ],
    )
    asked = select(DonorLink).where(DonorLink.email == subject.email)
    yield (
        "links_by_letter",
        [
            {"email": one.email, "asked_at": one.made_at, "used_at": one.used_at}
            for one in (session.scalars(asked) if subject.email else ())
        ],
    )


def _history(found: list[Pledge]) -> list[history.History]:
    numbers = [one.id for one in found]
    query = select(history.History).where(
        history.History.kind == "pledge", history.History.subject_id.in_(numbers)
    )
    return list(session.scalars(query.order_by(history.History.id))) if numbers else []


def _pledge(one: Pledge) -> dict[str, object]:
    return {
        "number": one.id,
        "token": one.token,
        "project": one.project.slug,
        "state": one.state,
        "amount": one.gift.decimal,
        "fees_covered": one.cover.decimal,
        "currency": one.currency,
        "method": one.method,
        "frequency": one.frequency,
        "reference": one.reference,
        "made_at": one.made_at,
        "name": one.name,
        "email": one.email,
        "phone": one.phone,
        "country": one.country,
        "pays_from": one.pays_from,
        "language": one.language,
        "visibility": one.visibility,
        "message": one.message,
        "in_honour_of": one.in_honour_of,
        "honour_email": one.honour_email,
        "group": one.group_name,
        "fallback": one.fallback,
        "receipt_address": one.receipt_address,
    }


def _payment(one: Payment) -> dict[str, object]:
    return {
        "pledge": one.pledge.token,
        "number": one.no,
        "gateway": one.gateway,
        "state": one.state,
        "amount": one.charged.decimal,
        "currency": one.currency,
        "started_at": one.started_at,
        "settled_at": one.settled_at,
        "session": one.session_id,
        "intent": one.intent_id,
        "charge": one.charge_id,
    }


# What stays ---------------------------------------------------------------------------------


def _last_came(subject: Subject) -> datetime | None:
    came = select(func.max(Payment.settled_at)).where(
        Payment.pledge_id.in_(rows(subject)), Payment.state.in_(MONEY_CAME)
    )
    return session.execute(came).scalar_one()


def _stays(subject: Subject) -> list[Stays]:
    last = _last_came(subject)
    if last is None:
        return []
    day: date = retained.until(last)
    found = [
        Stays(
            N_("Sum, day and project of each gift, in the book, without your name"),
            N_("The association has to account for every gift."),
        ),
        Stays(
            N_("Bank proofs and the payment service's messages about your payments, locked away"),
            N_("They are vouchers, which law has us keep. Only auditors can open them."),
            day,
        ),
        Stays(
            N_("What your bank and the payment service keep themselves"),
            N_("They are bound by their own duties. Please ask them."),
        ),
    ]
    if any(one.receipt_address for one in _pledges(subject)):
        found.append(
            Stays(N_("Your address on receipts for the tax office, locked away"), WHY, day)
        )
    return found


# Erasing ------------------------------------------------------------------------------------


def _erase(subject: Subject) -> None:
    for row in rows(subject):
        pledge = queries.lock_pledge(row)
        if pledge.erased_at is None:
            _erase_one(pledge, subject.person)
    if subject.email:
        session.execute(delete(DonorLink).where(DonorLink.email == subject.email))
        session.execute(
            update(Pledge)
            .where(Pledge.honour_email == subject.email)
            .values(honour_email=None, in_honour_of="")
            .execution_options(synchronize_session=False)
        )


def _erase_one(pledge: Pledge, actor: int | None) -> None:
    _call_off(pledge, actor)
    came = [one.settled_at for one in pledge.payments if one.state in MONEY_CAME and one.settled_at]
    if pledge.receipt_address and came:
        kept = {"name": pledge.name, "address": pledge.receipt_address}
        retained.keep(KIND, pledge.id, kept, WHY, max(came))
    groups.place(pledge, None, "hidden")
    pledge.name = pledge.message = pledge.in_honour_of = pledge.group_name = ""
    pledge.email = pledge.phone = pledge.honour_email = pledge.pays_from = None
    pledge.receipt_address = pledge.person_id = None
    for payment in pledge.payments:
        payment.session_url = None
    session.execute(delete(Key).where(Key.pledge_id == pledge.id))
    pledge.erased_at = clock.now()
    changes.touch(pledge)
    history.record("pledge", pledge.id, "erased", None, None)


def _call_off(pledge: Pledge, actor: int | None) -> None:
    """Call off what was not paid: nobody could go on to pay it. A debit under way comes in."""
    if pledge.state not in {"open", "expired"}:
        return
    for payment in pledge.payments:
        if payment.state == "started":
            taken = held.lock(payment.id)
            PAYMENT.move(taken, "expired", why="erased", actor=actor)
            standing.stop_awaiting(taken)
            held.save(taken)
            session.expire(payment)
    PLEDGE.move(pledge, "cancelled", why="erased", actor=actor)


def _begin(subject: Subject) -> None:
    """Lock all pledges: whatever hangs on them is locked after them."""
    for row in rows(subject):
        queries.lock_pledge(row)


register(Part("pledges", 50, _export, _erase, _stays, _begin))
