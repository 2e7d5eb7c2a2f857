"""Puts one hostile text into every field that there is, by the services that the forms call."""

import secrets
from dataclasses import dataclass, field
from typing import Any

from ashar.kernel import clock, db, media, terms
from ashar.kernel.db import session
from ashar.kernel.money import Money
from ashar.moderation import holds, reviews, services
from ashar.moderation.models import Case, Hold
from ashar.moderation.queries import Reviewer
from ashar.people import applications
from ashar.people import services as persons
from ashar.people.access import Identity
from ashar.people.applications import Answers, Voucher
from ashar.people.models import Person
from ashar.pledges import corridors
from ashar.pledges import services as pledges
from ashar.pledges.models import Payment
from ashar.progress import comments, reports
from ashar.progress import services as writing
from ashar.progress.access import Writer
from ashar.progress.comments import Author, Said
from ashar.progress.models import Comment
from ashar.progress.reports import Told
from ashar.projects import services as projects
from ashar.projects import versions
from ashar.projects.models import Project
from tests.factories import (
    _picture,
    complete_content,
    make_draft,
    make_person,
    make_pledge,
    pledge_of,
    reviewer,
    settle,
    verdict,
)

LANGUAGES = ("ky", "ru", "en", "de")


@dataclass
class Plot:
    """What one text was put into: addresses by a name, and who is who."""

    number: int
    text: str
    country: str
    theme: str
    slugs: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    cases: list[tuple[str, str]] = field(default_factory=list)


class Sower:
    """Puts one text wherever somebody may write, by the services that the forms call.

    What the forms would fold away stays in: the pages have to bear that too.
    """

    def __init__(
        self, number: int, text: str, staff: dict[str, int], names: dict[str, str]
    ) -> None:
        self.text, self.staff, self.names = text, staff, names
        country = sorted(corridors.codes() - {"CH", "KG"})[number]
        self.plot = Plot(number, text, country, f"hostile-{number}")
        self.leader = self.person("leader", text, "leader")
        self.helper = self.person("helper", text)
        self.aida = self.person("aida", text)
        # Whoever bears the name of somebody in the project may not decide on it.
        self.judge = self.person("judge", f"{text} II")

    def person(self, name: str, shown: str, *roles: str) -> int:
        """Make somebody whose name is a text, with what was said when they got their role."""
        name = f"{name}{self.plot.number}"
        self.names[name] = shown
        row = make_person(name)
        with db.transaction():
            found = persons.know(
                Identity(f"test-{name}", f"{name}@example.org", shown, "en", strong=True)
            )
            for role in roles:
                persons.give_role(found, role, actor=self.staff["admin"], why=self.text)
            self.plot.tokens[name.rstrip("0123456789")] = found.token
        return row

    def who(self, row: int) -> Person:
        """Return a person's row."""
        return session.get_one(Person, row)

    def project(self, name: str) -> Project:
        """Return one of the projects, locked and fresh."""
        query = session.query(Project).filter_by(slug=self.plot.slugs[name])
        return query.populate_existing().one()

    def case(self, name: str, kind: str) -> Case:
        """Return the latest case of a kind about one of the projects."""
        found = session.query(Case).filter_by(project_id=self.project(name).id, kind=kind)
        case = found.order_by(Case.id.desc()).populate_existing().first()
        assert case is not None, kind
        return case

    @property
    def bench(self) -> Reviewer:
        """Return the judge with a role that no letters follow: there is one for each text."""
        return Reviewer(
            id=self.judge,
            email=f"judge{self.plot.number}@example.org",
            regions=frozenset({"KG-N"}),
            administers=False,
            reads=LANGUAGES,
            name=f"{self.text} II",
        )

    def decide(self, name: str, kind: str, what: str, by: Reviewer | None = None) -> None:
        """Decide on a case, in the text's words."""
        case = self.case(name, kind)
        with db.transaction():
            services.decide(case, by or self.bench, verdict(what, case, words=self.text))

    def sow(self) -> Plot:
        """Put the text everywhere."""
        self.terms()
        for name in ("public", "rejected", "held", "cancelled", "working"):
            self.draft(name)
        self.published("public")
        self.talk()
        self.gift()
        self.changed()
        self.rejected()
        self.held()
        self.cancelled()
        self.worked()
        self.applied()
        rows = [self.project(name).id for name in self.plot.slugs]
        found = session.query(Case).filter(Case.project_id.in_(rows)).order_by(Case.id)
        self.plot.cases = [(case.kind, case.token) for case in found]
        return self.plot

    def terms(self) -> None:
        """Name a theme and tell of a corridor."""
        words = dict.fromkeys(LANGUAGES, self.text)
        more: dict[str, Any] = {"icon": "drop"}
        actor = self.staff["admin"]
        with db.transaction():
            terms.change(
                "theme", self.plot.theme, words, more=more, position=900, actor=actor, why=self.text
            )
            more = {"ways": None, "checked": clock.today().isoformat()}
            terms.change(
                "corridor", self.plot.country, words, more=more, actor=actor, why=self.text
            )

    def content(self) -> dict[str, Any]:
        """Return a content that says nothing else."""
        words, whole = dict.fromkeys(("ky", "en"), self.text), complete_content()
        texts = {name: words for name in ("title", "summary", "story", "more_for")}
        names = dict.fromkeys(("district", "aymak", "village", "owner_name"), self.text)
        lines = {
            name: [one | {"title": words} for one in whole[name]] for name in ("budget", "needs")
        }
        milestones = [one | {"title": words, "text": words} for one in whole["milestones"]]
        committee = [one | {"name": self.text, "role": self.text} for one in whole["committee"]]
        payee = {"name": self.text, "email": "payee@example.org"}
        more = {"milestones": milestones, "committee": committee, "payee": payee}
        return texts | names | lines | more | {"theme": self.plot.theme}

    def draft(self, name: str) -> None:
        """Begin a project, its pictures described, somebody invited to help."""
        row = make_draft(self.leader, **self.content())
        project, leader = session.get_one(Project, row), self.who(self.leader)
        words = dict.fromkeys(("ky", "en"), self.text)
        with db.transaction():
            shown = versions.working(project).content["pictures"][0]
            second = media.add_image(_picture(), words)
            projects.keep_picture(project, second)
            said = {"alt": words, "caption": words}
            pictures = [shown | said, {"key": second.token} | said]
            versions.save(project, "pictures", {"pictures": pictures}, base=99, by=leader)
            helper = projects.invite(
                project, f"helper{self.plot.number}@example.org", self.text, leader
            )
            if name == "public":
                projects.accept(helper, self.who(self.helper))
                helper = projects.invite(project, "aunt@example.org", self.text, leader)
                self.plot.tokens["invitation"] = helper.token
        self.plot.slugs[name] = session.get_one(Project, row).slug

    def published(self, name: str) -> None:
        """Take a project through review."""
        with db.transaction():
            reviews.submit(self.project(name), self.who(self.leader), self.text)
        with db.transaction():
            services.note(self.case(name, "project"), self.bench, self.text)
            services.claim(self.case(name, "project"), self.bench)
        self.decide(name, "project", "approve")

    def gift(self) -> None:
        """Give, with a name and words."""
        given = {
            "name": self.text, "email": f"donor{self.plot.number}@example.org",
            "visibility": "public", "message": self.text, "in_honour_of": self.text,
            "group": self.text, "person": self.leader,
        }  # fmt: skip
        pledge, payment = make_pledge(self.project("public").id, "50.00", **given)
        settle(payment)
        make_pledge(self.project("public").id, "60.00", **given)
        with db.transaction():
            row = session.get_one(Payment, payment)
            pledges.order_refund(row, Money(100, "CHF"), reason=self.text)
        self.plot.tokens["pledge"] = pledge_of(pledge).token
        self.comments(pledge)

    def talk(self) -> None:
        """Write updates: one for everybody, one not yet, one hidden."""
        words = dict.fromkeys(("ky", "en"), self.text)
        with db.transaction():
            writer = Writer(self.project("public"), self.who(self.leader), True)
            for name in ("hidden", "update", "unfinished"):
                made = writing.write(writer, writing.Draft("en", words, words))
                picture = media.encoded(_picture())
                writing.add_picture(made, writer, picture, self.text, self.text)
                if name != "unfinished":
                    writing.publish(made, writer)
                self.plot.tokens[name] = made.token
                if name == "hidden":
                    writing.hide(made, "moderator", self.text, self.judge)
            helping = Writer(self.project("public"), self.who(self.helper), False)
            made = writing.write(helping, writing.Draft("en", words, words))
            self.plot.tokens["by-helper"] = made.token

    def comments(self, pledge: int) -> None:
        """Say something: seen, answered, hidden, waiting; and report it."""
        donor, leader = Author(pledge=pledge), Author(person=self.leader, leads=True)

        def said(answers: Comment | None = None) -> Said:
            return Said(secrets.token_hex(12), self.text, self.text, None, answers)

        with db.transaction():
            project = self.project("public")
            first = comments.say(project, donor, said())
            if first.state == "held":
                comments._show(first, None)
            comments.say(project, leader, said(first))
            comments.hide(comments.say(project, leader, said()), "moderator", self.text, None)
            comments.say(project, Author(person=self.aida), said())
            self.plot.tokens["comment"] = first.token
        with db.transaction():
            told = Told(secrets.token_hex(12), "misuse", self.text, "witness@example.org")
            self.plot.tokens["report"] = reports.report(self.project("public"), told).token
        self.decide("public", "report", "reject")
        with db.transaction():
            shown = session.query(Comment).filter_by(token=self.plot.tokens["comment"]).one()
            told = Told(secrets.token_hex(12), "misuse", self.text, self.text, comment=shown)
            self.plot.tokens["reported"] = reports.report(self.project("public"), told).token

    def changed(self) -> None:
        """Change a little and a lot, be asked about it, and answer."""
        project, leader = self.project("public"), self.who(self.leader)
        old = versions.working(project).content
        more = {"summary": old["summary"] | {"en": f"{self.text} !"}}
        line = old["budget"][0] | {"title": {"ky": f"{self.text} {self.text} 1"}}
        with db.transaction():
            versions.save(project, "story", more, base=99, by=leader)
            versions.save(project, "budget", {"budget": [line]}, base=99, by=leader)
            helper = self.who(self.helper)
            russian = {"title": old["title"] | {"ru": self.text}}
            versions.save(project, "words:ru", russian, base=99, by=helper, helper=True)
            versions.confirm(project, "words:ru", leader)
        with db.transaction():
            reviews.propose(self.project("public"), self.who(self.leader), self.text)
        self.ask("public", "change")
        with db.transaction():
            [question] = services.questions(self.case("public", "change"))
            reviews.answer(question, self.project("public"), self.who(self.leader), self.text)
            # And something that the leader has to confirm.
            russian = {"summary": {"ru": self.text}}
            versions.save(
                self.project("public"), "words:ru", russian, base=99,
                by=self.who(self.helper), helper=True,
            )  # fmt: skip

    def ask(self, name: str, kind: str) -> None:
        """Ask the leader about a field."""
        with db.transaction():
            services.note(self.case(name, kind), self.bench, self.text)
            services.question(self.case(name, kind), self.bench, "title.ky", self.text)
        self.decide(name, kind, "ask")

    def rejected(self) -> None:
        """Ask, hear the answer, and say no."""
        with db.transaction():
            reviews.submit(self.project("rejected"), self.who(self.leader), self.text)
        self.ask("rejected", "project")
        with db.transaction():
            [question] = services.questions(self.case("rejected", "project"))
            reviews.answer(question, self.project("rejected"), self.who(self.leader), self.text)
            reviews.submit(self.project("rejected"), self.who(self.leader), self.text)
        self.decide("rejected", "project", "reject")

    def hold(self, name: str) -> Hold:
        """Hold a project up, and let its leader appeal."""
        self.published(name)
        with db.transaction():
            hold = holds.place(self.project(name), self.bench, "untrue", self.text)
            holds.appeal(hold, self.who(self.leader), self.text)
        return hold

    def held(self) -> None:
        """Hold a project up."""
        self.hold("held")

    def cancelled(self) -> None:
        """Hold a project up, deny the appeal, lift it all the same, and end the project."""
        hold, osh = self.hold("cancelled"), reviewer(self.staff["osh"])
        self.decide("cancelled", "hold", "approve", osh)
        self.decide("cancelled", "appeal", "reject", reviewer(self.staff["naryn"]))
        with db.transaction():
            holds.lift_by(hold, osh, self.text)
        _, payment = make_pledge(self.project("cancelled").id, email="giver@example.org")
        settle(payment)
        with db.transaction():
            admin = reviewer(self.staff["admin"])
            holds.cancel(self.project("cancelled"), admin, "other", self.text)

    def worked(self) -> None:
        """Bring a project to its goal, and report that it is done."""
        self.published("working")
        _, payment = make_pledge(
            self.project("working").id, "5000.00", email=f"rich{self.plot.number}@example.org"
        )
        settle(payment)
        with db.transaction():
            projects.step(self.project("working"), "in_progress", actor=self.leader)
        parts = dict.fromkeys(("done", "otherwise", "maintenance", "lessons"), self.text)
        report = {"ky": parts, "en": parts}
        decisions = ("reject", "approve") if self.plot.number % 2 == 0 else ("reject", "ask")
        for what in decisions:
            with db.transaction():
                reviews.complete(self.project("working"), self.who(self.leader), report)
            if what == "ask":
                self.ask("working", "completion")
            else:
                self.decide("working", "completion", what)

    def applied(self) -> None:
        """Ask to lead, twice: one is declined, one waits."""
        voucher = Voucher(self.text, self.text)
        said = Answers("KG-N", self.text, self.text, self.text, self.text, (voucher,))
        for name, row in (("declined", self.aida), ("waiting", self.helper)):
            with db.transaction():
                made = applications.apply(self.who(row), said)
                if name == "declined":
                    applications.refuse(made, self.staff["admin"], self.text)
                self.plot.tokens[name] = made.token
