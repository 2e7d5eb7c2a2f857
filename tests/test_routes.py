"""The map of addresses, walked: who may call what, forms that are ours, pages nobody keeps."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from ashar import features
from ashar.people.access import OPEN, PERMISSIONS
from tests.factories import make_pledge, make_project, pledge_of
from tests.mailbox import Mailbox

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
pytestmark = one_engine

EMAIL, PASSWORD = "reader@example.org", "a-long-enough-password-47"
#: Routes that no form of ours is sent to.
UNSIGNED = frozenset({"ashar.webhooks.receive"})
#: What stands for a parameter of an address, unless it is a pledge's.
PARTS = {"slug": "dry-rice", "page": "privacy", "name": "stripe", "filename": "ashar.css"}
#: Security headers of every answer of ours.
HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}


def rules(site: Flask) -> list[Rule]:
    return sorted(site.url_map.iter_rules(), key=lambda rule: rule.rule)


def access(site: Flask, rule: Rule) -> str | None:
    found: str | None = getattr(site.view_functions[rule.endpoint], "ashar_access", None)
    return found


def is_static(rule: Rule) -> bool:
    return rule.endpoint.endswith("static")


@pytest.fixture
def token(site: Flask) -> str:
    """Put in a project and a pledge; return the pledge's token."""
    with site.app_context():
        pledge, _ = make_pledge(make_project())
        return pledge_of(pledge).token


@pytest.fixture
def member(site: Flask, mailbox: Mailbox) -> FlaskClient:
    """Return the browser of somebody who has signed in."""
    with site.app_context():
        site.extensions["ashar_accounts"].create(EMAIL, PASSWORD)
    client = site.test_client()
    page = client.get("/sign-in", buffered=True)
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert found is not None
    data = {"email": EMAIL, "password": PASSWORD, "csrf_token": found[1]}
    assert client.post("/sign-in", data=data, buffered=True).status_code == 302
    return client


def address(rule: Rule, token: str) -> str:
    """Fill in an address's parameters."""
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda part: PARTS.get(part[1], token), rule.rule)


def calls(site: Flask, method: str, token: str) -> Iterator[tuple[Rule, str]]:
    for rule in rules(site):
        if method in (rule.methods or ()) and not is_static(rule):
            yield rule, address(rule, token)


def test_every_route_says_who_may_call_it(site: Flask) -> None:
    silent = [
        rule.rule
        for rule in rules(site)
        if not is_static(rule) and access(site, rule) not in PERMISSIONS
    ]
    assert silent == []


def test_every_address_that_loads_its_view_late_finds_it(site: Flask) -> None:
    found = {
        (view.__module__, view.__name__)
        for view in site.view_functions.values()
        if view.__module__ in features.VIEWS
    }
    assert {module for module, _ in found} == set(features.VIEWS)
    for module, name in found:
        assert callable(getattr(features.VIEWS[module], name)), (module, name)


def test_nothing_but_a_post_changes_anything(site: Flask, member: FlaskClient, token: str) -> None:
    for method in ("PUT", "PATCH", "DELETE"):
        for rule, path in calls(site, method, token):
            assert member.open(path, method=method).status_code in {404, 405}, (method, rule)


def posts(site: Flask, token: str, member: FlaskClient) -> Iterator[tuple[FlaskClient, str]]:
    """Yield each address that takes a form, and the browser of somebody who may send it."""
    for rule, path in calls(site, "POST", token):
        if rule.endpoint not in UNSIGNED:
            yield (site.test_client() if access(site, rule) in OPEN else member), path


def test_a_post_without_our_token_is_refused_everywhere(
    site: Flask, member: FlaskClient, token: str
) -> None:
    taken = {}
    for client, path in posts(site, token, member):
        answer = client.post(path, data={"email": EMAIL, "password": PASSWORD}, buffered=True)
        if answer.status_code not in {400, 403, 404, 405} and not turned_away(answer, path):
            taken[path] = (answer.status_code, answer.location)
    assert taken == {}


def turned_away(answer: TestResponse, path: str) -> bool:
    """Tell whether an answer leads to the sign-in, or back to the page before a link's or key's."""
    if answer.status_code != 302:
        return False
    target = urlsplit(answer.location).path
    return target == "/sign-in" or path.startswith(f"{target}/") or path == "/sign-out"


def test_nobody_is_signed_out_by_a_post_without_our_token(member: FlaskClient) -> None:
    member.post("/sign-out", data={}, buffered=True)
    assert member.get("/account", buffered=True).status_code == 200


def test_a_post_from_another_site_is_refused_everywhere(
    site: Flask, member: FlaskClient, token: str
) -> None:
    foreign = {"Origin": "https://elsewhere.example"}
    taken = {}
    for client, path in posts(site, token, member):
        answer = client.post(path, headers=foreign, buffered=True)
        if answer.status_code not in {403, 404, 405}:
            taken[path] = answer.status_code
    assert taken == {}


def test_a_strangers_way_to_somebodys_own_page_leads_to_the_sign_in(
    site: Flask, client: FlaskClient, token: str
) -> None:
    for rule, path in calls(site, "GET", token):
        if access(site, rule) in OPEN:
            continue
        answer = client.get(path)
        assert answer.status_code in {302, 401, 403}, path
        if answer.status_code == 302:
            assert answer.location.startswith("/sign-in"), path


def test_private_pages_are_stored_nowhere(site: Flask, member: FlaskClient, token: str) -> None:
    for rule, path in calls(site, "GET", token):
        if access(site, rule) in {"public", "token"}:
            continue
        answer = member.get(path, buffered=True)
        assert answer.headers.get("Cache-Control") == "no-store", (path, answer.status_code)
        assert "ETag" not in answer.headers, path


def test_every_answer_carries_a_policy(site: Flask, client: FlaskClient, token: str) -> None:
    for _, path in calls(site, "GET", token):
        answer = client.get(path)
        for name, value in HEADERS.items():
            assert answer.headers[name] == value, path
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy, path


def test_an_address_that_nobody_knows_is_answered_like_any_other(client: FlaskClient) -> None:
    page = client.get("/nothing-here?lang=de")
    assert page.status_code == 404
    assert '<html lang="de">' in page.text and "<main" in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_a_draft_is_found_nowhere_by_strangers(site: Flask, client: FlaskClient) -> None:
    with site.app_context():
        make_project("sample-draft", publish=False)
    open_rules = [rule for rule in rules(site) if access(site, rule) in OPEN]
    tried = [rule.rule for rule in open_rules if "<slug>" in rule.rule]
    for path in (rule.replace("<slug>", "sample-draft") for rule in tried):
        assert client.get(path).status_code == 404, path
    assert "sample-draft" not in client.get("/projects").text
