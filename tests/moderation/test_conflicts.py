"""Nobody decides on what is their own, in whichever role, spelling or account they come."""

from collections.abc import Callable

import pytest
from flask import Flask

from ashar.kernel import db
from ashar.kernel.errors import Refused
from ashar.kernel.mailboxes import mailbox
from ashar.moderation import conflicts, holds, services
from ashar.moderation.conflicts import whole_name
from ashar.moderation.queries import Reviewer
from ashar.people.models import Person
from ashar.projects import services as projects
from ashar.projects import versions
from ashar.projects.models import Helper
from tests.factories import make_draft, make_person, reviewer
from tests.moderation.conftest import (
    LARGE,
    answer_all,
    case_of,
    decide,
    project,
    published,
    submit,
    submitted,
    write,
)

SPELLINGS = ("bakyt@example.org", "Bakyt@Example.org", " bakyt+ashar@example.org")


def why(row: int, person: int) -> str | None:
    return conflicts.conflict(case_of(row), reviewer(person))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Aigul@Example.ORG ", "aigul@example.org"),
        ("aigul+nar@example.org", "aigul@example.org"),
        ("a.i.gul@gmail.com", "aigul@googlemail.com"),
        ("ａigul@example.org", "aigul@example.org"),
        ("aigul@example.org.", "aigul@example.org"),
    ],
)
def test_one_mailbox_is_known_in_every_spelling(one: str, other: str) -> None:
    assert mailbox(one) == mailbox(other) != ""


def test_different_mailboxes_stay_different() -> None:
    assert mailbox("a.igul@example.org") != mailbox("aigul@example.org")
    assert mailbox("") == mailbox("nobody") == mailbox("+@example.org") == ""


def test_a_name_counts_from_two_words_on() -> None:
    assert whole_name("Асанова  Айгүл") == whole_name("айгүл асанова") != ""
    assert whole_name("Айгүл") == ""


@pytest.mark.parametrize("email", SPELLINGS)
@pytest.mark.parametrize("role", ["moderator", "administrator"])
def test_who_sits_on_the_committee_has_a_conflict_in_every_spelling_and_role(
    site: Flask, people: dict[str, int], email: str, role: str
) -> None:
    with site.app_context():
        row = submitted(people)
        assert why(row, make_person("member", role, region="KG-N", email=email)) == "committee"


def test_nobody_is_freed_by_being_taken_off_the_list(site: Flask, people: dict[str, int]) -> None:
    with site.app_context():
        row = submitted(people)
        member = make_person("bakyt", "moderator", region="KG-N")
        payee = make_person("payee", "moderator", region="KG-N")
        with db.transaction():
            services.question(case_of(row), reviewer(people["naryn"]), "committee", "Who is that?")
        decide(case_of(row), people["naryn"], "ask")
        answer_all(row, people["leader"])
        others = [{"key": f"q{n}", "name": f"N{n}", "role": "", "email": ""} for n in (1, 2)]
        values = {"committee": others, "payee": {"name": "Somebody", "email": ""}}
        write(row, people, "people", **values)
        submit(row, people["leader"])
        assert (why(row, member), why(row, payee)) == ("committee", "payee")


def _owns(row: int, people: dict[str, int]) -> int:
    return people["leader"]


def _second_account(row: int, people: dict[str, int]) -> int:
    return make_person("alias", "moderator", region="KG-N", email="Leader+2@example.org")


def _invited(row: int, people: dict[str, int]) -> int:
    person = make_person("nephew", "moderator", region="KG-N", email="Nephew@example.org")
    with db.transaction() as session:
        owner = session.get_one(Person, people["leader"])
        projects.invite(project(row), "nephew@example.org", "Nephew", owner)
    return person


def _dismissed(row: int, people: dict[str, int]) -> int:
    person = _invited(row, people)
    with db.transaction() as session:
        [helper] = session.query(Helper).all()
        projects.accept(helper, session.get_one(Person, person))
        projects.dismiss(helper, session.get_one(Person, people["leader"]))
    return person


def _typed(row: int, people: dict[str, int]) -> int:
    person = make_person("typist", "moderator", region="KG-N")
    with db.transaction() as session:
        found = versions.working(project(row))
        found.marks = found.marks | {"goal": {"by": person, "helper": True, "revision": 9}}
        session.flush()
    return person


def _namesake(row: int, people: dict[str, int]) -> int:
    person = make_person("somebody", "moderator", region="KG-N", email="x@example.org")
    with db.transaction() as session:
        session.get_one(Person, person).name = "Нургүл Асанова"
        found = versions.working(project(row))
        member = {"key": "p9", "name": "Асанова Нургүл", "role": "", "email": ""}
        found.content = found.content | {"committee": [member]}
    return person


@pytest.mark.parametrize(
    ("meet", "expected"),
    [
        (_owns, "owner"),
        (_second_account, "owner"),
        (_invited, "helper"),
        (_dismissed, "helper"),
        (_typed, "author"),
        (_namesake, "named"),
    ],
)
def test_everybody_whom_a_project_names_is_kept_from_deciding(
    site: Flask,
    people: dict[str, int],
    meet: Callable[[int, dict[str, int]], int],
    expected: str,
) -> None:
    with site.app_context():
        row = submitted(people)
        person = meet(row, people)
        assert why(row, person) == expected
        with pytest.raises(Refused):
            decide(case_of(row), person, "approve")
        assert (case_of(row).state, project(row).state) == ("open", "submitted")


def test_others_have_no_conflict(site: Flask, people: dict[str, int]) -> None:
    with site.app_context():
        row = submitted(people)
        assert {why(row, people[name]) for name in ("naryn", "second", "batken", "admin")} == {None}


def test_whoever_declares_a_conflict_after_approving_has_approved_nothing(
    site: Flask, people: dict[str, int]
) -> None:
    with site.app_context():
        row = submitted(people, **LARGE)
        decide(case_of(row), people["naryn"], "approve")
        with db.transaction():
            services.declare(case_of(row), reviewer(people["naryn"]), "relative", "A cousin.")
        decide(case_of(row), people["second"], "approve")
        assert (case_of(row).state, project(row).state) == ("open", "submitted")


def test_an_approval_counts_in_its_own_round_only(site: Flask, people: dict[str, int]) -> None:
    with site.app_context():
        row = submitted(people, **LARGE)
        decide(case_of(row), people["naryn"], "approve", reads=("en",))
        with db.transaction():
            services.question(case_of(row), reviewer(people["second"]), "goal", "Why?")
        decide(case_of(row), people["second"], "ask")
        answer_all(row, people["leader"])
        submit(row, people["leader"])
        decide(case_of(row), people["second"], "approve", reads=("ky",))
        assert project(row).state == "submitted"
        third = make_person("third", "moderator", region="KG-N")
        decide(case_of(row), third, "approve", reads=("ky",))
        texts = {text.language: text.reviewed for text in project(row).texts}
        # Who read the translation read an earlier version of it.
        assert (project(row).state, texts) == ("published", {"ky": True, "en": False})


def test_a_language_counts_as_read_only_by_who_has_declared_it(
    site: Flask, people: dict[str, int]
) -> None:
    with site.app_context():
        row = submitted(people)
        person = people["naryn"]
        found = Reviewer(person, "naryn@example.org", frozenset({"KG-N"}), False, ("ky",))
        with db.transaction():
            given = services.Verdict(
                "approve",
                case_of(row).revision,
                "no",
                checklist=dict.fromkeys(services.CHECKLIST, "yes"),
                reads=("ky", "en"),
            )
            services.decide(case_of(row), found, given)
        texts = {text.language: text.reviewed for text in project(row).texts}
        assert texts == {"ky": True, "en": False}


def test_a_conflict_keeps_from_holding_up_lifting_and_cancelling(
    site: Flask, people: dict[str, int]
) -> None:
    with site.app_context():
        row = published(people)
        boss = make_person("boss", "administrator", email="leader+boss@example.org")
        for act in (holds.place, holds.cancel):
            with pytest.raises(Refused, match="leader of this project"), db.transaction():
                act(project(row), reviewer(boss), "untrue", "Never mind.")
        assert project(row).state == "published"


def test_an_administrator_who_leads_does_not_approve_what_came_to_administrators(
    site: Flask, people: dict[str, int]
) -> None:
    with site.app_context():
        owner = make_person("both", "leader", "administrator")
        row = make_draft(owner)
        submit(row, owner)
        with db.transaction():
            services.escalate(case_of(row), 2)
        with pytest.raises(Refused, match="leader of this project"):
            decide(case_of(row), owner, "approve")
