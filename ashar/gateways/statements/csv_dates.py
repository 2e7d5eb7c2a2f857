"""The forms in which banks write a day, by the names that a mapping knows them by."""

import re
from datetime import date
from functools import lru_cache

_TIME = r"(?:[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)?"
_DAY, _MONTH, _YEAR = "(?P<day>[0-9]{1,2})", "(?P<month>[0-9]{1,2})", "(?P<year>[0-9]{4})"


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern + _TIME)


#: Forms of a day. A time of day may follow in each: it is not read.
DATES = {
    "dd.mm.yyyy": _form(rf"{_DAY}\.{_MONTH}\.{_YEAR}"),
    "dd.mm.yy": _form(rf"{_DAY}\.{_MONTH}\.(?P<year>[0-9]{{2}})"),
    "dd/mm/yyyy": _form(f"{_DAY}/{_MONTH}/{_YEAR}"),
    "mm/dd/yyyy": _form(f"{_MONTH}/{_DAY}/{_YEAR}"),
    "dd-mm-yyyy": _form(f"{_DAY}-{_MONTH}-{_YEAR}"),
    "yyyy-mm-dd": _form(f"{_YEAR}-{_MONTH}-{_DAY}"),
    "yyyy/mm/dd": _form(f"{_YEAR}/{_MONTH}/{_DAY}"),
    "yyyymmdd": _form("(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"),
}
#: No account of ours is older, and none is of a time to come.
_YEARS = range(1990, 2100)


def day_of(text: str, form: str) -> date | None:
    """Return the day that a text is in one of the forms; None if it is none."""
    return _day_of(text, form) if len(text) < 40 else None


@lru_cache(maxsize=4096)
def _day_of(text: str, form: str) -> date | None:
    match = DATES[form].fullmatch(text.strip())
    if match is None:
        return None
    year = int(match["year"]) + (2000 if len(match["year"]) == 2 else 0)
    try:
        return date(year, int(match["month"]), int(match["day"])) if year in _YEARS else None
    except ValueError:
        return None
