"""What becomes of money that a project cannot use: decided once, then carried out until it is.

One row a payment. Its pledge is locked first, then the row, then the payment: whoever carries out
comes after whoever settles or refunds, and finds what they left. Called inside a transaction.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from ashar.gateways import bank, cash
from ashar.kernel import clock, db, ids, jobs, outbox
from ashar.kernel.db import session
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_
from ashar.pledges import moves, queries, services, standing
from ashar.pledges.models import Disposition, Payment, Pledge
from ashar.pledges.states import DISPOSITION, MONEY_CAME
from ashar.projects.models import Project
from ashar.projects.services import counts_late_money
from ashar.projects.states import MONEY

#: How long a donor may take to say what becomes of money that came too late.
ANSWER_WITHIN = timedelta(days=30)
#: A refund that failed is ordered again after this long, twice as long, four times …
FIRST_WAIT = timedelta(hours=1)
LONGEST_WAIT = timedelta(days=1)
#: So often; then it is owed, and goes back by a bank.
ATTEMPTS = 5
#: Ways whose gateway gives nothing back by itself: the association does.
BY_HAND = frozenset({bank.NAME, cash.NAME, cash.PARTNER})
REASON = N_("The project could not use it")
CALLED_OFF = N_("The refund was called off. Please decide anew.")

_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def begin(payments: Iterable[int], state: str, **more: Any) -> int:
    """Write rows for payments that have none; return how many. Of two at once, one does."""
    now = clock.now()
    rows = [
        {
            "token": ids.token(),
            "payment_id": payment,
            "state": state,
            "made_at": now,
            "attempts": 0,
            "next_at": now,
        }
        | more
        for payment in payments
    ]
    if not rows:
        return 0
    statement = _INSERT[db.dialect()](Disposition).values(rows).on_conflict_do_nothing()
    return len(session.execute(statement.returning(Disposition.id)).all())


def lock(row: int) -> tuple[Disposition, Pledge, Payment]:
    """Lock a row after its pledge; return it with pledge and payment as they are now."""
    found = session.get_one(Disposition, row)
    pledge = queries.lock_pledge(found.payment.pledge_id)
    found = session.get_one(Disposition, row, populate_existing=True, with_for_update=True)
    return found, pledge, next(one for one in pledge.payments if one.id == found.payment_id)


# Late money --------------------------------------------------------------------------------


def place(row: int) -> str:
    """Bring late money to where its project's state wants it; return the row's state.

    A suspended project's waits; one that goes on has it; a cancelled one's goes the way that the
    donor chose; else the donor is asked.
    """
    found, pledge, payment = lock(row)
    if found.state != "parked":
        return found.state
    state = pledge.project.state
    if payment.account != standing.SUSPENSE:
        _finish(found, "applied meanwhile")
    elif counts_late_money(state):
        _choose(found, "project", pledge.project_id, why="the project goes on")
    elif MONEY[state].late == MONEY["cancelled"].late:
        choose_by_pledge(found, pledge)
    elif state != "suspended":
        _ask(found, pledge, payment)
    return found.state


def choose_by_pledge(row: Disposition, pledge: Pledge) -> None:
    """Decide as the donor chose when they gave."""
    choice, project = chosen(pledge.fallback, pledge.fallback_id)
    _choose(row, choice, project, why="chosen on the form")


def chosen(fallback: str, project: int | None) -> tuple[str, int | None]:
    """Return what a donor's choice on the form comes to: choice and project."""
    if fallback != "other":
        return "refund", None
    return ("project", project) if project is not None else ("general", None)


def _ask(row: Disposition, pledge: Pledge, payment: Payment) -> None:
    DISPOSITION.move(row, "asked", why="the donor is asked")
    row.asked_at = clock.now()
    nonce = services.make_key(pledge, "late", ANSWER_WITHIN)
    about = {"pledge": pledge.id, "payment": payment.id, "project": pledge.project.slug}
    outbox.emit("late_money", **about, nonce=nonce, purpose="late")


def may_move(pledge: Pledge) -> bool:
    """Tell whether a pledge's late money may go to another project.

    A pledge is of one project: what a part of it built already, the rest cannot leave.
    """
    return all(
        row.account == standing.SUSPENSE or row.state == "refunded"
        for row in pledge.payments
        if row.state in MONEY_CAME
    )


def decide(
    row: int,
    choice: str,
    project: Project | None = None,
    *,
    why: str,
    actor: int | None = None,
) -> bool:
    """Decide what becomes of a payment's money; False when that was decided before.

    Without an actor it is the donor. Raises Refused for what may not be chosen, and for an actor
    who does not give the donor their time.
    """
    found, pledge, _ = lock(row)
    if found.state not in {"parked", "asked", "stuck"}:
        return False
    if actor is not None and not may_decide(found, pledge):
        raise Refused(N_("The donor was asked and still has time to answer."))
    if choice == "project":
        if project is None or not services.takes_gifts(project):
            raise Refused(N_("This project does not take gifts now."))
        if found.campaign_id is None and not may_move(pledge):
            raise Refused(N_("A part of this gift is in its project: the rest stays by its side."))
    _choose(found, choice, project.id if project else None, why=why, actor=actor)
    return True


def may_decide(row: Disposition, pledge: Pledge) -> bool:
    """Tell whether a treasurer may decide: no answer came in time, or nobody can be asked."""
    if row.state != "asked" or row.asked_at is None or not pledge.email:
        return True
    return row.asked_at <= clock.now() - ANSWER_WITHIN


def _choose(
    row: Disposition, choice: str, project: int | None, *, why: str, actor: int | None = None
) -> None:
    row.choice, row.project_id, row.actor_id = choice, project, actor
    row.decided_at = row.next_at = clock.now()
    row.attempts, row.trouble = 0, None
    DISPOSITION.move(row, "decided", why=f"{choice}: {why}", actor=actor)
    number = row.id
    db.after_commit(("disposition", number), lambda: jobs.enqueue("dispositions.one", number))


# Carried out -------------------------------------------------------------------------------


def carry_out(row: int) -> str:
    """Do what was decided, as far as it can be done now; return the row's state.

    As often as it is called, and killed wherever it is: nothing is done twice or forgotten.
    """
    found, pledge, payment = lock(row)
    if found.state == "done" and found.choice == "refund" and services.refundable(payment):
        # A refund that had arrived came back.
        DISPOSITION.move(found, "decided", why="a refund came back")
        found.done_at, found.next_at = None, clock.now() + _wait(found.attempts)
        return found.state
    if found.state not in {"decided", "ordered"}:
        return found.state
    if found.choice == "project" and found.project_id is not None:
        _give_to(found, pledge, session.get_one(Project, found.project_id), payment)
    elif found.choice == "general":
        moves.give_to_all(payment, voucher=_voucher(found))
        _finish(found, "in the general fund")
    else:
        _refund(found, payment)
    return found.state


def _voucher(row: Disposition) -> str:
    return f"disposition {row.id}"


def _finish(row: Disposition, why: str) -> None:
    DISPOSITION.move(row, "done", why=why)
    row.done_at, row.next_at, row.trouble = clock.now(), None, None


def _give_to(row: Disposition, pledge: Pledge, project: Project, payment: Payment) -> None:
    own = project.id == pledge.project_id
    arrived = payment.account == moves.account_of(project)
    if not (arrived or services.takes_gifts(project) or (own and counts_late_money(project.state))):
        # What was chosen is over: back is what anybody can still want.
        row.choice, row.project_id = "refund", None
        DISPOSITION.move(row, "decided", why=f"{project.slug} takes no gifts any more")
        _refund(row, payment)
        return
    moves.move_pledge(pledge, project, voucher=_voucher(row), why=REASON, actor=row.actor_id)
    _finish(row, f"with {project.slug}")
    if not (arrived or own):
        about = {"pledge": pledge.id, "payment": payment.id, "project": project.slug}
        outbox.emit("pledge_moved", **about)


def _refund(row: Disposition, payment: Payment) -> None:
    """Order what may still go back, unless it is on its way; look again later."""
    now = clock.now()
    known = queries.refunds(payment.id)
    if payment.state in {"refunded", "lost"}:
        _finish(row, payment.state)
    elif any(one.state in {"ordered", "pending"} for one in known):
        row.next_at = now + LONGEST_WAIT
    elif not services.refundable(payment):
        # Owed, or disputed: whoever wins, there is something to do after that.
        DISPOSITION.move(row, "ordered", why="a refund is under way")
        row.next_at = now + LONGEST_WAIT
    elif row.attempts > ATTEMPTS:
        _give_up(row, CALLED_OFF)
    elif _early(row, now):
        DISPOSITION.move(row, "decided", why="a refund failed")
    else:
        _order(row, payment)


def _order(row: Disposition, payment: Payment) -> None:
    """Order a refund as the money came; by a bank what the provider has failed at too often."""
    way = "bank" if row.attempts >= ATTEMPTS else services.way_back(payment)
    services.order_refund(payment, None, reason=REASON, actor=row.actor_id, way=way)
    row.attempts = ATTEMPTS + 1 if way == "bank" else row.attempts + 1
    row.next_at = clock.now() + _wait(min(row.attempts, ATTEMPTS))
    DISPOSITION.move(row, "ordered", why=f"refund {row.attempts}, by {way}")


def tries_again(payment: int) -> bool:
    """Tell whether a refund of a payment that failed is ordered again by itself."""
    query = select(Disposition.attempts).where(
        Disposition.payment_id == payment,
        Disposition.choice == "refund",
        Disposition.state.in_(("decided", "ordered", "done")),
    )
    found = session.scalars(query).one_or_none()
    return found is not None and found <= ATTEMPTS


def _early(row: Disposition, now: datetime) -> bool:
    return row.next_at is not None and row.next_at > now


def _wait(attempts: int) -> timedelta:
    return min(FIRST_WAIT * 2 ** max(0, attempts - 1), LONGEST_WAIT)


def _give_up(row: Disposition, words: str) -> None:
    DISPOSITION.move(row, "stuck", why=words)
    row.trouble, row.next_at = words, None


def retry(row: int, *, actor: int) -> bool:
    """Begin a refund anew that was given up; tell whether it was."""
    found, _, _ = lock(row)
    if found.state != "stuck":
        return False
    _choose(found, found.choice or "refund", found.project_id, why="tried again", actor=actor)
    return True


def due(limit: int) -> list[int]:
    """Return rows to carry out now: decided, failed and waited, or arrived and not noted yet."""
    from_campaigns = Disposition.campaign.has(state="running")
    goes = Disposition.campaign_id.is_(None) | from_campaigns
    back = Payment.state.in_(("refunded", "lost"))
    now = clock.now()
    return list(
        session.scalars(
            select(Disposition.id)
            .join(Disposition.payment)
            .where(Disposition.state.in_(("decided", "ordered")), goes)
            .where((Disposition.next_at <= now) | ((Disposition.state == "ordered") & back))
            .order_by(Disposition.next_at, Disposition.id)
            .limit(limit)
        )
    )


def come_back(limit: int, horizon: timedelta = timedelta(days=60)) -> list[int]:
    """Return rows that were done by a refund which has failed since."""
    return list(
        session.scalars(
            select(Disposition.id)
            .join(Disposition.payment)
            .where(Disposition.state == "done", Disposition.choice == "refund")
            .where(Disposition.done_at > clock.now() - horizon)
            .where(Payment.state.in_(("settled", "partly_refunded")))
            .limit(limit)
        )
    )
