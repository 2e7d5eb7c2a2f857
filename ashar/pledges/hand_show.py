"""What a pledge's page shows of cash and of money sent to the partner; nobody's name but theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ashar.gateways import cash
from ashar.kernel import i18n, links
from ashar.kernel.i18n import N_, t
from ashar.kernel.money import Money
from ashar.pledges import collectors, remittances
from ashar.pledges.corridors import BY_HAND
from ashar.pledges.models import Payment, Pledge, Remittance, Slip
from ashar.pledges.services import takes_gifts

OPEN = {
    cash.NAME: (
        N_("Please hand your gift to a collector"),
        N_(
            "Give a collector your code, or let them scan it. You get a numbered slip; your gift "
            "counts when somebody else has counted it."
        ),
    ),
    cash.PARTNER: (
        N_("Please send your gift to our partner"),
        N_(
            "Below is to whom. Keep the link of this page: here you tell us the control number, "
            "and see when it has come."
        ),
    ),
}
SHUT = N_(
    "This project takes no gifts now: please hand over or send nothing. What is on its way already "
    "is not lost; we will ask you."
)
HELD = (N_("Your gift is with the collector"), N_("It counts once it is handed in and counted."))
HANDED = (
    N_("Your gift was handed in"),
    N_("Somebody else counts it now; then it counts for the project."),
)
RECORDED = (
    N_("The partner has recorded your gift"),
    N_("It counts once we have seen it on their statement."),
)
LOCAL = (
    N_("Your gift was given locally"),
    N_("The partner received it in their own name. It stands beside the bar of the project."),
)
VOID = (N_("This slip was a mistake and is void"), N_("Nothing was taken with it."))


@dataclass(frozen=True, slots=True)
class Slipped:
    """A slip on the pledge's page."""

    number: str
    grouped: str
    money: Money
    state: str
    since: datetime
    counted: datetime | None


@dataclass(frozen=True, slots=True)
class HandView:
    """What the donor has to do, and what became of it.

    `scan` is the address of a code that a collector scans; `tell` where the donor tells what was
    sent.
    """

    rows: list[tuple[str, str, str]]
    collectors: list[tuple[str, str]]
    slips: list[Slipped]
    sent: list[Remittance]
    scan: str | None = None
    tell: str | None = None


def view(pledge: Pledge, last: Payment) -> HandView | None:
    """Return the part of a pledge's page for what is given by hand, None for other ways."""
    if pledge.method not in BY_HAND:
        return None
    waits = _waits(pledge, last)
    is_cash = pledge.method == cash.NAME
    near = collectors.near(pledge.country, pledge.currency) if waits and is_cash else ()
    tells = pledge.state == "open" and not is_cash
    return HandView(
        rows=_rows(last) if waits else [],
        collectors=[(row.place, row.contact) for row in near],
        slips=[_slipped(slip) for slip in _slips(pledge)],
        sent=list(remittances.of_pledge(pledge.id)),
        scan=links.url("pledges.cash_code", token=pledge.token) if waits and is_cash else None,
        tell=links.url("pledges.sending", token=pledge.token) if tells else None,
    )


def _waits(pledge: Pledge, last: Payment) -> bool:
    open_now = pledge.state == "open" and last.state == "started" and bool(last.instructions)
    return open_now and takes_gifts(pledge.project)


def _rows(last: Payment) -> list[tuple[str, str, str]]:
    """Return label, words and what to copy."""
    amount = str(last.charged)
    return [
        (t(label), i18n.money(last.charged), last.charged.decimal)
        if words == amount
        else (t(label), words, words)
        for label, words in (last.instructions or {}).items()
    ]


def _slips(pledge: Pledge) -> Sequence[Slip]:
    return collectors.of_pledge(pledge.id)


def _slipped(slip: Slip) -> Slipped:
    return Slipped(
        number=slip.number,
        grouped=cash.grouped(slip.number),
        money=slip.money or Money.zero("KGS"),
        state=slip.state,
        since=slip.written_at,
        counted=slip.hand_in.decided_at if slip.hand_in else None,
    )


def said(pledge: Pledge, last: Payment) -> tuple[str, str] | None:
    """Return headline and explanation where the usual ones would be wrong, as msgids."""
    if pledge.method not in BY_HAND:
        return None
    if pledge.state == "open" and last.state == "started":
        headline, explanation = OPEN[pledge.method]
        return headline, explanation if takes_gifts(pledge.project) else SHUT
    if pledge.state == "processing":
        return _on_its_way(pledge)
    if pledge.state == "cancelled":
        return _called_off(pledge)
    return None


def _on_its_way(pledge: Pledge) -> tuple[str, str]:
    states = {slip.state for slip in _slips(pledge)}
    if "written" in states:
        return HELD
    return HANDED if "handed_in" in states else RECORDED


def _called_off(pledge: Pledge) -> tuple[str, str] | None:
    if any(row.local and row.state == "confirmed" for row in remittances.of_pledge(pledge.id)):
        return LOCAL
    return VOID if any(slip.state == "void" for slip in _slips(pledge)) else None


def scan_url(pledge: Pledge) -> str | None:
    """Return what a collector's phone opens by the pledge's code, None where none is waited for."""
    last = pledge.payments[-1]
    if pledge.method != cash.NAME or pledge.reference is None or not _waits(pledge, last):
        return None
    return links.absolute("collect.new", code=pledge.reference)
