"""Everything that may happen to pledges, in any order, as a state machine of hypothesis.

Each step is one that a donor, a treasurer, a provider, a bank or time takes; after each of them
`ashar check` has nothing to say. Facts come in through the one door, as the gateways read them,
and any of them may come again at any time.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import timedelta
from typing import Any

from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ashar import checks
from ashar.gateways import bank, cash
from ashar.gateways.base import Movement, Notice
from ashar.kernel import clock as time
from ashar.kernel import db
from ashar.kernel.errors import Parked, Refused, Waits
from ashar.kernel.money import Money
from ashar.ledger import accounts
from ashar.moderation import tasks as moderation
from ashar.people import privacy
from ashar.people.privacy import Subject
from ashar.pledges import (
    campaigns,
    closing,
    dispositions,
    hand_ins,
    moves,
    offers,
    queries,
    refunds,
    services,
    settlement,
    slips,
    tasks,
    transfers,
)
from ashar.pledges.models import (
    Campaign,
    Disposition,
    Dispute,
    HandIn,
    Offer,
    Payment,
    Pledge,
    Refund,
    Slip,
    Subscription,
)
from ashar.pledges.slips import Given
from ashar.projects.models import Project
from ashar.projects.states import PROJECT
from tests.conftest import Clock
from tests.factories import (
    make_account,
    make_collector,
    make_monthly,
    make_offer,
    make_partner,
    make_person,
    make_pledge,
    make_pool,
    make_project,
    make_rates,
    make_transfer,
    notice,
    pledge_of,
)

#: Opens a site of its own, with its clock, for one run of steps.
Opens = Callable[[], AbstractContextManager[tuple[Flask, Clock]]]
#: Which of those that there are; the machine takes it modulo their number.
WHICH = st.integers(0, 10_000)
AMOUNTS = st.integers(1, 90_000)
#: What a threshold project needs at least: some reach it, some do not.
MINIMUM = 150_000
STEPS = ["accept", "decline", "withdraw", "deliver", "confirm"]
SAYS = ["paid", "processing", "declined", "failed", "expired"]
#: A step that the house refuses, puts off or parks is a step as well.
SAID_NO = (Refused, Parked, Waits)


def _ids(payment: Payment) -> dict[str, str]:
    """Return what the provider calls a payment, as far as it has told."""
    known = {"intent": payment.intent_id, "charge": payment.charge_id}
    return {name: value for name, value in known.items() if value}


class World(RuleBasedStateMachine):
    """Donors, banks, Stripe, treasurers and time, at one project."""

    opens: Opens
    #: What the last step left amiss.
    amiss: dict[str, list[str]]

    def __init__(self) -> None:
        super().__init__()
        self._opened = type(self).opens()
        self.site, self.clock = self._opened.__enter__()
        self._context = self.site.app_context()
        self._context.push()
        self.told: list[Notice] = []
        self.lines = 0

    @initialize()
    def begin(self) -> None:
        """Put in a project, rates and accounts."""
        make_rates()
        self.projects: list[int] = []
        self._begin_project()
        for currency in ("CHF", "EUR"):
            make_account(currency)
        for number, (kind, total) in enumerate((("paid_in", "300.00"), ("promised", "500.00"))):
            scopes = (("theme", "agriculture"),) if number else (("project", "dry-rice-0"),)
            make_pool(f"pool-{number}", total, kind=kind, scopes=scopes, cap="150.00")
        self.aibek, self.kassa = make_person("aibek"), make_person("kassa", "treasurer")
        self.collector = make_collector("batken-1", self.aibek, slips=200)
        make_partner("village", self.projects)
        self.slips = 0

    def _begin_project(self) -> None:
        """Begin another project; every second has to reach a minimum by its day."""
        number = len(self.projects)
        until = time.today() + timedelta(days=80) if number % 2 else None
        self.project = make_project(f"dry-rice-{number}", deadline=until)
        self.projects.append(self.project)
        if until is not None:
            with db.transaction() as session:
                found = session.get_one(Project, self.project)
                found.funding, found.minimum_minor = "threshold", MINIMUM

    def teardown(self) -> None:
        """Close the site."""
        self._context.pop()
        self._opened.__exit__(None, None, None)

    # What there is -------------------------------------------------------------------------

    def _rows(self, model: type[Any], *where: Any) -> list[Any]:
        db.session.rollback()
        return list(db.session.query(model).filter(*where).order_by(model.id).populate_existing())

    def _one(self, which: int, model: type[Any], *where: Any) -> Any:
        rows = self._rows(model, *where)
        return rows[which % len(rows)] if rows else None

    def _card(self, which: int) -> Payment | None:
        found: Payment | None = self._one(which, Payment, Payment.gateway == "stripe")
        return found

    @contextmanager
    def _may_refuse(self) -> Iterator[None]:
        with suppress(*SAID_NO), db.transaction():
            yield

    def _tell(self, told: Notice) -> None:
        """Let a fact come in; what it lacks today it may find when it comes again."""
        self.told.append(told)
        with self._may_refuse():
            settlement.receive(told)

    # Donors --------------------------------------------------------------------------------

    @rule(minor=AMOUNTS, currency=st.sampled_from(["CHF", "EUR", "KRW"]), cover=st.booleans())
    def pledges_by_card(self, minor: int, currency: str, cover: bool) -> None:
        """Pledge by card."""
        with suppress(*SAID_NO):
            make_pledge(
                self.project, Money(minor + 100, currency).decimal, currency, cover_fees=cover
            )

    @rule(minor=AMOUNTS, currency=st.sampled_from(["CHF", "EUR"]))
    def pledges_by_transfer(self, minor: int, currency: str) -> None:
        """Pledge by transfer."""
        with suppress(*SAID_NO):
            make_transfer(self.project, Money(minor, currency).decimal, currency)

    @rule(which=WHICH)
    def cancels(self, which: int) -> None:
        """Call a pledge off."""
        found = self._one(which, Pledge, Pledge.kind == "money")
        if found is not None:
            with self._may_refuse():
                services.cancel(found)

    @rule(which=WHICH)
    def tries_again(self, which: int) -> None:
        """Pay again what failed or ran out."""
        found = self._one(which, Pledge, Pledge.kind == "money")
        if found is None:
            return
        with self._may_refuse():
            payment = services.try_again(found)
            if payment.gateway == "stripe":
                payment.session_id = f"cs_{secrets.token_hex(6)}"

    # Monthly gifts -------------------------------------------------------------------------

    @rule(minor=AMOUNTS, cover=st.booleans())
    def gives_monthly(self, minor: int, cover: bool) -> None:
        """Begin a monthly gift, its first month paid."""
        with suppress(*SAID_NO):
            make_monthly(self.project, Money(minor + 100, "CHF").decimal, cover_fees=cover)

    @rule(which=WHICH, month=st.integers(0, 3), more=st.integers(-90, 900), paid=st.booleans())
    def a_month_is_charged(self, which: int, month: int, more: int, paid: bool) -> None:
        """Tell of a month's invoice, or again of the same, of what it asks for by now."""
        found: Subscription | None = self._one(which, Subscription)
        if found is None:
            return
        number = f"{found.id}_{month}"
        ids = {
            "subscription": found.gateway_id,
            "token": pledge_of(found.pledge_id).token,
            "invoice": f"in_m{number}",
            "intent": f"pi_in{number}",
            "charge": f"ch_in{number}",
        }
        money = Money(max(1, found.gift_minor + more), found.currency)
        kind = "paid" if paid else "declined"
        self._tell(
            Notice("stripe", f"{kind}-{number}-{more}", kind, time.now(), ids=ids, money=money)
        )

    @rule(which=WHICH, status=st.sampled_from(["active", "past_due", "paused", "ended"]))
    def a_monthly_gift_stands(self, which: int, status: str) -> None:
        """Tell how a monthly gift stands, of any amount, also of one that has ended."""
        found: Subscription | None = self._one(which, Subscription)
        if found is None:
            return
        ids = {"subscription": found.gateway_id, "token": pledge_of(found.pledge_id).token}
        more: dict[str, Any] = {
            "ids": ids,
            "status": status,
            "money": Money(found.gift_minor + which % 3, found.currency),
            "next_at": time.now() + timedelta(days=30),
        }
        self._tell(Notice("stripe", secrets.token_hex(6), "subscription", time.now(), **more))

    # The provider --------------------------------------------------------------------------

    @rule(which=WHICH, kind=st.sampled_from(SAYS))
    def provider_says(self, which: int, kind: str) -> None:
        """Tell of a card payment."""
        payment = self._card(which)
        if payment is not None and payment.session_id:
            self._tell(notice(payment, kind))

    @rule(which=WHICH, rate=st.integers(80, 120), fee=st.integers(0, 90))
    def provider_credits(self, which: int, rate: int, fee: int) -> None:
        """Tell of a charge's balance transaction, in francs whatever was charged."""
        payment = self._card(which)
        if payment is None or not payment.charge_id:
            return
        minor = payment.charged.minor
        if payment.currency != "CHF":
            minor = max(1, minor * rate // 100)
        movement = Movement(f"txn_{payment.id}", Money(minor, "CHF"), Money(fee, "CHF"))
        ids = {"source": str(payment.charge_id)}
        more: dict[str, Any] = {"ids": ids, "reference": None, "money": None}
        self._tell(notice(payment, "transaction", movements=(movement,), **more))

    @rule(which=WHICH)
    def a_fact_comes_again(self, which: int) -> None:
        """Let a fact come in once more, or for the first time to any effect."""
        if self.told:
            self._tell(self.told[which % len(self.told)])

    @rule(which=WHICH, part=st.integers(1, 100))
    def is_disputed(self, which: int, part: int) -> None:
        """Open a dispute of a payment, whole or in part."""
        payment = self._card(which)
        if payment is not None and payment.intent_id and not payment.disputes:
            minor = max(1, payment.charged.minor * part // 100)
            self._dispute(payment, f"dp_{payment.id}", Money(minor, payment.currency), "open")

    @rule(which=WHICH, won=st.booleans())
    def dispute_ends(self, which: int, won: bool) -> None:
        """End a dispute."""
        found: Dispute | None = self._one(which, Dispute)
        if found is not None:
            money, status = Money(found.minor, found.currency), ("lost", "won")[won]
            self._dispute(found.payment, found.gateway_id, money, status)

    def _dispute(self, payment: Payment, name: str, money: Money, status: str) -> None:
        out = Movement(f"{name}-out", Money(-money.minor, "CHF"), Money(15, "CHF"))
        back = Movement(f"{name}-back", Money(money.minor, "CHF"), Money(0, "CHF"))
        moved = (out, back) if status == "won" else (out,)
        ids = _ids(payment) | {"dispute": name}
        more: dict[str, Any] = {"ids": ids, "reference": None, "money": money, "status": status}
        self._tell(notice(payment, "disputed", movements=moved, **more))

    # The treasurer -------------------------------------------------------------------------

    @rule(which=WHICH, part=st.integers(1, 130))
    def treasurer_refunds(self, which: int, part: int) -> None:
        """Order a refund, at times of more than there is."""
        found: Payment | None = self._one(which, Payment)
        if found is not None:
            with self._may_refuse():
                payment = queries.lock_payment(found.id)
                money = Money(max(1, payment.charged.minor * part // 100), payment.currency)
                way = ("", "bank")[which % 2]
                services.order_refund(payment, money, reason="asked for", actor=1, way=way)

    @rule(which=WHICH, status=st.sampled_from(["pending", "succeeded", "failed"]))
    def provider_refunds(self, which: int, status: str) -> None:
        """Tell how a refund stands."""
        refund: Refund | None = self._one(which, Refund)
        if refund is None or refund.way != "provider":
            return
        payment = refund.payment
        ids = _ids(payment) | {
            "refund": refund.gateway_id or f"re_{refund.id}",
            "order": str(refund.id),
        }
        kind = "refund_failed" if status == "failed" else "refunded"
        more: dict[str, Any] = {"ids": ids, "reference": None, "money": refund.money}
        self._tell(notice(payment, kind, status=status, **more))

    @rule(which=WHICH, minor=AMOUNTS, currency=st.sampled_from(["CHF", "EUR"]))
    def a_transfer_comes(self, which: int, minor: int, currency: str) -> None:
        """Let a transfer of any amount come, whatever was pledged."""
        found = self._one(which, Pledge, Pledge.reference.is_not(None))
        if found is None:
            return
        self.lines += 1
        came = bank.fact(
            reference=found.reference,
            account=currency.lower(),
            money=Money(minor, currency),
            on=time.now(),
            line=f"line-{self.lines}",
        )
        for told in bank.BankGateway(60).read(came.body):
            self._tell(told)

    @rule(which=WHICH, answer=st.sampled_from(["iban", "yes", "no", "pay", "back", "off"]))
    def a_bank_refund_goes_on(self, which: int, answer: str) -> None:
        """Take any step of a refund that the association pays itself."""
        found: Refund | None = self._one(which, Refund, Refund.way != "provider")
        if found is None:
            return
        with self._may_refuse():
            if answer == "iban":
                refunds.give_account(found.id, "GB82WEST12345698765432", "Aida Osmonova")
            elif answer == "yes":
                refunds.approve(found.id, actor=2)
            elif answer == "no":
                refunds.decline(found.id, "who is it?", actor=2)
            elif answer == "pay":
                account = accounts.receiving("CHF")
                assert account is not None
                paid = found.money if found.currency == "CHF" else Money(found.minor, "CHF")
                refunds.pay(found.id, account, paid, time.now(), actor=3)
            elif answer == "back":
                refunds.send_back(found.id, time.now(), "no such account", actor=3)
            else:
                refunds.withdraw(found.id, "called off", actor=3)

    @rule(which=WHICH, part=st.integers(1, 130))
    def a_bank_calls_back(self, which: int, part: int) -> None:
        """Let a donor's bank call a transfer back, at times more than is left of it."""
        found: Payment | None = self._one(which, Payment, Payment.gateway == "bank")
        if found is not None:
            money = Money(max(1, found.charged.minor * part // 100), found.currency)
            proof = (b"%PDF-1.7 called", "called.pdf")
            with self._may_refuse():
                refunds.recall(found.id, money, time.now(), "called back", proof, actor=3)

    @rule(which=WHICH)
    def a_transfer_was_a_mistake(self, which: int) -> None:
        """Doubt a transfer that was entered."""
        found: Payment | None = self._one(which, Payment, Payment.held_in.is_not(None))
        if found is not None:
            with self._may_refuse():
                refunds.doubt(found.id, "another's", actor=1)

    # Cash ----------------------------------------------------------------------------------

    @rule(minor=st.integers(1, 60_000))
    def a_collector_writes_a_slip(self, minor: int) -> None:
        """Take cash from somebody who walks in."""
        self.slips += 1
        about = {"project": self.project, "name": "Айгүл", "phone": "+996700123456"}
        given = Given(cash.number_of(self.slips), Money(minor, "KGS"), time.today(), **about)
        with self._may_refuse():
            slips.write(self.collector, given, actor=self.aibek)

    @rule(which=WHICH, short=st.integers(-3, 3))
    def cash_is_handed_in(self, which: int, short: int) -> None:
        """Hand a slip in, with a little more or less than stands on it."""
        found: Slip | None = self._one(which, Slip, Slip.state == "written")
        if found is not None and found.minor:
            sum_ = Money(max(1, found.minor + short), "KGS")
            place, proof = "partner-held:village", (b"%PDF-1.7 signed", "signed.pdf")
            with self._may_refuse():
                hand_ins.declare(
                    self.collector, [found.number], place, sum_, proof, actor=self.aibek
                )

    @rule(which=WHICH, back=st.booleans())
    def cash_is_counted(self, which: int, back: bool) -> None:
        """Count what was handed in, or give it back."""
        found: HandIn | None = self._one(which, HandIn)
        if found is None:
            return
        with self._may_refuse():
            if back:
                hand_ins.give_back(found.token, "not signed", actor=self.kassa)
            else:
                counted = Money(found.declared_minor, "KGS")
                hand_ins.count(found.token, counted, "as counted", None, actor=self.kassa)

    @rule(which=WHICH)
    def a_slip_is_void(self, which: int) -> None:
        """Make a slip void that was a mistake."""
        found: Slip | None = self._one(which, Slip)
        if found is not None:
            with self._may_refuse():
                slips.take_back(found.number, "a mistake", actor=self.kassa)

    # Hands ---------------------------------------------------------------------------------

    @rule(quantity=st.integers(1, 20))
    def hands_are_offered(self, quantity: int) -> None:
        """Offer days of work."""
        with suppress(*SAID_NO):
            make_offer(self.project, quantity)

    @rule(which=WHICH, step=st.sampled_from(STEPS))
    def an_offer_goes_on(self, which: int, step: str) -> None:
        """Take any step of an offer."""
        found: Offer | None = self._one(which, Offer)
        if found is None:
            return
        with self._may_refuse():
            if step == "accept":
                offers.accept(found, max(1, found.offered // 2), day=time.today(), actor=None)
            elif step == "decline":
                offers.decline(found, reason="enough", actor=None)
            elif step == "withdraw":
                offers.withdraw(found, actor=None)
            elif step == "deliver":
                offers.deliver([(found, found.accepted // 2)], photo=None, actor=None)
            else:
                offers.confirm(found, max(1, found.delivered), role="giver", person=None)

    # Other places --------------------------------------------------------------------------

    @rule(which=WHICH)
    def a_pledge_moves(self, which: int) -> None:
        """Move a pledge to the project of now."""
        found: Pledge | None = self._one(which, Pledge, Pledge.kind == "money")
        if found is not None:
            to = db.session.get_one(Project, self.project)
            with self._may_refuse():
                moves.move_pledge(found, to, voucher="test")

    @rule(which=WHICH, choice=st.sampled_from(["refund", "general", "project"]))
    def somebody_decides_on_late_money(self, which: int, choice: str) -> None:
        """Decide what becomes of money that came too late."""
        campaigns.place_late()
        found: Disposition | None = self._one(which, Disposition)
        if found is not None:
            to = db.session.get_one(Project, self.project)
            with self._may_refuse():
                dispositions.decide(found.id, choice, to, why="chosen")

    # Donors' data --------------------------------------------------------------------------

    @precondition(lambda self: len(self.told) > 20)
    @rule(odds=st.integers(0, 9))
    def a_donor_is_erased(self, odds: int) -> None:
        """Erase all that donors said of themselves; money goes on coming."""
        if not odds:
            with self._may_refuse():
                privacy.erase(Subject(email="donor@example.org"))

    # Time ----------------------------------------------------------------------------------

    @rule(days=st.integers(1, 40))
    def days_pass(self, days: int) -> None:
        """Let time pass, and the jobs do what is due."""
        self.clock.forward(days=days)
        transfers.expire()
        transfers.remind()
        tasks.drop_unbegun()
        moderation.close_missed()
        campaigns.place_late()
        campaigns.follow()
        campaigns.carry_out()
        campaigns.convert()

    @rule(which=WHICH)
    def treasurer_begins_to_give_back(self, which: int) -> None:
        """Begin what a missed threshold means, whatever the provider's balance lacks."""
        found: Campaign | None = self._one(which, Campaign)
        if found is not None:
            with self._may_refuse():
                closing.start(closing.lock(found.id), why="begun", actor=self.kassa)

    @precondition(lambda self: self.clock.moved > timedelta(days=60 * len(self.projects)))
    @rule()
    def project_closes(self) -> None:
        """Close the project, and begin another."""
        with self._may_refuse():
            found = db.session.get_one(Project, self.project, populate_existing=True)
            if PROJECT.may(found.state, "closed"):
                PROJECT.move(found, "closed", why="enough")
        self._begin_project()

    # What must hold ------------------------------------------------------------------------

    @invariant()
    def nothing_is_amiss(self) -> None:
        """Ask `ashar check`."""
        found = {name: rows for name, rows in checks.run().items() if rows}
        type(self).amiss = found
        assert found == {}
