"""What a donor, or a project's end, does to a monthly gift: at its provider first, then here.

The provider is called outside of any transaction, under a key that makes a second click the same
call; its answer goes through the one door.
"""

from collections.abc import Callable
from typing import cast

from ashar.gateways.base import Received, Subscribes
from ashar.kernel import db, history
from ashar.kernel.db import session
from ashar.kernel.errors import GatewayRefused, Refused
from ashar.kernel.i18n import N_
from ashar.kernel.money import Money
from ashar.pledges import fees, inbox, services, subscriptions, tasks
from ashar.pledges.models import Pledge, Subscription

ENDED = N_("This monthly gift has ended.")
NOT_NOW = N_("This project does not take gifts now.")
NOTHING_OPEN = N_("Nothing is open here: the payment has been made, or is no longer asked for.")

Call = Callable[[Subscribes, str, str], Received]


def set_amount(row: int, gift: Money) -> None:
    """Let a monthly gift be of another sum from the next charge on."""
    found = _running(row)
    cover = Money.zero(gift.currency)
    if found.cover_minor:
        cover = fees.cover(gift, session.get_one(Pledge, found.pledge_id).method)
    _call(row, f"amount-{gift.minor}", lambda way, id, key: way.set_amount(id, key, gift, cover))


def pause(row: int, *, by: str, actor: int | None = None) -> None:
    """Let nothing be charged until it is resumed."""
    _call(row, "pause", lambda way, id, key: way.pause(id, key), actor=actor, paused_by=by)


def resume(row: int, *, actor: int | None = None) -> None:
    """Let it be charged again from the next time on; raise Refused while nobody may give."""
    project = session.get_one(Pledge, _running(row).pledge_id).project
    if not services.takes_gifts(project):
        raise Refused(NOT_NOW)
    _call(row, "resume", lambda way, id, key: way.resume(id, key), actor=actor)


def stop(row: int, *, by: str, actor: int | None = None) -> None:
    """End a monthly gift; stopping what has ended is no mistake."""
    if session.get_one(Subscription, row, populate_existing=True).state != "ended":
        _call(row, "end", lambda way, id, key: way.end(id, key), actor=actor, ended_by=by)


def mend(row: int) -> str:
    """Return the provider's page where the open charge can be paid anew; raise Refused if none."""
    found = _running(row)
    way, id, invoice = _way(found), found.gateway_id, found.invoice_id
    session.rollback()
    url = way.mend(id, invoice) if invoice else None
    if url is None:
        look(row)
        raise Refused(NOTHING_OPEN)
    return url


def look(row: int) -> None:
    """Ask the provider how a monthly gift stands, and take the answer through the door."""
    found = session.get_one(Subscription, row, populate_existing=True)
    name, id = found.gateway, found.gateway_id
    session.rollback()
    tasks.take_in(name, inbox.gateway(name).fetch("subscription", id))


def _running(row: int) -> Subscription:
    found = session.get_one(Subscription, row, populate_existing=True)
    if found.state == "ended":
        raise Refused(ENDED)
    return found


def _way(found: Subscription) -> Subscribes:
    return cast(Subscribes, inbox.gateway(found.gateway))


def _call(row: int, what: str, call: Call, *, actor: int | None = None, **notes: str) -> None:
    """Have the provider do something; raise Refused when it no longer can."""
    found = _running(row)
    way, name, id = _way(found), found.gateway, found.gateway_id
    # What is told anew makes the next call another one.
    key = f"monthly-{row}-{what}-{found.told_at}"
    session.rollback()
    try:
        received = call(way, id, key)
    except GatewayRefused:
        # It may have ended there a moment ago; what it says now is taken in.
        look(row)
        _running(row)
        raise
    with db.transaction():
        locked = subscriptions.lock(row)
        for column, value in notes.items():
            setattr(locked, column, value)
        history.record("subscription", row, what, None, None, why=str(notes or ""), actor=actor)
    tasks.take_in(name, received)
