"""Matching pools at the administrators' and the treasurer's desks, and what donors see of them."""

import io
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask

from ashar.kernel import db
from ashar.ledger import queries as book
from ashar.pledges import pools
from ashar.pledges.models import Pool, PoolPayment
from tests.conftest import ClosingClient
from tests.factories import (
    PROJECT,
    make_account,
    make_pledge,
    make_pool,
    make_project,
    pledge_of,
    settle,
)
from tests.faults.drivers import watched
from tests.live import read_form
from tests.people.conftest import Come, Guest, come
from tests.test_hostile_forms import Wild

__all__ = ["come"]

NEW = "/admin/pools/new"
POOL: dict[str, Any] = {
    "slug": "alpine-fund",
    "name_en": "Alpine Fund",
    "name_ky": "Альпы фонду",
    "kind": "paid_in",
    "rate": "1:1",
    "currency": "CHF",
    "total": "1'000",
    "cap": "100",
    "projects": PROJECT,
    "open": "y",
}
PDF = b"%PDF-1.7 the line of the statement"


@pytest.fixture
def boss(site: Flask, come: Come) -> Guest:
    """Return an administrator, of a site with a project and an account in francs."""
    site.test_client_class = ClosingClient
    with site.app_context():
        make_project()
        make_account("CHF")
    return come("boss", "administrator")


def pay_in(who: Guest, proof: bytes | None = PDF, **fields: Any) -> Any:
    """Send the treasurer's form of a sponsor's payment."""
    there = "/treasury/pools/alpine-fund"
    given = read_form(who.get(there)).fields | {"amount": "250"} | fields
    files = {} if proof is None else {"proof": (io.BytesIO(proof), "line.pdf")}
    return who.post(there, given | files)


def test_a_pool_is_made_paid_into_shown_and_closed(site: Flask, boss: Guest, come: Come) -> None:
    assert boss.send(NEW, POOL).status_code == 303
    donor = site.test_client()
    form = f"/projects/{PROJECT}/pledge?lang=en"
    assert "Alpine Fund" not in donor.get(form).text
    cashier = come("kassa", "treasurer")
    assert pay_in(cashier).status_code == 303
    page = cashier.get("/treasury/pools/alpine-fund").text
    assert "line.pdf" in page and "CHF 250.00" in page.replace("\u00a0", " ")
    for there in (form, f"/projects/{PROJECT}?lang=en"):
        text = donor.get(there).text.replace("\u00a0", " ")
        assert "Alpine Fund adds to gifts, 1:1." in text and "CHF 250.00 is left." in text
        assert "At most CHF 100 for one gift." in text
    with site.app_context():
        found = pools.by_slug("alpine-fund")
        assert found is not None and (found.total_minor, found.cap_minor) == (100_000, 10_000)
        assert book.balances("pool:") == {("pool:alpine-fund", "CHF"): -25_000}
    less = {key: value for key, value in POOL.items() if key not in {"open", "slug", "kind"}}
    there = "/admin/pools/alpine-fund"
    assert boss.send(there, less).status_code == 422, "a change says why"
    assert boss.send(there, less | {"why": "their year ends"}).status_code == 303
    page = boss.get(there).text
    assert "their year ends" in page and "Closed" in page and "Boss" in page
    assert "Alpine Fund" not in donor.get(form).text
    assert "Alpine Fund" not in donor.get(f"/projects/{PROJECT}?lang=en").text


def test_a_donor_sees_what_is_set_aside_then_what_was_added(site: Flask, boss: Guest) -> None:
    with site.app_context():
        make_pool("alpine-fund", "30.00")
        pledge, payment = make_pledge(1, "50.00")
        token = pledge_of(pledge).token
    client = site.test_client()

    def page() -> str:
        return client.get(f"/pledges/{token}?lang=en").text.replace("\u00a0", " ")

    assert "Alpine Fund has set CHF 30.00 aside for your gift." in page()
    with site.app_context():
        settle(payment)
    assert "Alpine Fund has added CHF 30.00 to your gift." in page()
    shown = client.get(f"/projects/{PROJECT}?lang=en").text.replace("\u00a0", " ")
    assert "CHF 30.00 of it was added by sponsors." in shown
    told = client.get(f"/api/v1/projects/{PROJECT}").json
    assert told["raised"]["amount"] == "80.00" and told["matched"]["amount"] == "30.00"


def test_a_promise_is_called_one_and_takes_no_payment(site: Flask, boss: Guest, come: Come) -> None:
    assert boss.send(NEW, POOL | {"kind": "promised"}).status_code == 303
    client = site.test_client()
    text = client.get(f"/projects/{PROJECT}/pledge?lang=en").text
    assert "has promised to add to gifts" in text and "once the sponsor has paid" in text
    cashier = come("kassa", "treasurer")
    page = cashier.get("/treasury/pools/alpine-fund").text
    assert "only promised" in page and "multipart" not in page
    answer = cashier.post("/treasury/pools/alpine-fund", {"amount": "5"})
    assert answer.status_code == 409


@pytest.mark.parametrize(
    "wrong",
    [
        {"slug": "Alpine!"},
        {"slug": "new"},
        {"slug": ""},
        {"name_en": ""},
        {"name_en": "x" * 81},
        {"total": "0"},
        {"total": "many"},
        {"cap": "-5"},
        {"kind": "gift"},
        {"rate": "1:0"},
        {"rate": "9999999999:1"},
        {"currency": "XXX"},
        {"projects": "nowhere"},
        {"projects": " , "},
        {"regions": "KG-X"},
        {"themes": "war"},
        {"email": "nobody"},
        {"starts": "2027-02-01", "ends": "2027-01-31"},
        {"ends": "yesterday"},
    ],
    ids=lambda wrong: " ".join(f"{key}={value[:12]}" for key, value in wrong.items()),
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    site: Flask, boss: Guest, wrong: dict[str, str]
) -> None:
    answer = boss.send(NEW, POOL | {"name_de": "Alpenfonds"} | wrong)
    assert answer.status_code == 422
    assert 'class="errors"' in answer.text and 'value="Alpenfonds"' in answer.text
    with site.app_context():
        assert not pools.pools()


def test_a_name_twice_and_a_total_below_what_is_given_are_refused(site: Flask, boss: Guest) -> None:
    with site.app_context():
        make_pool("alpine-fund")
        make_pledge(1, "60.00")
    assert boss.send(NEW, POOL).status_code == 422
    change = {"name_en": "Alps", "total": "59.99", "projects": PROJECT, "why": "less"}
    answer = boss.send("/admin/pools/alpine-fund", change)
    assert answer.status_code == 422 and "set aside and given already" in answer.text
    with site.app_context():
        found = pools.by_slug("alpine-fund")
        assert found is not None and found.total_minor == 10_000 and found.names["en"] != "Alps"


@pytest.mark.parametrize(
    ("fields", "proof"),
    [
        ({"amount": "0"}, PDF),
        ({"amount": "x"}, PDF),
        ({"account": "nowhere"}, PDF),
        ({"day": str(date.today() + timedelta(days=3))}, PDF),
        ({"day": "1999-01-01"}, PDF),
        ({"attempt": ""}, PDF),
        ({"attempt": "x" * 65}, PDF),
        ({}, None),
        ({}, b"MZ an executable"),
    ],
)
def test_a_payment_into_a_pool_that_is_wrong_books_nothing(
    site: Flask, boss: Guest, fields: dict[str, str], proof: bytes | None
) -> None:
    with site.app_context():
        make_pool("alpine-fund", paid="")
    assert pay_in(boss, proof, **fields).status_code == 422
    with site.app_context():
        assert db.session.query(PoolPayment).count() == 0
        assert book.balances() == {}


def test_hostile_names_act_nowhere(site: Flask, boss: Guest, come: Come) -> None:
    cashier, name = come("kassa", "treasurer"), '%s%(name)s "><script>alert(1)</script>{{ 7*7 }}'
    hostile = {"name_en": name, "name_ky": name[:40], "why": name}
    assert boss.send(NEW, POOL | hostile).status_code == 303
    assert pay_in(cashier).status_code == 303
    there = "/admin/pools/alpine-fund"
    more = {key: value for key, value in POOL.items() if key not in {"slug", "kind"}}
    assert boss.send(there, more | hostile | {"cap": "50"}).status_code == 303
    with site.app_context():
        pledge, payment = make_pledge(1, "50.00")
        settle(payment)
        token = pledge_of(pledge).token
    pages = ("/treasury/pools", "/treasury/pools/alpine-fund", "/admin/pools", there)
    pages += (f"/projects/{PROJECT}", f"/projects/{PROJECT}/pledge", f"/pledges/{token}")
    for page in pages:
        text = boss.get(f"{page}?lang=en").text
        assert "alert(1)" in text and Wild(text).found == []


@pytest.mark.parametrize("odd", ["\ud800", "x" * 5000, "🐏"])
def test_odd_characters_are_no_fault(site: Flask, boss: Guest, odd: str) -> None:
    with site.app_context():
        make_pool("alpine-fund")
    odd = odd.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    for field in ("slug", "name_en", "email", "total", "projects", "regions", "currency"):
        assert boss.send(NEW, POOL | {"slug": "another", field: odd}).status_code in {303, 422}
        with site.app_context(), db.transaction() as session:
            for pool in session.query(Pool).filter(Pool.slug != "alpine-fund"):
                session.delete(pool)
    for field in ("attempt", "account", "amount", "day"):
        assert pay_in(boss, **{field: odd}).status_code in {303, 422}
    assert boss.get(f"/admin/pools/{quote(odd[:50])}").status_code == 404
    assert boss.get(f"/treasury/pools/{quote(odd[:50])}").status_code == 404


def test_the_same_form_twice_is_one_payment(site: Flask, boss: Guest) -> None:
    with site.app_context():
        make_pool("alpine-fund", "1000.00", paid="")
    assert pay_in(boss, attempt="one").status_code == 303
    assert pay_in(boss, attempt="one").status_code == 303
    assert pay_in(boss, attempt="one", amount="300").status_code == 422
    with site.app_context():
        assert book.balance("pool:alpine-fund", "CHF").minor == -25_000
        [(_, paper)] = pools.paid_in(1)
        assert paper is not None and paper.owner_kind == pools.PAPERS


def test_an_auditor_reads_and_enters_nothing(site: Flask, boss: Guest, come: Come) -> None:
    with site.app_context():
        make_pool("alpine-fund")
    auditor = come("audit", "auditor")
    page = auditor.get("/treasury/pools/alpine-fund")
    assert page.status_code == 200 and "multipart" not in page.text
    assert auditor.get("/admin/pools").status_code == 403


def test_a_list_of_pools_takes_as_many_queries_as_one(site: Flask, boss: Guest) -> None:
    seen: list[str] = []

    def count(path: str) -> int:
        seen.clear()
        assert boss.get(path).status_code == 200
        return sum("ashar_pool" in one or "ashar_match" in one for one in seen)

    def note(statement: str) -> str:
        seen.append(statement)
        return statement

    with site.app_context():
        make_pool("one")
        engine = db.database().engine
    with watched(engine, note):
        before = [count(path) for path in ("/admin/pools", "/treasury/pools")]
    with site.app_context():
        for number in range(5):
            make_pool(f"more-{number}")
    with watched(engine, note):
        assert [count(path) for path in ("/admin/pools", "/treasury/pools")] == before
    assert all(before)


def test_projects_without_a_pool_cost_no_query_more(site: Flask, boss: Guest) -> None:
    """Neither their page, nor their form, nor a gift to them asks for pools by itself."""
    with site.app_context():
        make_pool("alpine-fund", scopes=(("project", "another"),))
        engine = db.database().engine
        site.test_client().get(f"/projects/{PROJECT}")
        seen: list[str] = []

        def note(statement: str) -> str:
            seen.append(statement)
            return statement

        with watched(engine, note):
            client = site.test_client()
            assert client.get(f"/projects/{PROJECT}?lang=de").status_code == 200
            assert client.get(f"/projects/{PROJECT}/pledge").status_code == 200
            _, payment = make_pledge(1, "20.00")
            settle(payment)
    alone = [one for one in seen if "ashar_pool" in one or "ashar_match" in one]
    # The one that writes the payment finds out on its way.
    assert len(alone) == 1 and alone[0].startswith("INSERT INTO ashar_payment")
