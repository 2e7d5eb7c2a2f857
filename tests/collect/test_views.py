"""The desks about cash: the collector's, the treasurer's, the administrators'; a slip's page."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import select

from ashar.gateways import cash
from ashar.kernel import clock as time
from ashar.kernel import db
from ashar.kernel.db import session
from ashar.people import services
from ashar.people.models import Person
from ashar.pledges.models import Collector, HandIn, Partner, Slip
from ashar.projects import queries as projects
from tests.conftest import Clock, ClosingClient
from tests.factories import PROJECT, make_collector, make_partner, make_rates
from tests.live import read_form
from tests.people.conftest import Come, Guest, come, held
from tests.pledges.test_stream import balances
from tests.pledges.test_transfers import totals

__all__ = ["come"]

HELD = "partner-held:village"
ONE, TWO = cash.number_of(1), cash.number_of(2)


@pytest.fixture
def aibek(site: Flask, project: str, come: Come) -> Guest:
    """Return a collector with a book of slips, beside a partner."""
    site.test_client_class = ClosingClient
    who = come("aibek", "collector")
    with site.app_context():
        make_rates()
        found = projects.by_slug(project)
        assert found is not None
        make_partner("village", [found.id])
        make_collector("batken-1", who.row, slips=20)
    return who


def write(who: Guest, **fields: Any) -> Any:
    """Send the form of a slip."""
    page = "/collect/new"
    given = {"project": PROJECT, "amount": "1000", "name": "Айгүл", "contact": "0700 123 456"}
    return who.post(page, read_form(who.get(page)).fields | given | fields)


def hand_in(who: Guest, *numbers: str, **fields: Any) -> Any:
    page = "/collect/hand-in"
    token = read_form(who.get("/collect/new")).fields["csrf_token"]
    given = {"csrf_token": token, "account": HELD, "amount": "1000", "slips": list(numbers)}
    return who.post(page, given | fields)


def count(who: Guest, token: str, **fields: Any) -> Any:
    page = f"/treasury/cash/{token}"
    files = {"proof": (io.BytesIO(b"%PDF-1.7"), "signed.pdf")}
    return who.send(page, {"amount": "1000"} | fields | files)


def only_hand_in(site: Flask) -> str:
    with site.app_context():
        return session.scalars(select(HandIn)).one().token


def test_a_slip_is_written_in_one_screen_with_the_next_number(site: Flask, aibek: Guest) -> None:
    assert cash.grouped(ONE) in aibek.get("/collect/new").text
    assert write(aibek).status_code == 303
    page = aibek.get("/collect").text
    assert cash.grouped(ONE) in page and "Айгүл" in page and "1,000.00" in page
    assert cash.grouped(TWO) in aibek.get("/collect/new").text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"number": "0000 0016"}, "One digit is wrong"),
        ({"number": cash.number_of(500)}, "none of your books"),
        ({"amount": "60000"}, "at most"),
        ({"amount": "none"}, "not an amount"),
        ({"contact": "somewhere"}, "phone number"),
        ({"name": ""}, "first name"),
        ({"project": "nowhere"}, "choose a project"),
        ({"code": "123456"}, "No pledge in cash"),
        ({"day": "2999-01-01"}, "still to come"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    site: Flask, aibek: Guest, fields: dict[str, str], words: str
) -> None:
    answer = write(aibek, **fields)
    assert answer.status_code == 422
    assert words in answer.text and 'value="0700 123 456"' in answer.text or "contact" in fields
    with site.app_context():
        assert session.scalars(select(Slip)).all() == []


def test_a_collector_sees_their_own_alone(site: Flask, aibek: Guest, come: Come) -> None:
    other = come("nurlan", "collector")
    assert "not registered" in other.get("/collect").text
    assert other.get("/collect/new").status_code == 409
    with site.app_context():
        make_collector("osh-1", other.row, slips=5)
    write(aibek)
    assert "Айгүл" not in other.get("/collect").text
    assert hand_in(other, ONE).status_code == 422
    assert write(other, number=TWO).status_code == 422


def test_the_page_of_a_slip_says_how_far_it_is_and_no_names(
    site: Flask, aibek: Guest, come: Come
) -> None:
    stranger = site.test_client()
    stranger.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"

    def page(number: str = ONE, **args: str) -> Any:
        return stranger.get(f"/slips/{number}", query_string=args)

    assert page("00000016").status_code == 404
    assert page(cash.number_of(900)).status_code == 404
    assert "Not entered yet" in page().text
    write(aibek)
    found = page().text
    assert "With the collector since" in found
    assert not any(word in found for word in ("Айгүл", "Aibek", "1,000", "700123456"))
    assert "this sum stands on the slip" in page(sum="1000", currency="KGS").text
    assert "another sum was entered" in page(sum="900", currency="KGS").text
    assert page("0000 0015").status_code == 302
    hand_in(aibek, ONE)
    assert "Handed in" in page().text
    count(come("kassa", "treasurer"), only_hand_in(site))
    assert "Handed in and counted" in page().text


def test_it_is_counted_by_a_second_person_with_a_paper(
    site: Flask, aibek: Guest, come: Come
) -> None:
    write(aibek)
    assert hand_in(aibek, ONE).status_code == 303
    token, kassa = only_hand_in(site), come("kassa", "treasurer")
    page = f"/treasury/cash/{token}"
    auditor = come("reader", "auditor")
    assert auditor.get(page).status_code == 200
    assert auditor.post(page, {"amount": "1000"}).status_code == 403
    assert kassa.send(page, {"amount": "1000"}).status_code == 422
    assert count(kassa, token, amount="900").status_code == 422
    assert count(kassa, token, amount="900", reason="torn").status_code == 303
    assert "signed.pdf" in kassa.get(page).text
    with site.app_context():
        assert totals() == (974, 0, 1)
        assert balances()[HELD, "KGS"] == 90_000


def test_who_collects_and_keeps_the_books_counts_nothing_of_their_own(
    site: Flask, come: Come, aibek: Guest
) -> None:
    write(aibek)
    hand_in(aibek, ONE)
    with site.app_context(), db.transaction():
        services.give_role(session.get_one(Person, aibek.row), "treasurer")
    page = f"/treasury/cash/{only_hand_in(site)}"
    assert "you collected it" in aibek.get(page).text
    token = read_form(aibek.get("/collect/new")).fields["csrf_token"]
    proof = (io.BytesIO(b"%PDF-1.7"), "signed.pdf")
    answer = aibek.post(page, {"csrf_token": token, "amount": "1000", "proof": proof})
    assert answer.status_code == 422
    with site.app_context():
        assert totals() == (0, 974, 0)


def test_overdue_cash_is_listed_by_name(
    site: Flask, aibek: Guest, come: Come, clock: Clock
) -> None:
    write(aibek)
    kassa = come("kassa", "treasurer")
    assert "Nobody holds cash for too long" in kassa.get("/treasury/cash").text
    clock.forward(days=31)
    page = kassa.get("/treasury/cash").text
    assert "Aibek" in page and "1,000.00" in page


def test_a_mistake_is_made_void_by_the_treasurer(site: Flask, aibek: Guest, come: Come) -> None:
    write(aibek)
    kassa = come("kassa", "treasurer")
    page = f"/treasury/slips/{ONE}"
    assert kassa.send(page, {"why": ""}).status_code == 422
    assert kassa.send(page, {"why": "typed wrongly"}).status_code == 303
    with site.app_context():
        assert balances() == {}
    assert "This slip is void" in site.test_client().get(f"/slips/{ONE}?lang=en").text


@contextmanager
def statements(site: Flask) -> Iterator[list[str]]:
    """Gather what is sent to the database."""
    found: list[str] = []
    with site.app_context():
        engine = db.database().engine

    def note(*call: Any) -> None:
        found.append(call[2])

    sa.event.listen(engine, "before_cursor_execute", note)
    yield found
    sa.event.remove(engine, "before_cursor_execute", note)


def test_lists_take_a_fixed_number_of_queries(site: Flask, aibek: Guest, come: Come) -> None:
    kassa = come("kassa", "treasurer")
    counted = []
    for rounds in (1, 3):
        for _ in range(rounds):
            write(aibek)
        with site.app_context():
            numbers = [one.number for one in session.scalars(select(Slip))]
        with statements(site) as at_desk:
            aibek.get("/collect")
        hand_in(aibek, numbers[-1])
        with statements(site) as at_treasury:
            kassa.get("/treasury/cash")
        counted.append((len(at_desk), len(at_treasury)))
    assert counted[0] == counted[1]


# The administrators' -----------------------------------------------------------------------

REGISTER = {"slug": "batken-2", "country": "KG", "currency": "KGS", "place": "Базар"}
REGISTER |= {"slip_limit": "10000", "held_limit": "50000", "days_held": "14", "active": "y"}


def test_an_administrator_registers_a_collector_and_issues_a_book(
    site: Flask, project: str, come: Come
) -> None:
    site.test_client_class = ClosingClient
    boss, meerim = come("boss", "administrator"), come("meerim")
    page = "/admin/collectors/new"
    assert boss.send(page, {**REGISTER, "email": "nobody@example.org"}).status_code == 422
    assert boss.send(page, {**REGISTER, "email": "boss@example.org"}).status_code == 422
    wanted = {**REGISTER, "email": "meerim@example.org"}
    assert boss.send(page, wanted | {"slug": "Not Good"}).status_code == 422
    assert boss.send(page, wanted).status_code == 303
    assert held(site, meerim.row) == {("collector", "")}
    there = "/admin/collectors/batken-2"
    assert boss.send(there, {"slips": "0"}, f"{there}/books").status_code == 422
    assert boss.send(there, {"slips": "5"}, f"{there}/books").status_code == 303
    with site.app_context():
        row = session.scalars(select(Collector)).one()
        assert (row.slip_limit_minor, row.days_held) == (1_000_000, 14)
    assert cash.grouped(ONE) in meerim.get("/collect/new").text
    book = boss.get(f"{there}/books/1.pdf")
    assert book.content_type == "application/pdf" and book.data.startswith(b"%PDF")
    changed = {**REGISTER, "days_held": "7", "why": "a long way"}
    assert boss.send(there, changed).status_code == 303
    with site.app_context():
        assert session.scalars(select(Collector)).one().days_held == 7


def test_an_administrator_opens_a_file_and_enters_an_agreement(
    site: Flask, project: str, come: Come
) -> None:
    site.test_client_class = ClosingClient
    boss = come("boss", "administrator")
    given = {"slug": "village", "currency": "KGS", "name": "Фонд", "legal_form": "фонд"}
    given |= {"number": "12", "active": "y"}
    assert boss.send("/admin/partners/new", given | {"name": ""}).status_code == 422
    assert boss.send("/admin/partners/new", given).status_code == 303
    form = f"/projects/{project}/pledge"
    assert 'value="partner"' not in site.test_client().get(form).text
    with site.app_context():
        found = projects.by_slug(project)
        assert found is not None
        row, today = found.id, time.today()
    terms = {
        "from_day": today.isoformat(),
        "until_day": (today + timedelta(days=30)).isoformat(),
        "ceiling": "100000",
        "projects": str(row),
        "agency": "y",
    }
    page = "/admin/partners/village/agreement"
    assert boss.send(page, terms).status_code == 422
    paper = {"paper": (io.BytesIO(b"<html>"), "agreement.pdf")}
    assert boss.send(page, terms | paper).status_code == 422
    paper = {"paper": (io.BytesIO(b"%PDF-1.7"), "agreement.pdf")}
    assert boss.send(page, terms | paper).status_code == 303
    assert 'value="partner"' in site.test_client().get(form).text
    there = "/admin/partners/village"
    shown = boss.get(there).text
    assert "agreement.pdf" in shown
    ending = re.search(rf'action="([^"]*{there}/agreement/\d+/end)', shown)
    assert ending is not None
    end = {"on": (today + timedelta(days=60)).isoformat(), "why": "later"}
    assert boss.send(there, end, ending[1]).status_code == 422
    end = {"on": today.isoformat(), "why": "earlier"}
    assert boss.send(there, end, ending[1]).status_code == 303
    with site.app_context():
        partner = session.scalars(select(Partner)).one()
        assert partner.agreements[0].until_day == today
