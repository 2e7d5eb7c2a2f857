"""The life of a project between its leader and those who review it."""

from datetime import timedelta

import pytest
from flask import Flask

from ashar.kernel import db
from ashar.kernel.errors import Refused, Stale
from ashar.moderation import holds, queries, reviews, services, tasks
from ashar.people.models import Person
from ashar.projects import versions
from ashar.projects.models import Version
from tests.conftest import Clock
from tests.factories import make_draft, make_person, reviewer, verdict
from tests.moderation.conftest import case_of, decide, project, published, submit, write


def test_a_project_is_published_once_another_leader_says_yes(
    site: Flask, people: dict[str, int]
) -> None:
    with site.app_context():
        row = make_draft(people["leader"])
        submit(row, people["leader"])
        assert project(row).state == "submitted"
        decide(case_of(row), people["naryn"], "approve")
        shown = project(row)
        assert (shown.state, shown.cover is not None and shown.cover.public) == ("published", True)
        assert {text.language: text.reviewed for text in shown.texts} == {"ky": True, "en": True}


def test_nobody_decides_on_what_is_their_own(site: Flask, people: dict[str, int]) -> None:
    with site.app_context():
        row = make_draft(people["leader"])
        submit(row, people["leader"])
        member = make_person("bakyt", "moderator", region="KG-N")
        payee = make_person("payee", "moderator", region="KG-N")
        for person, why in ((people["leader"], "leader"), (member, "committee"), (payee, "money")):
            with pytest.raises(Refused, match=why):
                decide(case_of(row), person, "approve")
        assert project(row).state == "submitted"


def test_a_moderator_of_another_region_sees_and_decides_nothing(
    site: Flask, people: dict[str, int]
) -> None:
    with site.app_context():
        row = make_draft(people["leader"])
        submit(row, people["leader"])
        case = case_of(row)
        assert queries.queue(reviewer(people["batken"])) == ([], 0)
        assert queries.by_token(case.token, reviewer(people["batken"])) is None
        with pytest.raises(Refused, match="not yours"):
            decide(case, people["batken"], "approve")


def test_changes_are_asked_for_answered_and_sent_again(site: Flask, people: dict[str, int]) -> None:
    with site.app_context():
        row = make_draft(people["leader"])
        submit(row, people["leader"])
        with pytest.raises(Refused, match="at least one question"):
            decide(case_of(row), people["naryn"], "ask")
        with db.transaction():
            services.question(case_of(row), reviewer(people["naryn"]), "goal", "Why so much?")
        decide(case_of(row), people["naryn"], "ask")
        assert project(row).state == "changes_requested"
        with pytest.raises(Refused, match="no answer yet"):
            submit(row, people["leader"])
        with db.transaction() as session:
            [asked] = case_of(row).remarks
            owner = session.get_one(Person, people["leader"])
            reviews.answer(asked, project(row), owner, "Signs are dear.")
        submit(row, people["leader"])
        assert (project(row).state, case_of(row).state) == ("submitted", "open")
        decide(case_of(row), people["naryn"], "approve")
        assert project(row).state == "published"
        states = [one.state for one in db.session.query(Version).order_by(Version.no)]
        assert states == ["superseded", "approved"]


def test_a_goal_above_the_limit_takes_two_people(site: Flask, people: dict[str, int]) -> None:
    with site.app_context():
        budget = [{"key": "b1", "amount": 2_000_000, "title": {"ky": "Белгилер"}}]
        row = make_draft(people["leader"], goal=2_000_000, budget=budget)
        submit(row, people["leader"])
        decide(case_of(row), people["naryn"], "approve")
        assert project(row).state == "submitted"
        with pytest.raises(Refused, match="another person"):
            decide(case_of(row), people["naryn"], "approve")
        decide(case_of(row), people["second"], "approve")
        assert project(row).state == "published"


def test_a_stale_form_never_decides_on_a_newer_version(site: Flask, people: dict[str, int]) -> None:
    with site.app_context():
        row = make_draft(people["leader"])
        submit(row, people["leader"])
        old = verdict("approve", case_of(row))
        with db.transaction():
            services.question(case_of(row), reviewer(people["naryn"]), "goal", "Why?")
        decide(case_of(row), people["naryn"], "ask")
        with db.transaction() as session:
            owner = session.get_one(Person, people["leader"])
            reviews.answer(case_of(row).remarks[0], project(row), owner, "So.")
        submit(row, people["leader"])
        with pytest.raises(Stale), db.transaction():
            services.decide(case_of(row), reviewer(people["second"]), old)
        assert project(row).state == "submitted"


def test_a_new_payee_is_shown_only_once_another_leader_says_yes(
    site: Flask, people: dict[str, int]
) -> None:
    with site.app_context():
        row = published(people)
        write(row, people, "people", payee={"name": "Somebody else", "email": ""})
        submit(row, people["leader"], reviews.propose)
        assert project(row).content["payee"]["name"] == "Жергилик өнөктөш"
        decide(case_of(row, "change"), people["second"], "approve")
        assert project(row).content["payee"]["name"] == "Somebody else"
        kept = [one.content["payee"]["name"] for one in versions.all_of(project(row))]
        assert kept == ["Somebody else", "Жергилик өнөктөш"]


def test_a_slip_of_the_pen_is_shown_at_once_and_may_be_taken_back(
    site: Flask, people: dict[str, int]
) -> None:
    with site.app_context():
        row = published(people)
        texts = project(row).content["summary"]
        write(row, people, "story", summary=texts | {"en": "We put up new signs."})
        submit(row, people["leader"], reviews.propose)
        assert project(row).content["summary"]["en"] == "We put up new signs."
        decide(case_of(row, "slight"), people["naryn"], "reject")
        assert project(row).content["summary"]["en"] == "We put up signs."


def test_a_case_nobody_decides_goes_to_neighbours_and_then_to_administrators(
    site: Flask, clock: Clock, people: dict[str, int]
) -> None:
    with site.app_context():
        row = make_draft(people["leader"], region="KG-B", district="Баткен")
        submit(row, people["leader"])
        seen = []
        for days in (0, 7, 7):
            clock.forward(days=days)
            tasks.escalate()
            who = ("batken", "osh", "naryn", "admin")
            seen.append({name for name in who if queries.queue(reviewer(people[name]))[1]})
        assert seen == [{"batken"}, {"batken", "osh"}, {"batken", "osh", "admin"}]


def test_a_hold_by_one_person_ends_after_72_hours(
    site: Flask, clock: Clock, people: dict[str, int]
) -> None:
    with site.app_context():
        row = published(people)
        with db.transaction():
            holds.place(project(row), reviewer(people["naryn"]), "untrue", "The photos are old.")
        assert project(row).state == "suspended"
        clock.forward(hours=71)
        assert (tasks.end_holds(), project(row).state) == (0, "suspended")
        clock.forward(hours=2)
        assert (tasks.end_holds(), project(row).state) == (1, "published")


def test_a_hold_lasts_once_somebody_from_elsewhere_agrees_and_may_be_appealed_once(
    site: Flask, clock: Clock, people: dict[str, int]
) -> None:
    with site.app_context():
        row = published(people)
        with db.transaction():
            hold = holds.place(project(row), reviewer(people["naryn"]), "untrue", "Old photos.").id
        with pytest.raises(Refused):
            decide(case_of(row, "hold"), people["second"], "approve")
        decide(case_of(row, "hold"), people["batken"], "approve")
        clock.forward(days=30)
        assert (tasks.end_holds(), project(row).state) == (0, "suspended")
        with db.transaction() as session:
            owner = session.get_one(Person, people["leader"])
            held = session.get_one(holds.Hold, hold)
            holds.appeal(held, owner, "They are new.")
            with pytest.raises(Refused, match="already"):
                holds.appeal(held, owner, "They are!")
        decide(case_of(row, "appeal"), people["second"], "approve")
        assert project(row).state == "published"


def test_a_project_in_progress_is_completed_by_its_report(
    site: Flask, people: dict[str, int]
) -> None:
    with site.app_context():
        row = published(people)
        with db.transaction() as session:
            owner = session.get_one(Person, people["leader"])
            with pytest.raises(Refused):
                reviews.complete(project(row), owner, {"ky": {"done": "Бүттү."}})
            for state in ("closed", "in_progress"):
                reviews.projects.step(project(row), state, actor=owner.id)
            with pytest.raises(Refused):
                reviews.complete(project(row), owner, {"ky": {}})
            reviews.complete(project(row), owner, {"ky": {"done": "Бүттү."}})
        decide(case_of(row, "completion"), people["naryn"], "approve")
        assert project(row).state == "completed"
        assert project(row).content["report"]["ky"]["done"] == "Бүттү."


@pytest.mark.parametrize("kinship", ["relative", "business", "fund"])
def test_who_says_that_they_are_close_decides_nothing(
    site: Flask, people: dict[str, int], kinship: str
) -> None:
    with site.app_context():
        row = make_draft(people["leader"])
        submit(row, people["leader"])
        decide(case_of(row), people["naryn"], "approve", kinship=kinship)
        assert (project(row).state, case_of(row).state) == ("submitted", "open")
        with pytest.raises(Refused, match="too close"):
            decide(case_of(row), people["naryn"], "approve")


def test_long_waiting_is_counted_from_the_last_submission(
    site: Flask, clock: Clock, people: dict[str, int]
) -> None:
    with site.app_context():
        row = make_draft(people["leader"])
        submit(row, people["leader"])
        assert case_of(row).since - case_of(row).opened_at < timedelta(seconds=1)
