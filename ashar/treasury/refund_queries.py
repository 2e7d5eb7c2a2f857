"""Payments, refunds, disputes and warnings as the treasurer looks for them."""

from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased, contains_eager, selectinload

from ashar.gateways import bank
from ashar.kernel.db import session
from ashar.kernel.history import History
from ashar.kernel.papers import Paper
from ashar.ledger.models import Entry, Line
from ashar.people.models import Person
from ashar.pledges.models import Dispute, FraudWarning, Payment, Pledge, Refund, RefundFile
from ashar.pledges.states import MONEY_CAME
from ashar.projects.models import Project

Row = TypeVar("Row")

PER_PAGE = 50
#: Refunds that somebody has still to do something about, and what that is.
TO_DO = {
    "to_approve": ("to_approve",),
    "ready": ("ready",),
    "in_file": ("in_file",),
    "owed": ("owed",),
    "under_way": ("ordered", "pending"),
}


class Found(NamedTuple, Generic[Row]):
    """Some rows, and whether there are more."""

    rows: Sequence[Row]
    more: bool


def _paged(query: Select[Row], page: int) -> Found[Row]:
    offset = PER_PAGE * (page - 1)
    rows = session.scalars(query.offset(offset).limit(PER_PAGE + 1)).all()
    return Found(rows[:PER_PAGE], len(rows) > PER_PAGE)


def payments(asked: str, page: int) -> Found[Payment]:
    """Return the payments that a reference, link, provider's id, e-mail or name means.

    All whose money came, without any.
    """
    query = _payments().order_by(Payment.id.desc())
    return _paged(query.where(_means(asked) if asked else Payment.state.in_(MONEY_CAME)), page)


def _payments() -> Select[Payment]:
    return (
        select(Payment)
        .join(Payment.pledge)
        .join(Pledge.project)
        .options(
            contains_eager(Payment.pledge)
            .contains_eager(Pledge.project)
            .selectinload(Project.texts)
        )
    )


def _means(asked: str) -> ColumnElement[bool]:
    if (reference := bank.read_reference(asked)) is not None:
        return Pledge.reference == reference
    word = asked.rstrip("/").partition("?")[0].rsplit("/", 1)[-1]
    taken = select(Refund.payment_id).where(Refund.gateway_id == word)
    disputed = select(Dispute.payment_id).where(Dispute.gateway_id == word)
    return or_(
        Pledge.token == word,
        Payment.charge_id == word,
        Payment.intent_id == word,
        Payment.session_id == word,
        Payment.id.in_(taken.union(disputed)),
        Pledge.email.icontains(asked, autoescape=True),
        # SQLite folds the case of Latin letters only.
        *(
            Pledge.name.icontains(written, autoescape=True)
            for written in {asked, asked.lower(), asked.title()}
        ),
    )


def payment(token: str, no: str) -> Payment | None:
    """Return a pledge's payment by the pledge's token and its number."""
    found = _payments().where(Pledge.token == token, Payment.no == int(no[:6]))
    return session.scalars(found).one_or_none() if no.isdecimal() else None


def warnings_of(row: int) -> Sequence[FraudWarning]:
    """Return the warnings about a payment."""
    query = select(FraudWarning).where(FraudWarning.payment_id == row)
    return session.scalars(query.order_by(FraudWarning.id)).all()


def entries(row: int) -> Sequence[tuple[Entry, Line]]:
    """Return what the book holds of a payment, oldest first."""
    found = session.execute(
        select(Entry, Line)
        .join(Line, Line.entry_id == Entry.id)
        .where(Entry.source_kind == "payment", Entry.source_id == row)
        .order_by(Entry.posted_at, Entry.id, Line.no)
    )
    return [(entry, line) for entry, line in found]


# Refunds ------------------------------------------------------------------------------------


def _refunds() -> Select[Refund]:
    return (
        select(Refund)
        .join(Refund.payment)
        .join(Payment.pledge)
        .join(Pledge.project)
        .options(
            contains_eager(Refund.payment)
            .contains_eager(Payment.pledge)
            .contains_eager(Pledge.project)
            .selectinload(Project.texts)
        )
    )


def _left_failed() -> ColumnElement[bool]:
    """Tell of refunds that the provider has refused and that nothing has taken the place of."""
    other = aliased(Refund)
    instead = select(other.id).where(
        or_(
            other.instead_of == Refund.id,
            and_(other.payment_id == Refund.payment_id, other.id > Refund.id),
        )
    )
    return and_(Refund.state == "failed", ~instead.exists())


def refunds(show: str, page: int) -> Found[Refund]:
    """Return refunds of one kind of TO_DO, "failed", "all", or all of which something is to do."""
    query = _refunds().order_by(Refund.id.desc())
    if show in TO_DO:
        query = query.where(Refund.state.in_(TO_DO[show]))
    elif show == "failed":
        query = query.where(_left_failed())
    elif show != "all":
        open_ = [state for states in TO_DO.values() for state in states]
        query = query.where(or_(Refund.state.in_(open_), _left_failed()))
    return _paged(query, page)


def refund(number: str) -> Refund | None:
    """Return a refund by its number."""
    if not number.isdecimal() or len(number) > 15:
        return None
    return session.scalars(_refunds().where(Refund.id == int(number))).one_or_none()


def failed() -> int:
    """Count the refunds that were refused and that somebody has to look at."""
    query = select(func.count()).select_from(Refund).where(_left_failed())
    return session.execute(query).scalar_one()


def waiting() -> dict[str, int]:
    """Count the refunds of each state that is not the last."""
    states = [state for group in TO_DO.values() for state in group]
    query = select(Refund.state, func.count()).where(Refund.state.in_(states))
    return {state: count for state, count in session.execute(query.group_by(Refund.state))}


def ready() -> dict[str, int]:
    """Count per currency the refunds that a bank may be ordered to pay."""
    query = select(Refund.currency, func.count()).where(
        Refund.state == "ready", Refund.way == "bank"
    )
    return {code: count for code, count in session.execute(query.group_by(Refund.currency))}


def files() -> Sequence[tuple[RefundFile, int]]:
    """Return the newest payment orders, each with how many of its refunds are not debited."""
    left = (
        select(func.count())
        .select_from(Refund)
        .where(Refund.file_id == RefundFile.id, Refund.state == "in_file")
        .scalar_subquery()
    )
    query = select(RefundFile, left).order_by(RefundFile.id.desc()).limit(20)
    return [(file, count) for file, count in session.execute(query)]


def file(token: str) -> RefundFile | None:
    """Return a payment order by its token, with its refunds."""
    query = select(RefundFile).where(RefundFile.token == token)
    loaded = query.options(
        selectinload(RefundFile.refunds).joinedload(Refund.payment).joinedload(Payment.pledge)
    )
    return session.scalars(loaded).one_or_none()


def papers_of(kind: str, row: int) -> Sequence[Paper]:
    """Return the papers of a row, oldest first."""
    query = select(Paper).where(Paper.owner_kind == kind, Paper.owner_id == row)
    return session.scalars(query.order_by(Paper.id)).all()


def deeds(kind: str, row: int) -> Sequence[tuple[History, str | None]]:
    """Return the history of a row, each with the name of who did it."""
    found = session.execute(
        select(History, Person.name)
        .outerjoin(Person, Person.id == History.actor_id)
        .where(History.kind == kind, History.subject_id == row)
        .order_by(History.id)
    )
    return [(deed, name) for deed, name in found]


# Disputes and warnings ----------------------------------------------------------------------


def disputes(page: int) -> Found[Dispute]:
    """Return disputes, those with the nearest deadline first, decided ones last."""
    open_ = Dispute.state.in_(("warning", "open"))
    query = (
        select(Dispute)
        .join(Dispute.payment)
        .join(Payment.pledge)
        .join(Pledge.project)
        .options(
            contains_eager(Dispute.payment)
            .contains_eager(Payment.pledge)
            .contains_eager(Pledge.project)
            .selectinload(Project.texts)
        )
        .order_by(open_.desc(), Dispute.answered_at.is_not(None), Dispute.due_at, Dispute.id.desc())
    )
    return _paged(query, page)


def dispute(gateway_id: str) -> Dispute | None:
    """Return a dispute by its provider's id."""
    query = select(Dispute).where(Dispute.gateway_id == gateway_id)
    return session.scalars(query).one_or_none()


def warnings() -> Sequence[FraudWarning]:
    """Return the warnings that somebody has to decide on, oldest first."""
    query = (
        select(FraudWarning)
        .join(FraudWarning.payment)
        .join(Payment.pledge)
        .where(FraudWarning.state == "open")
        .options(contains_eager(FraudWarning.payment).contains_eager(Payment.pledge))
    )
    return session.scalars(query.order_by(FraudWarning.id).limit(PER_PAGE)).all()


def warning(gateway_id: str) -> FraudWarning | None:
    """Return a warning by its provider's id."""
    query = select(FraudWarning).where(FraudWarning.gateway_id == gateway_id)
    return session.scalars(query).one_or_none()


def unanswered() -> int:
    """Count the disputes that wait for evidence."""
    query = select(func.count()).select_from(Dispute)
    open_ = query.where(Dispute.state.in_(("warning", "open")), Dispute.answered_at.is_(None))
    return session.execute(open_).scalar_one()


def undecided() -> int:
    """Count the warnings that somebody has to decide on."""
    query = select(func.count()).select_from(FraudWarning).where(FraudWarning.state == "open")
    return session.execute(query).scalar_one()
