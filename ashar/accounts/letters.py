"""Letters about accounts: asked for by Flask-Security, written and sent by a job.

A job gets ids, at most an address, and makes the link itself, so no queue holds a key. And since
letters go out beside the request, nobody can tell by the clock whether an address has an account.
"""

import hashlib
import logging
import uuid
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from flask import Flask, Response, after_this_request, current_app, render_template
from flask_security import EmailValidateException, MailUtil
from flask_security.change_email import _generate_token
from flask_security.confirmable import generate_confirmation_token
from flask_security.recoverable import generate_reset_password_token
from flask_security.signals import (
    change_email_confirmed,
    tf_disabled,
    tf_profile_changed,
    wan_deleted,
    wan_registered,
)
from flask_security.utils import get_message

from ashar.accounts.models import NOWHERE, User
from ashar.accounts.settings import LETTERS
from ashar.kernel import config, i18n, jobs
from ashar.kernel.db import session

log = logging.getLogger(__name__)

KINDS = frozenset(
    {"welcome", "known", "confirm", "reset", "changed", "factors", "address", "moved", "met"}
    | {"recovered"}
)
#: Letters to an address that is not the account's: the one it is to have, the one it had.
ELSEWHERE = frozenset({"address", "moved"})


class Post(MailUtil):
    """Takes what Flask-Security wants to send, and addresses as one spelling each."""

    def send_mail(
        self,
        template: str,
        subject: str,
        recipient: Any,
        sender: Any,
        body: str | None,
        html: str | None,
        **context: Any,
    ) -> None:
        """Ask for the letter; texts and links are made when it is written."""
        kind = template.removeprefix(LETTERS)
        write(context["user"], kind, str(recipient) if kind in ELSEWHERE else "")

    def normalize(self, email: str) -> str:
        """Return the one spelling of an address, in lower case."""
        return _spelling(email)

    def validate(self, email: str) -> str:
        """Return the one spelling of an address that may take letters."""
        deliverable = bool(current_app.config["ASHAR_CHECK_DELIVERABILITY"])
        return _spelling(email, check_deliverability=deliverable)


def _spelling(email: str, check_deliverability: bool = False) -> str:
    try:
        found = validate_email(
            str(email).strip(),
            allow_smtputf8=False,
            check_deliverability=check_deliverability,
            # Names that lead nowhere are fine where nothing is delivered in earnest.
            globally_deliverable=config.is_production(current_app.config),
            timeout=5,
        )
    except EmailNotValidError as error:
        raise EmailValidateException(get_message("INVALID_EMAIL_ADDRESS")[0]) from error
    return found.normalized.lower()


def listen(app: Flask) -> None:
    """Tell people by letter when their second factors changed."""
    for signal in (tf_profile_changed, tf_disabled, wan_registered, wan_deleted):
        signal.connect(_factors_changed, sender=app, weak=False)
    change_email_confirmed.connect(_moved, sender=app, weak=False)


def _factors_changed(_app: Flask, user: User, **_more: Any) -> None:
    write(user, "factors")


def _moved(_app: Flask, user: User, old_email: str, **_more: Any) -> None:
    write(user, "moved", old_email)


def write(user: User, kind: str, to: str = "") -> None:
    """Ask for a letter, once the request is answered: its rows are there, and no lock is held.

    It goes to the account's address, unless `to` is another; none to an account without one.
    """
    if (to or user.email).endswith(NOWHERE):
        return
    session.flush()
    number = user.id

    def ask(response: Response) -> Response:
        session.commit()
        jobs.enqueue("accounts.letter", number, kind, *filter(None, [to]))
        return response

    after_this_request(ask)


@jobs.job("accounts.letter")
def send(number: int, kind: str, to: str = "") -> None:
    """Write a letter in the account's language and give it to the mailer."""
    user = session.get(User, number)
    if user is None or kind not in KINDS:
        return
    recipient = to or user.email
    if recipient.endswith(NOWHERE):
        return
    with i18n.speaking(user.language or i18n.languages()[0]):
        subject, text, html = render(user, kind, to)
    session.rollback()
    try:
        mailer = current_app.extensions["ashar"].mailer
        mailer.send(recipient, subject, text, html, _message_id())
    except Exception:
        # The page has said what to do when no letter comes; more would tell who has an account.
        log.exception("a letter of kind %s was not sent", kind)


def render(user: User, kind: str, to: str = "") -> tuple[str, str, str]:
    """Return a letter's subject, text and HTML."""
    values = {"user": user, "links": _links(user, kind, to), "site": link("login", user)}
    values["us"] = parseaddr(current_app.config["ASHAR_MAIL_FROM"])[1]
    subject, text, html = (
        render_template(f"{LETTERS}{kind}/{name}", **values)
        for name in ("subject.txt", "body.txt", "body.html")
    )
    return " ".join(subject.split()), text.strip() + "\n", html


def _links(user: User, kind: str, to: str) -> dict[str, str]:
    """Return the links that a kind of letter needs."""
    found = {}
    if kind in {"welcome", "confirm"}:
        found["confirm"] = link("confirm_email", user, token=generate_confirmation_token(user))
    if kind in {"reset", "known"}:
        found["reset"] = link("reset_password", user, token=generate_reset_password_token(user))
    if kind == "address":
        token = _generate_token(user, to)
        found["address"] = link("change_email_confirm", user, token=token)
    if kind in {"changed", "factors", "recovered"}:
        found["forgotten"] = link("forgot_password", user)
    return found


def link(endpoint: str, user: User, **values: Any) -> str:
    """Return the address of an account page at the site's own address, never the request's Host."""
    if user.language:
        values["lang"] = user.language
    return address(f"security.{endpoint}", **values)


def address(endpoint: str, **values: Any) -> str:
    """Return the full address of a page of the site."""
    base = urlsplit(current_app.config["ASHAR_BASE_URL"])
    adapter = current_app.url_map.bind(
        base.netloc, script_name=base.path or "/", url_scheme=base.scheme
    )
    return adapter.build(endpoint, values, force_external=True)


def _message_id() -> str:
    _, sender = parseaddr(current_app.config["ASHAR_MAIL_FROM"])
    word = hashlib.sha256(uuid.uuid4().bytes).hexdigest()[:32]
    return f"<{word}@{sender.partition('@')[2] or 'localhost'}>"
