"""The endpoint and what is behind it: authentic events in any number, order and condition."""

import hashlib
import hmac
import itertools
import json
import logging
import time
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import urllib3
from flask import Flask
from flask.testing import FlaskClient

from ashar.gateways.base import Received
from ashar.kernel import db
from ashar.kernel.history import History
from ashar.kernel.money import Money
from ashar.ledger import queries as book
from ashar.ledger.models import Entry
from ashar.ledger.services import posted
from ashar.mail import Letter
from ashar.pledges import inbox, services, tasks
from ashar.pledges.models import FraudWarning, Inbox, Payment, Pledge, Refund
from ashar.projects import queries as projects
from ashar.projects.models import Project, Totals
from ashar.site import create_app
from stripe_sandbox import Sandbox
from tests.conftest import WEBHOOK_SECRET, Clock, _dispose
from tests.factories import make_pledge, make_project, make_rates, pledge_of
from tests.faults.locks import settle_down, together, unlocked
from tests.faults.story import FULL, Event, Tale, begin, pay, raw, received, serve, signed, tell
from tests.live import listening, pledge, session_of
from tests.mailbox import Mailbox

HOOK = "/webhooks/stripe"


@pytest.fixture(autouse=True)
def begun(sandbox: Sandbox) -> Sandbox:
    """Start the sandbox before the site, which has to know its address."""
    return sandbox


@pytest.fixture
def paid(sandbox: Sandbox, site: Flask, project: str) -> Event:
    """Return the event of a pledge of 50 francs that was paid at the sandbox."""
    with site.app_context():
        return pay(sandbox, begin(1))


def send(client: FlaskClient, event: Event) -> int:
    body = raw(event)
    return client.post(HOOK, data=body, headers=signed(body)).status_code


def count(model: Any, *conditions: Any) -> int:
    db.session.rollback()
    return db.session.query(model).filter(*conditions).count()


def settlements() -> int:
    return count(History, History.kind == "payment", History.new == "settled")


def raised() -> Money:
    db.session.rollback()
    return projects.sums(db.session.get_one(Project, 1)).raised


def states() -> dict[str, str | None]:
    db.session.rollback()
    return {row.state: row.reason for row in db.session.query(Inbox)}


def assert_settled_once(mailbox: Mailbox) -> None:
    assert settlements() == 1
    assert count(Entry, Entry.kind == "paid") == 1
    assert raised() == Money(5000, "CHF")
    assert book.balance("project:dry-rice", "CHF") == Money(-5000, "CHF")
    assert count(Letter) == 1
    assert len(mailbox.letters) == 1


def test_a_signed_message_is_read_as_bytes_whatever_it_calls_itself(
    client: FlaskClient, paid: Event
) -> None:
    body = raw(paid)
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.post(HOOK, data=body, headers=signed(body) | kind).status_code == 200


# Once, however often -----------------------------------------------------------------------


def test_the_same_event_a_hundred_times_is_one_settlement_and_one_letter(
    site: Flask, client: FlaskClient, paid: Event, mailbox: Mailbox
) -> None:
    assert {send(client, paid) for _ in range(100)} == {200}
    with site.app_context():
        assert_settled_once(mailbox)
        assert count(Inbox, Inbox.external_id == paid["id"]) == 1


def test_the_same_event_from_eight_threads_at_once_is_one_settlement_and_one_letter(
    site: Flask, paid: Event, mailbox: Mailbox
) -> None:
    body = raw(paid)
    statuses: list[int] = []
    with listening(site) as url:
        together(8, lambda _: statuses.extend(post(url + HOOK, body) for _ in range(4)))
        settle_down(site)
    assert set(statuses) == {200} and len(statuses) == 32
    with site.app_context():
        assert_settled_once(mailbox)
        assert count(Inbox, Inbox.external_id == paid["id"]) == 1


def post(url: str, body: bytes) -> int:
    pool = urllib3.PoolManager()
    return pool.request("POST", url, body=body, headers=signed(body), retries=False).status


def test_one_fact_under_eight_names_at_once_is_settled_once(
    site: Flask, paid: Event, mailbox: Mailbox
) -> None:
    """Stripe may tell one fact in several events, so that the inbox's key does not hold them."""
    rows = _under_other_names(site, paid, 8)
    together(8, lambda number: _process(site, rows[number]))
    with site.app_context():
        assert_settled_once(mailbox)


def test_without_the_locks_the_same_fact_would_be_settled_twice(
    settings: dict[str, Any], sandbox: Sandbox, clock: Clock, mailbox: Mailbox
) -> None:
    """The negative control of the test above: it fails on a database that ignores our locks."""
    site = create_app(settings, environ={}, clock=clock, mailer=mailbox)
    with site.app_context():
        make_project()
        paid = pay(sandbox, begin(1))
        engine = db.database().engine
    rows = _under_other_names(site, paid, 8)
    with unlocked(engine, threads=8):
        together(8, lambda number: _process(site, rows[number]))
    with site.app_context():
        assert settlements() > 1
        assert count(Entry, Entry.kind == "paid") > 1
        assert raised() > Money(5000, "CHF")
    _dispose(site)


def _under_other_names(site: Flask, event: Event, names: int) -> list[int]:
    with site.app_context():
        found = []
        for number in range(names):
            with db.transaction():
                message = Received(f"{event['id']}{number}", event["type"], raw(event))
                found.append(inbox.store("stripe", message) or 0)
        return found


def _process(site: Flask, row: int) -> None:
    with site.app_context():
        tasks.process(row)


# In any order ------------------------------------------------------------------------------


@pytest.fixture
def quick(settings: dict[str, Any]) -> None:
    """Let PostgreSQL answer before its disk: these tests are about order, not power cuts."""
    url = sa.make_url(settings["ASHAR_DATABASE_URL"])
    if url.get_backend_name() == "postgresql":
        url = url.update_query_dict({"options": "-csynchronous_commit=off"})
        settings["ASHAR_DATABASE_URL"] = url.render_as_string(hide_password=False)


@pytest.mark.faults
@pytest.mark.parametrize("won", [False, True], ids=["lost", "won"])
def test_every_order_of_seven_events_ends_in_the_same_balances(
    quick: None,
    sandbox: Sandbox,
    site: Flask,
    won: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    orders = list(itertools.permutations(range(7)))
    chosen = orders if FULL else [*orders[:: len(orders) // 10], orders[-1]]
    with site.app_context():
        _hurry(site)
        project = make_project()
        tale = tell(sandbox, begin(project), won)
        seen = {
            str(_outcome(sandbox, project, tale, order, number))
            for number, order in enumerate(chosen)
        }
        assert seen == {str(WON if won else LOST)}
        left = 3000 if won else 0
        assert raised() == Money(left * len(chosen), "CHF")
        totals = db.session.query(Totals).one()
        assert totals.supporters == (len(chosen) if won else 0)


LOST = (
    {("fees", "CHF"): 1675, ("provider:stripe", "CHF"): -1675},
    ("lost", "lost", "succeeded", "lost"),
    (5000, 0),
)
WON = (
    {
        ("fees", "CHF"): 1675,
        ("project:dry-rice", "CHF"): -3000,
        ("provider:stripe", "CHF"): 1325,
    },
    ("paid", "partly_refunded", "succeeded", "won"),
    (5000, 3000),
)


def _hurry(site: Flask) -> None:
    engine = db.database().engine
    if engine.dialect.name == "sqlite":
        db.session.rollback()
        engine.dispose()
        sa.event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF"))


def _outcome(
    sandbox: Sandbox, project: int, tale: Tale, order: tuple[int, ...], number: int
) -> object:
    """Tell the tale of a new pledge in an order; return all that came of it."""
    pledge_id, payment_id = make_pledge(project)
    told = tale.retold(pledge_of(pledge_id).token)
    with db.transaction() as session:
        session.get_one(Payment, payment_id).session_id = told.session
    serve(sandbox, told.transactions)
    events = [told.events[index] for index in order]
    for extra in told.extra:
        events.insert(number % 8, extra)
    for event in events:
        tasks.take_in("stripe", received(event))
    names = [event["id"] for event in (*events, *told.transactions)]
    assert count(Inbox, Inbox.external_id.in_(names), Inbox.state == "done") == len(names)
    made = pledge_of(pledge_id)
    payment = made.payments[0]
    return (
        dict(sorted((key, minor) for key, minor in posted("payment", payment.id).items() if minor)),
        (made.state, payment.state, payment.refunds[0].state, payment.disputes[0].state),
        (payment.settled_minor, payment.moved_minor),
    )


# What does not fit -------------------------------------------------------------------------


def _change(**changes: Any) -> Callable[[Event], None]:
    return lambda event: event["data"]["object"].update(changes)


def _of_site(event: Event) -> None:
    event["data"]["object"]["metadata"]["site"] = "another"


def _unknown(event: Event) -> None:
    thing = event["data"]["object"]
    thing.update(id="cs_test_unknown", payment_intent="pi_unknown", client_reference_id="nobody")
    thing["metadata"]["pledge"] = "nobody"


def _of_metadata(event: Event) -> None:
    event["data"]["object"]["metadata"]["pledge"] = "somebody-elses"


MISFITS: dict[str, tuple[Callable[[Event], None], str]] = {
    "wrong amount": (_change(amount_total=100), "1.00 CHF came where 50.00 CHF was asked"),
    "wrong currency": (_change(currency="eur"), "50.00 EUR came where 50.00 CHF was asked"),
    "unknown currency": (_change(currency="xau"), "unknown currency XAU"),
    "other site": (_of_site, "of another site: another"),
    "other livemode": (lambda event: event.update(livemode=True), "livemode differs"),
    "other account": (lambda event: event.update(account="acct_1"), "of another account"),
    "unknown pledge": (_unknown, "unknown pledge"),
    "other reference": (_change(client_reference_id="somebody-elses"), "different pledges"),
    "other metadata": (_of_metadata, "different pledges"),
    "other session": (_change(id="cs_test_other"), "another session"),
    "no amount": (_change(amount_total=None), "unreadable: TypeError"),
    "no object": (lambda event: event.pop("data"), "unreadable: KeyError"),
    "no time": (lambda event: event.update(created="soon"), "unreadable: TypeError"),
}


@pytest.mark.parametrize("name", MISFITS)
def test_an_authentic_event_that_does_not_fit_is_parked_and_counts_nothing(
    site: Flask, client: FlaskClient, paid: Event, mailbox: Mailbox, name: str
) -> None:
    bend, words = MISFITS[name]
    bent = deepcopy(paid)
    bend(bent)
    assert send(client, bent) == 200
    with site.app_context():
        ((state, reason),) = states().items()
        assert state == "parked"
        assert words in str(reason)
        assert book.balances() == {} and raised() == Money(0, "CHF")
        assert db.session.query(Pledge).one().state == "open"
        assert db.session.query(Inbox).one().body == raw(bent)
    assert mailbox.letters == []


def test_a_parked_event_can_be_replayed_once_its_cause_is_gone(
    site: Flask, client: FlaskClient, paid: Event, mailbox: Mailbox
) -> None:
    """Another's story: money for an unknown payment was answered with 200 and forgotten."""
    with site.app_context(), db.transaction() as session:
        made = session.query(Pledge).one()
        token, made.token = made.token, "lost-for-a-while"
        made.payments[0].session_id = None
    send(client, paid)
    with site.app_context():
        assert list(states()) == ["parked"]
        with db.transaction() as session:
            session.query(Pledge).one().token = token
        assert tasks.replay(db.session.query(Inbox).one().id) == "done"
        assert_settled_once(mailbox)


def test_what_waits_in_vain_is_parked_with_the_reason(
    sandbox: Sandbox, site: Flask, clock: Clock, paid: Event
) -> None:
    sandbox.flush()
    event = sandbox.events("charge.updated")[0]
    with site.app_context():
        assert tasks.take_in("stripe", received(event)) == "waiting"
        clock.forward(days=5)
        assert tasks.sweep() == 1
        assert "what it builds on never came" in str(states()["parked"])


def test_a_type_of_event_that_we_do_not_know_is_kept_and_done(
    site: Flask, client: FlaskClient, paid: Event
) -> None:
    assert send(client, {**paid, "type": "climate.order.created"}) == 200
    with site.app_context():
        assert states() == {"done": None}
        assert settlements() == 0


# What is not authentic ---------------------------------------------------------------------


def _signed_at(seconds: int) -> Callable[[bytes], dict[str, str]]:
    return lambda body: signed(body, at=int(time.time()) + seconds)


FORGED: dict[str, Callable[[bytes], dict[str, str]]] = {
    "unsigned": lambda _: {},
    "empty header": lambda _: {"Stripe-Signature": ""},
    "nonsense": lambda _: {"Stripe-Signature": "t=yesterday,v1=abc"},
    "no signature": lambda _: {"Stripe-Signature": f"t={int(time.time())}"},
    "another secret": lambda body: signed(body, "whsec_somebody_elses"),
    "another body": lambda body: signed(body + b" "),
    "too old": _signed_at(-301),
    "of the future": _signed_at(302),
}


@pytest.mark.parametrize("name", FORGED)
def test_what_is_not_authentic_and_fresh_is_refused_and_leaves_no_trace(
    site: Flask, client: FlaskClient, paid: Event, name: str
) -> None:
    body = raw(paid)
    answer = client.post(HOOK, data=body, headers=FORGED[name](body))
    assert answer.status_code == 400
    with site.app_context():
        assert count(Inbox) == 0


@pytest.mark.parametrize("seconds", [-290, 290])
def test_a_clock_that_is_a_little_off_is_borne(
    client: FlaskClient, paid: Event, seconds: int
) -> None:
    body = raw(paid)
    assert client.post(HOOK, data=body, headers=_signed_at(seconds)(body)).status_code == 200


THIN = {"id": "evt_1", "object": "v2.core.event", "type": "v2.core.account.updated"}
BODIES = {
    "not UTF-8": b'{"id": "evt_\xff"}',
    "not JSON": b"id=evt_1&type=checkout.session.completed",
    "cut off": b'{"id": "evt_1", "object": "event"',
    "nothing": b"",
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "no event": b'{"id": "cs_1", "object": "checkout.session"}',
    "a thin event": json.dumps(THIN).encode(),
    "without an id": b'{"object": "event", "type": "charge.updated"}',
    "with a number for an id": b'{"object": "event", "type": "charge.updated", "id": 7}',
    "without a type": b'{"object": "event", "id": "evt_1"}',
}


@pytest.mark.parametrize("name", BODIES)
def test_a_signed_body_that_is_no_event_is_refused(
    site: Flask, client: FlaskClient, project: str, name: str
) -> None:
    body = BODIES[name]
    header = {"Stripe-Signature": _raw_signature(body)}
    assert client.post(HOOK, data=body, headers=header).status_code == 400
    with site.app_context():
        assert count(Inbox) == 0


def test_a_signed_body_that_is_nested_without_end_is_refused(
    site: Flask, client: FlaskClient
) -> None:
    body = b"[" * 100_000
    header = {"Stripe-Signature": _raw_signature(body)}
    assert client.post(HOOK, data=body, headers=header).status_code == 400


def _raw_signature(body: bytes) -> str:
    """Sign bytes that the SDK, which signs text, would refuse to sign."""
    now = int(time.time())
    word = hmac.new(WEBHOOK_SECRET.encode(), f"{now}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={now},v1={word}"


def test_a_body_of_more_than_a_megabyte_is_refused_unread(
    site: Flask, client: FlaskClient, paid: Event
) -> None:
    body = raw({**paid, "padding": "x" * 1024 * 1024})
    assert client.post(HOOK, data=body, headers=signed(body)).status_code == 413
    with site.app_context():
        assert count(Inbox) == 0


def test_a_body_of_unknown_length_does_not_pass_the_limit(site: Flask, paid: Event) -> None:
    body = raw({**paid, "padding": "x" * 2 * 1024 * 1024})
    pool, status = urllib3.PoolManager(retries=False), 413
    with listening(site) as url:
        try:
            status = pool.request(
                "POST", url + HOOK, body=iter([body]), chunked=True, headers=signed(body)
            ).status
        except urllib3.exceptions.HTTPError:
            pass  # The server hung up before the end.
        settle_down(site)
    assert status in (400, 413)
    with site.app_context():
        assert count(Inbox) == 0


def test_another_gateway_than_ours_is_not_found(client: FlaskClient, project: str) -> None:
    assert client.post("/webhooks/paypal", data=b"{}").status_code == 404


def test_both_secrets_are_accepted_while_one_replaces_the_other(
    settings: dict[str, Any], sandbox: Sandbox, request: pytest.FixtureRequest
) -> None:
    settings["ASHAR_STRIPE_WEBHOOK_SECRET"] = ("whsec_the_new_one", WEBHOOK_SECRET)
    site = request.getfixturevalue("site")
    with site.app_context():
        make_project()
        event = pay(sandbox, begin(1))
    body, client = raw(event), site.test_client()
    for secret in settings["ASHAR_STRIPE_WEBHOOK_SECRET"]:
        assert client.post(HOOK, data=body, headers=signed(body, secret)).status_code == 200
    both = (
        signed(body, "whsec_gone")["Stripe-Signature"]
        + ","
        + signed(body)["Stripe-Signature"].split(",")[-1]
    )
    assert client.post(HOOK, data=body, headers={"Stripe-Signature": both}).status_code == 200


# Stories of others -------------------------------------------------------------------------


@pytest.fixture
def live(sandbox: Sandbox, site: Flask, project: str) -> Iterator[Sandbox]:
    """Let the sandbox's webhooks reach the site."""
    with site.app_context():
        make_rates()
    with listening(site) as url:
        sandbox.add_endpoint(url + HOOK, WEBHOOK_SECRET)
        yield sandbox
        sandbox.stop()


def calm(live: Sandbox, site: Flask) -> None:
    assert live.flush()
    settle_down(site)
    with site.app_context():
        tasks.sweep(early=True)


def test_the_return_page_and_the_webhook_at_once_count_once(
    live: Sandbox, site: Flask, client: FlaskClient, project: str, mailbox: Mailbox
) -> None:
    live.hold_deliveries()
    session_id = session_of(live, pledge(client, project))
    live.pay(session_id)
    with site.app_context():
        token = db.session.query(Pledge).one().token

    def arrive(number: int) -> None:
        if number == 0:
            live.release()
        else:
            site.test_client().get(f"/pledges/{token}/back?lang=en", buffered=True)

    together(4, arrive)
    calm(live, site)
    with site.app_context():
        assert_settled_once(mailbox)


def test_a_refunds_event_that_comes_before_the_answer_to_our_order_is_one_refund(
    live: Sandbox, site: Flask, client: FlaskClient, project: str, mailbox: Mailbox
) -> None:
    live.pay(session_of(live, pledge(client, project)))
    calm(live, site)
    live.faults.add("POST /v1/refunds", "slow", when="after", seconds=1.0)
    with site.app_context():
        with db.transaction():
            payment = db.session.query(Payment).one()
            order = services.order_refund(payment, Money(2000, "CHF"), reason="asked for").id
        assert tasks.send_refund(order) == "succeeded"
    calm(live, site)
    with site.app_context():
        assert count(Refund) == 1
        assert raised() == Money(3000, "CHF")
        assert len([one for one in live.events() if one["type"] == "refund.created"]) == 1
        assert [letter.kind for letter in db.session.query(Letter)] == ["thanks", "refunded"]


def test_a_refund_that_failed_after_all_is_not_shown_as_done(
    live: Sandbox, site: Flask, client: FlaskClient, project: str, mailbox: Mailbox
) -> None:
    live.pay(session_of(live, pledge(client, project)))
    calm(live, site)
    refund = live.refund(live.events("charge.succeeded")[0]["data"]["object"]["id"])
    calm(live, site)
    live.fail_refund(refund["id"])
    calm(live, site)
    with site.app_context():
        made = db.session.query(Pledge).one()
        assert made.state == "paid"
        assert [row.state for row in made.payments[0].refunds] == ["failed", "owed"]
        assert raised() == Money(0, "CHF")
        assert book.balance("refunds-payable", "CHF") == Money(-5000, "CHF")
        assert book.balance("provider:stripe", "CHF") == Money(5000 - 175, "CHF")
        assert [row.kind for row in db.session.query(Letter).order_by(Letter.id)] == [
            "thanks",
            "refunded",
            "refund_owed",
        ]


def test_a_charges_running_total_of_refunds_is_not_counted_beside_the_refunds(
    live: Sandbox, site: Flask, client: FlaskClient, project: str
) -> None:
    live.pay(session_of(live, pledge(client, project)))
    calm(live, site)
    charge = live.events("charge.succeeded")[0]["data"]["object"]["id"]
    live.refund(charge, 1000)
    live.refund(charge, 1500)
    calm(live, site)
    told = [one["data"]["object"]["amount_refunded"] for one in live.events("charge.refunded")]
    assert told == [1000, 2500]
    with site.app_context():
        assert raised() == Money(2500, "CHF")
        assert count(Refund) == 2


def test_won_is_not_charged_a_hundredfold(
    live: Sandbox, site: Flask, client: FlaskClient, project: str
) -> None:
    answer = pledge(client, project, amount="50000", currency="KRW", country="KR")
    done = live.pay(session_of(live, answer))
    assert (done["amount_total"], done["currency"]) == (50_000, "krw")
    calm(live, site)
    with site.app_context():
        assert db.session.query(Payment).one().charged == Money(50_000, "KRW")
        assert db.session.query(Pledge).one().state == "paid"


def test_a_cheap_paid_session_cannot_pay_a_dear_pledge(
    sandbox: Sandbox, site: Flask, client: FlaskClient, project: str
) -> None:
    with site.app_context():
        cheap, dear = begin(1, "1.00"), begin(1, "500.00")
        event, token = pay(sandbox, cheap), dear.token
        old, dear_id = cheap.token, dear.id
    claimed = json.loads(json.dumps(event).replace(old, token))
    assert send(client, claimed) == 200
    with site.app_context():
        assert "different pledges" in str(states()["parked"])
        assert pledge_of(dear_id).state == "open"
        assert raised() == Money(0, "CHF")


def test_two_identical_gifts_are_two_gifts(
    live: Sandbox, site: Flask, client: FlaskClient, project: str, mailbox: Mailbox
) -> None:
    for _ in range(2):
        live.pay(session_of(live, pledge(client, project)))
    calm(live, site)
    with site.app_context():
        assert raised() == Money(10_000, "CHF")
        assert count(Pledge, Pledge.state == "paid") == 2
    assert len(mailbox.letters) == 2


def test_an_older_snapshot_moves_nothing(
    live: Sandbox, site: Flask, client: FlaskClient, project: str
) -> None:
    """A decline and an expiry that come after the money change nothing."""
    session_id = session_of(live, pledge(client, project))
    live.pay(session_id, outcome="decline")
    live.pay(session_id)
    calm(live, site)
    paid = live.events("checkout.session.completed")[0]
    stale = deepcopy(paid)
    stale.update(id="evt_stale", type="checkout.session.expired")
    failed = {**deepcopy(live.events("payment_intent.payment_failed")[0]), "id": "evt_failed"}
    assert {send(client, stale), send(client, failed)} == {200}
    with site.app_context():
        assert set(states()) == {"done"}
        assert db.session.query(Pledge).one().state == "paid"
        assert raised() == Money(5000, "CHF")


def test_money_that_comes_after_the_expiry_is_booked_and_counts(
    site: Flask, client: FlaskClient, paid: Event, mailbox: Mailbox
) -> None:
    early = deepcopy(paid)
    early.update(id="evt_early", type="checkout.session.expired")
    send(client, early)
    with site.app_context():
        assert db.session.query(Pledge).one().state == "expired"
    send(client, paid)
    with site.app_context():
        assert db.session.query(Pledge).one().state == "paid"
        assert_settled_once(mailbox)


def test_a_warning_of_fraud_is_left_to_a_person(
    live: Sandbox, site: Flask, client: FlaskClient, project: str
) -> None:
    live.pay(session_of(live, pledge(client, project)))
    calm(live, site)
    live.fraud_warning(live.events("charge.succeeded")[0]["data"]["object"]["id"])
    calm(live, site)
    with site.app_context():
        assert [row.state for row in db.session.query(FraudWarning)] == ["open"]
        assert raised() == Money(5000, "CHF")


def test_an_event_lost_before_others_came_is_found_again(
    live: Sandbox, site: Flask, client: FlaskClient, clock: Clock, project: str
) -> None:
    """A lost event may lie hours before the newest that we have."""
    first = session_of(live, pledge(client, project))
    live.faults.add("WEBHOOK *", "drop", times=None)
    live.pay(first)
    assert live.flush()
    live.faults.clear()
    clock.forward(**_as_float(timedelta(hours=5)))
    live.pay(session_of(live, pledge(client, project)))
    calm(live, site)
    with site.app_context():
        tasks.reconcile()
        assert count(Pledge, Pledge.state == "paid") == 2


def _as_float(by: timedelta) -> dict[str, float]:
    return {"seconds": by.total_seconds()}
