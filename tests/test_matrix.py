"""Every address, called by everybody, about what is theirs and what is not, both ways.

What opens is held against one table: PERMISSIONS and OBJECTS of `ashar.people.access`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from ashar.gateways.cash import number_of
from ashar.kernel import clock, db, papers
from ashar.kernel.money import Money
from ashar.mail import topics
from ashar.moderation import reviews
from ashar.moderation.models import Case
from ashar.people import applications
from ashar.people.access import ACCOUNT, OBJECTS, OPEN, PERMISSIONS, STRONG, Identity
from ashar.people.applications import Answers, Voucher
from ashar.people.models import Person
from ashar.pledges import (
    collectors,
    groups,
    hand_ins,
    offers,
    partners,
    receipt_tasks,
    receipts,
    remittances,
    slips,
)
from ashar.pledges import services as pledges
from ashar.pledges.models import Campaign, Disposition, Dispute, Offer, Payment, Refund, RefundFile
from ashar.pledges.queries import lock_pledge
from ashar.pledges.remittances import Sent
from ashar.pledges.services import Wish
from ashar.pledges.slips import Given
from ashar.pledges.states import GROUP
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
    make_collector,
    make_draft,
    make_monthly,
    make_offer,
    make_partner,
    make_person,
    make_pledge,
    make_pool,
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
    "bakyt": ((), ""),
    "helper": ((), ""),
    "other-helper": ((), ""),
    "moderator": (("moderator",), "KG-N"),
    "moderator-elsewhere": (("moderator",), "KG-B"),
    "leader-moderator": (("leader", "moderator"), "KG-N"),
    "partner": (("partner",), ""),
    "collector": (("collector",), ""),
    "treasurer": (("treasurer",), ""),
    "administrator": (("administrator",), ""),
    "auditor": (("auditor",), ""),
}
#: What each is to the village's project, and to the case about it.
RELATIONS = {
    "leader": {"leader"},
    # One of the committee, by the e-mail that the project names.
    "bakyt": {"committee"},
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
    make_pool("alpine-fund")
    say_tax("us")
    receipt = _receipt(make_pledge(row, "300.00", "USD", country="US", receipt_address=ADDRESS))
    transfer = make_transfer(row)
    monthly = make_monthly(row).token
    refund, dispute = _taken_back(payment)
    by_hand = _by_hand(row, people)
    link, reference = transfer.token, str(transfer.reference)
    promised, came = _offers(row)
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
        order = RefundFile(
            token="order", account="chf", message="ASHAR-1", made_at=clock.now(), actor_id=None
        )
        session.add(order)
        session.get_one(Refund, refund).file = order
        group = groups.named("Bern")
        GROUP.move(group, "shown")
        proof = papers.keep(b"%PDF-1.7", "line.pdf", owner=("inbox", 1), person=None)
        disposition = Disposition(
            token="waits", payment_id=payment, state="parked", made_at=clock.now(), attempts=0
        )
        session.add_all([disposition, Campaign(project_id=row, figures={})])
        everywhere = {
            "slug": slug, "token": pledge_of(pledge).token, "page": "privacy", "name": "stripe",
            "filename": "ashar.css", "step": "story", "part": "story", "code": "ru", "no": "1",
            "turn": "close", "comment": "none", "picture": cover.token, "rest": "nowhere",
            "day": str(promised.day),
            "key": "none",
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
            "/pledges/<token>/monthly": {"token": monthly},
            "/pledges/<token>/stop": {"token": monthly},
            "/pledges/<token>/mend": {"token": monthly},
            "/pledges/<token>/transfer.svg": {"token": link},
            "/pledges/<token>/qr-bill.pdf": {"token": link},
            "/pledges/<token>/confirm": {"token": promised.pledge.token},
            "/pledges/<token>/day.ics": {"token": promised.pledge.token},
            "/lead/projects/<slug>/offers": {"token": came.token},
            "/projects/<slug>/confirm": {"token": came.token},
            "/groups": {"slug": group.slug},
            "/treasury/papers": {"token": proof.token},
            "/treasury/transfers": {"reference": reference},
            "/treasury/accounts": {"slug": "chf"},
            "/treasury/pools": {"slug": "alpine-fund"},
            "/admin/pools": {"slug": "alpine-fund"},
            "/treasury/payments": {"token": pledge_of(pledge).token, "answer": "leave"},
            "/treasury/refunds": {"number": str(refund), "step": "ask"},
            "/treasury/refund-files": {"token": order.token},
            "/treasury/disputes": {"dispute": dispute},
            "/pledges/<token>/refunds": {"refund": str(refund)},
            **by_hand,
            "/pledges/<token>/receipts": receipt,
            "/treasury/receipts": receipt,
            "/treasury/late": {"token": "waits"},
            "/unsubscribe": {"token": topics.token("somebody@example.org", "queue")},
        }


def _offers(row: int) -> tuple[Offer, Offer]:
    """Have an offer accepted for a day, and one that has come, with a picture of the day."""
    rows = [make_offer(row, 2), make_offer(row, 3)]
    with db.transaction():
        for number in rows:
            offer = db.session.get_one(Offer, number)
            day = clock.today() + timedelta(days=2)
            offers.accept(offer, offer.offered, day=day, actor=None)
        came = db.session.get_one(Offer, rows[1])
        png = b"\x89PNG\r\n\x1a\n"
        offers.deliver([(came, 3)], photo=(png, "day.png"), actor=None)
    promised, came = (db.session.get_one(Offer, number) for number in rows)
    return promised, came


def _taken_back(row: int) -> tuple[int, str]:
    """Put in a refund that is owed, and a dispute."""
    with db.transaction() as session:
        payment = session.get_one(Payment, row)
        refund = pledges.order_refund(payment, Money(100, "CHF"), reason="asked", way="bank")
        dispute = Dispute(
            payment=payment, gateway_id="du_1", minor=1, currency="CHF", opened_at=clock.now()
        )
        session.add(dispute)
        return refund.id, dispute.gateway_id


def _by_hand(row: int, people: dict[str, int]) -> dict[str, dict[str, str]]:
    """Put in a collector with a slip handed in, and money that somebody sent to a partner."""
    make_partner("village", [row])
    collector = make_collector("batken-1", people["collector"], slips=9)
    place, money = "partner-held:village", Money(100_000, "KGS")
    given = {"project": row, "name": "Айгүл", "phone": "+996700123456"}
    with db.transaction() as session:
        number = slips.write(
            collector, Given(number_of(1), money, clock.today(), **given), actor=0
        ).number
        hand_in = hand_ins.declare(collector, [number], place, money, None, actor=0).token
        book = collectors.books(collector)[0].id
        agreement = partners.all_of_them()[0].agreements[0].id
        for method, gateway in (("cash", "cash"), ("partner", "partner")):
            wish = Wish(f"by-{method}", money, method, "KG", "ky", phone="+996700123456")
            pledge, payment = pledges.pledge(session.get_one(Project, row), wish, gateway)
            payment.instructions = {"Amount": "1000.00 KGS"}
            if method == "cash":
                code = pledge.token
        sent = Sent("told", "123-456", clock.today(), money)
        told = remittances.tell(lock_pledge(pledge.id), sent).token
        there = pledge.token
    return {
        "/slips": {"number": number},
        "/pledges/<token>/cash.svg": {"token": code},
        "/pledges/<token>/sent": {"token": there},
        "/treasury/cash": {"token": hand_in},
        "/treasury/slips": {"number": number},
        "/treasury/remittances": {"token": told},
        "/admin/collectors": {"slug": "batken-1", "no": str(book)},
        "/admin/partners": {"slug": "village", "no": str(agreement)},
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
    readers |= {"committee": "bakyt"}
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
