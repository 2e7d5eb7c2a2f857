"""What the desk's pages show."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from ashar.kernel import i18n, links
from ashar.kernel.i18n import N_, t
from ashar.kernel.money import Money
from ashar.lead import queries, translations, words
from ashar.lead.access import Seat
from ashar.moderation import queries as moderation
from ashar.moderation.models import Case, Hold, Remark
from ashar.moderation.states import REASONS
from ashar.projects import content as contents
from ashar.projects import services, versions
from ashar.projects.content import Change, Content, Segment
from ashar.projects.missing import Missing
from ashar.projects.models import Helper, Project, Version, Working
from ashar.projects.regions import region_name
from ashar.projects.show import ProjectView, in_language, unit, view
from ashar.projects.states import PROJECT, PUBLIC, UNSEEN, WRITABLE
from ashar.projects.themes import THEMES

#: States whose project is not in review: what it lacks is the leader's next work.
OWN_TURN = ("draft", "changes_requested")


@dataclass(frozen=True, slots=True)
class Row:
    """A project in the list of somebody's projects."""

    slug: str
    title: str
    state: str
    helper: bool
    questions: int
    entries: int
    missing: int | None


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that is missing, in words, and where to see to it."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Part:
    """A step or a translation: who saved it when, and whether the leader has to confirm it."""

    part: str
    name: str
    about: str
    url: str
    by: str = ""
    at: datetime | None = None
    helper: bool = False
    lacks: int = 0
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Language:
    """A language of a project, and how much of it is written."""

    code: str
    name: str
    original: bool
    written: int
    all: int
    part: Part


@dataclass(frozen=True, slots=True)
class Asked:
    """A reviewer's question."""

    remark: Remark
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A field that differs between two contents: what it is called, and how it changed."""

    label: str
    segments: list[Segment]
    old: str
    new: str


def overview(person: int, projects: list[Project]) -> list[Row]:
    """Return somebody's projects: three queries, however many there are."""
    copies, asked = queries.workings(projects), queries.open_questions(projects)
    return [
        _row(project, project.owner_id != person, copies.get(project.id), asked)
        for project in projects
    ]


def _row(project: Project, helper: bool, copy: Working | None, asked: Mapping[int, int]) -> Row:
    copy = copy or versions.unwritten(project)
    entries = len(versions.entered_by_helpers(copy))
    own_turn = project.state in OWN_TURN
    return Row(
        slug=project.slug,
        title=title(copy.content),
        state=project.state,
        helper=helper,
        questions=asked.get(project.id, 0),
        entries=entries,
        missing=len(versions.lacks(project, copy)) - entries if own_turn else None,
    )


def title(content: Content) -> str:
    """Return a project's title as it is being written."""
    full = contents.whole(content)
    return in_language(full["title"], full["language"]) or t(N_("Without a title yet"))


def step_url(slug: str, part: str) -> str:
    """Return where a part is written: a step, or `words:<language>`."""
    kind, _, code = part.partition(":")
    if code:
        return links.url("drafts.words", slug=slug, code=code)
    return links.url("drafts.step", slug=slug, step=kind)


def lacks(slug: str, found: Iterable[Missing]) -> list[Lack]:
    """Return what is missing, with links."""
    return [Lack(_told(one), step_url(slug, one.step)) for one in found]


def _told(one: Missing) -> str:
    found = t(one.words, **values(one.values))
    if one.words == versions.ENTERED:
        return f"{part_name(one.step)}: {found}"
    return found if one.values else found.replace("%%", "%")


def values(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a sentence, sums as the reader writes them."""
    return {
        name: i18n.money(value) if isinstance(value, Money) else value
        for name, value in given.items()
    }


def part_name(part: str) -> str:
    """Return what a part is called."""
    kind, _, code = part.partition(":")
    return i18n.ENDONYMS.get(code, code) if code else t(words.STEPS[kind][0])


def parts(slug: str, copy: Working, found: Iterable[Missing]) -> list[Part]:
    """Return the steps of the desk."""
    missing = [one.step for one in found]
    return [_part(slug, step, copy, missing.count(step)) for step in contents.STEPS]


def _part(slug: str, part: str, copy: Working, missing: int = 0) -> Part:
    mark = copy.marks.get(part) or {}
    return Part(
        part=part,
        name=part_name(part),
        about=t(words.STEPS[part][1]) if part in words.STEPS else "",
        url=step_url(slug, part),
        by=mark.get("name", ""),
        at=datetime.fromisoformat(mark["at"]) if mark else None,
        helper=bool(mark.get("helper")),
        lacks=missing - bool(mark.get("helper")) if missing else 0,
        revision=mark.get("revision", 0),
    )


def part(slug: str, name: str, copy: Working) -> Part:
    """Return one part."""
    return _part(slug, name, copy)


def languages(slug: str, copy: Working) -> list[Language]:
    """Return the original language, and each that it is or may be translated into."""
    content, all_texts = copy.content, translations.texts(copy.content)
    original = content["language"]
    first = Language(
        original,
        i18n.ENDONYMS.get(original, original),
        True,
        len(all_texts),
        len(all_texts),
        _part(slug, "story", copy),
    )
    others = [
        Language(
            code,
            name,
            False,
            sum(bool(translations.text_of(content, text.key, code)) for text in all_texts),
            len(all_texts),
            _part(slug, f"words:{code}", copy),
        )
        for code, name in translations.other_languages(content)
    ]
    return [first, *others]


def questions(case: Case | None, copy: Working, slug: str) -> list[Asked]:
    """Return a case's questions to the leader."""
    if case is None or case.state != "asked":
        return []
    return [
        Asked(
            remark,
            words.label(remark.field, copy.content) if remark.field else "",
            step_url(slug, contents.step_of(remark.field)),
        )
        for remark in case.remarks
        if remark.kind == "question"
    ]


@dataclass(frozen=True, slots=True)
class Desk:
    """A project's desk."""

    slug: str
    title: str
    state: str
    next: str
    helper: bool
    leader: str
    writable: bool
    public: bool
    lacks: list[Lack]
    parts: list[Part]
    languages: list[Language]
    questions: list[Asked]
    unanswered: int
    helpers: list[Helper]
    pending: list[Version]
    unsent: int
    hold: Hold | None
    reason: str
    turns: tuple[str, ...]
    verdict: Any


#: What its leader may do with a project, by the state that comes of it.
TURNS = {"cancelled": "withdraw", "closed": "close", "in_progress": "start"}


def desk(seat: Seat) -> Desk:
    """Return a project's desk: a fixed number of queries."""
    project, copy = seat.project, versions.written(seat.project)
    cases = moderation.open_about(project, "project", "change", "completion")
    seen = project.state not in UNSEEN
    changed = contents.changes(project.content, copy.content) if seen else []
    asked = project.state in WRITABLE and (changed or not seen)
    found = services.lacks_of(project, copy) if asked else []
    pending = [one for one in versions.all_of(project) if one.state == "proposed"]
    sent = any(one.content == copy.content for one in pending if one.kind == "change")
    hold = moderation.hold_of(project) if project.state == "suspended" else None
    slug = project.slug
    asked_of = [one for case in cases for one in questions(case, copy, slug)]
    return Desk(
        slug=slug,
        title=title(copy.content),
        state=project.state,
        next=t(words.NEXT[project.state]),
        helper=seat.helper,
        leader=moderation.names([project.owner_id]).get(project.owner_id or 0, ""),
        writable=project.state in WRITABLE,
        public=project.state in PUBLIC,
        lacks=lacks(slug, found),
        parts=parts(slug, copy, found),
        languages=languages(slug, copy),
        questions=asked_of,
        unanswered=sum(one.remark.answered_at is None for one in asked_of),
        helpers=[] if seat.helper else versions.helpers(project),
        pending=pending,
        unsent=0 if sent else len(changed),
        hold=None if seat.helper else hold,
        reason=t(REASONS[hold.reason]) if hold else "",
        turns=() if seat.helper else turns(project.state),
        verdict=_verdict(project),
    )


def turns(state: str) -> tuple[str, ...]:
    """Return what a project's leader may do with it by themselves."""
    found = [
        turn
        for new, turn in TURNS.items()
        if PROJECT.may(state, new) and (turn != "withdraw" or state in UNSEEN)
    ]
    return tuple(found)


def _verdict(project: Project) -> Any:
    """Return why a project was turned down."""
    if project.state != "rejected":
        return None
    found = list(queries.turned_down(project).values())
    return found[-1] if found else None


def reason(code: str) -> str:
    """Return a reason in words."""
    return t(REASONS[code]) if code in REASONS else ""


# Versions ------------------------------------------------------------------------------------


def paragraphs(old: Content, new: Content) -> list[Paragraph]:
    """Return what differs between two contents, for people to read; all of it, where none was."""
    if old:
        return [paragraph(one, old, new) for one in contents.changes(old, new)]
    whole = [Change(key, None, value) for key, value in contents.flat(new).items()]
    return [_plain(one, new) for one in whole]


def _plain(one: Change, content: Content) -> Paragraph:
    text = shown(one, one.new, content)
    return Paragraph(words.label(one.key, content), [("same", text)], "", text)


def paragraph(one: Change, old: Content, new: Content) -> Paragraph:
    """Return one field that differs, for people to read: texts word by word."""
    before, after = shown(one, one.old, old), shown(one, one.new, new)
    # A line that is gone is counted where it was.
    label = words.label(one.key, new if one.new is not None else old)
    if contents.texts_of(one.key):
        return Paragraph(label, contents.segments(before, after), before, after)
    runs = [("gone", before), ("new", after)]
    if before == after:
        # The same lines in another order.
        runs = []
    return Paragraph(label, [run for run in runs if run[1]], before, after)


def shown(one: Change, value: Any, content: Content) -> str:
    """Return a field's value as somebody would read it."""
    name = one.key.rpartition(".")[2]
    if value in (None, "", []):
        return ""
    if name in {"goal", "minimum", "amount"}:
        return i18n.money(Money(value, contents.whole(content)["currency"]))
    if isinstance(value, bool):
        return t(N_("Yes")) if value else t(N_("No"))
    if isinstance(value, list) and one.key in contents.LISTS:
        return ""
    if isinstance(value, list):
        return ", ".join(t(words.EVIDENCE[one]) if one in words.EVIDENCE else one for one in value)
    return _named(name, str(value))


def _named(name: str, value: str) -> str:
    if name in {"deadline", "due"}:
        return i18n.day(date.fromisoformat(value))
    if name == "language":
        return i18n.ENDONYMS.get(value, value)
    if name == "region":
        return region_name(value, i18n.language())
    if name == "theme" and value in THEMES:
        return THEMES[value].name.in_language(i18n.language())
    if name == "unit":
        return unit(value)
    known = {"funding": words.FUNDING, "kind": words.KINDS}.get(name, {})
    return t(known[value]) if value in known else value


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version in the list: who sent it when, what became of it and why."""

    no: int
    kind: str
    state: str
    tone: str
    author: str
    made_at: datetime
    decided_at: datetime | None
    words: str
    why: str


def version_lines(project: Project) -> list[VersionLine]:
    """Return a project's versions, the newest first: three queries."""
    found, down = versions.all_of(project), queries.turned_down(project)
    names = moderation.names(one.author_id for one in found)
    return [_version(one, names, down) for one in found]


def _version(one: Version, names: Mapping[int, str], down: Mapping[int, Any]) -> VersionLine:
    why = down.get(one.id)
    return VersionLine(
        no=one.no,
        kind=t(words.VERSION_KINDS[one.kind]),
        state=t(words.VERSION_STATES[one.state]),
        tone=words.TONES.get(one.state, "rest"),
        author=names.get(one.author_id, "?"),
        made_at=one.made_at,
        decided_at=one.decided_at,
        words=one.words,
        why=": ".join(filter(None, (reason(why.reason), why.words))) if why else "",
    )


def before(project: Project, version: Version) -> Content:
    """Return what a version is compared with: what was shown, else the version before it."""
    if version.base:
        return version.base
    earlier = [one for one in versions.all_of(project) if one.no < version.no]
    return earlier[0].content if earlier else {}


# Preview -------------------------------------------------------------------------------------


def preview(project: Project, content: Content) -> ProjectView:
    """Return the page that donors would see, of a project that is never saved."""
    seen = Project(id=project.id, slug=project.slug, state="published", sample=False)
    seen.texts, seen.needs = [], []
    versions.fill(seen, _presentable(content))
    return replace(view(seen), url="")


def _presentable(content: Content) -> Content:
    """Return a content that a page can be made of, however little of it is written."""
    code = content["language"]
    named = content["title"].get(code) or t(N_("Without a title yet"))
    return content | {
        "title": content["title"] | {code: named},
        "needs": [line for line in content["needs"] if line["quantity"] and line["title"]],
    }
