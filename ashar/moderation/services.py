"""Opening, claiming and deciding cases; called inside a transaction.

A decision is taken under the lock of its case and for the revision that its form was made of: of
two at once one is told that the other was first, and no stale form decides on what is new.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import current_app
from sqlalchemy import select

from ashar.kernel import clock, history, ids, outbox, terms
from ashar.kernel.db import session
from ashar.kernel.errors import Refused, Stale
from ashar.kernel.i18n import N_
from ashar.kernel.money import Money
from ashar.ledger import rates
from ashar.moderation import conflicts, queries
from ashar.moderation.kinds import KINDS
from ashar.moderation.models import Case, Decision, Remark
from ashar.moderation.queries import ADMINISTRATORS_TOO, Reviewer
from ashar.moderation.states import (
    ADMINISTRATORS,
    ANSWERS,
    CASE,
    CHECKLIST,
    CONFLICTS,
    KINSHIP,
    NEIGHBOURS,
    REASONS,
)
from ashar.people.models import Person
from ashar.projects.models import Project


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a moderator sent: what they decide (approve, reject, ask), on which revision, and why.

    `reads` are the languages whose texts they have read.
    """

    what: str
    revision: int
    kinship: str
    reason: str = ""
    words: str = ""
    checklist: Mapping[str, str] = field(default_factory=dict)
    reads: tuple[str, ...] = ()


def open_case(
    kind: str, subject: int, region: str, *, project: Project | None = None, needed: int = 1
) -> Case:
    """Open a case, and tell who may decide on it."""
    now = clock.now()
    case = Case(
        token=ids.token(),
        kind=KINDS[kind].name,
        subject_id=subject,
        project_id=project.id if project else None,
        region=region,
        state=CASE.start,
        needed=needed,
        opened_at=now,
        since=now,
    )
    session.add(case)
    session.flush()
    history.record("case", case.id, "state", None, CASE.start)
    outbox.emit("case_opened", case=case.id, kind=kind, level=0)
    return case


def lock(case: int) -> Case:
    """Return a case, locked, as it is now."""
    query = select(Case).where(Case.id == case).with_for_update(of=Case)
    return session.execute(query, execution_options={"populate_existing": True}).scalar_one()


def renew(case: Case, subject: int) -> None:
    """Give the moderators something new to decide on in the same case: it is their turn again."""
    case = lock(case.id)
    case.subject_id, case.revision, case.since = subject, case.revision + 1, clock.now()
    case.begun = case.revision
    if case.state == "asked":
        CASE.move(case, "open", why=N_("The leader has answered and sent it again."))
    outbox.emit("case_opened", case=case.id, kind=case.kind, level=case.level)


def withdraw(case: Case, *, actor: int | None = None, why: str = "") -> None:
    """Close a case on which nothing is to be decided any more."""
    case = lock(case.id)
    if case.state in {"open", "asked"}:
        CASE.move(case, "withdrawn", actor=actor, why=why)
        case.decided_at, case.revision = clock.now(), case.revision + 1


def claim(case: Case, reviewer: Reviewer) -> None:
    """Take a case in hand; raise Refused when somebody else has it, or for a conflict."""
    case = lock(case.id)
    _refuse_closed(case)
    _may_decide(case, reviewer)
    holder = queries.claimed(case)
    if holder not in {None, reviewer.id}:
        raise Refused(N_("%(name)s has taken this case."), name=_name(holder))
    case.claimed_by, case.claimed_at = reviewer.id, clock.now()
    history.record("case", case.id, "claimed", None, str(reviewer.id), actor=reviewer.id)


def release(case: Case, reviewer: Reviewer) -> None:
    """Put a case back for others."""
    case = lock(case.id)
    if case.claimed_by == reviewer.id:
        case.claimed_by = case.claimed_at = None
        history.record("case", case.id, "claimed", str(reviewer.id), None, actor=reviewer.id)


def _name(person: int | None) -> str:
    return queries.names([person]).get(person or 0, "?")


def note(case: Case, reviewer: Reviewer, words: str) -> Remark:
    """Leave a note among moderators; those with a conflict do not see them and leave none."""
    if _against(case, reviewer) is not None:
        raise Refused(N_("Notes are for those who may decide."))
    return _remark(case, reviewer.id, "note", "", words)


def question(case: Case, reviewer: Reviewer, field: str, words: str) -> Remark:
    """Ask the leader something about a field; it is sent when changes are asked for."""
    case = lock(case.id)
    _refuse_closed(case)
    _may_decide(case, reviewer)
    if "ask" not in KINDS[case.kind].choices:
        raise Refused(N_("There is no such decision."))
    return _remark(case, reviewer.id, "question", field, words)


def _remark(case: Case, person: int, kind: str, field: str, words: str) -> Remark:
    if not words:
        raise Refused(N_("Please write something."))
    made = Remark(
        token=ids.token(),
        case_id=case.id,
        kind=kind,
        field=field,
        subject_id=case.subject_id,
        words=words,
        person_id=person,
        at=clock.now(),
    )
    session.add(made)
    session.flush()
    return made


def take_back(remark: Remark, reviewer: Reviewer) -> None:
    """Take back one's own question that was not sent yet."""
    case = lock(remark.case_id)
    if remark.person_id == reviewer.id and case.state == "open" and remark.answered_at is None:
        session.delete(remark)


def answer(remark: Remark, person: Person, words: str) -> None:
    """Answer a question; the leader may better an answer until the case is sent again."""
    if not words:
        raise Refused(N_("Please write something."))
    remark.answer, remark.answered_by, remark.answered_at = words, person.id, clock.now()


def questions(case: Case) -> list[Remark]:
    """Return the questions of a case."""
    return [remark for remark in case.remarks if remark.kind == "question"]


def declare(case: Case, reviewer: Reviewer, kinship: str, words: str = "") -> None:
    """Record that somebody is too close to a project to decide on it; what they approved counts
    no more.
    """
    if kinship not in KINSHIP or kinship == "no":
        raise Refused(N_("Please say whether you are close to the people of this project."))
    case = lock(case.id)
    _decided(case, reviewer, Verdict("conflict", case.revision, kinship, words=words))
    if case.claimed_by == reviewer.id:
        case.claimed_by = case.claimed_at = None


def decide(case: Case, reviewer: Reviewer, verdict: Verdict) -> Case:
    """Take a decision; raise Stale or Refused, in words, for one that cannot be taken.

    With two approvals needed, the first leaves the case open for another person. Who answers the
    question of kinship with yes has thereby declared a conflict, and decides nothing.
    """
    case = lock(case.id)
    _refuse_late(case, verdict)
    _may_decide(case, reviewer)
    _refuse_incomplete(case, reviewer, verdict)
    if verdict.kinship != "no":
        declare(case, reviewer, verdict.kinship, verdict.words)
        return case
    kind = KINDS[case.kind]
    if verdict.what == "approve" and reviewer.id in approvers(case):
        raise Refused(N_("You have approved this already; now another person has to."))
    decision = _decided(case, reviewer, verdict)
    if verdict.what == "ask":
        CASE.move(case, "asked", actor=reviewer.id, why=verdict.words)
        kind.ask(case, decision)
    elif verdict.what == "reject":
        _close(case, "rejected", reviewer.id, verdict.words)
        kind.reject(case, decision)
    elif len(approvers(case)) >= case.needed:
        _close(case, "approved", reviewer.id, verdict.words)
        kind.approve(case, decision)
    else:
        case.claimed_by = case.claimed_at = None
        outbox.emit("case_opened", case=case.id, kind=case.kind, level=case.level)
    return case


def _refuse_closed(case: Case) -> None:
    if case.state == "asked":
        raise Stale(N_("This case waits for the leader's answers now."))
    if case.state != "open":
        raise Stale(N_("This case is closed."))


def _refuse_late(case: Case, verdict: Verdict) -> None:
    last = _last_word(case)
    if case.state != "open":
        if last is not None and case.state in {"decided", "asked"}:
            raise Stale(
                N_("%(name)s was first: this case is decided already."), name=_name(last.person_id)
            )
        raise Stale(N_("This case is closed."))
    if case.revision != verdict.revision:
        raise Stale(N_("This case has changed since you opened it. Please read it again."))


def _last_word(case: Case) -> Decision | None:
    return session.scalars(
        select(Decision)
        .where(Decision.case_id == case.id, Decision.what != "conflict")
        .order_by(Decision.id.desc())
        .limit(1)
    ).one_or_none()


def _may_decide(case: Case, reviewer: Reviewer) -> None:
    """Raise Refused when it is not somebody's turn, or for a conflict."""
    if (found := obstacle(case, reviewer)) is not None:
        raise Refused(found)


def obstacle(case: Case, reviewer: Reviewer) -> str | None:
    """Return why somebody may not decide on a case, as a msgid, or None."""
    if not _is_turn(case, reviewer):
        return N_("This case is not yours to decide now.")
    found = _against(case, reviewer)
    return CONFLICTS[found] if found else None


def _against(case: Case, reviewer: Reviewer) -> str | None:
    return conflicts.conflict(case, reviewer) or KINDS[case.kind].conflict(case, reviewer)


def _is_turn(case: Case, reviewer: Reviewer) -> bool:
    if case.kind == "hold":
        # The second person of a hold comes from outside the region, whatever else they are.
        return case.region not in reviewer.regions and bool(
            reviewer.regions or reviewer.administers
        )
    if case.region in reviewer.regions:
        return True
    if case.level >= NEIGHBOURS and case.region in reviewer.neighbours:
        return True
    always = case.kind in ADMINISTRATORS_TOO
    return reviewer.administers and (always or case.level >= ADMINISTRATORS)


def _refuse_incomplete(case: Case, reviewer: Reviewer, verdict: Verdict) -> None:
    kind = KINDS[case.kind]
    if verdict.what not in kind.choices:
        raise Refused(N_("There is no such decision."))
    if verdict.kinship not in KINSHIP:
        raise Refused(N_("Please say whether you are close to the people of this project."))
    if verdict.kinship != "no":
        return
    if verdict.what == "reject" and kind.reasoned and verdict.reason not in REASONS:
        raise Refused(N_("Please choose a reason and say it in your own words."))
    if verdict.what == "reject" and not verdict.words:
        raise Refused(N_("Please say why, in your own words."))
    if verdict.what == "ask" and not any(one.answered_at is None for one in questions(case)):
        raise Refused(N_("Please ask at least one question first."))
    if verdict.what == "approve" and kind.checked:
        if any(verdict.checklist.get(item) not in ANSWERS for item in CHECKLIST):
            raise Refused(N_("Please answer every point of the checklist."))
        if "no" in verdict.checklist.values():
            raise Refused(N_("A point of the checklist is answered with no."))
        if not _read(reviewer, verdict):
            raise Refused(N_("Please say in which languages you have read it."))


def _read(reviewer: Reviewer, verdict: Verdict) -> list[str]:
    """Return the languages that were read: of those that somebody declared, if they did."""
    return [code for code in verdict.reads if not reviewer.reads or code in reviewer.reads]


def approvers(case: Case) -> set[int]:
    """Return who has approved what the case is about now, and may still say so."""
    found = queries.approvals([case]).get(case.id, set())
    return {one for one in found if _against(case, queries.as_reviewer(one)) is None}


def _decided(case: Case, reviewer: Reviewer, verdict: Verdict) -> Decision:
    made = Decision(
        case_id=case.id,
        revision=case.revision,
        subject_id=case.subject_id,
        person_id=reviewer.id,
        what=verdict.what,
        reason=verdict.reason,
        words=verdict.words,
        kinship=verdict.kinship,
        checklist=dict(verdict.checklist),
        reads=_read(reviewer, verdict),
        at=clock.now(),
    )
    session.add(made)
    session.flush()
    history.record("case", case.id, verdict.what, None, verdict.reason or None, why=verdict.words,
                   actor=reviewer.id, data={"kinship": verdict.kinship})  # fmt: skip
    return made


def _close(case: Case, outcome: str, actor: int, why: str) -> None:
    CASE.move(case, "decided", actor=actor, why=why)
    case.outcome, case.decided_at, case.revision = outcome, clock.now(), case.revision + 1


def approvals_needed(goal: Money) -> int:
    """Return how many people have to approve a goal: two above the administrator's limit.

    A goal whose worth is not known, for want of a rate, takes two as well.
    """
    limit = two_approvals_from()
    worth = rates.value(goal, limit.currency, clock.today())
    return 2 if worth is None or limit < worth else 1


def two_approvals_from() -> Money:
    """Return the limit that administrators set, else that of the settings."""
    settings, kept = current_app.config, terms.of("limit").get("two_approvals_from")
    text = kept.more["amount"] if kept else settings["ASHAR_TWO_APPROVALS_FROM"]
    return Money.from_decimal(str(text), settings["ASHAR_BOOK_CURRENCY"])


def escalate(case: Case, level: int) -> None:
    """Bring a case to more people, since it has waited for too long."""
    case = lock(case.id)
    if case.state == "open" and case.level < level:
        history.record("case", case.id, "level", str(case.level), str(level))
        case.level = level
        outbox.emit("case_opened", case=case.id, kind=case.kind, level=level)
