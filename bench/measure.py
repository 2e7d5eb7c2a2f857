"""Measuring two sides of a pair in turn, so that what the machine does meanwhile meets both."""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

#: Does so many steps.
Work = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds that one step takes: of this process's CPU, and by the clock."""

    cpu: float
    wall: float


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a pair; `prepare` is called before each round and not measured."""

    work: Work
    prepare: Work = lambda steps: None


@dataclass(frozen=True, slots=True)
class Compared:
    """The medians of both sides' rounds, and of the rounds' ratios (ours by bare)."""

    ours: Cost
    bare: Cost
    ratio: Cost


def timed(side: Side, steps: int) -> Cost:
    """Return what one step of a round costs."""
    side.prepare(steps)
    gc.collect()
    cpu, wall = time.process_time(), time.perf_counter()
    side.work(steps)
    wall_end, cpu_end = time.perf_counter(), time.process_time()
    return Cost((cpu_end - cpu) / steps, (wall_end - wall) / steps)


def compare(
    ours: Callable[[int], Cost], bare: Callable[[int], Cost], rounds: int, steps: int
) -> Compared:
    """Let both sides do so many rounds in turn, after one that does not count."""
    for side in (ours, bare):
        side(max(1, steps // 4))
    pairs = []
    for number in range(rounds):
        first, second = (ours, bare) if number % 2 else (bare, ours)
        one, other = first(steps), second(steps)
        pairs.append((one, other) if first is ours else (other, one))
    return summed(pairs)


def summed(pairs: list[tuple[Cost, Cost]]) -> Compared:
    """Return the medians of rounds."""
    left, right = zip(*pairs, strict=True)
    ratios = [Cost(one.cpu / other.cpu, one.wall / other.wall) for one, other in pairs]
    return Compared(_median(left), _median(right), _median(ratios))


def _median(costs: "list[Cost] | tuple[Cost, ...]") -> Cost:
    return Cost(median(cost.cpu for cost in costs), median(cost.wall for cost in costs))


def local(side: Side) -> Callable[[int], Cost]:
    """Return what measures a side in this process."""
    return lambda steps: timed(side, steps)
