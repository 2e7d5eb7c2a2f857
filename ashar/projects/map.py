"""The map of the oblasts as SVG paths: Natural Earth outlines (public domain), drawn plainly."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from ashar.projects.regions import REGIONS, short_name

SOURCE: Final = Path(__file__).with_name("oblasts.geojson")
WIDTH: Final = 1000
MARGIN: Final = 12

Degrees = tuple[float, float]
Point = tuple[int, int]

# Where a name stands (longitude, latitude), by hand: centroids fall on borders and on the lake.
LABELS: Final[dict[str, Degrees]] = {
    "KG-B": (70.90, 39.90),
    "KG-C": (73.80, 42.55),
    "KG-GB": (74.59, 42.87),
    "KG-GO": (72.80, 40.53),
    "KG-J": (72.75, 41.55),
    "KG-N": (75.55, 41.30),
    "KG-O": (73.35, 40.20),
    "KG-T": (71.75, 42.47),
    "KG-Y": (78.15, 41.93),
}

# The lake's shore, by hand: a map of Kyrgyzstan without it would puzzle everyone.
YSYK_KOL: Final[tuple[Degrees, ...]] = (
    (76.17, 42.45), (76.35, 42.53), (76.55, 42.60), (76.85, 42.62), (77.05, 42.63),
    (77.40, 42.70), (77.80, 42.74), (78.10, 42.76), (78.30, 42.72), (78.38, 42.60),
    (78.20, 42.50), (77.98, 42.38), (77.75, 42.25), (77.50, 42.16), (77.20, 42.13),
    (76.95, 42.20), (76.70, 42.28), (76.40, 42.34), (76.20, 42.38),
)  # fmt: skip


class Shape(NamedTuple):
    """A region on the map; *path* is empty for a city drawn as a point at (x, y)."""

    code: str
    label: str
    path: str
    x: int
    y: int
    projects: int
    current: bool


class RegionsMap(NamedTuple):
    """Everything a template needs to draw the map."""

    width: int
    height: int
    lake: str
    shapes: tuple[Shape, ...]

    @property
    def view_box(self) -> str:
        """Return the value of the SVG attribute."""
        return f"0 0 {self.width} {self.height}"


class Projection(NamedTuple):
    """Equirectangular, true at the middle latitude: plain, and good enough for one country."""

    west: float
    north: float
    scale_x: float
    scale_y: float

    def __call__(self, at: Degrees) -> Point:
        """Return the whole units of (longitude, latitude) on the canvas."""
        return (
            round(MARGIN + (at[0] - self.west) * self.scale_x),
            round(MARGIN + (self.north - at[1]) * self.scale_y),
        )


class Geometry(NamedTuple):
    """The part of the map that never changes."""

    height: int
    lake: str
    paths: dict[str, str]
    labels: dict[str, Point]


def regions_map(
    counts: Mapping[str, int] | None = None, current: str = "", lang: str = "en"
) -> RegionsMap:
    """Return the map with the number of projects per region code, *current* marked."""
    fixed = geometry()
    shapes = tuple(
        Shape(
            code,
            short_name(code, lang),
            fixed.paths.get(code, ""),
            *fixed.labels[code],
            projects=(counts or {}).get(code, 0),
            current=code == current,
        )
        for code in sorted(REGIONS, key=lambda code: code in CITIES)
    )
    return RegionsMap(WIDTH, fixed.height, fixed.lake, shapes)


CITIES: Final = frozenset({"KG-GB", "KG-GO"})


@cache
def geometry() -> Geometry:
    """Read the outlines once and project them."""
    outlines = _outlines()
    project, height = _fit([at for rings in outlines.values() for ring in rings for at in ring])
    return Geometry(
        height,
        _path([YSYK_KOL], project),
        {code: _path(rings, project) for code, rings in outlines.items() if code not in CITIES},
        {code: project(at) for code, at in LABELS.items()},
    )


def _outlines() -> dict[str, list[list[Degrees]]]:
    features = json.loads(SOURCE.read_text(encoding="utf-8"))["features"]
    return {
        feature["properties"]["iso"]: [
            [(lon, lat) for lon, lat in ring]
            for polygon in feature["geometry"]["coordinates"]
            for ring in polygon
        ]
        for feature in features
    }


def _fit(points: list[Degrees]) -> tuple[Projection, int]:
    west, east = min(lon for lon, _ in points), max(lon for lon, _ in points)
    south, north = min(lat for _, lat in points), max(lat for _, lat in points)
    scale_x = (WIDTH - 2 * MARGIN) / (east - west)
    scale_y = scale_x / math.cos(math.radians((north + south) / 2))
    return Projection(west, north, scale_x, scale_y), round((north - south) * scale_y + 2 * MARGIN)


def _path(rings: list[list[Degrees]] | list[tuple[Degrees, ...]], project: Projection) -> str:
    return "".join(_ring([project(at) for at in ring]) for ring in rings)


def _ring(points: list[Point]) -> str:
    """Write one ring with relative steps, which are short; equal neighbours fall away."""
    first = last = points[0]
    steps = []
    for point in points[1:]:
        if point != last:
            steps.append(f"{point[0] - last[0]} {point[1] - last[1]}")
            last = point
    return f"M{first[0]} {first[1]}l{' '.join(steps)}z".replace(" -", "-")
