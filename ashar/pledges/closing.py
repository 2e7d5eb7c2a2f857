"""Campaigns with a threshold: what stands against the minimum, and the way back where it missed.

Called inside a transaction, but for `compare`, which asks the providers.
"""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, cast

from flask import current_app
from sqlalchemy import Row, and_, func, or_, select

from ashar.kernel import clock, outbox
from ashar.kernel.db import session
from ashar.kernel.errors import GatewayError
from ashar.kernel.money import Money
from ashar.pledges import dispositions, moves
from ashar.pledges.models import Campaign, Disposition, Payment, Pledge
from ashar.pledges.states import CAMPAIGN, MONEY_CAME
from ashar.projects.models import Project, Totals
from ashar.projects.services import raised
from ashar.projects.states import PUBLIC

log = logging.getLogger(__name__)

COLLECTING = ("published", "funded")
#: States of a campaign whose gifts go back.
BACK = ("missed", "short", "running", "done")
#: Written so many at a time: each holds the write lock for a moment only.
TOGETHER = 200


class Holds(Protocol):
    """A gateway that can say what it holds for us and could pay back now."""

    def balance(self) -> Mapping[str, Money]:
        """Return what is available per currency."""


def of_project(project: int) -> Campaign | None:
    """Return a project's campaign."""
    return session.scalars(select(Campaign).where(Campaign.project_id == project)).one_or_none()


def progress(project: Project) -> tuple[int, int] | None:
    """Return how many gifts of how many have gone their way, None where none have to."""
    found = of_project(project.id) if project.funding == "threshold" else None
    if found is None or found.state not in BACK:
        return None
    states = found.figures.get("states", {})
    return states.get("done", 0), sum(states.values())


def follow() -> int:
    """Write a campaign for each threshold project that was published; return how many are new."""
    rows = session.scalars(
        select(Project.id)
        .outerjoin(Campaign, Campaign.project_id == Project.id)
        .where(Project.funding == "threshold", Project.state.in_(PUBLIC), Campaign.id.is_(None))
        .order_by(Project.id)
        .with_for_update(of=Project, key_share=True)
    ).all()
    session.add_all(Campaign(project_id=row, figures={}) for row in rows)
    return len(rows)


def over() -> Sequence[int]:
    """Return threshold projects whose last day has passed without their minimum."""
    kept = and_(Totals.project_id == Project.id, Totals.currency == Project.currency)
    return session.scalars(
        select(Project.id)
        .outerjoin(Totals, kept)
        .where(Project.funding == "threshold", Project.state.in_(COLLECTING))
        .where(Project.deadline < clock.today())
        .where(func.coalesce(Totals.raised_minor, 0) < Project.minimum_minor)
        .order_by(Project.id)
    ).all()


def has_missed(project: Project) -> bool:
    """Tell whether a threshold project, locked, has to give its gifts back."""
    if project.funding != "threshold" or project.state not in COLLECTING:
        return False
    if project.deadline is None or project.deadline >= clock.today():
        return False
    return is_below(project)


def is_below(project: Project) -> bool:
    """Tell whether a project has a threshold that what came has not reached."""
    return project.funding == "threshold" and raised(project) < (project.minimum_minor or 0)


def miss(project: Project) -> None:
    """Note that a project which was just cancelled has missed its threshold."""
    found = of_project(project.id)
    if found is None:
        found = Campaign(project_id=project.id, figures={})
        session.add(found)
        session.flush()
    CAMPAIGN.move(found, "missed", why="it ends without its minimum")
    found.missed_at = clock.now()


# The rows ----------------------------------------------------------------------------------


def plan(campaign: Campaign) -> int:
    """Write what becomes of gifts that have no row yet; return of how many.

    Called until there are none: a gift may settle while the project is being closed.
    """
    rows = session.execute(_unplanned(campaign).limit(TOGETHER)).all()
    now = clock.now()
    for choice, payments in _by_choice(rows).items():
        what, project = dispositions.chosen(*choice)
        dispositions.begin(
            payments,
            "decided",
            campaign_id=campaign.id,
            choice=what,
            project_id=project,
            decided_at=now,
        )
    return len(rows)


def _unplanned(campaign: Campaign) -> Any:
    project = campaign.project
    return (
        select(Payment.id, Pledge.fallback, Pledge.fallback_id)
        .join(Payment.pledge)
        .outerjoin(Disposition, Disposition.payment_id == Payment.id)
        .where(Pledge.project_id == project.id, Payment.state.in_(MONEY_CAME))
        .where(Payment.account == moves.account_of(project), Disposition.id.is_(None))
        .order_by(Payment.id)
    )


def _by_choice(
    rows: Sequence[Row[int, str, int | None]],
) -> dict[tuple[str, int | None], list[int]]:
    found: dict[tuple[str, int | None], list[int]] = {}
    for payment, fallback, project in rows:
        found.setdefault((fallback, project), []).append(payment)
    return found


def count(campaign: Campaign) -> None:
    """Count anew what the pages show of a campaign; amounts are minor units per currency.

    `gifts` are those whose money came, `fees` what providers keep of them; `due` is what still has
    to go back, per gateway; `states` how many rows stand where; `ways` how many go which way.
    """
    campaign.figures = {
        **_gifts(campaign),
        "states": _counted(campaign, Disposition.state),
        "ways": _counted(campaign, Disposition.choice),
        "due": _due(campaign),
        "short": campaign.figures.get("short", {}),
    }
    campaign.counted_at = clock.now()


def _counted(campaign: Campaign, column: Any) -> dict[str, int]:
    rows = session.execute(
        select(column, func.count()).where(Disposition.campaign_id == campaign.id).group_by(column)
    )
    return {str(word): number for word, number in rows}


def _gifts(campaign: Campaign) -> dict[str, Any]:
    """Count gifts and fees: those with the project, or all that had a row once it has missed."""
    query = select(Payment.settled_currency, func.sum(Payment.settled_fee), func.count()).where(
        Payment.state.in_(MONEY_CAME)
    )
    if campaign.state in BACK:
        query = query.join(Disposition, Disposition.payment_id == Payment.id).where(
            Disposition.campaign_id == campaign.id
        )
    else:
        query = query.join(Payment.pledge).where(
            Pledge.project_id == campaign.project_id,
            Payment.account == moves.account_of(campaign.project),
        )
    found = session.execute(query.group_by(Payment.settled_currency))
    rows = [tuple(row) for row in found]
    fees = {currency: int(fee) for currency, fee, _ in rows if currency and fee}
    return {"gifts": sum(row[2] for row in rows), "fees": fees}


def _due(campaign: Campaign) -> dict[str, dict[str, int]]:
    """Add up what has to go back and is not on its way, in the currency it was credited in."""
    currency = func.coalesce(Payment.settled_currency, Payment.currency)
    amount = func.coalesce(Payment.settled_minor, Payment.gift_minor + Payment.cover_minor)
    rows = session.execute(
        select(Payment.gateway, currency, func.sum(amount))
        .join(Disposition, Disposition.payment_id == Payment.id)
        .where(Disposition.campaign_id == campaign.id, Disposition.choice == "refund")
        .where(Disposition.state.in_(("decided", "stuck")))
        .where(Payment.state.in_(("settled", "partly_refunded")))
        .group_by(Payment.gateway, currency)
    )
    found: dict[str, dict[str, int]] = {}
    for gateway, code, minor in rows:
        found.setdefault(gateway, {})[code] = int(minor)
    return found


# Money at the provider ----------------------------------------------------------------------


def compare(due: Mapping[str, Mapping[str, int]]) -> dict[str, int] | None:
    """Return what the providers' balances lack of what is due, per currency; None unknown.

    Outside of any transaction. Refunds beyond the balance would wait at the provider, or fail.
    """
    short: Counter[str] = Counter()
    for name, sums in due.items():
        gateway = current_app.extensions["ashar"].gateways.get(name)
        if not hasattr(gateway, "balance"):
            continue
        try:
            available = cast(Holds, gateway).balance()
        except GatewayError as error:
            log.warning("could not ask %s for its balance: %s", name, error)
            return None
        for currency, minor in sums.items():
            there = available.get(currency, Money.zero(currency)).minor
            short[currency] += max(0, minor - max(0, there))
    return {currency: minor for currency, minor in short.items() if minor}


def answer(campaign: Campaign, short: Mapping[str, int]) -> None:
    """Begin to give back, or ask the treasurer for the sums that the balance lacks."""
    if campaign.state not in {"missed", "short"}:
        return
    campaign.figures = campaign.figures | {"short": dict(short)}
    if not short:
        start(campaign, why="the balance suffices")
    elif CAMPAIGN.move(campaign, "short", why=_words(short)):
        campaign.asked_at = clock.now()
        outbox.emit("campaign_short", project=campaign.project.slug, campaign=campaign.id)


def _words(sums: Mapping[str, int]) -> str:
    return ", ".join(str(Money(minor, currency)) for currency, minor in sums.items())


def start(campaign: Campaign, *, why: str, actor: int | None = None) -> bool:
    """Begin to give back; tell whether it had not begun before."""
    if campaign.state not in {"missed", "short"}:
        return False
    CAMPAIGN.move(campaign, "running", why=why, actor=actor)
    campaign.started_at = clock.now()
    campaign.figures = campaign.figures | {"short": {}}
    return True


def settle_down(campaign: Campaign) -> None:
    """Bring a campaign's state to what its counted rows say."""
    states = campaign.figures.get("states", {})
    open_ = sum(states.get(name, 0) for name in ("decided", "ordered", "stuck"))
    if campaign.state == "running" and not open_:
        CAMPAIGN.move(campaign, "done", why="everything has gone its way")
        campaign.done_at = clock.now()
    elif campaign.state == "done" and open_:
        CAMPAIGN.move(campaign, "running", why="a refund came back, or a gift came late")
        campaign.done_at = None


def lock(row: int) -> Campaign:
    """Read a campaign as it is now; keep others off until the commit."""
    return session.get_one(Campaign, row, populate_existing=True, with_for_update=True)


def followed() -> Sequence[int]:
    """Return campaigns that are collecting or giving back, or were not long ago."""
    horizon = clock.now() - dispositions.ANSWER_WITHIN * 2
    recent = and_(Campaign.state == "done", Campaign.done_at > horizon)
    going = Campaign.state.in_(("collecting", "missed", "short", "running"))
    query = select(Campaign.id).where(or_(going, recent)).order_by(Campaign.id)
    return session.scalars(query).all()


def end_otherwise(campaign: Campaign) -> None:
    """Let a campaign end whose project reached its minimum, or was cancelled by somebody."""
    if campaign.state == "collecting" and campaign.project.state not in (*COLLECTING, "suspended"):
        CAMPAIGN.move(campaign, "ended", why=campaign.project.state)
