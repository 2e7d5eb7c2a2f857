"""`ashar run`, `ashar worker`, `ashar sandbox`: the processes of a running site.

`run` supervises and loads no app itself. Its children are programs of this file, started as
`python -m ashar.serve web|jobs|check`, which load the app: the host's, named as Flask names it, or
the stand-alone site.
"""

import importlib
import json
import logging
import os
import secrets
import signal
import socket
import subprocess  # noqa: S404 - to start our own programs, never with a shell
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, cast

import click
from flask import Flask
from flask.cli import ScriptInfo

# Loaded before a worker begins, so that no visitor waits for it.
from ashar import features  # noqa: F401
from ashar.kernel import config, jobs, locks, logs
from ashar.kernel.errors import AsharError
from ashar.kernel.i18n import N_
from ashar.kernel.processes import Child, Supervisor, die_with, free_port

log = logging.getLogger(__name__)

HOOK = "/webhooks/stripe"
#: Shown on every page beside a sandbox, unless the settings have a sentence of their own.
NOTICE = N_("Sample data: projects and sums are made up.")
#: What a sandbox started alone signs with, unless the settings say otherwise.
SANDBOX_SECRET = "whsec_sandbox"  # noqa: S105 - production refuses it
#: Blocking threads of a worker. A call to Stripe may hang for its time-out; the other pages must
#: not wait for it. Idle threads end by themselves.
THREADS = 16
#: Jobs that a job process runs at the same time, those that recur apart.
CONSUMERS = 2
JSON = {"()": "ashar.kernel.logs.JsonFormatter"}
#: Seconds that a request at hand has when its worker is told to end.
KILL_AFTER = 20


@dataclass(frozen=True, slots=True)
class Plan:
    """What `ashar run` was asked for; `app` as Flask names it, None for the stand-alone site."""

    app: str | None
    host: str
    port: int
    workers: int
    threads: int
    sandbox: bool
    sandbox_port: int
    hook: str
    no_jobs: bool
    log: Path | None

    @property
    def url(self) -> str:
        """Return the address to open in a browser, also when the site listens everywhere."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104
        return f"http://{host}:{self.port}"


port_option = partial(click.option, type=click.IntRange(1, 65535), show_default=True)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@port_option("--port", default=5000)
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True)
@click.option("--threads", type=click.IntRange(4, 256), default=THREADS, show_default=True)
@click.option("--sandbox", is_flag=True, help="With a Stripe sandbox beside it.")
@port_option("--sandbox-port", default=12111)
@click.option("--hook", default=HOOK, show_default=True, help="Where the sandbox sends webhooks.")
@click.option("--no-jobs", is_flag=True, help="Without a job process: `ashar worker` runs it.")
@click.option("--log", type=click.Path(dir_okay=False, path_type=Path), help="File for the logs.")
@click.pass_context
def run(context: click.Context, /, **given: Any) -> None:
    """Serve the site, with a job process beside it; all of them end together."""
    plan = Plan(app=_app_name(context), **given)
    environ = _environment(plan)
    try:
        if plan.sandbox and "_live_" in environ["ASHAR_STRIPE_SECRET_KEY"]:
            raise AsharError("The sandbox is not for a live key: unset ASHAR_STRIPE_SECRET_KEY.")
        free_port(plan.host, plan.port, "Ashar")
        if plan.sandbox:
            free_port("127.0.0.1", plan.sandbox_port, "The Stripe sandbox")
        _check(plan, environ)
    except AsharError as error:
        raise click.ClickException(str(error)) from error
    with ExitStack() as stack:
        file = stack.enter_context(plan.log.open("ab")) if plan.log else None
        if plan.sandbox and plan.app is None:
            stack.enter_context(_told_to_commands(plan, environ))
        Supervisor(_children(plan, environ), environ, click.echo, file).run(_announce(plan))


@click.command()
@click.pass_context
def worker(context: click.Context) -> None:
    """Run jobs, and while no other worker does, those that recur."""
    consume(load(_app_name(context)))


@click.command()
@port_option("--port", default=12111)
def sandbox(port: int) -> None:
    """Run the Stripe sandbox alone, with webhooks to ASHAR_BASE_URL."""
    environ = {"ASHAR_BASE_URL": "http://127.0.0.1:5000", **os.environ}
    main = importlib.import_module("stripe_sandbox.__main__").main
    secret = environ.get("ASHAR_STRIPE_WEBHOOK_SECRET") or SANDBOX_SECRET
    for name, value in _sandbox_settings(port, secret).items():
        if not environ.get(name):
            click.echo(f"{name}={value}")
    sys.exit(main(_sandbox_options(environ, port, environ["ASHAR_BASE_URL"] + HOOK, secret)))


def _app_name(context: click.Context) -> str | None:
    """Return the host's app as Flask was told it; None for the stand-alone site."""
    info = context.ensure_object(ScriptInfo)
    return None if info.create_app is not None else info.app_import_path or ""


def load(name: str | None) -> Flask:
    """Make the app: the host's by its name, else the stand-alone site."""
    if name is not None:
        return ScriptInfo(app_import_path=name or None).load_app()
    made: Flask = importlib.import_module("ashar.site").create_app()
    return made


def _environment(plan: Plan) -> dict[str, str]:
    """Return the children's environment; the sandbox's settings fill what is not set."""
    environ = dict(os.environ)
    if plan.app is None:
        environ.setdefault("ASHAR_BASE_URL", plan.url)
    if plan.sandbox:
        secret = "whsec_sandbox" + secrets.token_hex(16)
        for name, value in _sandbox_settings(plan.sandbox_port, secret).items():
            environ[name] = environ.get(name) or value
    return environ


def _sandbox_file(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("ASHAR_INSTANCE_PATH") or "instance") / "sandbox.json"


@contextmanager
def _told_to_commands(plan: Plan, environ: Mapping[str, str]) -> Iterator[None]:
    """Leave the sandbox's settings where `ashar refund` and its like find them meanwhile."""
    path = _sandbox_file(environ)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    names = ("ASHAR_BASE_URL", *_sandbox_settings(plan.sandbox_port, ""))
    told = {name: environ[name] for name in names}
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump({"port": plan.sandbox_port, "settings": told}, file)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def beside_sandbox(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment with the settings of the sandbox that runs beside the site, if any."""
    path = _sandbox_file(environ)
    if environ.get("ASHAR_STRIPE_SECRET_KEY") or not path.exists():
        return dict(environ)
    told = json.loads(path.read_text(encoding="utf-8"))
    # After a kill the file may outlive its sandbox.
    return told["settings"] | environ if _listens("127.0.0.1", told["port"]) else dict(environ)


def _sandbox_settings(port: int, secret: str) -> dict[str, str]:
    return {
        "ASHAR_STRIPE_SECRET_KEY": "sk_test_sandbox",
        "ASHAR_STRIPE_API_BASE": f"http://127.0.0.1:{port}",
        "ASHAR_STRIPE_WEBHOOK_SECRET": secret,
        "ASHAR_NOTICE": NOTICE,
    }


def _sandbox_options(environ: dict[str, str], port: int, hook: str, secret: str) -> list[str]:
    key = environ.get("ASHAR_STRIPE_SECRET_KEY") or "sk_test_sandbox"
    first = secret.split(",")[0].strip()
    given = ("--port", str(port), "--webhook", hook, "--secret", first, "--key", key, "--quiet")
    return list(given)


def _children(plan: Plan, environ: dict[str, str]) -> list[Child]:
    """Name the processes, in the order of their start."""
    found = []
    if plan.sandbox:
        secret = environ["ASHAR_STRIPE_WEBHOOK_SECRET"]
        options = _sandbox_options(environ, plan.sandbox_port, plan.url + plan.hook, secret)
        found.append(Child("sandbox", [sys.executable, "-m", "stripe_sandbox", *options]))
    if not plan.no_jobs:
        found.append(Child("jobs", _program("jobs", plan)))
    listen = ("--host", plan.host, "--port", plan.port)
    size = ("--workers", plan.workers, "--threads", plan.threads)
    found.append(Child("web", _program("web", plan, *listen, *size)))
    return found


def _program(name: str, plan: Plan, *options: str | int) -> list[str]:
    named = () if plan.app is None else ("--app", plan.app)
    return [sys.executable, "-m", "ashar.serve", name, *named, *map(str, options)]


def _check(plan: Plan, environ: dict[str, str]) -> None:
    """Make the app once, in a process that ends, so that a wrong setting binds nothing."""
    flag = ("--sandbox",) if plan.sandbox else ()
    done = subprocess.run(_program("check", plan, *flag), env=environ, check=False)  # noqa: S603
    if done.returncode:
        sys.exit(1)


def _announce(plan: Plan) -> Callable[[], None]:
    """Return a step that says, once, that the site answers."""
    told: list[bool] = []

    def step() -> None:
        if told or not _answers(plan):
            return
        told.append(True)
        click.echo(f"Ashar is on {plan.url}")
        if plan.sandbox:
            click.echo(f"The Stripe sandbox is on http://127.0.0.1:{plan.sandbox_port}")
        click.echo("Ctrl-C ends it.")

    return step


def _answers(plan: Plan) -> bool:
    return _listens(plan.url.removeprefix("http://").rsplit(":", 1)[0].strip("[]"), plan.port)


def _listens(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), timeout=1).close()
    except OSError:
        return False
    return True


# What follows runs in the children.


@click.group()
def programs() -> None:
    """Be one of the processes of `ashar run`."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger().handlers[0].setFormatter(logs.JsonFormatter())
    for name in ("alembic", "huey"):
        logging.getLogger(name).setLevel(logging.WARNING)


app_option = click.option("--app")


@programs.command()
@app_option
@click.option("--sandbox", is_flag=True)
def check(app: str | None, sandbox: bool) -> None:
    """Make the app; say what stands in its way."""
    found = load(app)
    if sandbox and config.is_production(found.config):
        raise AsharError("The Stripe sandbox does not belong on a production site.")
    with found.app_context():
        if trouble := found.extensions["ashar"].ready()["migrations"]:
            click.echo(f"The database needs `ashar upgrade`: {trouble}", err=True)


@programs.command()
@app_option
@click.option("--host")
@click.option("--port", type=int)
@click.option("--workers", type=int)
@click.option("--threads", type=int)
def web(app: str | None, host: str, port: int, workers: int, threads: int) -> None:
    """Serve; the app is loaded by each worker after the fork, never before."""
    granian = importlib.import_module("granian")
    server = granian.Granian(
        app or "ashar",
        host,
        port,
        interface=granian.constants.Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=KILL_AFTER,
        log_level=granian.log.LogLevels.error,
        log_dictconfig={"formatters": dict.fromkeys(("generic", "access"), JSON)},
    )
    server.serve(target_loader=partial(_load_worker, app, os.getpid()), wrap_loader=False)


def _load_worker(app: str | None, parent: int) -> Flask:
    """Load the app in a worker, which granian by itself would leave behind as an orphan."""
    die_with(parent)
    # Until granian sets handlers of its own, those forked from its main process would only note
    # the signal, and nobody would look.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    return load(app)


@programs.command("jobs")
@app_option
def run_jobs(app: str | None) -> None:
    """Run jobs."""
    consume(load(app))


def consume(app: Flask) -> None:
    """Run jobs until SIGTERM or SIGINT, and end after those at hand."""
    over = threading.Event()
    state = app.extensions["ashar"]
    with app.app_context():
        queue: jobs.Queue = state.queue
        lock = locks.make_lock("ticker", state.database.engine, state.folder)
    consumer = _start_consumer(queue)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    spread = Spread(queue)
    ticker = jobs.Ticker(cast(jobs.Queue, spread))
    while not over.wait(1.0):
        if lock.held():
            ticker.tick(time.monotonic())
    if consumer is not None:
        consumer.stop(graceful=True)
    spread.end()
    lock.release()


def _start_consumer(queue: jobs.Queue) -> Any:
    """Start threads that take jobs from the queue, where there is one."""
    if queue.huey is None:
        return None
    made = queue.huey.create_consumer(
        workers=CONSUMERS, periodic=False, initial_delay=0.05, backoff=1.3, max_delay=1.0
    )
    made.start()
    return made


@dataclass
class Spread:
    """Stands for the queue to a ticker and gives each recurring job a thread.

    One that waits for Stripe must not hold up the others; one that still runs is left alone.
    """

    queue: jobs.Queue
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(16, "recurring"))
    running: dict[str, "Future[None]"] = field(default_factory=dict)

    def run(self, name: str) -> None:
        """Begin a job, unless it is still at it."""
        if name not in self.running or self.running[name].done():
            self.running[name] = self.pool.submit(self._run, name)

    def _run(self, name: str) -> None:
        try:
            self.queue.run(name)
        except Exception:
            log.exception("recurring job %s failed", name)

    def end(self) -> None:
        """Wait for the jobs at hand."""
        self.pool.shutdown(wait=True, cancel_futures=True)


if __name__ == "__main__":
    try:
        programs()
    except AsharError as error:
        raise SystemExit(f"ashar: {error}") from error
