"""Sample covers, drawn in a handful of shapes and colours: no photographs of people not asked."""

from __future__ import annotations

import io
import math
import random
from collections.abc import Callable
from typing import Final, Literal

from PIL import Image, ImageDraw

Kind = Literal["rice", "tourism", "orchard", "water", "energy", "forest"]
Colour = tuple[int, int, int]
Point = tuple[float, float]

SUPERSAMPLING: Final = 2
STEEPNESS: Final = 1.3

WOOL: Final = (251, 247, 240)
MADDER: Final = (163, 34, 27)
SAFFRON: Final = (240, 184, 75)
INK: Final = (58, 46, 38)


class Scene:
    """A canvas in fractions of its width and height, drawn large and scaled down at the end."""

    def __init__(self, width: int, height: int, seed: int) -> None:
        self.size = (width, height)
        self.wide, self.high = width * SUPERSAMPLING, height * SUPERSAMPLING
        self.image = Image.new("RGB", (self.wide, self.high))
        self.draw = ImageDraw.Draw(self.image)
        self.random = random.Random(seed)  # noqa: S311 - shapes, not secrets

    def png(self) -> bytes:
        """Return the finished picture."""
        out = io.BytesIO()
        self.image.resize(self.size, Image.Resampling.LANCZOS).save(out, "PNG", optimize=True)
        return out.getvalue()

    def polygon(self, points: list[Point], colour: Colour) -> None:
        """Fill an outline."""
        self.draw.polygon([(x * self.wide, y * self.high) for x, y in points], fill=colour)

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """Fill a circle; the radius is a fraction of the height."""
        r = radius * self.high
        cx, cy = x * self.wide, y * self.high
        self.draw.ellipse((cx - r, cy - r, cx + r, cy + r), fill=colour)

    def line(self, points: list[Point], colour: Colour, thickness: float) -> None:
        """Draw a line; the thickness is a fraction of the height."""
        flat = [(x * self.wide, y * self.high) for x, y in points]
        self.draw.line(flat, fill=colour, width=max(1, round(thickness * self.high)), joint="curve")

    def sky(self, top: Colour, bottom: Colour, until: float = 0.75) -> None:
        """Fill everything with a gradient that ends at a fraction of the height."""
        for row in range(self.high):
            share = min(1.0, row / (until * self.high))
            self.draw.line(((0, row), (self.wide, row)), fill=blend(top, bottom, share))

    def sun(self, x: float, y: float, radius: float, colour: Colour, sky: Colour) -> None:
        """Draw a sun with two soft rings around it."""
        self.disc(x, y, radius * 1.75, blend(sky, colour, 0.10))
        self.disc(x, y, radius * 1.36, blend(sky, colour, 0.24))
        self.disc(x, y, radius, colour)

    def range(self, peaks: list[Point], lit: Colour, shade: Colour, snow: Colour | None) -> None:
        """Draw mountains: every peak has a lit left flank, a shaded right one, perhaps snow."""
        foot = 0.82
        for x, y in peaks:
            width = (foot - y) / STEEPNESS
            left, right = (x - width, foot), (x + width, foot)
            ridge = [(x + width * 0.10, foot), (x + width * 0.13, y + (foot - y) * 0.5)]
            self.polygon([left, (x, y), right], lit)
            self.polygon([(x, y), right, *ridge, (x + width * 0.02, y + (foot - y) * 0.25)], shade)
            if snow:
                self._snow((x, y), width, foot, snow)

    def _snow(self, top: Point, width: float, foot: float, colour: Colour) -> None:
        x, y = top
        depth = 0.2

        def at(side: float, down: float) -> Point:
            return (x + side * width * down, y + (foot - y) * down)

        edge = [at(0.62, depth * 0.82), at(0.25, depth * 1.12), at(0.0, depth * 0.8)]
        edge += [at(-0.35, depth * 1.18), at(-0.7, depth * 0.86)]
        self.polygon([top, at(1, depth), *edge, at(-1, depth)], colour)
        shade = blend(colour, (120, 140, 178), 0.35)
        self.polygon([top, at(1, depth), at(0.62, depth * 0.82), at(0.25, depth * 1.12)], shade)

    def hill(
        self, y: float, swell: float, phase: float, colour: Colour, waves: float = 1.3
    ) -> None:
        """Fill from a rolling line down to the lower edge."""
        line = [(step / 120, hill_line(step / 120, y, swell, phase, waves)) for step in range(121)]
        self.polygon([*line, (1.0, 1.0), (0.0, 1.0)], colour)

    def yurt(self, x: float, y: float, size: float) -> None:
        """Draw a yurt that stands on *y*; *size* is its half width, a fraction of the width."""
        unit = size * self.wide / self.high
        wall, roof, band, flap = 0.66 * unit, 0.8 * unit, 0.13 * unit, 0.3
        felt, shade = (250, 245, 235), (226, 215, 198)

        def box(left: float, right: float, low: float, high: float, colour: Colour) -> None:
            a, b = x + left * size, x + right * size
            self.polygon([(a, y - low), (a, y - high), (b, y - high), (b, y - low)], colour)

        def dome(side: float) -> list[Point]:
            arc = [math.radians(angle) for angle in range(0, 76, 5)]
            return [(x + side * size * math.cos(a), y - wall - roof * math.sin(a)) for a in arc]

        box(-1, 1, 0, wall, felt)
        box(flap, 1, 0, wall, shade)
        self.polygon([*dome(-1), *reversed(dome(1))], felt)
        self.polygon(
            [
                (x + flap * size, y - wall),
                (x + 0.12 * size, y - wall - roof * 0.966),
                *reversed(dome(1)),
            ],
            shade,
        )
        crown = y - wall - roof * 0.95
        self.polygon(
            [
                (x - 0.3 * size, crown),
                (x - 0.17 * size, crown - band),
                (x + 0.17 * size, crown - band),
                (x + 0.3 * size, crown),
            ],
            MADDER,
        )
        box(-1.03, 1.03, wall - band, wall + band * 0.4, MADDER)
        for step in range(-4, 5):
            self.disc(x + step * size * 0.23, y - wall + band * 0.3, band * 0.26, WOOL)
        box(-0.25, 0.25, 0, wall * 0.86, MADDER)
        box(-0.17, 0.17, 0, wall * 0.74, (107, 58, 40))

    def poplar(self, x: float, y: float, height: float, colour: Colour) -> None:
        """Draw a tall slim tree, as along every canal."""
        wide = height * 0.13 * self.high / self.wide
        steps = [i / 16 for i in range(17)]
        side = [(wide * math.sin(math.pi * t**0.72), y - height * (0.1 + 0.9 * t)) for t in steps]
        self.line([(x, y), (x, y - height * 0.2)], INK, height * 0.035)
        self.polygon(
            [*((x - w, h) for w, h in side), *((x + w, h) for w, h in reversed(side))], colour
        )
        dark = blend(colour, (20, 50, 40), 0.28)
        self.polygon([*((x, h) for _, h in side), *((x + w, h) for w, h in reversed(side))], dark)

    def round_tree(self, x: float, y: float, radius: float, leaf: Colour, fruit: Colour) -> None:
        """Draw an orchard tree with a few fruits."""
        self.line([(x, y), (x, y - radius * 1.2)], (110, 76, 54), radius * 0.2)
        self.disc(x, y - radius * 1.75, radius, blend(leaf, (20, 50, 40), 0.25))
        self.disc(x - radius * 0.06, y - radius * 1.84, radius * 0.9, leaf)
        ratio = self.high / self.wide
        for angle, far in ((0.4, 0.55), (1.7, 0.6), (2.9, 0.5), (4.2, 0.62), (5.3, 0.45)):
            self.disc(
                x + math.cos(angle) * radius * far * ratio,
                y - radius * 1.8 + math.sin(angle) * radius * far,
                radius * 0.12,
                fruit,
            )

    def fir(self, x: float, y: float, height: float, colour: Colour) -> None:
        """Draw a Tien Shan spruce: three narrow tiers."""
        ratio = self.high / self.wide
        self.line([(x, y), (x, y - height * 0.15)], INK, height * 0.04)
        for low, high, wide in ((0.1, 0.56, 0.24), (0.34, 0.78, 0.18), (0.6, 1.0, 0.12)):
            tier = [(x - height * wide * ratio, y - height * low), (x, y - height * high)]
            self.polygon([*tier, (x + height * wide * ratio, y - height * low)], colour)
            dark = blend(colour, (15, 35, 40), 0.3)
            self.polygon(
                [(x, y - height * low), tier[1], (x + height * wide * ratio, y - height * low)],
                dark,
            )


def blend(one: Colour, other: Colour, share: float) -> Colour:
    """Mix two colours; *share* of the other."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return (red, green, blue)


def hill_line(x: float, y: float, swell: float, phase: float, waves: float) -> float:
    """Return the height of a rolling line at *x*."""
    long = math.sin(x * math.tau * waves * 0.5 + phase)
    short = math.sin(x * math.tau * waves + phase * 1.7)
    return y - swell * (0.72 * long + 0.28 * short)


def _dawn(scene: Scene, sun: Point) -> None:
    sky = (245, 217, 168)
    scene.sky(sky, (253, 240, 214))
    scene.sun(*sun, 0.105, SAFFRON, blend(sky, (253, 240, 214), 0.35))


def _day(scene: Scene, sun: Point) -> None:
    sky = (176, 205, 226)
    scene.sky(sky, (238, 241, 228))
    scene.sun(*sun, 0.085, (247, 205, 112), blend(sky, (238, 241, 228), 0.3))


def _mountains(scene: Scene, far: list[Point], near: list[Point], warm: bool) -> None:
    pale, pale_shade = (
        ((162, 176, 207), (140, 157, 194)) if warm else ((148, 175, 203), (126, 155, 189))
    )
    scene.range(far, pale, pale_shade, WOOL)
    scene.range(near, (98, 130, 177), (78, 109, 158), None)


def _rice(scene: Scene) -> None:
    _dawn(scene, (0.765, 0.225))
    _mountains(
        scene,
        [(0.16, 0.36), (0.40, 0.24), (0.66, 0.39), (0.93, 0.37)],
        [(0.04, 0.60), (0.27, 0.55), (0.54, 0.53), (0.82, 0.57), (1.02, 0.61)],
        True,
    )
    scene.hill(0.735, 0.035, 0.4, (127, 163, 106))
    for x, tall in (
        (0.085, 0.2),
        (0.115, 0.25),
        (0.143, 0.22),
        (0.172, 0.17),
        (0.90, 0.19),
        (0.928, 0.15),
    ):
        scene.poplar(x, hill_line(x, 0.745, 0.035, 0.4, 1.3), tall, (74, 118, 72))
    scene.hill(0.80, 0.018, 2.3, (186, 196, 106), 0.9)
    _rows(scene, 0.80, (122, 150, 70), (208, 210, 128))


def _rows(scene: Scene, horizon: float, leaf: Colour, soil: Colour) -> None:
    """Sow rows that run towards a point on the horizon, plant by plant."""
    for row in range(-26, 27):
        near = 0.5 + row * 0.062
        scene.line([(0.5 + row * 0.03, horizon + 0.05), (near, 1.02)], soil, 0.004)
    for depth in range(13):
        t = (depth / 12) ** 1.7
        y = horizon + 0.055 + t * 0.16
        size = 0.006 + t * 0.014
        for row in range(-26, 27):
            x = 0.5 + row * (0.03 + (0.062 - 0.03) * (y - horizon - 0.05) / (0.97 - horizon))
            for lean in (-0.5, 0.0, 0.5):
                tip = (x + lean * size * 0.9, y - size * (2.1 - abs(lean)))
                scene.line([(x, y), tip], leaf, 0.003 + t * 0.003)


def _tourism(scene: Scene) -> None:
    _day(scene, (0.215, 0.20))
    _mountains(
        scene,
        [(0.10, 0.40), (0.34, 0.30), (0.60, 0.22), (0.86, 0.35), (1.04, 0.44)],
        [(0.20, 0.54), (0.46, 0.56), (0.75, 0.53), (0.99, 0.58)],
        False,
    )
    scene.hill(0.66, 0.02, 1.1, (112, 152, 116))
    _lake(scene, 0.675, 0.80)
    scene.hill(0.80, 0.03, 3.5, (150, 181, 104), 1.0)
    scene.yurt(0.30, 0.835, 0.040)
    scene.hill(0.885, 0.03, 5.2, (127, 163, 90), 0.8)
    scene.yurt(0.70, 0.90, 0.082)
    scene.yurt(0.905, 0.872, 0.045)
    _grass(scene, 0.93, (102, 140, 74))


def _lake(scene: Scene, top: float, bottom: float) -> None:
    """Lay a lake across the picture with a few streaks of light."""
    deep, bright = (75, 137, 168), (146, 190, 203)
    for step in range(48):
        y = top + (bottom - top + 0.05) * step / 48
        band = [(0.0, y), (1.0, y), (1.0, y + 0.01), (0.0, y + 0.01)]
        scene.polygon(band, blend(bright, deep, step / 47))
    for _ in range(42):
        y = scene.random.uniform(top + 0.012, bottom)
        x, wide = scene.random.uniform(0.02, 0.95), scene.random.uniform(0.015, 0.07)
        scene.line([(x, y), (x + wide, y)], (190, 217, 221), 0.0035)


def _grass(scene: Scene, top: float, colour: Colour) -> None:
    for _ in range(150):
        x, y = scene.random.uniform(0, 1), scene.random.uniform(top, 1.0)
        for lean in (-0.004, 0.0, 0.004):
            scene.line([(x, y), (x + lean, y - 0.018)], colour, 0.003)


def _orchard(scene: Scene) -> None:
    _dawn(scene, (0.24, 0.22))
    _mountains(
        scene,
        [(0.08, 0.42), (0.36, 0.38), (0.62, 0.27), (0.90, 0.37)],
        [(0.22, 0.57), (0.52, 0.56), (0.80, 0.55), (1.02, 0.6)],
        True,
    )
    scene.hill(0.70, 0.03, 2.0, (136, 168, 110))
    for depth, (y, radius, count) in enumerate(
        ((0.752, 0.026, 15), (0.835, 0.042, 10), (0.97, 0.064, 7))
    ):
        scene.hill(
            y - 0.035, 0.008, 1.0 + depth, ((150, 178, 102), (164, 186, 96), (178, 194, 96))[depth]
        )
        for tree in range(count):
            x = (tree + (0.35, 0.62, 0.5)[depth]) / count
            scene.round_tree(x, y, radius, (92, 138, 78), (196, 62, 44))


def _water(scene: Scene) -> None:
    _day(scene, (0.78, 0.2))
    _mountains(
        scene,
        [(0.12, 0.34), (0.40, 0.26), (0.68, 0.36), (0.95, 0.33)],
        [(0.02, 0.58), (0.28, 0.53), (0.60, 0.55), (0.88, 0.54)],
        False,
    )
    scene.hill(0.70, 0.03, 0.8, (122, 160, 108))
    scene.hill(0.77, 0.02, 3.0, (160, 186, 102))
    _grass(scene, 0.84, (124, 152, 78))
    _stream(scene, 0.762, 0.30, (206, 196, 140))
    _stream(scene, 0.765, 0.19, (92, 156, 186))
    for x, y, tall in (
        (0.1, 0.80, 0.2),
        (0.16, 0.82, 0.24),
        (0.23, 0.85, 0.29),
        (0.80, 0.82, 0.26),
        (0.88, 0.80, 0.21),
    ):
        scene.poplar(x, y, tall, (74, 118, 72))


def _stream(scene: Scene, top: float, wide: float, colour: Colour) -> None:
    """Let water wind towards the onlooker, broader with every bend."""
    left, right = [], []
    for step in range(61):
        t = step / 60
        middle = 0.47 + 0.13 * math.sin(t * 5.4) * (0.25 + t)
        half = wide * (0.04 + 0.96 * t**2.2) / 2
        left.append((middle - half, top + (1.02 - top) * t))
        right.append((middle + half, top + (1.02 - top) * t))
    scene.polygon([*left, *reversed(right)], colour)


def _energy(scene: Scene) -> None:
    _dawn(scene, (0.5, 0.24))
    _mountains(
        scene,
        [(0.10, 0.36), (0.34, 0.40), (0.70, 0.38), (0.93, 0.30)],
        [(0.20, 0.55), (0.50, 0.58), (0.78, 0.54)],
        True,
    )
    scene.hill(0.72, 0.03, 1.4, (140, 168, 112))
    for row, y in enumerate((0.80, 0.885, 0.98)):
        scene.hill(y - 0.06, 0.006, row, ((158, 180, 106), (168, 186, 100), (180, 194, 98))[row])
        _panels(scene, y, 0.06 + row * 0.014, 9 - 2 * row)


def _panels(scene: Scene, y: float, height: float, count: int) -> None:
    step = 0.92 / count
    for panel in range(count):
        x, wide = 0.05 + panel * step, step * 0.84
        for leg in (0.25, 0.75):
            scene.line([(x + wide * leg, y - height * 0.3), (x + wide * leg, y)], INK, 0.005)
        slant = wide * 0.12
        frame = [
            (x, y - height * 0.25),
            (x + slant, y - height),
            (x + wide + slant * 0.2, y - height),
            (x + wide, y - height * 0.25),
        ]
        scene.polygon(frame, (48, 80, 132))
        for line in (0.25, 0.5, 0.75):
            scene.line(
                [
                    (x + wide * line, y - height * 0.25),
                    (x + slant + (wide - slant * 0.8) * line, y - height),
                ],
                (132, 162, 206),
                0.0025,
            )
        scene.line(
            [(x + slant / 2, y - height * 0.62), (x + wide + slant * 0.1, y - height * 0.62)],
            (132, 162, 206),
            0.0025,
        )


def _forest(scene: Scene) -> None:
    _day(scene, (0.7, 0.2))
    _mountains(
        scene,
        [(0.08, 0.30), (0.36, 0.36), (0.62, 0.28), (0.92, 0.36)],
        [(0.18, 0.54), (0.48, 0.55), (0.76, 0.53), (1.0, 0.58)],
        False,
    )
    for row, (y, tall, count) in enumerate(((0.72, 0.13, 22), (0.82, 0.19, 15), (0.96, 0.28, 9))):
        scene.hill(
            y - 0.02,
            0.025,
            1.0 + 1.3 * row,
            ((120, 156, 112), (128, 164, 100), (140, 174, 92))[row],
        )
        green = ((84, 128, 104), (66, 112, 84), (50, 96, 70))[row]
        for tree in range(count):
            x = (tree + scene.random.uniform(0.2, 0.8)) / count
            scene.fir(
                x,
                y + scene.random.uniform(-0.01, 0.02),
                tall * scene.random.uniform(0.75, 1.1),
                green,
            )


SCENES: Final[dict[Kind, Callable[[Scene], None]]] = {
    "rice": _rice,
    "tourism": _tourism,
    "orchard": _orchard,
    "water": _water,
    "energy": _energy,
    "forest": _forest,
}


def cover(kind: Kind, width: int = 1600, height: int = 900) -> bytes:
    """Return a PNG of the scene; the same arguments always give the same picture."""
    scene = Scene(width, height, seed=sum(map(ord, kind)))
    SCENES[kind](scene)
    return scene.png()
