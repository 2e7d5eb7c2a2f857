"""A project with its leader, its readers, and who decides; and their ways through the pages."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ashar.kernel import db
from ashar.moderation import holds, services
from ashar.moderation.models import Case
from ashar.people.access import Identity
from ashar.people.models import Person
from ashar.progress import services as writing
from ashar.progress.access import Writer
from ashar.progress.models import Comment, Report, Update
from ashar.progress.services import Draft
from ashar.projects.models import Project
from tests.factories import make_person, make_pledge, make_project, pledge_of, reviewer, settle
from tests.factories import verdict as made
from tests.live import read_form

SLUG = "dry-rice"


@dataclass
class Village:
    """One site with a published project in Batken; who is signed in is set by `as_`."""

    site: Flask
    project: int
    people: dict[str, int]
    now: dict[str, Any] = field(default_factory=dict)

    def as_(self, name: str | None) -> FlaskClient:
        """Return a fresh browser, and sign somebody in on the whole site."""
        self.now["who"] = (
            Identity(f"test-{name}", f"{name}@example.org", name.title(), "en", strong=True)
            if name
            else None
        )
        client = self.site.test_client()
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        return client

    def writer(self, name: str = "leader") -> Writer:
        """Return somebody as a writer of updates."""
        project = db.session.get_one(Project, self.project, populate_existing=True)
        person = db.session.get_one(Person, self.people[name])
        return Writer(project, person, name == "leader")

    def update(self, *, publish: bool = True, **texts: Any) -> str:
        """Write an update; return its token."""
        given = {"title": {"en": "The canal is dug"}, "text": {"en": "All of us dug."}} | texts
        with self.site.app_context(), db.transaction():
            draft = Draft(given.pop("language", "en"), given["title"], given["text"])
            update = writing.write(self.writer(), draft)
            if publish:
                writing.publish(update, self.writer())
            return update.token

    def row(self, token: str) -> Update:
        """Read an update as it is now."""
        return db.session.query(Update).filter_by(token=token).populate_existing().one()

    def say(self, client: FlaskClient, text: str, path: str = "", **more: str) -> TestResponse:
        """Open a form for a comment, fill it in and send it."""
        form = read_form(client.get(path or f"/projects/{SLUG}/comment"))
        return client.post(form.action, data=form.fields | {"text": text} | more)

    def report(self, client: FlaskClient, about: str = "", **more: str) -> TestResponse:
        """Open a form for a report, fill it in and send it."""
        form = read_form(client.get(f"/report?project={SLUG}{about}"))
        given = {"reason": "misuse", "words": "The pipe was sold in Osh."}
        return client.post(form.action, data=form.fields | given | more)

    def donor(self, **more: Any) -> str:
        """Make a pledge that was paid; return its link's token."""
        with self.site.app_context():
            pledge, payment = make_pledge(self.project, **more)
            settle(payment)
            return pledge_of(pledge).token

    def decide(self, name: str, kind: str, what: str, **more: Any) -> None:
        """Decide on the latest case of a kind."""
        with self.site.app_context():
            case = self.case(kind)
            with db.transaction():
                services.decide(case, reviewer(self.people[name]), made(what, case, **more))

    def case(self, kind: str) -> Case:
        """Return the latest case of a kind."""
        found = db.session.query(Case).filter_by(kind=kind).order_by(Case.id.desc())
        case = found.populate_existing().first()
        assert case is not None
        return case

    def suspend(self) -> None:
        """Hold the project up."""
        with self.site.app_context(), db.transaction():
            project = db.session.get_one(Project, self.project)
            holds.place(project, reviewer(self.people["batken"]), "untrue", "Not so.")

    def comments(self) -> list[Comment]:
        """Return all comments."""
        return db.session.query(Comment).order_by(Comment.id).populate_existing().all()

    def reports(self) -> list[Report]:
        """Return all reports."""
        return db.session.query(Report).order_by(Report.id).populate_existing().all()


@pytest.fixture
def village(site: Flask, client: FlaskClient) -> Village:
    with site.app_context():
        people = {
            "leader": make_person("leader", "leader", "moderator", region="KG-B"),
            "batken": make_person("batken", "moderator", region="KG-B"),
            "second": make_person("second", "moderator", region="KG-B"),
            "osh": make_person("osh", "moderator", region="KG-O"),
            "admin": make_person("admin", "administrator"),
            "aida": make_person("aida"),
            "bakyt": make_person("bakyt"),
        }
        project = make_project(SLUG)
        with db.transaction() as session:
            session.get_one(Project, project).owner_id = people["leader"]
    found = Village(site, project, people)
    site.extensions["ashar"].who = lambda: found.now.get("who")
    return found


@pytest.fixture
def heard(site: Flask) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """Gather the signals of updates, comments and reports."""
    names = ("update_posted", "comment_posted", "comment_answered", "report_opened")
    with listening_to(site, *names, "report_decided", "case_opened") as found:
        yield found


@contextmanager
def listening_to(site: Flask, *names: str) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    from ashar.kernel.signals import SIGNALS

    found: list[tuple[str, dict[str, Any]]] = []

    def receiver(name: str) -> Callable[..., None]:
        return lambda _app, **facts: found.append((name, facts))

    kept = {name: receiver(name) for name in names}
    for name, one in kept.items():
        SIGNALS[name].connect(one, sender=site, weak=False)
    yield found
    for name, one in kept.items():
        SIGNALS[name].disconnect(one, sender=site)
