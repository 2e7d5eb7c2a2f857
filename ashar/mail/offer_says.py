"""What letters say of offers of hands and things, as they stand when a letter is sent."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select

from ashar.kernel import i18n, links
from ashar.kernel.db import session
from ashar.kernel.i18n import N_
from ashar.mail import addresses
from ashar.mail.models import Letter
from ashar.mail.says import SUBJECT, Letters, Values, cut
from ashar.pledges import offer_show
from ashar.pledges.models import Offer, Pledge
from ashar.pledges.services import signed_key
from ashar.projects import show

#: Offers that one letter lists.
LISTED = 20
#: States of an offer of which its leader still has to hear.
NEWS = ("offered", "withdrawn")
STATE_WORDS = {"withdrawn": N_("Withdrawn")}


def offer(letters: Letters) -> Values:
    """Say what became of an offer; of one that has gone on since, its later letters say more."""
    [letter] = letters
    found = session.get_one(Pledge, letter.pledge_id)
    row = found.offer
    if row is None or _is_past(letter.kind, row.state):
        return {}
    return {
        "pledge": found,
        "offer": row,
        "what": show.in_language(row.titles),
        "amount": offer_show.standing(row),
        "project": show.view(found.project),
        "subject": cut(show.title(found.project), SUBJECT),
        "link": links.absolute("pledges.show", token=found.token, lang=letter.language),
        "calendar": _calendar(row),
        "key_link": _key_link(found, letter),
    }


def _is_past(kind: str, state: str) -> bool:
    """Tell whether a letter would say what is not so any more."""
    still = {
        "offer_accepted": {"accepted"},
        "offer_declined": {"declined"},
        "offer_delivered": {"delivered"},
        "offer_thanks": {"confirmed"},
    }
    return kind in still and state not in still[kind]


def _calendar(row: Offer) -> str:
    if row.state != "accepted" or row.day is None:
        return ""
    return links.absolute("pledges.day_file", token=row.pledge.token)


def _key_link(found: Pledge, letter: Letter) -> str:
    facts = letter.facts
    if "nonce" not in facts:
        return ""
    key = signed_key(facts["nonce"])
    return links.absolute(f"pledges.confirm_{facts['purpose']}", token=found.token, key=key)


@dataclass(frozen=True, slots=True)
class Offered:
    """An offer in a letter that lists several: who, what, for which project, where to answer."""

    label: str
    title: str
    detail: str
    url: str


def offers(letters: Letters) -> Values:
    """List to a leader what was offered or taken back, and is not answered yet."""
    return _list(letters, NEWS, addresses.offers)


def came(letters: Letters) -> Values:
    """List to one of a committee what the leader says has come."""
    return _list(letters, ("delivered",), addresses.confirming)


def _list(letters: Letters, states: tuple[str, ...], where: Callable[[str], str]) -> Values:
    ids = {letter.facts["offer"] for letter in letters}
    query = select(Offer).where(Offer.id.in_(ids), Offer.state.in_(states)).order_by(Offer.id)
    rows = session.scalars(query).all()
    if not rows:
        return {}
    return {
        "offers": [_line(row, where) for row in rows[:LISTED]],
        "more": max(0, len(rows) - LISTED),
        "count": len(rows),
        "link": where(rows[0].project.slug),
    }


def _line(row: Offer, where: Callable[[str], str]) -> Offered:
    shown = offer_show.line(row)
    state = i18n.t(STATE_WORDS[row.state]) if row.state in STATE_WORDS else ""
    return Offered(
        label=cut(shown.name, 60),
        title=cut(offer_show.said(row), 120),
        detail=" · ".join(filter(None, (cut(show.title(row.project), 80), state))),
        url=where(row.project.slug),
    )
