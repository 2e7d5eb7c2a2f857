"""Handing cash in: declared by the collector, counted by somebody else.

Locks: the collector or the hand-in, then pledges with their payments, then slips; totals last.
Several pledges are taken in the order of their projects and numbers, by everybody.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import select

from ashar.gateways import cash
from ashar.gateways.base import Received
from ashar.kernel import clock, history, papers
from ashar.kernel.db import session
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_
from ashar.kernel.money import Money
from ashar.kernel.papers import Paper
from ashar.ledger import accounts
from ashar.ledger.services import Source, move_to
from ashar.pledges import collectors, inbox, partners, settlement, slips
from ashar.pledges.models import HandIn, Pledge, Slip
from ashar.pledges.states import HAND_IN, SLIP

DIFFERENCES = "cash-differences"
#: What a paper of a hand-in belongs to.
OWNER = "hand-in"
Proof = tuple[bytes, str]

CHANGED = N_("One of these slips was handed in meanwhile. Please look at them again.")
DECIDED = N_("This was counted or given back before.")
OWN = N_("Somebody else has to count it: you collected it.")
NO_PROOF = N_("Please bring the signed paper: the bank's or the partner's.")
NO_REASON = N_("Please say why it differs from the slips.")


class Place(NamedTuple):
    """Where cash can be handed in: the book's account, what it is called, whether it is a bank."""

    account: str
    name: str
    bank: bool


def places(currency: str) -> list[Place]:
    """Return where cash in a currency can be handed in now."""
    banks = [
        Place(f"bank:{row.slug}", row.bank or row.slug, True)
        for row in accounts.accounts()
        if row.open and row.currency == currency
    ]
    agents = [
        Place(row.account, row.name, False) for row in partners.agents() if row.currency == currency
    ]
    return banks + agents


def declare(
    collector: int,
    numbers: Sequence[str],
    account: str,
    declared: Money,
    proof: Proof | None,
    *,
    actor: int,
) -> HandIn:
    """Say that the cash of some slips was handed in; raise Refused when one is not open."""
    row = collectors.lock(collector)
    wanted = sorted(set(numbers))[: collectors.SHOWN]
    found = session.scalars(
        select(Slip)
        .where(Slip.collector_id == row.id, Slip.number.in_(wanted), Slip.state == "written")
        .order_by(Slip.number)
        .with_for_update(of=Slip)
        .execution_options(populate_existing=True)
    ).all()
    if not found or len(found) != len(wanted):
        raise Refused(CHANGED)
    if account not in {place.account for place in places(row.currency)}:
        raise Refused(N_("Nothing can be handed in there now."))
    hand_in = HandIn(
        collector_id=row.id,
        account=account,
        currency=row.currency,
        slips_minor=sum(slip.minor or 0 for slip in found),
        declared_minor=declared.minor,
        declared_at=clock.now(),
    )
    session.add(hand_in)
    session.flush()
    for slip in found:
        slip.hand_in_id = hand_in.id
        SLIP.move(slip, "handed_in", why=hand_in.token, actor=actor)
    history.record(OWNER, hand_in.id, "state", None, hand_in.state, actor=actor)
    if proof is not None:
        papers.keep(*proof, owner=(OWNER, hand_in.id), person=actor)
    return hand_in


def by_token(token: str) -> HandIn | None:
    """Return a hand-in by its token."""
    return session.scalars(select(HandIn).where(HandIn.token == token)).one_or_none()


def lock(token: str) -> HandIn:
    """Read a hand-in as it is now; whoever counts it at the same time waits."""
    return session.scalars(
        select(HandIn)
        .where(HandIn.token == token)
        .with_for_update(of=HandIn)
        .execution_options(populate_existing=True)
    ).one()


def proofs(row: int) -> Sequence[Paper]:
    """Return the papers of a hand-in."""
    return papers.of(OWNER, [row]).get(row, [])


def count(token: str, counted: Money, reason: str, proof: Proof | None, *, actor: int) -> HandIn:
    """Enter what was counted: each slip's gift has come, the difference is booked apart.

    The same sum twice is one count. Raises Refused to the collector, without a paper, and for a
    difference without a reason.
    """
    hand_in = lock(token)
    if _was_counted(hand_in, counted, actor):
        return hand_in
    if hand_in.collector.person_id == actor:
        raise Refused(OWN)
    if proof is not None:
        papers.keep(*proof, owner=(OWNER, hand_in.id), person=actor)
    elif not proofs(hand_in.id):
        raise Refused(NO_PROOF)
    if counted != hand_in.total and not reason:
        raise Refused(NO_REASON)
    HAND_IN.move(hand_in, "counted", why=reason, actor=actor)
    hand_in.counted_minor, hand_in.reason = counted.minor, reason
    hand_in.decided_by, hand_in.decided_at = actor, clock.now()
    session.flush()
    for slip in _slips(hand_in):
        _settle(slip, hand_in, actor)
    source = Source(OWNER, hand_in.id, hand_in.token)
    at = hand_in.decided_at
    move_to("cash difference", sides(hand_in), source, at, actor=actor, reason=reason)
    return hand_in


def _was_counted(hand_in: HandIn, counted: Money, actor: int) -> bool:
    """Tell whether the same person counted the same before; raise Refused when it is decided."""
    if hand_in.state == "declared":
        return False
    if (hand_in.counted_minor, hand_in.decided_by) == (counted.minor, actor):
        return True
    raise Refused(DECIDED)


def sides(hand_in: HandIn) -> dict[tuple[str, str], int]:
    """Return what the book has to hold for a hand-in beside its slips: what was over or short."""
    difference, currency = hand_in.difference, hand_in.currency
    if hand_in.state != "counted" or not difference:
        return {}
    return {(hand_in.account, currency): difference, (DIFFERENCES, currency): -difference}


def _slips(hand_in: HandIn) -> Sequence[Slip]:
    """Return a hand-in's slips in the order in which everybody locks their pledges."""
    return session.scalars(
        select(Slip)
        .join(Pledge, Pledge.id == Slip.pledge_id)
        .where(Slip.hand_in_id == hand_in.id)
        .order_by(Pledge.project_id, Pledge.id, Slip.number)
        .execution_options(populate_existing=True)
    ).all()


def _settle(slip: Slip, hand_in: HandIn, actor: int) -> None:
    """Take a slip's gift through the door, and its cash from the collector."""
    at = hand_in.decided_at or clock.now()
    came = _fact(slip, hand_in)
    row = inbox.store(cash.NAME, came)
    settlement.receive_all(inbox.gateway(cash.NAME).read(came.body or b""))
    if row is not None:
        inbox.finish(row)
    SLIP.move(slip, "counted", why=hand_in.token, actor=actor)
    source = Source("slip", slip.id, slip.number)
    move_to("cash handed in", slips.sides(slip, hand_in.collector), source, at, actor=actor)


def _fact(slip: Slip, hand_in: HandIn) -> Received:
    assert slip.money is not None and slip.pledge is not None  # noqa: S101, PT018 - it was written
    return cash.fact(
        pledge=slip.pledge.token,
        line=slips.line(slip.number),
        account=hand_in.account,
        money=slip.money,
        at=hand_in.decided_at or clock.now(),
        given=slip.written_at,
    )


def give_back(token: str, reason: str, *, actor: int) -> HandIn:
    """Send a hand-in back that did not come: its slips are the collector's again.

    Raises Refused to the collector, and when it was decided before.
    """
    hand_in = lock(token)
    if hand_in.state != "declared":
        raise Refused(DECIDED)
    if hand_in.collector.person_id == actor:
        raise Refused(OWN)
    for slip in _slips(hand_in):
        SLIP.move(slip, "written", why=reason, actor=actor)
        slip.hand_in_id = None
    HAND_IN.move(hand_in, "returned", why=reason, actor=actor)
    hand_in.reason, hand_in.decided_by, hand_in.decided_at = reason, actor, clock.now()
    return hand_in
