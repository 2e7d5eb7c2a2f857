"""What the pages of offers show."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from ashar.kernel import clock, links
from ashar.kernel.i18n import N_, t
from ashar.pledges import queries
from ashar.pledges.models import Offer
from ashar.pledges.witnesses import COMMITTEE, GIVER
from ashar.projects import show
from ashar.projects.states import PUBLIC
from ashar.projects.words import NEED_WORDS

HEADLINES = {
    "offered": N_("Thank you! Your offer is with the project's leader"),
    "accepted": N_("Your help is wanted"),
    "delivered": N_("The leader says that it has come"),
    "confirmed": N_("Thank you! It is done"),
    "missed": N_("It did not come about"),
    "declined": N_("The leader has declined it"),
    "withdrawn": N_("You have taken this offer back"),
}
EXPLANATIONS = {
    "offered": N_("They answer as soon as they know when it is needed."),
    "accepted": N_("The village counts on you. If you cannot come, please take it back in time."),
    "delivered": N_(
        "Was it so? Please confirm it: what the leader says alone is shown apart from what "
        "somebody else has confirmed."
    ),
    "confirmed": N_("It is counted for the project, beside the money and never in it."),
    "missed": N_("Nothing of it came that day. The leader may agree on another day with you."),
    "declined": N_("Their reason stands below. There may be something else that you can do."),
    "withdrawn": N_("Nobody counts on it any more."),
}


CONFIRMED, CONFIRMED_BY_YOU = N_("Confirmed"), N_("Confirmed by you")
CONFIRMED_AS = {
    GIVER: N_("Confirmed by who gave it"),
    COMMITTEE: N_("Confirmed by the committee"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """A step of an offer's way: what happened, of how much, and when."""

    title: str
    detail: str
    when: date | None
    done: bool = True


@dataclass(frozen=True, slots=True)
class OfferView:
    """An offer as its page shows it to whoever holds the link: no name, address or e-mail."""

    token: str
    state: str
    headline: str
    explanation: str
    title: str
    kind: str
    amount: str
    people: int
    day: date | None
    meeting: str
    place: str
    reason: str
    delivered: int
    steps: list[Step]
    created: date
    project: show.ProjectView
    can_withdraw: bool
    can_confirm: bool
    can_comment: bool
    calendar: str


def title(offer: Offer) -> str:
    """Return what an offer is for, in the reader's language, as it was asked for then."""
    return show.in_language(offer.titles)


def standing(offer: Offer) -> str:
    """Return how much of an offer counts now, in words: "5 labour days"."""
    number = {
        "accepted": offer.accepted,
        "delivered": offer.delivered,
        "confirmed": offer.confirmed,
    }.get(offer.state, offer.offered)
    return show.amount_of(offer.unit, number)


def view(offer: Offer) -> OfferView:
    """Return what an offer's page shows."""
    pledge, project = offer.pledge, offer.pledge.project
    shown = show.view(project)
    return OfferView(
        token=pledge.token,
        state=offer.state,
        headline=t(HEADLINES[offer.state]),
        explanation=t(EXPLANATIONS[offer.state]),
        title=title(offer),
        kind=t(NEED_WORDS[pledge.kind]),
        amount=show.amount_of(offer.unit, offer.offered),
        people=offer.people,
        day=offer.day if offer.state in {"accepted", "delivered", "confirmed"} else None,
        meeting=offer.meeting,
        place=shown.place,
        reason=offer.reason,
        delivered=offer.delivered,
        steps=steps(offer, own=True),
        created=clock.day_of(pledge.made_at),
        project=shown,
        can_withdraw=offer.state in {"offered", "accepted"},
        can_confirm=offer.state == "delivered" and offer.entered_by is None,
        can_comment=queries.gave(pledge) and project.state in PUBLIC,
        calendar=calendar_url(offer),
    )


def calendar_url(offer: Offer) -> str:
    """Return where a calendar gets the day of an accepted offer; empty without a day."""
    if offer.state != "accepted" or offer.day is None:
        return ""
    return links.url("pledges.day_file", token=offer.pledge.token)


def steps(offer: Offer, *, own: bool = False) -> list[Step]:
    """Return an offer's way: what happened, then what is still to come; `own` to its giver."""
    found = [_step(offer, N_("Offered"), offer.offered, offer.pledge.made_at)]
    if offer.accepted:
        found.append(_step(offer, N_("Accepted"), offer.accepted, offer.accepted_at))
    if offer.delivered:
        found.append(_step(offer, N_("Delivered"), offer.delivered, offer.delivered_at))
    if offer.confirmed:
        words = CONFIRMED_BY_YOU if own and offer.confirmed_as == GIVER else CONFIRMED
        by = words if own else CONFIRMED_AS.get(offer.confirmed_as, CONFIRMED)
        found.append(_step(offer, by, offer.confirmed, offer.confirmed_at))
    to_come = {
        "offered": (N_("Accepted"), N_("Delivered"), CONFIRMED),
        "accepted": (N_("Delivered"), CONFIRMED),
        "delivered": (CONFIRMED,),
    }
    found += [Step(t(word), "", None, False) for word in to_come.get(offer.state, ())]
    return found


def _step(offer: Offer, word: str, number: int, at: datetime | None) -> Step:
    return Step(t(word), show.amount_of(offer.unit, number), clock.day_of(at) if at else None)


@dataclass(frozen=True, slots=True)
class OfferLine:
    """An offer in a list: `name` and `contact` only where the giver's wish allows it."""

    token: str
    name: str
    contact: str
    title: str
    kind: str
    amount: str
    state: str
    people: int
    group: str
    message: str
    day: date | None
    meeting: str
    offered: int
    accepted: int
    delivered: int
    offered_words: str
    delivered_words: str
    created: date
    listed: bool
    photo: bool
    reason: str


def line(offer: Offer, *, contacts: bool = False) -> OfferLine:
    """Return an offer's line for a desk; `contacts` says that its reader is the leader."""
    pledge = offer.pledge
    hidden = pledge.visibility == "hidden"
    contact = " · ".join(filter(None, (pledge.phone, pledge.email)))
    return OfferLine(
        token=offer.token,
        name="" if hidden else pledge.name,
        contact=contact if contacts and not hidden else "",
        title=title(offer),
        kind=t(NEED_WORDS[pledge.kind]),
        amount=standing(offer),
        state=offer.state,
        people=offer.people,
        group="" if hidden else pledge.group_name,
        message=pledge.message,
        day=offer.day,
        meeting=offer.meeting,
        offered=offer.offered,
        accepted=offer.accepted,
        delivered=offer.delivered,
        offered_words=show.amount_of(offer.unit, offer.offered),
        delivered_words=show.amount_of(offer.unit, offer.delivered),
        created=clock.day_of(pledge.made_at),
        listed=offer.entered_by is not None,
        photo=offer.photo_id is not None,
        reason=offer.reason,
    )


def said(offer: Offer) -> str:
    """Return an offer in one line: what it is for, and how much of it counts now."""
    return f"{title(offer)}: {standing(offer)}"


def left(offer: Offer) -> str:
    """Return how much of what an offer is for is still to be accepted, in words."""
    if offer.need is None:
        return ""
    return show.amount_of(offer.unit, max(0, offer.need.needed - offer.need.accepted))


def sums(offers: Iterable[Offer]) -> list[str]:
    """Return what some offers add up to, each thing in a line."""
    found: Counter[tuple[str, str]] = Counter()
    for offer in offers:
        if offer.state != "missed":
            number = offer.accepted if offer.state == "accepted" else offer.delivered
            found[title(offer), offer.unit] += number
    return [f"{name}: {show.amount_of(unit, number)}" for (name, unit), number in found.items()]
