"""The sandbox's own controls over HTTP, for other processes: POST JSON to `/_sandbox/<verb>`."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from .sandbox import Sandbox


def verbs(sandbox: Sandbox) -> dict[str, Callable[..., Any]]:
    """Name what can be done over HTTP; the JSON object's keys are the arguments."""
    return {
        "pay": sandbox.pay,
        "settle_async": sandbox.settle_async,
        "settle_invoice": sandbox.settle_invoice,
        "pay_invoice": sandbox.pay_invoice,
        "decline_renewals": sandbox.decline_renewals,
        "set_expiry": sandbox.set_expiry,
        "expire": sandbox.expire,
        "refund": sandbox.refund,
        "fail_refund": sandbox.fail_refund,
        "succeed_refund": sandbox.succeed_refund,
        "dispute": sandbox.dispute,
        "close_dispute": sandbox.close_dispute,
        "fraud_warning": sandbox.fraud_warning,
        "rates": sandbox.set_rate,
        "advance": sandbox.advance,
        "endpoints": sandbox.add_endpoint,
        "events": sandbox.events,
        "deliveries": sandbox.deliveries,
        "calls": sandbox.calls,
        "flush": sandbox.flush,
        "hold": sandbox.hold_deliveries,
        "release": sandbox.release,
        "faults": lambda **given: _faults(sandbox, given),
    }


def _faults(sandbox: Sandbox, given: dict[str, Any]) -> Any:
    """Order a fault, or with `{"clear": true}` forget all, or with `{}` list them."""
    if given.get("clear"):
        sandbox.faults.clear()
    elif given:
        return asdict(sandbox.faults.add(**given))
    return sandbox.faults.waiting()


def respond(sandbox: Sandbox, request: Request) -> Response:
    """Carry out one control call; a mistake answers 400 with a sentence."""
    verb = verbs(sandbox).get(request.path.removeprefix("/_sandbox/"))
    if verb is None:
        return _json({"error": f"no control {request.path}"}, 404)
    try:
        given = json.loads(request.get_data() or b"{}")
        if "from" in given:
            given["source"], given["target"] = given.pop("from"), given.pop("to")
        return _json(verb(**given))
    except (ValueError, TypeError, KeyError, ArithmeticError) as error:
        return _json({"error": str(error)}, 400)


def _json(body: Any, status: int = 200) -> Response:
    return Response(json.dumps(body, default=str), status, content_type="application/json")
