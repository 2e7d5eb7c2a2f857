"""Errors as RFC 9457 problems, for our own addresses only: a host's handlers stay its own.

Handlers stand under each code, since a host's `errorhandler(404)` would go before a blueprint's
`errorhandler(HTTPException)`. An unknown address belongs to no blueprint, so a last route asks
for all that begins like the API.
"""

import json
from typing import Any, NamedTuple

from flask import Blueprint, Response, request
from flask.blueprints import BlueprintSetupState
from flask.globals import request_ctx
from werkzeug.exceptions import (
    HTTPException,
    MethodNotAllowed,
    NotFound,
    UnprocessableEntity,
    default_exceptions,
)
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.routing import BaseConverter

from ashar.kernel.limits import TooMany

MEDIA_TYPE = "application/problem+json"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "QUERY")
ALLOWED = ("GET", "HEAD", "OPTIONS")


class Anything(BaseConverter):
    """The rest of an address, whatever it is: `path` does not take a line break."""

    part_isolating = False
    regex = r"[\s\S]+"


class Fault(NamedTuple):
    """A parameter that could not be taken, and why."""

    parameter: str
    detail: str


class BadParameters(UnprocessableEntity):
    """Parameters that could not be taken."""

    def __init__(self, faults: list[Fault]) -> None:
        names = ", ".join(dict.fromkeys(fault.parameter for fault in faults))
        super().__init__(f"Not understood: {names}.")
        self.faults = faults


def register(blueprint: Blueprint) -> None:
    """Have a blueprint answer every error as a problem."""
    blueprint.record(_add_converter)
    for code in default_exceptions:
        blueprint.register_error_handler(code, answer_error)
    blueprint.register_error_handler(TooMany, answer_too_many)
    blueprint.after_request(convert_foreign)


def _add_converter(state: BlueprintSetupState) -> None:
    state.app.url_map.converters["ashar_anything"] = Anything


def answer_error(error: HTTPException) -> Response:
    """Answer an HTTP error as a problem; its headers, such as Allow, stay."""
    faults = error.faults if isinstance(error, BadParameters) else None
    answer = problem(error.code or 500, error.description, faults)
    for name, value in error.get_headers():
        if name.lower() != "content-type":
            answer.headers[name] = value
    return answer


def answer_too_many(error: TooMany) -> Response:
    """Tell somebody to wait, and for how long."""
    answer = problem(429, f"Try again in {error.seconds} seconds.")
    answer.headers["Retry-After"] = str(error.seconds)
    return answer


def problem(status: int, detail: Any = None, faults: list[Fault] | None = None) -> Response:
    """Return a problem; what exactly went wrong inside is not told."""
    made: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTP_STATUS_CODES.get(status, "Error"),
        "status": status,
    }
    if detail and status < 500:
        made["detail"] = str(detail)
    if faults is not None:
        made["errors"] = [fault._asdict() for fault in faults]
    answer = Response(json.dumps(made), status, mimetype=MEDIA_TYPE)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def convert_foreign(response: Response) -> Response:
    """Turn an error page that somebody put before our views into a problem."""
    if response.status_code >= 400 and response.mimetype != MEDIA_TYPE:
        made = problem(response.status_code)
        response.set_data(made.get_data())
        response.headers["Content-Type"] = MEDIA_TYPE
        response.headers["Cache-Control"] = "no-store"
    return response


def refuse() -> Any:
    """Refuse an address that does not exist, or a method other than reading of one that does."""
    adapter = request_ctx.url_adapter
    try:
        rule, _ = adapter.match(method="GET", return_rule=True)  # type: ignore[union-attr]
    except HTTPException:
        raise NotFound() from None
    if rule.endpoint != request.endpoint:
        raise MethodNotAllowed(valid_methods=ALLOWED)
    raise NotFound("There is no such address in this API.")
