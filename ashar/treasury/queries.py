"""Transfers as the treasurer looks for them."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import contains_eager

from ashar.gateways import bank
from ashar.kernel.db import session
from ashar.kernel.papers import Paper
from ashar.pledges.models import Inbox, Payment, Pledge
from ashar.projects.models import Project

PER_PAGE = 50


class Found(NamedTuple):
    """Some transfers, and whether there are more."""

    payments: Sequence[Payment]
    more: bool


def _transfers() -> Select[Payment]:
    return (
        select(Payment)
        .join(Payment.pledge)
        .join(Pledge.project)
        .where(Payment.gateway == bank.NAME)
        .options(
            contains_eager(Payment.pledge)
            .contains_eager(Pledge.project)
            .selectinload(Project.texts)
        )
    )


def awaited(asked: str, page: int) -> Found:
    """Return transfers that are waited for, or those that an asked reference or name has."""
    query = _transfers()
    reference = bank.read_reference(asked) if asked else None
    if reference:
        query = query.where(Pledge.reference == reference)
    elif asked:
        query = query.where(
            or_(
                Pledge.name.icontains(asked, autoescape=True),
                Pledge.email.icontains(asked, autoescape=True),
            )
        )
    else:
        query = query.where(Payment.state == "started", Payment.instructions.is_not(None))
    found = session.scalars(
        query.order_by(Payment.id.desc()).offset(PER_PAGE * (page - 1)).limit(PER_PAGE + 1)
    ).all()
    return Found(found[:PER_PAGE], len(found) > PER_PAGE)


def entered(pledge: Pledge) -> Sequence[tuple[Inbox, Paper]]:
    """Return what was entered by hand for a pledge's payments, each with its proof."""
    lines = [row.charge_id for row in pledge.payments if row.charge_id]
    rows = session.execute(
        select(Inbox, Paper)
        .join(Paper, (Paper.owner_kind == "inbox") & (Paper.owner_id == Inbox.id))
        .where(Inbox.gateway == bank.NAME, Inbox.external_id.in_(lines))
        .order_by(Inbox.id)
    )
    return [(inbox, paper) for inbox, paper in rows]


def paper(token: str) -> Paper | None:
    """Return a paper by its token."""
    return session.scalars(select(Paper).where(Paper.token == token)).one_or_none()
