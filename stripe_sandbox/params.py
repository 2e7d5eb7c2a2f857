"""Read nested form parameters and check them against the SDK's own `stripe.params`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from functools import cache
from types import SimpleNamespace, UnionType
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin, get_type_hints

import stripe
from typing_extensions import is_typeddict

from .errors import ApiError, required

Tree = str | dict[str, "Tree"]
TOKEN = re.compile(r"^([^\[\]]+)|\[([^\[\]]*)\]")
# The SDK mixes its own per-request options into every TypedDict; they never travel as parameters.
OPTIONS = frozenset(stripe.RequestOptions.__annotations__)


def parse(pairs: Iterable[tuple[str, str]]) -> dict[str, Tree]:
    """Turn `a[b][0][c]=x` pairs into nested dictionaries with string keys."""
    root: dict[str, Tree] = {}
    for key, value in pairs:
        _put(root, _tokens(key), value, key)
    return root


def _tokens(key: str) -> list[str]:
    tokens = [first or second for first, second in TOKEN.findall(key)]
    if not tokens or "[" in tokens[0]:
        raise ApiError(f"Invalid parameter name: {key}", param=key)
    return tokens


def _put(node: dict[str, Tree], tokens: list[str], value: str, key: str) -> None:
    for token in tokens[:-1]:
        child = node.setdefault(token or str(len(node)), {})
        if isinstance(child, str):
            raise ApiError("Invalid object", param=key)
        node = child
    node[tokens[-1] or str(len(node))] = value


@cache
def fields(kind: Any) -> dict[str, Any]:
    """Name the parameters of a TypedDict, with their resolved annotations."""
    notes: dict[str, Any] = kind.__annotations__
    inherits = "idempotency_key" in notes
    own = {name: note for name, note in notes.items() if not (inherits and name in OPTIONS)}
    scope = vars(sys.modules[kind.__module__])
    return get_type_hints(SimpleNamespace(__annotations__=own), scope, include_extras=True)


@cache
def members(kind: Any) -> tuple[Any, ...]:
    """Flatten unions and wrappers into the plain alternatives of an annotation."""
    if get_origin(kind) in (NotRequired, Required):
        return members(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        return tuple(one for arg in get_args(kind) for one in members(arg))
    return (kind,)


def check(tree: dict[str, Tree], kind: Any, path: str = "") -> dict[str, Any]:
    """Return the parameters with their types; refuse unknown, missing and malformed ones."""
    known = fields(kind)
    for name in tree:
        if name not in known:
            raise _unknown(_join(path, name))
    for name in sorted(kind.__required_keys__):
        if name in known and name not in tree:
            raise required(_join(path, name))
    return {name: coerce(value, known[name], _join(path, name)) for name, value in tree.items()}


def _unknown(param: str) -> ApiError:
    message = f"Received unknown parameter: {param}"
    return ApiError(message, code="parameter_unknown", param=param)


def _join(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name


def coerce(value: Tree, kind: Any, path: str) -> Any:
    """Convert one value to what its annotation says."""
    options = members(kind)
    return (
        _scalar(value, options, path) if isinstance(value, str) else _nested(value, options, path)
    )


def _scalar(value: str, options: tuple[Any, ...], path: str) -> Any:
    literals = [arg for one in options if get_origin(one) is Literal for arg in get_args(one)]
    if value in literals:
        return value
    if value == "":
        raise _empty(path)
    for one, convert in CONVERTERS.items():
        if one in options:
            return convert(value, path)
    # `Literal[...] | str` is the SDK's way to stay open to values of the future; the API is not.
    choices = [str(one) for one in literals if one != ""]
    if choices:
        raise ApiError(f"Invalid {path}: must be one of {_spoken(choices)}", param=path)
    if str in options:
        return value
    raise ApiError("Invalid array" if _is_list(options) else "Invalid object", param=path)


def _empty(path: str) -> ApiError:
    message = (
        f"You passed an empty string for '{path}'. We assume empty values are an attempt to "
        f"unset a parameter; however '{path}' cannot be unset. You should remove '{path}' from "
        "your request or supply a non-empty value."
    )
    return ApiError(message, code="parameter_invalid_empty", param=path)


def _spoken(choices: list[str]) -> str:
    if len(choices) < 3:
        return " or ".join(choices)
    return ", ".join(choices[:-1]) + f", or {choices[-1]}"


def _integer(value: str, path: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,18}", value):
        message = f"Invalid integer: {value}"
        raise ApiError(message, code="parameter_invalid_integer", param=path)
    return int(value)


def _boolean(value: str, path: str) -> bool:
    if value not in ("true", "false"):
        raise ApiError(f"Invalid boolean: {value}", param=path)
    return value == "true"


def _decimal(value: str, path: str) -> Decimal:
    try:
        return Decimal(value)
    except InvalidOperation:
        raise ApiError(f"Invalid decimal: {value}", param=path) from None


CONVERTERS = {int: _integer, bool: _boolean, Decimal: _decimal, float: _decimal}


def _is_list(options: tuple[Any, ...]) -> bool:
    return any(get_origin(one) is list for one in options)


def _is_mapping(kind: Any) -> bool:
    # The SDK's UntypedStripeObject[str] is not exported, so it is known by its name.
    origin = get_origin(kind)
    return getattr(origin, "__name__", "") in ("dict", "UntypedStripeObject")


def _nested(value: dict[str, Tree], options: tuple[Any, ...], path: str) -> Any:
    for one in options:
        if get_origin(one) is list:
            return _items(value, get_args(one)[0], path)
        if is_typeddict(one):
            return check(value, one, path)
    if any(_is_mapping(one) for one in options):
        return _mapping(value, path)
    raise ApiError(f"Invalid string: {path} may not be an object or an array", param=path)


def _items(value: dict[str, Tree], kind: Any, path: str) -> list[Any]:
    if not all(key.isdigit() for key in value):
        raise ApiError("Invalid array", param=path)
    ordered = sorted(value, key=int)
    return [coerce(value[key], kind, _join(path, key)) for key in ordered]


def _mapping(value: dict[str, Tree], path: str) -> dict[str, str]:
    for key, one in value.items():
        if not isinstance(one, str):
            raise ApiError("Invalid string", param=_join(path, key))
    return {key: str(one) for key, one in value.items()}


def metadata(value: Any, path: str = "metadata") -> dict[str, str]:
    """Keep metadata within Stripe's limits; an empty value sets nothing."""
    given: dict[str, str] = value or {}
    if len(given) > 50:
        raise ApiError("Metadata can have at most 50 keys.", param=path)
    for key, text in given.items():
        if len(key) > 40 or len(text) > 500:
            message = "Metadata keys can have 40 characters and values 500."
            raise ApiError(message, param=_join(path, key))
    return {key: text for key, text in given.items() if text != ""}


def merge(old: dict[str, str], value: Any) -> dict[str, str]:
    """Update metadata as Stripe does: an empty value unsets a key, an empty string all."""
    if value == "":
        return {}
    gone = {key for key, text in (value or {}).items() if text == ""}
    return metadata({k: v for k, v in {**old, **(value or {})}.items() if k not in gone})
