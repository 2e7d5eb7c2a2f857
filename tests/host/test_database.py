"""Two owners, one application: each keeps its tables, its migrations and its unsaved rows."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from host import create_app
from host.models import User
from host.models import db as verein

from ashar import Ashar
from ashar.kernel import db, migrate
from ashar.kernel.errors import ConfigError, PendingRows
from ashar.kernel.tables import VERSION_TABLE, ours
from ashar.pledges.models import Pledge
from tests.factories import make_pledge, make_project, settle
from tests.host.conftest import bare_settings, put_away


def run(app: Flask, *args: str) -> str:
    """Run a command of `flask`; it must succeed."""
    result = app.test_cli_runner().invoke(args=list(args))
    assert result.exit_code == 0, result.output
    return result.output


def tables(app: Flask) -> set[str]:
    """Name the tables of the host's own database."""
    with app.app_context():
        return set(sa.inspect(verein.engine).get_table_names())


@pytest.fixture
def empty(host_settings: dict[str, Any]) -> Any:
    """Yield the example before any of its own migrations ran; ours have."""
    app = create_app(host_settings)
    yield app
    put_away(app)


def is_shared(app: Flask) -> bool:
    return not app.config["SQLALCHEMY_BINDS"]


def test_the_hosts_migrations_leave_our_tables_alone(empty: Flask) -> None:
    before = tables(empty)
    assert is_shared(empty) == ("ashar_entry" in before)
    run(empty, "db", "upgrade")
    assert tables(empty) - before == {"user", "alembic_version"}
    run(empty, "db", "downgrade")
    assert tables(empty) == before | {"alembic_version"}


def test_the_host_would_generate_nothing_for_our_tables(empty: Flask) -> None:
    run(empty, "db", "upgrade")
    run(empty, "db", "check")
    if is_shared(empty):
        empty.extensions["migrate"].configure_args["include_name"] = None
        assert empty.test_cli_runner().invoke(args=["db", "check"]).exit_code == 1


def test_our_migrations_leave_the_hosts_tables_alone(empty: Flask) -> None:
    run(empty, "db", "upgrade")
    before = tables(empty)
    assert "at revision" in run(empty, "ashar", "upgrade")
    assert tables(empty) == before
    with empty.app_context():
        engine = empty.extensions["ashar"].database.engine
        assert migrate.current(engine) == migrate.head()
        assert verein.session.execute(sa.text("SELECT version_num FROM alembic_version")).all() == [
            ("0001",)
        ]


def test_our_first_migration_runs_beside_the_hosts_tables(tmp_path: Path) -> None:
    app = create_app(shared_sqlite(tmp_path) | {"ASHAR_SQLITE_PRAGMAS": True})
    run(app, "db", "upgrade")
    run(app, "ashar", "upgrade")
    assert {"user", "alembic_version", "ashar_entry", "ashar_version"} <= tables(app)
    run(app, "db", "check")
    put_away(app)


def shared_sqlite(folder: Path) -> dict[str, Any]:
    """Return settings of a host whose only database is one SQLite file."""
    settings = bare_settings(folder, 0)
    settings["SQLALCHEMY_BINDS"] = {}
    return settings


@pytest.mark.parametrize("first", ["migrate", "ashar"])
def test_flask_migrate_is_told_whether_it_starts_before_us_or_after(
    tmp_path: Path, first: str
) -> None:
    app = Flask("bare", instance_path=str(tmp_path))
    app.config.update(bare_settings(tmp_path, 0))
    database = SQLAlchemy(app)

    def not_secret(name: str | None, kind: str, _parents: Any) -> bool:
        return name != "secret"

    starts: list[Callable[[], Any]] = [
        lambda: Migrate(app, database, include_name=not_secret),
        lambda: Ashar(app),
    ]
    for start in starts if first == "migrate" else starts[::-1]:
        start()
    with app.app_context():
        asked = app.extensions["migrate"].configure_args["include_name"]
    assert asked("member", "table", {}) and asked("id", "column", {})
    assert not asked("ashar_entry", "table", {}) and not asked("huey_task", "table", {})
    assert not asked("secret", "table", {})
    put_away(app)


def test_plain_alembic_spares_our_tables_by_one_setting(sqlite_template: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{sqlite_template}")
    with engine.connect() as connection:

        def differences(**options: Any) -> list[Any]:
            context = MigrationContext.configure(connection, opts=options)
            return list(compare_metadata(context, sa.MetaData()))

        assert differences()
        assert differences(include_name=Ashar.include_name) == []
    engine.dispose()


def test_our_models_and_our_migrations_agree(database_url: str) -> None:
    from ashar import models

    engine = sa.create_engine(database_url)
    with engine.connect() as connection:
        options = {"version_table": VERSION_TABLE, "include_name": ours}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, models.metadata) == []
    engine.dispose()


def test_a_sqlite_engine_that_may_not_be_set_up_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="SQLALCHEMY_BINDS.*ASHAR_SQLITE_PRAGMAS"):
        create_app(shared_sqlite(tmp_path))


def test_a_host_without_flask_sqlalchemy_is_told_so() -> None:
    with pytest.raises(ConfigError, match="Flask-SQLAlchemy"):
        Ashar(Flask("bare"))


def test_the_hosts_sqlite_engine_is_set_up_where_it_may_be(tmp_path: Path) -> None:
    app = create_app(shared_sqlite(tmp_path) | {"ASHAR_SQLITE_PRAGMAS": "1"})
    run(app, "db", "upgrade")
    run(app, "ashar", "upgrade")
    with app.app_context():
        _, payment = make_pledge(make_project())
        settle(payment)
        pragmas = {
            name: db.session.execute(sa.text(f"PRAGMA {name}")).scalar_one()
            for name in ("foreign_keys", "journal_mode", "synchronous")
        }
        assert pragmas == {"foreign_keys": 1, "journal_mode": "wal", "synchronous": 2}
        verein.session.add(member())
        verein.session.commit()
        assert verein.session.query(User).count() == 1
        assert db.session.query(Pledge).one().state == "paid"
    put_away(app)


def test_on_a_bind_of_our_own_the_hosts_database_holds_nothing_of_ours(tmp_path: Path) -> None:
    app = create_app(bare_settings(tmp_path, 0))
    run(app, "db", "upgrade")
    run(app, "ashar", "upgrade")
    assert tables(app) == {"user", "alembic_version"}
    with app.app_context():
        make_project()
        assert db.session.get_bind() is not verein.engine
        assert not set(sa.inspect(db.session.get_bind()).get_table_names()) & {"user"}
    put_away(app)


def member(email: str = "aigul@example.org") -> User:
    return User(email=email, name="Aigul", language="de", password_hash="-")


def test_a_transaction_over_unsaved_rows_of_the_host_is_refused(host: Flask) -> None:
    if not is_shared(host):
        pytest.skip("the session is ours alone")
    with host.app_context():
        verein.session.add(member())
        with pytest.raises(PendingRows), db.transaction():
            pass
        verein.session.flush()
        with pytest.raises(PendingRows), db.transaction():
            pass
        verein.session.commit()
        with db.transaction():
            pass
        assert verein.session.query(User).count() == 1


def test_a_joined_transaction_commits_the_hosts_rows_with_ours_or_neither(host: Flask) -> None:
    if not is_shared(host):
        pytest.skip("the session is ours alone")
    with host.app_context():
        verein.session.add(member())
        with pytest.raises(ZeroDivisionError), db.transaction(join=True):
            make_project("lost")
            raise ZeroDivisionError
        assert verein.session.query(User).count() == 0
        verein.session.add(member())
        with db.transaction(join=True):
            make_project("kept")
        assert verein.session.query(User).count() == 1
        slugs = db.session.scalars(sa.text("SELECT slug FROM ashar_project ORDER BY slug")).all()
        assert slugs == ["dry-rice", "kept"]


def test_unsaved_rows_of_the_host_survive_ours_on_a_bind_of_our_own(host: Flask) -> None:
    if is_shared(host):
        pytest.skip("the session is the host's")
    with host.app_context():
        verein.session.add(member())
        verein.session.flush()
        make_project("beside")
        verein.session.commit()
        assert verein.session.query(User).count() == 1


def test_statements_of_the_host_that_were_not_flushed_by_the_orm_are_not_lost(host: Flask) -> None:
    if not is_shared(host):
        pytest.skip("the session is ours alone")
    with host.app_context():
        verein.session.execute(
            sa.insert(User).values(email="a@b.ch", name="A", language="de", password_hash="-")
        )
        with pytest.raises(PendingRows), db.transaction():
            pass


def test_a_host_may_use_autocommit_on_an_engine_that_we_set_up(tmp_path: Path) -> None:
    app = create_app(shared_sqlite(tmp_path) | {"ASHAR_SQLITE_PRAGMAS": True})
    try:
        run(app, "db", "upgrade")
        with app.app_context():
            assert app.extensions["ashar"].database.engine is verein.engine
            engine = verein.engine.execution_options(isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.exec_driver_sql("CREATE TABLE note (text TEXT)")
                connection.exec_driver_sql("INSERT INTO note VALUES ('kept')")
            verein.engine.dispose()
            assert "note" in tables(app)
    finally:
        put_away(app)
