"""Ending letters by their link: by a person, by a mail program, and back."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ashar.kernel import db
from ashar.kernel.logs import masked
from ashar.mail import Unsubscribed, topics

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)

EMAIL = "aigul@example.org"


@pytest.fixture
def link(site: Flask) -> str:
    with site.app_context():
        return "/unsubscribe/" + topics.token(EMAIL, "queue")


def ended(site: Flask) -> list[tuple[str, str]]:
    with site.app_context():
        return [(one.email, one.topic) for one in db.session.query(Unsubscribed)]


def test_looking_ends_nothing(site: Flask, client: FlaskClient, link: str) -> None:
    page = client.get(link + "?lang=en")
    assert page.status_code == 200
    assert "What waits for moderators" in page.text
    assert EMAIL not in page.text and "a…@example.org" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in page.headers
    assert ended(site) == []


def test_a_mail_program_ends_them_with_one_click(
    site: Flask, client: FlaskClient, link: str
) -> None:
    for _ in range(2):
        answer = client.post(
            link,
            data={"List-Unsubscribe": "One-Click"},
            headers={"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"},
        )
        assert answer.status_code == 200
    assert ended(site) == [(EMAIL, "queue")]


def test_a_person_ends_them_and_has_them_sent_again(
    site: Flask, client: FlaskClient, link: str
) -> None:
    answer = client.post(link)
    assert (answer.status_code, ended(site)) == (303, [(EMAIL, "queue")])
    page = client.get(answer.location)
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert found is not None
    assert client.post(link + "/again").status_code == 400
    assert ended(site) == [(EMAIL, "queue")]
    assert client.post(link + "/again", data={"csrf_token": found[1]}).status_code == 303
    assert ended(site) == []


def test_a_link_that_we_did_not_sign_ends_nothing(
    site: Flask, client: FlaskClient, link: str
) -> None:
    for other in (link[:-1] + ("A" if link[-1] != "A" else "B"), "/unsubscribe/x", link + "%00"):
        assert client.get(other).status_code in {400, 404}
        assert client.post(other).status_code in {400, 404}
    assert ended(site) == []


def test_a_link_outlives_a_change_of_keys(site: Flask, client: FlaskClient, link: str) -> None:
    site.config["SECRET_KEY_FALLBACKS"] = [site.secret_key]
    site.secret_key = "another-key-of-many-letters-and-digits-0123456789"
    assert client.post(link, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert ended(site) == [(EMAIL, "queue")]
    site.config["SECRET_KEY_FALLBACKS"] = []
    assert client.get(link).status_code == 404


def test_no_log_holds_such_a_link(site: Flask, link: str) -> None:
    assert masked(f"GET {link}?lang=en") == "GET /unsubscribe/***?lang=en"
