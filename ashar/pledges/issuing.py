"""Giving receipts out: numbered without gaps, written once, their donors told.

Called inside a transaction, as its last step but the totals: a series' row is locked for a moment.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.dialects import postgresql, sqlite

from ashar.kernel import clock, db, outbox
from ashar.kernel.db import session
from ashar.pledges import services
from ashar.pledges.models import Receipt, Series
from ashar.pledges.sheets.facts import Facts

#: The series of receipts that are drawn after no country's law.
PLAIN = "plain"
SERIES = {PLAIN: "A", "de": "DE", "ch": "CH", "us": "US"}
#: Which signal tells of each kind.
TOLD = {
    "legal": "receipt_issued",
    "annual": "statement_issued",
    "cancelling": "receipt_cancelled",
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A receipt that lacks nothing but its number."""

    facts: Facts
    pledge: int
    payment: int | None = None
    donor: str | None = None
    cancels: int | None = None
    why: str = ""
    told: bool = True


def write(drafts: Sequence[Draft]) -> list[Receipt]:
    """Number drafts, all of a series together, and write them; their donors are told."""
    year, now = clock.today().year, clock.now()
    last: dict[str, int] = {}
    for form in sorted({draft.facts.form for draft in drafts}):
        count = sum(draft.facts.form == form for draft in drafts)
        last[form] = take_numbers(SERIES[form], year, count) - count
    made = [_row(draft, year, last) for draft in drafts]
    for row in made:
        row.issued_at = now
    session.add_all(made)
    session.flush()
    for draft, row in zip(drafts, made, strict=True):
        if draft.told:
            _tell(row)
    return made


def _row(draft: Draft, year: int, last: dict[str, int]) -> Receipt:
    form = draft.facts.form
    last[form] += 1
    series, serial = SERIES[form], last[form]
    facts = replace(draft.facts, number=f"{series}-{year}-{serial:06}")
    return Receipt(
        number=facts.number,
        series=series,
        year=year,
        serial=serial,
        kind=facts.kind,
        form=form,
        pledge_id=draft.pledge,
        payment_id=draft.payment,
        donor=draft.donor,
        period=facts.period,
        language=facts.language,
        day=facts.day,
        minor=facts.total.minor,
        currency=facts.total.currency,
        facts=facts.said,
        cancels_id=draft.cancels,
        why=draft.why,
    )


def take_numbers(series: str, year: int, count: int) -> int:
    """Take so many numbers of a series; return the last of them.

    The row stays locked until the commit, and goes back with the rest when there is none: no
    number is missing, none is given out twice.
    """
    insert = postgresql.insert if db.dialect() == "postgresql" else sqlite.insert
    statement = insert(Series).values(series=series, year=year, last=count)
    return session.execute(
        statement.on_conflict_do_update(
            index_elements=["series", "year"], set_={"last": Series.last + count}
        ).returning(Series.last)
    ).scalar_one()


def _tell(row: Receipt) -> None:
    """Have the donor told, with a key to their receipts that works once."""
    nonce = services.make_key_of(row.pledge_id, "receipt", services.LETTER_LIFE)
    facts = {"pledge": row.pledge_id, "receipt": row.id, "number": row.number}
    outbox.emit(TOLD[row.kind], **facts, nonce=nonce)
