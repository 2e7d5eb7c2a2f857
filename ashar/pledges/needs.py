"""What stands beside each need: kept in the transaction that changes an offer, as its last step."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from sqlalchemy import select, update

from ashar.kernel import db
from ashar.kernel.db import session
from ashar.pledges.models import Offer
from ashar.projects.models import Need


class Counts(NamedTuple):
    """Quantities of one offer, or of all to a need; each holds the ones after it."""

    offered: int = 0
    accepted: int = 0
    delivered: int = 0
    confirmed: int = 0


def counts(offer: Offer) -> Counts:
    """Return what an offer adds to its need, by its state alone.

    What was promised and did not come is promised no more: others may offer it again.
    """
    if offer.state == "offered":
        return Counts(offer.offered)
    if offer.state == "accepted":
        return Counts(offer.accepted, offer.accepted)
    if offer.state in {"delivered", "confirmed"}:
        return Counts(offer.delivered, offer.delivered, offer.delivered, offer.confirmed)
    return Counts()


@contextmanager
def following(offer: Offer, *, new: bool = False) -> Iterator[None]:
    """Bring an offer's need to what the offer, under its lock, has become."""
    before = Counts() if new else counts(offer)
    yield
    after = counts(offer)
    if offer.need_id is None or before == after:
        return
    moved: dict[int, Counter[str]] = db.gathered("needs", dict)
    by = moved.setdefault(offer.need_id, Counter())
    for name, old, now in zip(Counts._fields, before, after, strict=True):
        by[name] += now - old
    db.at_end("needs", lambda: _write(moved))


def _write(moved: dict[int, Counter[str]]) -> None:
    """Move the rows in the order of their numbers: nobody waits for each other in a circle."""
    for need, deltas in sorted(moved.items()):
        session.execute(
            update(Need)
            .where(Need.id == need)
            .values({name: getattr(Need, name) + by for name, by in deltas.items()})
            .values(moves=Need.moves + 1)
            .execution_options(synchronize_session=False)
        )


def lock(row: int) -> Need:
    """Return a need as it is now; keep others from counting on what is left of it."""
    query = select(Need).where(Need.id == row).with_for_update(of=Need)
    return session.execute(query, execution_options={"populate_existing": True}).scalar_one()


def kept(need: Need) -> Counts:
    """Return what a need's row holds."""
    return Counts(need.offered, need.accepted, need.delivered, need.confirmed)


def recomputed() -> dict[int, Counts]:
    """Return by need what all offers add up to."""
    found: dict[int, Counts] = {}
    for offer in session.scalars(select(Offer).where(Offer.need_id.is_not(None))):
        sums = zip(found.get(offer.need_id or 0, Counts()), counts(offer), strict=True)
        found[offer.need_id or 0] = Counts(*map(sum, sums))
    return found
