"""Limits on how often somebody may do something, counted for all processes together.

The counters live beside the book, not in it: losing them with the power costs nothing, so they
are kept unlogged (PostgreSQL) or in a file of their own without syncs (SQLite).
"""

import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

from flask import current_app, request
from limits import parse
from limits.storage import Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy import (
    BigInteger,
    Column,
    Engine,
    Float,
    MetaData,
    Table,
    Text,
    create_engine,
    event,
    text,
)
from sqlalchemy.schema import CreateTable

from ashar.kernel import jobs
from ashar.kernel.errors import AsharError

F = TypeVar("F", bound=Callable[..., Any])

#: What may be done how often: per address, unless the key says otherwise.
RULES = {
    "pledge": "40/minute",
    "pledge-email": "20/minute",
    "project-pledges": "600/minute",
    "pledge-page": "120/minute",
    "change": "20/minute",
    "search": "240/minute",
    "api": "600/minute",
    "sign-in": "20/minute",
    "sign-in-email": "10/minute",
    "second-factor": "10/15minutes",
    "register": "10/minute",
    "reset": "10/minute",
    "account-letter": "6/15minutes",
}

_COUNT = text(
    "INSERT INTO ashar_limit (key, hits, expires) VALUES (:key, :amount, :expires) "
    "ON CONFLICT (key) DO UPDATE SET "
    "hits = CASE WHEN ashar_limit.expires <= :now THEN :amount "
    "ELSE ashar_limit.hits + :amount END, "
    "expires = CASE WHEN ashar_limit.expires <= :now THEN :expires "
    "ELSE ashar_limit.expires END RETURNING hits"
)
_READ = text("SELECT hits, expires FROM ashar_limit WHERE key = :key AND expires > :now")
_PRUNE = text("DELETE FROM ashar_limit WHERE expires <= :now")

LIMITS = Table(
    "ashar_limit",
    MetaData(),
    Column("key", Text, primary_key=True),
    Column("hits", BigInteger, nullable=False),
    Column("expires", Float, nullable=False),
)


class TooMany(AsharError):
    """A limit was reached; try again after `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many; again in {seconds} s")
        self.seconds = seconds


class DatabaseStorage(Storage):
    """Counters of the `limits` library in one table, one atomic upsert a hit."""

    STORAGE_SCHEME = ["ashar-database"]

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")

    @property
    def base_exceptions(self) -> type[Exception]:
        """Return what the library may wrap."""
        return OSError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count and return the window's hits."""
        now = time.time()
        values = {"key": key, "amount": amount, "now": now, "expires": now + expiry}
        with self._engine.connect() as connection:
            return int(connection.execute(_COUNT, values).scalar_one())

    def get(self, key: str) -> int:
        """Return the window's hits."""
        return int(self._read(key)[0])

    def get_expiry(self, key: str) -> float:
        """Return when the window ends, in seconds since 1970."""
        return float(self._read(key)[1])

    def _read(self, key: str) -> tuple[int, float]:
        now = time.time()
        with self._engine.connect() as connection:
            row = connection.execute(_READ, {"key": key, "now": now}).one_or_none()
        return (row.hits, row.expires) if row else (0, now)

    def check(self) -> bool:
        """Tell whether the table answers."""
        with self._engine.connect() as connection:
            connection.execute(text("SELECT 1 FROM ashar_limit LIMIT 1"))
        return True

    def reset(self) -> int:
        """Forget all windows."""
        with self._engine.connect() as connection:
            return connection.execute(LIMITS.delete()).rowcount

    def clear(self, key: str) -> None:
        """Forget one window."""
        with self._engine.connect() as connection:
            connection.execute(LIMITS.delete().where(LIMITS.c.key == key))

    def prune(self) -> None:
        """Drop windows that have ended."""
        with self._engine.connect() as connection:
            connection.execute(_PRUNE, {"now": time.time()})


def make_storage(where: str, engine: Engine, folder: Path) -> Storage:
    """Make the counters' storage: database, memory or a redis:// URL."""
    if where == "database":
        return DatabaseStorage(_counter_engine(engine, folder))
    found: Storage = storage_from_string("memory://" if where == "memory" else where)  # type: ignore[assignment]
    return found


def _counter_engine(engine: Engine, folder: Path) -> Engine:
    if engine.dialect.name != "sqlite":
        return engine
    folder.mkdir(parents=True, exist_ok=True)
    counters = create_engine(f"sqlite:///{folder / 'limits.sqlite3'}")
    event.listen(counters, "connect", _without_syncs)
    with counters.begin() as connection:
        # Several workers may come here first at once.
        connection.execute(CreateTable(LIMITS, if_not_exists=True))
    return counters


def _without_syncs(connection: Any, _record: Any) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=OFF", "busy_timeout=20000"):
        connection.execute("PRAGMA " + pragma)


@jobs.job("limits.prune", every=600)
def prune() -> None:
    """Drop counters whose windows have ended, where they lie in the database."""
    storage = current_app.extensions["ashar"].limits
    if isinstance(storage, DatabaseStorage):
        storage.prune()


def hit(rule: str, key: str) -> None:
    """Count one doing under a rule for a key; raise TooMany beyond the limit."""
    if not current_app.config["ASHAR_RATELIMIT_ENABLED"]:
        return
    limit = parse(RULES[rule])
    limiter = FixedWindowRateLimiter(current_app.extensions["ashar"].limits)
    if not limiter.hit(limit, rule, key):
        reset = limiter.get_window_stats(limit, rule, key).reset_time
        raise TooMany(max(1, int(reset - time.time()) + 1))


def address() -> str:
    """Return the caller's address; proxies are believed only as far as the settings say."""
    return request.remote_addr or "unknown"


def limited(rule: str) -> Callable[[F], F]:
    """Limit a view per address."""

    def wrap(view: F) -> F:
        @wraps(view)
        def checked(*args: Any, **kwargs: Any) -> Any:
            hit(rule, address())
            return view(*args, **kwargs)

        return checked  # type: ignore[return-value]

    return wrap
