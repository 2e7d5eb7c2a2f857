"""Who can take money just now: open accounts, collectors at work, partners with an agreement.

Every form asks, so all of it is one statement, built once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Date,
    Select,
    bindparam,
    literal_column,
    select,
    union_all,
)

from ashar.kernel import clock, db
from ashar.ledger.models import BankAccount
from ashar.pledges import partners
from ashar.pledges.models import Agreement, AgreementProject, Collector, Partner


@dataclass(frozen=True, slots=True)
class Takers:
    """Currencies of accounts; countries and currencies of collectors; currencies of partners."""

    accounts: frozenset[str]
    collectors: frozenset[tuple[str, str]]
    agents: frozenset[str]


def of(project: int | None) -> Takers:
    """Return who takes money for a project, or for any; of its several agents the first."""
    accounts, collectors, agents = set(), set(), []
    for kind, currency, country, agreement in db.read(
        _takers(project is not None), _given(project)
    ):
        if kind == "account":
            accounts.add(currency)
        elif kind == "collector":
            collectors.add((country, currency))
        else:
            agents.append((agreement, currency))
    taken = [min(agents)] if agents and project is not None else agents
    return Takers(
        frozenset(accounts), frozenset(collectors), frozenset(currency for _, currency in taken)
    )


def _given(project: int | None) -> Mapping[str, Any]:
    day = {"day": clock.today()}
    return day if project is None else day | {"project": project}


@cache
def _takers(one: bool) -> CompoundSelect[*tuple[Any, ...]]:
    none: ColumnElement[str] = literal_column("''")
    zero: ColumnElement[int] = literal_column("0")
    account: Select[*tuple[Any, ...]] = select(
        literal_column("'account'"), BankAccount.currency, none, zero
    ).where(BankAccount.open.is_(True))
    collector: Select[*tuple[Any, ...]] = select(
        literal_column("'collector'"), Collector.currency, Collector.country, zero
    ).where(Collector.active.is_(True))
    return union_all(account, collector, _agents(one))


def _agents(one: bool) -> Select[*tuple[Any, ...]]:
    query: Select[*tuple[Any, ...]] = (
        select(literal_column("'agent'"), Partner.currency, literal_column("''"), Agreement.id)
        .join(Agreement, Agreement.partner_id == Partner.id)
        .where(partners.in_force(bindparam("day", type_=Date)), Agreement.agency.is_(True))
    )
    if not one:
        return query
    return query.join(AgreementProject, AgreementProject.agreement_id == Agreement.id).where(
        AgreementProject.project_id == bindparam("project")
    )
