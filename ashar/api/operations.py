"""What makes a view an operation: its parameters checked, its answer written, both documented."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from flask import Response, request
from pydantic import BaseModel, ValidationError

from ashar.api.problems import BadParameters
from ashar.api.schemas import Asked, Fault

View = Callable[..., BaseModel]
T = TypeVar("T", bound=Asked)


@dataclass(frozen=True, slots=True)
class Operation:
    """What the document says of a view, beside its docstring."""

    asks: type[Asked]
    answers: type[BaseModel]


def operation(answers: type[BaseModel], asks: type[Asked] = Asked) -> Callable[[View], Any]:
    """Give a view its checked parameters first, and write the model that it returns as JSON."""

    def wrap(view: View) -> Callable[..., Response]:
        @wraps(view)
        def answer(**path: Any) -> Response:
            made = view(read(asks), **path)
            return Response(made.model_dump_json(), mimetype="application/json")

        answer.ashar_operation = Operation(asks, answers)  # type: ignore[attr-defined]
        return answer

    return wrap


def read(asks: type[T]) -> T:
    """Read the address strictly; raise BadParameters naming every parameter at fault."""
    args = {name: given if given[1:] else given[0] for name, given in request.args.lists()}
    try:
        return asks.model_validate(args)
    except ValidationError as error:
        raise BadParameters([_fault(found) for found in error.errors()]) from None


def _fault(found: Any) -> Fault:
    """Say a fault in the words of an address."""
    known = {"extra_forbidden": "There is no such parameter.", "string_type": "Given twice."}
    detail = known.get(found["type"]) or found["msg"].removesuffix(".") + "."
    return Fault(parameter=str(found["loc"][0])[:100], detail=detail[:1].upper() + detail[1:])
