"""Events taken in and settled, beside a bare endpoint that verifies and inserts one row."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext

from flask import Flask

from ashar.kernel.db import session
from ashar.pledges import tasks, webhooks
from ashar.pledges.models import Inbox
from bench import events, wsgi
from bench.events import Stock
from bench.measure import Compared, Cost, Side, compare, local
from bench.results import Row, rows, shown
from bench.run import Run
from bench.sites import signals_put_off
from bench.wsgi import Call


def measure(run: Run) -> Iterator[Row]:
    """Compare acknowledging, settling, and settling with its letter written as well."""
    steps = run.steps(60)

    def stock() -> Stock:
        return Stock(run.taking, run.popular(40), (run.rounds + 1) * steps)

    def against(ours: Callable[[int], Cost]) -> Compared:
        return compare(ours, posted(run.bare, stock(), "bare"), run.rounds, steps)

    found = against(acknowledged(run.taking, stock()))
    yield from rows("webhook acknowledged / bare endpoint", run.engine, found, least=0.7)
    found = against(settled(run.taking, stock(), signals_put_off))
    yield from rows("stored to settled / bare endpoint", run.engine, found, least=0.3)
    found = against(settled(run.taking, stock(), nullcontext))
    yield from shown("  the same, its letter written too", run.engine, found)


def posted(app: Flask, stock: Stock, who: str) -> Callable[[int], Cost]:
    """Return what measures signed events sent to a site, until its answer is closed."""

    def calls(steps: int) -> list[Call]:
        bodies = stock.take(who, steps)
        return [Call(events.PATH, "POST", body, events.signed(body)) for body in bodies]

    return wsgi.side(app, calls, "200")


def acknowledged(app: Flask, stock: Stock) -> Callable[[int], Cost]:
    """Return what measures an event until its answer is out; processing comes after that."""
    send = posted(app, stock, "acknowledged")

    def measured(steps: int) -> Cost:
        processing, webhooks._processing = webhooks._processing, lambda row: lambda: None
        try:
            return send(steps)
        finally:
            webhooks._processing = processing

    return measured


def settled(
    app: Flask, stock: Stock, after: Callable[[], AbstractContextManager[None]]
) -> Callable[[int], Cost]:
    """Return what measures stored events until they are settled; `after` bounds what follows."""
    waiting: list[int] = []

    def prepare(steps: int) -> None:
        waiting[:] = events.stored(app, stock.take("settled", steps))

    def work(_steps: int) -> None:
        with after():
            for row in waiting:
                process(app, row)

    return local(Side(work, prepare))


def process(app: Flask, row: int) -> None:
    """Settle one stored event; raise unless it was."""
    with app.app_context():
        state = tasks.process(row)
        if state != "done":
            why = session.get_one(Inbox, row).reason
            raise RuntimeError(f"event {row} is {state}: {why}")


def taken_in(app: Flask, stock: Stock) -> Callable[[int], Cost]:
    """Return what measures an event from the request to its settlement."""
    send = posted(app, stock, "taken in")

    def measured(steps: int) -> Cost:
        with signals_put_off():
            return send(steps)

    return measured
