"""Whatever people do in whatever order: the rules of review hold after every step."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ashar.kernel import db
from ashar.kernel.errors import Refused
from ashar.moderation import holds, queries, reviews, services
from ashar.moderation.models import Case, Decision
from ashar.people.models import Person
from ashar.projects import versions
from ashar.projects.content import GRAVE
from ashar.projects.models import Version
from tests.factories import make_draft, make_person, reviewer, verdict
from tests.moderation.conftest import case_of, project

LEADER = "leader"
#: Others of the region; any of them may be named by the project.
CAST = ("ann", "bek", "cholpon", "dina")
ACTORS = (LEADER, *CAST, *CAST, "osh", "admin")
KINDS = ("project", "change", "slight", "hold", "appeal")
ACTIONS = (
    *(f"{what} {kind}" for what in ("approve", "reject") for kind in KINDS),
    *("approve project",) * 5,
    *("ask project",) * 2,
    "ask change",
    *("declare",) * 2,
    *("submit",) * 3,
    "payee",
    "slip",
    "propose",
    "hold",
    "lift",
    "appeal",
    "cancel",
    "escalate",
)
one = st.tuples(st.sampled_from(ACTORS), st.sampled_from(ACTIONS)).map(lambda step: [step])
#: What happens one after another in life, and seldom by chance.
RUNS = (
    ("approve project", "declare"),
    ("ask project", "submit"),
    ("approve project", "ask project", "submit"),
    ("propose", "approve change"),
    ("payee", "propose", "approve change"),
    ("slip", "propose", "reject slight"),
    ("hold", "appeal", "approve appeal"),
)
runs = st.tuples(st.sampled_from(CAST), st.sampled_from(RUNS)).map(
    lambda run: [(run[0], action) for action in run[1]]
)
yes = st.sampled_from(CAST).map(lambda name: [(name, "approve project")])
steps = st.lists(st.one_of(yes, runs, one), min_size=3, max_size=9).map(
    lambda parts: [step for part in parts for step in part]
)
named = st.fixed_dictionaries(
    {
        "committee": st.sampled_from(CAST),
        "payee": st.sampled_from(CAST),
        "large": st.sampled_from((True, True, False)),
    }
)


class Story:
    """A project, what people do to it, and what has to be true of it."""

    def __init__(self, people: dict[str, int], given: dict[str, Any]) -> None:
        self.people = people
        goal = 2_000_000 if given["large"] else 500_000
        members = [
            {"key": "p1", "name": "A", "role": "", "email": f"{given['committee']}@example.org"},
            {"key": "p2", "name": "B", "role": "", "email": ""},
        ]
        self.row = make_draft(
            people[LEADER],
            goal=goal,
            budget=[{"key": "b1", "amount": goal, "title": {"ky": "Белгилер"}}],
            committee=members,
            payee={"name": "P", "email": f"{given['payee']}+p@Example.org"},
        )
        #: Whom the project names or named, and who declared: told by the test, not by the code.
        self.close = {people[name] for name in (LEADER, given["committee"], given["payee"])}
        #: Who has approved what was sent last, and not said afterwards that they are too close.
        self.round: set[int] = set()
        self.enough = 2 if given["large"] else 1
        self.live = self._live()
        self.count = 0

    def _live(self) -> dict[str, Any]:
        return dict(project(self.row).content)

    def take(self, name: str, action: str) -> None:
        """Do one thing, or be refused; then look at everything."""
        what, _, kind = action.partition(" ")
        before = [row for (row,) in db.session.query(Decision.id)]
        unseen = project(self.row).published_at is None
        act: Callable[[int, str], object] = getattr(self, f"_{what}")
        try:
            with db.transaction():
                act(self.people[name], kind)
            self._remember(self.people[name], action)
        except Refused:
            pass
        self.check(action, set(before))
        if unseen and project(self.row).published_at is not None:
            assert len(self.round) >= self.enough

    def _remember(self, person: int, action: str) -> None:
        if action == "submit":
            self.round.clear()
        elif action == "approve project":
            self.round.add(person)
        elif action == "declare":
            self.round.discard(person)

    def _decide(self, person: int, what: str, kind: str) -> None:
        case = case_of(self.row, kind)
        if case is None:
            raise Refused("none")
        if what == "ask":
            services.question(case, reviewer(person), "goal", "Why?")
        services.decide(case, reviewer(person), verdict(what, case))

    def _approve(self, person: int, kind: str) -> None:
        self._decide(person, "approve", kind)

    def _reject(self, person: int, kind: str) -> None:
        self._decide(person, "reject", kind)

    def _ask(self, person: int, kind: str) -> None:
        self._decide(person, "ask", kind)

    def _declare(self, person: int, _kind: str) -> None:
        case = case_of(self.row)
        if case is None:
            raise Refused("none")
        services.declare(case, reviewer(person), "relative")
        self.close.add(person)

    def _owner(self) -> Person:
        return db.session.get_one(Person, self.people[LEADER])

    def _submit(self, _person: int, _kind: str) -> None:
        for kind in ("project", "change"):
            case = case_of(self.row, kind)
            if case is not None and case.state == "asked":
                for one in services.questions(case):
                    reviews.answer(one, project(self.row), self._owner(), "So.")
        reviews.submit(project(self.row), self._owner())

    def _write(self, part: str, **values: Any) -> None:
        versions.save(project(self.row), part, values, base=999, by=self._owner())

    def _payee(self, _person: int, _kind: str) -> None:
        self.count += 1
        self._write("people", payee={"name": f"P{self.count}", "email": ""})

    def _slip(self, _person: int, _kind: str) -> None:
        self.count += 1
        shown = versions.working(project(self.row)).content["summary"]
        self._write("story", summary=shown | {"ky": shown["ky"] + " Ооба."})

    def _propose(self, _person: int, _kind: str) -> None:
        reviews.propose(project(self.row), self._owner())

    def _hold(self, person: int, _kind: str) -> None:
        holds.place(project(self.row), reviewer(person), "untrue", "Not so.")

    def _lift(self, person: int, _kind: str) -> None:
        if (hold := queries.hold_of(project(self.row))) is not None:
            holds.lift_by(hold, reviewer(person), "It is so.")

    def _appeal(self, _person: int, _kind: str) -> None:
        if (hold := queries.hold_of(project(self.row))) is not None:
            holds.appeal(hold, self._owner(), "It is so!")

    def _cancel(self, person: int, _kind: str) -> None:
        holds.cancel(project(self.row), reviewer(person), "other", "It is over.")

    def _escalate(self, _person: int, _kind: str) -> None:
        for case in queries.open_about(project(self.row)):
            services.escalate(case, 2)

    # What has to be true ----------------------------------------------------------------------

    def check(self, action: str, before: set[int]) -> None:
        db.session.expire_all()
        made = [one for one in db.session.query(Decision) if one.id not in before]
        self._nobody_close_decides(made)
        self._versions_are_dense()
        self._states_agree()
        self._shown_is_approved(action)

    def _nobody_close_decides(self, made: list[Decision]) -> None:
        assert not [one for one in made if one.what != "conflict" and one.person_id in self.close]

    def _versions_are_dense(self) -> None:
        numbers = [one.no for one in reversed(versions.all_of(project(self.row)))]
        assert numbers == list(range(1, len(numbers) + 1))

    def _states_agree(self) -> None:
        found = project(self.row)
        case = case_of(self.row)
        waiting = {"submitted": "open", "changes_requested": "asked"}
        if case is None:
            assert found.state == "draft"
        elif found.state in waiting:
            assert case.state == waiting[found.state]
        else:
            assert case.state == "decided"
        assert (found.state == "suspended") == (queries.hold_of(found) is not None)
        for kind in ("project", "change"):
            proposed = versions.pending(found, {"project": "first"}.get(kind, kind))
            open_cases = queries.open_about(found, kind)
            assert bool(proposed) == bool(open_cases), (kind, found.state)
            if proposed:
                assert [one.subject_id for one in open_cases] == [proposed.id]

    def _shown_is_approved(self, action: str) -> None:
        """Before publication nobody sees it; then payee, goal and rule are as somebody approved."""
        found = project(self.row)
        if found.published_at is None:
            return
        shown = found.content
        approved = [
            one.content for one in versions.all_of(found)
            if one.state == "approved" and one.kind != "slight"
        ]  # fmt: skip
        latest = approved[0]
        assert {name: shown[name] for name in GRAVE} == {name: latest[name] for name in GRAVE}
        if shown != self.live:
            allowed = ("approve project", "approve change", "reject slight", "propose")
            assert action in allowed, action
        self.live = dict(shown)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_rules_hold_whatever_people_do(site: Flask, people: dict[str, int]) -> None:
    with site.app_context():
        cast = {name: make_person(name, "moderator", region="KG-N") for name in CAST}
    everybody = people | cast

    @settings(suppress_health_check=list(HealthCheck))
    @given(named, steps)
    def live(given: dict[str, Any], taken: list[tuple[str, str]]) -> None:
        with site.app_context():
            story = Story(everybody, given)
            for name, action in [(LEADER, "submit"), *taken]:
                story.take(name, action)

    live()


def test_the_story_can_end_well(site: Flask, people: dict[str, int]) -> None:
    """The test above would be worth little if nothing ever got published in it."""
    with site.app_context():
        cast = {name: make_person(name, "moderator", region="KG-N") for name in CAST}
        story = Story(people | cast, {"committee": "ann", "payee": "bek", "large": True})
        for name, action in (
            (LEADER, "submit"),
            ("cholpon", "ask project"),
            (LEADER, "submit"),
            ("cholpon", "approve project"),
            ("dina", "approve project"),
            (LEADER, "slip"),
            (LEADER, "payee"),
            (LEADER, "propose"),
            ("dina", "reject slight"),
            ("cholpon", "approve change"),
            ("dina", "hold"),
            ("osh", "approve hold"),
            (LEADER, "appeal"),
            ("cholpon", "approve appeal"),
            ("admin", "cancel"),
        ):
            story.take(name, action)
        kinds = {(one.kind, one.state) for one in db.session.query(Version)}
        assert kinds == {
            ("first", "superseded"),
            ("first", "approved"),
            ("slight", "refused"),
            ("change", "approved"),
        }
        assert {one.state for one in db.session.query(Case)} == {"decided"}
        assert project(story.row).state == "cancelled"
