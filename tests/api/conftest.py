"""Apps of other shapes that carry the API."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from ashar import Ashar
from tests.mailbox import Mailbox

MakeHost = Callable[..., Flask]


@pytest.fixture
def make_host(settings: dict[str, Any]) -> Iterator[MakeHost]:
    """Make host apps on the test's database, the plugin mounted by name → prefix."""
    made = []

    def make(**mounts: str) -> Flask:
        app = Flask("host")
        app.config.update(
            settings,
            SECRET_KEY="host",
            SQLALCHEMY_DATABASE_URI=settings["ASHAR_DATABASE_URL"],
            ASHAR_SQLITE_PRAGMAS=True,
        )
        SQLAlchemy(app)
        for name, prefix in mounts.items():
            Ashar(app, name=name, url_prefix=prefix, mailer=Mailbox())
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            app.extensions["ashar"].database.session.remove()
            app.extensions["ashar"].database.engine.dispose()
