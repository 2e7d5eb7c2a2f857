"""What pages say of a monthly gift."""

from dataclasses import dataclass
from datetime import date

from ashar.gateways import bank
from ashar.kernel import clock, i18n
from ashar.kernel.i18n import N_, t
from ashar.kernel.money import Money
from ashar.pledges import months, queries
from ashar.pledges.models import Pledge, Subscription
from ashar.pledges.states import MONEY_CAME

RUNS = N_("It runs: %(sum)s each month, next on %(day)s.")
PAUSED = N_("It is paused: nothing is charged until you resume it.")
PAUSED_BY_PROJECT = N_("It is paused: the project takes no gifts now, so nothing is charged.")
FAILED = N_("The charge of %(sum)s did not work: %(why)s Until it is paid, nothing is counted.")
ENDED = N_("It ended on %(day)s and is charged no more.")
ORDER = N_(
    "Please set it up at your bank as a standing order of %(sum)s each month, with the same "
    "reference each time. Each transfer counts when it has arrived, never before."
)
ORDER_NEXT = N_(
    "Your standing order brings %(sum)s each month; we expect the next around %(day)s. It counts "
    "when it has arrived, never before. To change or stop it, tell your bank."
)
#: Why a charge failed, by the bank's word.
WHY = {
    "expired_card": N_("the card has run out."),
    "insufficient_funds": N_("the account has too little money."),
    "authentication_required": N_("the bank wants you to confirm it yourself."),
    "lost_card": N_("the card is blocked."),
    "stolen_card": N_("the card is blocked."),
}
WHY_ELSE = N_("the bank said no and gave no reason.")


@dataclass(frozen=True, slots=True)
class MonthlyView:
    """A monthly gift: its state in words; a standing order has no `state`."""

    words: str
    state: str = ""
    gift: Money | None = None
    charged: Money | None = None
    next_day: date | None = None
    card_until: date | None = None
    asked: bool = False
    can_change: bool = False
    can_pause: bool = False
    can_resume: bool = False
    can_mend: bool = False


def why(trouble: str | None) -> str:
    """Say why a charge failed."""
    return t(WHY.get(trouble or "", WHY_ELSE))


def view(pledge: Pledge) -> MonthlyView | None:
    """Return what a pledge's page says of its monthly gift; None for a gift of once."""
    if pledge.frequency != "monthly":
        return None
    found = queries.subscription_of(pledge.id)
    return of(found) if found else _order(pledge)


def of(found: Subscription) -> MonthlyView:
    """Return what is said of a monthly gift that a provider charges."""
    running = found.state != "ended"
    by_project = found.state == "paused" and found.paused_by == "project"
    return MonthlyView(
        words=_words(found),
        state=found.state,
        gift=found.gift,
        charged=found.charged,
        next_day=clock.day_of(found.next_at) if found.next_at and _charges(found) else None,
        card_until=found.card_until,
        asked=running and found.asked_at is not None,
        can_change=running,
        can_pause=found.state in {"active", "past_due"},
        can_resume=found.state == "paused" and not by_project,
        can_mend=running and found.invoice_id is not None and found.state != "paused",
    )


def _charges(found: Subscription) -> bool:
    return found.state in {"active", "past_due"}


def _words(found: Subscription) -> str:
    if found.state == "ended":
        return t(ENDED, day=i18n.day(found.ended_at))
    if found.state == "paused":
        return t(PAUSED_BY_PROJECT if found.paused_by == "project" else PAUSED)
    if found.trouble:
        return t(FAILED, sum=i18n.money(found.charged), why=why(found.trouble))
    return t(RUNS, sum=i18n.money(found.charged), day=i18n.day(found.next_at))


def _order(pledge: Pledge) -> MonthlyView | None:
    """Return what is said of a standing order: expected, and never counted as money."""
    if pledge.method != bank.NAME or pledge.state == "cancelled":
        return None
    came = [row.settled_at for row in pledge.payments if row.state in MONEY_CAME and row.settled_at]
    if not came:
        return MonthlyView(t(ORDER, sum=i18n.money(pledge.gift)))
    due = months.later(clock.day_of(max(came)))
    words = t(ORDER_NEXT, sum=i18n.money(pledge.gift), day=i18n.day(due))
    return MonthlyView(words, next_day=due)
