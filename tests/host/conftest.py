"""Hosts: the example in examples/host, and bare ones that a test furnishes itself."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy
from werkzeug.test import TestResponse

from ashar import checks
from ashar.kernel.migrate import upgrade
from stripe_sandbox import Sandbox
from tests.conftest import Clock, ClosingClient
from tests.factories import PROJECT, make_project, make_rates
from tests.live import listening, read_form
from tests.mailbox import Mailbox

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "host"
sys.path.insert(0, str(EXAMPLE))

from host import create_app  # noqa: E402
from host.models import db  # noqa: E402

WEBHOOK_SECRET = "whsec_test_0123456789abcdef"
PREFIX = "/crowd"

Furnish = Callable[..., Flask]


@pytest.fixture
def host_settings(settings: dict[str, Any], database_url: str, tmp_path: Path) -> dict[str, Any]:
    """On SQLite the host keeps a bind for us, on PostgreSQL we share its engine."""
    shared = database_url.startswith("postgresql")
    own = {"ashar": database_url}
    verein = f"sqlite:///{tmp_path / 'verein.sqlite3'}"
    settings["SQLALCHEMY_DATABASE_URI"] = database_url if shared else verein
    settings["SQLALCHEMY_BINDS"] = {} if shared else own
    settings["SECRET_KEY"] = "test"
    return settings


@pytest.fixture
def host(host_settings: dict[str, Any], clock: Clock, mailbox: Mailbox) -> Iterator[Flask]:
    """Yield the example, with a project in it; at the end our book must hold."""
    app = create_app(host_settings)
    app.test_client_class = ClosingClient
    state = app.extensions["ashar"]
    state.mailer, state.clock = mailbox, clock
    with app.app_context():
        # One `db` serves the apps of all tests: name the tables' own database.
        db.create_all(bind_key=None)
        make_project()
        make_rates()
    yield app
    with app.app_context():
        found = {name: rows for name, rows in checks.run().items() if rows}
    put_away(app)
    assert found == {}


@pytest.fixture
def visitor(host: Flask) -> FlaskClient:
    return host.test_client()


@pytest.fixture
def live(sandbox: Sandbox, host: Flask) -> Iterator[Sandbox]:
    """Let the sandbox's webhooks reach the example, under its prefix."""
    with listening(host) as url:
        sandbox.add_endpoint(f"{url}{PREFIX}/webhooks/stripe", WEBHOOK_SECRET)
        yield sandbox
        sandbox.stop()


@pytest.fixture
def furnish(tmp_path: Path, mailbox: Mailbox) -> Iterator[Furnish]:
    """Return what makes a bare host: `before` and `after` are called around Ashar's start."""
    made: list[Flask] = []

    def make(
        before: Callable[[Flask], None] = lambda app: None,
        after: Callable[[Flask], None] = lambda app: None,
        *,
        prefix: str = PREFIX,
        who: Any = None,
        gateways: Any = None,
        **settings: Any,
    ) -> Flask:
        from ashar import Ashar

        app = Flask(f"bare{len(made)}", instance_path=str(tmp_path / f"bare{len(made)}"))
        app.test_client_class = ClosingClient
        app.config.update(bare_settings(tmp_path, len(made)) | settings)
        SQLAlchemy(app)
        app.add_url_rule("/", "home", lambda: "the host's")
        before(app)
        Ashar(app, url_prefix=prefix, who=who, gateways=gateways, mailer=mailbox)
        after(app)
        with app.app_context():
            upgrade(app.extensions["ashar"].database.engine)
            make_project()
            make_rates()
        made.append(app)
        return app

    yield make
    for app in made:
        put_away(app)


def bare_settings(folder: Path, number: int) -> dict[str, Any]:
    """Return the settings of a bare host."""
    return {
        "SECRET_KEY": "test",
        "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / f'host{number}.sqlite3'}",
        "SQLALCHEMY_BINDS": {"ashar": f"sqlite:///{folder / f'ashar{number}.sqlite3'}"},
        "ASHAR_JOBS": "off",
        "ASHAR_RATELIMIT_ENABLED": False,
        "ASHAR_BASE_URL": "http://localhost",
        "ASHAR_STRIPE_SECRET_KEY": "sk_test_sandbox",
        "ASHAR_STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "ASHAR_STRIPE_API_BASE": "http://127.0.0.1:9",
        "TESTING": True,
    }


def put_away(app: Flask) -> None:
    """Close what an app has open."""
    with app.app_context():
        app.extensions["ashar"].database.session.remove()
        app.extensions["ashar"].database.engine.dispose()
        for engine in app.extensions["sqlalchemy"].engines.values():
            engine.dispose()


def pledge_at(client: FlaskClient, prefix: str = PREFIX, **fields: str) -> TestResponse:
    """Open the form under a prefix, fill it in and send it where the page says."""
    form = read_form(client.get(f"{prefix}/projects/{PROJECT}/pledge?lang=en"))
    assert form.action.startswith(prefix)
    given = {"amount": "50", "currency": "CHF", "country": "CH", "method": "card"}
    given["email"] = "donor@example.org"
    return client.post(form.action, data=form.fields | given | fields)


def join(client: FlaskClient, **fields: str) -> None:
    """Become a member of the example's association."""
    form = read_form(client.get("/join"))
    given = {"email": "aigul@example.org", "name": "Aigul", "password": "tunduk-over-the-yurt"}
    answer = client.post("/join", data=form.fields | given | fields)
    assert answer.status_code == 302, answer.text
