"""One Stripe account: its objects, clock, rates, settings and what it told the world."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass

from .currencies import check_currency
from .faults import Faults
from .rates import Rates
from .scheduler import Scheduler
from .store import Clock, Obj, Store


@dataclass(frozen=True)
class Cause:
    """The API request that caused an event; both are None for what a donor or bank did."""

    id: str | None = None
    idempotency_key: str | None = None


NO_REQUEST = Cause()
cause: ContextVar[Cause] = ContextVar("cause", default=NO_REQUEST)


@dataclass
class Delivery:
    """One event on its way to one endpoint, with the attempts made."""

    event: Obj
    endpoint: Obj
    secret: str
    state: str = "waiting"  # held, waiting, delivered, failed, dropped
    attempts: list[Obj] | None = None
    livemode: bool = False
    copy: bool = False

    def record(self, attempt: Obj) -> None:
        """Add an attempt."""
        self.attempts = [*(self.attempts or []), attempt]


class Account:
    """Hold the state; the lock guards all of it and is never held while waiting."""

    def __init__(self, settlement: str | Sequence[str], seed: int, capture_delay: float) -> None:
        names = settlement.split(",") if isinstance(settlement, str) else settlement
        self.settlement = [check_currency(name.strip(), "settlement") for name in names]
        self.capture_delay = capture_delay
        self.base_url = ""
        self.lock = threading.RLock()
        self.clock = Clock()
        self.store = Store(seed)
        self.rates = Rates(seed)
        self.faults = Faults(seed)
        self.scheduler = Scheduler()
        self.secrets: dict[str, str] = {}
        self.deliveries: list[Delivery] = []
        self.holding = False
        self.held: list[Delivery] = []

    def settles_in(self, currency: str) -> str:
        """Return the currency in which a charge settles."""
        return currency if currency in self.settlement else self.settlement[0]

    def settle(self, amount: int, currency: str) -> tuple[int, str, float | None]:
        """Convert to the settlement currency at today's rate; the rate is None for the same."""
        target = self.settles_in(currency)
        if target == currency:
            return amount, target, None
        settled, rate = self.rates.convert(amount, currency, target, self.clock.day())
        return settled, target, float(rate)
