"""What a donor changes of a pledge afterwards: how they are named, their words, for whom it is.

Called inside a transaction. Sum, way of paying and e-mail stay.
"""

from dataclasses import dataclass

from ashar.kernel import clock, history, outbox
from ashar.pledges import groups, queries
from ashar.pledges.models import Pledge
from ashar.pledges.states import MONEY_CAME


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a donor wants a pledge to be from now on."""

    visibility: str
    name: str
    group: str
    in_honour_of: str
    honour_email: str | None
    message: str
    language: str


#: Fields of a pledge that hold somebody's words: the history says that they changed, not how.
WORDS = ("name", "in_honour_of", "honour_email", "message")


def told_already(pledge: Pledge) -> bool:
    """Tell whether money came: whom a gift honours has been told then, and is told once."""
    return any(payment.state in MONEY_CAME for payment in pledge.payments)


def change(pledge: Pledge, wanted: Wanted, *, actor: int | None = None) -> bool:
    """Change a pledge; tell whether anything changed. What is new of its words is read first."""
    pledge = queries.lock_pledge(pledge.id)
    changed = []
    for name in WORDS:
        if name == "honour_email" and told_already(pledge):
            continue
        if getattr(pledge, name) != getattr(wanted, name):
            setattr(pledge, name, getattr(wanted, name))
            changed.append(name)
    for name in ("visibility", "language"):
        if (old := getattr(pledge, name)) != (new := getattr(wanted, name)):
            history.record("pledge", pledge.id, name, old, new, actor=actor)
            changed.append(name)
    pledge.language = wanted.language
    group = pledge.group_id
    if groups.fold(pledge.group_name) != groups.fold(wanted.group):
        group = None
    if pledge.group_name != wanted.group:
        pledge.group_name = wanted.group
        changed.append("group")
    groups.place(pledge, group, wanted.visibility)
    if not changed:
        return False
    history.record("pledge", pledge.id, "changed", None, " ".join(changed), actor=actor)
    touch(pledge)
    outbox.emit("pledge_changed", pledge=pledge.id, project=pledge.project.slug)
    return True


def touch(pledge: Pledge) -> None:
    """Have the page of a pledge's project made anew: its supporters stand on it."""
    pledge.project.edited_at = clock.now()


def join_group(pledge: Pledge) -> int | None:
    """Count a locked pledge for the group that it names, once its money came; return the group."""
    if pledge.group_name and pledge.group_id is None and pledge.counted:
        groups.place(pledge, groups.named(pledge.group_name).id, pledge.visibility)
    return pledge.group_id
