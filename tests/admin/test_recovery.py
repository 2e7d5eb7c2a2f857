"""An account given back in person: by two, once, for a day, and with everything old gone."""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from ashar.kernel import db
from ashar.kernel.errors import Refused
from ashar.people import recovery, services, tasks
from ashar.people.models import Person, Recovery
from tests.accounts.conftest import EMAIL, PASSWORD, App, Visitor, told, user_of
from tests.conftest import Clock
from tests.faults.locks import together
from tests.mailbox import Mailbox

NEW = "quite another password"
CODE = re.compile(r'<strong translate="no">([0-9a-z-]{23})</strong>')


@dataclass
class Boss:
    """An administrator with an authenticator app."""

    visitor: Visitor
    app: App
    row: int


@pytest.fixture
def bosses(site: Flask) -> list[Boss]:
    return [_boss(site, f"boss{number}@example.org") for number in range(2)]


def _boss(site: Flask, email: str) -> Boss:
    with site.app_context():
        site.extensions["ashar_accounts"].create(email, PASSWORD, ["administrator"])
        row = db.session.query(Person).filter_by(email=email).one().id
    visitor = Visitor(site.test_client())
    visitor.sign_in(email)
    return Boss(visitor, visitor.set_up_app(), row)


@pytest.fixture
def lost(site: Flask) -> str:
    """Make a leader who has lost the phone; return the token of their page."""
    with site.app_context():
        site.extensions["ashar_accounts"].create(EMAIL, PASSWORD, ["leader"])
        token = db.session.query(Person).filter_by(email=EMAIL).one().token
    visitor = Visitor(site.test_client())
    visitor.sign_in()
    visitor.set_up_app()
    visitor.codes()
    return token


def begin(boss: Boss, token: str, how: str = "At the market, with her passport") -> Any:
    page = f"/admin/people/{token}"
    return boss.visitor.send(page, {"how": how}, to=f"{page}/recovery")


def confirm(boss: Boss, token: str, **fields: str) -> Any:
    page = f"/admin/people/{token}"
    return boss.visitor.send(page, fields or {"met": "y"}, to=f"{page}/recovery/confirm")


def code_of(answer: Any) -> str:
    found = CODE.search(answer.text)
    assert answer.status_code == 200 and found, answer.text
    return found[1]


def test_two_administrators_give_an_account_back(
    site: Flask, bosses: list[Boss], lost: str, mailbox: Mailbox
) -> None:
    first, second = bosses
    mailbox.letters.clear()
    assert begin(first, lost).status_code == 303
    assert "Waits for a second administrator" in second.visitor.get("/admin").text
    assert confirm(first, lost).status_code == 409
    assert confirm(second, lost, note="no tick").status_code == 422
    answer = confirm(second, lost)
    code = code_of(answer)
    assert f"http://localhost/account/recover?code={code}" in answer.text
    assert code not in second.visitor.get(f"/admin/people/{lost}").text
    assert confirm(second, lost).status_code == 409
    assert [letter.recipient for letter in mailbox.letters] == [EMAIL]

    person = Visitor(site.test_client())
    page = f"/account/recover?code={code}"
    assert code in person.get(page).text
    fields = {"code": code.upper().replace("-", " "), "password": "short"}
    assert person.send(page, fields, to="/account/recover").status_code == 422
    fields["password"] = NEW
    assert person.send(page, fields, to="/account/recover").location == "/sign-in"
    assert [letter.recipient for letter in mailbox.letters] == [EMAIL, EMAIL]
    user = user_of(site)
    assert not user.tf_totp_secret and not user.mf_recovery_codes and not user.webauthn
    assert person.sign_in(password=PASSWORD).status_code == 422
    assert person.sign_in(password=NEW).location == "/account"
    found = told(site, person)
    assert found is not None and found["strong"] is False
    fields["password"] = "a third long password"
    other = Visitor(site.test_client())
    assert other.send("/account/recover", fields).status_code == 422
    page = first.visitor.get(f"/admin/people/{lost}").text
    for words in (
        "in person opened",
        "by a second administrator",
        "with the code",
        "with her passport",
    ):
        assert words in page


def test_nobody_recovers_themselves(site: Flask, bosses: list[Boss]) -> None:
    with site.app_context():
        own = db.session.get_one(Person, bosses[0].row).token
    other = f"/admin/people/{own}"
    assert "recovery" not in bosses[0].visitor.get(other).text
    answer = bosses[0].visitor.send("/account", {"how": "it is me"}, to=f"{other}/recovery")
    assert answer.status_code == 409
    assert begin(bosses[1], own).status_code == 303
    answer = bosses[0].visitor.send("/account", {"met": "y"}, to=f"{other}/recovery/confirm")
    assert answer.status_code == 409


def test_old_sessions_end_with_the_code(site: Flask, bosses: list[Boss], lost: str) -> None:
    thief = Visitor(site.test_client())
    begin(bosses[0], lost)
    code = code_of(confirm(bosses[1], lost))
    thief.sign_in()
    Visitor(site.test_client()).send("/account/recover", {"code": code, "password": NEW})
    assert told(site, thief) is None


def test_it_may_be_called_off_and_runs_out(
    site: Flask, bosses: list[Boss], lost: str, clock: Clock
) -> None:
    first, second = bosses
    page = f"/admin/people/{lost}"
    begin(first, lost)
    code = code_of(confirm(second, lost))
    assert begin(first, lost).status_code == 409
    assert first.visitor.send(page, {}, to=f"{page}/recovery/withdraw").status_code == 303
    person = Visitor(site.test_client())
    fields = {"code": code, "password": NEW}
    assert person.send("/account/recover", fields).status_code == 422
    begin(first, lost)
    fields["code"] = code_of(confirm(second, lost))
    clock.forward(hours=24, minutes=1)
    assert person.send("/account/recover", fields).status_code == 422
    with site.app_context():
        tasks.forget()
        states = [row.state for row in db.session.query(Recovery).order_by(Recovery.id)]
    assert states == ["withdrawn", "ended"]


def test_a_code_used_twice_at_once_is_used_once(site: Flask, bosses: list[Boss], lost: str) -> None:
    begin(bosses[0], lost)
    code = code_of(confirm(bosses[1], lost))
    good: list[int] = []

    def redeem(number: int) -> None:
        with site.app_context():
            try:
                with db.transaction():
                    recovery.redeem(code)
                good.append(number)
            except Refused:
                return

    together(4, redeem)
    assert len(good) == 1


def test_the_code_is_kept_nowhere(site: Flask, bosses: list[Boss], lost: str) -> None:
    begin(bosses[0], lost)
    code = code_of(confirm(bosses[1], lost))
    with site.app_context():
        [row] = db.session.query(Recovery).all()
        assert code.replace("-", "") not in repr({**row.__dict__})


def test_the_word_of_a_former_administrator_does_not_count(
    site: Flask, bosses: list[Boss], lost: str
) -> None:
    begin(bosses[0], lost)
    with site.app_context(), db.transaction() as session:
        person = session.get_one(Person, bosses[0].row)
        services.take_role(person, "administrator", "", actor=None)
    assert confirm(bosses[1], lost).status_code == 409
