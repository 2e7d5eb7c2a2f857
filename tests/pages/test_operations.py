"""For operators: health, readiness, figures, and what may not be told."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ashar.kernel import config
from ashar.kernel.errors import ConfigError
from ashar.kernel.logs import masked
from ashar.site import create_app


def test_health_and_readiness_answer(client: FlaskClient) -> None:
    assert client.get("/healthz").text == "ok\n"
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json) == (
        200,
        {"database": "ok", "migrations": "ok", "jobs": "ok"},
    )


def test_a_database_that_is_behind_is_not_ready(site: Flask, client: FlaskClient) -> None:
    from sqlalchemy import text

    from ashar.kernel import db

    with site.app_context(), db.transaction() as session:
        session.execute(text("UPDATE ashar_version SET version_num = 'older'"))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "ashar upgrade" in answer.get_json()["migrations"]


def test_figures_are_shut_without_their_token(settings: dict[str, Any]) -> None:
    app = create_app(settings, environ={})
    assert app.test_client().get("/metrics").status_code == 404
    settings["ASHAR_METRICS_TOKEN"] = "figures"
    client = create_app(settings, environ={}).test_client()
    assert client.get("/metrics").status_code == 401
    wrong = client.get("/metrics", headers={"Authorization": "Bearer x"})
    assert wrong.status_code == 401
    right = client.get("/metrics", headers={"Authorization": "Bearer figures"})
    assert "ashar_outbox_waiting 0" in right.text


SAFE = {
    "ASHAR_ENV": "production",
    "ASHAR_SECRET_KEY": "0123456789abcdef0123456789abcdef",
    "ASHAR_PASSWORD_SALT": "salt-0123456789",
    "ASHAR_TOTP_SECRETS": "1:0123456789abcdef",
    "ASHAR_STRIPE_SECRET_KEY": "sk_live_x",
    "ASHAR_STRIPE_WEBHOOK_SECRET": "whsec_x",
    "ASHAR_BASE_URL": "https://ashar.example",
    "ASHAR_MAIL_URL": "smtp://localhost",
}


def test_production_starts_with_safe_settings(tmp_path: Any) -> None:
    create_app(environ=SAFE | {"ASHAR_INSTANCE_PATH": str(tmp_path)})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ASHAR_SECRET_KEY", ""),
        ("ASHAR_SECRET_KEY", "development"),
        ("ASHAR_STRIPE_WEBHOOK_SECRET", ""),
        ("ASHAR_RATELIMIT_ENABLED", "0"),
        ("ASHAR_BASE_URL", "http://ashar.example"),
        ("ASHAR_MAIL_URL", "log"),
        ("ASHAR_PASSWORD_SALT", ""),
        ("ASHAR_TOTP_SECRETS", ""),
    ],
)
def test_production_refuses_what_is_unsafe(tmp_path: Any, name: str, value: str) -> None:
    environ = SAFE | {"ASHAR_INSTANCE_PATH": str(tmp_path), name: value}
    with pytest.raises(ConfigError, match=name):
        create_app(environ=environ)


def test_production_refuses_debug(tmp_path: Any) -> None:
    with pytest.raises(ConfigError, match="Debug"):
        create_app({"DEBUG": True}, environ=SAFE | {"ASHAR_INSTANCE_PATH": str(tmp_path)})


def test_a_setting_that_cannot_be_read_is_named() -> None:
    with pytest.raises(ConfigError, match="ASHAR_TRUSTED_PROXIES"):
        config.from_environment({"ASHAR_TRUSTED_PROXIES": "two"})


def test_logs_carry_no_secrets() -> None:
    line = (
        "sk_live_abcdef123 whsec_0123456789 GET /pledges/mlc4x_gISXkkEw1e7z6qml1j?key=abc.def "
        "smtp://user:pass@host aida@example.org"
    )
    found = masked(line)
    for secret in ("abcdef123", "0123456789", "mlc4x", "abc.def", "pass@", "aida@"):
        assert secret not in found


@pytest.mark.parametrize(
    "secret",
    [
        "rk_abcdef123",
        "/pledges/mlc4x-gISXkkEw1e7z6qml1j",
        "/account/reset/ImFiY2RlZiI-ZyJ0-abcdefgh",
        "/x?key=abcdef",
        "/x?a=b&token=abcdef",
        "https://user:abcdef@host",
        "aida@example.org",
    ],
)
def test_a_secret_alone_is_blotted_out_too(secret: str) -> None:
    assert masked(secret) != secret


def test_forwarded_addresses_are_ignored_unless_proxies_are_trusted(
    settings: dict[str, Any],
) -> None:
    settings["ASHAR_RATELIMIT_ENABLED"] = True
    client = create_app(settings, environ={}).test_client()
    answers = [
        client.get("/projects?q=x", headers={"X-Forwarded-For": f"10.0.0.{number}"}).status_code
        for number in range(250)
    ]
    assert answers[0] == 200 and answers[-1] == 429
