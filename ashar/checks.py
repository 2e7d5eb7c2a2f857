"""`ashar check`: the invariants of the book, each a named check that names every difference."""

from collections import Counter
from collections.abc import Callable, Iterator

from sqlalchemy import Select, func, literal, or_, select, text

from ashar.kernel import db
from ashar.kernel.db import session
from ashar.ledger import queries as book
from ashar.ledger import triggers
from ashar.ledger.models import Entry, Line
from ashar.mail import Letter
from ashar.pledges import auditing, hand_ins, held, needs, slips, standing
from ashar.pledges.held import HeldPayment
from ashar.pledges.models import (
    Campaign,
    Collector,
    Disposition,
    Dispute,
    GroupTotal,
    HandIn,
    Inbox,
    Offer,
    Payment,
    Pledge,
    Receipt,
    Refund,
    Remittance,
    Series,
    Slip,
    SlipBook,
    Subscription,
)
from ashar.pledges.models.inbox import STATES
from ashar.pledges.position import PAYABLE, Facts, position
from ashar.pledges.states import (
    HAND_IN,
    LIVE,
    MONEY_CAME,
    OFFER,
    OFFERED,
    PAYMENT,
    PLEDGE,
    REFUND,
    REMITTANCE,
    SLIP,
    SUBSCRIPTION,
    pledge_state,
)
from ashar.progress.models import Message
from ashar.projects import lists, search
from ashar.projects.models import Need, Project, Totals

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
    booked = _booked("payment")
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


def _booked(kind: str) -> dict[int, Counter[tuple[str, str]]]:
    """Return what is booked for each row of a kind."""
    rows = session.execute(
        select(Entry.source_id, Line.account, Line.currency, func.sum(Line.minor))
        .join(Line, Line.entry_id == Entry.id)
        .where(Entry.source_kind == kind)
        .group_by(Entry.source_id, Line.account, Line.currency)
    )
    found: dict[int, Counter[tuple[str, str]]] = {}
    for row, account, currency, minor in rows:
        found.setdefault(row, Counter())[account, currency] = int(minor)
    return found


@check("raised is the worth of what came less what was taken back, and what sponsors added")
def _totals() -> Iterator[str]:
    known = {
        (row.project_id, row.currency): _figures(row) for row in session.scalars(select(Totals))
    }
    for key, figures in recomputed().items():
        have = known.pop(key, NOTHING)
        if have != figures:
            yield f"project {key[0]} in {key[1]}: totals {have}, recomputed {figures}"
    for key, have in known.items():
        if any(have):
            yield f"project {key[0]} in {key[1]}: totals {have}, recomputed {NOTHING}"


#: No money raised, none of it matched, none awaited, and no supporter.
NOTHING = [0, 0, 0, 0]


def _figures(row: Totals) -> list[int]:
    return [row.raised_minor, row.matched_minor, row.awaiting_minor, row.supporters]


def recomputed() -> dict[tuple[int, str], list[int]]:
    """Return the figures of totals per (project, currency), from payments and matches alone."""
    found = {key: [minor, minor, 0, 0] for key, minor in auditing.matched().items()}
    supporters: set[int] = set()
    for payment, facts in _known():
        project, left = payment.project, _left(payment, facts)
        if payment.worth_currency and payment.state in MONEY_CAME:
            found.setdefault((project.id, payment.worth_currency), [*NOTHING])[0] += left
        if payment.state in {"started", "processing"} and payment.awaiting_currency:
            key = (project.id, payment.awaiting_currency)
            found.setdefault(key, [*NOTHING])[2] += payment.awaiting_minor
        if left > 0 and payment.pledge_id not in supporters:
            supporters.add(payment.pledge_id)
            found.setdefault((project.id, project.currency), [*NOTHING])[3] += 1
    return found


def _left(payment: HeldPayment, facts: Facts) -> int:
    if payment.worth_minor is None or payment.state not in MONEY_CAME:
        return 0
    return standing.left_of(payment.worth_minor, facts)


@check("the book holds what is known of each match")
def _matches() -> Iterator[str]:
    payments = {payment.id: (payment, facts) for payment, facts in _known() if payment.pool_id}
    yield from auditing.matches(payments, _booked("match"))


@check("no pool gives more than it has")
def _pools() -> Iterator[str]:
    yield from auditing.pools()


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


@check("monthly gifts agree with their pledges")
def _monthly() -> Iterator[str]:
    rows = session.execute(
        select(Subscription, Pledge.frequency, Pledge.currency).join(
            Pledge, Pledge.id == Subscription.pledge_id
        )
    )
    for found, frequency, currency in rows:
        if found.state not in SUBSCRIPTION.moves:
            yield f"monthly gift {found.id} is {found.state}"
        if (found.state == "ended") != (found.ended_at is not None):
            yield f"monthly gift {found.id} is {found.state}, ended at {found.ended_at}"
        if (frequency, currency) != ("monthly", found.currency):
            yield f"monthly gift {found.id} in {found.currency}: its pledge is {frequency}"
    strays = select(Payment.id).join(Payment.pledge)
    strays = strays.where(Payment.invoice_id.is_not(None), Pledge.frequency != "monthly")
    for payment in session.scalars(strays):
        yield f"payment {payment} has an invoice, its pledge is for once"


@check("refunds never exceed what was paid")
def _refunds() -> Iterator[str]:
    # What a bank takes back is no order of ours.
    ours = Refund.way != "recall"
    rows = session.execute(
        select(Payment.id, Payment.gift_minor + Payment.cover_minor, func.sum(Refund.minor))
        .join(Refund, Refund.payment_id == Payment.id)
        .where(Refund.state.in_(LIVE), ours)
        .group_by(Payment.id, Payment.gift_minor, Payment.cover_minor)
        .having(func.sum(Refund.minor) > Payment.gift_minor + Payment.cover_minor)
    )
    for payment, paid, back in rows:
        yield f"payment {payment}: {back} refunded of {paid}"


@check("refunds of our own are where their states say")
def _own_refunds() -> Iterator[str]:
    rows = session.scalars(select(Refund).where(Refund.way != "provider").order_by(Refund.id))
    for row in rows:
        if row.state not in REFUND.moves:
            yield f"refund {row.id} is {row.state}"
        if (row.paid_minor is not None) != (row.state == "succeeded" and row.way != "mistake"):
            yield f"refund {row.id} is {row.state}, debited is {row.paid}"
        if row.way == "bank" and row.state in {"ready", "in_file", "succeeded"}:
            known = row.iban is not None and row.iban == row.payment.sender_iban
            if not known and (row.confirmed_at is None or row.approved_by is None):
                yield f"refund {row.id} goes to an account that two people have not seen"
        if row.approved_by is not None and row.approved_by in {row.actor_id, row.given_by}:
            yield f"refund {row.id} was approved by who ordered it"


@check("what a bank has still to carry out is in refunds-payable")
def _payable() -> Iterator[str]:
    """Hold the account against the refunds, payment by payment, as each position has it."""
    owed: Counter[str] = Counter()
    for payment, facts in _known():
        if payment.state in MONEY_CAME:
            for (role, currency), minor in position(facts).items():
                owed[currency] += minor if role == PAYABLE else 0
    held_there = {currency: minor for (_, currency), minor in book.balances(PAYABLE).items()}
    for currency in sorted({*owed, *held_there}):
        if owed[currency] != held_there.get(currency, 0):
            have = held_there.get(currency, 0)
            yield f"{PAYABLE} holds {have} {currency}, known is {owed[currency]}"


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


@check("cash is where its slips say")
def _cash() -> Iterator[str]:
    """Hold slips and hand-ins against the book, and what collectors hold against their slips."""
    booked, held_by = _booked("slip"), Counter[tuple[str, str]]()
    for slip, collector in session.execute(select(Slip, Collector).join(Slip.collector)):
        target = Counter(slips.sides(slip, collector))
        yield from _differences("slip", slip.id, target, booked.pop(slip.id, Counter()))
        held_by.update(target)
    handed = _booked(hand_ins.OWNER)
    for hand_in in session.scalars(select(HandIn)):
        target, have = Counter(hand_ins.sides(hand_in)), handed.pop(hand_in.id, Counter())
        yield from _differences("hand-in", hand_in.id, target, have)
    rows = session.execute(
        select(Line.account, Line.currency, func.sum(Line.minor))
        .where(Line.account.startswith("cash:") | (Line.account == slips.AWAITING))
        .group_by(Line.account, Line.currency)
    )
    for row in (*booked, *handed):
        yield f"entries for slip or hand-in {row}, which does not exist"
    for account, currency, minor in rows:
        if int(minor or 0) != held_by[account, currency]:
            told = held_by[account, currency]
            yield f"{account} holds {minor} {currency}, its slips say {told}"


def _differences(
    kind: str, row: int, target: Counter[tuple[str, str]], have: Counter[tuple[str, str]]
) -> Iterator[str]:
    for key in sorted({*target, *have}):
        if target[key] != have[key]:
            yield f"{kind} {row}: {key} holds {have[key]}, known is {target[key]}"


@check("a slip's gift has come exactly when it was counted, by somebody else")
def _counted() -> Iterator[str]:
    rows = session.execute(select(Slip, Payment).join(Slip.payment))
    for slip, payment in rows:
        came = payment.state in MONEY_CAME
        if came != (slip.state == "counted"):
            yield f"slip {slip.number} is {slip.state}, its payment {payment.state}"
        elif came and (payment.gift_minor, payment.charge_id) != (
            slip.minor,
            slips.line(slip.number),
        ):
            yield f"slip {slip.number} says {slip.minor}, its payment {payment.gift_minor}"
    own = select(HandIn.id).join(HandIn.collector)
    for row in session.scalars(own.where(HandIn.decided_by == Collector.person_id)):
        yield f"hand-in {row} was counted by who collected it"
    sums = (
        select(HandIn.id, HandIn.slips_minor, func.sum(Slip.minor))
        .join(HandIn.slips)
        .group_by(HandIn.id, HandIn.slips_minor)
        .having(func.sum(Slip.minor) != HandIn.slips_minor)
    )
    for row, told, minor in session.execute(sums):
        yield f"hand-in {row} is of {told}, its slips say {minor}"


@check("slips are of their collectors' books, cash and remittances in states of their tables")
def _by_hand() -> Iterator[str]:
    for model, machine in ((Slip, SLIP), (HandIn, HAND_IN), (Remittance, REMITTANCE)):
        rows = session.execute(select(model.id, model.state))
        for row, state in rows:
            if state not in machine.moves:
                yield f"{machine.kind} {row} is {state}"
    strays = (
        select(Slip.number)
        .join(SlipBook, SlipBook.id == Slip.book_id)
        .where(SlipBook.collector_id != Slip.collector_id)
    )
    for number in session.scalars(strays):
        yield f"slip {number} is of another collector's book"
    lost = select(Remittance.id).where(
        Remittance.state == "confirmed", Remittance.local.is_(False), Remittance.pledge_id.is_(None)
    )
    for row in session.scalars(lost):
        yield f"remittance {row} is confirmed and no pledge's"


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


@check("money that a project cannot use goes one way")
def _dispositions() -> Iterator[str]:
    """Say what a decision that is carried out has left, and which gifts of a campaign have none."""
    about = select(Disposition, Payment, Project.slug).join(Disposition.payment)
    done = about.outerjoin(Project, Project.id == Disposition.project_id).where(
        Disposition.state == "done"
    )
    for row, payment, slug in session.execute(done.execution_options(yield_per=500)):
        place = "general" if row.choice == "general" else f"project:{slug}"
        if row.choice != "refund" and payment.account != place:
            yield f"disposition {row.id} is done, its payment stands in {payment.account}"
    for row in session.scalars(select(Disposition).where(Disposition.state == "decided")):
        if row.choice is None or (row.choice == "project") != (row.project_id is not None):
            yield f"disposition {row.id} is decided for {row.choice} {row.project_id}"
    left = (
        select(Payment.id, Project.slug)
        .join(Payment.pledge)
        .join(Project, Project.id == Pledge.project_id)
        .join(Campaign, Campaign.project_id == Project.id)
        .outerjoin(Disposition, Disposition.payment_id == Payment.id)
        .where(Campaign.state == "done", Payment.state == "settled", Disposition.id.is_(None))
        .where(Payment.account == literal("project:") + Project.slug)
    )
    for payment_id, slug in session.execute(left):
        yield f"payment {payment_id} is still with {slug}, whose campaign is done"


@check("a payment's account is its pledge's project's, or nobody's")
def _accounts() -> Iterator[str]:
    rows = session.execute(
        select(Payment.id, Payment.account, Project.slug)
        .join(Payment.pledge)
        .join(Project, Project.id == Pledge.project_id)
        .where(Payment.account.startswith("project:"))
        .where(Payment.account != literal("project:") + Project.slug)
    )
    for payment, account, slug in rows:
        yield f"payment {payment} stands in {account}, its pledge is of {slug}"


@check("searches find every listed project")
def _findable() -> Iterator[str]:
    for slug in search.missing():
        yield f"project {slug} is not filed under its words"


@check("offers are of one pledge each, and needs hold what they add up to")
def _offers() -> Iterator[str]:
    rows = session.execute(
        select(Pledge.id, Pledge.kind, Pledge.state, Offer.state)
        .outerjoin(Offer, Offer.pledge_id == Pledge.id)
        .where(or_(Pledge.kind != "money", Offer.id.is_not(None)))
    )
    for pledge, kind, state, offer in rows:
        if kind not in OFFERED or offer is None:
            yield f"pledge {pledge} of {kind} has {'no' if offer is None else 'an'} offer"
        elif offer not in OFFER.moves:
            yield f"the offer of pledge {pledge} is {offer}"
        elif (state == "cancelled") != (offer in {"declined", "withdrawn"}):
            yield f"pledge {pledge} is {state}, its offer is {offer}"
    paid = select(Payment.id).join(Payment.pledge).where(Pledge.kind != "money")
    for payment in session.scalars(paid):
        yield f"payment {payment} is of an offer"
    summed = needs.recomputed()
    for need in session.scalars(select(Need)):
        have, sums = needs.kept(need), summed.get(need.id, needs.Counts())
        if have != sums:
            yield f"need {need.id} holds {tuple(have)}, its offers add up to {tuple(sums)}"


def fix_needs() -> int:
    """Write over what needs hold what their offers add up to; return how many were off."""
    with db.transaction():
        rows = session.scalars(select(Need).order_by(Need.id).with_for_update(of=Need)).all()
        summed, wrong = needs.recomputed(), 0
        for need in rows:
            sums = summed.get(need.id, needs.Counts())
            if needs.kept(need) != sums:
                need.offered, need.accepted, need.delivered, need.confirmed = sums
                need.moves += 1
                wrong += 1
    return wrong


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


@check("groups hold what their gifts add up to")
def _groups() -> Iterator[str]:
    known = {
        (row.group_id, row.project_id, row.currency, row.hidden): [row.raised_minor, row.gifts]
        for row in session.scalars(select(GroupTotal))
    }
    wanted: dict[tuple[int, int, str, bool], list[int]] = {}
    for payment, facts in _known():
        pledge, project = payment.pledge, payment.project
        if pledge.group_id is None or payment.state not in MONEY_CAME:
            continue
        where = pledge.group_id, project.id
        hidden = pledge.visibility == "hidden"
        if payment.worth_currency:
            key = (*where, payment.worth_currency, hidden)
            wanted.setdefault(key, [0, 0])[0] += _left(payment, facts)
    for group, project_id, currency, seen, gifts in session.execute(_gifts_of_groups()):
        key = (int(group or 0), project_id, currency, bool(seen))
        wanted.setdefault(key, [0, 0])[1] += gifts
    for key in sorted({*known, *wanted}):
        if known.get(key, [0, 0]) != wanted.get(key, [0, 0]):
            group, project_id, currency, hidden = key
            yield (
                f"group {group}, project {project_id}, {currency}{', hidden' if hidden else ''}: "
                f"kept {known.get(key, [0, 0])}, recomputed {wanted.get(key, [0, 0])}"
            )


def _gifts_of_groups() -> Select[int | None, int, str, bool, int]:
    hidden = Pledge.visibility == "hidden"
    return (
        select(Pledge.group_id, Project.id, Project.currency, hidden, func.count())
        .join(Project, Project.id == Pledge.project_id)
        .where(Pledge.group_id.is_not(None), Pledge.counted.is_(True))
        .group_by(Pledge.group_id, Project.id, Project.currency, hidden)
    )


@check("nothing names a donor who was erased")
def _erased() -> Iterator[str]:
    erased = select(Pledge).where(Pledge.erased_at.is_not(None))
    for pledge in session.scalars(erased):
        for name in NAMING:
            if getattr(pledge, name):
                yield f"pledge {pledge.id} was erased and still has its {name}"
        if pledge.visibility != "hidden":
            yield f"pledge {pledge.id} was erased and is {pledge.visibility}"
    rows = select(Pledge.id).where(Pledge.erased_at.is_not(None))
    for receipt in session.scalars(select(Receipt).where(Receipt.pledge_id.in_(rows))):
        if receipt.donor or any(receipt.facts["donor"].values()):
            yield f"receipt {receipt.number} names a donor who was erased"
    for row in session.scalars(select(Message.pledge_id).where(Message.pledge_id.in_(rows))):
        yield f"pledge {row} was erased and has a message"
    sent = select(Letter.id).where(Letter.pledge_id.in_(rows), Letter.next_at.is_(None))
    for row in session.scalars(sent):
        yield f"letter {row} was to a donor who was erased"


#: What a pledge holds of its donor.
NAMING = (
    *("name", "email", "phone", "message", "in_honour_of", "honour_email", "group_name"),
    *("group_id", "person_id", "receipt_address", "pays_from"),
)


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
        for key, figures in {**dict.fromkeys(rows, NOTHING), **recomputed()}.items():
            row = rows.get(key) or Totals(project_id=key[0], currency=key[1])
            if _figures(row) != figures:
                row.raised_minor, row.matched_minor = figures[:2]
                row.awaiting_minor, row.supporters = figures[2:]
                session.add(row)
                wrong += 1
    return wrong
