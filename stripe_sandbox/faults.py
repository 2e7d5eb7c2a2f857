"""Faults on demand: on API calls, before or after they took effect, and on webhook deliveries."""

from __future__ import annotations

import random
import threading
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from itertools import count
from typing import Any

CALL_KINDS = frozenset({"500", "502", "503", "429", "hang", "slow", "reset"})
WEBHOOK_KINDS = frozenset(
    {"duplicate", "reorder", "delay", "drop", "concurrent", "wrong_secret", "livemode"}
)


@dataclass
class Fault:
    """What goes wrong, on what, how many times (None: always) and with what chance."""

    id: int
    match: str
    kind: str
    when: str = "before"
    seconds: float = 1.0
    times: int | None = 1
    chance: float = 1.0
    hits: int = field(default=0)


class Faults:
    """Keep the faults that wait to happen."""

    def __init__(self, seed: int) -> None:
        self.lock = threading.Lock()
        self.random = random.Random(seed)  # noqa: S311 (repeatable, not secret)
        self.numbers = count(1)
        self.active: list[Fault] = []

    def add(
        self,
        match: str = "*",
        kind: str = "500",
        *,
        seconds: float = 1.0,
        times: int | None = 1,
        when: str = "before",
        chance: float = 1.0,
    ) -> Fault:
        """Order a fault.

        `match` is a pattern of "POST /v1/refunds" or of "WEBHOOK charge.refunded". Calls know
        500, 502, 503, 429, hang (the answer comes after so many seconds, or with when="before"
        never, and nothing took effect), slow (processed after so many seconds) and reset;
        webhooks know duplicate, reorder, delay, drop, concurrent, wrong_secret and livemode.
        """
        webhook = match.startswith("WEBHOOK")
        if kind not in (WEBHOOK_KINDS if webhook else CALL_KINDS) or when not in BOTH:
            raise ValueError(f"no fault {kind!r} {when!r} for {match!r}")
        with self.lock:
            fault = Fault(next(self.numbers), match, kind, when, seconds, times, chance)
            self.active.append(fault)
        return fault

    def clear(self) -> None:
        """Forget all faults."""
        with self.lock:
            self.active.clear()

    def waiting(self) -> list[dict[str, Any]]:
        """List the faults that can still happen."""
        with self.lock:
            return [asdict(fault) for fault in self.active]

    def take_call(self, method: str, path: str, when: str) -> Fault | None:
        """Use up the first fault for a call, if there is one."""
        with self.lock:
            return next(self._hits(f"{method} {path}", CALL_KINDS, when), None)

    def take_webhook(self, type: str) -> list[Fault]:
        """Use up every fault for a delivery."""
        with self.lock:
            return list(self._hits(f"WEBHOOK {type}", WEBHOOK_KINDS, "before"))

    def uniform(self, seconds: float) -> float:
        """Draw a delay from the seeded generator."""
        with self.lock:
            return self.random.uniform(0, seconds)

    def _hits(self, text: str, kinds: frozenset[str], when: str) -> Any:
        for fault in list(self.active):
            if fault.kind not in kinds or fault.when != when:
                continue
            if fnmatchcase(text, fault.match) and self.random.random() < fault.chance:
                self._use(fault)
                yield fault

    def _use(self, fault: Fault) -> None:
        fault.hits += 1
        if fault.times is not None and fault.hits >= fault.times:
            self.active.remove(fault)


BOTH = ("before", "after")
