"""What becomes paper: confirmations of payments, and duplicates of receipts that are kept."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, func, or_, select

from ashar.kernel import clock, i18n, papers, retained
from ashar.kernel.db import session
from ashar.kernel.money import Money
from ashar.pledges import issuer, locking, receipts
from ashar.pledges.issuing import PLAIN
from ashar.pledges.models import Payment, Pledge, Receipt
from ashar.pledges.sheets.facts import Donor, Facts, Gift
from ashar.pledges.states import MONEY_CAME
from ashar.projects import show


def confirmation(pledge: Pledge, *, named: bool) -> Facts | None:
    """Return what a pledge's payment confirmation says; None where no money came.

    Its day is the last on which money moved, so that the same money makes the same paper. It is
    `named` only where somebody proved that they may know: its address is passed on.
    """
    came = [row for row in pledge.payments if row.settled_at and row.state in MONEY_CAME]
    if not came:
        return None
    with i18n.speaking(pledge.language):
        title = show.title(pledge.project)
    gifts = tuple(
        Gift(
            row.id,
            clock.day_of(row.settled_at),
            row.charged,
            title,
            Money(back, row.currency) if (back := row.charged.minor - _kept(row)) else None,
        )
        for row in came
        if row.settled_at
    )
    currency = gifts[-1].money.currency
    total = sum(gift.money.minor for gift in gifts if gift.money.currency == currency)
    return Facts(
        kind="confirmation",
        form=PLAIN,
        number="",
        day=max(gift.day for gift in gifts),
        language=pledge.language,
        donor=receipts.donor(pledge, pledge.language) if named else Donor(),
        issuer=issuer.issuer(),
        gifts=gifts,
        total=Money(total, currency),
    )


def _kept(payment: Payment) -> int:
    return 0 if payment.state == "lost" else receipts.left(payment)


def of_pledge(pledge: Pledge, *, of_donor: bool) -> Sequence[Receipt]:
    """Return a pledge's receipts, newest first; `of_donor` with those of its donor's years."""
    wanted = Receipt.pledge_id == pledge.id
    if of_donor and pledge.email:
        # As the database folds it: what stands with a receipt was folded there.
        folded = select(func.lower(Pledge.email)).where(Pledge.id == pledge.id).scalar_subquery()
        wanted = or_(wanted, Receipt.donor == folded)
    else:
        wanted &= Receipt.donor.is_(None)
    query = select(Receipt).where(wanted).order_by(Receipt.id.desc()).limit(100)
    return session.scalars(query).all()


def paper(found: Receipt) -> bytes:
    """Return a receipt's paper: the kept duplicate, else drawn from the facts that were kept."""
    kept = session.get(papers.Paper, found.paper_id) if found.paper_id else None
    if kept is not None and retained.of(locking.PAPER, kept.id) is not None:
        # Its donor had their data erased: what is left of it says no name.
        kept = None
    return (papers.read(kept) if kept else None) or drawn(Facts.read(found.facts))


def drawn(facts: Facts) -> bytes:
    """Draw a paper."""
    # Fonts and what draws with them are large, and asked for seldom.
    from ashar.pledges.sheets import draw

    return draw.draw(facts)


def undrawn(limit: int) -> Sequence[Row[int, dict[str, Any]]]:
    """Return receipts whose duplicate is still to be kept: their rows and facts."""
    return session.execute(
        select(Receipt.id, Receipt.facts)
        .where(Receipt.paper_id.is_(None), Receipt.form != PLAIN)
        .order_by(Receipt.id)
        .limit(limit)
    ).all()


def keep(row: int, data: bytes) -> None:
    """Keep a receipt's duplicate, once."""
    found = session.scalars(
        select(Receipt).where(Receipt.id == row).with_for_update(key_share=True),
        execution_options={"populate_existing": True},
    ).one()
    if found.paper_id is None:
        name = f"{found.number}.pdf"
        found.paper_id = papers.keep(data, name, owner=("receipt", row), person=None).id
