"""Stolen cards are tried: limits over real HTTP, the brake, and real donors who get through."""

import re
import secrets
from html import unescape
from typing import Any

import pytest
import requests
from flask import Flask

from ashar.kernel import db, limits
from ashar.pledges import brake, settlement
from ashar.pledges.models import Payment, Pledge
from ashar.site import create_app
from stripe_sandbox import Sandbox
from tests.conftest import _dispose
from tests.factories import PROJECT, make_pledge, make_project, notice
from tests.live import listening

pytestmark = pytest.mark.usefixtures("sandbox")
PAGE = f"/projects/{PROJECT}/pledge"


@pytest.fixture
def settings(settings: dict[str, Any]) -> dict[str, Any]:
    """Turn the limits on."""
    return settings | {"ASHAR_RATELIMIT_ENABLED": True}


class Caller:
    """Somebody with a browser at the other end of a real connection."""

    def __init__(self, url: str, **headers: str) -> None:
        self.url, self.session = url, requests.Session()
        self.session.headers.update({"Accept-Language": "en", **headers})
        page = self.session.get(f"{url}{PAGE}", timeout=30).text
        hidden = r'name="(csrf_token|kind|frequency)"[^>]*value="([^"]*)"'
        self.fields = {name: unescape(value) for name, value in re.findall(hidden, page)}

    def give(self, email: str, **more: Any) -> requests.Response:
        """Send the form, a new one each time."""
        given = {"amount": "50", "currency": "CHF", "country": "CH", "method": "card"}
        given |= {"email": email, "attempt": secrets.token_hex(8), "visibility": "anonymous"}
        return self.session.post(
            f"{self.url}{PAGE}",
            data=self.fields | given | more.pop("fields", {}),
            allow_redirects=False,
            timeout=60,
            **more,
        )


def put_in(site: Flask) -> None:
    with site.app_context():
        make_project()


def full(site: Flask, rule: str, key: str, less: int = 0) -> None:
    """Fill a rule's window up, but for so many."""
    with site.app_context():
        limit = limits._parsed(limits.RULES[rule])
        storage = site.extensions["ashar"].limits
        storage.incr(limit.key_for(rule, key), limit.get_expiry(), limit.amount - less)


def empty(site: Flask) -> None:
    """Let all windows end."""
    with site.app_context():
        site.extensions["ashar"].limits.reset()


@pytest.mark.parametrize("rule", ["pledge", "pledge-email"])
def test_one_address_or_one_email_is_limited_whatever_headers_and_restarts(
    site: Flask, settings: dict[str, Any], rule: str
) -> None:
    """And after the window the donor pays, with the very form that was refused."""
    put_in(site)
    email = "aida@example.org"
    full(site, rule, email if rule == "pledge-email" else "127.0.0.1", less=2)
    with listening(site) as url:
        donor = Caller(url)
        for number in range(2):
            assert donor.give(email, headers={"X-Forwarded-For": f"192.0.2.{number}"}).ok
        refused = donor.give(email, headers={"X-Forwarded-For": "192.0.2.9"})
        assert refused.status_code == 429
        assert int(refused.headers["Retry-After"]) >= 1
        assert "what you typed is still here" in refused.text
        assert f'value="{email}"' in refused.text
        # Another worker, begun after it, has the same counters.
        other = create_app(settings, environ={})
        with listening(other) as beside:
            assert (
                Caller(beside).give(email, headers={"Forwarded": "for=1.2.3.4"}).status_code == 429
            )
        _dispose(other)
        empty(site)
        done = donor.give(email)
        assert done.status_code == 303
        assert done.headers["Location"].startswith(settings["ASHAR_STRIPE_API_BASE"])


def test_a_project_is_limited_over_all_addresses(site: Flask) -> None:
    put_in(site)
    full(site, "project-pledges", PROJECT)
    with listening(site) as url:
        assert Caller(url).give("aida@example.org").status_code == 429


def test_paying_again_counts_as_giving(site: Flask) -> None:
    put_in(site)
    with listening(site) as url:
        donor = Caller(url)
        assert donor.give("aida@example.org").status_code == 303
        with site.app_context():
            token = db.session.query(Pledge).one().token
        page = donor.session.get(f"{url}/pledges/{token}", timeout=30).text
        fields = dict(re.findall(r'name="(csrf_token)"[^>]*value="([^"]*)"', page))
        full(site, "pledge-email", "aida@example.org")
        again = donor.session.post(f"{url}/pledges/{token}/again", data=fields, timeout=30)
        assert again.status_code == 429


def decline(site: Flask, times: int) -> None:
    """Have cards declined, as Stripe tells of it."""
    with site.app_context():
        project = db.session.query(Pledge.project_id).scalar() or make_project("other")
        _, payment = make_pledge(project)
        for _ in range(times):
            row = db.session.get_one(Payment, payment)
            told = notice(row, "declined", reason="stolen_card")
            db.session.rollback()
            with db.transaction():
                settlement.receive(told)


def test_when_declines_rise_the_brake_is_on_for_cards_and_not_for_transfers(site: Flask) -> None:
    put_in(site)
    full(site, "declined", brake.ALL, less=2)
    with site.app_context():
        assert brake.declines() == 0
    decline(site, 2)
    with site.app_context():
        assert brake.declines() == 30
        assert brake.slows("card") and not brake.slows("bank")
    with listening(site) as url:
        donor = Caller(url)
        quick = donor.give("aida@example.org")
        assert quick.status_code == 422 and "very quick" in quick.text


def test_under_the_brake_a_real_donor_gets_through_and_a_run_of_cards_does_not(
    site: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in(site)
    full(site, "declined", brake.ALL)
    monkeypatch.setattr(brake, "LEAST_SECONDS", 0)
    with listening(site) as url:
        donor = Caller(url)
        answers = [donor.give(f"{number}@example.org") for number in range(4)]
        assert [answer.status_code for answer in answers] == [303, 303, 303, 429]
        assert "stolen cards" in answers[-1].text
        assert "try again in" in answers[-1].text
        assert int(answers[-1].headers["Retry-After"]) > 60
        empty(site)
        assert donor.give("4@example.org").status_code == 303
        full(site, "declined", brake.ALL)
        full(site, "braked", brake.ALL)
        assert Caller(url).give("5@example.org").status_code == 429


class Sum:
    """A question that people can answer."""

    origins = ("https://captcha.example",)

    def widget(self) -> str:
        return '<p><label for="sum">2 + 3</label> <input id="sum" name="sum"></p>'

    def passes(self, answers: Any, address: str) -> bool:
        return answers.get("sum") == "5" and bool(address)


def test_a_hosts_captcha_is_asked_only_under_the_brake(
    site: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in(site)
    monkeypatch.setattr(site.extensions["ashar"], "captcha", Sum())
    monkeypatch.setattr(brake, "LEAST_SECONDS", 0)
    with listening(site) as url:
        donor = Caller(url)
        page = donor.session.get(f"{url}{PAGE}", timeout=30)
        assert "2 + 3" not in page.text
        assert "captcha.example" not in page.headers["Content-Security-Policy"]
        assert donor.give("aida@example.org").status_code == 303
        full(site, "declined", brake.ALL)
        page = donor.session.get(f"{url}{PAGE}", timeout=30)
        assert "2 + 3" in page.text
        assert (
            "script-src 'self' https://captcha.example" in page.headers["Content-Security-Policy"]
        )
        wrong = donor.give("aida@example.org", fields={"sum": "6"})
        assert wrong.status_code == 422 and "you are a person" in wrong.text
        assert donor.give("aida@example.org", fields={"sum": "5"}).status_code == 303


def test_a_form_that_is_not_valid_costs_nobody_else_a_try(sandbox: Sandbox, site: Flask) -> None:
    put_in(site)
    with listening(site) as url:
        donor = Caller(url)
        assert donor.give("aida@example.org", fields={"amount": "much"}).status_code == 422
    with site.app_context():
        assert limits.counted("pledge-email", "aida@example.org") == 0
        assert limits.counted("pledge", "127.0.0.1") == 1
