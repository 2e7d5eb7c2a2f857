"""The treasurer's pages of campaigns, of money that waits, and of exchange rates."""

import io
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from ashar.kernel import clock as time
from ashar.kernel import db
from ashar.ledger import rates
from ashar.people.access import Identity
from ashar.pledges import campaigns, closing, moves
from ashar.pledges.models import Campaign, Disposition, Payment
from ashar.projects.models import Project, Totals
from tests.conftest import ClosingClient
from tests.factories import make_person, make_pledge, make_project, pledge_of, settle
from tests.live import read_form
from tests.pledges.campaign import threshold

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def sign_in(site: Flask, name: str, role: str) -> FlaskClient:
    """Return the browser of somebody with a role."""
    with site.app_context():
        make_person(name, role)
    site.extensions["ashar"].who = lambda: Identity(
        f"test-{name}", f"{name}@example.org", name, "en", strong=True
    )
    site.test_client_class = ClosingClient
    found = site.test_client()
    found.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return found


@pytest.fixture
def kassa(site: Flask) -> FlaskClient:
    return sign_in(site, "kassa", "treasurer")


def short_campaign(gifts: int = 1) -> str:
    """Put in a campaign that waits for money; return its project's address."""
    row = threshold()
    for _ in range(gifts):
        _, payment = make_pledge(row)
        settle(payment)
    with db.transaction() as session:
        session.get_one(Project, row).state = "cancelled"
        closing.follow()
        session.flush()
        campaign = session.query(Campaign).one()
        closing.CAMPAIGN.move(campaign, "missed")
        closing.plan(campaign)
        closing.count(campaign)
        closing.answer(campaign, {"CHF": 320})
        return campaign.project.slug


@one_engine
def test_a_short_campaign_names_the_sum_and_begins_when_told(
    site: Flask, kassa: FlaskClient
) -> None:
    with site.app_context():
        slug = short_campaign()
    assert "give back" in kassa.get("/treasury").text.replace("gives back", "give back")
    page = kassa.get(f"/treasury/campaigns/{slug}")
    assert "CHF 3.20" in page.text or "3.20" in page.text
    assert "no-store" in page.headers["Cache-Control"]
    form = read_form(page)
    assert kassa.post(f"/treasury/campaigns/{slug}", data={"what": "start"}).status_code == 400
    wrong = form.fields | {"what": "everything"}
    assert kassa.post(f"/treasury/campaigns/{slug}", data=wrong).status_code == 422
    assert kassa.post(f"/treasury/campaigns/{slug}", data=form.fields).status_code == 303
    with site.app_context():
        assert db.session.query(Campaign).one().state == "running"
    assert kassa.get("/treasury/campaigns/none").status_code == 404


@one_engine
def test_an_auditor_reads_and_writes_nothing(site: Flask) -> None:
    with site.app_context():
        slug = short_campaign()
    reader = sign_in(site, "revizor", "auditor")
    for path in ("", "/campaigns", f"/campaigns/{slug}", "/late", "/rates"):
        page = reader.get(f"/treasury{path}")
        assert page.status_code == 200
        assert 'method="post"' not in page.text.partition("<main")[2]
    for path in (f"/campaigns/{slug}", "/rates", "/rates/file"):
        assert reader.post(f"/treasury{path}").status_code == 403


@one_engine
def test_lists_take_as_many_queries_for_one_as_for_many(site: Flask, kassa: FlaskClient) -> None:
    counts = []
    with site.app_context():
        engine = db.database().engine
        row = make_project()
    for gifts in (1, 12):
        with site.app_context():
            for _ in range(gifts):
                _, payment = make_pledge(row)
                settle(payment)
            with db.transaction() as session:
                for one in session.query(Payment):
                    moves.give_to_all(one, voucher="test")
                    known = session.query(Disposition).filter_by(payment_id=one.id).first()
                    if known is None:
                        about: dict[str, Any] = {"payment_id": one.id, "state": "stuck"}
                        about |= {"token": f"t{one.id}", "made_at": time.now()}
                        session.add(Disposition(**about, choice="refund", attempts=5))
        kassa.get("/treasury/late")
        seen: list[str] = []

        def note(_c: Any, _k: Any, statement: str, *_more: Any, into: list[str] = seen) -> None:
            into.append(statement)

        sa.event.listen(engine, "before_cursor_execute", note)
        page = kassa.get("/treasury/late")
        sa.event.remove(engine, "before_cursor_execute", note)
        assert page.text.count("/treasury/late/t") >= gifts
        counts.append(len(seen))
    assert counts[0] == counts[1]


def gift_without_rate(site: Flask, currency: str = "KGS", amount: str = "1000.00") -> int:
    with site.app_context():
        pledge, payment = make_pledge(make_project(), amount, currency)
        settle(payment)
        return pledge


def bar(site: Flask) -> dict[str, tuple[int, int]]:
    with site.app_context():
        rows = db.session.query(Totals).all()
        return {
            row.currency: (row.raised_minor, row.supporters)
            for row in rows
            if row.raised_minor or row.supporters
        }


def test_a_rate_by_hand_counts_the_gifts_that_waited_for_it(
    site: Flask, kassa: FlaskClient
) -> None:
    pledge = gift_without_rate(site)
    assert bar(site) == {"KGS": (100_000, 0), "CHF": (0, 1)}
    assert "1 gift without a rate" in kassa.get("/treasury").text
    page = kassa.get("/treasury/rates")
    assert "KGS → CHF" in page.text
    form, today = read_form(page).fields, time_of(site).isoformat()
    for currency, rate in (("KGS", "98,50"), ("CHF", "0.9370")):
        given = {"currency": currency, "day": today, "rate": rate, "source": "NBKR"}
        assert kassa.post("/treasury/rates", data=form | given).status_code == 303
    # 1000 som at 0.937 / 98.5.
    assert bar(site) == {"CHF": (951, 1)}
    with site.app_context():
        [payment] = pledge_of(pledge).payments
        assert (payment.worth_minor, payment.worth_source) == (951, "NBKR")
        # Fixed once: another word for the same day changes nothing of it.
        with db.transaction():
            rates.add("KGS", time.today(), Decimal("50"), "later")
        assert campaigns.convert() == 0
    assert bar(site) == {"CHF": (951, 1)}
    assert "KGS → CHF" not in kassa.get("/treasury/rates").text


def time_of(site: Flask) -> Any:
    with site.app_context():
        return time.today()


@one_engine
def test_a_rate_after_the_gifts_day_leaves_it_waiting(site: Flask, kassa: FlaskClient) -> None:
    gift_without_rate(site)
    with site.app_context(), db.transaction():
        for currency in ("KGS", "CHF"):
            rates.add(currency, time.today() + timedelta(days=1), Decimal(90), "tomorrow")
    with site.app_context():
        assert campaigns.convert() == 0
    assert bar(site) == {"KGS": (100_000, 0), "CHF": (0, 1)}


@one_engine
@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("rate", "free", "not a rate"),
        ("rate", "0", "not a rate"),
        ("rate", "-3", "not a rate"),
        ("rate", "NaN", "not a rate"),
        ("rate", "1e400", "not a rate"),
        ("day", "2999-01-01", "still to come"),
        ("day", "yesterday", "valid date"),
        ("currency", "XXX", "valid choice"),
        ("source", "", "required"),
    ],
)
def test_what_is_no_rate_is_told_beside_its_field(
    site: Flask, kassa: FlaskClient, field: str, value: str, words: str
) -> None:
    form = read_form(kassa.get("/treasury/rates")).fields
    given = {"currency": "KGS", "day": "2026-01-02", "rate": "98.5", "source": "NBKR"}
    answer = kassa.post("/treasury/rates", data=form | given | {field: value})
    assert answer.status_code == 422
    assert words in answer.text
    with site.app_context():
        assert rates.latest() == []


@one_engine
def test_a_file_is_taken_in_wholly_or_not_at_all(site: Flask, kassa: FlaskClient) -> None:
    form = read_form(kassa.get("/treasury/rates")).fields

    def bring(data: bytes, name: str = "rates.csv") -> Any:
        fields: dict[str, Any] = {"csrf_token": form["csrf_token"]}
        if name:
            fields["file"] = (io.BytesIO(data), name)
        return kassa.post("/treasury/rates/file", data=fields)

    for data, words in (
        (b"date,currency,rate\n2026-03-02,CHF,0.94\n2026-03-03,CHF,free\n", "line 3"),
        (b"\xff\xfe\x00", "no text file"),
        (b"a" * 200_001, "too large"),
        (b"", "empty"),
    ):
        answer = bring(data)
        assert answer.status_code == 422 and words in answer.text, words
    assert bring(b"", "").status_code == 422
    assert bring(b"Date, USD, JPY, \n2026-03-02,1.10,165.1,\n").status_code == 303
    with site.app_context():
        assert [(row.currency, row.rate) for row in rates.latest()] == [
            ("JPY", Decimal("165.1")),
            ("USD", Decimal("1.10")),
        ]
    assert "2 rates taken in." in kassa.get("/treasury/rates").text
