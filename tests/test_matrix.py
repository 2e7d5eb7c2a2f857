"""Every address, called by everybody, about what is theirs and what is not, both ways.

What opens is held against one table: PERMISSIONS and OBJECTS of `ashar.people.access`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from ashar.kernel import db, papers
from ashar.mail import topics
from ashar.moderation import reviews
from ashar.moderation.models import Case
from ashar.people import applications
from ashar.people.access import ACCOUNT, OBJECTS, OPEN, PERMISSIONS, STRONG, Identity
from ashar.people.applications import Answers, Voucher
from ashar.people.models import Person
from ashar.pledges import receipt_tasks, receipts
from ashar.progress import reports
from ashar.progress import services as news
from ashar.progress.access import Writer
from ashar.progress.models import Update
from ashar.progress.reports import Told
from ashar.progress.services import Draft
from ashar.projects import services as projects
from ashar.projects.models import Project, Version
from tests.conftest import ClosingClient
from tests.factories import (
    make_account,
    make_draft,
    make_person,
    make_pledge,
    make_rates,
    make_transfer,
    pledge_of,
    settle,
)
from tests.moderation.conftest import case_of, decide, project, submit, write
from tests.pledges.test_receipts import ADDRESS, say_tax

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

#: Somebody of each kind: roles, and the region of a moderator.
PEOPLE: dict[str, tuple[tuple[str, ...], str]] = {
    "donor": ((), ""),
    "leader": (("leader",), ""),
    "other-leader": (("leader",), ""),
    "helper": ((), ""),
    "other-helper": ((), ""),
    "moderator": (("moderator",), "KG-N"),
    "moderator-elsewhere": (("moderator",), "KG-B"),
    "leader-moderator": (("leader", "moderator"), "KG-N"),
    "partner": (("partner",), ""),
    "treasurer": (("treasurer",), ""),
    "administrator": (("administrator",), ""),
    "auditor": (("auditor",), ""),
}
#: What each is to the village's project, and to the case about it.
RELATIONS = {
    "leader": {"leader"},
    "helper": {"helper"},
    "moderator": {"reviewer"},
    "leader-moderator": {"reviewer"},
}
#: Addresses of a project on the moderators' desk, which administrators reach too.
OF_PROJECTS = ("/moderation/projects/", "/moderation/hold/", "/moderation/lift/")
#: The leader's first page is for everybody who leads or helps with anything.
AT_A_DESK = {"leader", "other-leader", "helper", "other-helper", "leader-moderator"}
#: No sign-in of ours is meant by it: a message is believed by its signature, figures by a token.
NOT_OURS = {"signature", "token"}


@dataclass
class World:
    """One published project in Naryn with everything about it, and everybody who may come."""

    site: Flask
    people: dict[str, int]
    parts: dict[str, dict[str, str]] = field(default_factory=dict)

    def visitor(self, name: str | None, strong: bool = True) -> FlaskClient:
        """Return the browser of somebody, or of a stranger."""
        found = name and Identity(f"test-{name}", f"{name}@example.org", name, "en", strong)
        self.site.extensions["ashar"].who = lambda: found or None
        return self.site.test_client()

    def address(self, rule: Rule) -> str:
        """Fill in an address, so that it leads to something that is there."""
        parts: dict[str, str] = {}
        for prefix in sorted(self.parts, key=len):
            if rule.rule.startswith(prefix):
                parts |= self.parts[prefix]
        return re.sub(r"<(?:\w+:)?(\w+)>", lambda part: parts[part[1]], rule.rule)


@pytest.fixture
def world(site: Flask) -> World:
    site.test_client_class = ClosingClient
    with site.app_context():
        make_rates()
        people = {
            name: make_person(name, *roles, region=region)
            for name, (roles, region) in PEOPLE.items()
        }
        found = World(site, people)
        found.parts = _furnish(people)
    return found


def _furnish(people: dict[str, int]) -> dict[str, dict[str, str]]:
    """Put in a project with a case, an update, a report and more; return what addresses need."""
    row = make_draft(people["leader"])
    submit(row, people["leader"])
    decide(case_of(row), people["moderator"], "approve")
    slug = project(row).slug
    write(row, {"leader": people["leader"]}, "goal", deadline="2027-01-31")
    submit(row, people["leader"], reviews.propose)
    pledge, payment = make_pledge(row)
    settle(payment)
    make_account("CHF")
    say_tax("us")
    receipt = _receipt(make_pledge(row, "300.00", "USD", country="US", receipt_address=ADDRESS))
    transfer = make_transfer(row)
    link, reference = transfer.token, str(transfer.reference)
    with db.transaction() as session:
        leader = session.get_one(Person, people["leader"])
        other = make_draft(people["other-leader"], region="KG-B", district="Баткен")
        help_, invited = (
            projects.invite(project(row), f"{name}@example.org", name, leader)
            for name in ("helper", "new")
        )
        projects.accept(help_, session.get_one(Person, people["helper"]))
        elsewhere = projects.invite(project(other), "other-helper@example.org", "", leader)
        projects.accept(elsewhere, session.get_one(Person, people["other-helper"]))
        writer = Writer(project(row), leader, True)
        update = news.write(writer, Draft("ky", {"ky": "Жаңылык"}, {"ky": "Баары жакшы."}))
        news.publish(update, writer)
        report = reports.report(project(row), Told("attempt", "misuse", "It was sold."))
        voucher = Voucher("Somebody", "somebody@example.org")
        answers = Answers("KG-N", "Ат-Башы", "+996700000000", "I", "We", (voucher,))
        application = applications.apply(session.get_one(Person, people["donor"]), answers)
        version = session.query(Version).filter_by(project_id=row).first()
        case = session.query(Case).filter_by(project_id=row, kind="change").one()
        cover = project(row).cover
        assert version is not None and cover is not None
        proof = papers.keep(b"%PDF-1.7", "line.pdf", owner=("inbox", 1), person=None)
        everywhere = {
            "slug": slug, "token": pledge_of(pledge).token, "page": "privacy", "name": "stripe",
            "filename": "ashar.css", "step": "story", "part": "story", "code": "ru", "no": "1",
            "turn": "close", "comment": "none", "picture": cover.token, "rest": "nowhere",
        }  # fmt: skip
        return {
            "": everywhere,
            "/media": {"token": cover.token},
            "/moderation": {"token": case.token},
            "/projects/<slug>/updates": {"token": update.token},
            "/lead/projects/<slug>/updates": {"token": update.token},
            "/lead/projects/<slug>/helpers": {"token": invited.token},
            "/lead/help": {"token": invited.token},
            "/report": {"token": report.token},
            "/admin/people": {"token": leader.token},
            "/admin/applications": {"token": application.token},
            "/admin/lists": {"kind": "theme", "code": "water"},
            "/pledges/<token>/transfer.svg": {"token": link},
            "/pledges/<token>/qr-bill.pdf": {"token": link},
            "/treasury/papers": {"token": proof.token},
            "/treasury/transfers": {"reference": reference},
            "/treasury/accounts": {"slug": "chf"},
            "/pledges/<token>/receipts": receipt,
            "/treasury/receipts": receipt,
            "/unsubscribe": {"token": topics.token("somebody@example.org", "queue")},
        }


def _receipt(made: tuple[int, int]) -> dict[str, str]:
    """Give out a receipt; return its pledge's token and its number."""
    pledge, payment = made
    settle(payment)
    receipt_tasks.issue()
    found = receipts.live(payment)
    assert found is not None
    return {"token": pledge_of(pledge).token, "number": found.number}


def calls(site: Flask) -> Iterator[tuple[Rule, str, str]]:
    """Yield every address of ours, each way it can be called, and what it declares."""
    for rule in sorted(site.url_map.iter_rules(), key=lambda one: (one.rule, one.endpoint)):
        access = getattr(site.view_functions[rule.endpoint], "ashar_access", None)
        ours = rule.endpoint.startswith("ashar.") and not rule.endpoint.endswith("static")
        for method in {"GET", "POST"} & (rule.methods or set()):
            if ours and access not in NOT_OURS:
                yield rule, method, str(access)


def opens(name: str | None, strong: bool, rule: Rule, permission: str) -> bool:
    """Tell by the declared table whether an address opens to somebody."""
    if permission in OPEN:
        return True
    if name is None:
        return False
    held = {role for role in PEOPLE[name][0] if strong or role not in STRONG}
    if permission not in ACCOUNT and not held & PERMISSIONS[permission]:
        return False
    asked = OBJECTS.get(permission)
    if asked is None or "<" not in rule.rule:
        # Leaders are known by their projects, and count behind a second factor only.
        return rule.rule != "/lead" or (name in AT_A_DESK and (strong or "helper" in name))
    is_ = set(RELATIONS.get(name, ()))
    if not strong:
        is_ -= {"leader", "reviewer"}
    if rule.rule.startswith(OF_PROJECTS) and "administrator" in held:
        is_.add("reviewer")
    return bool(is_ & asked)


def is_shut(answer: Any) -> bool:
    """Tell whether an answer turns somebody away for who they are."""
    to_sign_in = answer.status_code == 302 and answer.location.startswith("/sign-in")
    return answer.status_code in {401, 403} or to_sign_in


@pytest.mark.parametrize("strong", [True, False])
@pytest.mark.parametrize("name", [None, *PEOPLE])
def test_what_opens_is_what_the_table_says(world: World, name: str | None, strong: bool) -> None:
    client, wrong = world.visitor(name, strong), []
    for rule, method, permission in calls(world.site):
        path = world.address(rule)
        answer = client.open(path, method=method)
        expected = opens(name, strong, rule, permission)
        if is_shut(answer) == expected or answer.status_code >= 500:
            wrong.append(f"{method} {path} ({permission}): {answer.status_code}, {expected=}")
    assert wrong == []


def test_the_walk_reaches_what_is_there(world: World) -> None:
    """With an address that leads nowhere, being turned away would prove little."""
    lost = []
    readers = {"desk": "leader", "desk.own": "leader", "lead": "leader", "moderate": "moderator"}
    for rule, method, permission in calls(world.site):
        if rule.rule.startswith("/api/v1/<") or rule.rule in {"/api/v1", "/api/v1/"}:
            continue
        if method == "GET" and permission in {*readers, "administer", "public", "link", "form"}:
            client = world.visitor(readers.get(permission, "administrator"))
            answer = client.get(world.address(rule))
            if answer.status_code >= 400:
                lost.append(f"{rule.rule}: {answer.status_code}")
    assert "\n".join(lost) == ""


def test_who_leads_and_moderates_decides_nothing_of_their_own(world: World) -> None:
    with world.site.app_context():
        row = make_draft(world.people["leader-moderator"])
        submit(row, world.people["leader-moderator"])
        token, slug = case_of(row).token, project(row).slug
    client = world.visitor("leader-moderator")
    client.post(f"/moderation/{token}", data={"what": "approve", "kinship": "no"})
    with world.site.app_context():
        assert project(row).state == "submitted"
        assert db.session.query(Update).count() == 1
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert client.open(f"/api/v1/projects/{slug}", method=method).status_code == 405


def test_a_project_that_was_never_shown_is_found_by_no_address(world: World) -> None:
    """By page, API, feed, search, picture, and what is still to come: for strangers all are 404."""
    with world.site.app_context():
        seen = {}
        for state in ("draft", "submitted", "rejected", "suspended"):
            row = make_draft(world.people["other-leader"], title={"ky": f"Жашыруун {state}"})
            with db.transaction() as session:
                session.get_one(Project, row).state = state
            seen[state] = (project(row).slug, _pictures(row))
    for name in (None, "donor", "moderator-elsewhere", "treasurer", "other-helper"):
        client = world.visitor(name)
        for slug, pictures in seen.values():
            paths = [f"/projects/{slug}{tail}" for tail in TAILS]
            paths += [f"/api/v1/projects/{slug}{tail}" for tail in ("", "/progress", "/updates")]
            paths += [f"/media/{token}?w=480" for token in pictures]
            for path in paths:
                assert client.get(path).status_code == 404, (name, path)
        for path in ("/projects?q=жашыруун", "/api/v1/projects?q=жашыруун", "/projects.atom", "/"):
            text = client.get(path).text
            assert not any(slug in text for slug, _ in seen.values()), path


TAILS = ("", "/pledge", "/updates", "/updates.atom", "/comment", "/widget", "/card.png",
         "/poster.pdf", "/trace")  # fmt: skip


def _pictures(row: int) -> list[str]:
    from ashar.projects import versions

    return [line["key"] for line in versions.working(project(row)).content["pictures"]]
