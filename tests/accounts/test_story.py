"""The whole way of an account, on both engines."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from flask import Flask

from ashar.kernel import db
from ashar.kernel.smtp import SmtpMailer
from ashar.people.models import Person
from tests.accounts.conftest import EMAIL, PASSWORD, Visitor, link_in, told, user_of
from tests.mailbox import Mailbox


class Message:
    """Keeps what a mail server takes in."""

    def __init__(self) -> None:
        self.letters: list[Any] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.letters.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"


@contextmanager
def post_office(keeper: Message) -> Iterator[str]:
    """Run a mail server; yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(keeper, hostname="127.0.0.1", port=port)
    server.start()
    yield f"smtp://127.0.0.1:{port}"
    server.stop()


def register(visitor: Visitor, email: str = EMAIL, **more: str) -> object:
    """Send the registration form."""
    fields = {"email": email, "password": PASSWORD, "name": "Айгүл"} | more
    return visitor.send("/register?lang=ky", fields)


def test_an_account_from_registration_to_a_new_password(
    site: Flask, visitor: Visitor, mailbox: Mailbox
) -> None:
    register(visitor)
    assert mailbox.letters[0].recipient == EMAIL
    assert visitor.sign_in().status_code == 422
    assert told(site, visitor) is None

    assert visitor.get(link_in(mailbox)).status_code == 302
    answer = visitor.sign_in(next="/projects?q=x")
    assert (answer.status_code, answer.location) == (302, "/projects?q=x")
    first = told(site, visitor)
    assert first is not None
    assert (first["email"], first["name"], first["locale"]) == (EMAIL, "Айгүл", "ky")
    assert first["strong"] is False

    app = visitor.set_up_app()
    codes = visitor.codes()
    assert len(codes) == 10
    visitor.sign_out()
    assert told(site, visitor) is None

    assert visitor.sign_in(next="/projects").location.startswith("/account/code")
    assert told(site, visitor) is None
    answer = visitor.send("/account/code", {"code": app.code()}, to="/account/code?next=/projects")
    assert answer.location == "/projects"
    assert told(site, visitor) == first | {"strong": True}
    visitor.sign_out()

    visitor.sign_in()
    assert visitor.send("/account/recovery", {"code": codes[0].upper()}).status_code == 302
    assert told(site, visitor) == first | {"strong": True}
    visitor.sign_out()
    visitor.sign_in()
    assert visitor.send("/account/recovery", {"code": codes[0]}).status_code == 422
    assert told(site, visitor) is None

    visitor.send("/account/password/forgotten", {"email": EMAIL})
    fields = {"password": "another long word", "password_confirm": "another long word"}
    link = link_in(mailbox)
    assert visitor.send(link, fields).status_code == 302
    assert visitor.sign_in().status_code == 422
    assert visitor.sign_in(password="another long word").location.startswith("/account/code")
    assert visitor.get(link).status_code == 302
    assert mailbox.letters[-1].recipient == EMAIL


def test_letters_go_out_by_a_real_mail_server(site: Flask, visitor: Visitor, account: str) -> None:
    kept = Message()
    with post_office(kept) as url:
        site.extensions["ashar"].mailer = SmtpMailer(url, "Ashar <ashar@localhost>")
        visitor.send("/account/password/forgotten", {"email": EMAIL})
    letter = kept.letters[0]
    assert letter["To"] == EMAIL
    assert letter["Message-ID"].endswith("@localhost>")
    assert [part.get_content_type() for part in letter.walk()][1:] == ["text/plain", "text/html"]


def test_signing_in_makes_the_person_known_once(
    site: Flask, visitor: Visitor, account: str
) -> None:
    for _ in range(2):
        visitor.sign_in()
        visitor.sign_out()
    with site.app_context():
        people = db.session.query(Person).all()
        assert [person.external_id for person in people] == [f"site-{user_of(site).key}"]


def test_a_language_is_kept_for_pages_and_letters(
    site: Flask, visitor: Visitor, account: str, mailbox: Mailbox
) -> None:
    visitor.sign_in()
    visitor.send("/account", {"language": "de"}, to="/account/language")
    assert '<html lang="de"' in visitor.get("/").get_data(as_text=True)
    assert user_of(site).language == "de"
    visitor.sign_out()
    visitor.send(
        "/account/password/forgotten", {"email": EMAIL}, to="/account/password/forgotten?lang=ru"
    )
    assert "lang=de" in mailbox.letters[-1].text
    assert '<html lang="de"' in mailbox.letters[-1].html


def test_a_changed_password_ends_other_sessions_and_keeps_this_one(
    site: Flask, visitor: Visitor, account: str, mailbox: Mailbox
) -> None:
    other = Visitor(site.test_client())
    other.sign_in()
    visitor.sign_in()
    app = visitor.set_up_app()
    assert told(site, other) is None
    fields = {
        "password": PASSWORD,
        "new_password": "another long word",
        "new_password_confirm": "another long word",
    }
    assert visitor.send("/account/password", fields).location == "/account"
    found = told(site, visitor)
    assert found is not None and found["strong"] is True
    assert app.code()
    assert len(mailbox.letters) == 2


def test_letters_lead_to_the_sites_own_address_whatever_host_was_asked(
    visitor: Visitor, account: str, mailbox: Mailbox
) -> None:
    evil = {"Host": "evil.example"}
    token = visitor.token("/account/password/forgotten")
    visitor.client.set_cookie(
        "ashar_session",
        visitor.client.get_cookie("ashar_session").value,  # type: ignore[union-attr]
        domain="evil.example",
    )
    visitor.post("/account/password/forgotten", {"email": EMAIL, "csrf_token": token}, headers=evil)
    assert len(mailbox.letters) == 1
    assert "http://localhost/account/password/forgotten/" in mailbox.letters[0].text
    assert "evil" not in mailbox.letters[0].text + mailbox.letters[0].html


def test_accounts_made_by_an_administrator_are_confirmed_and_have_their_roles(
    site: Flask, visitor: Visitor
) -> None:
    accounts = site.extensions["ashar_accounts"]
    with site.app_context():
        accounts.create("Mod@Example.org ", PASSWORD, ("moderator", "leader"), "KG-N")
        person = db.session.query(Person).one()
        assert sorted((role.name, role.scope) for role in person.roles) == [
            ("leader", ""),
            ("moderator", "KG-N"),
        ]
    assert visitor.sign_in("mod@example.org").location == "/account"
    assert "second factor" in visitor.get("/account?lang=en").get_data(as_text=True)
