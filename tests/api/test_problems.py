"""Errors below /api/v1 are problems; those of a host stay as they are."""

from typing import Any

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient

from ashar.kernel import limits
from ashar.projects import queries
from tests.api.conftest import MakeHost
from tests.factories import make_project


def problem(answer: Any, status: int) -> Any:
    """Check the form of a problem and return it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert answer.json["status"] == status
    assert answer.json["type"] == "about:blank" and answer.json["title"]
    return answer.json


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE"])
def test_unknown_addresses_answer_a_problem(client: FlaskClient, method: str) -> None:
    for path in ("", "/", "/projects/", "/a/b/c", "/trace", "/ledger", "/a%0Ab", "/projects/a/b"):
        answer = client.open("/api/v1" + path, method=method)
        assert answer.status_code == 404, path
        if method != "HEAD":
            problem(answer, 404)


def test_addresses_that_name_no_project_answer_a_problem(client: FlaskClient) -> None:
    for slug in ("none", "a%0D%0Ab", "%F0%9F%8F%94", "%FF", "'--", "a" * 3000):
        for tail in ("", "/progress"):
            problem(client.get(f"/api/v1/projects/{slug}{tail}"), 404)


def test_a_nul_is_refused_wherever_it_hides(client: FlaskClient) -> None:
    problem(client.get("/api/v1/projects/%00"), 400)
    problem(client.get("/api/v1/projects?q=%00"), 400)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "QUERY"])
def test_only_reading_is_allowed(client: FlaskClient, method: str) -> None:
    for path in ("projects", "projects/none", "projects/none/progress", "regions", "openapi.json"):
        answer = client.open(f"/api/v1/{path}", method=method)
        problem(answer, 405)
        assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_a_post_from_another_site_is_refused_as_a_problem(client: FlaskClient) -> None:
    answer = client.post("/api/v1/projects", headers={"Origin": "https://elsewhere.example"})
    problem(answer, answer.status_code)
    assert answer.status_code in {403, 405}


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("region=KG-X", ["region"]),
        ("region=", ["region"]),
        ("theme=war", ["theme"]),
        ("sdg=1.1", ["sdg"]),
        ("state=draft", ["state"]),
        ("state=suspended", ["state"]),
        ("need=money", ["need"]),
        ("sort=best", ["sort"]),
        ("lang=fr", ["lang"]),
        ("page=0", ["page"]),
        ("page=10001", ["page"]),
        ("page=1.0", ["page"]),
        ("page=%2B1", ["page"]),
        ("page=1_0", ["page"]),
        ("page=٣", ["page"]),
        ("q=" + "a" * 101, ["q"]),
        ("q=%01", ["q"]),
        ("regoin=KG-B", ["regoin"]),
        ("theme=water&theme=tourism", ["theme"]),
        ("region=x&theme=y&page=z", ["region", "theme", "page"]),
    ],
)
def test_parameters_that_mean_nothing_are_named(
    client: FlaskClient, asked: str, names: list[str]
) -> None:
    found = problem(client.get("/api/v1/projects?" + asked), 422)
    assert [fault["parameter"] for fault in found["errors"]] == names
    assert all(fault["detail"] for fault in found["errors"])


@pytest.mark.parametrize("path", ["projects/dry-rice", "projects/dry-rice/progress", "regions"])
def test_every_address_is_strict(client: FlaskClient, project: str, path: str) -> None:
    found = problem(client.get(f"/api/v1/{path}?lang=fr&page=1"), 422)
    assert {fault["parameter"] for fault in found["errors"]} == {"lang", "page"}


def test_a_language_that_the_site_does_not_offer_is_refused(
    settings: dict[str, Any], client: FlaskClient
) -> None:
    client.application.config["ASHAR_LANGUAGES"] = ("ky", "en")
    assert "ky, en" in problem(client.get("/api/v1/regions?lang=de"), 422)["errors"][0]["detail"]


def test_too_many_requests_are_told_when_to_come_back(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.application.config["ASHAR_RATELIMIT_ENABLED"] = True
    monkeypatch.setitem(limits.RULES, "api", "2/minute")
    paths = ("projects", "regions", "openapi.json", "nothing")
    answers = [client.get(f"/api/v1/{path}") for path in paths]
    assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
    problem(answers[2], 429)
    assert 0 < int(answers[2].headers["Retry-After"]) <= 61


def test_a_fault_of_ours_tells_nothing_of_the_inside(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_slug: str) -> None:
        raise RuntimeError("a secret")

    client.application.testing = False
    monkeypatch.setattr(queries, "by_slug", fail)
    answer = client.get("/api/v1/projects/dry-rice")
    assert "secret" not in str(problem(answer, 500))
    assert "a secret" in caplog.text


def test_a_host_keeps_its_own_errors_and_does_not_touch_ours(make_host: MakeHost) -> None:
    app = make_host(ashar="/crowd")
    app.register_error_handler(404, lambda error: ("the host's page", 404))
    app.register_error_handler(405, lambda error: ("the host's page", 405))
    app.register_error_handler(500, lambda error: ("the host's page", 500))
    app.add_url_rule("/host", view_func=lambda: abort(404), endpoint="host")
    client = app.test_client()
    for path in ("/host", "/nothing", "/api/v1/projects"):
        answer = client.get(path)
        assert (answer.text, answer.status_code) == ("the host's page", 404)
        assert "Access-Control-Allow-Origin" not in answer.headers
    assert client.post("/host").text == "the host's page"
    problem(client.get("/crowd/api/v1/nothing"), 404)
    problem(client.get("/crowd/api/v1/projects/nothing"), 404)
    problem(client.post("/crowd/api/v1/projects"), 405)


def test_what_a_host_refuses_before_us_is_a_problem_too(make_host: MakeHost) -> None:
    app = make_host(ashar="/crowd")

    @app.before_request
    def refuse() -> Any:
        return "<h1>Closed</h1>", 503, {"Retry-After": "60"}

    answer = app.test_client().get("/crowd/api/v1/projects")
    problem(answer, 503)
    assert answer.headers["Retry-After"] == "60"


def test_pages_keep_their_own_error_page(site: Flask, client: FlaskClient) -> None:
    with site.app_context():
        make_project()
    answer = client.get("/projects/none")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
