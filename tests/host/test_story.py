"""The pledge story in the example: its users, its layout, its prefix, its database."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ashar.kernel import db
from ashar.people.models import Person
from stripe_sandbox import Sandbox
from tests.factories import PROJECT
from tests.host.conftest import PREFIX, join, pledge_at
from tests.live import read_form, session_of
from tests.mailbox import Mailbox
from tests.pledges.test_stream import balances, calm, only_pledge, read_form_for


def test_a_guest_pledges_pays_and_is_thanked_under_the_prefix(
    live: Sandbox, host: Flask, visitor: FlaskClient, mailbox: Mailbox
) -> None:
    live.pay(session_of(live, pledge_at(visitor)))
    calm(live, host)
    with host.app_context():
        made = only_pledge()
        assert (made.state, made.person_id, made.email) == ("paid", None, "donor@example.org")
        assert balances()["project:dry-rice", "CHF"] == -5000
        link = f"http://localhost{PREFIX}/pledges/{made.token}"
    assert [letter.recipient for letter in mailbox.letters] == ["donor@example.org"]
    assert link in mailbox.letters[0].text
    page = visitor.get(link.removeprefix("http://localhost") + "?lang=en")
    assert "Thank you" in page.text and "verein-top" in page.text


def test_checkout_leads_back_under_the_prefix(
    live: Sandbox, host: Flask, visitor: FlaskClient
) -> None:
    found = live.account.store.get("checkout.session", session_of(live, pledge_at(visitor)))
    assert found["success_url"].startswith(f"http://localhost{PREFIX}/pledges/")
    assert found["cancel_url"].startswith(f"http://localhost{PREFIX}/pledges/")


def test_a_member_pledges_and_is_known_as_a_person(
    live: Sandbox, host: Flask, visitor: FlaskClient
) -> None:
    join(visitor)
    live.pay(session_of(live, pledge_at(visitor, email="aigul@example.org")))
    calm(live, host)
    with host.app_context():
        person = db.session.query(Person).one()
        assert (person.external_id, person.name, person.language) == ("1", "Aigul", "de")
        assert only_pledge().person_id == person.id
    assert "Aigul" in visitor.get("/members").text


def test_a_member_may_cancel_from_another_browser_and_a_stranger_may_not(
    live: Sandbox, host: Flask, visitor: FlaskClient
) -> None:
    join(visitor)
    pledge_at(visitor, email="aigul@example.org")
    with host.app_context():
        token = only_pledge().token
    stranger = host.test_client()
    assert "We have sent a link" in cancel(stranger, token).text
    elsewhere = host.test_client()
    sign_in(elsewhere)
    assert cancel(elsewhere, token).status_code == 303
    with host.app_context():
        assert only_pledge().state == "cancelled"


def sign_in(client: FlaskClient) -> None:
    form = read_form(client.get("/sign-in"))
    data = {"email": "aigul@example.org", "password": "tunduk-over-the-yurt"}
    assert client.post("/sign-in", data=form.fields | data).status_code == 302


def cancel(client: FlaskClient, token: str) -> TestResponse:
    page = client.get(f"{PREFIX}/pledges/{token}?lang=en").text
    address = f"{PREFIX}/pledges/{token}/cancel?lang=en"
    return client.post(address, data=read_form_for(page, "/cancel"))


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/projects", 200),
        (f"/projects/{PROJECT}", 200),
        (f"/projects/{PROJECT}/pledge", 200),
        ("/legal/privacy", 200),
        ("/projects/none", 404),
        ("/nowhere/at/all", 404),
    ],
)
def test_our_pages_stand_in_the_hosts_layout(visitor: FlaskClient, path: str, status: int) -> None:
    page = visitor.get(f"{PREFIX}{path}?lang=de")
    assert page.status_code == status
    assert '<html lang="de"' in page.text
    assert "verein-top" in page.text and page.text.count("<main") == 1
    assert f'href="{PREFIX}/static/ashar/ashar.css' in page.text
    assert 'class="band"' not in page.text


def test_a_form_with_a_mistake_stands_in_the_hosts_layout(visitor: FlaskClient) -> None:
    page = pledge_at(visitor, amount="none")
    assert page.status_code == 422
    assert "verein-top" in page.text and "This is not an amount" in page.text


def test_the_hosts_own_pages_carry_nothing_of_ours(visitor: FlaskClient) -> None:
    page = visitor.get("/")
    assert page.status_code == 200
    assert "ashar.css" not in page.text
    assert "Content-Security-Policy" not in page.headers


def test_a_stranger_at_a_page_for_members_is_sent_to_the_hosts_sign_in(
    visitor: FlaskClient,
) -> None:
    answer = visitor.get("/members")
    assert answer.location.startswith("/sign-in")


def test_a_member_reads_our_pages_in_their_own_language(visitor: FlaskClient) -> None:
    join(visitor, language="ru")
    assert '<html lang="ru"' in visitor.get(f"{PREFIX}/projects").text
