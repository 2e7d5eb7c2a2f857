"""A leader's desk to walk through in a browser; a header says who is signed in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask

from ashar.kernel import clock, db
from ashar.kernel.db import session
from ashar.moderation import holds, reviews, services
from ashar.moderation.models import Case
from ashar.people.models import Person
from ashar.projects import services as projects
from ashar.projects import versions
from ashar.projects.models import Project
from ashar.site import create_app
from tests.conftest import _dispose
from tests.factories import make_draft, make_person, make_rates, reviewer, verdict
from tests.journeys.stage import closing
from tests.lead.browser import sign_in_by_header
from tests.live import listening
from tests.mailbox import Mailbox


@dataclass(frozen=True)
class DeskSite:
    """A listening site, its people, and a project in each of some states, by name."""

    site: Flask
    url: str
    people: dict[str, int]
    projects: dict[str, str]

    def as_who(self, name: str) -> dict[str, str]:
        """Return the headers of somebody's browser."""
        return {"X-Who": name, "X-Strong": "yes"}


@contextmanager
def open_desk(folder: Path, template: Path, **settings: Any) -> Iterator[DeskSite]:
    """Open a site with a leader, a helper, a moderator, and projects to look at."""
    database = folder / "ashar.sqlite3"
    database.write_bytes(template.read_bytes())
    given = {
        "ASHAR_DATABASE_URL": f"sqlite:///{database}",
        "ASHAR_INSTANCE_PATH": str(folder),
        "ASHAR_JOBS": "off",
        "ASHAR_RATELIMIT_ENABLED": False,
        "ASHAR_RATELIMIT_STORAGE": "memory",
    }
    site = create_app(given | settings, environ={}, mailer=Mailbox())
    sign_in_by_header(site)
    with site.app_context():
        make_rates()
        people = {
            "leader": make_person("leader", "leader"),
            "naryn": make_person("naryn", "moderator", region="KG-N"),
            "helper": make_person("helper"),
        }
        found = {name: _put_in(name, people) for name in STATES}
    with listening(closing(site)) as url:
        site.config["ASHAR_BASE_URL"] = url
        yield DeskSite(site, url, people, found)
    _dispose(site)


def _put_in(name: str, people: dict[str, int]) -> str:
    row = make_draft(people["leader"])
    with db.transaction():
        project, leader = session.get_one(Project, row), session.get_one(Person, people["leader"])
        helper = projects.invite(project, "helper@example.org", "Айзада", leader)
        projects.accept(helper, session.get_one(Person, people["helper"]))
        projects.invite(project, "aunt@example.org", "", leader)
    for turn in STATES[name]:
        with db.transaction():
            turn(session.get_one(Project, row), people)
    return session.get_one(Project, row).slug


def _leader(people: dict[str, int]) -> Person:
    return session.get_one(Person, people["leader"])


def _typed(project: Project, people: dict[str, int]) -> None:
    """Have a helper type something that the leader has not read, and leave something out."""
    helper = session.get_one(Person, people["helper"])
    title = versions.working(project).content["title"] | {"ru": "Тропа в Нарыне"}
    versions.save(project, "words:ru", {"title": title}, base=9, by=helper, helper=True)
    versions.save(project, "story", {"summary": {}}, base=9, by=helper, helper=True)
    versions.save(project, "goal", {"deadline": None}, base=9, by=_leader(people))


def _submit(project: Project, people: dict[str, int]) -> None:
    reviews.submit(project, _leader(people), "Please read the budget twice.")


def _case(project: Project) -> Case:
    return session.query(Case).filter_by(project_id=project.id, kind="project").one()


def _ask(project: Project, people: dict[str, int]) -> None:
    moderator = reviewer(people["naryn"])
    services.question(_case(project), moderator, "budget.b1.title.ky", "Whose signs are they?")
    services.question(_case(project), moderator, "payee.name", "Is the agreement signed?")
    services.decide(_case(project), moderator, verdict("ask", _case(project)))


def _publish(project: Project, people: dict[str, int]) -> None:
    _submit(project, people)
    services.decide(_case(project), reviewer(people["naryn"]), verdict("approve", _case(project)))


def _change(project: Project, people: dict[str, int]) -> None:
    copy = versions.working(project).content
    values = {"story": copy["story"] | {"ky": "Тоодогу жолго жаңы белгилерди коёбуз."}}
    versions.save(project, "story", values, base=9, by=_leader(people))
    later = {"deadline": clock.today().replace(year=clock.today().year + 1, day=1).isoformat()}
    versions.save(project, "goal", later, base=9, by=_leader(people))


def _reject(project: Project, people: dict[str, int]) -> None:
    _submit(project, people)
    services.decide(_case(project), reviewer(people["naryn"]), verdict("reject", _case(project)))


def _hold(project: Project, people: dict[str, int]) -> None:
    _publish(project, people)
    holds.place(project, reviewer(people["naryn"]), "untrue", "The photos are three years old.")


def _work(project: Project, people: dict[str, int]) -> None:
    _publish(project, people)
    for state in ("closed", "in_progress"):
        projects.step(project, state, actor=people["leader"])


STATES: dict[str, tuple[Any, ...]] = {
    "draft": (),
    "typed": (_typed,),
    "asked": (_submit, _ask),
    "public": (_publish, _change),
    "rejected": (_reject,),
    "held": (_hold,),
    "working": (_work,),
}
