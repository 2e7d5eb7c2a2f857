"""The listing and the project page, whole layout, beside a bare page with twenty cards."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import quote

from flask import Flask

from bench import wsgi
from bench.data import slug
from bench.measure import Cost, compare
from bench.results import Row, rows
from bench.run import Run

LISTING = "/projects"
#: The beginning of an oblast's name, and of a word that every project has.
SEARCHES = {"search for нар": "нар", "search for айы, which all have": "айы"}


def measure(run: Run) -> Iterator[Row]:
    """Compare both pages with the twin's listing, then with themselves on few pledges."""
    steps = run.steps(60)
    # A project in the middle: neither the one that gets most nor one that gets nothing.
    pages = {"listing": LISTING, "project page": f"{LISTING}/{slug(min(42, run.size.projects))}"}
    for name, path in pages.items():
        bare = _page(run.bare, LISTING)
        found = compare(_page(run.site, path), bare, run.rounds, steps)
        yield from rows(f"{name} / bare page of 20 cards", run.engine, found, most=1.5)
        found = compare(_anew(run.site, path), bare, run.rounds, steps)
        yield rows("  the same, rendered anew", run.engine, found)[0]
    yield from _searches(run, steps)
    for name, path in pages.items():
        for how, page in (("", _page), (", rendered anew", _anew)):
            found = compare(page(run.site, path), page(run.small, path), run.rounds, steps)
            label = f"{name}{how}: {run.size.pledges:,} / {run.few:,} pledges"
            yield rows(label, run.engine, found, most=1.1)[0]


def _searches(run: Run, steps: int) -> Iterator[Row]:
    """Compare searches with the twin's listing, by the CPU and by the clock."""
    bare = _page(run.bare, LISTING)
    for name, words in SEARCHES.items():
        path = f"{LISTING}?q={quote(words)}"
        found = compare(_page(run.site, path), bare, run.rounds, steps)
        cpu, clock = rows(f"{name} / bare page of 20 cards", run.engine, found, most=3)
        yield from (cpu, replace(clock, least=1 / 3))
        found = compare(_anew(run.site, path), bare, run.rounds, steps)
        yield rows("  the same, rendered anew", run.engine, found)[0]


def _anew(app: Flask, path: str) -> Callable[[int], Cost]:
    """Return what measures a page that is remembered by nobody."""
    page, state = _page(app, path), app.extensions["ashar"]

    def measured(steps: int) -> Cost:
        remembered, state.pages = state.pages, None
        try:
            return page(steps)
        finally:
            state.pages = remembered

    return measured


def _page(app: Flask, path: str) -> Callable[[int], Cost]:
    return wsgi.side(app, lambda steps: [wsgi.Call(path)] * steps, "200")
