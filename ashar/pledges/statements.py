"""A donor's gifts of a year, confirmed together: by a round over all donors, in batches."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from flask import current_app
from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager, selectinload

from ashar.kernel import clock, i18n
from ashar.kernel.db import session
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_
from ashar.kernel.money import Money
from ashar.pledges import final, issuer, issuing, receipts
from ashar.pledges.issuing import PLAIN, Draft
from ashar.pledges.models import Payment, Pledge, Receipt, Round
from ashar.pledges.sheets.facts import Facts, Gift
from ashar.pledges.states import MONEY_CAME
from ashar.projects import show
from ashar.projects.models import Project

#: Donors that are looked at in one transaction.
BATCH = 100
NOT_OVER = N_("This year is not over yet.")
UNDER_WAY = N_("The statements of this year are being made already.")

_DONOR = func.lower(Pledge.email)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a batch came to: receipts given out, gifts that are not final yet."""

    issued: int
    left_out: int


def begin(year: int, *, actor: int) -> Round:
    """Begin a round over a year that is over; raise Refused for others, and while one is at it."""
    if year >= clock.today().year:
        raise Refused(NOT_OVER)
    query = select(Round.id).where(Round.period == year, Round.done_at.is_(None))
    if session.execute(query).first() is not None:
        raise Refused(UNDER_WAY)
    row = Round(period=year, actor_id=actor, begun_at=clock.now())
    session.add(row)
    session.flush()
    return row


def count(year: int) -> int:
    """Count the donors whose gifts of a year came."""
    found = _donors(year, "").order_by(None).subquery()
    return int(session.scalar(select(func.count()).select_from(found)) or 0)


def step(row: int) -> bool:
    """Look at the next donors of a round; tell whether there were any.

    Of two that are at it, one waits for the other and goes on where that one stopped.
    """
    found = session.scalars(
        select(Round).where(Round.id == row, Round.done_at.is_(None)).with_for_update(),
        execution_options={"populate_existing": True},
    ).one_or_none()
    if found is None:
        return False
    if found.donors is None:
        found.donors = count(found.period)
    donors = session.scalars(_donors(found.period, found.after).limit(BATCH)).all()
    if not donors:
        found.done_at = clock.now()
        return False
    outcome = state(donors, found.period)
    found.after = donors[-1]
    found.looked_at += len(donors)
    found.issued += outcome.issued
    found.left_out += outcome.left_out
    return True


def _donors(year: int, after: str) -> Select[Any]:
    return (
        select(_DONOR)
        .join(Payment, Payment.pledge_id == Pledge.id)
        .where(Payment.settled_at.between(*_bounds(year)), Payment.state.in_(MONEY_CAME))
        .where(Pledge.email.is_not(None), _DONOR > after)
        .group_by(_DONOR)
        .order_by(_DONOR)
    )


def _bounds(year: int) -> tuple[datetime, datetime]:
    """Return a year's first and last moment, in the association's time zone."""
    zone = clock.zone()
    return (
        datetime(year, 1, 1, tzinfo=zone),
        datetime(year, 12, 31, 23, 59, 59, 999_999, tzinfo=zone),
    )


def state(donors: Sequence[str], year: int) -> Outcome:
    """Give out what donors lack of a year's statements; what has changed is cancelled first."""
    payments = _payments(donors, year)
    ready: dict[int, bool] = {}
    standing = {(one.donor, one.currency): one for one in _standing(donors, year)}
    drafts: list[Draft] = []
    left_out = 0
    named = {gift["payment"] for one in standing.values() for gift in one.facts["gifts"]}
    for donor, gifts in groupby(payments, key=itemgetter(1)):
        finals, others = _parted([row for row, _ in gifts], named, ready)
        left_out += others
        for currency in sorted({row.currency for row in finals}):
            wanted = _draft(donor, year, [row for row in finals if row.currency == currency])
            before = standing.pop((donor, currency), None)
            if before is None or not _same(before, wanted.facts):
                if before is not None:
                    receipts.cancel(before, receipts.CHANGED, told=False)
                drafts.append(wanted)
    # Nothing is left of these.
    for gone in standing.values():
        receipts.cancel(gone, receipts.WENT_BACK)
    return Outcome(len(issuing.write(drafts)), left_out)


def _payments(donors: Sequence[str], year: int) -> list[tuple[Payment, str]]:
    """Return donors' payments of a year, each with its donor, their pledges locked in order."""
    wanted = (
        _DONOR.in_(donors),
        Payment.settled_at.between(*_bounds(year)),
        Payment.state.in_(MONEY_CAME),
    )
    # Whoever gives one of them back waits for us, and then looks at what we gave out.
    session.execute(
        select(Pledge.id)
        .join(Payment, Payment.pledge_id == Pledge.id)
        .where(*wanted)
        .order_by(Pledge.id)
        .with_for_update(of=Pledge, key_share=True)
    ).all()
    rows = session.execute(
        select(Payment, _DONOR)
        .join(Payment.pledge)
        .join(Pledge.project)
        .where(*wanted)
        .options(
            contains_eager(Payment.pledge)
            .contains_eager(Pledge.project)
            .selectinload(Project.texts),
            selectinload(Payment.refunds),
        )
        .order_by(_DONOR, Payment.settled_at, Payment.id)
        .execution_options(populate_existing=True)
    )
    return [(row, donor) for row, donor in rows]


def _standing(donors: Sequence[str], year: int) -> Sequence[Receipt]:
    return session.scalars(
        select(Receipt)
        .where(Receipt.donor.in_(donors), Receipt.period == year)
        .where(Receipt.kind == "annual", Receipt.cancelled_at.is_(None))
        .order_by(Receipt.id)
    ).all()


def _parted(
    payments: Iterable[Payment], named: Container[int], ready: dict[int, bool]
) -> tuple[list[Payment], int]:
    """Return the payments that are final, and how many are not yet.

    What a statement has `named` stays on it until it really goes back.
    """
    today, days = clock.today(), int(current_app.config["ASHAR_DEBIT_DAYS"])
    finals, others = [], 0
    for row in payments:
        project = row.pledge.project
        if project.id not in ready:
            ready[project.id] = receipts.reached(project)
        why = final.why_not(receipts.known(row, ready[project.id]), today, days)
        if not why or (row.id in named and "back" not in why):
            finals.append(row)
        else:
            others += "back" not in why
    return finals, others


def _draft(donor: str, year: int, payments: Sequence[Payment]) -> Draft:
    pledge = payments[-1].pledge
    form, currency = _form(pledge, payments), payments[0].currency
    language = issuer.RULES[form].language if form in issuer.RULES else pledge.language
    gifts = tuple(_gift(row, pledge.language) for row in payments)
    facts = Facts(
        kind="annual",
        form=form,
        number="",
        day=clock.today(),
        language=pledge.language,
        donor=receipts.donor(pledge, language),
        issuer=issuer.issuer(),
        gifts=gifts,
        total=Money(sum(gift.money.minor for gift in gifts), currency),
        tax=issuer.tax(form),
        period=year,
    )
    return Draft(facts, pledge.id, donor=donor)


def _form(pledge: Pledge, payments: Sequence[Payment]) -> str:
    """Return the Swiss form for francs of somebody there who left an address, else none."""
    form = issuer.form_of(pledge.country)
    tax = issuer.tax(form) if form else None
    if form is None or tax is None or issuer.least(form) is not None:
        return PLAIN
    rule = issuer.RULES[form]
    fits = pledge.receipt_address is not None and payments[0].currency == rule.currency
    return form if fits and issuer.holds(form, tax, clock.today()) else PLAIN


def _gift(row: Payment, language: str) -> Gift:
    assert row.settled_at is not None  # noqa: S101 - it was looked for by this
    with i18n.speaking(language):
        title = show.title(row.pledge.project)
    day, money = clock.day_of(row.settled_at), Money(receipts.left(row), row.currency)
    return Gift(row.id, day, money, title)


def _same(before: Receipt, now: Facts) -> bool:
    """Tell whether a statement says what would be said now, whatever projects are called."""
    said = [(one["payment"], one["money"]) for one in before.facts["gifts"]]
    return before.form == now.form and said == [
        (gift.payment, [gift.money.minor, gift.money.currency]) for gift in now.gifts
    ]


def refresh(payment: int) -> Outcome | None:
    """Look again at the statement that has a payment, if there is one."""
    found = session.execute(
        select(_DONOR, Payment.settled_at)
        .join(Payment, Payment.pledge_id == Pledge.id)
        .where(Payment.id == payment, Pledge.email.is_not(None))
    ).one_or_none()
    if found is None or found[1] is None:
        return None
    donor, year = found[0], clock.day_of(found[1]).year
    return state([donor], year) if _standing([donor], year) else None


def shaken() -> Sequence[int]:
    """Return payments that a bank took back for good and that a standing statement names."""
    rows = session.execute(
        select(Payment.id, Payment.settled_at, Receipt.period)
        .join(Payment.pledge)
        .join(Receipt, Receipt.donor == _DONOR)
        .where(Payment.state == "lost", Payment.settled_at.is_not(None))
        .where(Receipt.kind == "annual", Receipt.cancelled_at.is_(None))
    )
    return [row for row, at, year in rows if at and clock.day_of(at).year == year]
