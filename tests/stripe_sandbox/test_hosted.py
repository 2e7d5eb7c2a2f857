"""The hosted page and the page that lists it all, over HTTP and without JavaScript."""

from __future__ import annotations

import re
from typing import Any

import pytest
import requests
import stripe

from stripe_sandbox import Sandbox
from tests.stripe_sandbox.shop import begin, paid


def click(url: str, action: str, method: str = "card") -> requests.Response:
    data = {"action": action, "method": method}
    return requests.post(url, data=data, allow_redirects=False, timeout=5)


def status(client: stripe.StripeClient, session: Any) -> tuple[Any, ...]:
    now = client.v1.checkout.sessions.retrieve(session.id)
    return now.status, now.payment_status


def test_the_page_shows_what_is_paid_and_how(client: stripe.StripeClient) -> None:
    page = requests.get(begin(client, 5000, "eur", locale="de").url, timeout=5)
    assert page.status_code == 200
    assert '<html lang="de">' in page.text
    assert "kein echtes Geld" in page.text
    assert "Solar panels for Naryn" in page.text
    assert re.findall(r'name="method"[^>]*value="(\w+)"', page.text) == [
        "card", "sepa_debit", "ideal", "eps",
    ]  # fmt: skip
    actions = re.findall(r'name="action" value="(\w+)"', page.text)
    assert actions == ["pay", "decline", "pay_later", "cancel", "expire"]


def test_the_page_loads_nothing_from_elsewhere_and_runs_nothing(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    page = requests.get(begin(client).url, timeout=5)
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' https://ashar.example" in policy
    assert "<script" not in page.text
    assert " style=" not in page.text
    loaded = re.findall(r'(?:src|<link[^>]*href)="([^"]+)"', page.text)
    assert loaded == ["/_static/icon.svg", "/_static/style.css"]
    for path in loaded:
        assert requests.get(sandbox.url + path, timeout=5).status_code == 200
    assert requests.get(f"{sandbox.url}/_static/../api.py", timeout=5).status_code != 200


@pytest.mark.parametrize(
    ("locale", "lang"), [("ru", "ru"), ("en-GB", "en"), ("fr", "en"), ("auto", "en"), (None, "en")]
)
def test_the_language_of_the_page_is_one_it_speaks(
    client: stripe.StripeClient, locale: str | None, lang: str
) -> None:
    given: dict[str, Any] = {"locale": locale} if locale else {}
    session = begin(client, **given)
    assert f'<html lang="{lang}">' in requests.get(session.url, timeout=5).text


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [(2060, "chf", "CHF 20.60"), (3000, "jpy", "JPY 3,000"), (10_000, "isk", "ISK 100.00")],
)
def test_amounts_have_the_decimals_of_their_currency(
    client: stripe.StripeClient, amount: int, currency: str, shown: str
) -> None:
    text = requests.get(begin(client, amount, currency).url, timeout=5).text
    assert f"<h1>{shown}</h1>" in text.replace("\xa0", " ")


def test_paying_leads_back_with_the_id_of_the_session(client: stripe.StripeClient) -> None:
    session = begin(client)
    answer = click(session.url, "pay")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"https://ashar.example/thanks?session={session.id}"
    assert status(client, session) == ("complete", "paid")
    again = click(session.url, "pay")
    assert again.status_code == 409
    assert "This payment has been made." in again.text
    assert len(client.v1.charges.list().data) == 1


def test_a_declined_card_can_be_tried_again(client: stripe.StripeClient) -> None:
    session = begin(client)
    declined = click(session.url, "decline")
    assert declined.status_code == 200
    assert 'role="alert"' in declined.text
    assert 'value="pay"' in declined.text
    assert click(session.url, "pay").status_code == 303


def test_cancelling_leads_back_and_leaves_the_session_open(client: stripe.StripeClient) -> None:
    session = begin(client)
    assert click(session.url, "cancel").headers["Location"] == "https://ashar.example/back"
    assert status(client, session) == ("open", "unpaid")


def test_an_expired_page_says_so(client: stripe.StripeClient) -> None:
    session = begin(client)
    assert click(session.url, "expire").headers["Location"] == f"/pay/{session.id}"
    assert "has expired" in requests.get(session.url, timeout=5).text
    assert click(session.url, "pay").status_code == 409


@pytest.mark.parametrize(("action", "expected"), [("debit_ok", "paid"), ("debit_fail", "unpaid")])
def test_a_pending_debit_is_decided_on_the_page(
    sandbox: Sandbox, client: stripe.StripeClient, action: str, expected: str
) -> None:
    session = begin(client, 5000, "eur")
    assert click(session.url, "pay_later", "sepa_debit").status_code == 303
    assert status(client, session) == ("complete", "unpaid")
    assert 'value="debit_ok"' in requests.get(session.url, timeout=5).text
    click(session.url, action)
    assert status(client, session) == ("complete", expected)
    assert 'value="debit_ok"' not in requests.get(session.url, timeout=5).text


def test_a_card_is_never_pending(client: stripe.StripeClient) -> None:
    session = begin(client, 5000, "eur")
    assert "never pending" in click(session.url, "pay_later").text
    assert status(client, session) == ("open", "unpaid")


def test_an_unknown_session_is_not_found(sandbox: Sandbox) -> None:
    assert requests.get(f"{sandbox.url}/pay/cs_test_x", timeout=5).status_code == 404


def test_the_list_shows_what_happened_and_has_the_buttons_of_the_bank(
    sandbox: Sandbox, client: stripe.StripeClient
) -> None:
    charge = paid(sandbox, client)
    begin_ = begin(client, 5000, "eur")
    sandbox.pay(begin_.id, "sepa_debit", "pending")
    steps = [
        ("debit_ok", begin_.id), ("refund", charge.id), ("fraud_warning", charge.id),
        ("advance", "1"),
    ]  # fmt: skip
    for action, id in steps:
        data = {"action": action, "id": id}
        done = requests.post(sandbox.url, data=data, allow_redirects=False, timeout=5)
        assert done.status_code == 303, done.text
    wrong = requests.post(sandbox.url, data={"action": "refund", "id": charge.id}, timeout=5)
    assert wrong.status_code == 409
    text = requests.get(sandbox.url, timeout=5).text
    for word in ("charge.refunded", charge.id, "POST /v1/checkout/sessions", "refunded"):
        assert word in text
