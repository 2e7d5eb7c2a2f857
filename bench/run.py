"""What one run on one engine works with."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask

from bench import bare, sites
from bench.data import Size
from bench.engines import Postgres, Sqlite

#: Pledges of the small database that the large one is held against.
FEW = 1_000


@dataclass(frozen=True, slots=True)
class Run:
    """Our sites and the twin on one database of full size, and our site on one of few pledges.

    `site` pays through the bench's own gateway, `taking` takes Stripe's events in.
    """

    database: Sqlite | Postgres
    url: str
    folder: Path
    size: Size
    rounds: int
    share: float
    site: Flask
    taking: Flask
    bare: Flask
    small: Flask

    @property
    def engine(self) -> str:
        """Return the engine's name."""
        return self.database.name

    @property
    def few(self) -> int:
        """Return how many pledges the small database has."""
        return min(FEW, self.size.pledges)

    def steps(self, full: int) -> int:
        """Return how many steps a round has, of so many in a full run."""
        return max(2, round(full * self.share))

    def popular(self, count: int) -> list[int]:
        """Return so many projects, by number."""
        return [1 + number * self.size.projects // count for number in range(count)]


@contextmanager
def started(database: Sqlite | Postgres, size: Size, rounds: int, share: float) -> Iterator[Run]:
    """Yield a run on copies of the templates."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="ashar-bench-")))
        url = stack.enter_context(database.copy(size))
        few = replace(size, pledges=min(FEW, size.pledges))
        small = stack.enter_context(database.copy(few))
        twin = _closing(stack, bare.make(url, sites.SECRET), bare.dispose)
        apps = [
            _closing(stack, sites.make(address, folder / name, stripe=name == "taking"))
            for name, address in (("site", url), ("taking", url), ("small", small))
        ]
        site, taking, other = apps
        yield Run(database, url, folder, size, rounds, share, site, taking, twin, other)


def _closing(
    stack: ExitStack, app: Flask, dispose: Callable[[Flask], None] = sites.dispose
) -> Flask:
    stack.callback(dispose, app)
    return app
