"""Monthly gifts away from any request: lost news, warnings, and what their projects' ends do."""

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, or_, select

from ashar.kernel import clock, db, jobs, outbox
from ashar.kernel.db import session
from ashar.kernel.errors import GatewayError, Refused
from ashar.pledges import monthly, subscriptions
from ashar.pledges.models import Pledge, Subscription
from ashar.pledges.tasks import takes_none
from ashar.projects.models import Project

log = logging.getLogger(__name__)

HOUR = 3600
#: A charge that nobody has told of so long after its time is asked about.
LATE = timedelta(hours=6)
#: Donors are asked so long before their project's end, and have so long to answer.
NOTICE = timedelta(days=14)
#: A card's end is told so long before the charge that it would miss, a debit so long before it.
CARD_NOTICE, DEBIT_NOTICE = timedelta(days=14), timedelta(days=3)
RUNNING = Subscription.state != "ended"
STOPPED = Project.state.in_(("cancelled", "rejected"))


def _rows(limit: int, *conditions: ColumnElement[bool]) -> Sequence[int]:
    session.rollback()
    found = session.scalars(
        select(Subscription.id)
        .join(Pledge, Pledge.id == Subscription.pledge_id)
        .join(Project, Project.id == Pledge.project_id)
        .where(*conditions)
        .order_by(Subscription.id)
        .limit(limit)
    ).all()
    session.rollback()
    return found


def _each(rows: Sequence[int], do: Callable[[int], object]) -> int:
    """Do something to each; a provider that does not answer is asked again next time."""
    done = 0
    for row in rows:
        try:
            do(row)
            done += 1
        except (GatewayError, Refused) as error:
            log.warning("monthly gift %s: %s", row, error)
    return done


@jobs.job("monthly.look", every=HOUR)
def look(limit: int = 200) -> int:
    """Ask about charges that nobody has told of; return about how many."""
    return _each(_rows(limit, RUNNING, Subscription.next_at < clock.now() - LATE), monthly.look)


# Warnings ------------------------------------------------------------------------------------


@jobs.job("monthly.warn", every=HOUR)
def warn(limit: int = 500) -> int:
    """Tell donors of cards that run out and of debits that follow; return how many."""
    return _warn_of_cards(limit) + _warn_of_debits(limit)


def _warn_of_cards(limit: int) -> int:
    now = clock.now()
    rows = _rows(
        limit,
        Subscription.state == "active",
        Subscription.next_at.between(now, now + CARD_NOTICE),
        Subscription.card_until < clock.day_of(now + CARD_NOTICE),
        or_(
            Subscription.told_card.is_(None),
            Subscription.told_card != Subscription.card_until,
        ),
    )
    # Banks tell the provider of new cards by themselves: what was known may be old.
    return _each(rows, monthly.look) and sum(_warn(row, _card) for row in rows)


def _warn_of_debits(limit: int) -> int:
    now = clock.now()
    rows = _rows(
        limit,
        Pledge.method == "sepa",
        Subscription.state == "active",
        Subscription.next_at.between(now, now + DEBIT_NOTICE),
        or_(Subscription.told_debit.is_(None), Subscription.told_debit != Subscription.next_at),
    )
    return sum(_warn(row, _debit) for row in rows)


def _warn(row: int, note: Callable[[Subscription], tuple[str, str] | None]) -> bool:
    """Tell of something once; of two at once, one does."""
    with db.transaction():
        found = subscriptions.lock(row)
        told = note(found) if found.state == "active" and found.next_at else None
        if told is None:
            return False
        signal, day = told
        outbox.emit(signal, **_about(found), day=day)
    return True


def _card(found: Subscription) -> tuple[str, str] | None:
    last, charge = found.card_until, clock.day_of(found.next_at) if found.next_at else None
    if last is None or charge is None or charge <= last or found.told_card == last:
        return None
    found.told_card = last
    return "card_expiring", last.isoformat()


def _debit(found: Subscription) -> tuple[str, str] | None:
    if found.next_at is None or found.told_debit == found.next_at:
        return None
    found.told_debit = found.next_at
    return "debit_due", clock.day_of(found.next_at).isoformat()


def _about(found: Subscription) -> dict[str, int | str]:
    project = session.get_one(Pledge, found.pledge_id).project
    return {"subscription": found.id, "pledge": found.pledge_id, "project": project.slug}


# What a project's state means ------------------------------------------------------------------


@jobs.job("monthly.follow", every=600)
def follow(limit: int = 200) -> dict[str, int]:
    """Do to monthly gifts what their projects' states mean for them; return how many of each.

    Suspended: paused before the next charge. Cancelled: stopped. At the end of its time: paused,
    the donor asked, and stopped without an answer. Open again: resumed, if it was paused so. Those
    of donors who had their data erased end first.
    """
    over = Subscription.asked_at < clock.now() - NOTICE
    return {
        "erased": _each(
            _rows(limit, RUNNING, Pledge.erased_at.is_not(None)),
            lambda row: monthly.stop(row, by="donor"),
        ),
        "stopped": _each(
            _rows(limit, RUNNING, or_(STOPPED, and_(takes_none(), _at_its_end(), over))),
            lambda row: monthly.stop(row, by="project"),
        ),
        "paused": _each(
            _rows(limit, Subscription.state.in_(("active", "past_due")), takes_none()),
            lambda row: monthly.pause(row, by="project"),
        ),
        "resumed": _each(
            _rows(
                limit,
                Subscription.state == "paused",
                Subscription.paused_by == "project",
                ~takes_none(),
            ),
            monthly.resume,
        ),
        "asked": sum(_ask(row) for row in _rows(limit, RUNNING, *_to_be_asked())),
        "left alone": sum(_forget(row) for row in _rows(limit, RUNNING, *_asked_for_nothing())),
    }


def _at_its_end() -> ColumnElement[bool]:
    return Project.state != "suspended"


def _ends_soon() -> ColumnElement[bool]:
    return Project.deadline <= clock.today() + NOTICE


def _to_be_asked() -> tuple[ColumnElement[bool], ...]:
    ends = or_(takes_none(), _ends_soon())
    return Subscription.asked_at.is_(None), _at_its_end(), ~STOPPED, ends


def _asked_for_nothing() -> tuple[ColumnElement[bool], ...]:
    """Return of whom it was asked about a project that goes on after all."""
    on = or_(Project.deadline.is_(None), ~_ends_soon())
    return Subscription.asked_at.is_not(None), ~takes_none(), on


def _ask(row: int) -> bool:
    """Ask a donor what should become of a monthly gift; of two at once, one does."""
    with db.transaction():
        found = subscriptions.lock(row)
        if found.asked_at is not None or found.state == "ended":
            return False
        found.asked_at = clock.now()
        day = clock.day_of(found.asked_at + NOTICE)
        outbox.emit("subscription_asked", **_about(found), day=day.isoformat())
    return True


def _forget(row: int) -> bool:
    with db.transaction():
        subscriptions.lock(row).asked_at = None
    return True
