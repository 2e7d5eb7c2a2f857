"""Writing projects; called inside a transaction."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ashar.kernel import clock, history, outbox
from ashar.kernel.db import session
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_
from ashar.kernel.money import Money
from ashar.projects import search
from ashar.projects.models import Need, Project, ProjectText, Totals
from ashar.projects.regions import REGIONS
from ashar.projects.states import PROJECT
from ashar.projects.themes import THEMES

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Words:
    """A project's words in one language; details hold milestones, budget lines and the like."""

    title: str
    summary: str
    story: str
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A need: kind (labour, materials, skills, transport), how much of which unit, its titles."""

    kind: str
    needed: int
    unit: str
    titles: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Draft:
    """What a project is made of."""

    slug: str
    language: str
    region: str
    theme: str
    goal: Money
    words: Mapping[str, Words]
    district: str = ""
    village: str = ""
    sdg: tuple[str, ...] = ()
    deadline: date | None = None
    needs: tuple[Wanted, ...] = ()
    committee: tuple[str, ...] = ()
    owner_name: str = ""
    payee_name: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    sample: bool = False


def create(draft: Draft) -> Project:
    """Write a project as a draft; raise Refused for what it cannot be."""
    _check(draft)
    project = Project(
        slug=draft.slug,
        language=draft.language,
        region=draft.region,
        district=draft.district,
        village=draft.village,
        theme=draft.theme,
        sdg=list(draft.sdg),
        currency=draft.goal.currency,
        goal_minor=draft.goal.minor,
        deadline=draft.deadline,
        committee=list(draft.committee),
        owner_name=draft.owner_name,
        payee_name=draft.payee_name,
        details=dict(draft.details),
        sample=draft.sample,
        made_at=clock.now(),
        edited_at=clock.now(),
        texts=[_text(draft, language, words) for language, words in draft.words.items()],
        needs=[_need(position, need) for position, need in enumerate(draft.needs)],
    )
    session.add(project)
    session.flush()
    session.add(Totals(project_id=project.id, currency=project.currency))
    history.record("project", project.id, "state", None, "draft")
    return project


def _check(draft: Draft) -> None:
    if not _SLUG.fullmatch(draft.slug):
        raise Refused(N_("An address is made of small letters, digits and hyphens."))
    if draft.region not in REGIONS:
        raise Refused(N_("There is no such region."))
    if draft.theme not in THEMES:
        raise Refused(N_("There is no such theme."))
    if draft.goal.minor <= 0:
        raise Refused(N_("The amount must be above zero."))
    if draft.language not in draft.words:
        raise Refused(N_("The text in the original language is missing."))


def _text(draft: Draft, language: str, words: Words) -> ProjectText:
    return ProjectText(
        language=language,
        original=language == draft.language,
        title=words.title,
        summary=words.summary,
        story=words.story,
        details=dict(words.details),
    )


def _need(position: int, wanted: Wanted) -> Need:
    return Need(
        position=position,
        kind=wanted.kind,
        needed=wanted.needed,
        unit=wanted.unit,
        titles=dict(wanted.titles),
    )


def publish(project: Project, *, actor: int | None = None, why: str = "") -> None:
    """Take a project through review to its publication."""
    if project.state in {"draft", "changes_requested"}:
        PROJECT.move(project, "submitted", actor=actor, why=why)
    PROJECT.move(project, "published", actor=actor, why=why)
    project.published_at = project.edited_at = clock.now()
    search.index(project)
    outbox.emit("project_published", project=project.slug)


def counts_late_money(state: str) -> bool:
    """Tell whether money that settles now belongs to a project, or waits in suspense."""
    return state in {"published", "funded"}
