"""dj-stripe handling the same events on the same PostgreSQL, in a virtual environment of its own.

It needs an older Stripe SDK than ours. Its process is driven line by line, so that both sides
take turns; what it asks Stripe for is answered in memory.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench import events
from bench.engines import Postgres
from bench.events import Stock
from bench.measure import Cost, compare
from bench.results import Row, rows
from bench.run import Run
from bench.sites import SECRET
from bench.webhooks import taken_in

SERVER = Path(__file__).with_name("django_site") / "server.py"
VENV = Path(__file__).resolve().parent.parent / ".venv-djstripe"
PARTS = ("dj-stripe==2.11.*", "stripe<16", "psycopg[binary]>=3.2")


def measure(run: Run) -> Iterator[Row]:
    """Compare handling `payment_intent.succeeded`, from the request to what is kept of it."""
    if not isinstance(run.database, Postgres):
        return
    steps = run.steps(60)
    stock = Stock(run.taking, run.popular(40), (run.rounds + 1) * steps)
    with run.database.empty() as url, _server(url) as theirs:
        ours = taken_in(run.taking, stock)
        found = compare(ours, _handling(theirs, stock, run.folder), run.rounds, steps)
    cpu, wall = rows("acknowledged and settled / dj-stripe 2.11", run.engine, found, least=4)
    # By the clock both wait for the same disk.
    yield from (cpu, replace(wall, least=None))


def install() -> Path:
    """Build the virtual environment, once; return its Python."""
    python = VENV / "bin" / "python"
    if not (VENV / "ready").exists():
        print("Setting up .venv-djstripe (once) …", file=sys.stderr, flush=True)
        for command in _commands(python):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise RuntimeError(f"dj-stripe could not be installed:\n{done.stderr[-2000:]}")
        (VENV / "ready").touch()
    return python


def _commands(python: Path) -> tuple[list[str], list[str]]:
    if uv := shutil.which("uv"):
        make = [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(VENV)]
        return make, [uv, "pip", "install", "--quiet", "--python", str(python), *PARTS]
    make = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    return make, [str(python), "-I", "-m", "pip", "install", "--quiet", *PARTS]


@contextmanager
def _server(url: str) -> Iterator["subprocess.Popen[str]"]:
    command = [str(install()), str(SERVER), url, SECRET]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        _ask(process, {"do": "begin"})
        try:
            yield process
        finally:
            process.communicate()


def _ask(process: "subprocess.Popen[str]", what: dict[str, Any]) -> dict[str, float]:
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the pipes are missing")
    process.stdin.write(json.dumps(what) + "\n")
    process.stdin.flush()
    line = process.stdout.readline()
    if not line:
        raise RuntimeError("dj-stripe's process has ended; its words are above")
    found: dict[str, float] = json.loads(line)
    return found


def _handling(
    process: "subprocess.Popen[str]", stock: Stock, folder: Path
) -> Callable[[int], Cost]:
    def measured(steps: int) -> Cost:
        bodies = stock.take("dj-stripe", steps)
        listed = [
            {"body": body.decode(), "signature": events.signed(body)["Stripe-Signature"]}
            for body in bodies
        ]
        path = folder / "events.json"
        path.write_text(json.dumps(listed), encoding="utf-8")
        answer = _ask(process, {"do": "handle", "path": str(path)})
        return Cost(answer["cpu"] / steps, answer["wall"] / steps)

    return measured
