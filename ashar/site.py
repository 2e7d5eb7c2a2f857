"""The stand-alone site: a host app like any other, with accounts of its own."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from werkzeug.middleware.proxy_fix import ProxyFix

from ashar import accounts
from ashar.extension import Ashar
from ashar.kernel import config, logs
from ashar.kernel.clock import Clock
from ashar.kernel.db import Base

#: Our own layout is the same for everybody, so that rendered pages may be remembered.
PAGES = 256
#: Requests larger than this are refused before they are read.
LARGEST_REQUEST = 16 * 1024 * 1024


def create_app(
    settings: Mapping[str, Any] | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
    clock: Clock | None = None,
    mailer: Any = None,
) -> Flask:
    """Make the site from the environment's ASHAR_* settings, with `settings` over them.

    Raises ConfigError for settings that are missing, wrong or, in production, unsafe.
    """
    found = config.from_environment(environ) | dict(settings or {})
    folder = Path(found.get("ASHAR_INSTANCE_PATH") or "instance").resolve()
    app = Flask("ashar", static_folder=None, instance_path=str(folder), template_folder=None)
    app.config.update(found)
    config.set_defaults(app.config)
    _configure(app, folder)
    logs.set_up(app)
    db = SQLAlchemy(app, metadata=Base.metadata)
    people = accounts.Accounts(app, db)
    Ashar(app, who=people.who, clock=clock, mailer=mailer)
    people.mount(app)
    return app


def _configure(app: Flask, folder: Path) -> None:
    """Translate our settings into those of Flask and its extensions."""
    settings = app.config
    production = config.is_production(settings)
    if not production:
        settings["ASHAR_SECRET_KEY"] = settings["ASHAR_SECRET_KEY"] or config.DEVELOPMENT_KEY
    settings.from_mapping(
        SECRET_KEY=settings["ASHAR_SECRET_KEY"],
        SECRET_KEY_FALLBACKS=list(settings["ASHAR_SECRET_KEY_FALLBACKS"]),
        SQLALCHEMY_DATABASE_URI=database_url(settings["ASHAR_DATABASE_URL"], folder),
        # The stand-alone database is ours: it may be set up for money.
        ASHAR_SQLITE_PRAGMAS=True,
        SESSION_COOKIE_NAME="ashar_session",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=str(settings["ASHAR_BASE_URL"]).startswith("https://"),
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        WTF_CSRF_TIME_LIMIT=24 * 3600,
    )
    settings[config.OWN_ACCOUNTS] = True
    settings["ASHAR_REMEMBERED_PAGES"] = settings["ASHAR_REMEMBERED_PAGES"] or PAGES
    if not settings["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        # Threads of a worker that may ask at once.
        settings["SQLALCHEMY_ENGINE_OPTIONS"] = {"pool_size": 8, "max_overflow": 16}
    proxies = settings["ASHAR_TRUSTED_PROXIES"]
    if proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies, x_prefix=proxies
        )


def database_url(url: str, folder: Path) -> str:
    """Return SQLAlchemy's URL; empty means a SQLite file in the instance folder."""
    if not url:
        folder.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{folder / 'ashar.sqlite3'}"
    for plain in ("postgres://", "postgresql://"):
        if url.startswith(plain):
            return "postgresql+psycopg://" + url.removeprefix(plain)
    return url
