"""What the moderators' desk shows: the queue, and a case."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ashar.kernel import clock, i18n, links
from ashar.kernel.i18n import N_, t
from ashar.kernel.money import Money
from ashar.moderation import compared, conflicts, holds, queries, services
from ashar.moderation.happened import Event, events
from ashar.moderation.kinds import KINDS, Kind
from ashar.moderation.models import Case, Remark
from ashar.moderation.queries import OF_VERSIONS, SECRET, Reviewer
from ashar.moderation.states import CONFLICTS, DONE, FIRST_STEP, REASONS
from ashar.projects import content as contents
from ashar.projects.content import Content
from ashar.projects.labels import label, value
from ashar.projects.models import Project, Version
from ashar.projects.states import PUBLIC

LEVELS = (
    N_("The region decides"),
    N_("Neighbouring regions may decide too"),
    N_("Administrators may decide too"),
)
OUTCOMES = {
    "open": N_("Waits for moderators"),
    "asked": N_("Waits for the leader"),
    "withdrawn": N_("Withdrawn"),
}


@dataclass(frozen=True, slots=True)
class Queued:
    """A case in the queue."""

    url: str
    title: str
    kind: str
    region: str
    state: str
    outcome: str
    since: datetime
    days: int
    overdue: bool
    level: int
    level_words: str
    holder: str
    is_mine: bool
    approvals: int
    needed: int
    conflict: str


def lines(cases: Sequence[Case], reviewer: Reviewer) -> list[Queued]:
    """Return a page of the queue, in a fixed number of queries however long it is."""
    against = _against(cases, reviewer)
    # Those whom a report is about do not learn that there is one.
    secret = conflicts.conflicts([case for case in cases if case.kind in SECRET], reviewer)
    cases = [case for case in cases if case.id not in secret]
    titles = queries.titles({case.project_id or 0 for case in cases}, i18n.language())
    holders = {case.id: queries.claimed(case) for case in cases}
    names = queries.names(holders.values())
    approved = queries.approvals(cases)
    return [
        _line(
            case,
            title=titles.get(case.project_id or 0, ""),
            holder=names.get(holders[case.id] or 0, ""),
            is_mine=holders[case.id] == reviewer.id,
            approvals=len(approved.get(case.id, ())),
            conflict=t(CONFLICTS[against[case.id]]) if case.id in against else "",
        )
        for case in cases
    ]


def _line(case: Case, **more: Any) -> Queued:
    return Queued(
        url=links.url("moderation.show", token=case.token),
        kind=t(KINDS[case.kind].label),
        region=case.region,
        state=case.state,
        outcome=outcome(case),
        since=case.since,
        days=days(case),
        overdue=is_overdue(case),
        level=case.level,
        level_words=t(LEVELS[case.level]),
        needed=case.needed,
        **more,
    )


def _against(cases: Sequence[Case], reviewer: Reviewer) -> dict[int, str]:
    found = conflicts.conflicts(cases, reviewer)
    for kind in {case.kind for case in cases}:
        if (load := KINDS[kind].load) is None:
            continue
        same = [case for case in cases if case.kind == kind]
        # Rows that nobody keeps are forgotten by the session, and would be read again one by one.
        kept = load(same)
        own = {case.id: KINDS[kind].conflict(case, reviewer) for case in same}
        del kept
        found = {row: part for row, part in own.items() if part} | found
    return found


def days(case: Case) -> int:
    """Return for how many whole days a case has waited, or did."""
    return ((case.decided_at or clock.now()) - case.since).days


def is_overdue(case: Case) -> bool:
    """Tell whether a case waits for moderators longer than it should."""
    return case.state == "open" and clock.now() - case.since >= FIRST_STEP


def outcome(case: Case) -> str:
    """Return how a case stands, in words."""
    if case.state != "decided":
        return t(OUTCOMES[case.state])
    what = {"approved": "approve", "rejected": "reject"}.get(case.outcome, case.outcome)
    return t((DONE | KINDS[case.kind].done).get(what, case.outcome))


# One case -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Question:
    """A question or a note, with its answer."""

    token: str
    key: str
    label: str
    words: str
    who: str
    at: datetime
    answer: str
    answered_by: str
    answered_at: datetime | None
    may_take_back: bool


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case's page; `obstacle` says why its reader may not decide, `conflict` that it is one."""

    line: Queued
    token: str
    revision: int
    kind: Kind
    template: str
    facts: dict[str, Any]
    obstacle: str
    conflict: bool
    questions: list[Question]
    notes: list[Question]
    events: list[Event]
    languages: list[str]
    project: Project | None

    @property
    def open(self) -> bool:
        """Tell whether there is anything to decide now."""
        return self.line.state == "open"

    @property
    def public(self) -> bool:
        """Tell whether everybody may see the project's page."""
        return self.project is not None and self.project.state in PUBLIC

    @property
    def asks(self) -> bool:
        """Tell whether its reader may ask the leader about fields."""
        return self.open and not self.obstacle and "ask" in self.kind.choices

    @property
    def last(self) -> Event | None:
        """Return the last decision."""
        return next((one for one in reversed(self.events) if one.tone), None)

    def about(self, key: str) -> list[Question]:
        """Return the questions on a field, or on a part of it."""
        return [one for one in self.questions if (one.key + ".").startswith(key + ".")]


def case(found: Case, reviewer: Reviewer, beside: str = "") -> CaseView:
    """Return a case as its reader sees it."""
    [line] = lines([found], reviewer) or [_line(found, **_BARE)]
    kind = KINDS[found.kind]
    content = _content(found)
    obstacle = services.obstacle(found, reviewer)
    conflict = bool(line.conflict) or obstacle in set(CONFLICTS.values())
    make = SUBJECTS.get(found.kind)
    template, facts = make(found, beside) if make else (kind.template, kind.facts(found))
    remarks = _remarks(found, reviewer, content)
    return CaseView(
        line=line,
        token=found.token,
        revision=found.revision,
        kind=kind,
        template=template,
        facts=facts,
        obstacle=t(obstacle) if obstacle else "",
        conflict=conflict,
        questions=remarks["question"],
        notes=[] if conflict else remarks["note"],
        events=[one for one in events([found]) if not (conflict and one.tone == "rest")],
        languages=contents.languages(content) if content else [],
        project=found.project,
    )


_BARE = {"title": "", "holder": "", "is_mine": False, "approvals": 0, "conflict": ""}


def _content(found: Case) -> Content:
    return queries.version_of(found).content if found.kind in OF_VERSIONS else {}


def _remarks(found: Case, reviewer: Reviewer, content: Content) -> dict[str, list[Question]]:
    people = [person for one in found.remarks for person in (one.person_id, one.answered_by)]
    names = queries.names(people)
    made: dict[str, list[Question]] = {"question": [], "note": []}
    for one in found.remarks:
        made.setdefault(one.kind, []).append(_question(one, names, content, found, reviewer))
    return made


def _question(
    one: Remark, names: Mapping[int, str], content: Content, found: Case, reviewer: Reviewer
) -> Question:
    mine = one.person_id == reviewer.id and one.answered_at is None
    return Question(
        token=one.token,
        key=one.field,
        label=label(one.field, content) if one.field else "",
        words=one.words,
        who=names.get(one.person_id, ""),
        at=one.at,
        answer=one.answer,
        answered_by=names.get(one.answered_by or 0, ""),
        answered_at=one.answered_at,
        may_take_back=mine and found.state == "open",
    )


# What it is about -----------------------------------------------------------------------------

Subject = tuple[str, dict[str, Any]]


def _version(found: Case, beside: str) -> Subject:
    version = queries.version_of(found)
    live = found.project.content if found.project else {}
    asked = queries.asked_about(found)
    old, new = _sides(version, live)
    languages = contents.languages(version.content)
    return "ashar/moderation/_version.html", {
        "version": version,
        "author": queries.names([version.author_id]).get(version.author_id, ""),
        "main": _main(new, found),
        "first": not version.base,
        "changes": compared.differences(old, new) if version.base else [],
        "since": compared.differences(asked.content, version.content) if asked else [],
        "asked": asked,
        "sections": compared.sections(new, beside if beside in languages[1:] else ""),
        "beside": beside if beside in languages[1:] else "",
        "languages": languages,
    }


def _sides(version: Version, live: Content) -> tuple[Content, Content]:
    """Return what is compared: while it waits, what is shown and what a yes would show."""
    if version.state == "proposed" and version.base and version.kind != "slight":
        return live, contents.merged(version.base, version.content, live)
    return version.base, version.content


def _main(content: Content, found: Case) -> list[tuple[str, str]]:
    """Return the facts that a decision turns on; from fields, never from prose."""
    content = contents.whole(content)
    total = Money(sum(line["amount"] for line in content["budget"]), content["currency"])
    rows = [(name, value(name, content[name], content)) for name in _MAIN]
    known = [(label(name, content), words) for name, words in rows if words]
    known.insert(1, (t(N_("Sum of the budget")), i18n.money(total, short=True)))
    return [*known, (t(N_("Approvals needed")), i18n.number(found.needed))]


_MAIN = ("goal", "minimum", "funding", "deadline", "region", "district", "theme", "owner_name")


def _held(found: Case, _beside: str) -> Subject:
    hold = holds.of_case(found)
    names = queries.names([hold.placed_by, hold.confirmed_by, hold.lifted_by])
    return "ashar/moderation/_hold.html", {
        "hold": hold,
        "reason": t(REASONS.get(hold.reason, hold.reason)),
        "placed_by": names.get(hold.placed_by, ""),
        "confirmed_by": names.get(hold.confirmed_by or 0, ""),
    }


#: How this feature's own kinds are shown; those of others say it themselves.
SUBJECTS: dict[str, Callable[[Case, str], Subject]] = {
    **dict.fromkeys(OF_VERSIONS, _version),
    "hold": _held,
    "appeal": _held,
}
