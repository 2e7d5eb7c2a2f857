"""Cursors that tell of each statement, on both engines: some statements pass SQLAlchemy by."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import sqlalchemy as sa

#: Sees a statement before it goes to the database; may give another in its place.
Before = Callable[[str], str]
#: Hears of a statement whose rows were read.
After = Callable[[str], None]


def watch(engine: sa.Engine, before: Before, after: After = lambda _statement: None) -> Any:
    """Have an engine's new connections tell; return the listener, to be removed."""

    class Lite(sqlite3.Cursor):
        _told = ""

        def execute(self, sql: str, *given: Any) -> sqlite3.Cursor:
            self._told = sql
            return super().execute(before(sql), *given)

        def fetchall(self) -> list[Any]:
            found = super().fetchall()
            after(self._told)
            return found

    class LiteConnection(sqlite3.Connection):
        def cursor(self, *_factory: Any) -> Any:
            return super().cursor(Lite)

    class Post(psycopg.Cursor[Any]):
        _told = ""

        def execute(self, query: Any, *given: Any, **options: Any) -> Any:
            self._told = query
            return super().execute(before(query), *given, **options)

        def fetchall(self) -> list[Any]:
            found = super().fetchall()
            after(self._told)
            return found

    def on_connect(_dialect: Any, _record: Any, _given: Any, options: dict[str, Any]) -> None:
        if engine.dialect.name == "sqlite":
            options["factory"] = LiteConnection
        else:
            options["cursor_factory"] = Post

    sa.event.listen(engine, "do_connect", on_connect)
    engine.dispose()
    return on_connect


@contextmanager
def watched(
    engine: sa.Engine, before: Before, after: After = lambda _statement: None
) -> Iterator[None]:
    """Have an engine tell for a while."""
    listener = watch(engine, before, after)
    try:
        yield
    finally:
        sa.event.remove(engine, "do_connect", listener)
        engine.dispose()
