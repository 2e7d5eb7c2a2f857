"""Accounts by phone: made in person, opened with a code, signed in to in any spelling."""

import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from ashar.accounts import letters, phones
from ashar.accounts.models import NOWHERE, User
from ashar.kernel import db
from ashar.people import queries
from ashar.people.models import Recovery
from tests.accounts.conftest import EMAIL, PASSWORD, Visitor, link_in, told
from tests.conftest import Clock
from tests.mailbox import Mailbox
from tests.people.conftest import Come, Guest, come

__all__ = ["come"]

NUMBER = "+996700123456"
CODE = re.compile(r'<strong translate="no">([0-9a-z-]{23})</strong>')
NEWCOMER = {"name": "Жибек", "phone": "0700 12-34-56", "language": "ky", "how": "At the market"}


@pytest.fixture
def own(site: Flask) -> Any:
    """Return the site's own answer to who is signed in, which `come` replaces."""
    return site.extensions["ashar"].who


@pytest.fixture
def boss(own: Any, come: Come) -> Guest:
    return come("boss", "administrator")


def make(boss: Guest, **more: str) -> Any:
    return boss.send("/admin/people/new", NEWCOMER | more)


def code_of(answer: Any) -> str:
    found = CODE.search(answer.text)
    assert answer.status_code == 200 and found, answer.text
    return found[1]


def page_of(site: Flask) -> str:
    with site.app_context():
        [found], _ = queries.search("жибек")
        return f"/admin/people/{found.token}"


def open_account(site: Flask, own: Any, code: str) -> Visitor:
    """Choose a password with the code; return the browser."""
    site.extensions["ashar"].who = own
    person = Visitor(site.test_client())
    answer = person.send("/account/recover", {"code": code, "password": PASSWORD})
    assert answer.location == "/sign-in", answer.text
    return person


@pytest.fixture
def newcomer(site: Flask, own: Any, boss: Guest) -> Visitor:
    return open_account(site, own, code_of(make(boss)))


def test_an_account_is_made_in_person_and_opened_with_its_code(
    site: Flask, own: Any, boss: Guest, mailbox: Mailbox
) -> None:
    answer = make(boss)
    code = code_of(answer)
    page = page_of(site)
    shown = boss.get(page).text
    assert code not in shown and NUMBER in shown and "Not opened yet" in shown
    assert "a code was handed over" in shown and "At the market" in shown
    assert NOWHERE not in answer.text + shown
    assert "Recovery of" not in boss.get("/admin").text
    person = open_account(site, own, code)
    assert person.send("/account/recover", {"code": code, "password": "x" * 12}).status_code == 422
    assert person.sign_in("0700123456").location == "/account"
    found = told(site, person)
    assert found and (found["email"], found["phone"], found["locale"]) == (None, NUMBER, "ky")
    assert mailbox.letters == []


@pytest.mark.parametrize(
    "typed",
    [NUMBER, "0700123456", "+996 700 123456", "00996 700 12 34 56", "700-123-456", " 0700 123456 "],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_all_spellings_of_a_number_sign_in(site: Flask, newcomer: Visitor, typed: str) -> None:
    assert newcomer.sign_in(typed).location == "/account"


def test_wrong_numbers_and_passwords_say_the_same(site: Flask, newcomer: Visitor) -> None:
    answers = set()
    for typed, password in (
        (NUMBER, "not the password"),
        ("0555123456", PASSWORD),
        ("nobody@example.org", PASSWORD),
        ("no number", PASSWORD),
        ("07001234561", PASSWORD),
    ):
        answer = newcomer.sign_in(typed, password)
        assert answer.status_code == 422
        said = re.search(r'class="errors".*?</div>', answer.text, re.S)
        assert said
        answers.add(re.sub(r'href="#\w+"', "", said[0]))
    assert len(answers) == 1


def test_an_account_that_nobody_opened_lets_nobody_in(site: Flask, own: Any, boss: Guest) -> None:
    make(boss)
    site.extensions["ashar"].who = own
    stranger = Visitor(site.test_client())
    for password in ("", "None", PASSWORD):
        assert stranger.sign_in(NUMBER, password).status_code == 422
    assert stranger.get("/account").status_code == 302


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_reserved_address_opens_nothing_and_gets_no_letter(
    site: Flask, newcomer: Visitor, mailbox: Mailbox
) -> None:
    with site.app_context():
        user = db.session.query(User).filter_by(phone=NUMBER).one()
        address, row = user.email, user.id
        assert address.endswith(NOWHERE) and user.calc_username() == NUMBER
    assert newcomer.sign_in(address).status_code == 422
    for page in ("/account/password/forgotten", "/account/confirm"):
        newcomer.send(page, {"email": address})
    register = {"email": f"x{NOWHERE}", "password": PASSWORD, "name": ""}
    assert newcomer.send("/register", register).status_code == 422
    with site.app_context():
        letters.send(row, "reset")
        letters.send(row, "moved", address)
    assert mailbox.letters == []


def test_a_new_code_ends_the_old_one_and_no_code_is_made_once_it_is_open(
    site: Flask, own: Any, boss: Guest, clock: Clock
) -> None:
    old = code_of(make(boss))
    page = page_of(site)
    new = code_of(boss.send(page, {"how": "she lost the paper"}, to=f"{page}/code"))
    site.extensions["ashar"].who = own
    person = Visitor(site.test_client())
    fields = {"code": old, "password": PASSWORD}
    assert person.send("/account/recover", fields).status_code == 422
    open_account(site, own, new)
    site.extensions["ashar"].who = lambda: boss.identity
    token = boss.send("/admin/people/new", NEWCOMER).text
    assert "account with this number already" in token
    refused = boss.send("/admin/people/new", {"how": "again"}, to=f"{page}/code")
    assert refused.status_code == 409 and "has a password" in refused.text
    assert "Make a new code" not in boss.get(page).text
    with site.app_context():
        states = [row.state for row in db.session.query(Recovery).order_by(Recovery.id)]
        assert states == ["withdrawn", "used"]


def test_a_code_is_good_for_a_day(site: Flask, own: Any, boss: Guest, clock: Clock) -> None:
    code = code_of(make(boss))
    clock.forward(hours=25)
    site.extensions["ashar"].who = own
    person = Visitor(site.test_client())
    fields = {"code": code, "password": PASSWORD}
    assert person.send("/account/recover", fields).status_code == 422


def test_no_code_is_made_for_an_account_by_e_mail(site: Flask, boss: Guest) -> None:
    with site.app_context():
        accounts = site.extensions["ashar_accounts"]
        accounts.create(EMAIL, PASSWORD, ["leader"])
        found = queries.by_email(EMAIL)
        assert found is not None
        page = f"/admin/people/{found.token}"
    answer = boss.send("/admin/people/new", {"how": "I want in"}, to=f"{page}/code")
    assert answer.status_code == 409
    other = boss.send("/admin/people/new", {"how": "me"}, to=f"/admin/people/{boss.token}/code")
    assert other.status_code == 409
    with site.app_context():
        assert db.session.query(Recovery).count() == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_only_administrators_make_accounts(site: Flask, boss: Guest, come: Come) -> None:
    lea = come("lea", "leader", "moderator")
    assert lea.get("/admin/people/new").status_code == 403
    assert lea.post("/admin/people/new", NEWCOMER).status_code == 403
    assert boss.post("/admin/people/new", NEWCOMER).status_code == 400
    for field, value in (("name", ""), ("phone", "12"), ("phone", "x@y.org"), ("how", "")):
        answer = make(boss, **{field: value})
        assert answer.status_code == 422 and f'id="{field}-error"' in answer.text
    with site.app_context():
        assert db.session.query(User).count() == 0


def test_an_e_mail_can_be_added_later(site: Flask, newcomer: Visitor, mailbox: Mailbox) -> None:
    newcomer.sign_in(NUMBER)
    page = newcomer.get("/account/email?lang=en").text
    assert NOWHERE not in page and "You have none here yet" in page
    assert NOWHERE not in newcomer.get("/account").text
    newcomer.send("/account/email", {"email": "jibek@example.org", "password": PASSWORD})
    assert [letter.recipient for letter in mailbox.letters] == ["jibek@example.org"]
    newcomer.send(link_in(mailbox), {})
    assert len(mailbox.letters) == 1
    for typed in ("jibek@example.org", NUMBER):
        other = Visitor(site.test_client())
        assert other.sign_in(typed).location == "/account"
    found = told(site, other)
    assert found and (found["email"], found["phone"]) == ("jibek@example.org", NUMBER)


def test_a_second_factor_works_as_usual(site: Flask, newcomer: Visitor) -> None:
    newcomer.sign_in(NUMBER)
    page = newcomer.send("/account/two-factor", {"setup": "authenticator"}).text
    assert NOWHERE not in page
    app = newcomer.set_up_app()
    other = Visitor(site.test_client())
    assert other.sign_in("0700123456").location.startswith("/account/code")
    other.send("/account/code", {"code": app.code()})
    found = told(site, other)
    assert found and found["strong"] is True


def test_tries_of_one_number_count_together(
    settings: dict[str, Any], site: Flask, own: Any, boss: Guest
) -> None:
    open_account(site, own, code_of(make(boss)))
    site.config["ASHAR_RATELIMIT_ENABLED"] = True
    codes = []
    for number in range(11):
        thief = Visitor(site.test_client())
        thief.client.environ_base["REMOTE_ADDR"] = f"10.0.0.{number}"
        typed = "0700" + " " * (number % 4) + "123" + "-" * (number % 2) + "456"
        codes.append(thief.sign_in(typed, "wrong password").status_code)
    assert codes == [422] * 10 + [429]


def test_two_accounts_with_one_number_cannot_be(site: Flask, newcomer: Visitor) -> None:
    with site.app_context(), pytest.raises(sa.exc.IntegrityError), db.transaction() as session:
        session.execute(
            sa.text(
                "INSERT INTO ashar_user (key, email, phone, name, active, made_at, fs_uniquifier) "
                "VALUES ('k', 'k@x', :phone, '', true, '2026-01-01 00:00:00', 'u')"
            ),
            {"phone": NUMBER},
        )


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_numbers_are_read_as_people_write_them(site: Flask) -> None:
    with site.app_context():
        for text in ("0700 123 456", "(0700) 123-456", "+996-700-123.456"):
            assert phones.canonical(text) == NUMBER
        assert phones.canonical("+7 916 123 45 67") == "+79161234567"
        for text in ("", "0700ABCDEF", "1", "+996700123456 ext 5", "٠٧٠٠١٢٣٤٥٦", "0" * 41):
            assert phones.canonical(text) is None, text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_roles_by_command_take_a_number_too(site: Flask, newcomer: Visitor) -> None:
    done = site.test_cli_runner().invoke(
        args=["ashar", "user", "role", "0700123456", "--give", "leader"]
    )
    assert done.output == "0700123456\tleader\n"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_host_makes_no_accounts(site: Flask, boss: Guest) -> None:
    del site.extensions["ashar_accounts"]
    assert boss.get("/admin/people/new").status_code == 404
    assert "account by phone" not in boss.get("/admin").text
