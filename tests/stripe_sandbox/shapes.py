"""Compare objects with the SDK's own annotations: names, types, literals, nesting."""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Any, ClassVar, ForwardRef, Literal, TypeVar, Union, get_args, get_origin

import stripe
from stripe._object_classes import get_object_class

BASES = (stripe.StripeObject, object)


def problems(value: dict[str, Any], path: str = "") -> list[str]:
    """List what is wrong with an object; it is known by its `object`."""
    if value.get("deleted"):
        return []
    if value["object"] == "list":
        return [p for i, one in enumerate(value["data"]) for p in problems(one, f"{path}[{i}]")]
    return object_problems(value, get_object_class("V1", value["object"]), path or value["object"])


def object_problems(value: dict[str, Any], kind: type, path: str) -> list[str]:
    """List what is wrong with a value of a class of the SDK."""
    known = fields(kind)
    found = [f"{path}.{name}: unknown" for name in value if name not in known]
    for name, note in known.items():
        if name not in value:
            if not allows_none(note, kind):
                found.append(f"{path}.{name}: missing")
            continue
        found += mismatches(value[name], note, kind, f"{path}.{name}")
    return found


@cache
def fields(kind: type) -> dict[str, Any]:
    """Gather the annotated fields of a class of the SDK."""
    notes: dict[str, Any] = {}
    for one in reversed(kind.__mro__):
        if one not in BASES:
            notes |= inspect.get_annotations(one)
    return {name: note for name, note in notes.items() if get_origin(note) is not ClassVar}


def alternatives(note: Any, owner: type) -> list[Any]:
    """Flatten an annotation and resolve what it names."""
    if isinstance(note, str | ForwardRef):
        text = note if isinstance(note, str) else note.__forward_arg__
        return alternatives(resolve(text, owner.__module__), owner)
    if get_origin(note) in (Union, UnionType):
        return [one for arg in get_args(note) for one in alternatives(arg, owner)]
    return [note]


@cache
def resolve(name: str, module: str) -> Any:
    """Find a class that a module only imports for type checkers."""
    scope = sys.modules[module]
    if hasattr(scope, name):
        return getattr(scope, name)
    for node in ast.walk(ast.parse(inspect.getsource(scope))):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                if (alias.asname or alias.name) == name:
                    return getattr(importlib.import_module(node.module), alias.name)
    raise LookupError(f"{name} in {module}")


def allows_none(note: Any, owner: type) -> bool:
    """Tell whether a field may be null or left out."""
    return NoneType in alternatives(note, owner)


def mismatches(value: Any, note: Any, owner: type, path: str) -> list[str]:
    """List what is wrong with a value; any alternative of the annotation will do."""
    options = alternatives(note, owner)
    closed = [arg for one in options if get_origin(one) is Literal for arg in get_args(one)]
    if closed and isinstance(value, str):
        return [] if value in closed else [f"{path}: {value!r} is none of {closed}"]
    attempts = [one_mismatch(value, option, owner, path) for option in options]
    return [] if [] in attempts else min(attempts, key=len)


def one_mismatch(value: Any, kind: Any, owner: type, path: str) -> list[str]:
    """List what is wrong with a value for one alternative."""
    wrong = [f"{path}: {value!r} is no {kind}"]
    origin = get_origin(kind)
    if kind is Any:
        return []
    if origin is list:
        return list_mismatch(value, get_args(kind)[0], owner, path) if listed(value) else wrong
    if origin is Literal:
        return [] if value in get_args(kind) else wrong
    if origin is not None:
        return mapping_mismatch(value, kind, owner, path) if isinstance(value, dict) else wrong
    if isinstance(kind, type) and issubclass(kind, stripe.StripeObject):
        return object_problems(value, kind, path) if fits(value, kind) else wrong
    return [] if scalar(value, kind) else wrong


def listed(value: Any) -> bool:
    return isinstance(value, list)


def fits(value: Any, kind: type) -> bool:
    """Tell whether a dictionary can be meant for a class: its `object` says so."""
    name = getattr(kind, "OBJECT_NAME", None)
    return isinstance(value, dict) and (name is None or value.get("object") == name)


def list_mismatch(value: list[Any], kind: Any, owner: type, path: str) -> list[str]:
    return [p for i, one in enumerate(value) for p in mismatches(one, kind, owner, f"{path}[{i}]")]


def mapping_mismatch(value: dict[str, Any], kind: Any, owner: type, path: str) -> list[str]:
    """Check UntypedStripeObject[X] and ListObject[X]."""
    (inner,) = get_args(kind)
    if get_origin(kind) is stripe.ListObject:
        return list_mismatch(value["data"], inner, owner, f"{path}.data")
    if isinstance(inner, TypeVar) or inner is Any:
        return []
    return [p for k, one in value.items() for p in mismatches(one, inner, owner, f"{path}.{k}")]


def scalar(value: Any, kind: Any) -> bool:
    if kind is Decimal:
        return isinstance(value, str) and bool(Decimal(value) is not None)
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(kind, type) and isinstance(value, kind)
