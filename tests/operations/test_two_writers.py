"""Two processes write to one database; the negative control shows what the guard is for."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.operations.counter import TABLE
from tests.operations.house import ROOT, until

EACH = 300


def test_two_processes_lose_none_of_600_increments(
    settings: dict[str, Any], tmp_path: Path
) -> None:
    assert _count("guarded", settings, tmp_path) == 2 * EACH


def test_without_our_transactions_increments_are_lost(
    settings: dict[str, Any], tmp_path: Path
) -> None:
    assert _count("unguarded", settings, tmp_path) < 2 * EACH


def _count(way: str, settings: dict[str, Any], folder: Path) -> int:
    """Let two processes count and return what is left in the table."""
    url = str(settings["ASHAR_DATABASE_URL"])
    engine = sa.create_engine(url)
    TABLE.create(engine)
    with engine.begin() as connection:
        connection.execute(sa.insert(TABLE).values(n=0))
    engine.dispose()
    go = folder / "go"
    line = [sys.executable, "-m", "tests.operations.counter"]
    given = [way, url, str(folder / "instance"), str(EACH), str(go)]
    both = [subprocess.Popen([*line, *given], cwd=ROOT) for _ in range(2)]
    until(lambda: len(list(folder.glob("go.*"))) == 2, "both are ready")
    go.touch()
    assert [one.wait(120) for one in both] == [0, 0]
    with engine.connect() as connection:
        found: int = connection.execute(sa.select(TABLE)).scalar_one()
        connection.execute(sa.text("DROP TABLE test_counter"))
        connection.commit()
    engine.dispose()
    return found
