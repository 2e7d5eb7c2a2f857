"""A mailer that keeps letters, for tests that are not about SMTP itself."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Mail:
    """A letter as it would have gone out."""

    recipient: str
    subject: str
    text: str
    html: str
    message_id: str


@dataclass
class Mailbox:
    """Keeps what it is given to send."""

    letters: list[Mail] = field(default_factory=list)

    def send(self, recipient: str, subject: str, text: str, html: str, message_id: str) -> None:
        """Keep one letter."""
        self.letters.append(Mail(recipient, subject, text, html, message_id))

    def subjects(self) -> list[str]:
        """Return the subjects, in order."""
        return [letter.subject for letter in self.letters]
