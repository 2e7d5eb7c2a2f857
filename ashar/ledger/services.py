"""The only writers of the book."""

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from sqlalchemy import select

from ashar.kernel import clock, db, ids
from ashar.kernel.db import session
from ashar.kernel.errors import BookError
from ashar.kernel.money import Money, convert
from ashar.ledger import rates
from ashar.ledger.models import Entry, Line

#: Signed minor units per (account, currency); debit positive.
Sides = Mapping[tuple[str, str], int]


_ENTRY = db.table_of(Entry).insert()
_LINES = db.table_of(Line).insert()


@dataclass(frozen=True, slots=True)
class Source:
    """The row that an entry belongs to, and the paper or event behind it."""

    kind: str
    id: int
    voucher: str


def post(
    kind: str,
    sides: Sides,
    source: Source,
    at: datetime,
    *,
    actor: int | None = None,
    reason: str | None = None,
    reverses: uuid.UUID | None = None,
) -> uuid.UUID | None:
    """Write one entry; return its id, or None when all sides are zero.

    Raises BookError unless the sides sum to zero in each currency (the database would refuse it
    too). Lines go first, since the entry's insert seals them.
    """
    kept = {key: minor for key, minor in sides.items() if minor}
    if not kept:
        return None
    _check_balanced(kept)
    entry = ids.row_id()
    db.write(_LINES, _lines(entry, kept, at))
    db.write(
        _ENTRY,
        {
            "id": entry,
            "kind": kind,
            "day": clock.day_of(at),
            "at": at,
            "posted_at": clock.now(),
            "source_kind": source.kind,
            "source_id": source.id,
            "voucher": source.voucher,
            "actor_id": actor,
            "reason": reason,
            "reverses": reverses,
        },
    )
    return entry


def _check_balanced(sides: Sides) -> None:
    sums: Counter[str] = Counter()
    for (_, currency), minor in sides.items():
        sums[currency] += minor
    if any(sums.values()):
        raise BookError(f"not balanced: {dict(sums)}")


def _lines(entry: uuid.UUID, sides: Sides, at: datetime) -> list[dict[str, object]]:
    book = current_app.config["ASHAR_BOOK_CURRENCY"]
    day = clock.day_of(at)
    quotes = {currency: rates.quote(currency, book, day) for _, currency in sides}
    return [
        {
            "entry_id": entry,
            "no": no,
            "account": account,
            "currency": currency,
            "minor": minor,
            "book_minor": _valued(Money(minor, currency), book, quotes[currency]),
        }
        for no, ((account, currency), minor) in enumerate(sorted(sides.items()), start=1)
    ]


def _valued(money: Money, book: str, quote: rates.Quote | None) -> int | None:
    return None if quote is None else convert(money, book, quote.rate).minor


def posted(kind: str, row: int) -> Counter[tuple[str, str]]:
    """Return what has been booked for a row so far, per (account, currency)."""
    found = session.execute(
        select(Line.account, Line.currency, Line.minor)
        .join(Entry, Entry.id == Line.entry_id)
        .where(Entry.source_kind == kind, Entry.source_id == row)
    )
    sums: Counter[tuple[str, str]] = Counter()
    for account, currency, minor in found:
        sums[account, currency] += minor
    return sums


def move_to(
    kind: str,
    target: Sides,
    source: Source,
    at: datetime,
    *,
    before: Sides | None = None,
    actor: int | None = None,
    reason: str | None = None,
) -> uuid.UUID | None:
    """Post what is missing for a row's sides to become the target; return the entry, if any.

    `before` spares the look-up where the caller knows that nothing was booked yet.
    """
    have = posted(source.kind, source.id) if before is None else before
    keys: Iterable[tuple[str, str]] = {*have, *target}
    delta = {key: target.get(key, 0) - have.get(key, 0) for key in keys}
    return post(kind, delta, source, at, actor=actor, reason=reason)


def reverse(entry: uuid.UUID, *, actor: int | None, reason: str) -> uuid.UUID | None:
    """Write the opposite of an entry, once; raise BookError when it was reversed before."""
    found = session.get(Entry, entry)
    if found is None:
        raise BookError(f"no entry {entry}")
    if session.execute(select(Entry.id).where(Entry.reverses == entry)).first():
        raise BookError(f"entry {entry} was reversed before")
    lines = session.execute(select(Line).where(Line.entry_id == entry)).scalars()
    sides = {(line.account, line.currency): -line.minor for line in lines}
    source = Source(found.source_kind, found.source_id, found.voucher)
    return post("reversal", sides, source, clock.now(), actor=actor, reason=reason, reverses=entry)
