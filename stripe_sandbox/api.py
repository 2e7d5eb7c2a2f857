"""Answer the calls of the API: key, faults, idempotency, parameters, errors."""

from __future__ import annotations

import base64
import binascii
import json
import time
from collections import deque
from dataclasses import dataclass
from urllib.parse import parse_qsl

import stripe
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from . import balance, billing, refunds, sessions
from .account import Account, Cause, cause
from .errors import ApiError
from .faults import Fault
from .idempotency import Answer, Keys
from .paging import Renderer
from .params import Tree, check, parse
from .routes import MAP, Call
from .store import Obj
from .wire import reset

LOG_LENGTH = 1000


@dataclass(frozen=True)
class Logged:
    """One call in the log."""

    method: str
    path: str
    status: int
    request_id: str
    body: Obj


class Api:
    """Serve `/v1/…` for one account."""

    def __init__(self, account: Account, key: str) -> None:
        self.account = account
        self.key = key
        self.keys = Keys()
        self.renderer = Renderer(account.store)
        self.log: deque[Logged] = deque(maxlen=LOG_LENGTH)

    def respond(self, request: Request) -> Response:
        """Answer one request, with the faults that were ordered for it."""
        request_id = self._request_id()
        try:
            self._authenticate(request)
            self._strike(request, "before")
            answer, replayed = self._answer(request, request_id)
            self._strike(request, "after")
        except ApiError as error:
            answer, replayed = Answer(error.status, error.body(request_id), request_id), False
        logged = Logged(request.method, request.path, answer.status, request_id, answer.body)
        self.log.append(logged)
        return self._response(request, answer, request_id, replayed)

    def _request_id(self) -> str:
        with self.account.lock:
            return self.account.store.new_id("req_", 14)

    def _response(
        self, request: Request, answer: Answer, request_id: str, replayed: bool
    ) -> Response:
        body = json.dumps(answer.body, indent=2, default=str)
        response = Response(body, answer.status, content_type="application/json")
        response.headers["Request-Id"] = request_id
        asked = request.headers.get("Stripe-Version")
        response.headers["Stripe-Version"] = asked or stripe.api_version
        if key := request.headers.get("Idempotency-Key"):
            response.headers["Idempotency-Key"] = key
        if replayed:
            response.headers["Idempotent-Replayed"] = "true"
            response.headers["Original-Request"] = answer.request_id
        return response

    def _authenticate(self, request: Request) -> None:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "basic":
            given = _basic_user(given)
        if not given:
            message = "You did not provide an API key. Use: Authorization: Bearer YOUR_SECRET_KEY"
            raise ApiError(message, status=401)
        if given != self.key:
            shown = f"{given[:8]}****{given[-4:]}"
            raise ApiError(f"Invalid API Key provided: {shown}", status=401)

    def _strike(self, request: Request, when: str) -> None:
        fault = self.account.faults.take_call(request.method, request.path, when)
        if fault:
            strike(fault, request)

    def _answer(self, request: Request, request_id: str) -> tuple[Answer, bool]:
        """Answer, or replay; parameters that do not validate leave no trace under a key."""
        key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
        text = _text(request)
        question = (request.method, request.path, text)
        with self.account.lock:
            now = self.account.clock.now()
            earlier = self.keys.recall(key, question, now) if key else None
            if earlier:
                return earlier, True
            call, arguments = _match(request)
            params = _params(call, text)
            answer = self._run(call, params, arguments, Cause(request_id, key))
            if key:
                self.keys.keep(key, question, answer, now)
            return answer, False

    def _run(self, call: Call, params: Obj, arguments: Obj, why: Cause) -> Answer:
        tick(self.account)
        request_id = why.id or ""
        token = cause.set(why)
        try:
            obj = call.run(self.account, params, arguments)
            body = self.renderer.render(obj, params.get("expand", []))
            return Answer(200, body, request_id)
        except ApiError as error:
            return Answer(error.status, error.body(request_id), request_id)
        finally:
            cause.reset(token)


def tick(account: Account) -> None:
    """Let happen what the clock brings: sessions expire, money and refunds arrive."""
    with account.lock:
        sessions.expire_due(account)
        refunds.succeed_due(account)
        billing.run_due(account)
        balance.mature(account)


def strike(fault: Fault, request: Request) -> None:
    """Let a fault happen to a call."""
    if fault.kind in ("hang", "slow"):
        time.sleep(fault.seconds)
    if fault.kind == "reset" or (fault.kind == "hang" and fault.when == "before"):
        reset(request)
    if fault.kind == "429":
        message = "Request rate limit exceeded."
        raise ApiError(message, status=429, code="rate_limit")
    if fault.kind.isdigit():
        raise ApiError("An unknown error occurred.", status=int(fault.kind), type="api_error")


def _basic_user(encoded: str) -> str:
    try:
        return base64.b64decode(encoded).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _text(request: Request) -> str:
    raw = request.get_data() if request.method == "POST" else request.query_string
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise ApiError("The request is not valid UTF-8.") from None


def _match(request: Request) -> tuple[Call, Obj]:
    try:
        call, arguments = MAP.bind("").match(request.path, request.method)
    except HTTPException:
        message = f"Unrecognized request URL ({request.method}: {request.path})."
        raise ApiError(message, status=404) from None
    return call, dict(arguments)


def _params(call: Call, text: str) -> Obj:
    tree: dict[str, Tree] = parse(parse_qsl(text, keep_blank_values=True))
    if call.path == "/v1/checkout/sessions" and "payment_method_types" in tree:
        message = (
            "payment_method_types is no longer supported: leave the ways of paying to the account, "
            "or use allowed_payment_method_types."
        )
        code = "payment_method_types_no_longer_supported"
        raise ApiError(message, code=code, param="payment_method_types")
    params = check(tree, call.params)
    for name in params.keys() - call.honours:
        message = f"Stripe knows the parameter {name} here, but the sandbox does not do it yet."
        raise ApiError(message, code="sandbox_not_implemented", param=name)
    return params
