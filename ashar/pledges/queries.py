"""Finding pledges and payments."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, false, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from ashar.gateways import cash
from ashar.kernel import db
from ashar.kernel.db import session
from ashar.pledges.models import Dispute, FraudWarning, Payment, Pledge, Refund, Subscription
from ashar.pledges.states import GAVE
from ashar.projects.models import Project
from ashar.projects.states import PUBLIC


def by_token(token: str) -> Pledge | None:
    """Return the pledge of a private link, with all that its page shows of it."""
    found = session.scalars(_by_token(), {"token": token}).unique().one_or_none()
    if found is not None:
        _read_refunds(found)
    return found


def _read_refunds(pledge: Pledge) -> None:
    """Read what went back of a pledge's payments at once; nothing goes back that never came."""
    came = [payment.id for payment in pledge.payments if payment.settled_at]
    query = select(Refund).where(Refund.payment_id.in_(came)).order_by(Refund.id)
    rows = session.scalars(query).all() if came else []
    for payment in pledge.payments:
        own = [row for row in rows if row.payment_id == payment.id]
        set_committed_value(payment, "refunds", own)


@cache
def _by_token() -> Select[Pledge]:
    of_project = joinedload(Pledge.project)
    return (
        select(Pledge)
        .where(Pledge.token == bindparam("token"))
        .options(
            of_project.joinedload(Project.cover),
            of_project.selectinload(Project.texts),
            joinedload(Pledge.payments),
        )
    )


def kind_of(token: str) -> str | None:
    """Return a pledge's kind, to tell whose views are asked, before any of it is read."""
    found = db.read(_kind_of(), {"token": token})
    return found[0][0] if found else None


@cache
def _kind_of() -> Select[str]:
    return select(Pledge.kind).where(Pledge.token == bindparam("token"))


def by_link(token: str) -> Pledge | None:
    """Return the pledge of a private link that still opens: not once its donor was erased."""
    found = by_token(token)
    return found if found is not None and found.erased_at is None else None


def by_reference(reference: str) -> Pledge | None:
    """Return the pledge whose transfers bear a reference."""
    found = select(Pledge).where(Pledge.reference == reference)
    return session.execute(found).scalar_one_or_none()


def free_code() -> str:
    """Draw a short code that no pledge bears."""
    while by_reference(code := cash.new_code()) is not None:
        pass
    return code


def of_donor(
    person: int | None, email: str | None, page: int = 1, per_page: int = 20
) -> Sequence[Pledge]:
    """Return one page of a donor's pledges and one more, with their projects' texts and payments.

    The newest come first. They are those made while signed in as the person, and those that bear
    the address.
    """
    return session.scalars(
        select(Pledge)
        .where(is_of(person, email))
        .options(
            joinedload(Pledge.project).selectinload(Project.texts),
            selectinload(Pledge.payments).selectinload(Payment.refunds),
            selectinload(Pledge.offer),
        )
        .order_by(Pledge.id.desc())
        .offset((page - 1) * per_page)
        .limit(per_page + 1)
    ).all()


def subscription_of(pledge: int) -> Subscription | None:
    """Return the monthly gift that a pledge became, the newest if it began again."""
    query = select(Subscription).where(Subscription.pledge_id == pledge)
    return session.scalars(query.order_by(Subscription.id.desc()).limit(1)).one_or_none()


def subscriptions_of(pledges: Iterable[int]) -> dict[int, Subscription]:
    """Return the newest monthly gift of each of some pledges that has one."""
    query = select(Subscription).where(Subscription.pledge_id.in_(list(pledges)))
    return {row.pledge_id: row for row in session.scalars(query.order_by(Subscription.id))}


def is_of(person: int | None, email: str | None) -> ColumnElement[bool]:
    """Return which pledges are a donor's: by their person's row, by an address that is theirs."""
    theirs = [Pledge.person_id == person] if person is not None else []
    theirs += [Pledge.email == email] if email else []
    return and_(Pledge.erased_at.is_(None), or_(false(), *theirs))


def by_attempt(attempt: str) -> Pledge | None:
    """Return the pledge that a form has made before."""
    return session.execute(select(Pledge).where(Pledge.attempt == attempt)).scalar_one_or_none()


class Before(NamedTuple):
    """What has to be known before a form is read: of its project, and the pledge it made."""

    state: str
    currency: str
    funding: str
    region: str
    id: int
    pledge: int | None


@cache
def _before() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Project.state,
            Project.currency,
            Project.funding,
            Project.region,
            Project.id,
            Pledge.id.label("pledge"),
        )
        .outerjoin(Pledge, Pledge.attempt == bindparam("attempt"))
        .where(Project.slug == bindparam("slug"))
    )


def before(slug: str, attempt: str) -> Before | None:
    """Return a public project's currency, and the pledge that a form for it has made before."""
    given = {"slug": slug, "attempt": attempt}
    found = [Before(*row) for row in db.alone(_before(), given)]
    return found[0] if found and found[0].state in PUBLIC else None


def by_any(word: str) -> Pledge | None:
    """Return the pledge that an operator means: by number, token or full link."""
    word = word.rstrip("/").rsplit("/", 1)[-1]
    if word.isdigit() and (found := session.get(Pledge, int(word))):
        return found
    return by_token(word)


def gave(pledge: Pledge) -> bool:
    """Tell whether something came of a pledge: money, or hands and things that are confirmed."""
    return pledge.state in GAVE or (pledge.offer is not None and pledge.offer.state == "confirmed")


def latest_payment(pledge: Pledge) -> Payment | None:
    """Return the last try to collect a pledge's money."""
    return pledge.payments[-1] if pledge.payments else None


def lock_payment(row: int) -> Payment:
    """Read a payment with pledge and project as they are now; keep others off until the commit."""
    return session.execute(
        select(Payment)
        .where(Payment.id == row)
        .join(Payment.pledge)
        .join(Pledge.project)
        .options(contains_eager(Payment.pledge).contains_eager(Pledge.project))
        .with_for_update(of=[Pledge, Payment], key_share=True)
        .execution_options(populate_existing=True)
    ).scalar_one()


def lock_pledge(row: int) -> Pledge:
    """Read a pledge and its payments as they are now; keep others off until the commit.

    Who settles one of its payments locks the pledge first.
    """
    return session.execute(
        select(Pledge)
        .where(Pledge.id == row)
        .options(selectinload(Pledge.payments))
        .with_for_update(of=Pledge, key_share=True)
        .execution_options(populate_existing=True)
    ).scalar_one()


# What was read before a payment's lock may lack what another has written meanwhile.
_FRESH = {"populate_existing": True}


def refund_of(gateway_id: str) -> Refund | None:
    """Return the refund that a provider calls so, as it is now."""
    return session.execute(
        select(Refund).where(Refund.gateway_id == gateway_id), execution_options=_FRESH
    ).scalar_one_or_none()


def dispute_of(gateway_id: str) -> Dispute | None:
    """Return the dispute that a provider calls so, as it is now."""
    return session.execute(
        select(Dispute).where(Dispute.gateway_id == gateway_id), execution_options=_FRESH
    ).scalar_one_or_none()


def warning_of(gateway_id: str) -> FraudWarning | None:
    """Return the early fraud warning that a provider calls so."""
    found = select(FraudWarning).where(FraudWarning.gateway_id == gateway_id)
    return session.execute(found).scalar_one_or_none()


def refunds(payment: int) -> Sequence[Refund]:
    """Return a payment's refunds as they are now, in their order."""
    return session.scalars(
        select(Refund).where(Refund.payment_id == payment).order_by(Refund.id),
        execution_options=_FRESH,
    ).all()


def disputes(payment: int) -> Sequence[Dispute]:
    """Return a payment's disputes as they are now, in their order."""
    return session.scalars(
        select(Dispute).where(Dispute.payment_id == payment).order_by(Dispute.id),
        execution_options=_FRESH,
    ).all()
