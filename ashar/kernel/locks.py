"""A lock that one process of a site holds: a file's on SQLite, the database's on PostgreSQL."""

import fcntl
import logging
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

log = logging.getLogger(__name__)


class Lock(Protocol):
    """Held by one process at a time; ends with the process that holds it."""

    def held(self) -> bool:
        """Tell whether it is ours, taking it when it is free."""
        ...

    def release(self) -> None:
        """Give it back."""
        ...


def make_lock(name: str, engine: Engine, folder: Path) -> Lock:
    """Return the lock of a name for all processes that share a database."""
    if engine.dialect.name == "postgresql":
        return AdvisoryLock(engine, name)
    folder.mkdir(parents=True, exist_ok=True)
    return FileLock(folder / f"{name}.lock")


class FileLock:
    """A lock on a file, which the kernel gives back when its holder ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = -1

    def held(self) -> bool:
        """Tell whether it is ours; a file that was replaced meanwhile is another lock."""
        if self._file >= 0 and self._is_current():
            return True
        self.release()
        opened = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(opened)
            return False
        self._file = opened
        return self._is_current()

    def release(self) -> None:
        """Give it back; the file stays."""
        if self._file >= 0:
            os.close(self._file)
        self._file = -1

    def _is_current(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self._file), self._path.stat())
        except OSError:
            return False


@contextmanager
def turn(path: Path) -> Iterator[None]:
    """Do something while no other thread or process of this machine does; wait for the turn."""
    opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)


class AdvisoryLock:
    """A PostgreSQL advisory lock on a connection of its own, which has to outlive the lock."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._key = zlib.crc32(f"ashar-{name}".encode())
        self._connection: Connection | None = None

    def held(self) -> bool:
        """Tell whether it is ours: the server is asked each time, since connections break."""
        try:
            return self._still() or self._take()
        except SQLAlchemyError as error:
            log.warning("the lock was lost: %s", type(error).__name__)
            self.release()
            return False

    def release(self) -> None:
        """Close the connection, and with it the lock."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()

    def _still(self) -> bool:
        if self._connection is None:
            return False
        return self._connection.execute(text("SELECT true")).scalar_one() is True

    def _take(self) -> bool:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._connection = connection
        asked = text("SELECT pg_try_advisory_lock(:key)")
        if connection.execute(asked, {"key": self._key}).scalar_one():
            return True
        self._connection = None
        connection.close()
        return False
