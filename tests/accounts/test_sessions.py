"""Sessions are rows: listed, ended from elsewhere, forgotten in time."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from ashar.accounts import sessions
from ashar.accounts.models import SignIn
from ashar.kernel import db
from tests.accounts.conftest import EMAIL, PASSWORD, Visitor, told, user_of
from tests.conftest import Clock

PHONE = (
    "Mozilla/5.0 (Linux; Android 14; SM-A155F) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Mobile Safari/537.36"
)


def rows(site: Flask) -> list[SignIn]:
    with site.app_context():
        found = db.session.query(SignIn).order_by(SignIn.made_at).all()
        db.session.expunge_all()
        return found


@pytest.fixture
def phone(site: Flask, visitor: Visitor) -> Visitor:
    """Return a second browser."""
    other = Visitor(site.test_client())
    other.client.environ_base["HTTP_USER_AGENT"] = PHONE
    return other


def test_each_sign_in_is_listed_and_can_be_ended_from_another(
    site: Flask, visitor: Visitor, phone: Visitor, account: str
) -> None:
    visitor.sign_in()
    phone.sign_in()
    page = visitor.get("/account").text
    assert "Chrome · Android" in page and page.count("this one") == 1
    [its] = [row.token for row in rows(site) if row.browser == "Chrome · Android"]
    assert its in page
    visitor.send("/account", {"session": its}, to="/account/sessions/end")
    assert told(site, phone) is None
    assert told(site, visitor) is not None
    assert phone.get("/account").location == "/sign-in?next=%2Faccount"
    with phone.client.session_transaction() as cookie:
        assert "_user_id" not in cookie


def test_all_others_are_ended_at_once(
    site: Flask, visitor: Visitor, phone: Visitor, account: str
) -> None:
    third = Visitor(site.test_client())
    for one in (visitor, phone, third):
        one.sign_in()
    assert visitor.send("/account", {}, to="/account/sessions/end-others").status_code == 302
    assert [told(site, one) is None for one in (visitor, phone, third)] == [False, True, True]
    assert len(rows(site)) == 1


def test_nobody_ends_the_session_of_somebody_else(
    site: Flask, visitor: Visitor, phone: Visitor, account: str
) -> None:
    with site.app_context():
        site.extensions["ashar_accounts"].create("other@example.org", PASSWORD)
    visitor.sign_in()
    phone.sign_in("other@example.org")
    [theirs] = [row.token for row in rows(site) if row.browser == "Chrome · Android"]
    visitor.send("/account", {"session": theirs}, to="/account/sessions/end")
    assert told(site, phone) is not None


def test_signing_out_forgets_the_session(site: Flask, visitor: Visitor, account: str) -> None:
    visitor.sign_in()
    with visitor.client.session_transaction() as cookie:
        copy = dict(cookie)
    visitor.sign_out()
    assert rows(site) == []
    with visitor.client.session_transaction() as cookie:
        cookie.update(copy)
    assert told(site, visitor) is None


def test_a_new_password_and_a_new_factor_end_the_rows_of_all_others(
    site: Flask, visitor: Visitor, phone: Visitor, account: str
) -> None:
    visitor.sign_in()
    phone.sign_in()
    visitor.set_up_app()
    assert len(rows(site)) == 1
    assert told(site, visitor) is not None and told(site, phone) is None


def test_a_new_password_by_letter_ends_them_all(
    site: Flask, visitor: Visitor, account: str, mailbox: Any
) -> None:
    from tests.accounts.conftest import link_in

    visitor.sign_in()
    other = Visitor(site.test_client())
    other.send("/account/password/forgotten", {"email": EMAIL})
    fields = {"password": "another long word", "password_confirm": "another long word"}
    other.send(link_in(mailbox), fields)
    assert rows(site) == [] and told(site, visitor) is None


def test_when_it_was_used_is_noted_now_and_then(
    site: Flask, visitor: Visitor, account: str, clock: Clock
) -> None:
    visitor.sign_in()
    first = rows(site)[0].seen_at
    visitor.get("/account")
    assert rows(site)[0].seen_at == first
    clock.forward(minutes=6)
    visitor.get("/account")
    second = rows(site)[0].seen_at
    assert (second - first).total_seconds() >= 300
    visitor.get("/account")
    assert rows(site)[0].seen_at == second


def test_what_nobody_used_for_long_ends_by_itself(
    site: Flask, visitor: Visitor, account: str, clock: Clock
) -> None:
    visitor.sign_in()
    clock.forward(days=31)
    with site.app_context():
        sessions.prune()
    assert rows(site) == [] and told(site, visitor) is None


def test_who_is_signed_in_costs_one_query_and_a_visitor_none(
    site: Flask, visitor: Visitor, account: str
) -> None:
    seen: list[str] = []
    with site.app_context():
        engine = db.database().engine
    visitor.sign_in()
    told(site, visitor)
    stranger = Visitor(site.test_client())
    sa.event.listen(
        engine, "before_cursor_execute", lambda *call: seen.append(call[2]), named=False
    )
    told(site, visitor)
    assert len([one for one in seen if "ashar_session" in one]) == 1
    assert len([one for one in seen if "FROM" in one]) <= 2  # with the account's keys
    seen.clear()
    told(site, stranger)
    assert seen == []


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (PHONE, "Chrome · Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5) Version/17.5 Safari/604.1", "Safari · iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/131 Safari/537.36 Edg/131.0", "Edge · Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Firefox/132.0", "Firefox · Linux"),
        ("curl/8", ""),
    ],
)
def test_a_browser_is_known_by_its_kind_alone(agent: str, words: str) -> None:
    assert sessions.browser_of(agent) == words


def test_an_account_and_its_sessions_go_together(
    site: Flask, visitor: Visitor, account: str
) -> None:
    visitor.sign_in()
    number = user_of(site).id
    with site.app_context(), db.transaction() as session:
        session.execute(sa.text("DELETE FROM ashar_user WHERE id = :id"), {"id": number})
    assert rows(site) == []
