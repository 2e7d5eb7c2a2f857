"""What letters about monthly gifts say; each bears a link that stops the gift."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from ashar.kernel import clock
from ashar.kernel.db import session
from ashar.mail import addresses, says
from ashar.mail.models import Letter
from ashar.pledges import monthly_show
from ashar.pledges.models import Subscription

Values = dict[str, Any]


def _of(letters: Sequence[Letter]) -> tuple[Values, Subscription | None]:
    found = says.pledge(letters)
    row = letters[0].facts.get("subscription")
    return found, session.get(Subscription, row) if row else None


def started(letters: Sequence[Letter]) -> Values:
    """Say that a monthly gift began; nothing when it has ended since."""
    return _running(letters)


def _running(letters: Sequence[Letter], *states: str) -> Values:
    found, row = _of(letters)
    if row is None or row.state == "ended" or (states and row.state not in states):
        return {}
    told = letters[0].facts.get("day")
    return found | {
        "gift": row.gift,
        "charged": row.charged,
        "next_day": clock.day_of(row.next_at) if row.next_at else None,
        "day": date.fromisoformat(told) if told else None,
    }


def warned(letters: Sequence[Letter]) -> Values:
    """Say that a card runs out, or that a debit follows; nothing unless it is charged."""
    return _running(letters, "active")


def asked(letters: Sequence[Letter]) -> Values:
    """Ask what should become of a monthly gift at its project's end."""
    found = _running(letters)
    return found and found | {"projects": addresses.projects()}


def failed(letters: Sequence[Letter]) -> Values:
    """Say that a charge failed, why, and where it is mended; nothing once it was paid."""
    found = says.pledge(letters)
    payment, again = found["payment"], letters[0].facts.get("again")
    if payment.state != "failed":
        return {}
    return found | {
        "why": monthly_show.why(payment.trouble),
        "again": clock.day_of(datetime.fromisoformat(again)) if again else None,
        "mend": addresses.mend(found["pledge"].token, letters[0].language),
    }


def ended(letters: Sequence[Letter]) -> Values:
    """Say that a monthly gift has ended, and by whom."""
    found, row = _of(letters)
    return found | {"gift": row.gift, "by": row.ended_by} if row is not None else {}
