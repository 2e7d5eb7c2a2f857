"""Run jobs now or later on a few threads; jobs of one lane run one after another."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

WORKERS = 6


@dataclass(order=True)
class Job:
    """Something to run at a time; `flush` waits for it if it is awaited."""

    due: float
    number: int
    run: Callable[[], None] = field(compare=False)
    lane: str | None = field(compare=False, default=None)
    awaited: bool = field(compare=False, default=True)


class Scheduler:
    """Keep the jobs and the threads that run them."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.waiting: list[Job] = []
        self.running: list[Job] = []
        self.numbers = count()
        self.stopped = False
        self.threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start the threads."""
        for _ in range(WORKERS):
            thread = threading.Thread(target=self._work, daemon=True)
            self.threads.append(thread)
            thread.start()

    def stop(self, timeout: float = 2) -> None:
        """End the threads after the jobs they are running."""
        with self.changed:
            self.stopped = True
            self.waiting.clear()
            self.changed.notify_all()
        for thread in self.threads:
            thread.join(timeout)

    def add(
        self,
        run: Callable[[], None],
        delay: float = 0,
        lane: str | None = None,
        awaited: bool = True,
    ) -> None:
        """Run something after a delay in seconds."""
        with self.changed:
            if self.stopped:
                return
            due = time.monotonic() + delay
            self.waiting.append(Job(due, next(self.numbers), run, lane, awaited))
            self.waiting.sort()
            self.changed.notify_all()

    def flush(self, timeout: float = 10, retries: bool = False) -> bool:
        """Wait until nothing awaited (and, if asked, no retry) is waiting or running."""

        def idle() -> bool:
            jobs = [*self.waiting, *self.running]
            wanted = (job for job in jobs if job.awaited or (retries and job.lane))
            return self.stopped or next(wanted, None) is None

        with self.changed:
            return self.changed.wait_for(idle, timeout)

    def _work(self) -> None:
        while job := self._next():
            try:
                job.run()
            finally:
                with self.changed:
                    self.running.remove(job)
                    self.changed.notify_all()

    def _next(self) -> Job | None:
        with self.changed:
            while not self.stopped:
                job = self._ready()
                if job:
                    self.waiting.remove(job)
                    self.running.append(job)
                    return job
                self.changed.wait(self._pause())
        return None

    def _ready(self) -> Job | None:
        now = time.monotonic()
        busy = {job.lane for job in self.running if job.lane}
        due = (job for job in self.waiting if job.due <= now and job.lane not in busy)
        return next(due, None)

    def _pause(self) -> float | None:
        now = time.monotonic()
        later = [job.due - now for job in self.waiting if job.due > now]
        # A due job whose lane is busy needs no timer: the end of that lane's job wakes us.
        return min(later, default=None)
