"""What a project's page and its cards show, in the reader's language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from markupsafe import Markup
from sqlalchemy import select

from ashar.kernel import clock, i18n, links, text
from ashar.kernel.db import session
from ashar.kernel.media import Media
from ashar.kernel.money import Money
from ashar.projects import content as contents
from ashar.projects import queries, states
from ashar.projects.models import Need, Project, ProjectText
from ashar.projects.queries import AnyRow
from ashar.projects.regions import REGIONS
from ashar.projects.words import UNIT_COUNTS


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in its widths."""

    token: str
    widths: tuple[int, ...]
    width: int
    height: int
    alt: str
    caption: str = ""

    def url(self, width: int) -> str:
        """Return the address of the smallest file that is at least so wide."""
        fit = next((known for known in self.widths if known >= width), self.widths[-1])
        return links.url("pages.media", token=self.token, w=fit, lang=None)

    @property
    def srcset(self) -> str:
        """Return all widths for the browser to choose from."""
        return ", ".join(f"{self.url(width)} {width}w" for width in self.widths)


@dataclass(frozen=True, slots=True)
class Card:
    """A project in a list."""

    slug: str
    title: str
    summary: str
    region: str
    place: str
    theme: str
    state: str
    goal: Money
    raised: Money
    awaiting: Money
    percent: int
    awaiting_percent: int
    supporters: int
    days_left: int | None
    cover: Picture | None
    url: str


@dataclass(frozen=True, slots=True)
class NeedLine:
    """A need with what was offered and delivered of it; what is confirmed is another's word."""

    key: str
    kind: str
    title: str
    unit: str
    needed: int
    offered: int = 0
    accepted: int = 0
    delivered: int = 0
    confirmed: int = 0

    @property
    def left(self) -> int:
        """Return how much of it nobody has offered yet."""
        return max(0, self.needed - self.offered)


@dataclass(frozen=True, slots=True)
class Milestone:
    """A step of a project."""

    title: str
    text: str
    due: date | None
    share: int
    evidence: tuple[str, ...] = ()
    done: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the village's committee."""

    name: str
    role: str


@dataclass(frozen=True, slots=True)
class ProjectView:
    """A project's page."""

    slug: str
    title: str
    summary: str
    story_html: Markup
    is_translation: bool
    reviewed: bool
    original_lang: str
    region: str
    place: str
    theme: str
    sdg: list[str]
    state: str
    goal: Money
    raised: Money
    matched: Money
    awaiting: Money
    others: tuple[Money, ...]
    percent: int
    awaiting_percent: int
    supporters: int
    days_left: int | None
    deadline: date | None
    open: bool
    #: Whether hands and things are looked for.
    hands: bool
    needs: list[NeedLine]
    milestones: list[Milestone]
    budget: list[tuple[str, Money]]
    committee: list[Member]
    owner_name: str
    payee_name: str
    cover: Picture | None
    gallery: list[Picture]
    funding: str
    minimum: Money | None
    more_for: str
    sample: bool
    url: str
    trace: list[Any] = field(default_factory=list)


def takes_gifts(project: Project) -> bool:
    """Tell whether a project takes new gifts now."""
    if project.deadline and project.deadline < clock.today():
        return False
    return states.takes_gifts(project.state, project.takes_more)


def percent(part: Money, goal: Money) -> int:
    """Return how many percent of the goal an amount is, rounded down: 100 means reached."""
    return 100 * part.minor // goal.minor


def _hatched(part: Money, goal: Money) -> int:
    """Return how much of the bar is hatched: a sliver for whatever is on its way."""
    return max(percent(part, goal), 1) if part.minor > 0 else 0


def days_left(deadline: date | None) -> int | None:
    """Return the days until a deadline, None when there is none or it is over."""
    if deadline is None:
        return None
    left = (deadline - clock.today()).days
    return left if left >= 0 else None


def cards(rows: list[AnyRow]) -> list[Card]:
    """Return the cards of listed rows: two more queries, however many there are."""
    lang = i18n.language()
    texts = queries.texts(rows, lang)
    covers = _covers(row.cover_id for row in rows if row.cover_id)
    return [_card(row, row, texts[row.id], covers.get(row.cover_id)) for row in rows]


def card(project: Project) -> Card:
    """Return the card of one project."""
    totals = queries.main_totals(project)
    return _card(project, totals, _words(project), project.cover)


def _card(row: Any, totals: Any, words: Any, cover: Any) -> Card:
    goal = Money(row.goal_minor, row.currency)
    raised, awaiting = (
        Money((totals and getattr(totals, name)) or 0, row.currency)
        for name in ("raised_minor", "awaiting_minor")
    )
    return Card(
        slug=row.slug,
        title=words.title,
        summary=words.summary,
        region=row.region,
        place=_district(row.region, row.district),
        theme=row.theme,
        state=row.state,
        goal=goal,
        raised=raised,
        awaiting=awaiting,
        percent=percent(raised, goal),
        awaiting_percent=_hatched(awaiting, goal),
        supporters=(totals and totals.supporters) or 0,
        days_left=days_left(row.deadline),
        cover=_picture(cover),
        url=links.url("projects.show", slug=row.slug),
    )


def _district(region: str, name: str) -> str:
    """Return a district's name in the reader's language; others stand as they were written."""
    for district in REGIONS[region].districts:
        if name in district:
            return district.in_language(i18n.language())
    return name


def _covers(ids: Iterable[int]) -> dict[int, AnyRow]:
    wanted = set(ids)
    if not wanted:
        return {}
    rows = session.execute(
        select(Media.id, Media.token, Media.widths, Media.width, Media.height, Media.alt).where(
            Media.id.in_(wanted)
        )
    )
    return {row.id: row for row in rows}


def _picture(row: Any) -> Picture | None:
    if row is None:
        return None
    alt = row.alt.get(i18n.language()) or next(iter(row.alt.values()), "")
    return Picture(row.token, tuple(row.widths), row.width, row.height, alt)


def _words(project: Project) -> ProjectText:
    """Return the reader's text, else the original."""
    lang = i18n.language()
    original = next(text for text in project.texts if text.original)
    return next((text for text in project.texts if text.language == lang), original)


def title(project: Project) -> str:
    """Return a project's title in the reader's language, else in its own."""
    return _words(project).title


def view(project: Project) -> ProjectView:
    """Return what a project's page shows."""
    words, sums = _words(project), queries.sums(project)
    said, pictures = contents.whole(project.content), _pictures(project)
    return ProjectView(
        slug=project.slug,
        title=words.title,
        summary=words.summary,
        story_html=text.html(words.story),
        is_translation=not words.original,
        reviewed=words.reviewed,
        original_lang=project.language,
        region=project.region,
        place=", ".join(
            filter(
                None,
                (_district(project.region, project.district), project.aymak, project.village),
            )
        ),
        theme=project.theme,
        sdg=list(project.sdg),
        state=project.state,
        goal=project.goal,
        raised=sums.raised,
        matched=sums.matched,
        awaiting=sums.awaiting,
        others=sums.others,
        percent=percent(sums.raised, project.goal),
        awaiting_percent=_hatched(sums.awaiting, project.goal),
        supporters=sums.supporters,
        days_left=days_left(project.deadline),
        deadline=project.deadline,
        open=takes_gifts(project),
        hands=project.state in states.HANDS and bool(project.needs),
        needs=needs(project),
        milestones=[_milestone(step) for step in said["milestones"]],
        budget=[
            (in_language(line["title"], project.language), Money(line["amount"], project.currency))
            for line in said["budget"]
        ],
        committee=[Member(one["name"], one["role"]) for one in said["committee"]],
        owner_name=said["owner_name"],
        payee_name=said["payee"]["name"],
        cover=pictures[0] if pictures else _picture(project.cover),
        gallery=pictures[1:],
        funding=project.funding,
        minimum=Money(project.minimum_minor, project.currency) if project.minimum_minor else None,
        more_for=in_language(said["more_for"], project.language),
        sample=project.sample,
        url=links.absolute("projects.show", slug=project.slug),
    )


def needs(project: Project) -> list[NeedLine]:
    """Return what a project needs beside money."""
    return [_need(need) for need in project.needs]


def _need(need: Need) -> NeedLine:
    return NeedLine(
        need.key,
        need.kind,
        in_language(need.titles),
        unit(need.unit),
        need.needed,
        # One that is only being written has no counts yet.
        need.offered or 0,
        need.accepted or 0,
        need.delivered or 0,
        need.confirmed or 0,
    )


def amount_of(code: str, number: int) -> str:
    """Return a number of a unit of needs in words: "5 labour days"."""
    one, many = UNIT_COUNTS.get(code, ("%(num)s", "%(num)s"))
    return i18n.nt(one, many, number)


def unit(code: str) -> str:
    """Return the word for a unit of needs."""
    return i18n.t(UNITS.get(code, code))


UNITS = {
    "day": i18n.N_("labour days"),
    "hour": i18n.N_("hours"),
    "piece": i18n.N_("pieces"),
    "kg": i18n.N_("kg"),
    "m3": i18n.N_("m³"),
    "trip": i18n.N_("trips"),
}


def _milestone(step: Mapping[str, Any]) -> Milestone:
    return Milestone(
        title=in_language(step["title"]),
        text=in_language(step["text"]),
        due=date.fromisoformat(step["due"]) if step["due"] else None,
        share=step["share"],
        evidence=tuple(step["evidence"]),
    )


def in_language(words: Mapping[str, str], original: str = "") -> str:
    """Return a text in the reader's language, else in the original, else in any."""
    found = words.get(i18n.language()) or words.get(original)
    return found or next(filter(None, words.values()), "")


def _pictures(project: Project) -> list[Picture]:
    """Return a project's pictures, the cover first: one query."""
    return list(pictures(contents.whole(project.content)["pictures"], project.language).values())


def pictures(lines: list[dict[str, Any]], original: str = "") -> dict[str, Picture]:
    """Return by token the pictures that a content names, in its order: one query."""
    if not lines:
        return {}
    tokens = [line["key"] for line in lines]
    rows = {row.token: row for row in session.scalars(select(Media).where(Media.token.in_(tokens)))}
    return {
        row.token: Picture(
            row.token,
            tuple(row.widths),
            row.width,
            row.height,
            in_language(line["alt"], original),
            in_language(line["caption"], original),
        )
        for line in lines
        if (row := rows.get(line["key"]))
    }
