"""Moving what was given to another place: another project, or the association's general fund.

The book holds positions, so that naming another account posts exactly what has to move.
"""

from collections.abc import Collection

from ashar.kernel import clock, history
from ashar.kernel.db import session
from ashar.pledges import held, matching, queries, standing
from ashar.pledges.held import HeldPayment
from ashar.pledges.models import Payment, Pledge
from ashar.pledges.states import MONEY_CAME
from ashar.projects.models import Project

GENERAL = "general"


def account_of(project: Project) -> str:
    """Return the book's account of a project."""
    return f"project:{project.slug}"


def move_pledge(
    pledge: Pledge, to: Project, *, voucher: str, why: str = "", actor: int | None = None
) -> None:
    """Move a pledge to a project, with all its money that stands with its own or in suspense.

    Its worth is fixed anew in the project's currency, at the rate of the day when the money came.
    What stands in the general fund stays there. A second time changes nothing.
    """
    pledge = queries.lock_pledge(pledge.id)
    places = {account_of(pledge.project), standing.SUSPENSE} - {account_of(to)}
    came = {
        row.id: row.settled_at
        for row in pledge.payments
        if row.state in MONEY_CAME and row.account in places
    }
    awaited = [row.id for row in pledge.payments if row.awaiting_minor]
    _lift(came, awaited, voucher)
    _rename(pledge, to, why, actor)
    for row, settled_at in came.items():
        payment = held.lock(row)
        payment.account = account_of(to)
        standing.fix_worth(payment, clock.day_of(settled_at or clock.now()))
        standing.apply(payment, "moved", voucher, clock.now())
        held.save(payment)
    for row in awaited:
        payment = held.lock(row)
        standing.show_awaiting(payment)
        held.save(payment)


def _let_sponsor_go(payment: HeldPayment, voucher: str) -> None:
    """Give back what a pool added: it added to a gift to that project."""
    if payment.pool_id is not None:
        matching.withdraw(payment, voucher, clock.now(), why="the gift went elsewhere")


def _lift(came: Collection[int], awaited: list[int], voucher: str) -> None:
    """Take a pledge's payments from the bars of its project."""
    for row in {*came, *awaited}:
        payment = held.lock(row)
        standing.stop_awaiting(payment)
        if row in came:
            standing.drop_worth(payment)
            _let_sponsor_go(payment, voucher)
        held.save(payment)


def _rename(pledge: Pledge, to: Project, why: str, actor: int | None) -> None:
    if pledge.project_id != to.id:
        old = pledge.project.slug
        history.record("pledge", pledge.id, "project", old, to.slug, why=why, actor=actor)
        pledge.project_id = to.id
        session.flush()
        session.expire(pledge, ["project"])


def give_to_all(payment: Payment, *, voucher: str) -> None:
    """Move one payment's money to the association's general fund; a second time moves nothing.

    The caller has locked its pledge.
    """
    row = held.lock(payment.id)
    standing.drop_worth(row)
    _let_sponsor_go(row, voucher)
    row.account = GENERAL
    standing.apply(row, "moved", voucher, clock.now())
    held.save(row)
