"""A mailer that keeps letters, for tests that are not about SMTP itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Mail:
    """A letter as it would have gone out."""

    recipient: str
    subject: str
    text: str
    html: str
    message_id: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Mailbox:
    """Keeps what it is given to send."""

    letters: list[Mail] = field(default_factory=list)

    def send(
        self,
        recipient: str,
        subject: str,
        text: str,
        html: str,
        message_id: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Keep one letter."""
        self.letters.append(Mail(recipient, subject, text, html, message_id, headers or {}))

    def subjects(self) -> list[str]:
        """Return the subjects, in order."""
        return [letter.subject for letter in self.letters]
