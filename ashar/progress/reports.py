"""Reports of irregularities: to the region's moderators and to administrators, never to a leader.

Called inside a transaction. Rows are locked in one order: case, report, what it is about, project.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ashar.kernel import clock, history, i18n, ids, outbox
from ashar.kernel.db import session
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_
from ashar.moderation import access
from ashar.moderation import queries as cases
from ashar.moderation import services as moderation
from ashar.moderation.kinds import Kind, register
from ashar.moderation.models import Case, Decision
from ashar.moderation.queries import Reviewer
from ashar.progress import comments, services
from ashar.progress.models import Comment, Report, Update
from ashar.progress.states import REPORT, REPORT_REASONS
from ashar.projects.models import Project


@dataclass(frozen=True, slots=True)
class Told:
    """What a valid form holds, and what it is about; `person` is who was signed in."""

    attempt: str
    reason: str
    words: str
    contact: str = ""
    person: int | None = None
    update: Update | None = None
    comment: Comment | None = None


def report(project: Project, told: Told) -> Report:
    """Write a report and open its case; nothing that a leader sees says who told it."""
    made = Report(
        token=ids.token(),
        attempt=told.attempt,
        project_id=project.id,
        update_id=told.update.id if told.update else None,
        comment_id=told.comment.id if told.comment else None,
        state=REPORT.start,
        reason=told.reason,
        words=told.words,
        contact=told.contact,
        person_id=told.person,
        language=i18n.language(),
        made_at=clock.now(),
    )
    session.add(made)
    session.flush()
    history.record("report", made.id, "state", None, REPORT.start)
    moderation.open_case("report", made.id, project.region, project=project)
    outbox.emit("report_opened", project=project.slug, report=made.id)
    return made


def status(row: Report) -> str:
    """Return how far a report is: received, seen, founded or unfounded."""
    if row.state != REPORT.start:
        return row.state
    case = cases.of_subject("report", row.id)
    return "seen" if case is not None and cases.claimed(case) is not None else "received"


def of_case(case: Case) -> Report:
    """Return the report that a case is about."""
    return session.get_one(Report, case.subject_id)


def _decide(case: Case, decision: Decision, outcome: str) -> Report:
    if not decision.words:
        raise Refused(N_("Please say why in your own words: the reporter reads them."))
    query = select(Report).where(Report.id == case.subject_id).with_for_update(of=Report)
    row = session.execute(query, execution_options={"populate_existing": True}).scalar_one()
    REPORT.move(row, outcome, why=decision.words, actor=decision.person_id)
    row.answer, row.decided_at = decision.words, clock.now()
    outbox.emit("report_decided", project=row.project.slug, report=row.id, outcome=outcome)
    return row


def _found(case: Case, decision: Decision) -> None:
    """Hide what was reported with reason; a project is held up by a moderator's own step."""
    row = _decide(case, decision, "founded")
    if row.comment is not None:
        comments.hide(row.comment, "moderator", decision.words, decision.person_id)
    elif row.update is not None:
        services.hide(row.update, "moderator", decision.words, decision.person_id)


def _dismiss(case: Case, decision: Decision) -> None:
    _decide(case, decision, "unfounded")


def _conflict(case: Case, reviewer: Reviewer) -> str | None:
    row = of_case(case)
    if row.person_id == reviewer.id or _is_contact(row, reviewer):
        return "reporter"
    written = row.comment.person_id if row.comment else row.update and row.update.writer_id
    return "author" if written == reviewer.id else None


def _is_contact(row: Report, reviewer: Reviewer) -> bool:
    return bool(reviewer.email) and row.contact.casefold() == reviewer.email.casefold()


def facts(case: Case) -> dict[str, Any]:
    """Return what the reader of a case sees of its report.

    Who may not decide, the project's leader above all, learns that there is a report and no more:
    words alone may tell who wrote them.
    """
    reader = access.reviewer()
    if reader is None or moderation.obstacle(case, reader) is not None:
        return {"report": None}
    row = of_case(case)
    return {"report": row, "reason": REPORT_REASONS[row.reason]}


def _load(found: Sequence[Case]) -> list[Report]:
    rows = {case.subject_id for case in found}
    about = (joinedload(Report.comment), joinedload(Report.update))
    return list(session.scalars(select(Report).where(Report.id.in_(rows)).options(*about)))


KIND = register(
    Kind(
        "report",
        N_("Report of an irregularity"),
        _found,
        _dismiss,
        conflict=_conflict,
        reasoned=False,
        words={"approve": N_("Founded"), "reject": N_("Unfounded")},
        template="ashar/progress/_case_report.html",
        facts=facts,
        load=_load,
    )
)
