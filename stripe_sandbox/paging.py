"""Lists in pages by cursor, filters that all lists share, and expansion of ids to objects."""

from __future__ import annotations

import operator
from copy import deepcopy
from typing import Any

from .errors import ApiError, missing
from .store import Obj, Store

COMPARE = {"gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le}
DEPTH = 4


def listing(found: list[Obj], params: Obj, url: str, equal: tuple[str, ...] = ()) -> Obj:
    """Return a page of the objects, newest first; `found` comes oldest first."""
    kept = [obj for obj in reversed(found) if _matches(obj, params, equal)]
    data, has_more = _page(kept, params)
    return {"object": "list", "url": url, "data": data, "has_more": has_more}


def _matches(obj: Obj, params: Obj, equal: tuple[str, ...]) -> bool:
    if any(name in params and obj.get(name) != params[name] for name in equal):
        return False
    created = params.get("created")
    if isinstance(created, dict):
        return all(COMPARE[name](obj["created"], limit) for name, limit in created.items())
    return created is None or obj["created"] == created


def _page(kept: list[Obj], params: Obj) -> tuple[list[Obj], bool]:
    limit = params.get("limit", 10)
    if not 1 <= limit <= 100:
        message = f"Invalid integer: {limit} must be between 1 and 100"
        raise ApiError(message, code="parameter_invalid_integer", param="limit")
    if "starting_after" in params and "ending_before" in params:
        raise ApiError("You can only use one of starting_after and ending_before.")
    if "ending_before" in params:
        end = _position(kept, params, "ending_before")
        start = max(0, end - limit)
        return kept[start:end], start > 0
    start = _position(kept, params, "starting_after") + 1 if "starting_after" in params else 0
    return kept[start : start + limit], len(kept) > start + limit


def _position(kept: list[Obj], params: Obj, cursor: str) -> int:
    for index, obj in enumerate(kept):
        if obj["id"] == params[cursor]:
            return index
    raise missing("object", params[cursor], cursor, 400)


class Renderer:
    """Copy an object for the answer, with the expansions that were asked for."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def render(self, obj: Obj, paths: list[str]) -> Obj:
        """Return a copy that is safe to send; `_` keys are the sandbox's own."""
        copy: Obj = public(deepcopy(obj))
        for path in paths:
            names = path.split(".")
            if len(names) > DEPTH:
                raise ApiError("You cannot expand more than 4 levels of a property.")
            self._expand(copy, names, path)
        return copy

    def _expand(self, node: Any, names: list[str], path: str) -> None:
        if isinstance(node, list):
            for one in node:
                self._expand(one, names, path)
        elif isinstance(node, dict) and names:
            self._expand_key(node, names, path)

    def _expand_key(self, node: Obj, names: list[str], path: str) -> None:
        name = names[0]
        if name not in node:
            node[name] = self._included(node, name, path)
        value = node[name]
        found = self.store.find(value)
        if found:
            node[name] = public(deepcopy(found))
        elif isinstance(value, str | int) or (
            value is not None and not isinstance(value, CARRIERS)
        ):
            raise _not_expandable(path)
        self._expand(node[name], names[1:], path)

    def _included(self, node: Obj, name: str, path: str) -> Obj:
        """Return a list that is only part of an object when it is asked for."""
        if (node.get("object"), name) == ("checkout.session", "line_items"):
            items = self.store.all("item")
            mine = [public(deepcopy(one)) for one in items if one["_session"] == node["id"]]
            return _whole(mine, f"/v1/checkout/sessions/{node['id']}/line_items")
        if (node.get("object"), name) == ("charge", "refunds"):
            refunds = [one for one in self.store.all("refund") if one["charge"] == node["id"]]
            mine = [public(deepcopy(one)) for one in reversed(refunds)]
            return _whole(mine, f"/v1/charges/{node['id']}/refunds")
        if (node.get("object"), name) == ("invoice", "payments"):
            payments = self.store.all("invoice_payment")
            mine = [public(deepcopy(one)) for one in payments if one["invoice"] == node["id"]]
            return _whole(mine, f"/v1/invoice_payments?invoice={node['id']}")
        raise _not_expandable(path)


CARRIERS = (dict, list)


def _whole(data: list[Obj], url: str) -> Obj:
    return {"object": "list", "url": url, "data": data, "has_more": False}


def _not_expandable(path: str) -> ApiError:
    return ApiError(f"This property cannot be expanded ({path}).", param="expand")


def public(value: Any) -> Any:
    """Leave out the keys that begin with `_`."""
    if isinstance(value, list):
        return [public(one) for one in value]
    if isinstance(value, dict):
        return {key: public(one) for key, one in value.items() if not key.startswith("_")}
    return value
