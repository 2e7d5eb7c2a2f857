"""`kill -9` of the server between any two steps of a payment: settled once, thanked once."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from ashar import checks, mail
from ashar.kernel import db, outbox
from ashar.kernel.history import History
from ashar.ledger import queries as book
from ashar.ledger.models import Entry
from ashar.mail import Letter, message_id_of
from ashar.pledges import tasks
from ashar.pledges.models import Inbox, Payment, Pledge
from ashar.site import create_app
from stripe_sandbox import Sandbox
from tests.conftest import WEBHOOK_SECRET, Clock, _dispose
from tests.factories import PROJECT, make_project, make_rates
from tests.faults.server import Server, Sink, browser, mail_sink, serving, wait_for
from tests.faults.story import FULL
from tests.live import Form, read_form

#: In the short run one step of so many; which ones is the same each time.
STRIDE = 1 if FULL else 9


@dataclass
class Stage:
    """All that a payment crosses: the site to be killed, Stripe, the post, and a site to look."""

    server: Server
    sandbox: Sandbox
    sink: Sink
    site: Flask
    clock: Clock


@pytest.fixture
def stage(settings: dict[str, Any], tmp_path: Path) -> Iterator[Stage]:
    clock = Clock()
    with (
        Sandbox(settlement="CHF", seed=1, key="sk_test_sandbox", capture_delay=0.02) as sandbox,
        mail_sink() as (post, sink),
    ):
        settings["ASHAR_STRIPE_API_BASE"] = sandbox.url
        settings["ASHAR_MAIL_URL"] = post
        site = create_app(settings, environ={}, clock=clock)
        with site.app_context():
            make_rates()
            make_project()
        with serving(settings, post, tmp_path / "steps.log") as server:
            sandbox.add_endpoint(f"{server.url}/webhooks/stripe", WEBHOOK_SECRET)
            yield Stage(server, sandbox, sink, site, clock)
        _dispose(site)


@pytest.mark.faults
def test_a_server_killed_before_any_step_of_a_payment_settles_it_once(stage: Stage) -> None:
    steps = play(stage, None)
    assert len(steps) > 60, steps
    for number in range(0, len(steps), STRIDE):
        play(stage, number)
    with stage.site.app_context():
        paid = len(range(0, len(steps), STRIDE)) + 1
        assert db.session.query(Pledge).filter_by(state="paid").count() == paid
        assert book.balance(f"project:{PROJECT}", "CHF").minor == -5000 * paid
    print(f"{len(steps)} steps, killed before {paid - 1} of them")


def play(stage: Stage, die_before: int | None) -> list[str]:
    """Play one payment, killed before a step of it, and hold what is left against the rules."""
    server, sandbox = stage.server, stage.sandbox
    server.start(die_before)
    donor = browser(server)
    form = read_form(donor.get(f"/projects/{PROJECT}/pledge?lang=en"))
    told = len(sandbox.events())
    answer = submit(donor, form)
    if answer.status_code != 303:
        # Died under the form: the donor sends it once more.
        revive(server)
        answer = submit(donor, form)
    session_id = session_of(sandbox, answer, donor)
    sandbox.pay(session_id)
    wait_for(lambda: not server.alive or arrived(stage, told))
    steps = server.steps()
    assert die_before is None or len(steps) == die_before + 1, (die_before, steps[-3:])
    if not server.alive:
        revive(server)
    server.kill()
    recover(stage)
    hold(stage, form, steps, die_before)
    return steps


def submit(donor: Client, form: Form) -> TestResponse:
    given = {"amount": "50", "currency": "CHF", "country": "CH", "method": "card"}
    given["email"] = f"{form.fields['attempt'].lower()[:12]}@example.org"
    return donor.post(f"/projects/{PROJECT}/pledge", data=form.fields | given)


def session_of(sandbox: Sandbox, answer: TestResponse, donor: Client) -> str:
    """Return the session that the form leads to, over the pledge's own page where it must."""
    assert answer.status_code == 303, answer.text[:2000]
    if not answer.location.startswith(sandbox.url):
        form = read_form(donor.get(re.sub(r"^https?://[^/]+", "", answer.location)))
        answer = donor.post(form.action, data=form.fields)
    assert answer.location.startswith(sandbox.url), answer.location
    return answer.location.rsplit("/", 1)[-1]


def arrived(stage: Stage, told: int) -> bool:
    """Tell whether all events since were delivered, processed and told of."""
    if len(stage.sandbox.events()) < told + 5:
        return False
    if any(one["state"] != "delivered" for one in stage.sandbox.deliveries()[-5:]):
        return False
    with stage.site.app_context():
        found = db.session.query(Inbox).filter(Inbox.state != "done").count()
        unsent = db.session.query(Letter).filter(Letter.sent_at.is_(None)).count()
        untold = db.session.query(outbox.Outbox).filter_by(done_at=None).count()
        db.session.rollback()
    return not (found or unsent or untold)


def revive(server: Server) -> None:
    server.kill()
    server.start(watched=False)


def recover(stage: Stage) -> None:
    """Do what an operator and the job process do after a crash."""
    with stage.site.app_context():
        tasks.reconcile()
        # At once, whatever time a dead process had taken for itself.
        assert db.session.query(Inbox).filter(Inbox.state != "done").count() == 0
        # Time passes for Stripe as well: events are listed by its clock.
        stage.clock.forward(minutes=3)
        stage.sandbox.advance(seconds=180)
        outbox.sweep()
        mail.sweep()
        db.session.rollback()


def hold(stage: Stage, form: Form, steps: list[str], die_before: int | None) -> None:
    """Hold the payment against the rules: one pledge, one session, one settlement, one letter."""
    where = steps[-1] if steps else "nothing"
    with stage.site.app_context():
        assert {name: found for name, found in checks.run().items() if found} == {}, where
        made = db.session.query(Pledge).filter_by(attempt=form.fields["attempt"]).one()
        payment = db.session.query(Payment).filter_by(pledge_id=made.id).one()
        assert (made.state, payment.state) == ("paid", "settled"), where
        assert payment.settled_fee == 175, where
        moves = db.session.query(History).filter_by(
            kind="payment", subject_id=payment.id, new="settled"
        )
        assert moves.count() == 1, where
        entries = db.session.query(Entry).filter_by(source_id=payment.id, kind="paid")
        assert entries.count() == 1, where
        letter = db.session.query(Letter).filter_by(pledge_id=made.id).one()
        assert letter.sent_at is not None and letter.attempts <= 2, where
        copies = stage.sink.taken[message_id_of(letter)]
        assert copies == 1 or (copies == 2 and "mail sent, not noted" in steps), where
        if copies == 2:
            assert die_before is not None and steps[-1] in TWICE, (where, steps[-3:])
        assert opened(stage.sandbox, made.token) == 1, where


#: Between the mail server's 250 and our commit: only here may a second copy go out.
TWICE = ("mail sent, not noted", "UPDATE ashar_letter", "commit")


def opened(sandbox: Sandbox, token: str) -> int:
    found = sandbox.account.store.all("checkout.session")
    return sum(one["client_reference_id"] == token for one in found)
