"""The commands, as an operator types them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient

from ashar.gateways.base import Received
from ashar.kernel import db
from ashar.kernel.money import Money
from ashar.pledges import tasks
from ashar.projects import queries
from ashar.projects.models import Project, Totals
from stripe_sandbox import Sandbox
from tests.factories import make_pledge, make_project, pledge_of, settle

Ashar = Callable[..., Result]


@pytest.fixture
def ashar(site: Flask) -> Ashar:
    """Return what runs `flask ashar …` on the test's site."""
    runner = site.test_cli_runner()
    return lambda *words: runner.invoke(args=["ashar", *words])


def test_check_is_green_and_names_every_difference(site: Flask, ashar: Ashar) -> None:
    with site.app_context():
        row = make_project()
        settle(make_pledge(row)[1])
    assert ashar("check").exit_code == 0
    with site.app_context(), db.transaction() as session:
        session.query(Totals).filter_by(project_id=row).update({"raised_minor": 1})
    broken = ashar("check")
    assert broken.exit_code == 1
    assert f"project {row} in CHF: totals [1, 0, 0, 1], recomputed [5000, 0, 0, 1]" in broken.output
    assert ashar("check", "--fix-totals").exit_code == 0


def test_a_part_is_refunded_from_the_command_line(
    sandbox: Sandbox, site: Flask, ashar: Ashar, client: FlaskClient, project: str
) -> None:
    from tests.live import pledge, session_of

    session_id = session_of(sandbox, pledge(client, project))
    sandbox.pay(session_id)
    with site.app_context():
        tasks.reconcile()
        found = pledge_of(1)
        token = found.token
        assert found.state == "paid"
    done = ashar("refund", f"http://localhost/pledges/{token}", "--amount", "12.50")
    assert (done.exit_code, done.output) == (0, "Refund 1: succeeded.\n")
    with site.app_context():
        found_project = queries.by_slug(project)
        assert found_project
        assert queries.sums(found_project).raised == Money(3750, "CHF")
    for words, said in (
        (("refund", token, "--amount", "40.00"), "More than what is left"),
        (("refund", token, "--amount", "x"), "form"),
        (("refund", token, "--payment", "99"), "no such payment"),
        (("refund", "nobodys"), "no such pledge"),
    ):
        refused = ashar(*words)
        assert refused.exit_code == 1 and said in refused.output
    assert ashar("refund", token).exit_code == 0
    with site.app_context():
        assert pledge_of(1).state == "refunded"


def test_a_refund_that_cannot_be_sent_stands_and_is_sent_later(
    sandbox: Sandbox, site: Flask, ashar: Ashar, client: FlaskClient, project: str
) -> None:
    from tests.live import pledge, session_of

    sandbox.pay(session_of(sandbox, pledge(client, project)))
    with site.app_context():
        tasks.reconcile()
        token = pledge_of(1).token
    sandbox.faults.add("POST /v1/refunds", "503", times=4)
    failed = ashar("refund", token)
    assert failed.exit_code == 1 and "a job sends it again" in failed.output
    assert ashar("refund", token).exit_code == 1  # ordered already: nothing is left to refund
    sandbox.faults.clear()
    with site.app_context():
        from datetime import timedelta

        from ashar.pledges.models import Refund

        with db.transaction() as session:
            order = session.get_one(Refund, 1)
            order.ordered_at -= timedelta(minutes=5)
        assert tasks.send_refunds() == 1
        assert pledge_of(1).state == "refunded"


def test_events_are_listed_shown_and_replayed(site: Flask, ashar: Ashar) -> None:
    body = {
        "object": "event",
        "id": "evt_1",
        "type": "payment_intent.succeeded",
        "created": 1_790_000_000,
        "livemode": False,
        "data": {
            "object": {
                "id": "pi_1",
                "amount_received": 5000,
                "amount": 5000,
                "currency": "chf",
                "latest_charge": "ch_1",
                "metadata": {"pledge": "nobodys", "attempt": "1", "site": "ashar"},
            }
        },
    }
    with site.app_context():
        raw = json.dumps(body).encode()
        assert tasks.take_in("stripe", Received("evt_1", body["type"], raw)) == "parked"
    assert "unknown pledge" in ashar("events", "list", "--state", "parked").output
    assert '"pi_1"' in ashar("events", "show", "evt_1").output
    assert ashar("events", "replay", "evt_1").output.startswith("parked unknown pledge")
    assert ashar("events", "show", "evt_2").exit_code == 1


def test_rates_are_imported_or_refused_with_the_line(
    site: Flask, ashar: Ashar, tmp_path: Path
) -> None:
    good = tmp_path / "rates.csv"
    good.write_text(
        "date,currency,rate,source\n2026-03-02,CHF,0.94,ECB\n2026-03-02,KGS,101.5,NBKR\n"
    )
    assert ashar("rates", "import", str(good)).output == "2 rates.\n"
    ecb = tmp_path / "ecb.csv"
    ecb.write_text("Date,USD,JPY,CYP,\n2026-03-02,1.10,160.2,N/A,\n2026-03-01,1.09,N/A,N/A,\n")
    assert ashar("rates", "import", str(ecb)).output == "3 rates.\n"
    bad = tmp_path / "bad.csv"
    bad.write_text("date,currency,rate,source\n2026-03-02,CHF,0.94,x\n2026-03-02,CHF,none,x\n")
    refused = ashar("rates", "import", str(bad))
    assert refused.exit_code == 1 and "line 3" in refused.output


def test_the_doctor_says_what_is_missing(ashar: Ashar) -> None:
    found = ashar("doctor")
    assert found.exit_code == 0
    assert "not https" in found.output and "Traceback" not in found.output


def test_people_are_made_with_roles(site: Flask, ashar: Ashar) -> None:
    words = ("user", "create", "ayana@example.org", "--role", "moderator", "--region", "KG-N")
    assert ashar(*words, "--password", "a-long-enough-password").exit_code == 0
    assert ashar(*words, "--password", "a-long-enough-password").exit_code == 1


def test_draft_projects_stay_drafts(site: Flask) -> None:
    with site.app_context():
        row = make_project(publish=False)
        assert db.session.get_one(Project, row).state == "draft"
