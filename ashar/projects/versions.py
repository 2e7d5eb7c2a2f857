"""Writing a project: the working copy, the versions made of it, and what donors see."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask import current_app
from sqlalchemy import select, update

from ashar.kernel import clock, history
from ashar.kernel.db import session
from ashar.kernel.errors import Refused, Stale
from ashar.kernel.i18n import N_
from ashar.kernel.media import Media
from ashar.people.models import Person
from ashar.projects import content as contents
from ashar.projects import search
from ashar.projects.content import Change, Content
from ashar.projects.missing import Missing, missing
from ashar.projects.models import Helper, Need, Project, ProjectText, Version, Working
from ashar.projects.states import PUBLIC, UNSEEN, VERSION, WRITABLE

ENTERED = N_("%(name)s has entered this for you: please read and confirm it.")


def lock(project: int) -> Project:
    """Return a project, locked, as it is now."""
    query = select(Project).where(Project.id == project).with_for_update(of=Project)
    return session.execute(query, execution_options={"populate_existing": True}).scalar_one()


def working(project: Project) -> Working:
    """Return a project's working copy, begun from what is shown."""
    found = written(project)
    if found not in session:
        session.add(found)
        session.flush()
    return found


def written(project: Project) -> Working:
    """Return a project's working copy to read; one that nobody has begun is made, but not kept."""
    return session.get(Working, project.id) or unwritten(project)


def unwritten(project: Project) -> Working:
    """Return the working copy of a project that nobody has written on, not kept."""
    return Working(
        project_id=project.id,
        content=contents.whole(project.content),
        marks={},
        revision=0,
        edited_at=project.edited_at,
    )


def save(
    project: Project,
    part: str,
    values: Content,
    *,
    base: int,
    by: Person,
    helper: bool = False,
) -> Working:
    """Write one part of the working copy: a step of the desk, or `words:<language>`.

    `base` is the part's revision that the form was made of. Raises Stale when somebody else has
    saved the part since, Refused when the project is not to be written now.
    """
    project = lock(project.id)
    if project.state not in WRITABLE:
        raise Refused(N_("This project cannot be changed now."))
    copy = working(project)
    mark = copy.marks.get(part, {})
    if mark.get("revision", 0) > base and mark.get("by") != by.id:
        raise Stale(
            N_("%(name)s has saved this step while you were writing. Yours is below, unsaved."),
            name=mark.get("name") or "?",
        )
    changed = copy.content | values
    if changed == copy.content:
        return copy
    _note(project, copy, changed, by, helper)
    copy.content, copy.revision, copy.edited_at = changed, copy.revision + 1, clock.now()
    copy.marks = copy.marks | {
        part: {
            "revision": copy.revision,
            "by": by.id,
            "name": by.name or by.email or "",
            "at": copy.edited_at.isoformat(),
            "helper": helper,
        }
    }
    return copy


def _note(project: Project, copy: Working, changed: Content, by: Person, helper: bool) -> None:
    keys = [change.key for change in contents.changes(copy.content, changed)]
    history.record(
        "project",
        project.id,
        "draft",
        None,
        None,
        actor=by.id,
        data={"fields": keys, "helper": helper},
    )


def confirm(project: Project, part: str, by: Person) -> None:
    """Have the leader stand behind what a helper entered in a part."""
    copy = working(lock(project.id))
    if (mark := copy.marks.get(part)) and mark.get("helper"):
        copy.marks = copy.marks | {part: mark | {"helper": False, "confirmed_by": by.id}}
        history.record("project", project.id, "confirmed", None, part, actor=by.id)


def entered_by_helpers(copy: Working) -> dict[str, str]:
    """Return the parts that wait for the leader's word, with the helper's name."""
    return {part: mark["name"] for part, mark in copy.marks.items() if mark.get("helper")}


def lacks(project: Project, copy: Working) -> list[Missing]:
    """Return what the working copy lacks before it may be reviewed."""
    days = int(current_app.config["ASHAR_REFUND_DAYS"])
    found = missing(copy.content, clock.today(), days)
    for part, name in entered_by_helpers(copy).items():
        found.append(Missing(part, ENTERED, {"name": name}))
    return found


def pending(project: Project, kind: str | None = None) -> Version | None:
    """Return the version that waits for a decision."""
    query = select(Version).where(Version.project_id == project.id, Version.state == "proposed")
    if kind:
        query = query.where(Version.kind == kind)
    return session.scalars(query.order_by(Version.no.desc()).limit(1)).one_or_none()


def all_of(project: Project) -> list[Version]:
    """Return every version, the newest first."""
    query = select(Version).where(Version.project_id == project.id).order_by(Version.no.desc())
    return list(session.scalars(query))


def propose(project: Project, kind: str, content: Content, by: Person, words: str = "") -> Version:
    """Write a version for others to decide on; one that waited before is superseded."""
    if kind != "slight" and (before := pending(project, kind)) is not None:
        VERSION.move(before, "superseded", actor=by.id)
        before.decided_at = clock.now()
    last = session.scalars(
        select(Version.no).where(Version.project_id == project.id).order_by(Version.no.desc())
    ).first()
    made = Version(
        project_id=project.id,
        no=(last or 0) + 1,
        kind=kind,
        state=VERSION.start,
        content=content,
        base={} if project.state in UNSEEN else contents.whole(project.content),
        words=words,
        author_id=by.id,
        made_at=clock.now(),
    )
    session.add(made)
    session.flush()
    history.record("version", made.id, "state", None, VERSION.start, actor=by.id, why=words)
    return made


def split(project: Project, copy: Working) -> tuple[list[Change], list[Change]]:
    """Return what changed since it was approved: slips of the pen, and all else."""
    found = contents.changes(project.content, copy.content)
    slight = [change for change in found if contents.is_slight(change)]
    return slight, [change for change in found if change not in slight]


def approve(version: Version, *, actor: int | None, reads: Iterable[str] = ()) -> Project:
    """Show a version, with what was approved or mended since it was proposed."""
    project = lock(version.project_id)
    content = version.content
    if version.base:
        content = contents.merged(version.base, content, project.content)
    VERSION.move(version, "approved", actor=actor)
    version.decided_at = clock.now()
    show(project, content, reads)
    return project


def show(project: Project, content: Content, reads: Iterable[str] = ()) -> None:
    """Make a content what everybody sees of a project."""
    fill(project, content, reads)
    _pictures(project, project.content)
    project.edited_at = clock.now()
    session.flush()
    if project.state in PUBLIC:
        search.index(project)


def fill(project: Project, content: Content, reads: Iterable[str] = ()) -> None:
    """Fill a project's row, texts and needs from a content; also of one that is never saved."""
    content, read = contents.whole(content), set(reads)
    known = {text.language: text for text in project.texts}
    project.content = content
    _columns(project, content)
    project.texts = [
        _text(known.get(code), content, code, code in read) for code in contents.languages(content)
    ]
    _needs(project, content)


def _columns(project: Project, content: Content) -> None:
    for name in ("language", "region", "district", "aymak", "village", "theme", "currency"):
        setattr(project, name, content[name])
    project.sdg = list(content["sdg"])
    project.goal_minor, project.minimum_minor = content["goal"], content["minimum"]
    project.funding, project.takes_more = content["funding"], content["takes_more"]
    day = content["deadline"]
    project.deadline = date.fromisoformat(day) if day else None


def _text(known: ProjectText | None, content: Content, code: str, read: bool) -> ProjectText:
    title, summary, story = (content[name].get(code, "") for name in ("title", "summary", "story"))
    text = known or ProjectText(language=code, reviewed=False)
    before = (known.title, known.summary, known.story) if known else None
    same = before == (title, summary, story)
    text.original = code == content["language"]
    text.reviewed = read or (same and text.reviewed)
    text.title, text.summary, text.story = title, summary, story
    return text


def _needs(project: Project, content: Content) -> None:
    """Write the needs' rows; a line that stays keeps its row, on which offers hang.

    One that asks for something else now is another need: what was offered counted other units.
    """
    rows = {(need.key, need.kind, need.unit): need for need in project.needs}
    project.needs = [
        _need(rows.get((line["key"], line["kind"], line["unit"])), position, line)
        for position, line in enumerate(content["needs"])
    ]


def _need(known: Need | None, position: int, line: dict[str, Any]) -> Need:
    need = known or Need(key=line["key"])
    need.position, need.kind, need.unit = position, line["kind"], line["unit"]
    need.needed, need.titles = line["quantity"], dict(line["title"])
    return need


def _pictures(project: Project, content: Content) -> None:
    """Open the pictures that are shown to everybody, and shut those that are no longer."""
    tokens = [picture["key"] for picture in content["pictures"]]
    shown = {
        row.token: row for row in session.scalars(select(Media).where(Media.token.in_(tokens)))
    }
    session.execute(
        update(Media)
        .where(Media.owner_kind == "project", Media.owner_id == project.id)
        .values(public=Media.token.in_(tokens))
        .execution_options(synchronize_session=False)
    )
    project.cover_id = shown[tokens[0]].id if tokens and tokens[0] in shown else None


def helpers(project: Project) -> list[Helper]:
    """Return those who help a project's leader, or are invited to."""
    query = select(Helper).where(Helper.project_id == project.id, Helper.ended_at.is_(None))
    return list(session.scalars(query.order_by(Helper.id)))
