"""What the treasurer's pages show of campaigns and of money that waits for a decision."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from ashar.kernel import clock
from ashar.kernel.i18n import N_, t
from ashar.kernel.money import Money
from ashar.pledges import brake, conversions, dispositions
from ashar.pledges.models import Campaign, Disposition
from ashar.projects import show
from ashar.treasury import campaign_queries as queries

STATES = {
    "collecting": N_("Collecting"),
    "ended": N_("Ended"),
    "missed": N_("Minimum missed"),
    "short": N_("Money is missing"),
    "running": N_("Gifts go back"),
    "done": N_("All done"),
}
TONES = {"short": "bad", "missed": "waits", "running": "waits", "done": "good"}
WAITS = {
    "parked": N_("The project is held up"),
    "asked": N_("The donor was asked"),
    "stuck": N_("A refund was given up"),
}


@dataclass(frozen=True, slots=True)
class CampaignView:
    """A campaign: what stands against its minimum, and how far its gifts have gone back.

    `fees` is what providers keep of it if everything goes back, `due` what still has to, `short`
    what the balance there lacks. All of it as it was counted at `counted_at`.
    """

    slug: str
    title: str
    state: str
    label: str
    tone: str
    deadline: date | None
    raised: Money
    minimum: Money
    gifts: int
    fees: list[Money]
    due: list[Money]
    by_hand: list[Money]
    short: list[Money]
    gone: int
    stuck: int
    planned: int
    percent: int
    counted_at: datetime | None


@dataclass(frozen=True, slots=True)
class LateLine:
    """Money that waits for a decision."""

    token: str
    reference: str
    project: str
    money: Money
    since: date
    days: int
    state: str
    label: str
    trouble: str
    may_decide: bool


@dataclass(frozen=True, slots=True)
class Decisions:
    """How much waits for the treasurer, for the desk's first page."""

    campaigns: int
    late: int
    unrated: int
    declines: int


def decisions() -> Decisions:
    """Count what waits for the treasurer."""
    unrated = sum(one.gifts for one in conversions.unrated())
    return Decisions(queries.giving_back(), queries.waiting(), unrated, brake.declines())


def campaign(row: Campaign, raised: int) -> CampaignView:
    """Return what is shown of a campaign."""
    figures, project = row.figures, row.project
    states: Mapping[str, int] = figures.get("states", {})
    planned, gone = sum(states.values()), states.get("done", 0)
    due: Mapping[str, Mapping[str, int]] = figures.get("due", {})
    by_hand = [sums for name, sums in due.items() if name in dispositions.BY_HAND]
    others = [sums for name, sums in due.items() if name not in dispositions.BY_HAND]
    return CampaignView(
        slug=project.slug,
        title=show.title(project),
        state=row.state,
        label=t(STATES[row.state]),
        tone=TONES.get(row.state, "rest"),
        deadline=project.deadline,
        raised=Money(raised, project.currency),
        minimum=Money(project.minimum_minor or 0, project.currency),
        gifts=figures.get("gifts", 0),
        fees=_moneys([figures.get("fees", {})]),
        due=_moneys(others),
        by_hand=_moneys(by_hand),
        short=_moneys([figures.get("short", {})]),
        gone=gone,
        stuck=states.get("stuck", 0),
        planned=planned,
        percent=100 * gone // planned if planned else 0,
        counted_at=row.counted_at,
    )


def _moneys(sums: Iterable[Mapping[str, int]]) -> list[Money]:
    return [
        Money(minor, currency) for one in sums for currency, minor in sorted(one.items()) if minor
    ]


def line(row: Disposition) -> LateLine:
    """Return a line of money that waits."""
    payment, pledge = row.payment, row.payment.pledge
    since = clock.day_of(payment.settled_at or row.made_at)
    return LateLine(
        token=row.token,
        reference=pledge.reference or payment.charge_id or "",
        project=show.title(pledge.project),
        money=payment.charged,
        since=since,
        days=(clock.today() - since).days,
        state=row.state,
        label=t(WAITS[row.state]) if row.state in WAITS else row.state,
        trouble=t(row.trouble) if row.trouble else "",
        may_decide=dispositions.may_decide(row, pledge),
    )
