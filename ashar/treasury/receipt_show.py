"""What the treasurer's pages of receipts show."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from ashar.kernel import i18n
from ashar.kernel.i18n import N_, t
from ashar.kernel.money import Money
from ashar.pledges.models import Receipt, Round
from ashar.pledges.sheets.facts import Facts
from ashar.treasury import receipt_queries as queries

KINDS = {
    "legal": N_("Receipt for the tax office"),
    "annual": N_("Gifts of a year"),
    "cancelling": N_("Cancelling receipt"),
}
#: A spreadsheet runs what begins with one of these.
_RUN = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Listed:
    """A receipt in the list."""

    number: str
    kind: str
    day: date
    money: Money
    donor: str
    cancelled: bool


@dataclass(frozen=True, slots=True)
class View:
    """One receipt: all that its paper says, and what became of it."""

    line: Listed
    address: list[str]
    gifts: list[tuple[date, str, Money]]
    cancels: str
    cancelled_by: str
    cancelled_at: datetime | None
    why: str
    paper: str
    digest: str
    cancellable: bool


@dataclass(frozen=True, slots=True)
class RoundLine:
    """A round over all donors, and how far it is."""

    year: int
    percent: int
    donors: int
    looked_at: int
    issued: int
    left_out: int
    done: bool


def line(row: Receipt) -> Listed:
    """Return a receipt's line."""
    kind = t(KINDS[row.kind])
    return Listed(
        number=row.number,
        kind=f"{kind} {row.period}" if row.period else kind,
        day=row.day,
        money=row.money,
        donor=str(row.facts["donor"]["name"]) or row.donor or "",
        cancelled=row.cancelled_at is not None,
    )


def view(row: Receipt) -> View:
    """Return a receipt's page."""
    facts, paper, taken = Facts.read(row.facts), queries.paper(row), queries.cancelling(row.id)
    return View(
        line=line(row),
        address=facts.donor.lines,
        gifts=[(gift.day, gift.project, gift.money) for gift in facts.gifts],
        cancels=facts.cancels[0] if facts.cancels else "",
        cancelled_by=taken.number if taken else "",
        cancelled_at=row.cancelled_at,
        why=t(row.why),
        paper=paper.token if paper else "",
        digest=paper.digest if paper else "",
        cancellable=row.cancelled_at is None and row.kind != "cancelling",
    )


def round_line(row: Round) -> RoundLine:
    """Return how far a round is."""
    donors, done = row.donors or 0, row.done_at is not None
    percent = 100 if done else (100 * row.looked_at // donors if donors else 0)
    return RoundLine(
        row.period, min(percent, 100), donors, row.looked_at, row.issued, row.left_out, done
    )


HEADS = ("number", "kind", "form", "day", "currency", "amount", "donor", "cancelled", "cancels")


def csv_rows(rows: Iterable[Receipt]) -> Iterator[tuple[str, ...]]:
    """Yield a list's rows for a spreadsheet, its heads first."""
    yield HEADS
    for row in rows:
        yield (
            row.number,
            row.kind,
            row.form,
            row.day.isoformat(),
            row.currency,
            row.money.decimal,
            _safe(str(row.facts["donor"]["name"])),
            i18n.day(row.cancelled_at, "yyyy-MM-dd"),
            str((row.facts["cancels"] or [""])[0]),
        )


def _safe(words: str) -> str:
    return "'" + words if words.startswith(_RUN) else words
