"""A donor's own pages: by letter, once and for a while, and nothing of others."""

import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from ashar.kernel import db
from ashar.kernel.db import session
from ashar.kernel.money import Money
from ashar.people.access import Identity
from ashar.people.models import Person
from ashar.pledges.models import DonorLink
from ashar.progress import services as news
from ashar.progress.access import Writer
from ashar.progress.services import Draft
from ashar.projects.models import Project
from tests.conftest import Clock
from tests.factories import make_person, make_pledge, make_project, pledge_of, settle
from tests.live import read_form
from tests.mailbox import Mailbox

EMAIL = "donor@example.org"


def ask(client: FlaskClient, email: str) -> str:
    form = read_form(client.get("/me/link?lang=en"))
    answer = client.post("/me/link?lang=en", data=form.fields | {"email": email})
    assert answer.status_code == 200
    return re.sub(r'(csrf|nonce)[^>]*value="[^"]*"', "", answer.text)


def link(mailbox: Mailbox) -> str:
    found = re.search(r"http://localhost(/me/by-letter/\S+)", mailbox.letters[-1].text)
    assert found is not None
    return found[1]


def open_it(client: FlaskClient, mailbox: Mailbox) -> None:
    form = read_form(client.get(link(mailbox)))
    assert client.post(form.action, data=form.fields).status_code == 303


def test_known_and_unknown_addresses_get_the_same_answer(
    site: Flask, client: FlaskClient, mailbox: Mailbox
) -> None:
    with site.app_context():
        make_pledge(make_project())
    mailbox.letters.clear()
    assert ask(client, "nobody@example.org") == ask(client, EMAIL)
    assert [letter.recipient for letter in mailbox.letters] == [EMAIL]
    with site.app_context():
        assert session.query(DonorLink).count() == 2
        session.rollback()


def test_a_link_opens_once_what_was_given_from_its_address_and_nothing_else(
    site: Flask, client: FlaskClient, mailbox: Mailbox, clock: Clock
) -> None:
    with site.app_context():
        project = make_project()
        _, payment = make_pledge(project, "31.00", name="Mine")
        settle(payment, credited=Money(3100, "CHF"))
        make_pledge(project, "77.00", email="other@example.org")
    ask(client, EMAIL.upper())
    assert mailbox.letters[-1].recipient == EMAIL
    path = link(mailbox)
    for _ in range(3):
        assert client.get(path).status_code == 200
    # Looking at it has not used it up, and has opened nothing.
    assert "31.00" not in client.get("/me/gifts?lang=en").text
    open_it(client, mailbox)
    page = client.get("/me/gifts?lang=en")
    assert "31.00" in page.text and "77.00" not in page.text
    assert page.headers["Cache-Control"] == "no-store"
    stranger = site.test_client()
    form = read_form(stranger.get("/me/link"))
    used = stranger.post(path, data=form.fields)
    assert used.status_code == 409
    assert "31.00" not in stranger.get("/me/gifts?lang=en").text
    assert stranger.get("/me/data.zip").status_code == 303
    clock.forward(minutes=31)
    assert "31.00" not in client.get("/me/gifts?lang=en").text
    assert client.get("/me/data.zip").status_code == 303


def test_a_link_that_was_not_used_in_time_is_no_good(
    site: Flask, client: FlaskClient, mailbox: Mailbox, clock: Clock
) -> None:
    with site.app_context():
        make_pledge(make_project())
    ask(client, EMAIL)
    clock.forward(minutes=31)
    assert "older than half an hour" in client.get(link(mailbox) + "&lang=en").text or (
        "older than half an hour" in client.get(link(mailbox).partition("?")[0] + "?lang=en").text
    )
    form = read_form(client.get("/me/link"))
    assert client.post(link(mailbox), data=form.fields).status_code == 409
    assert client.get("/me/by-letter/made-up?lang=en").status_code == 200


def test_guests_erase_themselves_by_letter(
    site: Flask, client: FlaskClient, mailbox: Mailbox
) -> None:
    with site.app_context():
        project = make_project()
        row, _ = make_pledge(project, name="Mine")
        other, _ = make_pledge(project, name="Other", email="other@example.org")
    ask(client, EMAIL)
    open_it(client, mailbox)
    form = read_form(client.get("/me/erase?lang=en"))
    assert client.post("/me/erase", data=form.fields).status_code == 422
    done = client.post("/me/erase?lang=en", data=form.fields | {"sure": "y"})
    assert "Your data are erased" in done.text
    with site.app_context():
        assert (pledge_of(row).name, pledge_of(row).state) == ("", "cancelled")
        assert pledge_of(other).name == "Other"
    assert client.post("/me/erase", data=form.fields | {"sure": "y"}).status_code == 400


def test_who_has_a_role_is_told_why_not(site: Flask, client: FlaskClient) -> None:
    with site.app_context():
        make_person("leader", "leader")
    who = Identity("test-leader", "leader@example.org", "Leader", "en", strong=True)
    site.extensions["ashar"].who = lambda: who
    form = read_form(client.get("/me/erase?lang=en"))
    answer = client.post("/me/erase?lang=en", data=form.fields | {"sure": "y"})
    assert answer.status_code == 409 and "You have a role here" in answer.text


@pytest.mark.parametrize("gifts", [1, 25])
def test_the_list_says_what_came_of_it_in_a_fixed_number_of_queries(
    site: Flask, client: FlaskClient, mailbox: Mailbox, gifts: int
) -> None:
    with site.app_context():
        project, leader = make_project(), make_person("leader", "leader")
        for _ in range(gifts):
            make_pledge(project, "5.00")
        with db.transaction() as writing:
            found = writing.get_one(Project, project)
            found.owner_id = leader
            writer = Writer(found, writing.get_one(Person, leader), True)
            said = news.write(writer, Draft("en", {"en": "The canal is dug"}, {"en": "Look."}))
            news.publish(said, writer)
    ask(client, EMAIL)
    open_it(client, mailbox)
    with site.app_context():
        engine, seen = db.database().engine, list[str]()
    sa.event.listen(engine, "before_cursor_execute", lambda *args: seen.append(str(args[2])))
    page = client.get("/me/gifts?lang=en").text
    assert "The canal is dug" in page
    assert page.count("The canal is dug") == min(gifts, 20)
    assert (gifts > 20) == ("page=2" in page)
    assert len([one for one in seen if one.startswith("SELECT")]) <= 8, seen
