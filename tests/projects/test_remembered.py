"""A remembered page is exact: whatever it shows is part of what it is remembered under."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ashar.kernel import db
from ashar.kernel.db import session
from ashar.projects import queries
from ashar.projects.models import Project
from ashar.site import create_app
from tests.conftest import Clock
from tests.factories import make_pledge, make_project, settle


def row(slug: str) -> int:
    return session.query(Project).filter_by(slug=slug).one().id


def test_a_page_that_is_remembered_is_the_page(
    site: Flask, client: FlaskClient, project: str
) -> None:
    for path in ("/", "/projects", f"/projects/{project}"):
        first, second = client.get(path), client.get(path)
        assert first.data == second.data
        assert first.headers["ETag"] == second.headers["ETag"]
        site.extensions["ashar"].pages._kept.clear()
        assert client.get(path).data == first.data


@pytest.mark.parametrize("path", ["/", "/projects", "/projects/dry-rice"])
def test_a_gift_shows_at_once(site: Flask, client: FlaskClient, project: str, path: str) -> None:
    before = client.get(path)
    with site.app_context():
        settle(make_pledge(row(project), "51.00")[1])
    after = client.get(path)
    assert "51" in after.text and before.headers["ETag"] != after.headers["ETag"]
    assert client.get(path, headers={"If-None-Match": after.headers["ETag"]}).status_code == 304
    assert client.get(path, headers={"If-None-Match": before.headers["ETag"]}).status_code == 200


def test_a_state_a_text_and_a_day_show_at_once(
    site: Flask, client: FlaskClient, project: str, clock: Clock
) -> None:
    path = f"/projects/{project}?lang=en"
    assert "Give money" in client.get(path).text
    with site.app_context(), db.transaction():
        found = session.get_one(Project, row(project))
        found.deadline = clock().date()
        found.texts[0].title = found.texts[1].title = "Another title"
        found.edited_at = clock()
    assert "Another title" in client.get(path).text
    clock.forward(days=2)
    assert "Give money" not in client.get(path).text


def test_languages_and_addresses_do_not_mix(site: Flask, client: FlaskClient, project: str) -> None:
    path = f"/projects/{project}"
    plain = client.get(path, headers={"Accept-Language": "en"}).text
    assert plain == client.get(path, headers={"Accept-Language": "en-GB"}).text
    assert '<html lang="de">' in client.get(path, headers={"Accept-Language": "de"}).text
    assert '<html lang="en">' in client.get(path + "?lang=en").text
    assert client.get(path + "?lang=en").text != plain  # its links keep the language


def test_the_oldest_page_makes_room(settings: dict[str, Any]) -> None:
    app = create_app(settings | {"ASHAR_REMEMBERED_PAGES": 2}, environ={})
    with app.app_context():
        for slug in ("a", "b", "c"):
            make_project(slug)
        queries.counts.clear()
    client = app.test_client()
    for slug in ("a", "b", "c"):
        client.get(f"/projects/{slug}")
    assert len(app.extensions["ashar"].pages._kept) == 2
