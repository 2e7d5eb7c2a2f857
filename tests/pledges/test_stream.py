"""The whole stream over real HTTP: form, Checkout, signed webhook, inbox, book, bar, letter."""

import re
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ashar.kernel import clock as now
from ashar.kernel import db
from ashar.kernel.money import Money
from ashar.kernel.outbox import Outbox
from ashar.ledger import queries as book
from ashar.pledges import queries, services, tasks
from ashar.pledges.models import Inbox, Payment, Pledge
from ashar.projects import queries as projects
from ashar.projects import services as steps
from ashar.projects import tasks as closing
from ashar.projects.models import Project
from stripe_sandbox import Sandbox
from tests.conftest import WEBHOOK_SECRET, Clock
from tests.factories import make_rates
from tests.live import listening, pledge, read_form, session_of
from tests.mailbox import Mailbox


@pytest.fixture
def live(sandbox: Sandbox, site: Flask, project: str) -> Iterator[Sandbox]:
    """Let the sandbox's webhooks reach the site."""
    with site.app_context():
        make_rates()
    with listening(site) as url:
        sandbox.add_endpoint(f"{url}/webhooks/stripe", WEBHOOK_SECRET)
        yield sandbox
        sandbox.stop()


def calm(live: Sandbox, site: Flask) -> None:
    """Wait until all that is due was delivered, processed and told."""
    assert live.flush()
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        with site.app_context():
            stored = db.session.query(Inbox).filter_by(state="stored").count()
            untold = db.session.query(Outbox).filter(Outbox.done_at.is_(None)).count()
        if not stored and not untold:
            return
        time.sleep(0.02)
    raise AssertionError(f"{stored} messages and {untold} signals are still on their way")


def only_pledge() -> Pledge:
    return db.session.query(Pledge).populate_existing().one()


def raised(slug: str) -> Money:
    found = projects.by_slug(slug)
    assert found is not None
    return projects.sums(found).raised


def balances() -> dict[tuple[str, str], int]:
    return {key: minor for key, minor in book.balances().items() if minor}


def test_fifty_francs_by_card_reach_bar_book_and_donor(
    live: Sandbox, site: Flask, client: FlaskClient, project: str, mailbox: Mailbox
) -> None:
    answer = pledge(client, project, amount="50")
    live.pay(session_of(live, answer))
    calm(live, site)
    with site.app_context():
        made = only_pledge()
        assert (made.state, made.payments[0].state) == ("paid", "settled")
        assert raised(project) == Money(5000, "CHF")
        assert balances() == {
            ("fees", "CHF"): 175,
            ("project:dry-rice", "CHF"): -5000,
            ("provider:stripe", "CHF"): 4825,
        }
        assert {row.state for row in db.session.query(Inbox)} == {"done"}
        token = made.token
    page = client.get(f"/pledges/{token}?lang=en")
    assert "Thank you" in page.text and "donor@example.org" not in page.text
    assert [letter.recipient for letter in mailbox.letters] == ["donor@example.org"]
    assert token in mailbox.letters[0].text


def test_a_refund_takes_back_bar_and_account_and_leaves_the_fee(
    live: Sandbox, site: Flask, client: FlaskClient, project: str, mailbox: Mailbox
) -> None:
    live.pay(session_of(live, pledge(client, project)))
    calm(live, site)
    assert refund(site) == "succeeded"
    calm(live, site)
    with site.app_context():
        tasks.sweep()
        assert only_pledge().state == "refunded"
        assert raised(project) == Money(0, "CHF")
        assert balances() == {("fees", "CHF"): 175, ("provider:stripe", "CHF"): -175}
    assert len(mailbox.letters) == 2


def refund(site: Flask, money: Money | None = None) -> str:
    with site.app_context():
        with db.transaction():
            payment = queries.lock_payment(only_pledge().payments[0].id)
            row = services.order_refund(payment, money, reason="asked for").id
        return tasks.send_refund(row)


def test_euros_on_an_account_in_francs_refunded_on_another_day(
    live: Sandbox, site: Flask, client: FlaskClient, project: str
) -> None:
    live.set_rate("EUR", "CHF", "0.94")
    answer = pledge(client, project, amount="20,00", currency="EUR", country="DE")
    live.pay(session_of(live, answer))
    calm(live, site)
    with site.app_context():
        fee = 1880 * 29 // 1000 + 30
        settled = balances()
        assert settled["project:dry-rice", "CHF"] == -1880
        assert ("project:dry-rice", "EUR") not in settled
        assert abs(settled["fees", "CHF"] - fee) <= 1
        assert raised(project) == Money(1880, "CHF")
    live.advance(days=1)
    live.set_rate("EUR", "CHF", "0.955")
    assert refund(site) == "succeeded"
    calm(live, site)
    with site.app_context():
        tasks.sweep()
        after = balances()
        assert ("project:dry-rice", "CHF") not in after
        assert after["fx", "CHF"] == 1910 - 1880
        assert after["fees", "CHF"] == settled["fees", "CHF"]
        assert raised(project) == Money(0, "CHF")


def test_a_sepa_debit_is_processing_until_it_came(
    live: Sandbox, site: Flask, client: FlaskClient, project: str, mailbox: Mailbox
) -> None:
    answer = pledge(client, project, currency="EUR", country="DE", method="sepa")
    session_id = session_of(live, answer)
    live.pay(session_id, method="sepa_debit", outcome="pending")
    calm(live, site)
    with site.app_context():
        assert only_pledge().state == "processing"
        assert raised(project) == Money(0, "CHF")
        found = projects.by_slug(project)
        assert found and projects.sums(found).awaiting == Money(4700, "CHF")
        token = only_pledge().token
    assert "do not pay a second time" in client.get(f"/pledges/{token}?lang=en").text
    live.settle_async(session_id, ok=True)
    calm(live, site)
    with site.app_context():
        assert only_pledge().state == "paid"
        found = projects.by_slug(project)
        assert found and projects.sums(found).awaiting == Money(0, "CHF")
    assert len(mailbox.letters) == 2


def test_a_debit_that_fails_can_be_tried_again(
    live: Sandbox, site: Flask, client: FlaskClient, project: str, mailbox: Mailbox
) -> None:
    answer = pledge(client, project, currency="EUR", country="DE", method="sepa")
    session_id = session_of(live, answer)
    live.pay(session_id, method="sepa_debit", outcome="pending")
    live.settle_async(session_id, ok=False)
    calm(live, site)
    with site.app_context():
        made = only_pledge()
        assert (made.state, made.payments[0].state) == ("open", "failed")
        token = made.token
    page = client.get(f"/pledges/{token}?lang=en")
    form = read_form(page)
    again = client.post(form.action, data=form.fields)
    second = session_of(live, again)
    assert second != session_id
    live.pay(second, method="sepa_debit")
    calm(live, site)
    with site.app_context():
        made = only_pledge()
        assert made.state == "paid"
        assert [payment.state for payment in made.payments] == ["failed", "settled"]


def test_a_decline_then_a_retry_on_the_same_page_is_one_payment(
    live: Sandbox, site: Flask, client: FlaskClient, project: str
) -> None:
    session_id = session_of(live, pledge(client, project))
    live.pay(session_id, outcome="decline")
    calm(live, site)
    with site.app_context():
        assert (only_pledge().state, raised(project).minor) == ("open", 0)
    live.pay(session_id)
    calm(live, site)
    with site.app_context():
        assert (only_pledge().state, raised(project).minor) == ("paid", 5000)
        assert len(only_pledge().payments) == 1


def test_the_same_form_sent_twice_is_one_pledge_and_one_session(
    live: Sandbox, site: Flask, client: FlaskClient, project: str
) -> None:
    form = read_form(client.get(f"/projects/{project}/pledge?lang=en"))
    data = form.fields | {
        "amount": "50",
        "currency": "CHF",
        "country": "CH",
        "method": "card",
        "email": "donor@example.org",
    }
    first = client.post(f"/projects/{project}/pledge", data=data)
    second = client.post(f"/projects/{project}/pledge", data=data)
    assert session_of(live, first) == session_of(live, second)
    other = client.post(f"/projects/{project}/pledge", data=data | {"amount": "20"})
    with site.app_context():
        assert other.location.startswith(f"/pledges/{only_pledge().token}")


def test_coming_back_before_the_webhook_asks_stripe_itself(
    live: Sandbox, site: Flask, client: FlaskClient, project: str
) -> None:
    live.hold_deliveries()
    session_id = session_of(live, pledge(client, project))
    with site.app_context():
        token = only_pledge().token
    assert (
        "Not paid yet" in client.get(f"/pledges/{token}/back?lang=en", follow_redirects=True).text
    )
    live.pay(session_id)
    page = client.get(f"/pledges/{token}/back?lang=en", follow_redirects=True)
    assert "Thank you" in page.text
    live.release()
    calm(live, site)
    with site.app_context():
        assert raised(project) == Money(5000, "CHF")


def test_a_cancelled_pledge_ends_its_session(
    live: Sandbox, site: Flask, client: FlaskClient, project: str
) -> None:
    session_id = session_of(live, pledge(client, project))
    with site.app_context():
        token = only_pledge().token
    page = client.get(f"/pledges/{token}?lang=en").text
    fields = read_form_for(page, "/cancel")
    answer = client.post(f"/pledges/{token}/cancel", data=fields)
    assert answer.status_code == 303
    with site.app_context():
        assert only_pledge().state == "cancelled"
    with pytest.raises(Exception, match="expired|open"):
        live.pay(session_id)


def read_form_for(page: str, action: str) -> dict[str, Any]:
    for found in re.finditer(r"<form(.*?)>(.*?)</form>", page, re.S):
        if action in found[1]:
            token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', found[2])
            return {"csrf_token": token[1] if token else ""}
    raise AssertionError(f"no form for {action}")


def test_a_forwarded_link_alone_cannot_cancel(
    live: Sandbox, site: Flask, client: FlaskClient, project: str, mailbox: Mailbox
) -> None:
    pledge(client, project)
    with site.app_context():
        token = only_pledge().token
    stranger = site.test_client()
    page = stranger.get(f"/pledges/{token}?lang=en").text
    told = stranger.post(f"/pledges/{token}/cancel?lang=en", data=read_form_for(page, "/cancel"))
    assert "We have sent a link" in told.text
    with site.app_context():
        assert only_pledge().state == "open"
    link = next(word for word in mailbox.letters[-1].text.split() if "/cancel?key=" in word)
    path = link.removeprefix("http://localhost")
    owner = site.test_client()
    form = read_form(owner.get(path))
    assert owner.post(form.action, data=form.fields).status_code == 303
    with site.app_context():
        assert only_pledge().state == "cancelled"


def test_an_expired_session_lets_the_pledge_run_out_and_late_money_still_counts(
    live: Sandbox, site: Flask, client: FlaskClient, project: str
) -> None:
    session_id = session_of(live, pledge(client, project))
    live.expire(session_id)
    calm(live, site)
    with site.app_context():
        assert only_pledge().state == "expired"


def test_stripe_out_of_reach_keeps_the_pledge_and_says_so(
    live: Sandbox, site: Flask, client: FlaskClient, project: str
) -> None:
    live.faults.add("POST /v1/checkout/sessions", "503", times=4)
    answer = pledge(client, project)
    assert "/pledges/" in answer.location
    page = client.get(answer.location + "&lang=en")
    assert "did not answer" in page.text
    live.faults.clear()
    form = read_form(page)
    live.pay(session_of(live, client.post(form.action, data=form.fields)))
    calm(live, site)
    with site.app_context():
        assert raised(project) == Money(5000, "CHF")
        assert len(only_pledge().payments) == 1


def test_lost_webhooks_are_caught_up_by_listing_events(
    live: Sandbox, site: Flask, client: FlaskClient, project: str
) -> None:
    live.faults.add("WEBHOOK *", "drop", times=None)
    live.pay(session_of(live, pledge(client, project)))
    calm(live, site)
    with site.app_context():
        assert only_pledge().state == "open"
        tasks.reconcile()
        assert only_pledge().state == "paid"
        assert balances()["fees", "CHF"] == 175
        assert tasks.reconcile()["events that were missed"] == 0


def test_a_dispute_from_stripe_won_and_lost(
    live: Sandbox, site: Flask, client: FlaskClient, project: str
) -> None:
    for won in (True, False):
        live.pay(session_of(live, pledge(client, project)))
        calm(live, site)
        with site.app_context():
            payment = db.session.query(Payment).order_by(Payment.id.desc()).first()
            assert payment and payment.charge_id
            charge = payment.charge_id
        dispute = live.dispute(charge)
        calm(live, site)
        live.close_dispute(dispute["id"] if isinstance(dispute, dict) else dispute, won=won)
        calm(live, site)
    with site.app_context():
        tasks.sweep()
        states = [payment.state for payment in db.session.query(Payment).order_by(Payment.id)]
        assert states == ["settled", "lost"]
        assert raised(project) == Money(5000, "CHF")
        assert balances()["fees", "CHF"] == 2 * 175 + 2 * 1500


def test_concurrent_refunds_never_exceed_the_payment(
    live: Sandbox, site: Flask, client: FlaskClient, project: str
) -> None:
    live.pay(session_of(live, pledge(client, project)))
    calm(live, site)
    results: list[str] = []

    def ask() -> None:
        try:
            results.append(refund(site, Money(3000, "CHF")))
        except Exception as error:
            results.append(type(error).__name__)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(results) == ["Refused"] * 5 + ["succeeded"]


def suspend(site: Flask) -> None:
    with site.app_context(), db.transaction() as session:
        project = session.query(Project).one()
        steps.step(project, "suspended", why="test")


def test_a_suspended_projects_open_session_ends_at_once(
    live: Sandbox, site: Flask, client: FlaskClient, project: str
) -> None:
    opened = session_of(live, pledge(client, project))
    suspend(site)
    calm(live, site)
    assert live.account.store.get("checkout.session", opened)["status"] == "expired"
    with site.app_context():
        assert (only_pledge().state, only_pledge().payments[0].state) == ("expired", "expired")


def test_what_is_paid_in_the_second_of_a_suspension_is_kept_apart(
    live: Sandbox, site: Flask, client: FlaskClient, project: str
) -> None:
    opened = session_of(live, pledge(client, project))
    live.hold_deliveries()
    live.pay(opened)
    suspend(site)
    live.release()
    calm(live, site)
    with site.app_context():
        assert only_pledge().payments[0].account == "suspense"
        found = session_sums()
        assert found == Money(0, "CHF")


def session_sums() -> Money:
    return projects.sums(db.session.query(Project).populate_existing().one()).raised


def test_a_flexible_project_closes_after_its_last_day(
    site: Flask, clock: Clock, project: str
) -> None:
    with site.app_context():
        with db.transaction() as session:
            session.query(Project).one().deadline = now.today()
        assert (closing.close(), state()) == (0, "published")
        clock.forward(days=2)
        assert (closing.close(), state()) == (1, "closed")
        assert closing.close() == 0


def test_a_threshold_project_that_missed_its_minimum_is_not_simply_closed(
    site: Flask, clock: Clock, project: str
) -> None:
    with site.app_context():
        with db.transaction() as session:
            found = session.query(Project).one()
            found.deadline, found.funding, found.minimum_minor = now.today(), "threshold", 100
        clock.forward(days=2)
        assert (closing.close(), state()) == (0, "published")


def state() -> str:
    return str(db.session.query(Project.state).scalar())
