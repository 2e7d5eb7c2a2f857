"""Messages that come with gifts: read by a moderator before anybody else, and anew once changed.

So are the names of new groups. Called inside a transaction; rows are locked in one order: pledge,
case, message or group, project.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ashar.kernel import clock, db, history
from ashar.kernel.db import session
from ashar.kernel.i18n import N_
from ashar.moderation import queries as cases
from ashar.moderation import services as moderation
from ashar.moderation.kinds import Kind, register
from ashar.moderation.models import Case, Decision
from ashar.moderation.queries import Reviewer
from ashar.pledges import changes, groups
from ashar.pledges import queries as pledges
from ashar.pledges.models import Group, Pledge
from ashar.pledges.states import GROUP
from ashar.progress.models import Message
from ashar.progress.services import touch
from ashar.progress.states import MESSAGE

#: Whose words are kept from the village are asked for by nobody.
READ = ("public", "anonymous")


def look_at(row: int) -> None:
    """Bring what a pledge says to those who read it first: once its money came, or it changed."""
    with db.transaction():
        pledge = pledges.lock_pledge(row)
        _have_read(pledge)
        group = changes.join_group(pledge)
        if group is not None:
            _have_group_read(group, pledge)


def _have_read(pledge: Pledge) -> None:
    case = _waiting("message", of_pledge(pledge.id))
    message = _message(pledge.id)
    wanted = pledge.counted and pledge.visibility in READ and bool(pledge.message)
    if not wanted:
        if case is not None:
            moderation.withdraw(case, why="nothing to be shown any more")
        return
    if message is not None and message.text == pledge.message:
        if case is None and message.state == "held":
            _open(message, pledge)
        return
    message = _write(message, pledge)
    if case is not None:
        moderation.renew(case, message.id)
    else:
        _open(message, pledge)


def _waiting(kind: str, row: int) -> Case | None:
    """Return the case about a row that is not decided yet, locked: before the row itself."""
    case = cases.of_subject(kind, row)
    if case is None:
        return None
    case = moderation.lock(case.id)
    return case if case.state in {"open", "asked"} else None


def _open(message: Message, pledge: Pledge) -> None:
    region = pledge.project.region
    moderation.open_case("message", message.id, region, project=pledge.project)


def of_pledge(row: int) -> int:
    """Return the number of a pledge's message, 0 where it has none."""
    query = select(Message.id).where(Message.pledge_id == row)
    return session.execute(query).scalar_one_or_none() or 0


def _message(pledge: int) -> Message | None:
    query = select(Message).where(Message.pledge_id == pledge)
    return session.scalars(
        query.with_for_update(), execution_options={"populate_existing": True}
    ).one_or_none()


def _write(message: Message | None, pledge: Pledge) -> Message:
    if message is None:
        message = Message(
            pledge_id=pledge.id, state=MESSAGE.start, text=pledge.message, made_at=clock.now()
        )
        session.add(message)
        session.flush()
        history.record("message", message.id, "state", None, MESSAGE.start)
        return message
    message.text, message.made_at = pledge.message, clock.now()
    MESSAGE.move(message, "held", why="changed by its author")
    session.flush()
    return message


def _have_group_read(row: int, pledge: Pledge) -> None:
    waiting = _waiting("group", row)
    group = groups.lock(row)
    # Of two that name a group at once, the second finds the case of the first, and only looks.
    if group.state == "held" and waiting is None and cases.of_subject("group", row) is None:
        region = pledge.project.region
        moderation.open_case("group", group.id, region, project=pledge.project)


# What decisions do ---------------------------------------------------------------------------


def lock(row: int) -> Message:
    """Return a message, locked, as it is now."""
    query = select(Message).where(Message.id == row).with_for_update()
    return session.execute(query, execution_options={"populate_existing": True}).scalar_one()


def _decided(case: Case, decision: Decision, to: str) -> None:
    message = lock(case.subject_id)
    MESSAGE.move(message, to, why=decision.words, actor=decision.person_id)
    if case.project_id is not None:
        touch(case.project_id)


def _approve(case: Case, decision: Decision) -> None:
    _decided(case, decision, "shown")


def _reject(case: Case, decision: Decision) -> None:
    _decided(case, decision, "hidden")


def _conflict(case: Case, reviewer: Reviewer) -> str | None:
    message = session.get_one(Message, case.subject_id)
    return "author" if message.pledge.person_id == reviewer.id else None


def _facts(case: Case) -> dict[str, Any]:
    message = session.get_one(Message, case.subject_id)
    return {"message": message, "pledge": message.pledge}


def _load(found: Sequence[Case]) -> list[Message]:
    rows = {case.subject_id for case in found}
    query = select(Message).where(Message.id.in_(rows)).options(joinedload(Message.pledge))
    return list(session.scalars(query))


KIND = register(
    Kind(
        "message",
        N_("Message with a gift"),
        _approve,
        _reject,
        conflict=_conflict,
        reasoned=False,
        words={"approve": N_("Show the message"), "reject": N_("Do not show it")},
        done={"approve": N_("Shown"), "reject": N_("Hidden")},
        template="ashar/progress/_case_message.html",
        facts=_facts,
        load=_load,
    )
)


def _show_group(case: Case, decision: Decision) -> None:
    group = groups.lock(case.subject_id)
    if GROUP.move(group, "shown", why=decision.words, actor=decision.person_id):
        group.shown_at = clock.now()
        _touch_projects(group)


def _hide_group(case: Case, decision: Decision) -> None:
    group = groups.lock(case.subject_id)
    if GROUP.move(group, "hidden", why=decision.words, actor=decision.person_id):
        _touch_projects(group)


def _touch_projects(group: Group) -> None:
    """Have the pages made anew on which the group is named."""
    for project in sorted(groups.given(group).projects):
        touch(project)


def _group_facts(case: Case) -> dict[str, Any]:
    group = session.get_one(Group, case.subject_id)
    return {"group": group, "alike": groups.alike(group)}


GROUP_KIND = register(
    Kind(
        "group",
        N_("New group of donors"),
        _show_group,
        _hide_group,
        reasoned=False,
        words={"approve": N_("Show the group"), "reject": N_("Do not show it")},
        done={"approve": N_("Shown"), "reject": N_("Hidden")},
        template="ashar/progress/_case_group.html",
        facts=_group_facts,
    )
)
