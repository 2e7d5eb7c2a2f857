"""`ashar check`: the invariants of the book, each a named check that names every difference."""

from collections import Counter
from collections.abc import Callable, Iterator

from sqlalchemy import func, select, text

from ashar.kernel import db
from ashar.kernel.db import session
from ashar.ledger import triggers
from ashar.ledger.models import Entry, Line
from ashar.mail import Letter
from ashar.pledges import held, standing
from ashar.pledges.held import HeldPayment
from ashar.pledges.models import Dispute, Inbox, Payment, Pledge, Receipt, Refund, Series
from ashar.pledges.models.inbox import STATES
from ashar.pledges.position import Facts
from ashar.pledges.states import MONEY_CAME, PAYMENT, PLEDGE, pledge_state
from ashar.projects import lists, search
from ashar.projects.models import Totals

Check = Callable[[], Iterator[str]]
CHECKS: dict[str, Check] = {}


def check(name: str) -> Callable[[Check], Check]:
    """Register a check; it yields a sentence for each difference."""

    def register(function: Check) -> Check:
        CHECKS[name] = function
        return function

    return register


def run() -> dict[str, list[str]]:
    """Run every check; return the differences of each."""
    session.rollback()
    return {name: list(function()) for name, function in CHECKS.items()}


@check("entries sum to zero")
def _balanced() -> Iterator[str]:
    rows = session.execute(
        select(Line.entry_id, Line.currency, func.sum(Line.minor))
        .group_by(Line.entry_id, Line.currency)
        .having(func.sum(Line.minor) != 0)
    )
    for entry, currency, minor in rows:
        yield f"entry {entry} is off by {minor} {currency}"


@check("every line has its entry and every entry two lines")
def _whole() -> Iterator[str]:
    orphans = select(Line.entry_id).outerjoin(Entry, Entry.id == Line.entry_id)
    for (entry,) in session.execute(orphans.where(Entry.id.is_(None)).distinct()):
        yield f"lines without entry {entry}"
    few = (
        select(Entry.id, func.count(Line.no))
        .outerjoin(Line, Line.entry_id == Entry.id)
        .group_by(Entry.id)
        .having(func.count(Line.no) < 2)
    )
    for entry, lines in session.execute(few):
        yield f"entry {entry} has {lines} lines"


@check("the database guards the book")
def _guarded() -> Iterator[str]:
    if db.dialect() == "sqlite":
        wanted = {name: " ".join(body.split()) for name, body in triggers.SQLITE.items()}
        rows = session.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
        found = {name: " ".join(str(body).split()) for name, body in rows}
    else:
        wanted = dict.fromkeys(triggers.POSTGRESQL, "O")
        rows = session.execute(
            text("SELECT tgname, tgenabled::text FROM pg_trigger WHERE NOT tgisinternal")
        )
        found = {name: str(enabled) for name, enabled in rows}
    for name, body in wanted.items():
        if found.get(name) != body:
            yield f"trigger {name} is {'missing' if name not in found else 'not as installed'}"


@check("the book holds what is known of each payment")
def _positions() -> Iterator[str]:
    booked = _booked_per_payment()
    for payment, facts in _known():
        target: Counter[tuple[str, str]] = Counter()
        if payment.state in MONEY_CAME:
            target.update(standing.sides(payment, facts))
        have = booked.pop(payment.id, Counter())
        for key in sorted({*target, *have}):
            if target[key] != have[key]:
                yield f"payment {payment.id}: {key} holds {have[key]}, known is {target[key]}"
    for row in booked:
        yield f"entries for payment {row}, which does not exist"


def _known() -> Iterator[tuple[HeldPayment, Facts]]:
    """Yield every payment with what is known of it."""
    refunds: dict[int, list[Refund]] = {}
    for refund in session.scalars(select(Refund).order_by(Refund.id)):
        refunds.setdefault(refund.payment_id, []).append(refund)
    disputes: dict[int, list[Dispute]] = {}
    for dispute in session.scalars(select(Dispute).order_by(Dispute.id)):
        disputes.setdefault(dispute.payment_id, []).append(dispute)
    for payment in held.stream():
        taken = refunds.get(payment.id, ()), disputes.get(payment.id, ())
        yield payment, standing.facts_of(payment, *taken)


def _booked_per_payment() -> dict[int, Counter[tuple[str, str]]]:
    rows = session.execute(
        select(Entry.source_id, Line.account, Line.currency, func.sum(Line.minor))
        .join(Line, Line.entry_id == Entry.id)
        .where(Entry.source_kind == "payment")
        .group_by(Entry.source_id, Line.account, Line.currency)
    )
    found: dict[int, Counter[tuple[str, str]]] = {}
    for row, account, currency, minor in rows:
        found.setdefault(row, Counter())[account, currency] = int(minor)
    return found


@check("raised is the worth of what came less what was taken back")
def _totals() -> Iterator[str]:
    known = {
        (row.project_id, row.currency): [row.raised_minor, row.awaiting_minor, row.supporters]
        for row in session.scalars(select(Totals))
    }
    for key, figures in recomputed().items():
        have = known.pop(key, [0, 0, 0])
        if have != figures:
            yield f"project {key[0]} in {key[1]}: totals {have}, recomputed {figures}"
    for key, have in known.items():
        if any(have):
            yield f"project {key[0]} in {key[1]}: totals {have}, recomputed [0, 0, 0]"


def recomputed() -> dict[tuple[int, str], list[int]]:
    """Return raised, awaiting and supporters per (project, currency), from the payments alone."""
    found: dict[tuple[int, str], list[int]] = {}
    supporters: set[int] = set()
    for payment, facts in _known():
        project, left = payment.project, _left(payment, facts)
        if payment.worth_currency and payment.state in MONEY_CAME:
            found.setdefault((project.id, payment.worth_currency), [0, 0, 0])[0] += left
        if payment.state in {"started", "processing"} and payment.awaiting_currency:
            key = (project.id, payment.awaiting_currency)
            found.setdefault(key, [0, 0, 0])[1] += payment.awaiting_minor
        if left > 0 and payment.pledge_id not in supporters:
            supporters.add(payment.pledge_id)
            found.setdefault((project.id, project.currency), [0, 0, 0])[2] += 1
    return found


def _left(payment: HeldPayment, facts: Facts) -> int:
    if payment.worth_minor is None or payment.state not in MONEY_CAME:
        return 0
    return standing.left_of(payment.worth_minor, facts)


@check("states are those of the tables and follow from the payments")
def _states() -> Iterator[str]:
    for payment_id, state in session.execute(select(Payment.id, Payment.state)):
        if state not in PAYMENT.moves:
            yield f"payment {payment_id} is {state}"
    states: dict[int, list[str]] = {}
    for pledge_id, state in session.execute(select(Payment.pledge_id, Payment.state)):
        states.setdefault(pledge_id, []).append(state)
    for pledge_id, state in session.execute(select(Pledge.id, Pledge.state)):
        if state not in PLEDGE.moves:
            yield f"pledge {pledge_id} is {state}"
        wanted = pledge_state(states.get(pledge_id, []), state)
        if wanted != state:
            yield f"pledge {pledge_id} is {state}, its payments say {wanted}"


@check("refunds never exceed what was paid")
def _refunds() -> Iterator[str]:
    live = ("ordered", "pending", "succeeded")
    rows = session.execute(
        select(Payment.id, Payment.gift_minor + Payment.cover_minor, func.sum(Refund.minor))
        .join(Refund, Refund.payment_id == Payment.id)
        .where(Refund.state.in_(live))
        .group_by(Payment.id, Payment.gift_minor, Payment.cover_minor)
        .having(func.sum(Refund.minor) > Payment.gift_minor + Payment.cover_minor)
    )
    for payment, paid, back in rows:
        yield f"payment {payment}: {back} refunded of {paid}"


@check("no project is below zero")
def _not_negative() -> Iterator[str]:
    rows = session.execute(
        select(Line.account, Line.currency, func.sum(Line.minor))
        .where(Line.account.startswith("project:"))
        .group_by(Line.account, Line.currency)
        .having(func.sum(Line.minor) > 0)
    )
    for account, currency, minor in rows:
        yield f"{account} is {-minor} {currency}"


@check("every message has one fate")
def _fates() -> Iterator[str]:
    for row, state, reason in session.execute(
        select(Inbox.id, Inbox.state, Inbox.reason).where(Inbox.state.not_in(STATES))
    ):
        yield f"message {row} is {state} ({reason})"
    for row, state in session.execute(
        select(Inbox.id, Inbox.state).where(
            Inbox.state.in_(["parked", "waiting"]), Inbox.reason.is_(None)
        )
    ):
        yield f"message {row} is {state} without a reason"


@check("one letter per fact")
def _letters() -> Iterator[str]:
    rows = session.execute(
        select(Letter.fact, Letter.recipient, func.count())
        .group_by(Letter.fact, Letter.recipient, Letter.kind)
        .having(func.count() > 1)
    )
    for fact, _recipient, count in rows:
        yield f"{count} letters to one person about {fact}"


@check("searches find every listed project")
def _findable() -> Iterator[str]:
    for slug in search.missing():
        yield f"project {slug} is not filed under its words"


@check("receipts are numbered without gaps")
def _numbers() -> Iterator[str]:
    rows = session.execute(
        select(
            Receipt.series,
            Receipt.year,
            func.count(),
            func.min(Receipt.serial),
            func.max(Receipt.serial),
        ).group_by(Receipt.series, Receipt.year)
    )
    given = {(series, year): (count, least, most) for series, year, count, least, most in rows}
    for row in session.scalars(select(Series)):
        count, least, most = given.pop((row.series, row.year), (0, 1, 0))
        if (count, least, most) != (row.last, 1, row.last):
            yield (
                f"series {row.series} of {row.year}: {count} receipts from {least} to {most}, "
                f"{row.last} numbers given out"
            )
    for series, year in given:
        yield f"series {series} of {year} is counted nowhere"


@check("a cancelled receipt has its cancelling one, a valid one names money that is there")
def _receipts() -> Iterator[str]:
    taken = select(Receipt.cancels_id).where(Receipt.cancels_id.is_not(None))
    for number, cancelled, is_taken in session.execute(
        select(Receipt.number, Receipt.cancelled_at, Receipt.id.in_(taken)).where(
            Receipt.kind != "cancelling"
        )
    ):
        if (cancelled is not None) != bool(is_taken):
            yield f"receipt {number} is cancelled by one of both only: its mark, or a receipt"
    rows = session.execute(
        select(Receipt.number, Payment.id, Payment.state)
        .join(Payment, Payment.id == Receipt.payment_id)
        .where(Receipt.kind == "legal", Receipt.cancelled_at.is_(None))
        .where(Payment.state.not_in(MONEY_CAME))
    )
    for number, payment, state in rows:
        yield f"receipt {number} is of payment {payment}, which is {state}"


def fix_search() -> int:
    """File all public projects under their words anew; return how many."""
    with db.transaction():
        return search.index_all(db.connection(), lists.themes(all_of_them=True, now=True))


def fix_totals() -> int:
    """Write the recomputed totals over the kept ones; return how many rows were off."""
    with db.transaction():
        # All totals rows first: no payment may settle between the sum and the write.
        rows = {
            (row.project_id, row.currency): row
            for row in session.scalars(select(Totals).with_for_update())
        }
        wrong = 0
        for key, figures in {**dict.fromkeys(rows, [0, 0, 0]), **recomputed()}.items():
            row = rows.get(key) or Totals(project_id=key[0], currency=key[1])
            if [row.raised_minor, row.awaiting_minor, row.supporters] != figures:
                row.raised_minor, row.awaiting_minor, row.supporters = figures
                session.add(row)
                wrong += 1
    return wrong
