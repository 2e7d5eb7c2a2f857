"""Threshold projects: reached or missed, gifts back or elsewhere, refunds that fail at first."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ashar.kernel import db
from ashar.kernel.errors import Refused
from ashar.moderation import holds
from ashar.moderation import tasks as moderation
from ashar.pledges import campaigns, closing, dispositions, refunds, services, tasks
from ashar.pledges.models import Payment, Pledge, Refund
from ashar.projects import services as projects
from ashar.projects import tasks as closer
from ashar.projects.models import Project, Totals
from stripe_sandbox import Sandbox
from tests.conftest import Clock
from tests.factories import make_project, make_rates
from tests.live import pledge as give_by_form
from tests.mailbox import Mailbox
from tests.pledges.campaign import (
    DAYS,
    SLUG,
    campaign,
    give,
    hear,
    pass_by,
    payments,
    pledge,
    rows,
    state_of,
    states,
    threshold,
    work,
)
from tests.pledges.test_stream import balances

# Before the site, which asks where it is.
pytestmark = pytest.mark.usefixtures("sandbox")


@pytest.fixture
def bridge(sandbox: Sandbox, site: Flask) -> int:
    """Return a threshold project's row; there is another project beside it."""
    with site.app_context():
        make_rates()
        make_project("canal")
        return threshold()


def fill(sandbox: Sandbox) -> None:
    """Give to the other project, so that the provider's balance bears what it keeps of fees."""
    give(sandbox, row_of("canal"), "20.00")


def row_of(slug: str) -> int:
    return db.session.query(Project.id).filter_by(slug=slug).scalar()


def bar(slug: str, currency: str = "CHF") -> tuple[int, int]:
    """Return what a project shows as raised, and its supporters."""
    db.session.rollback()
    row = db.session.get(Totals, (row_of(slug), currency), populate_existing=True)
    return (row.raised_minor, row.supporters) if row else (0, 0)


def late(clock: Clock, sandbox: Sandbox) -> None:
    """Let the last day pass."""
    hear(sandbox)
    pass_by(clock, sandbox, days=DAYS + 1)


def test_a_missed_threshold_gives_every_gift_back_the_way_it_came(
    site: Flask, sandbox: Sandbox, bridge: int, clock: Clock, mailbox: Mailbox
) -> None:
    with site.app_context():
        for number in range(3):
            give(sandbox, bridge, email=f"donor{number}@example.org")
        late(clock, sandbox)
        assert bar(SLUG) == (15_000, 3)
        fill(sandbox)
        hear(sandbox)
        pass_by(clock, sandbox, days=3)
        work(clock, sandbox)
        assert state_of(site, bridge) == "cancelled"
        assert campaign().state == "done"
        assert states() == [("refund", "done")] * 3
        assert payments() == [*["refunded"] * 3, "settled"]
        assert bar(SLUG) == (0, 0)
        left = {name: minor for (name, _), minor in balances().items() if minor}
        # What the provider keeps of its fees is the association's cost.
        fees = 3 * 175 + 88
        assert left == {"provider:stripe": 2000 - fees, "fees": fees, "project:canal": -2000}
        assert campaign().figures["fees"] == {"CHF": 525}
    back = [one for one in mailbox.letters if "Refunded" in one.subject]
    assert len(back) == 3


def test_a_threshold_that_was_reached_closes_as_any(
    site: Flask, sandbox: Sandbox, clock: Clock
) -> None:
    with site.app_context():
        row = threshold(minimum=5_000)
        give(sandbox, row)
        late(clock, sandbox)
        assert closer.close() == 1
        work(clock, sandbox)
        assert state_of(site, row) == "closed"
        assert (campaign().state, rows()) == ("ended", [])
        assert bar(SLUG) == (5_000, 1)


def test_before_its_last_day_nothing_is_closed_and_its_leader_cannot(
    site: Flask, sandbox: Sandbox, bridge: int, clock: Clock
) -> None:
    with site.app_context():
        give(sandbox, bridge)
        hear(sandbox)
        pass_by(clock, sandbox, days=DAYS)
        work(clock, sandbox, 1)
        assert state_of(site, bridge) == "published"
        assert campaign().figures["gifts"] == 1
        with pytest.raises(Refused, match="minimum"), db.transaction() as session:
            projects.step(session.get_one(Project, bridge), "closed")
        assert not services.takes_monthly(db.session.get_one(Project, bridge))
        assert services.takes_monthly(db.session.get_one(Project, row_of("canal")))


def test_a_gift_goes_to_the_project_that_its_donor_chose(
    site: Flask, sandbox: Sandbox, bridge: int, clock: Clock
) -> None:
    with site.app_context():
        canal = row_of("canal")
        moved = give(sandbox, bridge, fallback="other", fallback_project=canal, cover_fees=True)
        general = give(sandbox, bridge, "30.00", fallback="other")
        late(clock, sandbox)
        work(clock, sandbox)
        assert states() == [("project", "done"), ("general", "done")]
        assert pledge(moved).project.slug == "canal"
        assert pledge(general).project.slug == SLUG
        assert (bar(SLUG), bar("canal")) == ((0, 0), (5_000, 1))
        left = {name: minor for (name, _), minor in balances().items()}
        assert (left["project:canal"], left["general"]) == (-5000, -3000)
        assert "project:bridge" not in left
        # And a refund of what was moved takes it from where it is.
        row = pledge(moved).id
        with db.transaction():
            [payment] = db.session.query(Payment).filter_by(pledge_id=row)
            refund = services.order_refund(payment, None, reason="asked").id
        assert tasks.send_refund(refund) == "succeeded"
        hear(sandbox)
        assert bar("canal") == (0, 0)
        assert ("project:canal", "CHF") not in balances()


def test_what_was_chosen_and_is_over_goes_back(
    site: Flask, sandbox: Sandbox, bridge: int, clock: Clock
) -> None:
    with site.app_context():
        canal = row_of("canal")
        give(sandbox, bridge, fallback="other", fallback_project=canal)
        late(clock, sandbox)
        with db.transaction() as session:
            projects.step(session.get_one(Project, canal), "closed")
        work(clock, sandbox, 4)
        assert states() == [("refund", "done")]
        assert payments() == ["refunded"]


def test_a_refund_that_fails_is_ordered_again_later_and_never_twice_at_once(
    site: Flask, sandbox: Sandbox, bridge: int, clock: Clock
) -> None:
    with site.app_context():
        token = give(sandbox, bridge)
        fill(sandbox)
        late(clock, sandbox)
        # The SDK tries twice: the order stands meanwhile, and is sent again.
        sandbox.faults.add("POST /v1/refunds", "500", times=4)
        work(clock, sandbox)
        assert states() == [("refund", "ordered")]
        work(clock, sandbox, 2)
        assert payments() == ["refunded", "settled"]
        assert pledge(token).state == "refunded"
        assert db.session.query(Refund).count() == 1


def test_a_refund_that_arrived_and_came_back_is_taken_up_again(
    site: Flask, sandbox: Sandbox, bridge: int, clock: Clock
) -> None:
    with site.app_context():
        give(sandbox, bridge)
        fill(sandbox)
        late(clock, sandbox)
        work(clock, sandbox)
        assert campaign().state == "done"
        [refund] = db.session.query(Refund)
        sandbox.fail_refund(str(refund.gateway_id))
        hear(sandbox)
        assert payments()[0] == "settled"
        work(clock, sandbox, 1)
        assert states() == [("refund", "decided")]
        work(clock, sandbox, 1)
        assert campaign().state == "running"
        assert db.session.query(Refund).count() == 1
        pass_by(clock, sandbox, hours=2)
        work(clock, sandbox)
        assert payments()[0] == "refunded"
        assert [row.state for row in db.session.query(Refund).order_by(Refund.id)] == [
            "failed",
            "succeeded",
        ]
        assert campaign().state == "done"


def test_after_enough_failures_it_is_owed_and_called_off_a_treasurer_has_to_look(
    site: Flask, sandbox: Sandbox, bridge: int, clock: Clock
) -> None:
    with site.app_context():
        give(sandbox, bridge)
        fill(sandbox)
        late(clock, sandbox)
        for number in range(dispositions.ATTEMPTS):
            work(clock, sandbox, 2)
            assert db.session.query(Refund).count() == number + 1
            newest = db.session.query(Refund).order_by(Refund.id.desc()).first()
            assert newest is not None
            sandbox.fail_refund(str(newest.gateway_id))
            hear(sandbox)
            work(clock, sandbox, 1)
            pass_by(clock, sandbox, days=2)
        work(clock, sandbox, 2)
        owed = db.session.query(Refund).filter_by(state="owed").one()
        assert (owed.way, states()) == ("bank", [("refund", "ordered")])
        with db.transaction():
            refunds.withdraw(owed.id, "the donor cannot be found", actor=1)
        pass_by(clock, sandbox, days=2)
        work(clock, sandbox, 2)
        assert states() == [("refund", "stuck")]
        assert campaign().state == "running"
        [row] = rows()
        with db.transaction():
            assert dispositions.retry(row.id, actor=1)
        work(clock, sandbox)
        assert payments()[0] == "refunded"
        assert campaign().state == "done"


def test_too_little_at_the_provider_asks_the_treasurer_for_the_named_sum(
    site: Flask, sandbox: Sandbox, bridge: int, clock: Clock, mailbox: Mailbox
) -> None:
    with site.app_context():
        give(sandbox, bridge, "100.00")
        hear(sandbox)
        clock.forward(days=DAYS + 1)  # The sandbox's money is not available yet.
        work(clock, sandbox, 2)
        found = campaign()
        assert found.state == "short"
        assert found.figures["due"] == {"stripe": {"CHF": 10_000}}
        assert found.figures["short"] == {"CHF": 10_000}
        assert payments() == ["settled"]
        assert states() == [("refund", "decided")]
        # Money came: it begins by itself.
        sandbox.advance(days=3)
        work(clock, sandbox, 1)
        assert campaign().figures["short"] == {"CHF": 320}  # What the provider keeps.
        fill(sandbox)
        hear(sandbox)
        sandbox.advance(days=3)
        work(clock, sandbox)
        assert campaign().state == "done"
        assert payments()[0] == "refunded"


def test_a_treasurer_may_begin_all_the_same(
    site: Flask, sandbox: Sandbox, bridge: int, clock: Clock
) -> None:
    with site.app_context():
        give(sandbox, bridge)
        hear(sandbox)
        clock.forward(days=DAYS + 1)
        work(clock, sandbox, 1)
        row = campaign().id
        with db.transaction():
            assert closing.start(closing.lock(row), why="asked", actor=1)
            assert not closing.start(closing.lock(row), why="asked", actor=1)
        work(clock, sandbox)
        assert payments()[0] == "refunded"


def test_a_provider_that_does_not_answer_leaves_it_for_later(
    site: Flask, sandbox: Sandbox, bridge: int, clock: Clock
) -> None:
    with site.app_context():
        give(sandbox, bridge)
        fill(sandbox)
        late(clock, sandbox)
        sandbox.faults.add("GET /v1/balance", "500", times=None)
        work(clock, sandbox, 1)
        assert campaign().state == "missed"
        sandbox.faults.clear()
        work(clock, sandbox)
        assert campaign().state == "done"


def test_killed_between_any_two_gifts_none_is_forgotten_and_none_goes_back_twice(
    site: Flask, sandbox: Sandbox, bridge: int, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with site.app_context():
        canal = row_of("canal")
        for number in range(6):
            fallback = {"fallback": "other", "fallback_project": canal} if number % 2 else {}
            give(sandbox, bridge, **fallback)
        late(clock, sandbox)
        moderation.close_missed()
        campaigns.follow()
        done: list[int] = []
        carry = dispositions.carry_out

        def killed(row: int) -> str:
            state = carry(row)
            if len(done) in {0, 2, 3}:
                done.append(-1)
                raise SystemExit
            done.append(row)
            return state

        monkeypatch.setattr(dispositions, "carry_out", killed)
        for _ in range(4):
            try:
                campaigns.carry_out()
            except SystemExit:
                db.session.rollback()
        monkeypatch.undo()
        work(clock, sandbox)
        assert db.session.query(Refund).count() == 3
        assert sorted(payments()) == ["refunded"] * 3 + ["settled"] * 3
        assert bar("canal") == (15_000, 1 * 3)
        assert campaign().state == "done"


def test_a_project_cancelled_below_its_threshold_gives_back_too(
    site: Flask, sandbox: Sandbox, bridge: int, clock: Clock
) -> None:
    from tests.factories import make_person, reviewer

    with site.app_context():
        give(sandbox, bridge)
        fill(sandbox)
        hear(sandbox)
        sandbox.advance(days=5)
        boss = make_person("boss", "administrator")
        with db.transaction() as session:
            found = session.get_one(Project, bridge)
            holds.cancel(found, reviewer(boss), "incomplete", "It cannot be built.")
        work(clock, sandbox)
        assert campaign().state == "done"
        assert payments()[0] == "refunded"


def test_a_debit_that_settles_after_the_end_goes_the_chosen_way_too(
    site: Flask, sandbox: Sandbox, bridge: int, clock: Clock
) -> None:
    with site.app_context():
        canal = row_of("canal")
        for more in ({}, {"fallback": "other", "fallback_project": canal}):
            debit: dict[str, Any] = {"method": "sepa", "country": "DE", "currency": "EUR"}
            give(sandbox, bridge, outcome="pending", **debit, **more)
        late(clock, sandbox)
        work(clock, sandbox, 1)
        assert state_of(site, bridge) == "cancelled"
        assert set(payments()) <= {"processing", "settled"}
        for session in sandbox.account.store.all("checkout.session"):
            if session["payment_status"] == "unpaid":
                sandbox.settle_async(session["id"])
        hear(sandbox)
        pass_by(clock, sandbox, days=10)
        work(clock, sandbox, 4)
        pass_by(clock, sandbox, days=10)
        work(clock, sandbox, 4)
        assert states() == [("refund", "done"), ("project", "done")]
        assert bar("canal") == (4_700, 1)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_form_asks_what_becomes_of_a_gift_to_a_threshold_alone(
    sandbox: Sandbox, site: Flask, bridge: int, client: FlaskClient
) -> None:
    assert 'name="fallback"' not in client.get("/projects/canal/pledge").text
    page = client.get(f"/projects/{SLUG}/pledge?lang=en")
    assert 'name="fallback"' in page.text and 'value="canal"' in page.text
    wrong = give_by_form(client, SLUG, fallback="other", fallback_project="elsewhere")
    assert wrong.status_code == 422 and 'aria-invalid="true"' in wrong.text
    assert give_by_form(client, SLUG, fallback="neither").status_code == 422
    chosen = give_by_form(client, SLUG, fallback="other", fallback_project="canal")
    back = give_by_form(client, SLUG, fallback="refund", fallback_project="canal")
    flexible = give_by_form(client, "canal", fallback="other", fallback_project=SLUG)
    assert [one.status_code for one in (chosen, back, flexible)] == [303] * 3
    with site.app_context():
        canal = row_of("canal")
        made = db.session.query(Pledge).order_by(Pledge.id)
        assert [(row.fallback, row.fallback_id) for row in made] == [
            ("other", canal),
            ("refund", None),
            ("refund", None),
        ]
