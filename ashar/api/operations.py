"""Operations: their parameters checked, their answers written, both documented."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Response, request
from pydantic import BaseModel, ValidationError

from ashar.api.problems import BadParameters, Fault
from ashar.api.schemas import Asked

Run = Callable[..., BaseModel]
T = TypeVar("T", bound=Asked)

#: All operations, by the name of their endpoint.
OPERATIONS: dict[str, "Operation"] = {}


@dataclass(frozen=True, slots=True)
class Operation:
    """What answers an address, and what the document says of it, beside its docstring."""

    run: Run
    asks: type[Asked]
    answers: type[BaseModel]

    def __call__(self, **path: str) -> Response:
        """Give the function its checked parameters, and write the model that it returns as JSON."""
        made = self.run(read(self.asks), **path)
        return Response(made.model_dump_json(), mimetype="application/json")


def operation(answers: type[BaseModel], asks: type[Asked] = Asked) -> Callable[[Run], Operation]:
    """Make a function the operation of its name; its checked parameters come first."""

    def made(run: Run) -> Operation:
        return OPERATIONS.setdefault(run.__name__, Operation(run, asks, answers))

    return made


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
    return Fault(str(found["loc"][0])[:100], detail[:1].upper() + detail[1:])
