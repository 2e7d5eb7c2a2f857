"""Cases about versions of projects: submitting, answering, and what a decision does.

A project goes through review once; afterwards its changes do, and its completion report.
"""

from ashar.kernel import clock, history, outbox
from ashar.kernel.db import session
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_
from ashar.kernel.money import Money
from ashar.moderation import queries, services
from ashar.moderation.kinds import Kind, register
from ashar.moderation.models import Case, Decision, Remark
from ashar.people.models import Person
from ashar.projects import content as contents
from ashar.projects import services as projects
from ashar.projects import versions
from ashar.projects.models import Project, Version
from ashar.projects.states import PROJECT, UNSEEN, VERSION

_WITHDRAWN = N_("Withdrawn by the leader.")


def submit(project: Project, by: Person, words: str = "") -> Case:
    """Send a project to review, or back after changes were asked for.

    Raises Refused, in words, while something is missing or a question has no answer.
    """
    known = next(iter(queries.open_about(project, "project")), None)
    if known is not None:
        _refuse_unanswered(known)
    version = projects.submit(project, by, words)
    if known is None:
        return _open("project", version, words)
    known.needed = _needed(version)
    services.renew(known, version.id)
    outbox.emit("project_submitted", project=project.slug, version=version.no)
    return known


def _open(kind: str, version: Version, words: str = "") -> Case:
    project = session.get_one(Project, version.project_id)
    case = services.open_case(
        kind,
        version.id,
        version.content["region"],
        project=project,
        needed=_needed(version) if kind in {"project", "change"} else 1,
    )
    outbox.emit("project_submitted", project=project.slug, version=version.no)
    return case


def _needed(version: Version) -> int:
    content = version.content
    goal = Money(content["goal"], content["currency"])
    if version.base:
        # A goal that was approved once and stays needs no second person again.
        before = Money(version.base["goal"], version.base["currency"])
        if before.currency == goal.currency and not before < goal:
            return 1
    return services.approvals_needed(goal)


def _refuse_unanswered(case: Case) -> None:
    if any(one.answered_at is None for one in services.questions(case)):
        raise Refused(N_("A question of the reviewer has no answer yet."))


def propose(project: Project, by: Person, words: str = "") -> list[Version]:
    """Send what changed since publication: slips of the pen are shown at once, all else waits."""
    waiting = next(iter(queries.open_about(project, "change")), None)
    if waiting is not None and waiting.state == "asked":
        _refuse_unanswered(waiting)
    made = projects.propose_changes(project, by, words)
    for version in made:
        if version.kind == "change" and waiting is not None:
            waiting.needed = _needed(version)
            services.renew(waiting, version.id)
        else:
            _open(version.kind, version, words)
    return made


def complete(project: Project, by: Person, report: dict[str, dict[str, str]]) -> Case:
    """Send a completion report; the project is completed once another leader approves it.

    `report` holds per language what was done, what went otherwise, who maintains it and what
    others may learn. Raises Refused when the work has not begun or the report says nothing.
    """
    project = versions.lock(project.id)
    if project.state != "in_progress":
        raise Refused(N_("Only a project in progress can be completed."))
    if not report.get(project.language, {}).get("done"):
        raise Refused(N_("Say what was done, in the language of the project."))
    for case in queries.open_about(project, "completion"):
        services.withdraw(case, actor=by.id, why=N_("A newer report came."))
    content = contents.whole(project.content) | {"report": report}
    return _open("completion", versions.propose(project, "completion", content, by))


def withdraw(project: Project, by: Person) -> None:
    """Take a project back before it was published: from review to nothing, kept in history."""
    if project.state not in UNSEEN:
        raise Refused(N_("A published project is cancelled by an administrator."))
    for case in queries.open_about(project, "project"):
        services.withdraw(case, actor=by.id, why=_WITHDRAWN)
    if (version := versions.pending(project, "first")) is not None:
        _end(version, "withdrawn", by.id)
    projects.step(project, "cancelled", actor=by.id, why=_WITHDRAWN)


def answer(remark: Remark, project: Project, by: Person, words: str) -> None:
    """Answer a reviewer's question about a project; raise Refused for another's."""
    case = session.get_one(Case, remark.case_id)
    if case.project_id != project.id or remark.kind != "question" or case.state != "asked":
        raise Refused(N_("This question is closed."))
    services.answer(remark, by, words)


# What decisions do ---------------------------------------------------------------------------


def _end(version: Version, state: str, actor: int) -> None:
    VERSION.move(version, state, actor=actor)
    version.decided_at = clock.now()


def _approve_first(case: Case, decision: Decision) -> None:
    version = queries.version_of(case)
    project = versions.approve(version, actor=decision.person_id, reads=_read(case, decision))
    projects.publish(project, actor=decision.person_id, why=decision.words)


def _read(case: Case, decision: Decision) -> set[str]:
    """Return the languages that any of those who approved what it is about now have read."""
    counting = services.approvers(case)
    found = {
        code
        for one in case.decisions
        if one.what == "approve" and one.revision >= case.begun and one.person_id in counting
        for code in one.reads
    }
    return found | set(decision.reads)


def _reject_first(case: Case, decision: Decision) -> None:
    version = queries.version_of(case)
    _end(version, "refused", decision.person_id)
    project = versions.lock(version.project_id)
    PROJECT.move(project, "rejected", actor=decision.person_id, why=decision.words)
    _tell("project_rejected", project, case)


def _ask_first(case: Case, decision: Decision) -> None:
    project = versions.lock(queries.version_of(case).project_id)
    PROJECT.move(project, "changes_requested", actor=decision.person_id, why=decision.words)
    _tell("changes_requested", project, case)


def _approve_change(case: Case, decision: Decision) -> None:
    version = queries.version_of(case)
    project = versions.approve(version, actor=decision.person_id, reads=_read(case, decision))
    _tell("change_approved", project, case)


def _reject_change(case: Case, decision: Decision) -> None:
    version = queries.version_of(case)
    _end(version, "refused", decision.person_id)
    _tell("change_rejected", versions.lock(version.project_id), case)


def _ask_change(case: Case, _decision: Decision) -> None:
    _tell("changes_requested", versions.lock(queries.version_of(case).project_id), case)


def _approve_slight(case: Case, decision: Decision) -> None:
    """Note that somebody has looked at what was shown at once."""
    _end(queries.version_of(case), "approved", decision.person_id)


def _undo_slight(case: Case, decision: Decision) -> None:
    """Take a slight change back: its texts are again what they were, where they still stand."""
    version = queries.version_of(case)
    project = versions.lock(version.project_id)
    undone = [
        change._replace(old=change.new, new=change.old)
        for change in contents.changes(version.base, version.content)
    ]
    shown = contents.flat(project.content)
    still = [change for change in undone if shown.get(change.key) == change.old]
    versions.show(project, contents.with_only(project.content, project.content, still))
    copy = versions.working(project)
    written = contents.flat(copy.content)
    mine = [change for change in undone if written.get(change.key) == change.old]
    copy.content = contents.with_only(copy.content, copy.content, mine)
    copy.revision += 1
    _end(version, "refused", decision.person_id)
    _tell("change_rejected", project, case)


def _approve_completion(case: Case, decision: Decision) -> None:
    version = queries.version_of(case)
    project = versions.approve(version, actor=decision.person_id, reads=_read(case, decision))
    projects.step(project, "completed", actor=decision.person_id, why=decision.words)
    outbox.emit("project_completed", project=project.slug)


def _tell(signal: str, project: Project, case: Case) -> None:
    project.edited_at = clock.now()
    history.record("project", project.id, "review", None, signal)
    outbox.emit(signal, project=project.slug, case=case.id, revision=case.revision)


ALL_CHOICES = ("approve", "ask", "reject")
PROJECT_KIND = register(
    Kind(
        "project",
        N_("New project"),
        _approve_first,
        _reject_first,
        _ask_first,
        choices=ALL_CHOICES,
        checked=True,
    )
)
CHANGE_KIND = register(
    Kind(
        "change",
        N_("Change of a published project"),
        _approve_change,
        _reject_change,
        _ask_change,
        choices=ALL_CHOICES,
        checked=True,
    )
)
SLIGHT_KIND = register(
    Kind(
        "slight",
        N_("Small change, shown already"),
        _approve_slight,
        _undo_slight,
        words={"approve": N_("Seen, it may stay"), "reject": N_("Take it back")},
        done={"approve": N_("Seen"), "reject": N_("Change taken back")},
    )
)
COMPLETION_KIND = register(
    Kind(
        "completion",
        N_("Completion report"),
        _approve_completion,
        _reject_change,
        _ask_change,
        choices=ALL_CHOICES,
    )
)
