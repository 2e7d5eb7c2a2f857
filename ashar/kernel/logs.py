"""Logs: one JSON object a line, with the request's id, without anybody's secrets."""

import json
import logging
import re
import time
import uuid
from typing import Any

from flask import Flask, Response, g, has_request_context, request

_SECRETS = (
    (re.compile(r"(sk|rk|whsec)_[A-Za-z0-9_]{6,}"), r"\1_***"),
    (re.compile(r"(/pledges/)[A-Za-z0-9_-]{16,}"), r"\1***"),
    (re.compile(r"(/unsubscribe/)[A-Za-z0-9_.-]{16,}"), r"\1***"),
    (
        re.compile(r"(/account/(?:[a-z-]+/)+)[^/\s?\"]{20,}"),
        r"\1***",
    ),
    (re.compile(r"([?&](?:key|token)=)[^&\s\"]+"), r"\1***"),
    (re.compile(r"(://[^:/\s]+:)[^@/\s]+@"), r"\1***@"),
    (re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z0-9.-]+"), "***@***"),
)
#: Each of the above has one of these in it; most texts have none, and are done with.
_MARKS = re.compile(r"[_@?&]|/pledges/|/account/|/unsubscribe/")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_written = json.JSONEncoder(ensure_ascii=False).encode


def masked(text: str) -> str:
    """Return a text with keys, private links, passwords and e-mail addresses blotted out."""
    if _MARKS.search(text) is None:
        return text
    for pattern, blot in _SECRETS:
        text = pattern.sub(blot, text)
    return text


class JsonFormatter(logging.Formatter):
    """Write a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        found: dict[str, Any] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S"),
            "level": record.levelname,
            "logger": record.name,
            "message": masked(record.getMessage()),
        }
        if request_id := _request_id():
            found["request"] = request_id
        found.update(getattr(record, "ashar", {}))
        if record.exc_info:
            found["trace"] = masked(self.formatException(record.exc_info))
        return _written(found)


def _request_id() -> str | None:
    return g.get("ashar_request_id") if has_request_context() else None


def set_up(app: Flask) -> None:
    """Give an app's process JSON logs, and each request an id and a line."""
    root = logging.getLogger()
    if not any(isinstance(handler.formatter, JsonFormatter) for handler in root.handlers):
        handler = logging.StreamHandler()
        handler.setFormatter(JsonFormatter())
        root.addHandler(handler)
        root.setLevel(logging.INFO)
        for chatty in ("alembic", "huey", "stripe"):
            logging.getLogger(chatty).setLevel(logging.WARNING)
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.ashar_request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
    g.ashar_began = time.perf_counter()


def _end(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.get("ashar_request_id", "")
    if request.path != "/healthz":
        took = time.perf_counter() - g.get("ashar_began", time.perf_counter())
        facts = {
            "method": request.method,
            "path": masked(request.path),
            "status": response.status_code,
            "ms": round(took * 1000, 1),
        }
        logging.getLogger("ashar.request").info("request", extra={"ashar": facts})
    return response
