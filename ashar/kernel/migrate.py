"""Our own migrations, in our own version table, beside whatever the host has."""

from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import Connection, Engine

from ashar.kernel import paths
from ashar.kernel.db import WRITE

VERSION_TABLE = "ashar_version"
#: Tables beside our models: the migrations' own, the counters of limits.
BESIDE = frozenset({VERSION_TABLE, "ashar_limit"})
#: Tables that Huey makes for our jobs on PostgreSQL.
QUEUE = frozenset({"huey_kv", "huey_schedule", "huey_task", "huey_counter"})
_SPARES = "_ashar_spared"


def _config(connection: Connection | None = None) -> Config:
    found = Config()
    found.set_main_option("script_location", str(paths.MIGRATIONS))
    found.set_main_option("path_separator", "os")
    if connection is not None:
        found.attributes["connection"] = connection
    return found


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring a database to a revision."""
    with engine.connect().execution_options(**{WRITE: True}) as connection:
        command.upgrade(_config(connection), revision)
        connection.commit()


def head() -> str | None:
    """Return the newest revision that this version of Ashar has."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def current(engine: Engine) -> str | None:
    """Return the revision of a database."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        return context.get_current_revision()


def missing(engine: Engine) -> str:
    """Return what is wrong with a database's revision, or nothing."""
    have, want = current(engine), head()
    return "" if have == want else f"revision {have}, not {want}: run `ashar upgrade`"


def ours(name: str | None, kind: str, _parents: Any) -> bool:
    """Tell Alembic which tables are ours, so that it leaves the host's alone."""
    if kind == "table":
        return bool(name) and str(name).startswith("ashar_") and name not in BESIDE
    return True


def theirs(name: str | None, kind: str, _parents: Any) -> bool:
    """Tell a host's Alembic what to look at: all but our tables, which it would drop."""
    return kind != "table" or not (str(name).startswith("ashar_") or name in QUEUE)


def spare_ours(app: Flask, **_more: Any) -> None:
    """Have a host's Flask-Migrate, whenever it starts, look at the host's tables only."""
    found = app.extensions.get("migrate")
    if found is None or getattr(found, _SPARES, False):
        return
    asked = found.configure_args.get("include_name")

    def include_name(name: str | None, kind: str, parents: Any) -> bool:
        return theirs(name, kind, parents) and (asked is None or asked(name, kind, parents))

    found.configure_args["include_name"] = include_name
    setattr(found, _SPARES, True)
