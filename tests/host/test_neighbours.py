"""What else a host runs for all its pages: none of it breaks ours, none of ours breaks it."""

from collections.abc import Callable
from typing import Any

import jinja2
import pytest
from flask import Flask, abort, request
from flask_babel import Babel, get_locale
from flask_babel import gettext as host_gettext
from flask_limiter import Limiter
from flask_wtf import CSRFProtect

from ashar import Ashar, Identity
from ashar.kernel.errors import ConfigError
from stripe_sandbox import Sandbox
from tests.factories import PROJECT
from tests.host.conftest import PREFIX, WEBHOOK_SECRET, Furnish, pledge_at
from tests.live import listening, session_of
from tests.pledges.test_stream import calm, only_pledge, read_form_for

HOOK = f"{PREFIX}/webhooks/stripe"


def before_us(app: Flask) -> None:
    CSRFProtect(app)


def after_us(app: Flask) -> None:
    Ashar.exempt(CSRFProtect(app))


@pytest.mark.parametrize("furniture", [{"before": before_us}, {"after": after_us}])
def test_a_pledge_is_paid_behind_the_hosts_csrf_guard(
    furnish: Furnish, sandbox: Sandbox, furniture: dict[str, Any]
) -> None:
    app = furnish(ASHAR_STRIPE_API_BASE=sandbox.url, **furniture)
    with listening(app) as url:
        sandbox.add_endpoint(f"{url}{HOOK}", WEBHOOK_SECRET)
        sandbox.pay(session_of(sandbox, pledge_at(app.test_client())))
        calm(sandbox, app)
    with app.app_context():
        assert only_pledge().state == "paid"


def test_the_hosts_csrf_guard_that_would_refuse_webhooks_fails_every_request(
    furnish: Furnish,
) -> None:
    app = furnish(after=lambda app: CSRFProtect(app) and None)
    for path in ("/", f"{PREFIX}/projects", "/"):
        with pytest.raises(ConfigError, match=r"Ashar\.exempt"):
            app.test_client().get(path)


def test_an_instance_exempts_as_well_as_the_class(furnish: Furnish) -> None:
    app = furnish(after=lambda app: Ashar().exempt(CSRFProtect(app)))
    assert app.test_client().get(f"{PREFIX}/projects").status_code == 200


def test_exempting_the_webhook_by_name_is_enough(furnish: Furnish) -> None:
    app = furnish(after=lambda app: CSRFProtect(app).exempt("ashar.pledges.webhooks.receive"))
    assert app.test_client().get(f"{PREFIX}/projects").status_code == 200
    assert app.test_client().post(HOOK).status_code == 400


@pytest.mark.parametrize("switch", ["WTF_CSRF_ENABLED", "WTF_CSRF_CHECK_DEFAULT"])
def test_a_csrf_guard_that_is_switched_off_is_no_trouble(furnish: Furnish, switch: str) -> None:
    app = furnish(after=lambda app: CSRFProtect(app) and None, **{switch: False})
    assert app.test_client().get(f"{PREFIX}/projects").status_code == 200


def test_the_hosts_guard_still_guards_the_hosts_forms(furnish: Furnish) -> None:
    def furniture(app: Flask) -> None:
        CSRFProtect(app)
        app.add_url_rule("/note", "note", lambda: "noted", methods=["POST"])

    client = furnish(before=furniture).test_client()
    assert client.post("/note").status_code == 400
    assert client.post(HOOK, data=b"{}").status_code == 400


@pytest.mark.parametrize("furniture", [{"before": before_us}, {"after": after_us}])
def test_our_forms_are_read_with_their_token_only(
    furnish: Furnish, furniture: dict[str, Any]
) -> None:
    """The host's guard lets them pass, since they prove themselves."""
    app = furnish(**furniture)
    for path in pages_that_take_forms(app):
        answer = app.test_client().post(path, data={"amount": "50", "email": "a@example.org"})
        # Or sent to sign in first, before anything is read.
        sign_in = app.config["ASHAR_SIGN_IN_URL"] + "?"
        sent_away = answer.status_code == 302 and answer.location.startswith(sign_in)
        assert sent_away or answer.status_code in {400, 404, 415}, path


def pages_that_take_forms(app: Flask) -> list[str]:
    with app.test_request_context():
        pledge_at(app.test_client())
    with app.app_context():
        token = only_pledge().token
    values = {"slug": PROJECT, "token": token, "name": "stripe"}
    adapter = app.url_map.bind("localhost")
    return [
        adapter.build(rule.endpoint, {name: values[name] for name in rule.arguments}, "POST")
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and rule.endpoint.startswith("ashar.")
        if rule.arguments <= values.keys()
    ]


def test_a_pledge_is_cancelled_over_https_behind_the_hosts_guard(furnish: Furnish) -> None:
    """Its page sends no Referer, which the guard would ask for."""
    app = furnish(before=before_us, ASHAR_BASE_URL="https://localhost")
    client = app.test_client()
    pledge_at(client)
    with app.app_context():
        token = only_pledge().token
    page = client.get(f"{PREFIX}/pledges/{token}?lang=en", base_url="https://localhost")
    answer = client.post(
        f"{PREFIX}/pledges/{token}/cancel",
        data=read_form_for(page.text, "/cancel"),
        base_url="https://localhost",
    )
    assert answer.status_code == 303


def limiter(app: Flask) -> None:
    Limiter(lambda: "all", app=app, default_limits=["2/hour"], application_limits=["3/hour"])


@pytest.mark.filterwarnings("ignore:Using the in-memory storage")
@pytest.mark.parametrize("when", ["before", "after"])
def test_the_hosts_limits_hold_for_its_pages_and_not_for_ours(furnish: Furnish, when: str) -> None:
    furniture: dict[str, Callable[[Flask], None]] = {when: limiter}
    client = furnish(**furniture).test_client()
    for _ in range(5):
        assert client.get(f"{PREFIX}/projects").status_code == 200
        assert client.post(HOOK).status_code == 400
        assert client.get(f"{PREFIX}/static/ashar/ashar.css").status_code == 200
    assert [client.get("/").status_code for _ in range(3)] == [200, 200, 429]


def test_the_hosts_babel_keeps_its_selector_and_we_our_language(furnish: Furnish) -> None:
    def furniture(app: Flask) -> None:
        Babel(app, locale_selector=lambda: "fr", default_domain="verein")
        app.add_url_rule("/word", "word", lambda: f"{get_locale()} {host_gettext('Amount')}")

    app = furnish(before=furniture)
    client = app.test_client()
    page = client.get(f"{PREFIX}/projects?lang=de")
    assert '<html lang="de"' in page.text
    with app.test_request_context(f"{PREFIX}/projects?lang=de"):
        from ashar.kernel import i18n

        assert i18n.number(1234567) == "1.234.567"
        assert str(get_locale()) == "fr"
    assert client.get("/word").text == "fr Amount"


def own_errors(app: Flask) -> None:
    app.register_error_handler(404, lambda error: ("the host's 404", 404))
    app.register_error_handler(405, lambda error: ("the host's 405", 405))


@pytest.mark.parametrize("when", ["before", "after"])
def test_outside_the_prefix_errors_are_the_hosts(furnish: Furnish, when: str) -> None:
    furniture: dict[str, Callable[[Flask], None]] = {when: own_errors}
    client = furnish(**furniture).test_client()
    for path in ("/nope", "/crowdfunding", "/projects/none"):
        assert client.get(path).text == "the host's 404"
    assert client.post("/").text == "the host's 405"


@pytest.mark.parametrize("when", ["before", "after"])
def test_wrong_addresses_beneath_the_prefix_are_answered_by_us(furnish: Furnish, when: str) -> None:
    furniture: dict[str, Callable[[Flask], None]] = {when: own_errors}
    client = furnish(**furniture).test_client()
    for method, path, status in (
        ("GET", "/nope", 404),
        ("GET", "/projects/a/b/c/d", 404),
        ("POST", "/projects", 405),
    ):
        answer = client.open(f"{PREFIX}{path}?lang=en", method=method)
        assert answer.status_code == status
        assert "the host's" not in answer.text and 'class="kicker"' in answer.text
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert f'href="{PREFIX}/projects' in answer.text


@pytest.mark.parametrize("when", ["before", "after"])
def test_errors_of_our_pages_are_ours(furnish: Furnish, when: str) -> None:
    furniture: dict[str, Callable[[Flask], None]] = {when: own_errors}
    client = furnish(**furniture).test_client()
    for path in ("/projects/none", "/pledges/none", "/legal/none"):
        answer = client.get(f"{PREFIX}{path}?lang=en")
        assert answer.status_code == 404
        assert "There is no such page" in answer.text


def test_without_a_prefix_wrong_addresses_are_the_hosts_where_it_has_a_page_for_them(
    furnish: Furnish,
) -> None:
    ours = furnish(prefix="").test_client().get("/nope?lang=en")
    assert ours.status_code == 404 and "There is no such page" in ours.text
    theirs = furnish(own_errors, prefix="").test_client().get("/nope?lang=en")
    assert theirs.text == "the host's 404"


def test_the_hosts_before_request_runs_for_our_pages_too(furnish: Furnish) -> None:
    seen: list[str] = []

    def furniture(app: Flask) -> None:
        @app.before_request
        def look() -> None:
            seen.append(request.path)
            if request.args.get("closed"):
                abort(503)

    client = furnish(after=furniture).test_client()
    assert client.get(f"{PREFIX}/projects").status_code == 200
    assert client.get(f"{PREFIX}/projects?closed=1").status_code == 503
    assert seen == [f"{PREFIX}/projects"] * 2


def test_a_user_that_a_later_before_request_loads_is_known(furnish: Furnish) -> None:
    """We ask who is signed in when the host's own hooks have run, not before."""
    from flask import g

    def furniture(app: Flask) -> None:
        @app.before_request
        def load() -> None:
            g.user = 7

    app = furnish(
        after=furniture, who=lambda: Identity(str(g.user), "seven@example.org", "Seven", "de-CH")
    )
    client = app.test_client()
    pledge_at(client)
    with app.app_context():
        assert only_pledge().person_id is not None


def test_the_hosts_policy_wins_over_ours(furnish: Furnish) -> None:
    def furniture(app: Flask) -> None:
        @app.after_request
        def set_policy(response: Any) -> Any:
            response.headers["Content-Security-Policy"] = "default-src 'self'"
            return response

    page = furnish(after=furniture).test_client().get(f"{PREFIX}/projects")
    assert page.headers.getlist("Content-Security-Policy") == ["default-src 'self'"]


def test_our_pages_bear_a_host_whose_templates_are_strict(furnish: Furnish) -> None:
    def furniture(app: Flask) -> None:
        app.jinja_env.undefined = jinja2.StrictUndefined

    client = furnish(before=furniture).test_client()
    for path in ("", "/", "/projects", f"/projects/{PROJECT}", f"/projects/{PROJECT}/pledge"):
        answer = client.get(f"{PREFIX}{path}", follow_redirects=True)
        assert answer.status_code == 200, path


def test_a_host_under_a_path_of_its_server_links_and_signs_in_beneath_it(furnish: Furnish) -> None:
    app = furnish(ASHAR_BASE_URL="https://verein.example/site")
    page = app.test_client().get(f"{PREFIX}/projects", base_url="https://verein.example/site/")
    assert f'href="/site{PREFIX}/projects/{PROJECT}' in page.text
    with app.app_context():
        from ashar.kernel import links

        address = links.absolute("projects.show", slug=PROJECT)
    assert address == f"https://verein.example/site{PREFIX}/projects/{PROJECT}"
