"""The page that lists what the sandbox did, with the buttons of bank and card network."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from .balance import show
from .pages import page

if TYPE_CHECKING:
    from .sandbox import Sandbox

SHOWN = 50


def respond(sandbox: Sandbox, request: Request) -> Response:
    """Show the page, or do what was clicked."""
    if request.method != "POST":
        return _show(sandbox)
    act = actions(sandbox).get(request.form.get("action", ""))
    try:
        if act is None:
            raise ValueError("no such action")
        act(request.form.get("id", ""))
    except ValueError as error:
        return _show(sandbox, str(error), 409)
    return redirect("/", 303)


def actions(sandbox: Sandbox) -> dict[str, Callable[[str], Any]]:
    """Name what the buttons do."""
    return {
        "debit_ok": sandbox.settle_async,
        "debit_fail": lambda id: sandbox.settle_async(id, False),
        "refund": sandbox.refund,
        "refund_ok": sandbox.succeed_refund,
        "refund_fail": sandbox.fail_refund,
        "dispute": sandbox.dispute,
        "won": lambda id: sandbox.close_dispute(id, True),
        "lost": lambda id: sandbox.close_dispute(id, False),
        "fraud_warning": sandbox.fraud_warning,
        "renewals_fail": sandbox.decline_renewals,
        "renewals_pass": lambda id: sandbox.decline_renewals(id, ""),
        "months": lambda months: sandbox.advance(months=int(months)),
        "advance": lambda days: sandbox.advance(int(days)),
    }


def _show(sandbox: Sandbox, notice: str = "", status: int = 200) -> Response:
    store, account = sandbox.account.store, sandbox.account
    kinds = {
        "sessions": "checkout.session",
        "charges": "charge",
        "subscriptions": "subscription",
        "invoices": "invoice",
        "refunds": "refund",
        "disputes": "dispute",
        "movements": "balance_transaction",
        "events": "event",
    }
    with account.lock:
        lists: dict[str, Any] = {
            name: store.all(kind)[: -SHOWN - 1 : -1] for name, kind in kinds.items()
        }
        intents = {one["id"]: one for one in store.all("payment_intent")}
        values: dict[str, Any] = {
            "balance": show(account, {}),
            "now": account.clock.now(),
            "deliveries": sandbox.deliveries()[: -SHOWN - 1 : -1],
            "calls": sandbox.calls()[: -SHOWN - 1 : -1],
            "faults": sandbox.faults.waiting(),
        }
        return page("console.html", status, notice=notice, intents=intents, **lists, **values)
