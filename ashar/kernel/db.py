"""The database: models' base, the session of the current app, and the one way to write.

The plugin never brings its own `SQLAlchemy()` into a host. It works on the host's engine and
session, or on a bind that the host keeps for it, then with a session of its own.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, cast

from flask import Flask, current_app
from flask.globals import app_ctx
from sqlalchemy import BigInteger, DateTime, Engine, Integer, MetaData, Table, Text, event
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.orm import (
    DeclarativeBase,
    ORMExecuteState,
    Session,
    scoped_session,
    sessionmaker,
)
from sqlalchemy.types import TypeDecorator
from werkzeug.local import LocalProxy

from ashar.kernel.config import OWN_ACCOUNTS
from ashar.kernel.direct import Direct, Rows, Statement
from ashar.kernel.errors import ConfigError, PendingRows

WRITE = "ashar_write"
_WORK = "ashar_work"
_FLUSHED = "ashar_flushed"

# A row's number: 64 bits, but SQLite counts up only in a column of exactly this type.
row_key = BigInteger().with_variant(Integer, "sqlite")


class UTCDateTime(TypeDecorator[datetime]):
    """An instant: stored in UTC, always aware in Python."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a time without a zone; give SQLite plain UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give SQLite's plain times their zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Exact(TypeDecorator[Decimal]):
    """A decimal number kept digit by digit; SQLite would make it a float."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        """Write it plainly, without an exponent."""
        return None if value is None else format(value, "f")

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        """Read it back."""
        return None if value is None else Decimal(value)


class Base(DeclarativeBase):
    """Base of all models: tables begin with `ashar_`, names of constraints are stable."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UTCDateTime, str: Text, int: BigInteger, Decimal: Exact}


class _Work:
    """A transaction's connection, what it gathers, and what it does at its end and after."""

    def __init__(self, connection: Connection, direct: Direct) -> None:
        self.connection = connection
        self.direct = direct
        self.writes: list[tuple[Statement, Any]] = []
        self.last: dict[Any, Callable[[], None]] = {}
        self.after: dict[Any, Callable[[], None]] = {}
        self.scratch: dict[Any, Any] = {}


class Database:
    """The engine and session that one app gives to Ashar; made by the extension."""

    def __init__(self, app: Flask) -> None:
        self._config = app.config
        self._host: Any = None
        self.direct = Direct()
        app.teardown_appcontext(self._close)

    def connect(self, app: Flask) -> None:
        """Find the host's Flask-SQLAlchemy and refuse an engine that is not safe for money."""
        self._host = app.extensions.get("sqlalchemy")
        if self._host is None:
            raise ConfigError("Ashar needs Flask-SQLAlchemy: call db.init_app(app) before Ashar.")
        if not self.owns_bind and self._is_sqlite and not self._config["ASHAR_SQLITE_PRAGMAS"]:
            raise ConfigError(
                "The host's database is SQLite and not set up for money. Give Ashar a file of its "
                'own, SQLALCHEMY_BINDS = {"ashar": "sqlite:///ashar.sqlite3"}, or allow it to set '
                "up the host's engine: ASHAR_SQLITE_PRAGMAS = True."
            )

    @property
    def owns_bind(self) -> bool:
        """Tell whether the host keeps a bind for Ashar."""
        return self._config["ASHAR_BIND"] in (self._config.get("SQLALCHEMY_BINDS") or {})

    @property
    def _is_sqlite(self) -> bool:
        return str(self._config.get("SQLALCHEMY_DATABASE_URI", "")).startswith("sqlite")

    @cached_property
    def engine(self) -> Engine:
        """Return the engine, SQLite's set up on first use."""
        key = self._config["ASHAR_BIND"] if self.owns_bind else None
        engine: Engine = self._host.engines[key]
        if engine.dialect.name == "sqlite":
            _set_up_sqlite(engine)
        return engine

    @cached_property
    def alone(self) -> Engine:
        """Return the engine for statements that are a transaction each.

        On SQLite the driver commits what nobody has begun a transaction for.
        """
        engine = self.engine
        if engine.dialect.name == "sqlite":
            return engine
        return engine.execution_options(isolation_level="AUTOCOMMIT")

    @cached_property
    def session(self) -> "scoped_session[Session]":
        """Return the host's session, or one of our own where we have a bind of our own."""
        engine = self.engine
        if self.owns_bind:
            return scoped_session(sessionmaker(engine), scopefunc=_scope)
        shared: scoped_session[Session] = self._host.session
        if not self._config.get(OWN_ACCOUNTS):
            event.listen(shared, "do_orm_execute", _note_statement)
        return shared

    def _close(self, _error: BaseException | None) -> None:
        if self.owns_bind and "session" in self.__dict__:
            self.session.remove()


def _scope() -> int:
    return id(app_ctx._get_current_object())  # type: ignore[attr-defined]


def _set_up_sqlite(engine: Engine) -> None:
    """Make SQLite keep what it acknowledged, and let our code begin its transactions.

    The driver's own BEGIN reads before it locks: of 600 increments by two processes 333 stayed.
    """
    engine.dispose()
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)


def _on_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=20000",
        "recursive_triggers=ON",
    ):
        connection.execute("PRAGMA " + pragma)


def _on_begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("isolation_level") == "AUTOCOMMIT":
        # A host's own: nobody would commit what we begin.
        return
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(WRITE) else "BEGIN")


def database() -> Database:
    """Return the database of the current app."""
    found: Database = current_app.extensions["ashar"].database
    return found


def _session() -> Session:
    return database().session()


session: Session = LocalProxy(_session)  # type: ignore[assignment]


def connection() -> Connection:
    """Return the session's connection, for statements that need nothing of the ORM.

    A statement built once and executed here costs a third of the same through the session.
    """
    current = _session()
    work: _Work | None = current.info.get(_WORK)
    if work is None:
        return current.connection(bind_arguments={"bind": database().engine})
    _send_writes(work)
    return work.connection


def write(statement: Statement, values: Any) -> None:
    """Write something whose outcome nobody asks for, with the values of a row or of several.

    It goes out before the next read, at the latest before the commit, together with the others:
    PostgreSQL then answers all of them at once. The statement returns nothing (`inline()`).
    """
    _work().writes.append((statement, values))


def fetch(statement: Statement, values: Any) -> Rows:
    """Send a statement in one turn with what was put off before it; return its rows.

    They come as the driver gives them, without the columns' types: numbers, texts, truth.
    """
    work = _work()
    # What the session holds is part of what is asked about.
    _session().flush()
    writes, work.writes = work.writes, []
    return work.direct.send(work.connection, [*writes, (statement, values)])


def _send_writes(work: _Work) -> None:
    if work.writes:
        writes, work.writes = work.writes, []
        work.direct.send(work.connection, writes)


def alone(statement: Statement, values: Any) -> Rows:
    """Send one statement that is a transaction by itself; return its rows.

    Ends the request's reading transaction first, as `transaction` does: nobody holds a connection
    while waiting for a second.
    """
    current = _session()
    if _WORK in current.info:
        raise RuntimeError("inside a transaction a statement is never alone")
    if current.in_transaction():
        _end_reading(current, join=False)
    with database().alone.connect() as connection:
        driver: Any = connection.connection.driver_connection
        if getattr(driver, "in_transaction", False):
            # Somebody else's, on the one connection that there is: it would not be committed.
            raise PendingRows("a transaction of the same connection is open")
        return database().direct.send(connection, [(statement, values)])


def read(statement: Statement, values: Any) -> Rows:
    """Send a statement that only reads, the shortest way there is now; return its rows.

    In the transaction at hand, be it reading or writing; where there is none, alone.
    """
    current = _session()
    if _WORK in current.info:
        return fetch(statement, values)
    if current.in_transaction():
        return database().direct.send(connection(), [(statement, values)])
    return alone(statement, values)


def table_of(model: type["Base"]) -> Table:
    """Return a model's table."""
    return cast(Table, model.__table__)


def dialect() -> str:
    """Return the name of the engine in use: sqlite or postgresql."""
    return database().engine.dialect.name


@contextmanager
def transaction(*, join: bool = False) -> Iterator[Session]:
    """Write: begin, yield the session, do what was put off to the end, commit once.

    Ends the request's reading transaction first, so that everything is read again inside; on
    SQLite takes the write lock at once. Inside another transaction it joins that one. Raises
    PendingRows over unsaved rows of the host, which would be lost, unless `join` is true: then
    they are committed with ours.
    """
    current = _session()
    if _WORK in current.info:
        yield current
        return
    _end_reading(current, join)
    work = current.info[_WORK] = _Work(_begin(current, join), database().direct)
    try:
        yield current
        current.flush()
        for step in list(work.last.values()):
            step()
        _send_writes(work)
        current.commit()
    except BaseException:
        current.rollback()
        raise
    finally:
        del current.info[_WORK]
        current.info.pop(_FLUSHED, None)
    for step in work.after.values():
        step()


def _begin(current: Session, join: bool) -> Connection:
    # What the host has begun keeps the options that it was begun with.
    options = {} if join and current.in_transaction() else {WRITE: True}
    return current.connection(bind_arguments={"bind": database().engine}, execution_options=options)


def _end_reading(current: Session, join: bool) -> None:
    if join:
        return
    if current.new or current.dirty or current.deleted or current.info.get(_FLUSHED):
        raise PendingRows("the session holds rows that are not saved; commit them first")
    current.rollback()


@event.listens_for(Session, "before_flush")
def _write_before_flush(current: Session, _context: Any, _instances: Any) -> None:
    _write_first(current)


@event.listens_for(Session, "do_orm_execute")
def _write_before_execute(state: ORMExecuteState) -> None:
    _write_first(state.session)


def _write_first(current: Session) -> None:
    work: _Work | None = current.info.get(_WORK)
    if work is not None:
        _send_writes(work)


@event.listens_for(Session, "after_flush")
def _note_flush(current: Session, _context: Any) -> None:
    current.info[_FLUSHED] = True


def _note_statement(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        state.session.info[_FLUSHED] = True


@event.listens_for(Session, "after_commit")
@event.listens_for(Session, "after_rollback")
def _forget_flush(current: Session) -> None:
    current.info.pop(_FLUSHED, None)


def _work() -> _Work:
    work: _Work | None = _session().info.get(_WORK)
    if work is None:
        raise RuntimeError("services write inside `with transaction():` only")
    return work


def at_end(key: Any, step: Callable[[], None]) -> None:
    """Put a step off to the end of the transaction, once per key: the rows that many want."""
    _work().last.setdefault(key, step)


def after_commit(key: Any, step: Callable[[], None]) -> None:
    """Do a step after the commit, once per key."""
    _work().after.setdefault(key, step)


def gathered(key: Any, make: Callable[[], Any]) -> Any:
    """Return what the current transaction gathers under a key, made on first use."""
    scratch = _work().scratch
    if key not in scratch:
        scratch[key] = make()
    return scratch[key]
