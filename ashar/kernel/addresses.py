"""Addresses that are built on first use: at the start each would be compiled, twice."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

Builder = Callable[..., tuple[str, str]]


class Late:
    """What a rule of Werkzeug's mixes in, so that its builders are compiled when one is asked for.

    `_compile_builder` is Werkzeug's own; were it gone, rules would be compiled at the start again.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Builder:
        compiled: list[Builder] = []
        compile_now: Callable[[bool], Builder] = super()._compile_builder  # type: ignore[misc]

        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            if not compiled:
                compiled.append(compile_now(append_unknown))
            return compiled[0](rule, **values)

        return build


@contextmanager
def built_late(app: Flask) -> Iterator[None]:
    """Have rules that are added meanwhile be of the host's class, with late builders."""
    theirs = app.url_rule_class
    late: Any = type("LateRule", (Late, theirs), {})
    app.url_rule_class = late
    try:
        yield
    finally:
        app.url_rule_class = theirs
