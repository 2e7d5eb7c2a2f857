"""A small site of an association, with users and a database of its own, that mounts Ashar."""

import os
from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_login import LoginManager, current_user
from flask_migrate import Migrate

from ashar import Ashar, Identity
from host.models import User, db
from host.views import blueprint


def create_app(settings: Mapping[str, Any] | None = None) -> Flask:
    """Make the site; `settings` go over its own and over the environment's ASHAR_*."""
    app = Flask(__name__)
    app.config.from_mapping(
        SECRET_KEY=os.environ.get("SECRET_KEY", "development"),
        SQLALCHEMY_DATABASE_URI="sqlite:///verein.sqlite3",
        SQLALCHEMY_BINDS={"ashar": "sqlite:///ashar.sqlite3"},
    )
    app.config.update({key: os.environ[key] for key in os.environ if key.startswith("ASHAR_")})
    app.config.update(settings or {})

    db.init_app(app)
    Migrate(app, db, directory=os.path.join(app.root_path, "..", "migrations"))
    login = LoginManager(app)
    login.login_view = "verein.sign_in"
    login.user_loader(_load)
    app.register_blueprint(blueprint)

    Ashar(app, url_prefix="/crowd", who=who)
    return app


def who() -> Identity | None:
    """Tell Ashar who is signed in."""
    if not current_user.is_authenticated:
        return None
    user = current_user
    return Identity(user.get_id(), user.email, user.name, user.language)


def _load(row: str) -> User | None:
    return db.session.get(User, int(row))
