"""A sign-in that ends mid-form loses nothing, and gives nothing to anybody else."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from ashar.kernel import db, kept
from tests.accounts.conftest import EMAIL, PASSWORD, Visitor
from tests.conftest import Clock

#: A form with everything: fields, a choice, a tick, and what must not be kept.
TYPED = {
    "region": "KG-N",
    "place": "Кочкор, Арал",
    "phone": "+996 700 123456",
    "about": "I teach.\n\n<script>alert(1)</script>",
    "community": "Two hundred families.",
    "voucher1_name": "Бакыт",
    "voucher1_contact": "+996 555 1",
    "consent": "y",
    "new_password": "never to be kept",
    "csrf_token": "stale",
}


@pytest.fixture
def people(site: Flask) -> None:
    with site.app_context():
        for email in (EMAIL, "other@example.org"):
            site.extensions["ashar_accounts"].create(email, PASSWORD)


def way_back(answer: Any) -> str:
    """Return where a sign-in leads."""
    assert answer.status_code == 302, answer.text
    found = urlsplit(answer.location)
    assert found.path == "/sign-in"
    return parse_qs(found.query)["next"][0]


def rows(site: Flask) -> list[kept.Kept]:
    with site.app_context():
        found = db.session.query(kept.Kept).all()
        db.session.expunge_all()
        return found


def test_what_a_stranger_typed_stands_in_the_form_after_the_sign_in(
    site: Flask, client: FlaskClient, people: None
) -> None:
    back = way_back(client.post("/lead/apply?lang=ky", data=TYPED))
    assert back.startswith("/lead/apply?lang=ky&kept=")
    visitor = Visitor(client)
    answer = visitor.send(
        "/sign-in", {"email": EMAIL, "password": PASSWORD, "next": back}, to="/sign-in"
    )
    assert answer.location == back
    page = visitor.get(back).text
    for text in (
        "Кочкор, Арал",
        "Two hundred families.",
        "Бакыт",
        '<option selected value="KG-N">',
    ):
        assert text in page
    assert "<script>alert" not in page and "never to be kept" not in page
    assert 'checked id="consent"' in page
    assert 'class="errors"' not in page
    [row] = rows(site)
    assert not {name for name, _ in row.fields} & {"new_password", "csrf_token"}


def test_it_is_given_back_to_the_account_that_typed_it_alone(
    site: Flask, client: FlaskClient, people: None
) -> None:
    visitor, other = Visitor(client), Visitor(site.test_client())
    visitor.sign_in()
    other.sign_in("other@example.org")
    with site.app_context(), db.transaction() as session:
        site.extensions["ashar_accounts"].store.find_user(email=EMAIL).fs_uniquifier = "renewed"
        session.flush()
    back = way_back(visitor.post("/lead/apply", TYPED))
    assert rows(site)[0].owner is not None
    assert "Two hundred" not in other.get(back).text
    visitor.sign_in()
    assert "Two hundred" in visitor.get(back).text


def test_only_the_page_that_it_was_typed_on_shows_it(
    site: Flask, client: FlaskClient, people: None
) -> None:
    token = parse_qs(urlsplit(way_back(client.post("/lead/apply", data=TYPED))).query)["kept"][0]
    visitor = Visitor(client)
    visitor.sign_in()
    assert "Two hundred" not in visitor.get(f"/account?kept={token}").text
    for wrong in ("x", token[:-1], "%00", ""):
        assert visitor.get(f"/lead/apply?kept={wrong}").status_code in {200, 400}


def test_it_is_forgotten_after_a_day(
    site: Flask, client: FlaskClient, people: None, clock: Clock
) -> None:
    back = way_back(client.post("/lead/apply", data=TYPED))
    visitor = Visitor(client)
    clock.forward(hours=24, seconds=1)
    visitor.sign_in()
    assert "Two hundred" not in visitor.get(back).text
    with site.app_context():
        kept.prune()
    assert rows(site) == []


def test_a_form_without_a_page_of_its_own_leads_back_to_where_it_stood(
    client: FlaskClient,
) -> None:
    came = {"Referer": "http://localhost/account?lang=de"}
    back = way_back(client.post("/account/language", data={"language": "ky"}, headers=came))
    assert back.startswith("/account?lang=de&kept=")
    back = way_back(client.post("/account/language", data={"language": "ky"}))
    assert back.startswith("/account?kept=")
    far = {"Referer": "http://elsewhere.example/account/password"}
    back = way_back(client.post("/account/language", data={"language": "ky"}, headers=far))
    assert back.startswith("/account?kept=")


def test_too_much_is_not_lost_silently(site: Flask, client: FlaskClient) -> None:
    answer = client.post("/lead/apply?lang=en", data=TYPED | {"about": "ң" * 100_001})
    assert answer.status_code == 401
    assert "still in your browser" in answer.text
    assert rows(site) == []


def test_nothing_is_kept_of_a_form_from_another_site(site: Flask, client: FlaskClient) -> None:
    evil = {"Origin": "https://evil.example"}
    assert client.post("/lead/apply", data=TYPED, headers=evil).status_code == 403
    assert rows(site) == []


def test_nobody_fills_the_table(settings: dict[str, Any], request: pytest.FixtureRequest) -> None:
    settings["ASHAR_RATELIMIT_ENABLED"] = True
    client = request.getfixturevalue("client")
    codes = [client.post("/lead/apply", data=TYPED).status_code for _ in range(31)]
    assert codes == [302] * 30 + [429]


def test_a_form_shows_what_has_most_of_its_names() -> None:
    fields = ("text", "needs", "csrf_token")
    assert kept.suits(MultiDict({"text": "a", "needs-0-title": "b", "action": "save"}), fields)
    assert not kept.suits(MultiDict({"reason": "a"}), fields)
    assert not kept.suits(MultiDict(), fields)
