"""The days of monthly gifts, and what is promised of them before the first charge."""

from calendar import monthrange
from datetime import date

from ashar.kernel import clock, i18n
from ashar.kernel.i18n import N_, t


def later(day: date, months: int = 1) -> date:
    """Return the same day so many months later, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def promise() -> str:
    """Say when a monthly gift that begins today is charged next, and how it ends."""
    return t(
        N_(
            "Charged today and then each month on this day, next on %(day)s. Every letter about it "
            "has a link to stop it at once. A bank transfer becomes a standing order at your bank."
        ),
        day=i18n.day(later(clock.today())),
    )
