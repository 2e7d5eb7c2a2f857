"""The listing: search, filters, order, pages, in a fixed number of queries."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from ashar.kernel import clock, db
from ashar.kernel.errors import Refused, StateError
from ashar.kernel.money import Money
from ashar.projects import queries, services
from ashar.projects.models import Project
from ashar.projects.queries import PER_PAGE
from ashar.projects.services import Wanted, Words
from ashar.projects.states import PROJECT
from tests.factories import make_pledge, make_project, settle


def words(title: str, summary: str = "…") -> dict[str, Words]:
    return {"ky": Words(title, summary, "Окуя"), "en": Words(title + " (en)", summary, "Story")}


@pytest.fixture
def village(site: Flask) -> None:
    """Put in some projects that differ."""
    with site.app_context():
        soon, later = clock.today() + timedelta(days=9), clock.today() + timedelta(days=90)
        make_project("rice", words=words("Баткенде Күрүч"), deadline=later)
        make_project(
            "guest-houses",
            words=words("Нарында туризм", "Қонок үйлөр жана ЖОЛ"),
            region="KG-N",
            district="Кочкор",
            theme="tourism",
            sdg=("8.9", "13.3"),
            needs=(Wanted("transport", 4, "trip", {"ky": "Жүк ташуу"}),),
            goal=Money(500_000, "EUR"),
            deadline=soon,
        )
        make_project("water", words=words("Таза суу"), region="KG-T", theme="water", needs=())
        make_project("kupuya", words=words("Купуя"), publish=False)
        settle(make_pledge(db.session.query(Project).filter_by(slug="water").one().id)[1])
        queries.counts.clear()


def slugs(client: FlaskClient, query: str) -> list[str]:
    import re

    page = client.get(f"/projects?{query}&lang=ky").text
    return list(dict.fromkeys(re.findall(r'href="/projects/([a-z-]+)\?lang=ky"', page)))


@pytest.mark.usefixtures("village")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"rice", "guest-houses", "water"}),
        ("region=KG-N", {"guest-houses"}),
        ("theme=water", {"water"}),
        ("sdg=13.3", {"guest-houses"}),
        ("sdg=3.3", set()),
        ("need=transport", {"guest-houses"}),
        ("state=completed", set()),
        ("q=күрүч", {"rice"}),
        ("q=КҮРҮЧ", {"rice"}),
        ("q=кочкор", {"guest-houses"}),
        ("q=жол үйлөр", {"guest-houses"}),
        ("q=жол суу", set()),
        ("q=%25", set()),
        ("q=_", set()),
        ("q='; drop table ashar_project; --", set()),
        ("region=KG-X", {"rice", "guest-houses", "water"}),
        ("page=abc", {"rice", "guest-houses", "water"}),
        ("page=99999", set()),
        ("page=-1", {"rice", "guest-houses", "water"}),
    ],
)
def test_filters_and_words_find_what_fits(client: FlaskClient, query: str, found: set[str]) -> None:
    assert set(slugs(client, query)) == found


@pytest.mark.usefixtures("village")
def test_orders_are_as_they_are_called(client: FlaskClient) -> None:
    assert slugs(client, "sort=new")[0] == "water"
    assert slugs(client, "sort=ending")[:2] == ["guest-houses", "rice"]
    assert slugs(client, "sort=progress")[0] == "water"
    assert slugs(client, "sort=goal")[0] == "guest-houses"


@pytest.mark.usefixtures("village")
def test_a_draft_is_nowhere_for_strangers(client: FlaskClient) -> None:
    for path in ("/projects/kupuya", "/projects/kupuya/pledge", "/api/v1/projects/kupuya"):
        assert client.get(path).status_code == 404
    assert "kupuya" not in client.get("/projects").text
    assert "kupuya" not in client.get("/").text


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """Gather the statements that an app sends."""
    with app.app_context():
        engine = db.database().engine
    seen: list[str] = []

    def note(_c: object, _u: object, statement: str, *_more: object) -> None:
        seen.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    yield seen
    sa.event.remove(engine, "before_cursor_execute", note)


def test_pages_take_a_fixed_number_of_queries(site: Flask, client: FlaskClient) -> None:
    with site.app_context():
        make_project("p0")
    numbers = []
    for more in (1, PER_PAGE + 5):
        with site.app_context():
            for number in range(more):
                make_project(f"more-{more}-{number}", words=words(f"Долбоор {number}"))
        queries.counts.clear()
        site.extensions["ashar"].pages._kept.clear()
        row = []
        for path in ("/", "/projects", "/projects/p0"):
            with counted(site) as seen:
                assert client.get(path).status_code == 200
            row.append(len(seen))
        numbers.append(row)
    assert numbers[0] == numbers[1]
    # A project's page tells of sponsors, supporters and what was given locally too.
    assert max(numbers[0]) <= 10


def test_a_list_goes_on_over_pages(site: Flask, client: FlaskClient) -> None:
    with site.app_context():
        for number in range(PER_PAGE + 3):
            make_project(f"p-{'abcdefghijklmnopqrstuvwxyz'[number]}")
        queries.counts.clear()
    first, second = slugs(client, "page=1"), slugs(client, "page=2")
    assert (len(first), len(second)) == (PER_PAGE, 3)
    assert not set(first) & set(second)
    assert "page=2" in client.get("/projects?q=күрүч&lang=ky").text


def test_what_was_just_published_is_counted_where_it_is_shown(
    site: Flask, client: FlaskClient
) -> None:
    assert "dry-rice" not in client.get("/projects?q=rice&lang=en").text
    with site.app_context():
        make_project()
    assert '<h2 id="found">1 project<' in client.get("/projects?q=rice&lang=en").text


def test_texts_come_in_the_readers_language_and_fall_back_visibly(
    site: Flask, client: FlaskClient, project: str
) -> None:
    assert "Batken dry rice" in client.get(f"/projects/{project}?lang=en").text
    german = client.get(f"/projects/{project}?lang=de").text
    assert "Баткенде күрүч" in german
    assert '<html lang="de">' in german


def test_stories_cannot_carry_scripts(site: Flask, client: FlaskClient) -> None:
    story = "Hi <script>alert(1)</script> [x](javascript:alert(1)) ![p](http://e.vil/x.png)\n\n# A"
    with site.app_context():
        make_project("sly", words={"ky": Words("<b>T</b>", "<i>S</i>", story)})
    page = client.get("/projects/sly").text
    assert "<script>alert" not in page and 'href="javascript:' not in page
    assert 'src="http://e.vil' not in page
    assert "<b>T</b>" not in page and "&lt;b&gt;T&lt;/b&gt;" in page
    assert "<h3>A</h3>" in page


@pytest.mark.parametrize(
    "change",
    [
        {"slug": "No Spaces"},
        {"region": "KG-X"},
        {"theme": "war"},
        {"goal": Money(0, "CHF")},
        {"language": "de"},
    ],
)
def test_a_project_that_cannot_be_is_refused_in_words(
    site: Flask, change: dict[str, object]
) -> None:
    with site.app_context(), pytest.raises(Refused):
        make_project(**{"slug": "p", **change})  # type: ignore[arg-type]


def test_a_rejected_project_cannot_be_published(site: Flask) -> None:
    with site.app_context():
        row = make_project("p", publish=False)
        with db.transaction() as session:
            found = session.get_one(Project, row)
            PROJECT.move(found, "submitted")
            PROJECT.move(found, "rejected", why="no consent of the council")
        with pytest.raises(StateError), db.transaction() as session:
            services.publish(session.get_one(Project, row))
