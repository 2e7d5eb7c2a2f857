"""Sample data for a first look at the site; loading it twice changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from ashar.demo import (
    accounts,
    batken,
    covers,
    gifts,
    hands,
    naryn,
    news,
    partners,
    people,
    pools,
    rates,
    receipts,
    talas,
    windbreak,
)
from ashar.demo.gifts import Gift
from ashar.demo.hands import Hand
from ashar.demo.news import News
from ashar.demo.story import Sample
from ashar.kernel import clock, db, media, outbox
from ashar.kernel.db import session
from ashar.kernel.media import Media
from ashar.moderation import reviews
from ashar.projects import services, versions
from ashar.projects.models import Project


@dataclass(frozen=True, slots=True)
class Plan:
    """A sample project and what became of it.

    `published` so many days ago, or `submitted`, or still a draft; with its gifts, of which the
    one of number `owed` is owed back in part, and its news.
    """

    sample: Sample
    published: int | None = None
    gifts: Sequence[Gift] = ()
    news: tuple[News, ...] = ()
    submitted: bool = False
    commented: bool = False
    hands: Sequence[Hand] = ()

    owed: int | None = None


PROJECTS = (
    Plan(naryn.SAMPLE, 78, gifts.NARYN, news.NARYN, commented=True, hands=hands.NARYN, owed=10),
    Plan(batken.SAMPLE, 101, gifts.BATKEN, news.BATKEN, hands=hands.BATKEN),
    Plan(talas.SAMPLE),
    Plan(windbreak.SAMPLE, submitted=True),
)
#: Days between writing a sample project and its publication.
REVIEW = 12
#: What the sample leader tells those who review.
WORDS = "Үлгү: модератордун иш бетин көрсөтүү үчүн. Sample data, to show the moderators' desk."


def load() -> list[tuple[str, str, list[str]]]:
    """Put in what is missing; return e-mail, password and roles of the sample people.

    Call it in an app context, outside any transaction. Each project is put in whole or not at
    all; one that exists is left as it is, whatever became of it.
    """
    made = people.load()
    with db.transaction():
        rates.load()
        accounts.load()
        pools.load()
        receipts.load()
    for plan in PROJECTS:
        if not _exists(plan.sample.slug):
            _put_in(plan)
    with db.transaction():
        partners.load((naryn.SAMPLE.slug, batken.SAMPLE.slug))
    return made


def _add_cover(project: Project, cover: Media) -> None:
    services.keep_picture(project, cover)
    shown = {"key": cover.token, "alt": dict(cover.alt), "caption": {}}
    versions.show(project, project.content | {"pictures": [shown]})


def _exists(slug: str) -> bool:
    return session.execute(select(Project.id).where(Project.slug == slug)).first() is not None


def _put_in(plan: Plan) -> None:
    picture = covers.cover(plan.sample.cover)
    with db.transaction():
        project = services.create(plan.sample.draft(clock.today()))
        project.owner_id = people.person(people.LEADER)
        _add_cover(project, media.add_image(picture, dict(plan.sample.cover_alt)))
        if plan.submitted:
            _submit(project)
        if plan.published is not None:
            _publish(project, plan, plan.published)


def _submit(project: Project) -> None:
    """Hand a project in; in a host, where there are no sample people, it stays a draft."""
    leader = people.known(people.LEADER)
    if leader is not None:
        with outbox.quiet():
            reviews.submit(project, leader, WORDS)


def _publish(project: Project, plan: Plan, days: int) -> None:
    services.publish(project, why="sample data")
    project.published_at = clock.now() - timedelta(days=days)
    project.made_at = project.published_at - timedelta(days=REVIEW)
    for number, gift in enumerate(plan.gifts, start=1):
        gifts.give(project, number, gift)
    with outbox.quiet():
        for number, hand in enumerate(plan.hands, start=1):
            hands.lend(project, number, hand)
        if plan.owed is not None:
            gifts.owe(project, plan.owed)
        news.tell(project, plan.news)
        if plan.commented:
            news.wait(project)
