"""What the API answers."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from ashar.api import schemas
from ashar.kernel import clock, db
from ashar.kernel.money import Money
from ashar.projects import queries
from ashar.projects.models import Project
from ashar.projects.services import Wanted, Words
from ashar.projects.states import PROJECT
from ashar.projects.words import NEED_WORDS
from tests.factories import make_pledge, make_project, make_rates, settle

ADDRESSES = (
    "/api/v1/projects",
    "/api/v1/projects/dry-rice",
    "/api/v1/projects/dry-rice/progress",
    "/api/v1/regions",
    "/api/v1/openapi.json",
)
STEPS = {"milestones": [{"due": "2027-05-01", "share": 60}, {"share": 40}]}
SAID = {"milestones": [{"title": "Canals", "text": "We clear them."}, {"title": "Harvest"}]}


@contextmanager
def counted(site: Flask) -> Iterator[list[str]]:
    """Gather the statements that read."""
    with site.app_context():
        engine = db.database().engine
    found: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith("SELECT"):
            found.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def make_many(site: Flask, number: int) -> None:
    """Write published projects, each with two needs, in two regions and themes."""
    needs = (
        Wanted("labour", 60, "day", {"en": "Canals"}),
        Wanted("transport", 3, "trip", {"en": "A lorry"}),
    )
    with site.app_context():
        for i in range(number):
            even = i % 2 == 0
            make_project(
                f"number-{i:02}",
                region="KG-N" if even else "KG-T",
                theme="water" if even else "tourism",
                sdg=("6.4",) if even else ("8.9",),
                goal=Money(1000 * (i + 1), "CHF"),
                needs=needs if even else (),
            )
        queries.counts.clear()


def get(client: FlaskClient, address: str, **more: Any) -> Any:
    """Read JSON that must be there."""
    answer = client.get(address, **more)
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/json"
    return answer.json


def test_a_project_has_exactly_what_is_promised(client: FlaskClient, project: str) -> None:
    assert get(client, f"/api/v1/projects/{project}?lang=en") == {
        "slug": "dry-rice",
        "title": "Batken dry rice",
        "summary": "Rice without flooding.",
        "language": "en",
        "original": False,
        "state": "published",
        "region": "KG-B",
        "theme": "agriculture",
        "sdg": ["6.4"],
        "goal": {"amount": "18000.00", "currency": "CHF"},
        "raised": {"amount": "0.00", "currency": "CHF"},
        "matched": {"amount": "0.00", "currency": "CHF"},
        "awaiting": {"amount": "0.00", "currency": "CHF"},
        "supporters": 0,
        "deadline": None,
        "ashar": [{"kind": "labour", "unit": "day", "needed": 60, "offered": 0, "delivered": 0}],
        "impact": [],
        "url": "http://localhost/projects/dry-rice",
    }


def test_the_list_shows_a_project_as_its_own_address_does(site: Flask, client: FlaskClient) -> None:
    with site.app_context():
        make_rates()
        row = make_project(deadline=clock.today() + timedelta(days=30))
        _, payment = make_pledge(row, "50.00")
        settle(payment)
        queries.counts.clear()
    for lang in ("ky", "de"):
        listed = get(client, f"/api/v1/projects?lang={lang}")
        assert listed["items"] == [get(client, f"/api/v1/projects/dry-rice?lang={lang}")]
    assert listed["items"][0]["raised"] == {"amount": "50.00", "currency": "CHF"}
    assert listed["items"][0]["supporters"] == 1


@pytest.mark.parametrize(
    ("address", "header", "language", "original"),
    [
        ("?lang=en", "ru", "en", False),
        ("", "en;q=0.9, fr", "en", False),
        ("", "ky", "ky", True),
        ("?lang=de", "en", "ky", True),
    ],
)
def test_the_words_come_in_the_language_asked_for_or_the_original(
    client: FlaskClient, project: str, address: str, header: str, language: str, original: bool
) -> None:
    for path in (f"/api/v1/projects/{project}", f"/api/v1/projects/{project}/progress"):
        found = get(client, path + address, headers={"Accept-Language": header})
        assert (found["language"], found["original"]) == (language, original)


def test_progress_names_the_sums_and_the_milestones(site: Flask, client: FlaskClient) -> None:
    with site.app_context():
        words = {"en": Words("Rice", "Dry.", "We begin.", SAID)}
        row = make_project(language="en", words=words, details=STEPS, goal=Money(10_000, "CHF"))
        settle(make_pledge(row, "50.00")[1])
        settle(make_pledge(row, "30.00", "USD")[1])
    found = get(client, "/api/v1/projects/dry-rice/progress")
    assert found["raised"] == {"amount": "50.00", "currency": "CHF"}
    assert found["others"] == [{"amount": "30.00", "currency": "USD"}]
    assert (found["percent"], found["supporters"]) == (50, 2)
    assert found["milestones"] == [
        {"title": "Canals", "text": "We clear them.", "due": "2027-05-01", "share": 60,
         "done": False},
        {"title": "Harvest", "text": "", "due": None, "share": 40, "done": False},
    ]  # fmt: skip


def test_regions_have_names_in_four_languages_and_a_count(
    client: FlaskClient, project: str
) -> None:
    queries.counts.clear()
    found = get(client, "/api/v1/regions")["items"]
    assert len(found) == 9
    assert found[0] == {
        "code": "KG-B",
        "names": {
            "ky": "Баткен облусу",
            "ru": "Баткенская область",
            "en": "Batken Region",
            "de": "Gebiet Batken",
        },
        "projects": 1,
    }


def test_the_list_is_paged_and_its_links_keep_the_question(
    site: Flask, client: FlaskClient
) -> None:
    make_many(site, 43)
    first = get(client, "/api/v1/projects?sort=goal&lang=ky")
    assert (first["total"], first["pages"], first["page"]) == (43, 3, 1)
    assert first["previous"] is None
    assert first["next"].startswith("http://localhost/api/v1/projects?")
    seen = [item["slug"] for item in first["items"]]
    found = first
    while found["next"]:
        found = get(client, found["next"])
        seen += [item["slug"] for item in found["items"]]
    assert seen == [f"number-{i:02}" for i in range(43)]
    assert "sort=goal" in found["previous"] and "lang=ky" in found["previous"]


def test_a_page_behind_the_last_is_empty_and_leads_back(client: FlaskClient, project: str) -> None:
    queries.counts.clear()
    found = get(client, "/api/v1/projects?page=7")
    assert found["items"] == [] and found["next"] is None
    assert found["previous"].endswith("page=1")


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ("region=KG-N", 3),
        ("theme=tourism", 2),
        ("sdg=8.9", 2),
        ("need=transport", 3),
        ("need=skills", 0),
        ("state=published", 5),
        ("state=completed", 0),
        ("q=BATKEN rice", 5),
        ("q=", 5),
        ("q=100%25", 0),
        ("region=KG-N&theme=tourism", 0),
    ],
)
def test_filters_find_what_the_listing_finds(
    site: Flask, client: FlaskClient, asked: str, number: int
) -> None:
    make_many(site, 5)
    found = get(client, "/api/v1/projects?" + asked)
    assert found["total"] == len(found["items"]) == number


def test_needs_may_be_asked_for_in_the_words_of_the_page() -> None:
    assert set(schemas.NEEDS) == set(NEED_WORDS)


@pytest.mark.parametrize("tail", ["", "/progress"])
def test_a_draft_is_as_unknown_as_what_never_was(
    site: Flask, client: FlaskClient, tail: str
) -> None:
    with site.app_context():
        make_project("draft", publish=False)
    draft, never = (client.get(f"/api/v1/projects/{slug}{tail}") for slug in ("draft", "never"))
    assert draft.status_code == never.status_code == 404
    assert draft.mimetype == "application/problem+json"
    assert draft.data == never.data


def test_a_suspended_project_is_found_nowhere(
    site: Flask, client: FlaskClient, project: str
) -> None:
    with site.app_context(), db.transaction() as session:
        PROJECT.move(session.query(Project).one(), "suspended", why="test")
    queries.counts.clear()
    assert get(client, "/api/v1/projects")["items"] == []
    assert client.get(f"/api/v1/projects/{project}").status_code == 404


def reads(site: Flask, client: FlaskClient, address: str) -> int:
    """Return how often an answer reads the database when nothing is kept in memory."""
    queries.counts.clear()
    with counted(site) as statements:
        get(client, address)
    return len(statements)


@pytest.mark.parametrize(
    ("path", "number"),
    [
        ("projects", 4),
        ("projects/number-00", 3),
        ("projects/number-00/progress", 3),
        ("regions", 1),
        ("openapi.json", 0),
    ],
)
def test_an_answer_reads_the_database_as_often_for_few_projects_as_for_many(
    site: Flask, client: FlaskClient, path: str, number: int
) -> None:
    make_many(site, 2)
    few = reads(site, client, f"/api/v1/{path}")
    with site.app_context():
        for i in range(15):
            make_project(f"another-{i}")
    assert reads(site, client, f"/api/v1/{path}") == few == number


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_can_be_kept_and_asks_for_no_cookie(
    client: FlaskClient, project: str, address: str
) -> None:
    first = client.get(address, headers={"Accept-Language": "en"})
    assert first.status_code == 200
    assert first.headers["Cache-Control"].startswith("public")
    assert "Set-Cookie" not in first.headers
    assert [name.lower() for name in first.vary] == ["accept-language"]
    again = client.get(
        address, headers={"If-None-Match": first.headers["ETag"], "Accept-Language": "en"}
    )
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Access-Control-Allow-Origin"] == "*"


def test_another_language_is_another_etag(client: FlaskClient, project: str) -> None:
    tags = {
        client.get(f"/api/v1/projects/{project}?lang={lang}").headers["ETag"]
        for lang in ("ky", "en")
    }
    assert len(tags) == 2


@pytest.mark.parametrize("address", ADDRESSES)
def test_scripts_of_every_site_may_read(client: FlaskClient, project: str, address: str) -> None:
    asked = client.options(
        address,
        headers={
            "Origin": "https://elsewhere.example",
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "if-none-match",
        },
    )
    assert asked.status_code == 200
    assert asked.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert "if-none-match" in asked.headers["Access-Control-Allow-Headers"].lower()
    for headers in ({"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = client.get(address, headers=headers)
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert "ETag" in answer.headers["Access-Control-Expose-Headers"]


def test_a_head_has_the_headers_of_a_get(client: FlaskClient, project: str) -> None:
    head, full = (ask(f"/api/v1/projects/{project}") for ask in (client.head, client.get))
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["ETag"] == full.headers["ETag"]


def test_no_amount_is_a_float(client: FlaskClient, project: str) -> None:
    assert not re.search(r"[0-9]\.[0-9]+[,}\]]", client.get("/api/v1/projects").text)
