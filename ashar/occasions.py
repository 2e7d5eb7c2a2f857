"""What our own signals call for: letters, searches filed anew; loaded when one is sent."""

from collections.abc import Callable
from typing import Any

from flask import Flask

from ashar.kernel import signals

#: signal → (kind of letter, the fact's id from the signal's facts)
OCCASIONS: dict[str, tuple[str, str]] = {
    "pledge_processing": ("processing", "payment-{payment}-processing"),
    "pledge_paid": ("thanks", "payment-{payment}-settled"),
    "pledge_failed": ("failed", "payment-{payment}-failed"),
    "pledge_refunded": ("refunded", "refund-{refund}-succeeded"),
    "refund_failed": ("refund_failed", "refund-{refund}-failed"),
    "pledge_key": ("key", "{fact}"),
}


def listen(app: Flask) -> None:
    """Have done what this app's signals call for."""
    for signal, (kind, fact) in OCCASIONS.items():
        signals.SIGNALS[signal].connect(_writer(kind, fact), sender=app, weak=False)
    signals.term_changed.connect(_file_anew, sender=app, weak=False)


def _writer(kind: str, fact: str) -> Callable[..., None]:
    def write(_app: Flask, **facts: Any) -> None:
        from ashar import mail

        mail.write(kind, fact.format(**facts), facts)

    return write


def _file_anew(_app: Flask, *, kind: str, code: str, **_more: Any) -> None:
    """Let searches find a theme's projects by its new name."""
    if kind == "theme":
        from ashar.projects import tasks

        tasks.file_theme(code)
