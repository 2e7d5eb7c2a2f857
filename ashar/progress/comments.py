"""Comments: said once, held for review for newcomers, hidden rather than deleted.

Called inside a transaction. Rows are locked in one order: case, comment, project.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from ashar.kernel import clock, history, ids, outbox
from ashar.kernel.db import session
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_
from ashar.moderation import queries as cases
from ashar.moderation import services as moderation
from ashar.moderation.kinds import Kind, register
from ashar.moderation.models import Case, Decision
from ashar.moderation.queries import Reviewer
from ashar.progress import queries, services
from ashar.progress.models import Comment, Update
from ashar.progress.states import ANSWERS, COMMENT, holds_contact
from ashar.projects.models import Project


@dataclass(frozen=True, slots=True)
class Author:
    """Who says something: a person signed in, or whoever holds a pledge's link."""

    person: int | None = None
    pledge: int | None = None
    leads: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """What a valid form holds, and what it is said to."""

    attempt: str
    text: str
    name: str = ""
    update: Update | None = None
    answers: Comment | None = None


def say(project: Project, author: Author, said: Said) -> Comment:
    """Write a comment: shown at once, or held until a moderator of the region has read it."""
    made = Comment(
        token=ids.token(),
        attempt=said.attempt,
        project_id=project.id,
        update_id=said.update.id if said.update else None,
        parent_id=_thread(said.answers),
        state=COMMENT.start,
        text=said.text,
        name=said.name,
        person_id=author.person,
        pledge_id=author.pledge,
        by_leader=author.leads,
        made_at=clock.now(),
    )
    session.add(made)
    session.flush()
    history.record("comment", made.id, "state", None, COMMENT.start, actor=author.person)
    if _is_shown_at_once(author, said):
        _show(made, actor=author.person)
    else:
        moderation.open_case("comment", made.id, project.region, project=project)
    return made


def _thread(answers: Comment | None) -> int | None:
    """Return the comment that begins the thread of an answer: threads are one level deep."""
    if answers is None:
        return None
    first = answers.parent_id or answers.id
    if queries.count_answers(first) >= ANSWERS:
        raise Refused(N_("This conversation is full. Please begin a new one."))
    return first


def _is_shown_at_once(author: Author, said: Said) -> bool:
    if author.leads:
        return True
    return queries.is_known(author.person, author.pledge) and not holds_contact(said.text)


def _show(comment: Comment, actor: int | None, why: str = "") -> None:
    COMMENT.move(comment, "shown", why=why, actor=actor)
    comment.shown_at = clock.now()
    services.touch(comment.project_id)
    slug = session.get_one(Project, comment.project_id).slug
    outbox.emit("comment_posted", project=slug, comment=comment.id)
    if comment.parent_id is not None:
        outbox.emit("comment_answered", project=slug, comment=comment.parent_id, answer=comment.id)


def lock(row: int) -> Comment:
    """Return a comment, locked, as it is now."""
    query = select(Comment).where(Comment.id == row).with_for_update(of=Comment)
    return session.execute(query, execution_options={"populate_existing": True}).scalar_one()


def hide(comment: Comment, by: str, why: str, actor: int | None) -> None:
    """Take a comment's words off its page; `by` is author or moderator."""
    comment = lock(comment.id)
    if not COMMENT.move(comment, "hidden", why=why, actor=actor):
        return
    comment.hidden_by, comment.hidden_why = by, why
    services.touch(comment.project_id)


def take_back(comment: Comment, author: Author) -> None:
    """Take back what one has said oneself; it need not be decided on any more."""
    case = cases.of_subject("comment", comment.id)
    if case is not None:
        moderation.withdraw(case, actor=author.person, why="taken back by its author")
    hide(comment, "author", "", author.person)


def of_case(case: Case) -> Comment:
    """Return the comment that a case is about."""
    return session.get_one(Comment, case.subject_id)


def _approve(case: Case, decision: Decision) -> None:
    comment = lock(case.subject_id)
    if comment.state == "held":
        _show(comment, actor=decision.person_id, why=decision.words)


def _reject(case: Case, decision: Decision) -> None:
    hide(of_case(case), "moderator", decision.words, decision.person_id)


def _conflict(case: Case, reviewer: Reviewer) -> str | None:
    return "author" if of_case(case).person_id == reviewer.id else None


def facts(case: Case) -> dict[str, Any]:
    """Return what a moderator sees of the comment that a case is about."""
    comment = of_case(case)
    update = session.get(Update, comment.update_id) if comment.update_id else None
    before = session.get(Comment, comment.parent_id) if comment.parent_id else None
    return {"comment": comment, "about": update, "before": before}


def _load(found: Sequence[Case]) -> list[Comment]:
    rows = {case.subject_id for case in found}
    return list(session.scalars(select(Comment).where(Comment.id.in_(rows))))


KIND = register(
    Kind(
        "comment",
        N_("Comment, held for review"),
        _approve,
        _reject,
        conflict=_conflict,
        reasoned=False,
        words={"approve": N_("Show the comment"), "reject": N_("Hide the comment")},
        done={"approve": N_("Shown"), "reject": N_("Hidden")},
        template="ashar/progress/_case_comment.html",
        facts=facts,
        load=_load,
    )
)
