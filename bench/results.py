"""The rows of the table: what was compared, the bound, and whether it holds."""

import json
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from bench.measure import Compared


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of a pair beside its twin's; without a bound it is there to be read."""

    pair: str
    engine: str
    unit: str
    ours: float
    bare: float
    ratio: float
    most: float | None = None
    least: float | None = None

    @property
    def holds(self) -> bool:
        """Tell whether the ratio keeps its bound."""
        above = self.least is None or self.ratio >= self.least
        return above and (self.most is None or self.ratio <= self.most)

    @property
    def bound(self) -> str:
        """Return the bound in words."""
        if self.most is not None:
            return f"<= {self.most:g}"
        return "" if self.least is None else f">= {self.least:.2g}"


def rows(
    pair: str, engine: str, found: Compared, most: float | None = None, least: float | None = None
) -> list[Row]:
    """Return the rows of a pair: CPU of a step in microseconds, and steps per second.

    A bound `most` holds for our CPU by the bare one's; `least` for our speed by the bare one's,
    told both by the CPU and by the clock.
    """
    ours, bare, ratio = found.ours, found.bare, found.ratio
    times = ratio.cpu if least is None else 1 / ratio.cpu
    return [
        Row(pair, engine, "us CPU", ours.cpu * 1e6, bare.cpu * 1e6, times, most, least),
        Row(pair, engine, "per s", 1 / ours.wall, 1 / bare.wall, 1 / ratio.wall, None, least),
    ]


def shown(pair: str, engine: str, found: Compared) -> list[Row]:
    """Return the rows of a pair that has no bound: how much slower ours is, told twice."""
    return [replace(row, least=None) for row in rows(pair, engine, found, least=0)]


def table(found: Iterable[Row]) -> str:
    """Return the rows as a text table."""
    head = ("pair", "engine", "unit", "ours", "bare", "ratio", "bound", "")
    lines = [head, *(_cells(row) for row in found)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join(_line(line, widths) for line in lines)


def _cells(row: Row) -> tuple[str, ...]:
    verdict = "" if not row.bound else "ok" if row.holds else "MISSED"
    figures = (f"{row.ours:,.0f}", f"{row.bare:,.0f}", f"{row.ratio:.2f}")
    return (row.pair, row.engine, row.unit, *figures, row.bound, verdict)


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    words = [
        cell.rjust(width) if 3 <= column <= 5 else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return "  ".join(words).rstrip()


def write(path: Path, found: Iterable[Row], about: dict[str, Any]) -> None:
    """Write the rows as JSON, with what they were measured on."""
    machine = {"python": platform.python_version(), "system": platform.system()}
    listed = [asdict(row) | {"bound": row.bound, "holds": row.holds} for row in found]
    text = json.dumps({"about": machine | about, "rows": listed}, indent=2)
    path.write_text(text + "\n", encoding="utf-8")
