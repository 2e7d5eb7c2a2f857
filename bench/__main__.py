"""Run the pairs, print the table, write the JSON: python -m bench [--only pages,webhooks]."""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from bench import djstripe, engines, pages, pledging, results, rounds, starting, webhooks, writers
from bench.data import Size
from bench.results import Row
from bench.run import Run, started

PAIRS: dict[str, Callable[[Run], Iterable[Row]]] = {
    "pages": pages.measure,
    "pledging": pledging.measure,
    "webhooks": webhooks.measure,
    "djstripe": djstripe.measure,
    "writers": writers.measure,
    "rounds": rounds.measure,
    "starting": starting.measure,
}
#: Pairs for which only a server with many writers makes sense.
SERVER_ONLY = frozenset({"djstripe", "writers"})


def main(arguments: list[str] | None = None) -> int:
    """Return 0 when every bound holds."""
    given = _parser().parse_args(arguments)
    began = time.monotonic()
    found = list(_measured(given))
    print(results.table(found))
    about = {
        "projects": given.projects,
        "pledges": given.pledges,
        "rounds": given.rounds,
        "cpus": os.cpu_count(),
        "seconds": round(time.monotonic() - began),
    }
    results.write(given.json, found, about)
    return int(not all(row.holds for row in found))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--projects", type=int, default=10_000)
    parser.add_argument("--pledges", type=int, default=1_000_000)
    parser.add_argument("--engines", default="sqlite,postgresql")
    parser.add_argument("--only", default=",".join(PAIRS), help="pairs, by comma")
    parser.add_argument("--rounds", type=int, default=11, help="rounds of each pair")
    parser.add_argument("--share", type=float, default=1.0, help="of a full round's steps")
    parser.add_argument("--cache", type=Path, default=engines.CACHE)
    parser.add_argument("--json", type=Path, default=Path("bench-results.json"))
    return parser


def _measured(given: argparse.Namespace) -> Iterator[Row]:
    size = Size(given.projects, given.pledges)
    for name in given.engines.split(","):
        _say(f"{name}: {size.projects:,} projects, {size.pledges:,} pledges …")
        database = engines.make(name, given.cache)
        try:
            with started(database, size, given.rounds, given.share) as run:
                yield from _pairs(run, given.only.split(","))
        finally:
            database.close()


def _pairs(run: Run, wanted: list[str]) -> Iterator[Row]:
    for pair in wanted:
        if run.engine == "sqlite" and pair in SERVER_ONLY:
            continue
        _say(f"  {pair} …")
        yield from PAIRS[pair](run)


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
