"""The leader's desk of offers, and the committee's page: who may do what, and what is refused."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import icalendar
import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from ashar.kernel import clock as time
from ashar.kernel import db
from ashar.pledges import offers
from ashar.pledges.models import Offer
from ashar.projects import services
from tests.factories import make_offer, make_person
from tests.lead.browser import Desk
from tests.lead.browser import read as forms_of
from tests.lead.conftest import Sit, project_of
from tests.pledges.test_offers import counted, jpeg, read


@pytest.fixture
def row(site: Flask, draft: str) -> int:
    """Publish the leader's project, which needs twenty days; return its row."""
    with site.app_context():
        with db.transaction():
            services.publish(project_of(draft))
        return project_of(draft).id


@pytest.fixture
def home(row: int, draft: str) -> str:
    return f"/lead/projects/{draft}"


def offered(site: Flask, row: int, quantity: int = 5, **more: Any) -> tuple[int, str]:
    """Offer something; return the row of the offer and its name on desks."""
    with site.app_context():
        found = make_offer(row, quantity, **more)
        return found, read(found).token


def tomorrow() -> str:
    return (time.today() + timedelta(days=1)).isoformat()


def send(desk: Desk, path: str, page: str, **given: Any) -> TestResponse:
    """Send a form of a page by its address."""
    [form] = [one for one in forms_of(desk.get(page)) if one.action == path]
    data = {**dict(form.pairs), **given}
    return desk.post(path, data)


def test_an_offer_is_accepted_in_part_and_came_in_part_with_a_picture(
    site: Flask, leader: Desk, home: str, row: int
) -> None:
    number, token = offered(site, row, message="Күрөгүм бар")
    here = f"{home}/offers/{token}"
    assert token in leader.get(f"{home}/offers").text
    page = leader.get(here).text
    assert "Күрөгүм бар" in page and "aibek@example.org" in page
    with site.app_context():
        assert read(number).pledge.token not in page
        day = tomorrow()
    given = {"accept-quantity": "4", "accept-day": day, "accept-meeting": "8:00, тегирмен"}
    assert send(leader, f"{here}/accept", here, **given).status_code == 303
    assert "8:00, тегирмен" in leader.get(f"{home}/days/{day}").text
    too_many = send(leader, f"{here}/came", here, **{"came-quantity": "5"})
    assert too_many.status_code == 422
    picture = (io.BytesIO(jpeg()), "day.jpg")
    given = {"came-quantity": "3", "came-photo": picture}
    assert send(leader, f"{here}/came", here, **given).status_code == 303
    seen = leader.get(f"{here}/photo")
    assert seen.content_type == "image/jpeg" and seen.headers["Cache-Control"] == "no-store"
    with site.app_context():
        found = read(number)
        assert (found.state, found.accepted, found.delivered) == ("delivered", 4, 3)
        assert counted() == (3, 3, 3, 0)
    wrong = send(leader, f"{here}/came", here, **{"came-photo": (io.BytesIO(b"%PDF"), "a.jpg")})
    assert wrong.status_code == 409 and "JPEG or PNG" in wrong.text


@pytest.mark.parametrize(
    ("form", "field", "value"),
    [
        ("accept", "quantity", "6"),
        ("accept", "quantity", "0"),
        ("accept", "quantity", "five"),
        ("accept", "day", "2020-01-01"),
        ("accept", "day", "someday"),
        ("accept", "meeting", "x" * 201),
        ("decline", "reason", " "),
        ("decline", "reason", "x" * 501),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_wrong_is_said_beside_its_field(
    site: Flask, leader: Desk, home: str, row: int, form: str, field: str, value: str
) -> None:
    number, token = offered(site, row)
    here = f"{home}/offers/{token}"
    answer = send(leader, f"{here}/{form}", here, **{f"{form}-{field}": value})
    assert answer.status_code == 422
    assert f'id="{form}-{field}-error"' in answer.text
    if value.strip():
        assert value in answer.text
    with site.app_context():
        assert read(number).state == "offered"


def test_more_than_is_needed_takes_a_word_of_its_own(
    site: Flask, leader: Desk, home: str, row: int
) -> None:
    for quantity in (15, 10):
        number, token = offered(site, row, quantity)
        here = f"{home}/offers/{token}"
        answer = send(leader, f"{here}/accept", here)
    assert answer.status_code == 409 and "only 5 are still needed" in answer.text
    assert send(leader, f"{here}/accept", here, **{"accept-more": "y"}).status_code == 303
    with site.app_context():
        assert read(number).state == "accepted" and counted() == (25, 25, 0, 0)


def test_who_does_not_want_to_be_named_to_the_leader_is_not(
    site: Flask, leader: Desk, home: str, row: int
) -> None:
    _, token = offered(site, row, visibility="hidden", group="Тобу")
    for path in ("/offers", f"/offers/{token}"):
        page = leader.get(home + path).text
        assert "Wants not to be named" in page
        assert not {word for word in ("Айбек", "aibek@", "Тобу") if word in page}


def test_a_helper_reads_without_contacts_and_types_lists_that_wait(
    site: Flask, helper: Desk, home: str, row: int
) -> None:
    number, token = offered(site, row)
    here = f"{home}/offers/{token}"
    page = helper.get(here).text
    assert "aibek@" not in page and "accept-quantity" not in page
    for path in ("accept", "decline", "came"):
        assert helper.post(f"{here}/{path}", {}).status_code == 403
    answer = listed(helper, home, **{"lines-0-name": "Асан", "lines-0-quantity": "2"})
    assert answer.status_code == 303
    with site.app_context():
        states = [one.state for one in db.session.query(Offer).order_by(Offer.id)]
        assert states == ["offered", "offered"] and read(number).state == "offered"


def listed(desk: Desk, home: str, **given: str) -> TestResponse:
    path = f"{home}/offers/paper"
    return send(desk, path, path, **({"consent": "y"} | given))


def test_a_paper_list_is_entered_once_and_asks_for_consent(
    site: Flask, leader: Desk, home: str, row: int
) -> None:
    line = {"lines-0-name": "Асан", "lines-0-quantity": "2", "lines-3-name": "Үсөн"}
    path = f"{home}/offers/paper"
    answer = listed(leader, home, **line)
    assert answer.status_code == 422 and "How much?" in answer.text and "Үсөн" in answer.text
    line["lines-3-quantity"] = "30"
    unasked = listed(leader, home, **line, consent="")
    assert unasked.status_code == 422 and "Please ask them first." in unasked.text
    many = listed(leader, home, **line)
    assert many.status_code == 422 and "are still needed" in many.text
    assert listed(leader, home).status_code == 422
    [form] = [one for one in forms_of(leader.get(path)) if one.action == path]
    with site.app_context():
        today = time.today().isoformat()
    given = dict(form.pairs) | line | {"consent": "y", "came": "yes", "day": today}
    for _ in range(2):
        answer = leader.post(path, given)
        assert answer.status_code == 303
    with site.app_context():
        found = db.session.query(Offer).all()
        assert {(one.pledge.name, one.state, one.delivered) for one in found} == {
            ("Асан", "delivered", 2),
            ("Үсөн", "delivered", 30),
        }
        assert counted() == (32, 32, 32, 0)
    assert leader.get(f"{home}/days/{today}").text.count("from a paper list") == 2


def test_a_day_is_a_list_to_print_a_calendar_and_what_came_of_all_at_once(
    site: Flask, leader: Desk, home: str, row: int
) -> None:
    with site.app_context():
        today = time.today()
        rows = [make_offer(row, 3, name=name) for name in ("Асан", "Үсөн", "Эсен")]
        for number in rows:
            with db.transaction():
                offers.accept(read(number), 3, day=today, meeting="Тегирмен", actor=None)
        tokens = [read(number).token for number in rows]
    path = f"{home}/days/{today.isoformat()}"
    assert path in leader.get(f"{home}/offers").text
    page = leader.get(path).text
    assert "3 people are expected." in page and "aibek@example.org" in page
    calendar = icalendar.Calendar.from_ical(leader.get(f"{path}/ashar.ics").data)
    [event] = calendar.walk("VEVENT")
    assert event.decoded("dtstart") == today and "Асан" not in calendar.to_ical().decode()
    came = dict(zip((f"came_{token}" for token in tokens), ("3", "1", "0"), strict=True))
    wrong = send(leader, path, path, **(came | {f"came_{tokens[0]}": "4"}))
    assert wrong.status_code == 422
    given: dict[str, Any] = came | {"photo": (io.BytesIO(jpeg()), "a.jpg")}
    assert send(leader, path, path, **given).status_code == 303
    with site.app_context():
        assert [read(number).state for number in rows] == ["delivered", "delivered", "missed"]
        assert counted() == (4, 4, 4, 0)
    for wrong_day in ("2026-13-01", "x", "20260101x"):
        assert leader.get(f"{home}/days/{wrong_day}").status_code == 404
    assert leader.get(f"{home}/days/2020-01-01/ashar.ics").status_code == 404


def test_a_member_of_the_committee_confirms_and_nobody_else(
    site: Flask, sit: Sit, leader: Desk, helper: Desk, draft: str, row: int
) -> None:
    number, token = offered(site, row, email=None, phone="+996700000000")
    with site.app_context():
        make_person("bakyt")
        with db.transaction():
            offers.accept(read(number), 5, day=None, actor=None)
        with db.transaction():
            offers.deliver([(read(number), 4)], photo=(jpeg(), "a.jpg"), actor=None)
    path = f"/projects/{draft}/confirm"
    for other in (leader, helper, sit("stranger"), sit("naryn")):
        assert other.get(path).status_code == 403
        posted = other.post(f"{path}/{token}", {})
        assert posted.status_code == 403
    assert sit("").get(path).status_code == 302
    bakyt = sit("bakyt")
    assert bakyt.get("/projects/nothing/confirm").status_code == 403
    page = bakyt.get(path)
    assert "4 labour days" in page.text and "+996700000000" not in page.text
    assert bakyt.get(f"{path}/{token}/photo").content_type == "image/jpeg"
    here = f"{path}/{token}"
    assert send(bakyt, here, path, **{f"{token}-quantity": "5"}).status_code == 422
    assert send(bakyt, here, path, **{f"{token}-quantity": "3"}).status_code == 303
    with site.app_context():
        found = read(number)
        assert (found.state, found.confirmed, found.confirmed_as) == ("confirmed", 3, "committee")
        assert counted() == (4, 4, 4, 3)
    assert "Nothing waits" in bakyt.get(path).text


@contextmanager
def statements(engine: sa.Engine) -> Iterator[list[str]]:
    """Note every statement that is sent."""
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        seen.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_lists_take_as_many_queries_for_many_offers_as_for_one(
    site: Flask, sit: Sit, leader: Desk, home: str, draft: str, row: int
) -> None:
    with site.app_context():
        make_person("bakyt")
        engine, today = db.database().engine, time.today()
        db.session.rollback()

    def add(number: int) -> None:
        with site.app_context():
            for _ in range(number):
                found = make_offer(row, 1)
                with db.transaction():
                    offers.accept(read(found), 1, day=today, actor=None)
                with db.transaction():
                    offers.deliver([(read(found), 1)], photo=None, actor=None)

    def count(get: Callable[[], TestResponse]) -> int:
        with statements(engine) as seen:
            assert get().status_code == 200
        return len(seen)

    bakyt = sit("bakyt")
    pages = (
        lambda: leader.get(f"{home}/offers"),
        lambda: leader.get(f"{home}/offers?state=delivered"),
        lambda: leader.get(f"{home}/days/{today.isoformat()}"),
        lambda: bakyt.get(f"/projects/{draft}/confirm"),
    )
    add(1)
    [count(get) for get in pages]
    one = [count(get) for get in pages]
    add(9)
    assert [count(get) for get in pages] == one
