"""What happened in cases and to projects: who, when, what, why; for moderators and leaders."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter

from ashar.kernel import i18n
from ashar.kernel.history import History
from ashar.kernel.i18n import N_, t
from ashar.moderation import queries
from ashar.moderation.kinds import KINDS
from ashar.moderation.models import Case, Decision
from ashar.moderation.queries import SECRET
from ashar.moderation.states import ANSWERS, CHECKLIST, DONE, KINSHIP, REASONS
from ashar.projects.models import Project


@dataclass(frozen=True, slots=True)
class Event:
    """What happened: when, who, what, why, and what was answered with it."""

    at: datetime
    who: str
    what: str
    why: str = ""
    tone: str = ""
    answers: list[tuple[str, str]] = field(default_factory=list)


_TONES = {"approve": "good", "reject": "bad", "ask": "waits", "conflict": "rest"}
_STEPS = {
    "open": N_("Came to the moderators"),
    "withdrawn": N_("Withdrawn"),
    "claimed": N_("Took the case"),
    "released": N_("Put the case back"),
}
_COME_TO = ("", N_("Came to neighbouring regions"), N_("Came to the administrators"))


def events(cases: Iterable[Case], *, decisions_only: bool = False) -> list[Event]:
    """Return what happened in cases of one kind or several: who, when, what, why."""
    cases = list(cases)
    rows = [] if decisions_only else queries.history_of(cases)
    decided = [(one, case) for case in cases for one in case.decisions]
    names = queries.names([row.actor_id for row in rows] + [one.person_id for one, _ in decided])
    found = [_decided(one, case, names) for one, case in decided]
    found += [_stepped(row, words, names) for row in rows if (words := _step(row))]
    return sorted(found, key=attrgetter("at"))


def _step(row: History) -> str:
    if row.what == "state":
        return t(_STEPS[row.new]) if row.new in _STEPS else ""
    if row.what == "claimed":
        name = "claimed" if row.new else "released"
        return t(_STEPS[name])
    if row.what == "level":
        return t(_COME_TO[int(row.new or 0)])
    return ""


def _stepped(row: History, words: str, names: Mapping[int, str]) -> Event:
    return Event(row.at, names.get(row.actor_id or 0, ""), words, t(row.why))


def _decided(one: Decision, case: Case, names: Mapping[int, str]) -> Event:
    words = DONE | KINDS[case.kind].done
    return Event(
        at=one.at,
        who=names.get(one.person_id, ""),
        what=t(words[one.what]),
        why=one.words,
        tone=_TONES[one.what],
        answers=list(_answers(one)),
    )


def _answers(one: Decision) -> Iterator[tuple[str, str]]:
    if one.reason in REASONS:
        yield t(N_("Reason")), t(REASONS[one.reason])
    for item, answer in one.checklist.items():
        if item in CHECKLIST and answer in ANSWERS:
            yield t(CHECKLIST[item]), t(ANSWERS[answer])
    if one.kinship in KINSHIP:
        yield t(N_("Close to the people of the project")), t(KINSHIP[one.kinship])
    if one.reads:
        read = ", ".join(i18n.ENDONYMS.get(code, code) for code in one.reads)
        yield t(N_("Has read")), read


#: Steps of a project's life that somebody took without a case, or that time took.
_LIFE = {
    "suspended": N_("Suspended for 72 hours"),
    "cancelled": N_("Cancelled"),
    "closed": N_("Closed"),
    "in_progress": N_("The work began"),
    "draft": N_("Begun"),
}
_RESUMED = N_("Suspension ended")


def life(project: Project) -> list[Event]:
    """Return the steps of a project's life: who took them, when and why."""
    rows = [row for row in queries.steps_of(project) if row.old == "suspended" or row.new in _LIFE]
    names = queries.names(row.actor_id for row in rows)
    return [_lived(row, names) for row in rows]


def _lived(row: History, names: Mapping[int, str]) -> Event:
    over = row.old == "suspended" and row.new != "cancelled"
    words = _RESUMED if over else _LIFE[str(row.new)]
    return Event(row.at, names.get(row.actor_id or 0, ""), t(words), t(row.why))


def decisions(project: Project, *, leader: bool = False) -> list[tuple[str, list[Event]]]:
    """Return what was decided about a project, by case: its kind, and who, when, what, why.

    For its `leader` without what they are not to know of: reports, and who found themselves too
    close.
    """
    found = []
    for case in queries.cases_of(project):
        happened = events([case], decisions_only=True)
        if leader:
            happened = [one for one in happened if one.tone != "rest"]
        if happened and not (leader and case.kind in SECRET):
            found.append((t(KINDS[case.kind].label), happened))
    return found
