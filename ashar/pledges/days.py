"""Days of work as calendars read them (RFC 5545): no names, since calendars are kept anywhere."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlsplit

from flask import current_app, make_response
from icalendar import Calendar, Event
from werkzeug.wrappers import Response

from ashar.kernel import clock


@dataclass(frozen=True, slots=True)
class WorkDay:
    """A day of work: `key` is the same for the same day, however often it is asked for."""

    key: str
    day: date
    title: str
    place: str
    about: str
    url: str


def calendar(days: Iterable[WorkDay]) -> bytes:
    """Return a calendar with some days of work, each the whole day long."""
    found = Calendar()
    found.add("prodid", "-//Ashar//Ashar//EN")
    found.add("version", "2.0")
    found.add("method", "PUBLISH")
    for one in days:
        found.add_component(_event(one))
    return bytes(found.to_ical())


def answer(days: Iterable[WorkDay]) -> Response:
    """Return days of work as a file that calendars open."""
    found = make_response(calendar(days))
    found.headers["Content-Type"] = "text/calendar; charset=utf-8"
    found.headers["Content-Disposition"] = 'attachment; filename="ashar.ics"'
    return found


def _event(one: WorkDay) -> Event:
    host = urlsplit(current_app.config["ASHAR_BASE_URL"]).hostname or "localhost"
    event = Event()
    event.add("uid", f"{one.key}@{host}")
    event.add("dtstamp", clock.now())
    event.add("dtstart", one.day)
    event.add("dtend", one.day + timedelta(days=1))
    event.add("summary", one.title)
    if one.place:
        event.add("location", one.place)
    event.add("description", one.about)
    event.add("url", one.url)
    return event
