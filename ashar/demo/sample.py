"""Sample data for a first look at the site; loading it twice changes nothing."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from ashar.demo import batken, covers, gifts, naryn, people, rates, talas
from ashar.demo.gifts import Gift
from ashar.demo.story import Sample
from ashar.kernel import clock, db, media
from ashar.kernel.db import session
from ashar.kernel.media import Media
from ashar.projects import services, versions
from ashar.projects.models import Project

#: Each sample project, how long ago it was published (None: still a draft), and its gifts.
PROJECTS: tuple[tuple[Sample, int | None, Sequence[Gift]], ...] = (
    (naryn.SAMPLE, 78, gifts.NARYN),
    (batken.SAMPLE, 101, gifts.BATKEN),
    (talas.SAMPLE, None, ()),
)
#: Days between writing a sample project and its publication.
REVIEW = 12


def load() -> list[tuple[str, str, list[str]]]:
    """Put in what is missing; return e-mail, password and roles of the sample people.

    Call it in an app context, outside any transaction. Each project is put in whole or not at
    all; one that exists is left as it is, whatever became of it.
    """
    made = people.load()
    with db.transaction():
        rates.load()
    for sample, published, given in PROJECTS:
        if not _exists(sample.slug):
            _put_in(sample, published, given)
    session.rollback()
    return made


def _add_cover(project: Project, cover: Media) -> None:
    services.keep_picture(project, cover)
    shown = {"key": cover.token, "alt": dict(cover.alt), "caption": {}}
    versions.show(project, project.content | {"pictures": [shown]})


def _exists(slug: str) -> bool:
    return session.execute(select(Project.id).where(Project.slug == slug)).first() is not None


def _put_in(sample: Sample, published: int | None, given: Sequence[Gift]) -> None:
    picture = covers.cover(sample.cover)
    with db.transaction():
        project = services.create(sample.draft(clock.today()))
        project.owner_id = people.person(people.LEADER)
        _add_cover(project, media.add_image(picture, dict(sample.cover_alt)))
        if published is None:
            return
        services.publish(project, why="sample data")
        project.published_at = clock.now() - timedelta(days=published)
        project.made_at = project.published_at - timedelta(days=REVIEW)
        for number, gift in enumerate(given, start=1):
            gifts.give(project, number, gift)
