"""The brake: when cards are declined one after the other, somebody tries stolen ones here.

Counted with the limits, for all processes together. While it is on, gifts through a provider are
slow: few from one address and one e-mail, not many from all, from forms that somebody can have
filled in, and behind the host's CAPTCHA where it has given one.
"""

import logging
from typing import Any

from flask import current_app
from markupsafe import Markup

from ashar.gateways import bank
from ashar.kernel import db, limits
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_
from ashar.kernel.limits import TooMany

log = logging.getLogger(__name__)

ALL = "all"
#: Nobody fills in the form in less.
LEAST_SECONDS = 3
SLOW = N_(
    "Somebody is trying stolen cards here, so gifts by card are slowed down for some minutes. "
    "Nothing was charged, and what you typed is still here. You can also give by bank transfer."
)
QUICK = N_("That was very quick. Please look over it once more and send it again.")
CAPTCHA = N_("Please show that you are a person: answer the question at the end of the form.")


def note_decline(payment: int) -> None:
    """Count a card that was declined, once the current transaction is written."""
    db.after_commit(("declined", payment), _count)


def _count() -> None:
    try:
        if limits.count("declined", ALL) == limits.amount("declined"):
            log.warning("many cards are declined: gifts by card are slowed down")
    except Exception:
        # What the provider told is written; a counter must not stop what follows from it.
        log.exception("a declined card could not be counted")


def declines() -> int:
    """Return how many cards were declined lately while the brake is on, else 0."""
    found = limits.counted("declined", ALL)
    return found if found >= limits.amount("declined") else 0


def slows(method: str) -> bool:
    """Tell whether a way of paying is slowed down now."""
    return method != bank.NAME and declines() > 0


def hit(address: str, email: str) -> None:
    """Count one gift under the brake; raise TooMany, with words, beyond its limits."""
    doing = {"braked-pledge": address, "braked-email": email.casefold(), "braked": ALL}
    try:
        limits.hit_all(doing)
    except TooMany as error:
        raise TooMany(error.seconds, SLOW) from error


def check(age: float, answers: Any, address: str) -> None:
    """Refuse, in words, a form that no person can have filled in."""
    if not current_app.config["ASHAR_RATELIMIT_ENABLED"]:
        return
    if age < LEAST_SECONDS:
        raise Refused(QUICK)
    captcha = current_app.extensions["ashar"].captcha
    if captcha is not None and not captcha.passes(answers, address):
        raise Refused(CAPTCHA)


def widget() -> Markup:
    """Return the host's question, where it has one and the brake is on."""
    captcha = current_app.extensions["ashar"].captcha
    return Markup(captcha.widget()) if captcha is not None and declines() else Markup()  # noqa: S704 - the host's own
