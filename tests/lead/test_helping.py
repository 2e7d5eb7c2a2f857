"""Helpers type for the leader; what they enter counts once the leader stands behind it."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ashar.kernel.db import session
from ashar.projects import versions
from ashar.projects.models import Helper
from tests.lead.browser import Desk
from tests.lead.conftest import Sit, project_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def token_of(site: Flask, email: str) -> str:
    with site.app_context():
        return session.query(Helper).filter_by(email=email).one().token


def test_somebody_is_invited_comes_helps_and_goes(
    site: Flask, leader: Desk, sit: Sit, draft: str
) -> None:
    path = f"/lead/projects/{draft}/helpers"
    for _ in range(2):
        leader.send(path, "invite", name="Сестра", email="stranger@example.org")
    link = f"/lead/help/{token_of(site, 'stranger@example.org')}"
    guest = sit("stranger")
    assert "Leader asks you" in guest.get(link).text
    assert guest.get(f"/lead/projects/{draft}").status_code == 403
    assert guest.send(link, "accept").location == f"/lead/projects/{draft}"
    assert guest.get(f"/lead/projects/{draft}").status_code == 200
    assert guest.get("/lead").status_code == 200
    other = sit("other").send(link, "accept")
    assert other.status_code == 422 and "somebody else" in other.text


def test_a_leader_does_not_help_themselves(site: Flask, leader: Desk, draft: str) -> None:
    own = leader.send(f"/lead/projects/{draft}/helpers", "invite", email="Leader@example.org")
    assert own.status_code == 422
    leader.send(f"/lead/projects/{draft}/helpers", "invite", email="else@example.org")
    taken = leader.send(f"/lead/help/{token_of(site, 'else@example.org')}", "accept")
    assert taken.status_code == 422


def test_what_a_helper_enters_waits_for_the_leaders_word(
    site: Flask, leader: Desk, helper: Desk, draft: str
) -> None:
    helper.save(draft, "story", title="Жаңы ат")
    helper.save(draft, "words/ru", title="Тропа")
    page = leader.get(f"/lead/projects/{draft}").text
    assert page.count("Helper has entered this for you") == 2
    refused = leader.post(f"/lead/projects/{draft}/submit", {"csrf_token": leader.token()})
    assert refused.status_code == 422
    for part, step in (("story", "story"), ("words:ru", "words/ru")):
        form = next(
            one
            for one in leader.forms(f"/lead/projects/{draft}/{step}").values()
            if one.action.endswith(f"/confirm/{part}")
        )
        assert leader.post(form.action, form.pairs).status_code == 303
    assert leader.send(f"/lead/projects/{draft}/submit", "send").status_code == 303


def test_what_was_saved_while_the_leader_read_is_not_confirmed(
    site: Flask, leader: Desk, helper: Desk, draft: str
) -> None:
    helper.save(draft, "story", title="Биринчи")
    form = leader.forms(f"/lead/projects/{draft}/story")[""]
    helper.save(draft, "story", title="Экинчи")
    leader.post(form.action, form.pairs)
    with site.app_context():
        copy = versions.written(project_of(draft))
        assert versions.entered_by_helpers(copy) == {"story": "Helper"}


@pytest.mark.parametrize("field", ["payee_name", "payee_email"])
def test_a_helper_never_says_who_receives_the_money(
    site: Flask, helper: Desk, draft: str, field: str
) -> None:
    page = helper.get(f"/lead/projects/{draft}/people").text
    assert "payee@example.org" not in page and f'name="{field}"' not in page
    refused = helper.save(draft, "people", **{field: "mine@example.org"})
    assert refused.status_code == 422
    assert helper.save(draft, "people", owner_name="Айыл өкмөтү").status_code == 303
    with site.app_context():
        found = versions.written(project_of(draft)).content
        assert found["payee"] == {"name": "Жергилик өнөктөш", "email": "payee@example.org"}
        assert found["owner_name"] == "Айыл өкмөтү"


def test_strangers_find_an_invitation_that_was_taken_back_shut(
    site: Flask, client: FlaskClient, leader: Desk, sit: Sit, draft: str
) -> None:
    leader.send(f"/lead/projects/{draft}/helpers", "invite", email="stranger@example.org")
    token = token_of(site, "stranger@example.org")
    action = f"/lead/projects/{draft}/helpers/{token}/end"
    assert leader.post(action, {"csrf_token": leader.token()}).status_code == 303
    assert "taken back" in sit("stranger").get(f"/lead/help/{token}").text
    assert sit("stranger").get("/lead/help/none").status_code == 404
