"""The objects of one account, in memory: dictionaries by id, with seeded ids and a clock."""

from __future__ import annotations

import hashlib
import string
import time
from itertools import count
from typing import Any

from .errors import missing

Obj = dict[str, Any]
ALPHABET = string.ascii_letters + string.digits
DAY = 86_400


class Clock:
    """Tell the sandbox's time: the real one, put forward by hand."""

    def __init__(self) -> None:
        self.ahead = 0

    def now(self) -> int:
        """Return the time in epoch seconds."""
        return int(time.time()) + self.ahead

    def day(self) -> int:
        """Return the number of the day (UTC); rates change with it."""
        return self.now() // DAY

    def advance(self, seconds: int) -> None:
        """Put the clock forward; time never goes back."""
        if seconds < 0:
            raise ValueError("the clock only goes forward")
        self.ahead += seconds


class Store:
    """Keep every object by id, in the order of creation."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.numbers = count(1)
        self.objects: dict[str, Obj] = {}
        self.kinds: dict[str, dict[str, Obj]] = {}

    def new_id(self, prefix: str, length: int = 24) -> str:
        """Return an id that the seed and the number of earlier ids decide."""
        text = f"{self.seed}:{next(self.numbers)}".encode()
        number = int.from_bytes(hashlib.sha512(text).digest(), "big")
        return prefix + "".join(ALPHABET[number // 62**i % 62] for i in range(length))

    def add(self, obj: Obj) -> Obj:
        """Keep a new object."""
        self.objects[obj["id"]] = obj
        self.kinds.setdefault(obj["object"], {})[obj["id"]] = obj
        return obj

    def remove(self, obj: Obj) -> None:
        """Forget an object."""
        del self.objects[obj["id"]], self.kinds[obj["object"]][obj["id"]]

    def find(self, id: Any) -> Obj | None:
        """Return the object of an id, if there is one."""
        return self.objects.get(id) if isinstance(id, str) else None

    def get(self, kind: str, id: str, param: str = "id", status: int = 404) -> Obj:
        """Return an object of a kind; raise `resource_missing` without one."""
        obj = self.objects.get(id)
        if obj is None or obj["object"] != kind:
            raise missing(kind, id, param, status)
        return obj

    def all(self, kind: str) -> list[Obj]:
        """List the objects of a kind, oldest first."""
        return list(self.kinds.get(kind, {}).values())


def change(obj: Obj, **changes: Any) -> Obj:
    """Update an object; return the previous values of what changed."""
    before = {key: obj.get(key) for key, value in changes.items() if obj.get(key) != value}
    obj.update(changes)
    return before
