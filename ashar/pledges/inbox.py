"""The rows of the inbox: stored first, then done, waiting or parked. Processing is in tasks."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from flask import current_app
from sqlalchemy import bindparam, exists, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ashar.gateways.base import Gateway, Received
from ashar.kernel import clock, db, jobs
from ashar.kernel.db import session
from ashar.kernel.errors import GatewayRefused
from ashar.pledges.models import Inbox

log = logging.getLogger(__name__)

FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=1)
#: The row that tells when a gateway's events were last listed.
LISTING = "listed"
#: A fact whose predecessor has not come after this long needs a person.
PATIENCE = timedelta(days=4)

_TABLE = db.table_of(Inbox)
#: Insert a message that is not known; of two at once, one does.
_INSERT = {
    name: insert(_TABLE)
    .on_conflict_do_nothing(index_elements=["gateway", "external_id"])
    .returning(_TABLE.c.id)
    for name, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}


class Held(NamedTuple):
    """A message under its lock; `some_wait` tells whether any message waits for another."""

    gateway: str
    state: str
    body: bytes | None
    some_wait: bool


def gateway(name: str) -> Gateway:
    """Return one of the app's gateways; raise GatewayRefused for one that it does not have."""
    found: Gateway | None = current_app.extensions["ashar"].gateways.get(name)
    if found is None:
        raise GatewayRefused(f"this site has no gateway {name!r}")
    return found


def store(name: str, received: Received) -> int | None:
    """Keep a message in the current transaction; return its row, None when it is known."""
    return _insert(name, received.id, received.kind, received.body)


def body(name: str, external_id: str) -> bytes | None:
    """Return the bytes of a message that is known."""
    return session.scalars(
        select(Inbox.body).where(Inbox.gateway == name, Inbox.external_id == external_id)
    ).one_or_none()


def want(name: str, kind: str, external_id: str) -> None:
    """Ask for a fact that has to be fetched; its row waits for the bytes."""
    row = _insert(name, external_id, kind, None)
    if row is not None:
        db.after_commit(("inbox", row), lambda: jobs.enqueue("inbox.process", row))


def keep(name: str, received: Received) -> int | None:
    """Keep a message by itself, committed at once; return its row, None when it is known."""
    values = _values(name, received.id, received.kind, received.body)
    found = db.alone(_INSERT[db.dialect()], values)
    return found[0][0] if found else None


def _values(name: str, external_id: str, kind: str, body: bytes | None) -> dict[str, Any]:
    now = clock.now()
    return {
        "gateway": name,
        "external_id": external_id,
        "kind": kind,
        "body": body,
        "state": "stored",
        "attempts": 0,
        "received_at": now,
        "next_at": now + FIRST_WAIT,
    }


def _insert(name: str, external_id: str, kind: str, body: bytes | None) -> int | None:
    found = db.fetch(_INSERT[db.dialect()], _values(name, external_id, kind, body))
    return found[0][0] if found else None


def lock(row: int) -> Inbox | None:
    """Read a message as it is now and keep others from it until the commit."""
    return session.execute(
        select(Inbox)
        .where(Inbox.id == row)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


_ROW = db.table_of(Inbox).c
_OTHER = db.table_of(Inbox).alias("other")
_HOLD = (
    select(
        _ROW.gateway,
        _ROW.state,
        _ROW.body,
        exists(_OTHER.c.id).where(_OTHER.c.state == "waiting"),
    )
    .where(_ROW.id == bindparam("row"))
    .with_for_update(of=db.table_of(Inbox))
)
_FINISH = (
    update(db.table_of(Inbox))
    .where(_ROW.id == bindparam("row"))
    .values(state="done", reason=None, waits_for=None, next_at=None, done_at=bindparam("now"))
)
_WAITING = (
    select(_ROW.id)
    .where(_ROW.state == "waiting", _ROW.waits_for.in_(bindparam("keys", expanding=True)))
    .order_by(_ROW.id)
)


def hold(row: int) -> Held | None:
    """Read a message as it is now and keep others from it until the commit."""
    found = db.fetch(_HOLD, {"row": row})
    return Held(*found[0]) if found else None


def finish(row: int) -> None:
    """Mark a held message as done."""
    db.write(_FINISH, {"row": row, "now": clock.now()})


def fetch_body(row: int) -> None:
    """Ask the gateway for the bytes of a message that is wanted, and keep them.

    No transaction stays open over the call to the outside. Raises what the gateway raises.
    """
    session.rollback()
    found = session.get_one(Inbox, row)
    name, kind, external_id = found.gateway, found.kind, found.external_id
    session.rollback()
    received = gateway(name).fetch(kind, external_id)
    with db.transaction():
        session.execute(
            update(Inbox)
            .where(Inbox.id == row, Inbox.body.is_(None))
            .values(body=received.body)
            .execution_options(synchronize_session=False)
        )


def put_off(row: int, state: str, reason: str, keys: Iterable[str] = ()) -> str:
    """Leave a message for later or for a person, with the reason; return its state."""
    with db.transaction():
        found = lock(row)
        if found is None or found.state == "done":
            return "done"
        now = clock.now()
        if state == "waiting" and now - found.received_at > PATIENCE:
            state, reason = "parked", f"what it builds on never came: {reason}"
        found.state, found.reason = state, reason
        found.waits_for = next(iter(keys), None)
        found.attempts += 1
        found.next_at = now + min(FIRST_WAIT * 2 ** min(found.attempts, 16), LONGEST_WAIT)
    if state == "parked":
        log.warning("inbox %s parked: %s", row, reason)
    return state


def note_listing(name: str, at: datetime) -> None:
    """Keep when a gateway's events were last listed to their end, as a row of its own."""
    _insert(name, LISTING, "listing", b"")
    session.execute(
        update(Inbox)
        .where(Inbox.gateway == name, Inbox.external_id == LISTING)
        .values(received_at=at, state="done", done_at=clock.now(), next_at=None)
        .execution_options(synchronize_session=False)
    )


def last_listing(name: str) -> datetime | None:
    """Return when a gateway's events were last listed to their end."""
    return session.scalars(
        select(Inbox.received_at).where(Inbox.gateway == name, Inbox.external_id == LISTING)
    ).one_or_none()


def waiting_for(keys: Iterable[str]) -> list[int]:
    """Return the messages that wait for any of these ids."""
    return list(db.connection().execute(_WAITING, {"keys": sorted(keys)}).scalars())


def due(limit: int, *, early: bool = False) -> list[int]:
    """Return the messages that a process left behind or that waited long enough.

    With `early` those too whose time has not come.
    """
    query = select(Inbox.id).where(or_(Inbox.state == "stored", Inbox.state == "waiting"))
    if not early:
        query = query.where(Inbox.next_at <= clock.now())
    return list(session.scalars(query.order_by(Inbox.id).limit(limit)))


def reopen(row: int) -> None:
    """Make a message that was parked or waits ready to be processed once more."""
    with db.transaction():
        found = lock(row)
        if found is None:
            raise LookupError(f"no event {row}")
        if found.state != "done":
            found.state, found.reason, found.waits_for = "stored", None, None
