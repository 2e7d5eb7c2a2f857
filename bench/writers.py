"""Eight writers that settle gifts to one project, beside eight on eight projects."""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bench import events, sites
from bench.measure import Cost, compare
from bench.results import Row, rows
from bench.run import Run
from bench.webhooks import process

WRITERS = 8


def measure(run: Run) -> Iterator[Row]:
    """Compare the speeds; the clock counts, since what they wait for is each other."""
    projects = run.popular(WRITERS)
    with _writers(run.url, run.folder) as pipes:
        one = _settling(run, pipes, [projects[0]] * WRITERS)
        each = _settling(run, pipes, projects)
        found = compare(one, each, run.rounds, run.steps(40))
    label = f"{WRITERS} writers: one project / {WRITERS}"
    yield rows(label, run.engine, found, least=0.5)[1]


def _settling(run: Run, pipes: list[Connection], projects: list[int]) -> Callable[[int], Cost]:
    """Return what measures all writers at once, each on its project; a step is one gift."""

    def measured(steps: int) -> Cost:
        for pipe, project in zip(pipes, projects, strict=True):
            bodies = events.waiting(run.taking, [project], steps)
            pipe.send(events.stored(run.taking, bodies))
        for pipe in pipes:
            pipe.recv()
        return _released(pipes, steps)

    return measured


def _released(pipes: list[Connection], steps: int) -> Cost:
    began = time.perf_counter()
    for pipe in pipes:
        pipe.send("go")
    cpu = sum(pipe.recv() for pipe in pipes)
    gifts = steps * len(pipes)
    return Cost(cpu / gifts, (time.perf_counter() - began) / gifts)


@contextmanager
def _writers(url: str, folder: Path) -> Iterator[list[Connection]]:
    context = multiprocessing.get_context("spawn")
    pairs = [context.Pipe() for _ in range(WRITERS)]
    processes = [
        context.Process(target=write, args=(url, folder / f"writer-{number}", theirs), daemon=True)
        for number, (_, theirs) in enumerate(pairs)
    ]
    for one in processes:
        one.start()
    try:
        yield [ours for ours, _ in pairs]
    finally:
        for ours, _ in pairs:
            ours.send(None)
        for one in processes:
            one.join()


def write(url: str, folder: Path, pipe: Any) -> None:
    """Be a writer: settle the rows that are sent, when told to, and tell the CPU it took."""
    app = sites.make(url, folder, stripe=True)
    while (waiting := pipe.recv()) is not None:
        pipe.send("ready")
        pipe.recv()
        began = time.process_time()
        with sites.signals_put_off():
            for row in waiting:
                process(app, row)
        pipe.send(time.process_time() - began)
    sites.dispose(app)
