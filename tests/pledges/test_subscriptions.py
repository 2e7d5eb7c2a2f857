"""Monthly gifts over real HTTP: checkout, renewals, failures, changes, in any order and twice."""

import re
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ashar.gateways.base import Notice
from ashar.kernel import clock as now
from ashar.kernel import db
from ashar.kernel.errors import Parked, Refused, Waits
from ashar.kernel.money import Money
from ashar.people import privacy
from ashar.people.privacy import Subject
from ashar.pledges import monthly, queries, renewals, services, settlement, subscriptions, tasks
from ashar.pledges.models import Inbox, Payment, Pledge, Subscription
from ashar.projects import queries as projects
from ashar.projects.models import Project
from stripe_sandbox import Sandbox
from tests.conftest import WEBHOOK_SECRET, Clock
from tests.factories import make_account, make_project, make_rates, make_transfer
from tests.live import listening, pledge, read_form, session_of
from tests.mailbox import Mailbox
from tests.pledges.test_stream import balances, calm, only_pledge, raised


@pytest.fixture
def live(sandbox: Sandbox, site: Flask, client: FlaskClient, project: str) -> Iterator[Sandbox]:
    """Let the sandbox's webhooks reach the site; the donor reads English."""
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    with site.app_context():
        make_rates()
    with listening(site) as url:
        sandbox.add_endpoint(f"{url}/webhooks/stripe", WEBHOOK_SECRET)
        yield sandbox
        sandbox.stop()


def begin(live: Sandbox, site: Flask, client: FlaskClient, project: str, **more: str) -> str:
    """Begin a monthly gift of twenty francs by card; return Stripe's name for it."""
    given = {"amount": "20", "frequency": "monthly"} | more
    session = session_of(live, pledge(client, project, **given))
    done = live.pay(session)
    settled(live, site)
    return str(done["subscription"])


def settled(live: Sandbox, site: Flask) -> None:
    """Wait until all was told, and until what waited for another fact is taken in."""
    for _ in range(2):
        calm(live, site)
        with site.app_context():
            tasks.sweep(early=True)


def month(live: Sandbox, site: Flask, clock: Clock) -> None:
    """Let a month pass, for the provider and for us."""
    before = live.advance()
    clock.forward(seconds=live.advance(months=1) - before)
    settled(live, site)


def only() -> Subscription:
    return db.session.query(Subscription).populate_existing().one()


def states() -> list[str]:
    return [one.state for one in only_pledge().payments]


def subjects(mailbox: Mailbox) -> list[str]:
    return [letter.subject for letter in mailbox.letters]


def test_each_month_is_a_payment_of_its_own_and_the_donor_counts_once(
    live: Sandbox,
    site: Flask,
    client: FlaskClient,
    project: str,
    clock: Clock,
    mailbox: Mailbox,
) -> None:
    begin(live, site, client, project)
    with site.app_context():
        first = only()
        assert (first.state, first.gift) == ("active", Money(2000, "CHF"))
        assert first.card_until is not None and first.next_at is not None
        assert raised(project) == Money(2000, "CHF")
        next_at = first.next_at
        db.session.rollback()
    for _ in range(2):
        month(live, site, clock)
    with site.app_context():
        assert states() == ["settled"] * 3
        assert only_pledge().state == "paid"
        assert raised(project) == Money(6000, "CHF")
        payments = only_pledge().payments
        assert all(one.invoice_id and one.intent_id and one.charge_id for one in payments)
        assert len({one.invoice_id for one in payments}) == 3
        assert balances()["project:dry-rice", "CHF"] == -6000
        assert balances()["fees", "CHF"] == 3 * 88
        found = db.session.get_one(Project, payments[0].pledge.project_id)
        assert projects.sums(found).supporters == 1
        assert only().next_at > next_at + timedelta(days=50)  # type: ignore[operator]
    assert subjects(mailbox).count("Thank you: CHF 20.00 has arrived") == 3
    assert subjects(mailbox).count("Your monthly gift has begun: CHF 20.00") == 1
    assert all("/stop?key=" in letter.text for letter in mailbox.letters)


def test_a_failed_month_is_told_once_with_its_reason_and_mended_by_one_link(
    live: Sandbox,
    site: Flask,
    client: FlaskClient,
    project: str,
    clock: Clock,
    mailbox: Mailbox,
) -> None:
    subscription = begin(live, site, client, project)
    live.decline_renewals(subscription, "insufficient_funds")
    month(live, site, clock)
    live.advance(days=3)
    calm(live, site)
    with site.app_context():
        assert (only().state, only().trouble) == ("past_due", "insufficient_funds")
        assert states() == ["settled", "failed"]
        assert only_pledge().state == "paid"
        assert raised(project) == Money(2000, "CHF")
    [letter] = [one for one in mailbox.letters if "did not work" in one.subject]
    assert "too little money" in letter.text
    link = re.search(r"http://localhost(/pledges/\S+/mend\?\S+)", letter.text)
    assert link is not None
    lead = client.get(link[1])
    assert lead.status_code == 303 and "/invoice/" in lead.location
    live.pay_invoice(lead.location.rpartition("/")[2])
    calm(live, site)
    with site.app_context():
        assert (only().state, only().trouble, only().invoice_id) == ("active", None, None)
        assert states() == ["settled", "settled"]
        assert raised(project) == Money(4000, "CHF")
    # The link leads nowhere once nothing is open, and a guessed key never does.
    assert "/monthly" in client.get(link[1]).location
    assert "/monthly" in client.get(link[1].partition("?")[0] + "?key=guessed").location
    month(live, site, clock)
    with site.app_context():
        assert states() == ["settled"] * 3


def test_after_the_last_vain_try_it_ends_and_the_donor_is_told(
    live: Sandbox,
    site: Flask,
    client: FlaskClient,
    project: str,
    clock: Clock,
    mailbox: Mailbox,
) -> None:
    live.decline_renewals(begin(live, site, client, project), "expired_card")
    month(live, site, clock)
    month(live, site, clock)
    with site.app_context():
        assert (only().state, only().ended_by) == ("ended", "failed")
        assert states() == ["settled", "failed"]
    assert subjects(mailbox).count("Your monthly gift has ended") == 1


@pytest.mark.parametrize("order", ["reverse", "shuffle"])
def test_any_order_and_repetition_give_the_same_book(
    live: Sandbox, site: Flask, client: FlaskClient, project: str, clock: Clock, order: str
) -> None:
    live.hold_deliveries()
    session = session_of(live, pledge(client, project, amount="20", frequency="monthly"))
    live.faults.add(match="WEBHOOK *", kind="duplicate", times=None)
    live.pay(session)
    live.flush()
    live.advance(months=1)
    live.flush()
    clock.forward(days=31)
    live.release(order)
    # One that waits may be put off just when what it waits for comes: the sweep finds it.
    for _ in range(3):
        settled(live, site)
    with site.app_context():
        assert states() == ["settled", "settled"]
        assert only().state == "active"
        assert balances() == {
            ("fees", "CHF"): 176,
            ("project:dry-rice", "CHF"): -4000,
            ("provider:stripe", "CHF"): 3824,
        }
        assert {row.state for row in db.session.query(Inbox)} == {"done"}


def test_events_that_were_lost_are_found_by_the_jobs(
    live: Sandbox, site: Flask, client: FlaskClient, project: str, clock: Clock
) -> None:
    live.faults.add(match="WEBHOOK *", kind="drop", times=None)
    session = session_of(live, pledge(client, project, amount="20", frequency="monthly"))
    live.pay(session)
    live.flush()
    with site.app_context():
        tasks.poll(only_pledge().payments[0].id)
        tasks.sweep(early=True)
        assert (only().state, states()) == ("active", ["settled"])
        assert only_pledge().payments[0].intent_id is not None
    live.advance(months=1)
    clock.forward(days=32)
    live.flush()
    with site.app_context():
        before = only().next_at
        assert renewals.look() == 1
        assert before is not None and only().next_at != before
        assert tasks.catch_up(now.now() - timedelta(days=4)) > 0
        tasks.sweep(early=True)
        assert states() == ["settled", "settled"]


def test_a_refund_of_a_later_month_finds_its_payment(
    live: Sandbox, site: Flask, client: FlaskClient, project: str, clock: Clock
) -> None:
    begin(live, site, client, project)
    month(live, site, clock)
    with site.app_context():
        charge = only_pledge().payments[1].charge_id
        db.session.rollback()
    live.refund(str(charge), 500)
    calm(live, site)
    with site.app_context():
        tasks.sweep(early=True)
        assert states() == ["settled", "partly_refunded"]
        assert raised(project) == Money(3500, "CHF")


def test_the_donor_changes_pauses_resumes_and_stops(
    live: Sandbox,
    site: Flask,
    client: FlaskClient,
    project: str,
    clock: Clock,
    mailbox: Mailbox,
) -> None:
    begin(live, site, client, project, cover_fees="y")
    with site.app_context():
        token = only_pledge().token
        assert (only().gift_minor, only().cover_minor) == (2000, 91)
        db.session.rollback()
    here = f"/pledges/{token}/monthly"

    def do(step: str, **fields: str) -> str:
        form = read_form(client.get(here))
        answer = client.post(
            f"{here}/{step}", data=form.fields | fields, headers={"Origin": "http://localhost"}
        )
        calm(live, site)
        return f"{answer.status_code} {answer.text if answer.status_code == 422 else ''}"

    assert "422" in do("sum", amount="0.10")
    assert 'value="nonsense"' in do("sum", amount="nonsense")
    assert "303" in do("sum", amount="35")
    with site.app_context():
        assert only().gift == Money(3500, "CHF")
    month(live, site, clock)
    with site.app_context():
        last = only_pledge().payments[-1]
        assert (last.gift_minor, last.state) == (3500, "settled")
        assert last.cover_minor == only().cover_minor > 0
        db.session.rollback()
    # Half an hour is over: the browser alone no longer may, and a fresh link is sent.
    do("pause")
    link = re.search(r"http://localhost(/pledges/\S+/monthly\?\S+)", mailbox.letters[-1].text)
    assert link is not None
    with site.app_context():
        assert only().state == "active"
    fields = dict(read_form(client.get(link[1])).fields)
    for _ in range(2):
        client.post(f"{here}/pause", data=fields, headers={"Origin": "http://localhost"})
        calm(live, site)
    with site.app_context():
        assert (only().state, only().paused_by) == ("paused", "donor")
    month(live, site, clock)
    with site.app_context():
        assert len(states()) == 2
        monthly.resume(only().id)
        assert (only().state, only().paused_by) == ("active", None)
        monthly.stop(only().id, by="donor")
        monthly.stop(only().id, by="donor")
        assert (only().state, only().ended_by) == ("ended", "donor")
        with pytest.raises(Refused):
            monthly.pause(only().id, by="donor")
    month(live, site, clock)
    with site.app_context():
        assert len(states()) == 2
    assert client.get(here).status_code == 200


def test_a_stop_link_of_any_letter_asks_first_and_then_stops(
    live: Sandbox, site: Flask, client: FlaskClient, project: str, mailbox: Mailbox
) -> None:
    begin(live, site, client, project)
    link = re.search(r"http://localhost(/pledges/\S+/stop\?\S+)", mailbox.letters[-1].text)
    assert link is not None
    stranger = site.test_client()
    page = stranger.get(link[1])
    with site.app_context():
        assert only().state == "active"
        token = only_pledge().token
        db.session.rollback()
    form = read_form(page)
    wrong = form.fields | {"key": "guessed"}
    stranger.post(form.action, data=wrong, headers={"Origin": "http://localhost"})
    with site.app_context():
        assert only().state == "active"
    stranger.post(form.action, data=form.fields, headers={"Origin": "http://localhost"})
    calm(live, site)
    with site.app_context():
        assert (only().state, only().ended_by) == ("ended", "donor")
    # The pledge's own link shows how it stands, and no name or address.
    text = stranger.get(f"/pledges/{token}/monthly?lang=en").text
    assert "donor@example.org" not in text and "It ended on" in text


def test_debits_are_announced_three_days_before_and_count_when_they_came(
    live: Sandbox,
    site: Flask,
    client: FlaskClient,
    project: str,
    clock: Clock,
    mailbox: Mailbox,
) -> None:
    given = {"method": "sepa", "currency": "EUR", "country": "DE"}
    live.set_rate("EUR", "CHF", "0.94")
    session = session_of(live, pledge(client, project, amount="20", frequency="monthly", **given))
    live.pay(session, "sepa_debit", "pending")
    calm(live, site)
    with site.app_context():
        assert (only_pledge().state, only().state) == ("processing", "active")
        assert raised(project) == Money(0, "CHF")
    live.settle_async(session)
    calm(live, site)
    with site.app_context():
        assert states() == ["settled"]
        assert renewals.warn() == 0
        assert only().next_at is not None
        wait = only().next_at - now.now() - timedelta(days=2)
    clock.forward(seconds=wait.total_seconds())
    with site.app_context():
        assert (renewals.warn(), renewals.warn()) == (1, 0)
    calm(live, site)
    assert [one for one in subjects(mailbox) if "debit" in one] != []


def test_a_card_that_runs_out_before_its_charge_is_told_of_once(
    live: Sandbox,
    site: Flask,
    client: FlaskClient,
    project: str,
    clock: Clock,
    mailbox: Mailbox,
) -> None:
    subscription = begin(live, site, client, project)
    with site.app_context():
        today = now.today()
        live.set_expiry(subscription, today.year, today.month)
        monthly.look(only().id)
        wait = only().next_at - now.now() - timedelta(days=3)  # type: ignore[operator]
    clock.forward(seconds=wait.total_seconds())
    with site.app_context():
        assert (renewals.warn(), renewals.warn()) == (1, 0)
    calm(live, site)
    assert subjects(mailbox).count("The card of your monthly gift runs out") == 1


def test_a_project_that_is_suspended_pauses_and_one_that_is_cancelled_stops(
    live: Sandbox, site: Flask, client: FlaskClient, project: str
) -> None:
    begin(live, site, client, project)
    with site.app_context():
        _move(project, "suspended")
        assert renewals.follow()["paused"] == 1
        assert (only().state, only().paused_by) == ("paused", "project")
        assert only().asked_at is None
        with pytest.raises(Refused, match="does not take gifts"):
            monthly.resume(only().id)
        _move(project, "published")
        assert renewals.follow()["resumed"] == 1
        assert only().state == "active"
        _move(project, "cancelled")
        assert renewals.follow()["stopped"] == 1
        assert (only().state, only().ended_by) == ("ended", "project")
        assert sum(renewals.follow().values()) == 0


def test_it_stops_when_its_donor_had_their_data_erased(
    live: Sandbox, site: Flask, client: FlaskClient, project: str, mailbox: Mailbox
) -> None:
    begin(live, site, client, project)
    with site.app_context():
        mailbox.letters.clear()
        with db.transaction():
            privacy.erase(Subject(email=only_pledge().email))
        assert (only().state, only().ended_by) == ("ended", "donor")
        assert renewals.follow()["erased"] == 0
        assert mailbox.letters == []


def test_at_a_project_s_end_the_donor_is_asked_and_silence_stops(
    live: Sandbox,
    site: Flask,
    client: FlaskClient,
    project: str,
    clock: Clock,
    mailbox: Mailbox,
) -> None:
    begin(live, site, client, project)
    with site.app_context():
        _end_on(project, 20)
        assert sum(renewals.follow().values()) == 0
        _end_on(project, 13)
        assert renewals.follow()["asked"] == 1
        _end_on(project, 40)
        assert renewals.follow()["left alone"] == 1
        _end_on(project, 13)
        assert renewals.follow() == _did(asked=1)
        assert only().state == "active"
    clock.forward(days=14, minutes=5)
    with site.app_context():
        found = renewals.follow()
        assert (found["stopped"], only().state, only().ended_by) == (1, "ended", "project")
    calm(live, site)
    assert "What should become of your monthly gift?" in subjects(mailbox)
    assert subjects(mailbox)[-1] == "Your monthly gift has ended"


def _did(**found: int) -> dict[str, int]:
    return (
        dict.fromkeys(("erased", "stopped", "paused", "resumed", "asked", "left alone"), 0) | found
    )


def _move(slug: str, state: str) -> None:
    with db.transaction() as session:
        session.query(Project).filter_by(slug=slug).one().state = state


def _end_on(slug: str, days: int) -> None:
    with db.transaction() as session:
        found = session.query(Project).filter_by(slug=slug).one()
        found.deadline = now.today() + timedelta(days=days)


# The form ------------------------------------------------------------------------------------


def test_a_threshold_project_and_ways_that_work_once_take_no_monthly_gift(
    site: Flask, client: FlaskClient
) -> None:
    with site.app_context():
        make_project("all-or-nothing")
        make_project()
        with db.transaction() as session:
            found = session.query(Project).filter_by(slug="all-or-nothing").one()
            found.funding, found.minimum_minor = "threshold", found.goal_minor
            found.deadline = now.today() + timedelta(days=30)
    assert "frequency" not in client.get("/projects/all-or-nothing/pledge?lang=en").text
    form = client.get("/projects/dry-rice/pledge?lang=en").text
    assert 'name="frequency"' in form and "next on" in form
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    answer = pledge(client, "all-or-nothing", frequency="monthly")
    assert answer.status_code == 422 and "takes no monthly gifts" in answer.text
    answer = pledge(client, "dry-rice", frequency="monthly", method="twint")
    assert answer.status_code == 422 and "works once" in answer.text
    assert pledge(client, "dry-rice", frequency="weekly").status_code == 422
    with site.app_context():
        found = db.session.query(Project).filter_by(slug="all-or-nothing").one()
        wish = services.Wish(
            "a", Money(2000, "CHF"), "card", "CH", "en", email="a@b.ch", frequency="monthly"
        )
        with pytest.raises(Refused), db.transaction():
            services.write(found, wish, "stripe")


def test_a_standing_order_is_expected_and_each_arrival_is_a_payment(
    site: Flask, client: FlaskClient, project: str
) -> None:
    with site.app_context():
        make_rates()
        make_account("CHF")
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        answer = pledge(client, project, method="bank", frequency="monthly", amount="30")
        made = only_pledge()
        assert (made.frequency, made.state) == ("monthly", "open")
        page = client.get(answer.location).text
        assert "standing order of CHF 30.00" in page.replace("\xa0", " ")
        for line in ("one", "two"):
            with db.transaction():
                settlement.receive(_transfer(made.reference, line))
        assert states() == ["settled", "settled"]
        assert raised(project) == Money(6000, "CHF")
        page = client.get(answer.location).text
        assert "we expect the next around" in page
        assert db.session.query(Subscription).count() == 0


def _transfer(reference: str | None, line: str) -> Notice:
    return Notice(
        "bank", line, "received", now.now(), reference=reference, ids={"charge": line},
        money=Money(3000, "CHF"), account="bank:chf",
    )  # fmt: skip


# The door ------------------------------------------------------------------------------------


def test_only_a_monthly_pledge_of_the_same_gateway_takes_invoices(
    site: Flask, project: str
) -> None:
    with site.app_context():
        make_account("CHF")
        row = db.session.query(Project).one().id
        once = make_transfer(row)
        with pytest.raises(Parked, match="no monthly gift"), db.transaction():
            settlement.receive(_invoice(once.token))
        with pytest.raises(Waits), db.transaction():
            settlement.receive(_invoice("nobody"))


def _invoice(token: str, invoice: str = "in_1", minor: int = 2000, **ids: str) -> Notice:
    return Notice(
        "stripe", f"evt-{invoice}", "paid", now.now(),
        ids={"invoice": invoice, "subscription": "sub_1", "token": token} | ids,
        money=Money(minor, "CHF"),
    )  # fmt: skip


def monthly_pledge(site: Flask) -> tuple[int, str]:
    """Write a monthly pledge through Stripe; return its row and its token."""
    wish = services.Wish(
        "attempt", Money(2000, "CHF"), "card", "CH", "en", email="a@b.ch", frequency="monthly"
    )
    with db.transaction() as session:
        made, _ = services.pledge(session.query(Project).one(), wish, "stripe")
        return made.id, made.token


def test_an_invoice_of_another_sum_is_parked_first_and_booked_as_it_came_later(
    site: Flask, project: str
) -> None:
    with site.app_context():
        make_rates()
        _, token = monthly_pledge(site)
        with pytest.raises(Parked, match="came where"), db.transaction():
            settlement.receive(_invoice(token, minor=100, attempt="1"))
        with db.transaction():
            settlement.receive(_invoice(token, attempt="1"))
            settlement.receive(_invoice(token, "in_2", 4500))
            settlement.receive(_invoice(token, "in_2", 4500))
        assert states() == ["settled", "settled"]
        assert raised(project) == Money(6500, "CHF")
        with pytest.raises(Parked, match="asked for a pledge in CHF"), db.transaction():
            told = _invoice(token, "in_3")
            settlement.receive(
                Notice("stripe", "x", "paid", told.at, ids=told.ids, money=Money(500, "EUR"))
            )
        with pytest.raises(Parked, match="was paid by"), db.transaction():
            settlement.receive(_invoice(token, "in_4", attempt="1"))


# SQLite has one writer: two at once are one after the other.
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_of_one_invoice_told_twice_at_once_one_payment_is_made(
    site: Flask, project: str, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the pledge's lock both would find none; then only the unique index holds."""
    with site.app_context():
        make_rates()
        row, token = monthly_pledge(site)
        with db.transaction():
            settlement.receive(_invoice(token, attempt="1"))
    if not guarded:
        monkeypatch.setattr(queries, "lock_pledge", lambda found: db.session.get_one(Pledge, found))
    meeting, errors = threading.Barrier(2, timeout=10), []
    real = subscriptions._begun

    def meet(pledge: Pledge, notice: Notice) -> None:
        # Both have looked, and neither has found; under the lock only one ever comes here.
        try:
            meeting.wait(1 if guarded else 10)
        except threading.BrokenBarrierError:
            pass
        return real(pledge, notice)  # type: ignore[return-value]

    monkeypatch.setattr(subscriptions, "_begun", meet)

    def tell() -> None:
        with site.app_context():
            try:
                with db.transaction():
                    settlement.receive(_invoice(token, "in_2"))
            except Exception as error:
                errors.append(type(error).__name__)

    threads = [threading.Thread(target=tell) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with site.app_context():
        assert db.session.query(Payment).filter_by(pledge_id=row).count() == 2
    assert errors == ([] if guarded else ["IntegrityError"])


def test_an_older_snapshot_changes_nothing_and_what_ended_stays_so(
    site: Flask, project: str
) -> None:
    with site.app_context():
        _, token = monthly_pledge(site)
        at = now.now()
        # What ended before it began, as after a declined card at checkout, leaves nothing.
        for status, minutes in (
            ("ended", -9),
            ("active", 0),
            ("past_due", -5),
            ("ended", 5),
            ("active", 9),
        ):
            with db.transaction():
                settlement.receive(
                    Notice(
                        "stripe",
                        status,
                        "subscription",
                        at + timedelta(minutes=minutes),
                        ids={"subscription": "sub_1", "token": token},
                        status=status,
                        money=Money(2000, "CHF"),
                        next_at=at + timedelta(days=30),
                    )  # fmt: skip
                )
        assert only().state == "ended"
