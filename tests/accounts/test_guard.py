"""What holds for every page of the accounts."""

import re
import threading
import time
from typing import Any
from urllib.parse import urljoin

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ashar.accounts import factors, guard
from ashar.kernel.errors import ConfigError, Refused
from ashar.site import create_app
from tests.accounts.conftest import EMAIL, PASSWORD, Visitor, link_in, told, user_of
from tests.mailbox import Mailbox

STRANGER = "nobody@example.org"
TOKEN = re.compile(r'value="[^"]{40,}"')


def words(answer: Any) -> str:
    """Return a page without what differs by chance or by the e-mail that was typed."""
    text: str = answer.get_data(as_text=True)
    return TOKEN.sub("", text).replace(EMAIL, "?").replace(STRANGER, "?")


@pytest.mark.parametrize(
    ("page", "fields"),
    [
        ("/sign-in", {"password": "wrong, quite wrong"}),
        ("/account/password/forgotten", {}),
        ("/account/confirm", {}),
        ("/register", {"password": PASSWORD}),
    ],
)
def test_nobody_learns_which_addresses_have_accounts(
    site: Flask, account: str, page: str, fields: dict[str, str]
) -> None:
    answers = []
    for email in (EMAIL, STRANGER):
        visitor = Visitor(site.test_client())
        answer = visitor.send(page, fields | {"email": email})
        after = visitor.get("/sign-in")
        answers.append((answer.status_code, answer.location, words(answer), words(after)))
    assert answers[0] == answers[1]


def test_registering_a_known_address_sends_its_owner_a_letter_and_changes_nothing(
    site: Flask, visitor: Visitor, account: str, mailbox: Mailbox
) -> None:
    before = user_of(site).password
    visitor.send("/register?lang=en", {"email": EMAIL.upper(), "password": "another long word"})
    # Its owner has chosen no language: the site's first, not the stranger's.
    assert mailbox.subjects() == ["Сизде аккаунт бар"]
    assert user_of(site).password == before


def test_who_registers_anothers_address_gains_nothing(
    site: Flask, visitor: Visitor, mailbox: Mailbox
) -> None:
    Visitor(site.test_client()).send("/register", {"email": EMAIL, "password": "the thief's own"})
    visitor.send("/register", {"email": EMAIL, "password": PASSWORD})
    assert "/account/confirm/" not in mailbox.letters[-1].text
    visitor.send(link_in(mailbox), {"password": PASSWORD, "password_confirm": PASSWORD})
    assert visitor.sign_in(password="the thief's own").status_code == 422
    assert visitor.sign_in().status_code == 302


def test_the_unconfirmed_may_choose_a_new_password_by_letter(
    visitor: Visitor, mailbox: Mailbox
) -> None:
    visitor.send("/register", {"email": EMAIL, "password": "soon forgotten"})
    visitor.send("/account/password/forgotten", {"email": EMAIL})
    assert len(mailbox.letters) == 2
    visitor.send(link_in(mailbox), {"password": PASSWORD, "password_confirm": PASSWORD})
    assert visitor.sign_in().status_code == 302


def test_an_unconfirmed_account_is_told_so_only_behind_its_password(
    visitor: Visitor, mailbox: Mailbox
) -> None:
    visitor.send("/register?lang=en", {"email": EMAIL, "password": PASSWORD})
    assert "not confirmed yet" in visitor.sign_in().get_data(as_text=True)
    wrong = visitor.sign_in(password="wrong, quite wrong")
    assert "not confirmed yet" not in wrong.get_data(as_text=True)
    visitor.send("/account/confirm", {"email": EMAIL})
    assert len(mailbox.letters) == 2
    visitor.get(link_in(mailbox))
    assert visitor.sign_in().status_code == 302


@pytest.mark.parametrize(
    "page", ["/sign-in", "/register", "/account/password/forgotten", "/account/confirm"]
)
def test_a_form_without_its_token_is_refused(
    site: Flask, client: FlaskClient, account: str, mailbox: Mailbox, page: str
) -> None:
    client.get(page)
    answer = client.post(page, data={"email": EMAIL, "password": PASSWORD})
    assert answer.status_code == 400
    assert mailbox.letters == []
    assert told(site, Visitor(client)) is None


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/sign-out", {}),
        ("/account/language", {"language": "de"}),
        ("/account/password", {"password": PASSWORD, "new_password": "x" * 12}),
        ("/account/two-factor", {"setup": "authenticator"}),
        ("/account/recovery-codes", {}),
        ("/account/passkeys", {"name": "key", "usage": "first"}),
    ],
)
def test_a_signed_in_form_without_its_token_changes_nothing(
    site: Flask, visitor: Visitor, account: str, path: str, fields: dict[str, str]
) -> None:
    visitor.sign_in()
    before = user_of(site).__dict__ | {"_sa_instance_state": None, "webauthn": None}
    assert visitor.post(path, fields).status_code in {400, 422, 200}
    after = user_of(site).__dict__ | {"_sa_instance_state": None, "webauthn": None}
    assert before == after
    assert told(site, visitor) is not None


def test_a_form_from_another_site_is_refused(visitor: Visitor, account: str) -> None:
    token = visitor.token("/sign-in")
    fields = {"email": EMAIL, "password": PASSWORD, "csrf_token": token}
    evil = {"Origin": "https://evil.example"}
    assert visitor.post("/sign-in", fields, headers=evil).status_code == 403
    assert visitor.client.post("/sign-in", json=fields).status_code == 415


ELSEWHERE = (
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example",
    "/\t/evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    " //evil.example",
    "http://localhost@evil.example/",
    "http://localhost.evil.example/",
)


def test_next_never_leads_to_another_site(site: Flask, account: str) -> None:
    fields = {"email": EMAIL, "password": PASSWORD}
    for target in ELSEWHERE:
        for query, field in ((target, ""), ("", target)):
            client = site.test_client()
            token = Visitor(client).token("/sign-in")
            answer = client.post(
                "/sign-in",
                query_string={"next": query},
                data=fields | {"csrf_token": token, "next": field},
            )
            place = urljoin("http://localhost/sign-in", answer.location or "")
            assert place.startswith("http://localhost/"), (target, place)


def test_a_signed_in_visitor_at_the_sign_in_page_goes_to_the_account(
    visitor: Visitor, account: str
) -> None:
    visitor.sign_in()
    assert visitor.get("/sign-in?next=//evil.example").location == "/account"


def test_a_get_signs_nobody_out(site: Flask, visitor: Visitor, account: str) -> None:
    visitor.sign_in()
    assert visitor.get("/sign-out").status_code == 200
    assert visitor.get("/account/code").location == "/account"
    assert told(site, visitor) is not None


def test_a_session_without_the_second_factor_cannot_change_it(
    site: Flask, visitor: Visitor, account: str
) -> None:
    visitor.sign_in()
    visitor.set_up_app()
    with visitor.client.session_transaction() as session:
        del session["ashar_strong"]
    answer = visitor.get("/account/recovery-codes?show_codes=1")
    assert answer.location == "/sign-in?next=/account/recovery-codes"
    assert told(site, visitor) is None


class TestLimits:
    """With the brakes on."""

    @pytest.fixture(autouse=True)
    def brakes(self, settings: dict[str, Any]) -> None:
        settings["ASHAR_RATELIMIT_ENABLED"] = True

    def tries(self, site: Flask, visitor: Visitor, count: int, **more: Any) -> list[int]:
        """Send the sign-in form again and again."""
        token = visitor.token("/sign-in")
        fields = {"email": EMAIL, "password": "wrong", "csrf_token": token}
        return [visitor.post("/sign-in", fields, **more).status_code for _ in range(count)]

    def test_ten_tries_a_minute_for_an_address(
        self, site: Flask, visitor: Visitor, account: str
    ) -> None:
        assert self.tries(site, visitor, 11) == [422] * 10 + [429]
        elsewhere = {"environ_overrides": {"REMOTE_ADDR": "192.0.2.9"}}
        assert self.tries(site, visitor, 1, **elsewhere) == [429]
        answer = visitor.sign_in()
        assert answer.status_code == 429
        assert int(answer.headers["Retry-After"]) <= 61

    def test_a_forwarded_header_is_no_way_round(
        self, site: Flask, visitor: Visitor, account: str
    ) -> None:
        token = visitor.token("/sign-in")
        codes = [
            visitor.post(
                "/sign-in",
                {"email": f"{n}@example.org", "password": "wrong", "csrf_token": token},
                headers={"X-Forwarded-For": f"192.0.2.{n}"},
            ).status_code
            for n in range(21)
        ]
        assert codes == [422] * 20 + [429]

    def test_letters_to_one_address_are_few(
        self, site: Flask, visitor: Visitor, account: str, mailbox: Mailbox
    ) -> None:
        for _ in range(7):
            answer = visitor.send("/account/password/forgotten", {"email": EMAIL})
        assert answer.status_code == 429
        assert len(mailbox.letters) == 6

    def test_codes_cannot_be_tried_through(
        self, site: Flask, visitor: Visitor, account: str
    ) -> None:
        visitor.sign_in()
        app = visitor.set_up_app()
        visitor.sign_out()
        seen = []
        for n in range(11):
            visitor.sign_in()
            seen.append(visitor.send("/account/code", {"code": f"{n:06d}"}).status_code)
        assert seen[-1] == 429
        assert visitor.send("/account/code", {"code": app.code()}).status_code == 429
        assert told(site, visitor) is None


def test_public_pages_open_no_session(client: FlaskClient) -> None:
    for path in ("/", "/projects"):
        answer = client.get(path)
        assert "Cookie" not in answer.headers.get("Vary", "")
        assert "Set-Cookie" not in answer.headers
        again = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304


def test_a_session_that_holds_only_a_token_keeps_public_pages_cacheable(
    visitor: Visitor,
) -> None:
    visitor.token("/sign-in")
    answer = visitor.get("/")
    assert "ETag" in answer.headers
    assert "Set-Cookie" not in answer.headers


def test_account_pages_are_kept_by_nobody(visitor: Visitor, account: str) -> None:
    pages = ["/sign-in", "/register", "/account/password/forgotten", "/account/confirm"]
    visitor.sign_in()
    other = [
        "/account",
        "/account/two-factor",
        "/account/passkeys",
        "/sign-out",
        "/account/password",
    ]
    for page in other:
        answer = visitor.get(page)
        assert answer.status_code == 200, page
        check(answer)
    visitor.sign_out()
    for page in pages:
        check(visitor.get(page))
    for page in other:
        assert visitor.get(page).status_code == 302


def check(answer: Any) -> None:
    """Look at what every page of ours carries."""
    assert answer.headers["Cache-Control"] == "no-store"
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    text = answer.get_data(as_text=True)
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", text)


def test_every_route_says_who_may(site: Flask) -> None:
    for rule in site.url_map.iter_rules():
        if rule.endpoint.startswith(("security.", "ashar_accounts.")):
            assert site.view_functions[rule.endpoint].ashar_access in {"public", "signed-in"}


def test_pages_speak_the_language_that_the_address_asks_for(visitor: Visitor) -> None:
    for lang, word in (("ky", "Сырсөз"), ("ru", "Пароль"), ("de", "Passwort"), ("en", "Password")):
        text = visitor.get(f"/sign-in?lang={lang}").get_data(as_text=True)
        assert f'<html lang="{lang}"' in text
        assert word in text
        assert f'action="/sign-in?lang={lang}"' in text


def test_registering_at_one_time_makes_one_account(site: Flask, mailbox: Mailbox) -> None:
    visitors = [Visitor(site.test_client()) for _ in range(4)]
    tokens = [visitor.token("/register") for visitor in visitors]
    fields = {"email": EMAIL, "password": PASSWORD}
    answers = at_once(
        [
            lambda v=visitor, t=token: v.post("/register", fields | {"csrf_token": t}).status_code
            for visitor, token in zip(visitors, tokens, strict=True)
        ]
    )
    assert answers == [302] * 4
    assert len(mailbox.letters) == 4
    assert user_of(site) is not None


@pytest.mark.parametrize("guarded", [True, False])
def test_one_recovery_code_lets_one_session_in(
    site: Flask, visitor: Visitor, account: str, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """Without the guard it fails: the second half of the test says that the first half can."""
    visitor.sign_in()
    visitor.set_up_app()
    code = visitor.codes()[0]
    others = [Visitor(site.test_client()) for _ in range(4)]
    tokens = []
    for other in others:
        other.sign_in()
        tokens.append(other.token("/account/recovery"))
    check_code = factors.RecoveryCodes.check_recovery_code

    def slowly(self: Any, user: Any, typed: str) -> bool:
        right = check_code(self, user, typed)
        time.sleep(0.3)
        return right

    monkeypatch.setattr(factors.RecoveryCodes, "check_recovery_code", slowly)
    if not guarded:
        monkeypatch.setattr(guard, "_begin_writing", lambda name: None)
    answers = at_once(
        [
            lambda o=other, t=token: (
                o.post("/account/recovery", {"code": code, "csrf_token": t}).status_code
            )
            for other, token in zip(others, tokens, strict=True)
        ]
    )
    assert (sorted(answers, key=str) == [302, 422, 422, 422]) is guarded
    if guarded:
        assert len(user_of(site).mf_recovery_codes) == 9


def test_one_code_of_the_app_lets_one_session_in(
    site: Flask, visitor: Visitor, account: str
) -> None:
    visitor.sign_in()
    code = visitor.set_up_app().code()
    others = [Visitor(site.test_client()) for _ in range(4)]
    tokens = []
    for other in others:
        other.sign_in()
        tokens.append(other.token("/account/code"))
    answers = at_once(
        [
            lambda o=other, t=token: (
                o.post("/account/code", {"code": code, "csrf_token": t}).status_code
            )
            for other, token in zip(others, tokens, strict=True)
        ]
    )
    assert sorted(answers) == [302, 422, 422, 422]


def test_many_sign_in_at_one_time(site: Flask, account: str) -> None:
    """On SQLite a reading transaction that turns to writing would fail here."""
    visitors = [Visitor(site.test_client()) for _ in range(8)]
    answers = at_once([lambda v=visitor: v.sign_in().status_code for visitor in visitors])
    assert answers == [302] * 8


def at_once(steps: list[Any]) -> list[Any]:
    """Do steps in threads that start together; return what they return."""
    gate, found = threading.Barrier(len(steps)), [None] * len(steps)

    def run(number: int) -> None:
        gate.wait()
        try:
            found[number] = steps[number]()
        except Exception as error:
            found[number] = type(error).__name__

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(steps))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


def test_a_mail_server_that_is_down_fails_no_request(
    site: Flask, visitor: Visitor, account: str, caplog: pytest.LogCaptureFixture
) -> None:
    class Down:
        def send(self, *letter: str) -> None:
            raise OSError("no route to host")

    site.extensions["ashar"].mailer = Down()
    answer = visitor.send("/account/password/forgotten", {"email": EMAIL})
    assert answer.status_code == 200
    assert "was not sent" in caplog.text


def test_accounts_are_refused_in_words(site: Flask, account: str) -> None:
    accounts = site.extensions["ashar_accounts"]
    with site.app_context():
        for email, password, roles in (
            (EMAIL.upper(), PASSWORD, ()),
            ("no address", PASSWORD, ()),
            ("new@example.org", "short", ()),
            ("new@example.org", PASSWORD, ("king",)),
        ):
            with pytest.raises(Refused) as refused:
                accounts.create(email, password, roles)
            assert str(refused.value).endswith(".")
        assert accounts.store.find_user(email="new@example.org") is None


def test_production_does_not_start_on_derived_secrets(tmp_path: Any) -> None:
    with pytest.raises(ConfigError, match="ASHAR_PASSWORD_SALT.*\n.*ASHAR_TOTP_SECRETS"):
        create_app({"ASHAR_ENV": "production", "ASHAR_SECRET_KEY": "x" * 40}, environ={})
