"""Offers of hands and things: made, accepted, delivered, confirmed; called inside a transaction.

Rows are locked in one order: pledge, offer, need. Nobody's own word stands twice: that something
was delivered says the leader, that it is so says somebody else.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from ashar.kernel import clock, history, ids, outbox, papers
from ashar.kernel.db import session
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_
from ashar.kernel.papers import Paper
from ashar.people.models import Person
from ashar.pledges import needs, witnesses
from ashar.pledges.models import Offer, Pledge
from ashar.pledges.states import OFFER, PLEDGE
from ashar.projects.models import Need, Project
from ashar.projects.states import HANDS

#: What owns the pictures of a day of work, by the project's row.
PHOTOS = "offers"
FULL = N_("Of this, only %(left)s are still needed. Accept fewer, or say that more is welcome.")
NO_HANDS = N_("This project does not look for hands or things now.")
TOO_LATE = N_("This was changed meanwhile: it can no longer be done.")


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody offers, from a valid form."""

    attempt: str
    quantity: int
    name: str
    language: str
    people: int = 1
    email: str | None = None
    phone: str | None = None
    country: str = "KG"
    visibility: str = "anonymous"
    message: str = ""
    group: str = ""
    person: int | None = None


def make(project: Project, need: Need, wish: Wish) -> Offer:
    """Write an offer; raise Refused when the project looks for nothing now."""
    return _write(project, need, wish)


def _write(project: Project, need: Need, wish: Wish, entered_by: int | None = None) -> Offer:
    if project.state not in HANDS:
        raise Refused(NO_HANDS)
    pledge = Pledge(
        token=ids.token(),
        attempt=wish.attempt,
        project=project,
        person_id=wish.person,
        kind=need.kind,
        gift_minor=0,
        currency=project.currency,
        method="offer",
        name=wish.name,
        email=wish.email,
        phone=wish.phone,
        country=wish.country,
        language=wish.language,
        visibility=wish.visibility,
        message=wish.message,
        group_name=wish.group,
        made_at=clock.now(),
    )
    offer = Offer(
        token=ids.token(),
        pledge=pledge,
        project=project,
        need_id=need.id,
        unit=need.unit,
        titles=dict(need.titles),
        state=OFFER.start,
        people=wish.people,
        offered=wish.quantity,
        accepted=0,
        delivered=0,
        confirmed=0,
        meeting="",
        reason="",
        confirmed_as="",
        entered_by=entered_by,
    )
    session.add_all([pledge, offer])
    session.flush()
    with needs.following(offer, new=True):
        history.record("offer", offer.id, "state", None, OFFER.start, actor=entered_by)
    outbox.emit("offer_made", **_facts(offer))
    return offer


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of a paper list: a name and how much."""

    name: str
    quantity: int
    people: int = 1


@dataclass(frozen=True, slots=True)
class PaperList:
    """A list that was written on paper, with the word that those on it agree to be entered.

    `came` says that it is of those who were there on `day`, else of those who will come.
    """

    attempt: str
    lines: tuple[Listed, ...]
    language: str
    day: date | None = None
    came: bool = False
    more: bool = False


def enter(
    project: Project, need: Need, paper: PaperList, *, actor: int, leads: bool
) -> list[Offer]:
    """Enter a paper list; what a helper enters waits for the leader's word.

    Names stay private, counts are public. Raises Refused where more is entered than is needed.
    """
    made = []
    for number, line in enumerate(paper.lines):
        wish = Wish(
            attempt=f"{paper.attempt}-{number}",
            quantity=line.quantity,
            name=line.name,
            people=line.people,
            language=paper.language,
        )
        offer = _write(project, need, wish, actor)
        history.record("offer", offer.id, "consent", None, "yes", actor=actor)
        made.append(offer)
    if leads:
        _make_room(need.id, sum(line.quantity for line in paper.lines), paper.more or paper.came)
        for offer in made:
            _accept(offer, offer.offered, paper.day, "", actor)
            if paper.came:
                _deliver(offer, offer.offered, None, actor)
    return made


def lock(rows: Collection[int]) -> list[Offer]:
    """Return offers with their pledges as they are now, in their order; keep others off."""
    fresh = {"populate_existing": True}
    pledges = select(Offer.pledge_id).where(Offer.id.in_(rows))
    session.execute(
        select(Pledge)
        .where(Pledge.id.in_(pledges))
        .order_by(Pledge.id)
        .with_for_update(of=Pledge, key_share=True),
        execution_options=fresh,
    ).all()
    query = select(Offer).where(Offer.id.in_(rows)).order_by(Offer.pledge_id)
    return list(session.scalars(query.with_for_update(of=Offer), execution_options=fresh))


def _one(offer: Offer) -> Offer:
    [found] = lock([offer.id])
    return found


def _held(offer: Offer, *states: str) -> Offer:
    """Return an offer, locked, in one of some states; raise Refused in any other."""
    offer = _one(offer)
    if offer.state not in states:
        raise Refused(TOO_LATE)
    return offer


def accept(
    offer: Offer,
    quantity: int,
    *,
    day: date | None,
    meeting: str = "",
    more: bool = False,
    actor: int | None,
) -> None:
    """Accept an offer, whole or in part, or agree on another day for one that was accepted.

    Raises Refused where that is more than is still needed, unless `more` is welcome.
    """
    offer = _held(offer, "offered", "accepted", "missed")
    if offer.project.state not in HANDS:
        raise Refused(NO_HANDS)
    if not 0 < quantity <= offer.offered:
        raise Refused(N_("Between 1 and %(most)s, please."), most=offer.offered)
    if offer.need_id is not None:
        _make_room(offer.need_id, quantity - needs.counts(offer).accepted, more)
    _accept(offer, quantity, day, meeting, actor)


def _make_room(need: int, quantity: int, more: bool) -> None:
    """Hold a need until the commit; raise Refused where so much of it is not needed any more."""
    row = needs.lock(need)
    left = row.needed - row.accepted
    if quantity > max(left, 0) and not more:
        raise Refused(FULL, left=max(left, 0))


def _accept(offer: Offer, quantity: int, day: date | None, meeting: str, actor: int | None) -> None:
    with needs.following(offer):
        OFFER.move(offer, "accepted", actor=actor)
        offer.accepted, offer.accepted_at = quantity, clock.now()
        offer.day, offer.meeting, offer.reason = day, meeting, ""
    history.record("offer", offer.id, "accepted", None, str(quantity), actor=actor)
    outbox.emit("offer_accepted", **_facts(offer))


def _facts(offer: Offer) -> dict[str, object]:
    return {"offer": offer.id, "pledge": offer.pledge_id, "project": offer.project.slug}


def decline(offer: Offer, *, reason: str, actor: int | None) -> None:
    """Decline an offer with a reason in words; its giver is told."""
    offer = _held(offer, "offered", "accepted")
    with needs.following(offer):
        OFFER.move(offer, "declined", why=reason, actor=actor)
        offer.reason = reason
    PLEDGE.move(offer.pledge, "cancelled", why="declined", actor=actor)
    outbox.emit("offer_declined", **_facts(offer))


def withdraw(offer: Offer, *, actor: int | None) -> None:
    """Take an offer back, by its giver; raise Refused once something of it came."""
    offer = _held(offer, "offered", "accepted")
    with needs.following(offer):
        OFFER.move(offer, "withdrawn", why="by the giver", actor=actor)
    PLEDGE.move(offer.pledge, "cancelled", why="withdrawn", actor=actor)
    outbox.emit("offer_withdrawn", **_facts(offer))


def deliver(
    came: Collection[tuple[Offer, int]], *, photo: tuple[bytes, str] | None, actor: int | None
) -> None:
    """Note what came, whole or in part, with a picture of the day; nothing is a day missed.

    Until somebody confirms it, the leader may put it right. Raises Refused for what is no picture.
    """
    quantities = {offer.id: quantity for offer, quantity in came}
    locked = lock(quantities)
    for offer in locked:
        if offer.state not in {"accepted", "delivered", "missed"}:
            raise Refused(TOO_LATE)
        if not 0 <= quantities[offer.id] <= offer.accepted:
            raise Refused(N_("Between 0 and %(most)s, please."), most=offer.accepted)
    kept = _keep(photo, locked[0].project_id, actor) if photo and locked else None
    for offer in locked:
        if quantity := quantities[offer.id]:
            _deliver(offer, quantity, kept, actor)
        else:
            _miss(offer, actor)


def _keep(photo: tuple[bytes, str], project: int, actor: int | None) -> Paper:
    data, name = photo
    if not papers.kind_of(data)[0].startswith("image/"):
        raise Refused(N_("Please bring a picture as JPEG or PNG."))
    return papers.keep(data, name, owner=(PHOTOS, project), person=actor)


def _deliver(offer: Offer, quantity: int, photo: Paper | None, actor: int | None) -> None:
    again = offer.state == "delivered" and offer.delivered == quantity
    with needs.following(offer):
        OFFER.move(offer, "delivered", actor=actor)
        offer.delivered, offer.delivered_at = quantity, offer.delivered_at or clock.now()
        offer.photo_id = photo.id if photo else offer.photo_id
    if again:
        return
    history.record("offer", offer.id, "delivered", None, str(quantity), actor=actor)
    outbox.emit("offer_delivered", **_facts(offer))


def _miss(offer: Offer, actor: int | None) -> None:
    with needs.following(offer):
        OFFER.move(offer, "missed", actor=actor)
        offer.delivered, offer.delivered_at = 0, None


def confirm(offer: Offer, quantity: int, *, role: str, person: Person | None) -> None:
    """Confirm what came, or less of it, as its giver or as one of the committee.

    Raises Refused for who speaks for the leader, in whichever account, and for strangers.
    """
    offer = _held(offer, "delivered")
    if not witnesses.may_confirm(offer, role, person):
        raise Refused(N_("Who leads the project, or helps its leader, cannot confirm it too."))
    if not 0 < quantity <= offer.delivered:
        raise Refused(N_("Between 1 and %(most)s, please."), most=offer.delivered)
    actor = person.id if person else None
    with needs.following(offer):
        OFFER.move(offer, "confirmed", why=f"by the {role}", actor=actor)
        offer.confirmed, offer.confirmed_as = quantity, role
        offer.confirmed_at = clock.now()
    history.record("offer", offer.id, "confirmed", None, str(quantity), actor=actor)
    outbox.emit("offer_confirmed", **_facts(offer))
