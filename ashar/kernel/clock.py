"""The one source of time; a test or a demo may put another in its place."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from flask import current_app

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Tell the time in UTC."""
    return datetime.now(UTC)


def now() -> datetime:
    """Tell the time in UTC by the clock of the current app."""
    clock: Clock = current_app.extensions["ashar"].clock
    return clock()


def zone() -> ZoneInfo:
    """Return the time zone of the association, in which the book has its days."""
    return ZoneInfo(current_app.config["ASHAR_TIMEZONE"])


def day_of(instant: datetime) -> date:
    """Return the association's calendar day of an instant."""
    return instant.astimezone(zone()).date()


def today() -> date:
    """Return the association's calendar day of now."""
    return day_of(now())
