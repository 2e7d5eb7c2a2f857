"""Partners as they are: whose agreement covers which project, and to whom a donor sends money."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import BindParameter, ColumnElement, Select, and_, select
from sqlalchemy.orm import selectinload

from ashar.gateways.base import Payee
from ashar.kernel import clock
from ashar.kernel.db import session
from ashar.pledges.models import Agreement, AgreementProject, Partner, Pledge


def all_of_them() -> Sequence[Partner]:
    """Return all partners with their agreements, those that are no longer ones last."""
    query = select(Partner).options(selectinload(Partner.agreements))
    return session.scalars(query.order_by(Partner.active.desc(), Partner.name)).all()


def by_slug(slug: str) -> Partner | None:
    """Return a partner by their name in addresses and in the book."""
    return session.scalars(select(Partner).where(Partner.slug == slug)).one_or_none()


def in_force(on: date | BindParameter[date]) -> ColumnElement[bool]:
    """Return which partners' agreements are in force on a day."""
    return and_(Partner.active.is_(True), Agreement.from_day <= on, Agreement.until_day >= on)


def _in_force(on: date) -> Select[Partner]:
    query = select(Partner).join(Agreement, Agreement.partner_id == Partner.id)
    return query.where(in_force(on))


def agents(on: date | None = None) -> Sequence[Partner]:
    """Return the partners who may receive money as our agents on a day."""
    query = _in_force(on or clock.today()).where(Agreement.agency.is_(True))
    return session.scalars(query.distinct().order_by(Partner.id)).all()


def agent_for(project: int, on: date | None = None) -> Partner | None:
    """Return who receives money for a project as our agent on a day, the first of several."""
    query = (
        _in_force(on or clock.today())
        .join(AgreementProject, AgreementProject.agreement_id == Agreement.id)
        .where(Agreement.agency.is_(True), AgreementProject.project_id == project)
    )
    return session.scalars(query.order_by(Agreement.id).limit(1)).one_or_none()


def is_agent(partner: int, project: int, on: date) -> bool:
    """Tell whether a partner receives money for a project as our agent on a day."""
    query = (
        _in_force(on)
        .join(AgreementProject, AgreementProject.agreement_id == Agreement.id)
        .where(
            Partner.id == partner,
            Agreement.agency.is_(True),
            AgreementProject.project_id == project,
        )
    )
    return session.execute(query.limit(1)).first() is not None


def payee(pledge: int) -> Payee | None:
    """Return to whom the donor of a pledge sends money, as a transfer office asks for it."""
    project = session.scalars(select(Pledge.project_id).where(Pledge.id == pledge)).one()
    found = agent_for(project)
    if found is None:
        return None
    return Payee(name=found.name, iban=found.account_number, bank=found.bank)


def projects(partner: int) -> Sequence[int]:
    """Return the projects that any agreement of a partner is for."""
    return session.scalars(
        select(AgreementProject.project_id)
        .join(Agreement, Agreement.id == AgreementProject.agreement_id)
        .where(Agreement.partner_id == partner)
        .distinct()
        .order_by(AgreementProject.project_id)
    ).all()
