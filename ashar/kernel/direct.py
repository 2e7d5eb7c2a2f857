"""Statements that go to the driver directly: compiled once per engine, and sent together.

Through SQLAlchemy's own execution each would cost two to four times as much, and on PostgreSQL a
turn to the server and back as well. For the few that every payment takes.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from typing import Any

from sqlalchemy import SelectBase
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase

Statement = UpdateBase | SelectBase
Values = Mapping[str, Any]
#: What a statement returns, as the driver gives it: numbers, texts, bytes, truth.
Rows = list[tuple[Any, ...]]


class Prepared:
    """A statement as a driver takes it, and what turns values into its parameters."""

    def __init__(self, statement: Statement, names: Iterable[str], dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=list(names))
        if (
            not isinstance(compiled, SQLCompiler)
            or compiled.insert_prefetch
            or compiled.update_prefetch
        ):
            raise TypeError(f"{statement} has defaults that only SQLAlchemy would fill in")
        self.sql = str(compiled)
        self.returns = isinstance(statement, SelectBase) or bool(compiled.effective_returning)
        self._order = compiled.positiontup
        self._turns = {
            name: turn
            for name, bound in compiled.binds.items()
            if (turn := _turn(bound.type, dialect)) is not None
        }
        self._fixed = self._turned(
            {
                name: bound.effective_value
                for name, bound in compiled.binds.items()
                if not bound.required
            }
        )

    def _turned(self, values: Values) -> dict[str, Any]:
        turns = self._turns
        return {
            name: turns[name](value) if name in turns else value for name, value in values.items()
        }

    def parameters(self, values: Values) -> Any:
        """Return one row's values as the driver takes them."""
        found = self._fixed | self._turned(values)
        return found if self._order is None else tuple([found[name] for name in self._order])


def _turn(kind: Any, dialect: Dialect) -> Callable[[Any], Any] | None:
    found: Callable[[Any], Any] | None = kind.dialect_impl(dialect).bind_processor(dialect)
    return found


#: A statement with the parameters of one row or several.
Given = tuple[Prepared, list[Any]]


class Direct:
    """Compiles statements for one engine, once each, and sends them."""

    def __init__(self) -> None:
        self._prepared: dict[tuple[Statement, tuple[str, ...]], Prepared] = {}

    def send(self, connection: Connection, statements: list[tuple[Statement, Any]]) -> Rows:
        """Send statements with the values of a row, or of a list of rows, in their order.

        Returns what the last of them returns.
        """
        given = [self._given(connection.dialect, *item) for item in statements]
        base: type[Exception] = connection.dialect.loaded_dbapi.Error
        try:
            return _sent(connection.connection.driver_connection, given)
        except base as error:
            raise DBAPIError.instance(
                None, None, error, base, dialect=connection.dialect
            ) from error

    def _given(self, dialect: Dialect, statement: Statement, values: Any) -> Given:
        rows = values if isinstance(values, list) else [values]
        key = statement, tuple(rows[0])
        found = self._prepared.get(key)
        if found is None:
            found = self._prepared[key] = Prepared(*key, dialect)
        return found, [found.parameters(row) for row in rows]


def _sent(driver: Any, given: list[Given]) -> Rows:
    """Send through psycopg's pipeline, which waits for the server once; to others one by one."""
    with driver.pipeline() if hasattr(driver, "pipeline") else nullcontext():
        for statement, rows in given:
            cursor = driver.cursor()
            for row in rows:
                cursor.execute(statement.sql, row)
    return cursor.fetchall() if statement.returns else []
