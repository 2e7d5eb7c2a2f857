"""Letters to a mail server."""

import smtplib
import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import localtime
from urllib.parse import unquote, urlsplit


class SmtpMailer:
    """Hands letters to a mail server, each on a connection of its own."""

    def __init__(self, url: str, sender: str) -> None:
        self._server = urlsplit(url)
        self._sender = sender

    def send(
        self,
        recipient: str,
        subject: str,
        text: str,
        html: str,
        message_id: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Send one letter; raises what smtplib raises."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, recipient, subject
        message["Date"], message["Message-ID"] = localtime(), message_id
        message["Auto-Submitted"] = "auto-generated"
        for name, value in (headers or {}).items():
            message[name] = value
        message.set_content(text)
        message.add_alternative(html, subtype="html")
        with self._connect() as connection:
            connection.send_message(message)

    def _connect(self) -> smtplib.SMTP:
        host, port = self._server.hostname or "localhost", self._server.port
        secure = ssl.create_default_context()
        if self._server.scheme == "smtps":
            found: smtplib.SMTP = smtplib.SMTP_SSL(host, port or 465, timeout=20, context=secure)
        else:
            found = smtplib.SMTP(host, port or 25, timeout=20)
            if "starttls" in self._server.query:
                found.starttls(context=secure)
        if self._server.username:
            found.login(unquote(self._server.username), unquote(self._server.password or ""))
        return found
