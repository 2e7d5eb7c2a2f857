"""A new e-mail: with the password, by a letter to it, and a notice to the old one."""

from typing import Any

import pytest
from flask import Flask

from ashar.kernel import db
from ashar.people.models import Person
from tests.accounts.conftest import EMAIL, PASSWORD, Visitor, link_in, user_of
from tests.mailbox import Mailbox

NEW = "new@example.org"


@pytest.fixture
def member(visitor: Visitor, account: str) -> Visitor:
    visitor.sign_in()
    return visitor


def ask(member: Visitor, email: str = NEW, password: str = PASSWORD) -> Any:
    return member.send("/account/email", {"email": email, "password": password})


def person(site: Flask) -> Person:
    with site.app_context():
        return db.session.query(Person).one()


def test_an_e_mail_changes_by_the_letter_to_the_new_one(
    site: Flask, member: Visitor, mailbox: Mailbox
) -> None:
    assert ask(member).status_code == 200
    assert [letter.recipient for letter in mailbox.letters] == [NEW]
    link = link_in(mailbox)
    assert link.startswith("/account/email/")
    assert NEW in member.get(link).text
    assert user_of(site).email == EMAIL, "a GET changes nothing"
    stranger = Visitor(site.test_client())
    assert stranger.send(link, {}).status_code == 302
    assert user_of(site, NEW) is not None and person(site).email == NEW
    assert person(site).folded == NEW
    assert mailbox.letters[-1].recipient == EMAIL
    assert "ashar@localhost" in mailbox.letters[-1].text
    assert member.get("/account").status_code == 200
    stranger.sign_in(NEW)
    assert stranger.get("/account").status_code == 200


def test_the_link_is_good_once_and_not_after_a_new_password(
    site: Flask, member: Visitor, mailbox: Mailbox
) -> None:
    ask(member)
    first = link_in(mailbox)
    fields = {"new_password": "another long word", "new_password_confirm": "another long word"}
    member.send("/account/password", {"password": PASSWORD, **fields})
    token = member.token("/account")
    assert member.post(first, {"csrf_token": token}).status_code == 422
    ask(member, password="another long word")
    again = next(n for n in (-1, -2) if "/account/email/" in mailbox.letters[n].text)
    link = link_in(mailbox, again)
    assert member.post(link, {"csrf_token": token}).status_code == 302
    assert member.post(link, {"csrf_token": token}).status_code == 422
    assert member.get(link).status_code == 200


def test_without_the_password_nothing_is_sent(
    site: Flask, member: Visitor, mailbox: Mailbox
) -> None:
    for password in ("", "wrong, quite wrong"):
        assert ask(member, password=password).status_code == 422
    assert mailbox.letters == []


def test_nobody_learns_whether_an_address_has_an_account(
    site: Flask, member: Visitor, mailbox: Mailbox
) -> None:
    with site.app_context():
        site.extensions["ashar_accounts"].create("taken@example.org", PASSWORD)
    pages = {email: ask(member, email) for email in ("taken@example.org", "free1@example.org")}
    taken, free = pages.values()
    assert taken.status_code == free.status_code == 200
    assert "taken@example.org" in taken.text
    wrong = [ask(member, email, "wrong, quite wrong").status_code for email in pages]
    assert wrong == [422, 422]
    assert [letter.recipient for letter in mailbox.letters] == ["free1@example.org"]


def test_of_two_who_want_one_address_one_gets_it(
    site: Flask, member: Visitor, mailbox: Mailbox
) -> None:
    with site.app_context():
        site.extensions["ashar_accounts"].create("other@example.org", PASSWORD)
    other = Visitor(site.test_client())
    other.sign_in("other@example.org")
    links = []
    for one in (member, other):
        ask(one)
        links.append(link_in(mailbox))
    assert member.send(links[0], {}).status_code == 302
    token = other.token("/account")
    assert other.post(links[1], {"csrf_token": token}).status_code == 422
    assert user_of(site, "other@example.org") is not None


def test_passwords_cannot_be_tried_through_the_form(
    settings: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    settings["ASHAR_RATELIMIT_ENABLED"] = True
    member = request.getfixturevalue("member")
    token = member.token("/account/email")
    fields = {"email": NEW, "password": "wrong", "csrf_token": token}
    codes = [member.post("/account/email", fields).status_code for _ in range(7)]
    assert codes[-1] == 429


def test_a_strangers_form_is_refused(site: Flask, visitor: Visitor, account: str) -> None:
    assert visitor.get("/account/email").status_code == 302
    assert visitor.get("/account/email/nonsense").status_code == 200
    assert visitor.post("/account/email/nonsense", {}).status_code == 400
