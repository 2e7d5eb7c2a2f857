"""Idempotency keys: the same key gives the same answer, another body under it is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .errors import ApiError
from .store import DAY


@dataclass(frozen=True)
class Answer:
    """What a call answered, and under which request id."""

    status: int
    body: dict[str, Any]
    request_id: str


@dataclass(frozen=True)
class Kept:
    """An answer with the question it belongs to."""

    question: tuple[str, str, str]
    answer: Answer
    at: int


class Keys:
    """Remember the answers of a day."""

    def __init__(self) -> None:
        self.kept: dict[str, Kept] = {}

    def recall(self, key: str, question: tuple[str, str, str], now: int) -> Answer | None:
        """Return the earlier answer; raise `idempotency_error` for another question."""
        if len(key) > 255:
            raise ApiError("Idempotency keys can have at most 255 characters.")
        kept = self.kept.get(key)
        if kept is None or kept.at + DAY <= now:
            return None
        if kept.question != question:
            message = (
                "Keys for idempotent requests can only be used with the same parameters they were "
                f"first used with. Try using a key other than '{key}' if you meant to execute a "
                "different request."
            )
            raise ApiError(message, type="idempotency_error")
        return kept.answer

    def keep(self, key: str, question: tuple[str, str, str], answer: Answer, now: int) -> None:
        """Remember an answer."""
        self.kept[key] = Kept(question, answer, now)
