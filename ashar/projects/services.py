"""The life of projects; called inside a transaction."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from slugify import slugify
from sqlalchemy import select

from ashar.kernel import clock, db, history, ids, jobs, outbox
from ashar.kernel.db import session
from ashar.kernel.errors import Refused, StateError
from ashar.kernel.i18n import N_
from ashar.kernel.media import Media
from ashar.kernel.money import Money
from ashar.people.models import Person
from ashar.projects import content as contents
from ashar.projects import lists, search, versions
from ashar.projects.content import Content
from ashar.projects.missing import Missing
from ashar.projects.models import Helper, Project, Totals, Version, Working
from ashar.projects.regions import REGIONS
from ashar.projects.states import PROJECT, UNSEEN, takes_gifts

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_SLUG_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Words:
    """A project's words in one language; details hold names of milestones and budget lines."""

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
    """What a project is made of, where code writes it: details hold milestones and budget."""

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

    def content(self) -> Content:
        """Return the content."""
        return contents.whole(
            {
                "language": self.language,
                "title": {code: words.title for code, words in self.words.items()},
                "summary": {code: words.summary for code, words in self.words.items()},
                "story": {code: words.story for code, words in self.words.items()},
                "region": self.region,
                "district": self.district,
                "village": self.village,
                "theme": self.theme,
                "sdg": list(self.sdg),
                "currency": self.goal.currency,
                "goal": self.goal.minor,
                "deadline": self.deadline.isoformat() if self.deadline else None,
                "budget": self._budget(),
                "needs": self._needs(),
                "milestones": self._milestones(),
                "owner_name": self.owner_name,
                "committee": [
                    {"key": f"p{no}", "name": name, "role": "", "email": ""}
                    for no, name in enumerate(self.committee, 1)
                ],
                "payee": {"name": self.payee_name, "email": ""},
            }
        )

    def _said(self, name: str, number: int) -> dict[str, Any]:
        """Return what each language says of one line."""
        said = {code: words.details.get(name, ()) for code, words in self.words.items()}
        return {code: lines[number] for code, lines in said.items() if number < len(lines)}

    def _budget(self) -> list[dict[str, Any]]:
        return [
            {"key": f"b{no}", "amount": minor, "title": self._said("budget", no - 1)}
            for no, minor in enumerate(self.details.get("budget", ()), 1)
        ]

    def _needs(self) -> list[dict[str, Any]]:
        return [
            {
                "key": f"n{no}",
                "kind": need.kind,
                "unit": need.unit,
                "quantity": need.needed,
                "title": dict(need.titles),
            }
            for no, need in enumerate(self.needs, 1)
        ]

    def _milestones(self) -> list[dict[str, Any]]:
        found = []
        for number, step in enumerate(self.details.get("milestones", ()), 1):
            said = self._said("milestones", number - 1)
            found.append(
                {
                    "key": f"m{number}",
                    "due": step.get("due"),
                    "share": step.get("share", 0),
                    "title": {code: words["title"] for code, words in said.items()},
                    "text": {code: words.get("text", "") for code, words in said.items()},
                    "evidence": list(step.get("evidence", ("photos", "receipts"))),
                }
            )
        return found


def create(draft: Draft) -> Project:
    """Write a project as a draft; raise Refused for what it cannot be."""
    return begin(draft.content(), slug=draft.slug, sample=draft.sample)


def begin(
    content: Content,
    *,
    slug: str = "",
    owner: Person | None = None,
    attempt: str | None = None,
    sample: bool = False,
) -> Project:
    """Begin a project with what its leader says first; raise Refused for what it cannot be.

    A leader's form bears an `attempt`: sent twice, it begins one project.
    """
    if owner and attempt and (known := _begun(owner, attempt)) is not None:
        return known
    content = contents.whole(content)
    _check(content, slug)
    now = clock.now()
    project = Project(
        slug=slug or _free_slug(content["title"][content["language"]]),
        owner_id=owner.id if owner else None,
        attempt=attempt,
        sample=sample,
        made_at=now,
        edited_at=now,
        content={},
        texts=[],
        needs=[],
    )
    versions.fill(project, content)
    session.add(project)
    session.flush()
    session.add(Totals(project_id=project.id, currency=project.currency))
    history.record("project", project.id, "state", None, "draft", actor=owner.id if owner else None)
    return project


def _begun(owner: Person, attempt: str) -> Project | None:
    # Of two that come at once the second waits here until the first is written.
    session.execute(select(Person.id).where(Person.id == owner.id).with_for_update())
    return session.scalars(
        select(Project).where(Project.owner_id == owner.id, Project.attempt == attempt)
    ).one_or_none()


def _check(content: Content, slug: str) -> None:
    if slug and not _SLUG.fullmatch(slug):
        raise Refused(N_("An address is made of small letters, digits and hyphens."))
    if content["region"] not in REGIONS:
        raise Refused(N_("There is no such region."))
    if content["theme"] not in lists.themes(all_of_them=True):
        raise Refused(N_("There is no such theme."))
    if content["goal"] <= 0:
        raise Refused(N_("The amount must be above zero."))
    if not content["title"].get(content["language"]):
        raise Refused(N_("The text in the original language is missing."))


def _free_slug(title: str) -> str:
    """Return an address made of a title, in Latin letters; not taken by another project."""
    made = slugify(title, max_length=_SLUG_LENGTH, word_boundary=True) or "project"
    taken = set(session.scalars(select(Project.slug).where(Project.slug.startswith(made))))
    # A number that counts up would tell how many there were; and two may begin at once.
    return made if made not in taken else f"{made}-{ids.short()}"


def publish(project: Project, *, actor: int | None = None, why: str = "") -> None:
    """Take a project through review to its publication."""
    if project.state in {"draft", "changes_requested"}:
        PROJECT.move(project, "submitted", actor=actor, why=why)
    PROJECT.move(project, "published", actor=actor, why=why)
    project.published_at = project.edited_at = clock.now()
    search.index(project)
    outbox.emit("project_published", project=project.slug)


def submit(project: Project, by: Person, words: str = "") -> Version:
    """Send a project to review; raise Refused, in words, while anything is missing."""
    project = versions.lock(project.id)
    if project.state not in {"draft", "changes_requested"}:
        raise Refused(N_("This project is not a draft any more."))
    copy = versions.working(project)
    if found := versions.lacks(project, copy):
        raise Refused(found[0].words, **found[0].values)
    PROJECT.move(project, "submitted", actor=by.id, why=words)
    # Nobody sees its row yet but those who review it, and they look for what was submitted.
    versions.fill(project, copy.content)
    return versions.propose(project, "first", copy.content, by, words)


def lacks_of(project: Project, copy: Working) -> list[Missing]:
    """Return what a working copy lacks before it, or what changed in it, may be reviewed."""
    found = versions.lacks(project, copy)
    goal = contents.STEPS["goal"]
    if project.state in UNSEEN or any(project.content.get(f) != copy.content[f] for f in goal):
        return found
    # What was fine when it was published may have passed since.
    return [one for one in found if one.step != "goal"]


def propose_changes(project: Project, by: Person, words: str = "") -> list[Version]:
    """Send what changed since publication: slips of the pen are shown at once, all else waits.

    Returns the versions made, the slight one first. Raises Refused when nothing changed, or while
    anything is missing.
    """
    project = versions.lock(project.id)
    if project.state in UNSEEN:
        raise Refused(N_("This project was not published yet."))
    copy = versions.working(project)
    slight, grave = versions.split(project, copy)
    if not slight and not grave:
        raise Refused(N_("Nothing has changed since it was approved."))
    if lacks := lacks_of(project, copy):
        raise Refused(lacks[0].words, **lacks[0].values)
    made = []
    if slight:
        shown = contents.with_only(project.content, copy.content, slight)
        made.append(versions.propose(project, "slight", shown, by, words))
        versions.show(project, shown)
    if grave:
        made.append(versions.propose(project, "change", copy.content, by, words))
    return made


def step(project: Project, to: str, *, actor: int | None = None, why: str = "") -> Project:
    """Take a step of a project's life that needs no review; raise Refused for one that is none."""
    project = versions.lock(project.id)
    old = project.state
    if to == "closed" and old in {"published", "funded"} and _is_below(project):
        raise Refused(
            N_(
                "The minimum is not reached yet. Until its last day the project collects; what was "
                "given goes back if it is not reached by then."
            )
        )
    try:
        moved = PROJECT.move(project, to, actor=actor, why=why)
    except StateError as error:
        raise Refused(N_("This step is not possible now.")) from error
    if moved:
        project.edited_at = clock.now()
        outbox.emit("project_moved", project=project.slug, old=old, new=to)
        if not takes_gifts(to, project.takes_more):
            # Whoever stands at the provider's page must not pay for what is over.
            db.after_commit("payments.stop", lambda: jobs.enqueue("payments.stop"))
    return project


def _is_below(project: Project) -> bool:
    return project.funding == "threshold" and raised(project) < (project.minimum_minor or 0)


def raised(project: Project) -> int:
    """Return what stands on a project's bar, in minor units of its currency."""
    row = session.get(Totals, (project.id, project.currency), populate_existing=True)
    return row.raised_minor if row else 0


def invite(project: Project, email: str, name: str, by: Person) -> Helper:
    """Invite somebody to type, translate and upload for a project's leader."""
    found = Helper(
        token=ids.token(),
        project_id=project.id,
        email=email,
        name=name,
        invited_at=clock.now(),
    )
    session.add(found)
    session.flush()
    history.record("project", project.id, "helper", None, email, actor=by.id, why="invited")
    outbox.emit("helper_invited", project=project.slug, helper=found.id)
    return found


def accept(helper: Helper, person: Person) -> None:
    """Have somebody who was invited help from now on; raise Refused for who may not."""
    if helper.ended_at is not None:
        raise Refused(N_("This invitation was taken back."))
    if helper.person_id not in {None, person.id}:
        raise Refused(N_("This invitation was accepted by somebody else."))
    if helper.person_id is None:
        helper.person_id, helper.accepted_at = person.id, clock.now()
        history.record(
            "project", helper.project_id, "helper", None, str(person.id), actor=person.id
        )


def dismiss(helper: Helper, by: Person) -> None:
    """End somebody's helping."""
    if helper.ended_at is None:
        helper.ended_at = clock.now()
        history.record("project", helper.project_id, "helper", helper.email, None, actor=by.id)


def keep_picture(project: Project, media: Media) -> None:
    """Have a picture belong to a project; it is shown once a version with it is approved."""
    media.owner_kind, media.owner_id, media.public = "project", project.id, False


def counts_late_money(state: str) -> bool:
    """Tell whether money that settles now belongs to a project, or waits in suspense."""
    return state in {"published", "funded"}
