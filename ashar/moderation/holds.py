"""Holding a project up: 72 hours by one person, longer with a second one from elsewhere.

And its end by an administrator: a cancelled project never comes back.
"""

from collections.abc import Sequence

from sqlalchemy import select

from ashar.kernel import clock, history, outbox
from ashar.kernel.db import session
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_
from ashar.moderation import conflicts, queries, services
from ashar.moderation.kinds import Kind, register
from ashar.moderation.models import Case, Decision, Hold
from ashar.moderation.queries import Reviewer
from ashar.moderation.states import CONFLICTS, HOLD, HOLD_AGAIN, REASONS
from ashar.people.models import Person
from ashar.pledges import closing
from ashar.projects import services as projects
from ashar.projects import versions
from ashar.projects.models import Project, Version
from ashar.projects.states import PROJECT, UNSEEN, VERSION


def place(project: Project, reviewer: Reviewer, reason: str, words: str) -> Hold:
    """Hold a project up for 72 hours: nobody sees it, no gift is taken, no tranche leaves.

    Raises Refused without a reason, for a conflict, for a project that cannot be held up, or for
    somebody whose hold of it was confirmed by nobody shortly before.
    """
    project = versions.lock(project.id)
    _may_place(project, reviewer)
    _refuse_silent(reason, words)
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
    services.open_case("hold", hold.id, project.region, project=project)
    projects.step(project, "suspended", actor=reviewer.id, why=words)
    outbox.emit("project_suspended", project=project.slug, hold=hold.id)
    return hold


def _refuse_silent(reason: str, words: str) -> None:
    if reason not in REASONS or not words:
        raise Refused(N_("Please choose a reason and say it in your own words."))


def _may_place(project: Project, reviewer: Reviewer) -> None:
    if project.region not in reviewer.regions and not reviewer.administers:
        raise Refused(N_("This project is not in your region."))
    _refuse_close(project, reviewer)
    alone = select(Hold.id).where(
        Hold.project_id == project.id,
        Hold.placed_by == reviewer.id,
        Hold.confirmed_by.is_(None),
        Hold.placed_at > clock.now() - HOLD_AGAIN,
    )
    if session.execute(alone.limit(1)).first() is not None:
        raise Refused(N_("You held this project up before, and nobody confirmed it."))


def _refuse_close(project: Project, reviewer: Reviewer) -> None:
    """Refuse whoever the project names, or who once said that they are too close to it."""
    if (found := conflicts.with_project(project, reviewer)) is not None:
        raise Refused(CONFLICTS[found])


def lift(hold: Hold, *, actor: int | None, why: str) -> None:
    """End a hold: the project goes on where it was."""
    project = versions.lock(hold.project_id)
    session.refresh(hold)
    if hold.lifted_at is not None:
        return
    _end(hold, project, actor, why)
    if project.state == "suspended":
        projects.step(project, hold.before, actor=actor, why=why)
        outbox.emit("project_resumed", project=project.slug, hold=hold.id)


def _end(hold: Hold, project: Project, actor: int | None, why: str) -> None:
    hold.lifted_at, hold.lifted_by, hold.lifted_why = clock.now(), actor, why
    for case in queries.open_about(project, "hold", "appeal"):
        if case.subject_id == hold.id:
            services.withdraw(case, actor=actor, why=why)


def may_lift(hold: Hold, reviewer: Reviewer) -> bool:
    """Tell whether somebody may end a hold without a case: who placed it, while nobody confirmed
    it; then who confirmed it, or an administrator.
    """
    if hold.lifted_at is not None:
        return False
    if hold.confirmed_by is None:
        return reviewer.id == hold.placed_by
    return reviewer.id == hold.confirmed_by or reviewer.administers


def lift_by(hold: Hold, reviewer: Reviewer, words: str) -> None:
    """Have somebody lift a hold, saying why; raise Refused for who may not."""
    project = versions.lock(hold.project_id)
    session.refresh(hold)
    if not may_lift(hold, reviewer):
        raise Refused(N_("Who confirmed a suspension lifts it, or an administrator."))
    _refuse_close(project, reviewer)
    if not words:
        raise Refused(N_("Please write something."))
    lift(hold, actor=reviewer.id, why=words)


def cancel(project: Project, reviewer: Reviewer, reason: str, words: str) -> None:
    """End a published project for good, by an administrator and with a reason.

    What was proposed ends with it; reports go on, since they may concern the money. Raises Refused
    for whoever is no administrator or has a conflict, and for what cannot be cancelled.
    """
    project = versions.lock(project.id)
    if not reviewer.administers:
        raise Refused(N_("A published project is cancelled by an administrator."))
    _refuse_close(project, reviewer)
    _refuse_silent(reason, words)
    if project.state in UNSEEN or not PROJECT.may(project.state, "cancelled"):
        raise Refused(N_("This project cannot be cancelled now."))
    if (hold := queries.hold_of(project)) is not None:
        _end(hold, project, reviewer.id, words)
    _cancel(project, reason, words, reviewer.id)


def end_missed(row: int) -> bool:
    """Cancel a threshold project whose last day has passed without its minimum.

    Cancelled, not closed: a closed project may begin its work, and its gifts would stay with it.
    Tells whether it was: meanwhile it may have got more time, or the last franc.
    """
    project = versions.lock(row)
    if not closing.has_missed(project):
        return False
    _cancel(project, "missed", N_("The minimum was not reached by the last day."), None)
    return True


def _cancel(project: Project, reason: str, words: str, actor: int | None) -> None:
    _end_proposals(project, actor)
    if closing.is_below(project):
        # Whoever gave to a threshold chose what happens now.
        closing.miss(project)
    projects.step(project, "cancelled", actor=actor, why=words)
    history.record("project", project.id, "cancelled", None, reason, why=words, actor=actor)
    outbox.emit("project_cancelled", project=project.slug)


def _end_proposals(project: Project, actor: int | None) -> None:
    why = N_("The project was cancelled.")
    for case in queries.open_about(project, *queries.OF_VERSIONS):
        services.withdraw(case, actor=actor, why=why)
    proposed = select(Version).where(
        Version.project_id == project.id, Version.state == VERSION.start
    )
    for version in session.scalars(proposed):
        VERSION.move(version, "withdrawn", actor=actor, why=why)
        version.decided_at = clock.now()


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


def of_case(case: Case) -> Hold:
    """Return the hold that a case is about."""
    return session.get_one(Hold, case.subject_id)


def load(cases: Sequence[Case]) -> list[Hold]:
    """Read the holds of many cases at once."""
    return list(
        session.scalars(select(Hold).where(Hold.id.in_({case.subject_id for case in cases})))
    )


def _confirm(case: Case, decision: Decision) -> None:
    """Let the hold last until it is lifted."""
    hold = of_case(case)
    hold.confirmed_by, hold.confirmed_at, hold.ends_at = decision.person_id, clock.now(), None


def _release(case: Case, decision: Decision) -> None:
    lift(of_case(case), actor=decision.person_id, why=decision.words)


def _deny(case: Case, _decision: Decision) -> None:
    project = session.get_one(Project, of_case(case).project_id)
    outbox.emit("appeal_rejected", project=project.slug, hold=case.subject_id)


def _not_who_placed_it(case: Case, reviewer: Reviewer) -> str | None:
    hold = of_case(case)
    return "author" if reviewer.id in {hold.placed_by, hold.confirmed_by} else None


HOLD_KIND = register(
    Kind(
        "hold",
        N_("Suspension, to be confirmed"),
        _confirm,
        _release,
        conflict=_not_who_placed_it,
        words={"approve": N_("Confirm the suspension"), "reject": N_("Lift it")},
        done={"approve": N_("Suspension confirmed"), "reject": N_("Suspension lifted")},
        reasoned=False,
        load=load,
    )
)
APPEAL_KIND = register(
    Kind(
        "appeal",
        N_("Appeal against a suspension"),
        _release,
        _deny,
        conflict=_not_who_placed_it,
        words={"approve": N_("Grant it: lift the suspension"), "reject": N_("Deny it")},
        done={"approve": N_("Appeal granted"), "reject": N_("Appeal denied")},
        reasoned=False,
        load=load,
    )
)
