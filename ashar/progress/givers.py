"""Those who gave, as far as they want to be known: on the project's page, and on its leader's desk.

Never with a sum or a day: in a small village those would name whoever wants no name.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, TextClause, and_, select, text

from ashar.kernel.db import session
from ashar.pledges.models import Group, Pledge
from ashar.pledges.models.pledge import IS_SHOWN
from ashar.progress.models import Message

#: How many of those who gave stand on one page.
ON_PAGE, ON_DESK = 12, 50


@dataclass(frozen=True, slots=True)
class Giver:
    """Somebody who gave: as they want to be named, with words that a moderator has read."""

    name: str
    group: str
    group_slug: str
    message: str
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class Givers:
    """One page of those who gave, the latest first, and whether there are more."""

    rows: list[Giver]
    number: int
    more: bool


def _givers(
    project: int, *wanted: ColumnElement[bool] | TextClause
) -> Select[str, str, str, str, str]:
    read = and_(
        Message.pledge_id == Pledge.id, Message.state == "shown", Message.text == Pledge.message
    )
    return (
        select(Pledge.name, Group.name, Group.slug, Message.text, Pledge.visibility)
        .outerjoin(Group, and_(Group.id == Pledge.group_id, Group.state == "shown"))
        .outerjoin(Message, read)
        .where(Pledge.project_id == project, *wanted)
        .order_by(Pledge.id.desc())
    )


def _page(query: Select[str, str, str, str, str], number: int, size: int) -> Givers:
    rows = session.execute(query.offset((number - 1) * size).limit(size + 1)).all()
    found = [
        Giver(name, group or "", slug or "", message or "", anonymous=seen == "anonymous")
        for name, group, slug, message, seen in rows
    ]
    return Givers(found[:size], number, len(found) > size)


def public(project: int, number: int = 1) -> Givers:
    """Return those who gave to a project and are named to everybody: one query."""
    # Its columns word for word, so that their index is known to hold all of it.
    return _page(_givers(project, text(IS_SHOWN)), number, ON_PAGE)


def for_leader(project: int, number: int = 1) -> Givers:
    """Return those who gave to a project and do not hide from its leader: one query."""
    return _page(
        _givers(
            project,
            Pledge.counted.is_(True),
            Pledge.visibility.in_(("public", "anonymous")),
            # Whoever said nothing at all would be an empty line.
            (Pledge.name != "") | Pledge.group_id.is_not(None) | Message.id.is_not(None),
        ),
        number,
        ON_DESK,
    )
