"""What all sites of a test run share, since each test opens one of its own.

Compiled templates and statements depend on nothing that a test changes: making them anew takes as
long as all else.
"""

from typing import Any, cast

import sqlalchemy as sa
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy.util import LRUCache


class Templates(BytecodeCache):
    """Templates' code, by their file, their text and how it is read."""

    def __init__(self) -> None:
        self.code: dict[tuple[Any, ...], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give a bucket its code, if somebody made it."""
        bucket.code = self.code.get(self._key(bucket))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a bucket's code."""
        self.code[self._key(bucket)] = bucket.code

    def _key(self, bucket: Bucket) -> tuple[Any, ...]:
        env = bucket.environment
        how = (env.trim_blocks, env.lstrip_blocks, env.is_async, tuple(sorted(env.extensions)))
        # Which filters there are is asked when a template is compiled.
        return bucket.key, bucket.checksum, how, frozenset(env.filters)


class Statements:
    """Compiled statements of all engines of one dialect, as SQLAlchemy asks for them."""

    def __init__(self) -> None:
        self._compiled: LRUCache[Any, Any] = LRUCache(3000)

    def get(self, key: tuple[Any, ...]) -> Any:
        """Return a compiled statement; the key begins with one engine's dialect."""
        return self._compiled.get(key[1:])

    def __setitem__(self, key: tuple[Any, ...], value: Any) -> None:
        """Keep a compiled statement."""
        self._compiled[key[1:]] = value

    def clear(self) -> None:
        """Forget all of it."""
        self._compiled.clear()


STATEMENTS: dict[tuple[Any, ...], Statements] = {}


def _share_statements(connection: sa.Connection) -> None:
    engine, dialect = connection.engine, connection.dialect
    if not isinstance(engine._compiled_cache, Statements):
        key = (type(dialect), dialect.paramstyle, dialect.server_version_info)
        engine._compiled_cache = cast(Any, STATEMENTS.setdefault(key, Statements()))


def share() -> None:
    """Have all sites of this process share these."""
    Flask.jinja_options = Flask.jinja_options | {"bytecode_cache": Templates()}
    sa.event.listen(sa.Engine, "engine_connect", _share_statements)
