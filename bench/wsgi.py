"""Calling a site as a server does: through WSGI, reading and closing each answer."""

import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from werkzeug.test import create_environ

from bench.measure import Cost, Side, local


@dataclass(frozen=True, slots=True)
class Call:
    """One request."""

    path: str
    method: str = "GET"
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: str
    headers: dict[str, str]
    body: bytes


def form(path: str, fields: Mapping[str, str], cookie: str) -> Call:
    """Return a form as a browser sends it."""
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
    return Call(path, "POST", urlencode(fields).encode(), headers)


def environ(call: Call, number: int = 0) -> dict[str, Any]:
    """Return the WSGI environment of a request; numbers are spread over addresses."""
    made = create_environ(
        call.path, "http://localhost", method=call.method, headers=dict(call.headers)
    )
    made["wsgi.input"] = io.BytesIO(call.body)
    made["CONTENT_LENGTH"] = str(len(call.body))
    made["CONTENT_TYPE"] = call.headers.get("Content-Type", "")
    made["HTTP_ACCEPT_LANGUAGE"] = "en"
    made["REMOTE_ADDR"] = f"10.0.{number // 250 % 250}.{number % 250}"
    return made


def send(app: Any, environ: dict[str, Any]) -> Answer:
    """Call the app and close its answer."""
    began: list[Any] = []
    answer = app(environ, lambda status, headers, _error=None: began.append((status, headers)))
    try:
        body = b"".join(answer)
    finally:
        if hasattr(answer, "close"):
            answer.close()
    status, headers = began[0]
    return Answer(status, dict(headers), body)


def side(
    app: Flask, calls: Callable[[int], Iterable[Call]], expected: str
) -> Callable[[int], Cost]:
    """Return what measures requests; they are made before each round, outside of the measure."""
    return _side(calls, lambda made: _hold(send(app, made), made, expected))


def led_on(app: Flask, calls: Callable[[int], Iterable[Call]]) -> Callable[[int], Cost]:
    """Return what measures forms, each together with the page of ours to which it leads."""

    def follow(made: dict[str, Any]) -> None:
        answer = send(app, made)
        _hold(answer, made, "303")
        page = environ(Call(answer.headers["Location"].removeprefix("http://localhost")))
        _hold(send(app, page), page, "200")

    return _side(calls, follow)


def _side(
    calls: Callable[[int], Iterable[Call]], act: Callable[[dict[str, Any]], None]
) -> Callable[[int], Cost]:
    environs: list[dict[str, Any]] = []

    def prepare(steps: int) -> None:
        environs[:] = [environ(call, number) for number, call in enumerate(calls(steps))]

    def work(_steps: int) -> None:
        for made in environs:
            act(made)

    return local(Side(work, prepare))


def _hold(answer: Answer, made: dict[str, Any], expected: str) -> None:
    if not answer.status.startswith(expected):
        raise RuntimeError(f"{made['PATH_INFO']}: {answer.status} {answer.body[:300]!r}")
