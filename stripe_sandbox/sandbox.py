"""The sandbox as one object: start it, drive it, stop it."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import asdict
from types import TracebackType
from typing import Any, Self

from . import billing, disputes, endpoints, payments, refunds, sessions, subscriptions, webhooks
from .account import Account, Delivery
from .api import Api, tick
from .faults import Faults
from .paging import public
from .server import Server, make_server
from .store import DAY, Obj


class Sandbox:
    """A Stripe account behind a local server.

    `settlement` is one currency or several ("CHF,EUR"); charges in another one are converted to
    the first. Without a seed, ids and rates differ from run to run. `capture_delay` is how many
    seconds after a card payment its balance transaction appears, with `charge.updated`; 0 makes
    it part of the payment.
    """

    def __init__(
        self,
        settlement: str | Sequence[str] = "CHF",
        seed: int | None = None,
        key: str = "sk_test_sandbox",
        capture_delay: float = 0.1,
    ) -> None:
        self.seed = secrets.randbits(32) if seed is None else seed
        self.key = key
        self.account = Account(settlement, self.seed, capture_delay)
        self.api = Api(self.account, key)
        self.server: Server | None = None
        self.thread: threading.Thread | None = None

    @property
    def faults(self) -> Faults:
        """Return the faults that wait to happen."""
        return self.account.faults

    @property
    def url(self) -> str:
        """Return the address to give to the SDK as its API base."""
        return self.account.base_url

    def start(self, port: int = 0, host: str = "127.0.0.1", quiet: bool = True) -> Self:
        """Serve from a thread; raise PortTaken if that is impossible."""
        self.server = make_server(self, host, port, quiet)
        self.account.base_url = f"http://{_reachable(host)}:{self.server.port}"
        self.account.scheduler.start()
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()
        return self

    def stop(self) -> None:
        """Stop serving and delivering."""
        if self.server is None:
            return
        self.account.scheduler.stop()
        self.server.shutdown()
        self.server.server_close()
        if self.thread:
            self.thread.join(2)
        self.server = None

    def __enter__(self) -> Self:
        return self if self.server else self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.stop()

    def add_endpoint(self, url: str, secret: str, enabled_events: Sequence[str] = ("*",)) -> Obj:
        """Tell an address about events."""
        with self.account.lock:
            params = {"enabled_events": list(enabled_events)}
            return _copy(endpoints.add(self.account, url, secret, params))

    def pay(self, session_id: str, method: str = "card", outcome: str = "succeed") -> Obj:
        """Pay an open session: "succeed", "decline" or, for a direct debit, "pending"."""
        pay = billing.pay_first if self._subscribes(session_id) else payments.pay
        return _copy(pay(self.account, session_id, method, outcome))

    def _subscribes(self, session_id: str) -> bool:
        with self.account.lock:
            session = self.account.store.get("checkout.session", session_id, "session")
            return bool(session["mode"] == "subscription")

    def settle_async(self, session_id: str, ok: bool = True) -> Obj:
        """Let a pending debit come in, or fail."""
        settle = billing.settle_first if self._subscribes(session_id) else payments.settle
        return _copy(settle(self.account, session_id, ok))

    def settle_invoice(self, invoice_id: str, ok: bool = True) -> Obj:
        """Let a renewal's pending debit come in, or fail (six days do the first)."""
        return _copy(billing.settle(self.account, invoice_id, ok))

    def pay_invoice(self, invoice_id: str, ok: bool = True) -> Obj:
        """Pay an open invoice on its page with a new card, or have that one declined."""
        return _copy(billing.pay_by_hand(self.account, invoice_id, ok))

    def decline_renewals(self, subscription: str, why: str = "insufficient_funds") -> None:
        """Let the card of a subscription be declined from now on; an empty word ends that."""
        with self.account.lock:
            found = self.account.store.get("subscription", subscription)
            subscriptions.method_of(self.account, found)["_declines"] = why

    def set_expiry(self, subscription: str, year: int, month: int) -> None:
        """Let the card of a subscription be good until the end of a month."""
        with self.account.lock:
            found = self.account.store.get("subscription", subscription)
            card = subscriptions.method_of(self.account, found)["card"]
            card.update(exp_year=year, exp_month=month)

    def expire(self, session_id: str) -> Obj:
        """Expire an open session."""
        with self.account.lock:
            return _copy(sessions.expire(self.account, {}, session_id))

    def refund(
        self, charge_or_intent: str, amount: int | None = None, reason: str | None = None
    ) -> Obj:
        """Refund from the dashboard, as it were."""
        name = "payment_intent" if charge_or_intent.startswith("pi_") else "charge"
        given = {name: charge_or_intent, "amount": amount, "reason": reason}
        params = {key: value for key, value in given.items() if value is not None}
        with self.account.lock:
            return _copy(refunds.create(self.account, params))

    def fail_refund(self, refund_id: str, reason: str = "expired_or_canceled_card") -> Obj:
        """Let a refund fail later; the money comes back."""
        return _copy(refunds.fail(self.account, refund_id, reason))

    def succeed_refund(self, refund_id: str) -> Obj:
        """Let a pending refund arrive (five days do the same)."""
        return _copy(refunds.succeed(self.account, refund_id))

    def dispute(
        self,
        charge: str,
        amount: int | None = None,
        reason: str = "fraudulent",
        inquiry: bool = False,
    ) -> Obj:
        """Dispute a charge; an inquiry (`warning_*`) moves no money."""
        return _copy(disputes.open_dispute(self.account, charge, amount, reason, inquiry))

    def close_dispute(self, dispute: str, won: bool) -> Obj:
        """Let the bank decide a dispute."""
        return _copy(disputes.close_dispute(self.account, dispute, won))

    def fraud_warning(self, charge: str, fraud_type: str = "made_with_stolen_card") -> Obj:
        """Issue an early fraud warning."""
        return _copy(disputes.warn(self.account, charge, fraud_type))

    def set_rate(self, source: str, target: str, rate: str) -> None:
        """Fix the rate from one currency to another, whatever the day."""
        with self.account.lock:
            self.account.rates.fix(source, target, rate)

    def advance(self, days: int = 0, seconds: int = 0, months: int = 0) -> int:
        """Put the sandbox's clock forward, by each thing that falls due; return its time."""
        account = self.account
        with account.lock:
            until = subscriptions.months_after(account.clock.now(), months) + days * DAY + seconds
            if until < account.clock.now():
                raise ValueError("the clock only goes forward")
            while (due := billing.due(account)) is not None and due <= until:
                account.clock.advance(max(0, due - account.clock.now()))
                tick(account)
            account.clock.advance(max(0, until - account.clock.now()))
            tick(account)
            return account.clock.now()

    def events(self, type: str | None = None) -> list[Obj]:
        """List the events so far, oldest first."""
        with self.account.lock:
            found = self.account.store.all("event")
            return [_copy(one) for one in found if type in (None, one["type"])]

    def deliveries(self) -> list[Obj]:
        """List what was sent where, with every attempt."""
        with self.account.lock:
            return [_delivery(one) for one in self.account.deliveries]

    def calls(self) -> list[Obj]:
        """List the latest calls of the API with their answers, oldest first."""
        return [asdict(one) for one in list(self.api.log)]

    def flush(self, timeout: float = 10, retries: bool = False) -> bool:
        """Wait until everything due was attempted (with `retries`: until no retry is left)."""
        return self.account.scheduler.flush(timeout, retries)

    def hold_deliveries(self) -> None:
        """Keep deliveries back until they are released."""
        with self.account.lock:
            self.account.holding = True

    def release(self, order: str | Sequence[str] = "fifo") -> list[str]:
        """Send what was held: "fifo", "reverse", "shuffle", or event ids or types in order."""
        with self.account.lock:
            return [one.event["id"] for one in webhooks.release(self.account, order)]


def _reachable(host: str) -> str:
    if host in ("", "0.0.0.0"):  # noqa: S104 (compared, not bound)
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _copy(obj: Obj) -> Obj:
    copy: Obj = public(deepcopy(obj))
    return copy


def _delivery(one: Delivery) -> dict[str, Any]:
    return {
        "event": one.event["id"],
        "type": one.event["type"],
        "endpoint": one.endpoint["url"],
        "state": one.state,
        "copy": one.copy,
        "attempts": list(one.attempts or []),
    }
