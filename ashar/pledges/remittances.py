"""Money sent to a partner: told by the donor, recorded by its clerk, confirmed by a treasurer.

With the agency clause it has come to us on that day; without, it was given locally.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, joinedload

from ashar.gateways import cash
from ashar.kernel import clock, history
from ashar.kernel.db import session
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_
from ashar.kernel.money import Money
from ashar.pledges import held, inbox, partners, services, settlement, standing
from ashar.pledges.models import Partner, Payment, Pledge, Remittance
from ashar.pledges.services import Wish
from ashar.pledges.states import PAYMENT, REMITTANCE
from ashar.projects.models import Project

#: A transfer without a code may be a pledge's of that sum that was made so long before it came.
WINDOW = timedelta(days=21)
#: How many one pledge may tell of, and how many a list shows.
MOST, SHOWN = 10, 100

DECIDED = N_("This was confirmed or declined before.")
OWN = N_("Somebody else has to confirm it: you recorded it.")


@dataclass(frozen=True, slots=True)
class Sent:
    """What a donor tells of a transfer."""

    attempt: str
    control: str
    on: date
    money: Money


@dataclass(frozen=True, slots=True)
class Got:
    """What a partner's clerk records: when what came, for which pledge or project, from whom."""

    attempt: str
    on: date
    money: Money
    control: str = ""
    pledge: int | None = None
    project: int | None = None
    name: str = ""
    email: str | None = None
    phone: str | None = None


def _lock(token: str) -> Remittance:
    return session.scalars(
        select(Remittance)
        .where(Remittance.token == token)
        .with_for_update(of=Remittance)
        .execution_options(populate_existing=True)
    ).one()


def by_token(token: str) -> Remittance | None:
    """Return a remittance by its token."""
    return session.scalars(select(Remittance).where(Remittance.token == token)).one_or_none()


def of_attempt(attempt: str) -> Remittance | None:
    """Return what a form has written before."""
    query = select(Remittance).where(Remittance.attempt == attempt)
    return session.scalars(query).one_or_none()


def of_pledge(pledge: int) -> Sequence[Remittance]:
    """Return what was told and recorded of a pledge, oldest first."""
    query = select(Remittance).where(Remittance.pledge_id == pledge)
    return session.scalars(query.order_by(Remittance.id)).all()


def _read(query_partners: Sequence[int] | None, states: Sequence[str]) -> Sequence[Remittance]:
    query = (
        select(Remittance)
        .where(Remittance.state.in_(states))
        .options(
            joinedload(Remittance.partner),
            joinedload(Remittance.pledge),
            joinedload(Remittance.project).selectinload(Project.texts),
        )
        .order_by(Remittance.id.desc())
        .limit(SHOWN)
    )
    if query_partners is not None:
        query = query.where(Remittance.partner_id.in_(query_partners))
    return session.scalars(query).all()


def of_partner(partner: int, *states: str) -> Sequence[Remittance]:
    """Return a partner's remittances in some states, newest first."""
    return _read([partner], states)


def waiting(*states: str) -> Sequence[Remittance]:
    """Return all partners' remittances in some states, newest first."""
    return _read(None, states)


def tell(pledge: Pledge, sent: Sent) -> Remittance:
    """Note what a donor tells of a transfer for a locked pledge; the same form twice is one.

    Raises Refused when no partner receives for the project, or the pledge told of many already.
    """
    if (known := of_attempt(sent.attempt)) is not None:
        return known
    partner = partners.agent_for(pledge.project_id)
    if partner is None or len(of_pledge(pledge.id)) >= MOST:
        raise Refused(N_("Nothing can be told here now. Please write to us."))
    return _add(
        Remittance(
            attempt=sent.attempt,
            partner_id=partner.id,
            project_id=pledge.project_id,
            pledge_id=pledge.id,
            control=sent.control,
            sent_on=sent.on,
            sent_minor=sent.money.minor,
            sent_currency=sent.money.currency,
            currency=partner.currency,
            made_at=clock.now(),
        ),
        None,
    )


def _add(row: Remittance, actor: int | None) -> Remittance:
    session.add(row)
    session.flush()
    history.record("remittance", row.id, "state", None, row.state, actor=actor)
    return row


def record(partner: Partner, got: Got, token: str = "", *, actor: int) -> Remittance:
    """Record what a partner received: what was told before, or what came by itself.

    The same form twice is one. Raises Refused for one that is decided.
    """
    if (known := of_attempt(got.attempt)) is not None:
        return known
    if token:
        return _complete(_lock(token), partner, got, actor)
    agency, project = _belongs(partner, got)
    pledge = got.pledge
    if pledge is None and agency:
        pledge = _walk_in(got, project)
    return _add(
        Remittance(
            attempt=got.attempt,
            partner_id=partner.id,
            project_id=project,
            pledge_id=pledge,
            state="recorded",
            control=got.control,
            got_on=got.on,
            got_minor=got.money.minor,
            currency=got.money.currency,
            made_at=clock.now(),
            recorded_by=actor,
        ),
        actor,
    )


def _complete(row: Remittance, partner: Partner, got: Got, actor: int) -> Remittance:
    if row.partner_id != partner.id or row.state not in {"told", "recorded"}:
        raise Refused(DECIDED)
    if row.state == "recorded":
        if (row.got, row.got_on) == (got.money, got.on):
            return row
        raise Refused(N_("It was recorded before, with other figures."))
    REMITTANCE.move(row, "recorded", actor=actor)
    row.got_on, row.got_minor, row.currency = got.on, got.money.minor, got.money.currency
    row.recorded_by = actor
    return row


def _belongs(partner: Partner, got: Got) -> tuple[bool, int]:
    """Return whether it came to the partner as our agent, and for which project."""
    project = got.project
    if got.pledge is not None:
        project = session.get_one(Pledge, got.pledge).project_id
    if project is None or project not in partners.projects(partner.id):
        raise Refused(N_("No agreement with this partner is for that project."))
    return partners.is_agent(partner.id, project, got.on), project


def _walk_in(got: Got, project: int) -> int:
    """Write the pledge of somebody who sent money without one."""
    wish = Wish(
        attempt=f"remittance-{got.attempt}",
        gift=got.money,
        method=cash.PARTNER,
        country="KG",
        language="ky",
        name=got.name,
        email=got.email,
        phone=got.phone,
        visibility="hidden",
    )
    made = services.write(session.get_one(Project, project), wish, cash.PARTNER, given=True)
    payment = held.lock(made.payment)
    PAYMENT.move(payment, "processing", why="recorded by the partner")
    standing.show_awaiting(payment)
    standing.follow(payment, "recorded by the partner")
    held.save(payment)
    return made.pledge


def candidates(partner: Partner, money: Money, on: date) -> Sequence[Pledge]:
    """Return the pledges that a transfer without a code may be of: same sum, not long before."""
    noon = _noon(on)
    return (
        session.scalars(
            select(Pledge)
            .join(Payment, Payment.pledge_id == Pledge.id)
            .join(Pledge.project)
            .where(
                Payment.gateway == cash.PARTNER,
                Payment.state == "started",
                Payment.currency == money.currency,
                Payment.gift_minor == money.minor,
                Payment.started_at.between(noon - WINDOW, noon + timedelta(days=1)),
                Pledge.project_id.in_(partners.projects(partner.id)),
            )
            .options(contains_eager(Pledge.project).selectinload(Project.texts))
            .order_by(Pledge.id.desc())
            .limit(10)
        )
        .unique()
        .all()
    )


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), clock.zone())


# Decisions ---------------------------------------------------------------------------------


def confirm(token: str, *, actor: int) -> Remittance:
    """Confirm that a transfer was seen on the partner's statement; it counts from now on.

    Without the agency clause on that day it was given locally, and is no money of ours. Raises
    Refused to who recorded it, and for one that was decided before.
    """
    row = _lock(token)
    if row.state == "confirmed" and row.decided_by == actor:
        return row
    if row.state != "recorded" or row.got is None or row.got_on is None:
        raise Refused(DECIDED)
    if row.recorded_by == actor:
        raise Refused(OWN)
    REMITTANCE.move(row, "confirmed", actor=actor)
    row.decided_by, row.decided_at = actor, clock.now()
    row.local = row.pledge_id is None or not partners.is_agent(
        row.partner_id, row.project_id, row.got_on
    )
    session.flush()
    if row.local:
        _give_locally(row)
    else:
        _receive(row, row.got, row.got_on)
    return row


def line(row: Remittance) -> str:
    """Return how a payment names its remittance."""
    return f"remittance-{row.id}"


def _receive(row: Remittance, money: Money, on: date) -> None:
    pledge = session.get_one(Pledge, row.pledge_id)
    came = cash.fact(
        pledge=pledge.token,
        line=line(row),
        account=row.partner.account,
        money=money,
        at=_noon(on),
        given=_noon(on),
    )
    message = inbox.store(cash.PARTNER, came)
    settlement.receive_all(inbox.gateway(cash.PARTNER).read(came.body or b""))
    if message is not None:
        inbox.finish(message)


def _give_locally(row: Remittance) -> None:
    """Let the pledge go whose money never was ours, and show the sum beside the bar."""
    project = session.get_one(Project, row.project_id)
    # What pages show of it is made anew.
    project.edited_at = clock.now()
    if row.pledge_id is not None:
        _let_go(row.pledge_id, line(row), "given locally", None)


def _let_go(pledge: int, why: str, words: str, actor: int | None) -> None:
    """Wait no longer for a pledge's transfer."""
    open_ones = select(Payment.id).where(
        Payment.pledge_id == pledge,
        Payment.gateway == cash.PARTNER,
        Payment.state.in_(("started", "processing")),
    )
    for found in session.scalars(open_ones.order_by(Payment.id)).all():
        payment = held.lock(found)
        PAYMENT.move(payment, "expired", why=why, actor=actor)
        standing.stop_awaiting(payment)
        standing.follow(payment, words, otherwise="cancelled")
        held.save(payment)


def refuse(token: str, reason: str, *, actor: int) -> Remittance:
    """Decline a transfer that the partner's statement does not show."""
    row = _lock(token)
    if row.state not in {"told", "recorded"}:
        raise Refused(DECIDED)
    was_recorded = row.state == "recorded"
    REMITTANCE.move(row, "refused", why=reason, actor=actor)
    row.reason, row.decided_by, row.decided_at = reason, actor, clock.now()
    session.flush()
    made = session.get(Pledge, row.pledge_id) if row.pledge_id else None
    if was_recorded and made is not None and made.attempt == f"remittance-{row.attempt}":
        _let_go(made.id, line(row), "not on the statement", actor)
    return row


def locally(project: int) -> list[Money]:
    """Return what was given to a project locally, per currency: no money of ours."""
    rows = session.execute(
        select(Remittance.currency, func.sum(Remittance.got_minor))
        .where(
            Remittance.project_id == project,
            Remittance.local.is_(True),
            Remittance.state == "confirmed",
        )
        .group_by(Remittance.currency)
        .order_by(Remittance.currency)
    )
    return [Money(int(minor or 0), currency) for currency, minor in rows]
