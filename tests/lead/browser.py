"""Somebody at the desk: they open pages, fill in the forms that stand there, and send them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from flask import Flask, request
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ashar.people.access import Identity

Pairs = list[tuple[str, str]]


@dataclass
class Sheet:
    """A form as it stands on a page."""

    id: str
    action: str
    pairs: Pairs = field(default_factory=list)
    buttons: Pairs = field(default_factory=list)
    disabled: bool = False


class Reader(HTMLParser):
    """Reads the forms of a page, as a browser would fill them."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Sheet] = []
        self._area: str | None = None
        self._text = ""
        self._select: tuple[str, list[tuple[str, bool]]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what begins."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Sheet(given.get("id", ""), given.get("action", "")))
        if not self.forms:
            return
        form, name = self.forms[-1], given.get("name", "")
        if tag == "fieldset" and "disabled" in given:
            form.disabled = True
        if tag == "input" and name and given.get("type") != "file":
            if given.get("type") not in {"checkbox", "radio"} or "checked" in given:
                form.pairs.append((name, given.get("value", "y")))
        elif tag == "textarea":
            self._area, self._text = name, ""
        elif tag == "select":
            self._select = (name, [])
        elif tag == "option" and self._select:
            self._select[1].append((given.get("value", ""), "selected" in given))
        elif tag == "button" and name:
            form.buttons.append((name, given.get("value", "")))

    def handle_data(self, data: str) -> None:
        """Note what stands in a text area."""
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        """Note what ends."""
        if tag == "textarea" and self._area is not None:
            # The first line break belongs to the tag.
            self.forms[-1].pairs.append(
                (self._area, self._text.removeprefix("\n").removeprefix("\r\n"))
            )
            self._area = None
        if tag == "select" and self._select is not None:
            name, options = self._select
            chosen = [value for value, selected in options if selected] or [options[0][0]]
            self.forms[-1].pairs += [(name, value) for value in chosen]
            self._select = None


@dataclass
class Desk:
    """A signed-in person's browser."""

    client: FlaskClient
    name: str
    strong: bool = True

    def _headers(self) -> dict[str, str]:
        return {"X-Who": self.name, "X-Strong": "yes" if self.strong else ""}

    def get(self, path: str) -> TestResponse:
        """Open a page."""
        return self.client.get(path, headers=self._headers())

    def forms(self, path: str) -> dict[str, Sheet]:
        """Return the forms of a page, by id."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return {form.id: form for form in read(answer)}

    def sheet(self, path: str, id: str = "") -> Sheet:
        """Return one form of a page: the named one, else the first of the page's own."""
        forms = self.forms(path)
        return forms[id] if id else next(iter(forms.values()))

    def post(self, path: str, pairs: Any, **more: Any) -> TestResponse:
        """Send fields."""
        data: dict[str, list[Any]] = {}
        for name, value in pairs.items() if isinstance(pairs, dict) else pairs:
            data.setdefault(name, []).append(value)
        return self.client.post(path, data=data, headers=self._headers(), **more)

    def send(self, path: str, id: str = "", **fields: Any) -> TestResponse:
        """Open a page, fill in a form's fields and send it."""
        form = self.sheet(path, id)
        return self.post(form.action or path, filled(form.pairs, fields))

    def save(self, slug: str, step: str, then: str = "stay", **fields: Any) -> TestResponse:
        """Open a step, fill in its fields and save it."""
        return self.send(f"/lead/projects/{slug}/{step}", "step", then=then, **fields)

    def token(self) -> str:
        """Return a proof for forms of this browser."""
        for form in self.forms("/lead/projects/new").values():
            return dict(form.pairs)["csrf_token"]
        raise AssertionError


def filled(pairs: Pairs, fields: dict[str, Any]) -> Pairs:
    """Put values into a form's fields; `__` stands for the hyphen of a line's."""
    given = {name.replace("__", "-"): value for name, value in fields.items()}
    kept = [(name, value) for name, value in pairs if name not in given]
    return kept + list(_pairs(given))


def _pairs(given: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in given.items():
        if isinstance(value, list):
            yield from ((name, one) for one in value)
        elif value is not None:
            yield name, value


def read(answer: TestResponse) -> list[Sheet]:
    """Return the forms of an answer that hold a proof."""
    reader = Reader()
    reader.feed(answer.text)
    return [form for form in reader.forms if any("csrf_token" in name for name, _ in form.pairs)]


def sign_in_by_header(site: Flask) -> None:
    """Let a request's header say who is signed in, as the factories name them."""

    def who() -> Identity | None:
        name = request.headers.get("X-Who")
        if not name:
            return None
        strong = bool(request.headers.get("X-Strong"))
        return Identity(f"test-{name}", f"{name}@example.org", name.title(), "en", strong=strong)

    site.extensions["ashar"].who = who
