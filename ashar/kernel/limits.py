"""Limits on how often somebody may do something, counted for all processes together.

The counters live beside the book, not in it: losing them with the power costs nothing, so they
are kept unlogged (PostgreSQL) or in a file of their own without syncs (SQLite).
"""

import time
from collections.abc import Callable, Iterable, Mapping
from functools import cache, wraps
from pathlib import Path
from typing import Any, TypeVar

from flask import current_app, request
from limits import RateLimitItem, parse
from limits.storage import Storage, storage_from_string
from sqlalchemy import (
    BigInteger,
    Column,
    Engine,
    Float,
    MetaData,
    Table,
    Text,
    TextClause,
    create_engine,
    event,
    text,
)
from sqlalchemy.schema import CreateTable

from ashar.kernel import jobs, locks
from ashar.kernel.errors import AsharError
from ashar.kernel.i18n import nt

F = TypeVar("F", bound=Callable[..., Any])

#: What may be done how often: per address, unless the key says otherwise.
RULES = {
    "pledge": "40/minute",
    "pledge-email": "20/minute",
    "project-pledges": "600/minute",
    # Declined cards of the whole site, from which on its brake is on; and what it lets through:
    # from one address, from one e-mail, from all.
    "declined": "30/10minutes",
    "braked-pledge": "3/10minutes",
    "braked-email": "3/10minutes",
    "braked": "60/10minutes",
    "pledge-page": "120/minute",
    "slip": "30/minute",
    "change": "20/minute",
    "pledge-key": "10/hour",
    "donor-link": "10/15minutes",
    "donor-link-email": "5/hour",
    "comment": "12/minute",
    "comment-author": "30/hour",
    "report": "6/minute",
    "search": "240/minute",
    "api": "600/minute",
    "sign-in": "20/minute",
    "sign-in-email": "10/minute",
    "second-factor": "10/15minutes",
    "register": "10/minute",
    "reset": "10/minute",
    "account-letter": "6/15minutes",
    "kept": "30/hour",
    "apply": "10/hour",
    # Per person; per project, in megabytes.
    "begin": "20/day",
    "invite": "20/day",
    "upload": "60/day",
}

_READ = text("SELECT hits, expires FROM ashar_limit WHERE key = :key AND expires > :now")
_TAKE_BACK = text("UPDATE ashar_limit SET hits = hits - 1 WHERE key = :key")
_PRUNE = text("DELETE FROM ashar_limit WHERE expires <= :now")

LIMITS = Table(
    "ashar_limit",
    MetaData(),
    Column("key", Text, primary_key=True),
    Column("hits", BigInteger, nullable=False),
    Column("expires", Float, nullable=False),
)


@cache
def _counting(windows: int) -> TextClause:
    """Build the statement that counts in so many windows at once."""
    rows = ", ".join(f"(:key{row}, :amount, :expires{row})" for row in range(windows))
    return text(
        f"INSERT INTO ashar_limit (key, hits, expires) VALUES {rows} "  # noqa: S608
        "ON CONFLICT (key) DO UPDATE SET "
        "hits = CASE WHEN ashar_limit.expires <= :now THEN excluded.hits "
        "ELSE ashar_limit.hits + excluded.hits END, "
        "expires = CASE WHEN ashar_limit.expires <= :now THEN excluded.expires "
        "ELSE ashar_limit.expires END RETURNING key, hits"
    )


class TooMany(AsharError):
    """A limit was reached; try again after `seconds`. `words` are a msgid that says why."""

    def __init__(self, seconds: int, words: str = "") -> None:
        super().__init__(f"too many; again in {seconds} s")
        self.seconds, self.words = seconds, words


class DatabaseStorage(Storage):
    """Counters of the `limits` library in one table, one atomic upsert for all of a request's."""

    STORAGE_SCHEME = ["ashar-database"]

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self._engine = engine

    @property
    def base_exceptions(self) -> type[Exception]:
        """Return what the library may wrap."""
        return OSError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count and return the window's hits."""
        return self.count({key: expiry}, amount)[key]

    def count(self, windows: Mapping[str, float], amount: int = 1) -> Mapping[str, int]:
        """Count in several windows (key → seconds) at once; return the hits of each."""
        now = time.time()
        values: dict[str, Any] = {"amount": amount, "now": now}
        # Everybody takes the rows in the same order: nobody waits for each other in a circle.
        for row, key in enumerate(sorted(windows)):
            values |= {f"key{row}": key, f"expires{row}": now + windows[key]}
        with self._engine.connect() as connection:
            rows = connection.execute(_counting(len(windows)), values)
            return {row.key: row.hits for row in rows}

    def take_back(self, keys: Iterable[str]) -> None:
        """Take one hit back from each window."""
        with self._engine.connect() as connection:
            for key in keys:
                connection.execute(_TAKE_BACK, {"key": key})

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
    """Return the counters' engine; each statement of it commits by itself."""
    if engine.dialect.name != "sqlite":
        return engine.execution_options(isolation_level="AUTOCOMMIT")
    folder.mkdir(parents=True, exist_ok=True)
    where = f"sqlite:///{folder / 'limits.sqlite3'}"
    # Said of the engine, it is set once a connection; said of its use, twice a statement.
    counters = create_engine(where, isolation_level="AUTOCOMMIT")
    event.listen(counters, "connect", _without_syncs)
    # Several workers may come here first at once, and SQLite lets nobody wait for who makes a file
    # one with a log: it is locked at once.
    with locks.turn(folder / "limits.lock"), counters.begin() as connection:
        connection.execute(CreateTable(LIMITS, if_not_exists=True))
    return counters


def _without_syncs(connection: Any, _record: Any) -> None:
    for pragma in ("busy_timeout=20000", "journal_mode=WAL", "synchronous=OFF"):
        connection.execute("PRAGMA " + pragma)


@jobs.job("limits.prune", every=600)
def prune() -> None:
    """Drop counters whose windows have ended, where they lie in the database."""
    storage = current_app.extensions["ashar"].limits
    if isinstance(storage, DatabaseStorage):
        storage.prune()


def again(error: TooMany) -> str:
    """Say when to try again, in the reader's language."""
    minutes = -(-error.seconds // 60)
    return nt(
        "Please try again in %(num)s minute.", "Please try again in %(num)s minutes.", minutes
    )


def hit(rule: str, key: str) -> None:
    """Count one doing under a rule for a key; raise TooMany beyond the limit."""
    hit_all({rule: key})


def hit_all(doing: Mapping[str, str]) -> None:
    """Count one doing under several rules, each for its key; raise TooMany beyond a limit.

    Under the rules after the one that refuses it does not count: what somebody is kept from doing
    is not held against others.
    """
    if not current_app.config["ASHAR_RATELIMIT_ENABLED"]:
        return
    storage = _storage()
    found = {rule: _parsed(RULES[rule]) for rule in doing}
    limits = {limit.key_for(rule, doing[rule]): limit for rule, limit in found.items()}
    beyond = _beyond(storage, limits)
    if beyond is not None:
        wait = storage.get_expiry(beyond) - time.time()
        raise TooMany(max(1, int(wait) + 1))


def count(rule: str, key: str) -> int:
    """Count one doing under a rule that refuses nobody by itself; return the window's hits."""
    if not current_app.config["ASHAR_RATELIMIT_ENABLED"]:
        return 0
    limit = _parsed(RULES[rule])
    return int(_storage().incr(limit.key_for(rule, key), limit.get_expiry()))


def counted(rule: str, key: str) -> int:
    """Return the hits of a rule's window."""
    if not current_app.config["ASHAR_RATELIMIT_ENABLED"]:
        return 0
    return int(_storage().get(_parsed(RULES[rule]).key_for(rule, key)))


def amount(rule: str) -> int:
    """Return how often a rule lets something be done in its window."""
    return _parsed(RULES[rule]).amount


def _storage() -> Storage:
    found: Storage = current_app.extensions["ashar"].limits
    return found


_parsed = cache(parse)


def _beyond(storage: Storage, limits: Mapping[str, RateLimitItem]) -> str | None:
    """Count in the limits' windows, in order, up to one that is full; return its key."""
    if not isinstance(storage, DatabaseStorage):
        return next((key for key, limit in limits.items() if _is_full(storage, key, limit)), None)
    hits = storage.count({key: limit.get_expiry() for key, limit in limits.items()})
    keys = list(limits)
    for number, key in enumerate(keys, 1):
        if hits[key] > limits[key].amount:
            storage.take_back(keys[number:])
            return key
    return None


def _is_full(storage: Storage, key: str, limit: RateLimitItem) -> bool:
    return storage.incr(key, limit.get_expiry()) > limit.amount


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
