"""Holding a project up: 72 hours by one person, longer with a second one from elsewhere."""

from ashar.kernel import clock, history, outbox
from ashar.kernel.db import session
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_
from ashar.moderation import queries, services
from ashar.moderation.kinds import Kind, register
from ashar.moderation.models import Case, Decision, Hold
from ashar.moderation.queries import Reviewer
from ashar.moderation.states import CONFLICTS, HOLD, REASONS
from ashar.people.models import Person
from ashar.projects import services as projects
from ashar.projects import versions
from ashar.projects.models import Project
from ashar.projects.states import PROJECT


def place(project: Project, reviewer: Reviewer, reason: str, words: str) -> Hold:
    """Hold a project up for 72 hours: nobody sees it, no gift is taken, no tranche leaves.

    Raises Refused without a reason, for a conflict, or for a project that cannot be held up.
    """
    project = versions.lock(project.id)
    if reason not in REASONS or not words:
        raise Refused(N_("Please choose a reason and say it in your own words."))
    if not PROJECT.may(project.state, "suspended"):
        raise Refused(N_("This project cannot be suspended now."))
    now = clock.now()
    hold = Hold(
        project_id=project.id,
        before=project.state,
        reason=reason,
        words=words,
        placed_by=reviewer.id,
        placed_at=now,
        ends_at=now + HOLD,
    )
    session.add(hold)
    session.flush()
    case = services.open_case("hold", hold.id, project.region, project=project)
    if (found := queries.conflict(case, reviewer)) is not None:
        raise Refused(CONFLICTS[found])
    projects.step(project, "suspended", actor=reviewer.id, why=words)
    outbox.emit("project_suspended", project=project.slug, hold=hold.id)
    return hold


def lift(hold: Hold, *, actor: int | None, why: str) -> None:
    """End a hold: the project goes on where it was."""
    if hold.lifted_at is not None:
        return
    hold.lifted_at, hold.lifted_by, hold.lifted_why = clock.now(), actor, why
    project = versions.lock(hold.project_id)
    for case in queries.open_about(project, "hold", "appeal"):
        if case.subject_id == hold.id:
            services.withdraw(case, actor=actor, why=why)
    if project.state == "suspended":
        projects.step(project, hold.before, actor=actor, why=why)
        outbox.emit("project_resumed", project=project.slug, hold=hold.id)


def appeal(hold: Hold, by: Person, words: str) -> Case:
    """Ask once for a hold to be lifted; raise Refused the second time."""
    project = versions.lock(hold.project_id)
    session.refresh(hold)
    if hold.appealed_at is not None:
        raise Refused(N_("You have appealed already; the answer is final."))
    if hold.lifted_at is not None:
        raise Refused(N_("This project is not suspended any more."))
    if not words:
        raise Refused(N_("Please write something."))
    hold.appeal, hold.appealed_at = words, clock.now()
    history.record("project", project.id, "appeal", None, None, why=words, actor=by.id)
    return services.open_case("appeal", hold.id, project.region, project=project)


def _hold(case: Case) -> Hold:
    return session.get_one(Hold, case.subject_id)


def _confirm(case: Case, decision: Decision) -> None:
    """Let the hold last until it is lifted."""
    hold = _hold(case)
    hold.confirmed_by, hold.confirmed_at, hold.ends_at = decision.person_id, clock.now(), None


def _refuse(case: Case, decision: Decision) -> None:
    lift(_hold(case), actor=decision.person_id, why=decision.words)


def _grant(case: Case, decision: Decision) -> None:
    lift(_hold(case), actor=decision.person_id, why=decision.words)


def _deny(case: Case, _decision: Decision) -> None:
    project = session.get_one(Project, _hold(case).project_id)
    outbox.emit("appeal_rejected", project=project.slug, hold=case.subject_id)


def _not_who_placed_it(case: Case, reviewer: Reviewer) -> str | None:
    hold = _hold(case)
    return "author" if reviewer.id in {hold.placed_by, hold.confirmed_by} else None


HOLD_KIND = register(
    Kind("hold", N_("Suspension, to be confirmed"), _confirm, _refuse, conflict=_not_who_placed_it)
)
APPEAL_KIND = register(
    Kind("appeal", N_("Appeal against a suspension"), _grant, _deny, conflict=_not_who_placed_it)
)
