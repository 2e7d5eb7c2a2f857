"""Ending letters of a topic by their link, and having them sent again.

The link itself is the proof: mail programs send the one-click POST without our cookie and without
our form's token (RFC 8058), and nobody but the reader of the letter has the link.
"""

from typing import Any

from flask import abort, redirect, render_template, request

from ashar.kernel import db, links
from ashar.kernel.forms import Form
from ashar.mail import topics

#: The body of the POST that mail programs send.
ONE_CLICK = ("List-Unsubscribe", "One-Click")


class AgainForm(Form):
    """Asks for letters again: nothing but the proof that it is ours."""


def unsubscribe(token: str) -> Any:
    """Show what a link ends, or has ended; change nothing."""
    email, topic = topics.read(token) or abort(404)
    return _page(token, email, topic)


def _page(token: str, email: str, topic: str, status: int = 200) -> Any:
    ended = bool(topics.ended(topic, [email]))
    page = render_template(
        "ashar/pages/unsubscribe.html",
        token=token,
        email=_veiled(email),
        topic=topics.TOPICS[topic],
        ended=ended,
        form=AgainForm() if ended else None,
    )
    return page, status


def _veiled(email: str) -> str:
    """Return enough of an address for its owner to know it: letters are forwarded."""
    name, _, domain = email.rpartition("@")
    return f"{name[:1]}…@{domain}"


def end(token: str) -> Any:
    """End the letters of a topic, by a mail program's one click or by the page's button."""
    email, topic = topics.read(token) or abort(404)
    with db.transaction():
        topics.end(email, topic)
    if request.form.get(ONE_CLICK[0]) == ONE_CLICK[1]:
        # A mail program follows no redirect.
        return _page(token, email, topic)
    return redirect(links.url("letters.unsubscribe", token=token), 303)


def again(token: str) -> Any:
    """Send the letters of a topic again."""
    email, topic = topics.read(token) or abort(404)
    if not AgainForm().validate_on_submit():
        abort(400)
    with db.transaction():
        topics.resume(email, topic)
    return redirect(links.url("letters.unsubscribe", token=token), 303)
