"""What sends a letter: a mail server, or in development the log."""

import logging
from collections.abc import Mapping
from typing import Protocol

from flask import Flask

from ashar.kernel.errors import ConfigError

log = logging.getLogger(__name__)


class Mailer(Protocol):
    """What sends a letter; raises when it could not."""

    def send(
        self,
        recipient: str,
        subject: str,
        text: str,
        html: str,
        message_id: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Send one letter, with further headers, such as List-Unsubscribe, as they are."""


class LogMailer:
    """Writes letters to the log; for development."""

    def send(
        self,
        recipient: str,
        subject: str,
        text: str,
        html: str,
        message_id: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Log one letter, its links included: that is the point of it."""
        log.info("letter to %s: %s\n%s", recipient, subject, text)


def make_mailer(app: Flask) -> Mailer:
    """Return the mailer that the settings ask for."""
    url = str(app.config["ASHAR_MAIL_URL"])
    if url == "log":
        return LogMailer()
    if url.startswith(("smtp://", "smtps://")):
        # What speaks to mail servers is loaded where one is set.
        from ashar.kernel.smtp import SmtpMailer

        return SmtpMailer(url, app.config["ASHAR_MAIL_FROM"])
    raise ConfigError(f"ASHAR_MAIL_URL: {url!r} is neither smtp://…, smtps://… nor log")
