"""Processes that live and end together: children under one supervisor, also when it is killed."""

import ctypes
import os
import signal
import socket
import subprocess  # noqa: S404 - to start our own programs, never with a shell
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import IO, Any

from ashar.kernel.errors import ConfigError

PR_SET_PDEATHSIG = 1
POLL = 0.1
#: Seconds that children have for the requests and jobs at hand, before they are killed.
GRACE = 30.0
FIRST_WAIT = 0.5
LONGEST_WAIT = 30.0
#: A child that has lived so many seconds was well; its next failure counts as the first.
WELL = 60.0

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with(parent: int) -> None:
    """Let the kernel kill this process when its parent ends, however it ends.

    The parent has to have started it from its main thread. Outlives an exec; does nothing where
    there is no such call.
    """
    if _libc is None:
        return
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    # The parent may have ended before the call.
    if os.getppid() != parent:
        os._exit(1)


def free_port(host: str, port: int, what: str) -> None:
    """Raise ConfigError in words when an address cannot be had.

    Servers that share a port by SO_REUSEPORT would start on a taken one without a word.
    """
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with closing(socket.socket(family, kind, proto)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise ConfigError(f"{what} cannot listen on {host}:{port}: {why}.") from error


@dataclass
class Child:
    """A program that is started, and started again when it ends."""

    name: str
    command: Sequence[str]
    process: "subprocess.Popen[bytes] | None" = None
    failures: int = 0
    started: float = 0.0
    due: float = 0.0


class Supervisor:
    """Keeps children alive until it is told to stop, then ends them in reverse order."""

    def __init__(
        self,
        children: Sequence[Child],
        environ: Mapping[str, str],
        say: Callable[[str], None],
        log: IO[Any] | None = None,
    ) -> None:
        self._children = list(children)
        self._environ = dict(environ)
        self._say = say
        self._log = log
        self._stopping = False

    def run(self, each: Callable[[], None] = lambda: None) -> None:
        """Start all, keep them running, and return when all have ended after a signal.

        Has to run in the main thread. `each` is called a few times a second.
        """
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._stop)
        try:
            while not self._stopping:
                for child in self._children:
                    self._tend(child)
                each()
                time.sleep(POLL)
        finally:
            self._end()

    def _stop(self, _number: int, _frame: Any) -> None:
        self._stopping = True

    def _tend(self, child: Child) -> None:
        """Start a child that does not run, once its time has come."""
        if child.process is not None:
            status = child.process.poll()
            if status is None:
                return
            self._note_end(child, status)
        if not self._stopping and time.monotonic() >= child.due:
            self._start(child)

    def _note_end(self, child: Child, status: int) -> None:
        now = time.monotonic()
        child.process = None
        child.failures = 1 if now - child.started > WELL else child.failures + 1
        wait = min(FIRST_WAIT * 2 ** (child.failures - 1), LONGEST_WAIT)
        child.due = now + wait
        self._say(f"{child.name} has ended ({_words(status)}); it starts again in {wait:g} s.")

    def _start(self, child: Child) -> None:
        parent = os.getpid()
        child.started = time.monotonic()
        child.process = subprocess.Popen(  # noqa: S603
            list(child.command),
            env=self._environ,
            stdin=subprocess.DEVNULL,
            # What children print is their log; standard output is the supervisor's own.
            stdout=self._log or sys.stderr,
            stderr=self._log,
            # Ctrl-C goes to the supervisor alone, which ends them in order.
            process_group=0,
            preexec_fn=lambda: die_with(parent),  # noqa: PLW1509 - it has one thread
        )

    def _end(self) -> None:
        deadline = time.monotonic() + GRACE
        for child in reversed(self._children):
            if child.process is not None:
                _end_process(child.process, max(deadline - time.monotonic(), 0.5))


def _end_process(process: "subprocess.Popen[bytes]", seconds: float) -> None:
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        # Its whole group, since it leads one.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _words(status: int) -> str:
    return f"exit {status}" if status >= 0 else signal.Signals(-status).name
