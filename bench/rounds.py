"""The statements of a year for all donors: how long a round takes, and whether its memory grows.

There is no bare twin of it: it is held against ten minutes for ten thousand donors, and its memory
at the end against that after a tenth of the way.
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import psutil
from sqlalchemy import text

from ashar.kernel import db
from ashar.pledges import receipt_tasks
from ashar.pledges.models import Round
from bench import sites
from bench.data import BEGIN, PAID_OF_TEN, Size
from bench.results import Row
from bench.run import Run

DONORS = 10_000
#: Seconds that ten thousand donors may take.
MOST = 600.0
GROWS = 1.1
MIB = 2**20


def measure(run: Run) -> Iterator[Row]:
    """Give every donor a statement, in one job."""
    donors = run.steps(DONORS)
    size = Size(min(run.size.projects, 100), donors * 10 // PAID_OF_TEN)
    with run.database.copy(size) as url:
        app = sites.make(url, run.folder / "rounds")
        with app.app_context():
            row = _begun()
            seconds, memory = _gone(row)
            db.session.rollback()
            looked_at = db.session.get_one(Round, row).looked_at
        sites.dispose(app)
    most = MOST * looked_at / DONORS
    label = f"yearly statements of {looked_at:,} donors"
    yield Row(label, run.engine, "s", seconds, most, seconds / most, most=1.0)
    first, last = memory[len(memory) // 10], memory[-1]
    yield Row(f"{label}: memory", run.engine, "MiB", last, first, last / first, most=GROWS)


def _begun() -> int:
    """Give every pledge an address of its own, and begin a round over the year of all of them."""
    with db.transaction() as session:
        address = "UPDATE ashar_pledge SET email = 'donor-' || id || '@example.org'"
        session.connection().execute(text(address))
        row = Round(period=BEGIN.year, after="", begun_at=datetime.now(UTC))
        session.add(row)
        session.flush()
        return row.id


def _gone(row: int) -> tuple[float, list[float]]:
    """Go through a round; return the seconds it took and the memory after each batch, in MiB."""
    me, memory, began = psutil.Process(), [], time.perf_counter()
    while receipt_tasks.step(row):
        memory.append(me.memory_info().rss / MIB)
    return time.perf_counter() - began, memory or [me.memory_info().rss / MIB]
