"""Our own migrations, in our own version table, beside whatever the host has."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from ashar.kernel import paths
from ashar.kernel.db import WRITE
from ashar.kernel.tables import VERSION_TABLE


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
