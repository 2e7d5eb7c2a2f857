"""Count up in a database, reading before writing: `python -m tests.operations.counter`."""

import sys
import time
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from ashar.kernel import db
from ashar.site import create_app

TABLE = sa.Table("test_counter", sa.MetaData(), sa.Column("n", sa.Integer))
#: Seconds between reading and writing: on a busy machine one would be through before the other's
#: turn came, and lose nothing to it.
TURN = 0.001


def guarded(url: str, folder: str, times: int) -> None:
    """Count through our own transactions."""
    app = create_app({"ASHAR_DATABASE_URL": url, "ASHAR_INSTANCE_PATH": folder}, environ={})
    with app.app_context():
        for _ in range(times):
            with db.transaction() as session:
                known = session.execute(sa.select(TABLE).with_for_update()).scalar_one()
                time.sleep(TURN)
                session.execute(sa.update(TABLE).values(n=known + 1))


def unguarded(url: str, _folder: str, times: int) -> None:
    """Count as the driver begins transactions by itself, and without locking rows."""
    engine = sa.create_engine(url)
    for _ in range(times):
        try:
            with engine.begin() as connection:
                known = connection.execute(sa.select(TABLE)).scalar_one()
                time.sleep(TURN)
                connection.execute(sa.update(TABLE).values(n=known + 1))
        except OperationalError:
            continue
    engine.dispose()


def main(way: str, url: str, folder: str, times: str, go: str) -> None:
    """Wait for the start, then count."""
    Path(f"{go}.{time.monotonic_ns()}").touch()
    while not Path(go).exists():
        time.sleep(0.01)
    {"guarded": guarded, "unguarded": unguarded}[way](url, folder, int(times))


if __name__ == "__main__":
    main(*sys.argv[1:])
