"""Letters for each turn of a project's life: to whom, how often, and by whom they are ended."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from ashar import mail, occasions
from ashar.kernel import clock as clocks
from ashar.kernel import db, outbox
from ashar.kernel.smtp import SmtpMailer
from ashar.mail import Letter, Mailing, tasks, topics
from ashar.mail.recipients import Recipient
from ashar.moderation import holds, reviews, services
from ashar.moderation import tasks as moderation
from ashar.moderation.models import Case, Hold
from ashar.people.models import Person
from ashar.pledges.models import Pledge
from ashar.projects import services as projects
from ashar.projects import versions
from ashar.projects.models import Project
from tests.accounts.test_story import Message, post_office
from tests.conftest import Clock
from tests.factories import (
    make_draft,
    make_person,
    make_pledge,
    make_project,
    make_rates,
    reviewer,
    settle,
    verdict,
)
from tests.mailbox import Mail, Mailbox

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def project(row: int) -> Project:
    return db.session.get_one(Project, row, populate_existing=True)


def case_of(row: int, kind: str = "project") -> Case:
    found = db.session.query(Case).filter_by(project_id=row, kind=kind)
    return found.order_by(Case.id.desc()).populate_existing().first()  # type: ignore[return-value]


def decide(case: Case, person: int, what: str, **more: object) -> None:
    with db.transaction():
        services.decide(case, reviewer(person), verdict(what, case, **more))


def submit(row: int, owner: int, send: Any = reviews.submit) -> None:
    with db.transaction() as session:
        send(project(row), session.get_one(Person, owner))


def ask(row: int, person: int, words: str = "Why so much?") -> None:
    with db.transaction():
        services.question(case_of(row), reviewer(person), "goal", words)
    decide(case_of(row), person, "ask", words="Nearly there.")


def suspend(row: int, person: int) -> Hold:
    with db.transaction():
        holds.place(project(row), reviewer(person), "untrue", "The bridge does not exist.")
    return db.session.query(Hold).one()


@pytest.fixture
def people(site: Flask) -> dict[str, int]:
    with site.app_context():
        make_rates()
        return {
            "leader": make_person("leader", "leader", "moderator", region="KG-N"),
            "naryn": make_person("naryn", "moderator", region="KG-N"),
            "second": make_person("second", "moderator", region="KG-N"),
            "batken": make_person("batken", "moderator", region="KG-B"),
            "osh": make_person("osh", "moderator", region="KG-O"),
            "admin": make_person("admin", "administrator"),
        }


@pytest.fixture
def row(site: Flask, people: dict[str, int]) -> int:
    """Return a project that was sent to review."""
    with site.app_context():
        found = make_draft(people["leader"])
        submit(found, people["leader"])
        return found


def to(mailbox: Mailbox, name: str) -> list[Mail]:
    return [letter for letter in mailbox.letters if letter.recipient == f"{name}@example.org"]


def kinds_of(site: Flask) -> list[tuple[str, str]]:
    """Return kind and name of each letter so far, in order."""
    db.session.rollback()
    rows = db.session.query(Letter).order_by(Letter.id)
    return [(row.kind, row.recipient.partition("@")[0]) for row in rows]


def test_what_is_submitted_is_told_to_its_leader_and_to_who_may_decide(
    site: Flask, row: int, mailbox: Mailbox
) -> None:
    with site.app_context():
        assert set(kinds_of(site)) == {
            ("submitted", "leader"),
            ("queue", "naryn"),
            ("queue", "second"),
        }
        [letter] = to(mailbox, "naryn")
        assert letter.subject == "1 case waits for a decision"
        assert "New project: A trail in Naryn" in letter.text
        assert f"http://localhost/moderation/{case_of(row).token}" in letter.text
        assert "Hello Naryn," in letter.text
        assert "http://localhost/lead/projects/" in to(mailbox, "leader")[0].text


@one_engine
def test_nobody_with_a_conflict_is_asked_to_decide(
    site: Flask, people: dict[str, int], mailbox: Mailbox
) -> None:
    with site.app_context():
        make_person("bakyt", "moderator", region="KG-N")
        make_person("payee", "moderator", region="KG-N")
        submit(make_draft(people["leader"]), people["leader"])
    assert {letter.recipient.partition("@")[0] for letter in mailbox.letters} == {
        "leader", "naryn", "second",
    }  # fmt: skip


@one_engine
def test_one_letter_tells_of_all_that_came_in_half_an_hour(
    site: Flask, people: dict[str, int], row: int, mailbox: Mailbox, clock: Clock
) -> None:
    with site.app_context():
        rows = [make_draft(people["leader"]) for _ in range(3)]
        for found in rows:
            submit(found, people["leader"])
        mail.sweep()
        assert len(to(mailbox, "naryn")) == 1
        decide(case_of(rows[0]), people["second"], "approve")
        clock.forward(minutes=31)
        mail.sweep()
        letters = to(mailbox, "naryn")
        assert len(letters) == 2
        assert letters[1].subject == "2 cases wait for a decision"
        assert letters[1].text.count("/moderation/") == 2
        clock.forward(minutes=31)
        assert mail.sweep() == 0


@one_engine
def test_a_letter_about_what_was_decided_meanwhile_is_not_sent(
    site: Flask, people: dict[str, int], row: int, mailbox: Mailbox, clock: Clock
) -> None:
    with site.app_context():
        later = make_draft(people["leader"])
        submit(later, people["leader"])
        decide(case_of(later), people["second"], "approve")
        clock.forward(minutes=31)
        mail.sweep()
        assert len(to(mailbox, "naryn")) == 1
        assert {found.error for found in db.session.query(Letter).filter_by(sent_at=None)} == {
            "dropped: nothing to say any more"
        }


def test_what_waits_too_long_is_told_to_neighbours_and_then_to_administrators(
    site: Flask, people: dict[str, int], row: int, mailbox: Mailbox, clock: Clock
) -> None:
    with site.app_context():
        clock.forward(days=8)
        moderation.escalate()
        assert len(to(mailbox, "osh")) == 1
        assert not to(mailbox, "batken") and not to(mailbox, "admin")
        assert "Nobody of the region has decided for seven days." in to(mailbox, "osh")[0].text
        clock.forward(days=7)
        moderation.escalate()
        assert "Nobody has decided for fourteen days." in to(mailbox, "admin")[0].text


def test_questions_reach_the_leader_and_answers_the_moderators(
    site: Flask, people: dict[str, int], row: int, mailbox: Mailbox, clock: Clock
) -> None:
    with site.app_context():
        ask(row, people["naryn"])
        letter = to(mailbox, "leader")[-1]
        assert letter.subject == "Questions about “A trail in Naryn”"
        assert "Goal and deadline\n\n> Why so much?" in letter.text
        assert "> Nearly there." in letter.text
        assert letter.headers == {}
        clock.forward(hours=1)
        with db.transaction() as session:
            [asked] = case_of(row).remarks
            leader = session.get_one(Person, people["leader"])
            reviews.answer(asked, project(row), leader, "Signs are dear.")
        submit(row, people["leader"])
        assert "There is something new to decide on." in to(mailbox, "second")[-1].text
        assert to(mailbox, "leader")[-1].subject == "Received: “A trail in Naryn”"


def test_the_first_of_two_approvals_asks_all_but_who_gave_it(
    site: Flask, people: dict[str, int], mailbox: Mailbox, clock: Clock
) -> None:
    with site.app_context():
        budget = [{"key": "b1", "amount": 2_000_000, "title": {"ky": "Белгилер"}}]
        row = make_draft(people["leader"], goal=2_000_000, budget=budget)
        submit(row, people["leader"])
        clock.forward(hours=1)
        decide(case_of(row), people["naryn"], "approve")
        assert len(to(mailbox, "naryn")) == 1
        assert len(to(mailbox, "second")) == 2


def test_publication_and_a_no_are_told_with_their_reasons(
    site: Flask, people: dict[str, int], row: int, mailbox: Mailbox
) -> None:
    with site.app_context():
        decide(case_of(row), people["naryn"], "approve")
        letter = to(mailbox, "leader")[-1]
        assert letter.subject == "“A trail in Naryn” is online"
        assert f"\nhttp://localhost/projects/{project(row).slug}\n" in letter.text
        other = make_draft(people["leader"])
        submit(other, people["leader"])
        decide(case_of(other), people["naryn"], "reject", words="Please talk to us first.")
        letter = to(mailbox, "leader")[-1]
        assert "The reason: It cannot be judged from what is written." in letter.text
        assert "> Please talk to us first." in letter.text


@one_engine
def test_what_becomes_of_a_change_is_told(
    site: Flask, people: dict[str, int], row: int, mailbox: Mailbox
) -> None:
    with site.app_context():
        decide(case_of(row), people["naryn"], "approve")
        for what, subject in (("reject", "Not approved: "), ("approve", "Approved: change of ")):
            with db.transaction() as session:
                leader = session.get_one(Person, people["leader"])
                payee = {"name": f"Another {what}", "email": "other@example.org"}
                versions.save(project(row), "people", {"payee": payee}, base=99, by=leader)
            submit(row, people["leader"], reviews.propose)
            assert "Until they agree" in to(mailbox, "leader")[-1].text
            decide(case_of(row, "change"), people["naryn"], what)
            assert to(mailbox, "leader")[-1].subject == subject + "“A trail in Naryn”"


@one_engine
def test_a_slip_of_the_pen_gets_no_receipt(
    site: Flask, people: dict[str, int], row: int, mailbox: Mailbox
) -> None:
    with site.app_context():
        decide(case_of(row), people["naryn"], "approve")
        before = len(to(mailbox, "leader"))
        with db.transaction() as session:
            leader = session.get_one(Person, people["leader"])
            words = project(row).content["summary"] | {"en": "We put up new signs."}
            versions.save(project(row), "story", {"summary": words}, base=99, by=leader)
        submit(row, people["leader"], reviews.propose)
        assert len(to(mailbox, "leader")) == before
        decide(case_of(row, "slight"), people["naryn"], "reject")
        assert "was taken back" in to(mailbox, "leader")[-1].text


def test_a_suspension_is_told_with_its_end_and_its_appeal(
    site: Flask, people: dict[str, int], row: int, mailbox: Mailbox, clock: Clock
) -> None:
    with site.app_context():
        decide(case_of(row), people["naryn"], "approve")
        hold = suspend(row, people["naryn"])
        letter = to(mailbox, "leader")[-1]
        assert letter.subject == "Suspended: “A trail in Naryn”"
        assert "> The bridge does not exist." in letter.text
        assert "ends by itself on" in letter.text
        # A second person is asked for elsewhere.
        assert to(mailbox, "batken") and to(mailbox, "admin")
        with db.transaction() as session:
            leader = session.get_one(Person, people["leader"])
            holds.appeal(session.get_one(Hold, hold.id), leader, "It does, come and see.")
        decide(case_of(row, "appeal"), people["second"], "reject", words="I have been there.")
        letter = to(mailbox, "leader")[-1]
        assert letter.subject == "Your appeal: “A trail in Naryn”"
        assert "> I have been there." in letter.text
        clock.forward(days=4)
        moderation.end_holds()
        assert to(mailbox, "leader")[-1].subject == "“A trail in Naryn” goes on"


@one_engine
def test_a_helper_is_invited_without_an_account_and_not_after_they_were_dismissed(
    site: Flask, people: dict[str, int], row: int, mailbox: Mailbox
) -> None:
    with site.app_context():
        with db.transaction() as session:
            leader = session.get_one(Person, people["leader"])
            found = projects.invite(project(row), "cousin@example.org", "Cousin", leader)
            token = found.token
        [letter] = to(mailbox, "cousin")
        assert f"http://localhost/lead/help/{token}" in letter.text
        # Who has no account yet reads the project's language.
        assert "“Нарындагы жол”" in letter.text or "«Нарындагы жол»" in letter.text
        assert '<html lang="ky">' in letter.html
        assert "wa.me" not in letter.html
        with db.transaction() as session:
            leader = session.get_one(Person, people["leader"])
            other = projects.invite(project(row), "aunt@example.org", "", leader)
            projects.dismiss(other, leader)
        assert to(mailbox, "aunt") == []


@one_engine
def test_applications_reach_administrators_and_their_answer_the_applicant(
    site: Flask, people: dict[str, int], mailbox: Mailbox
) -> None:
    with site.app_context():
        for signal in ("leader_applied", "leader_refused", "leader_granted"):
            with db.transaction():
                outbox.emit(signal, application="a" * 24, person=people["naryn"])
        assert "/admin/applications/" + "a" * 24 in to(mailbox, "admin")[0].text
        assert [letter.subject for letter in to(mailbox, "naryn")] == [
            "Your application to lead projects",
            "You may lead projects now",
        ]


def test_deadlines_are_told_twice_and_no_more(
    site: Flask, people: dict[str, int], mailbox: Mailbox, clock: Clock
) -> None:
    with site.app_context():
        day = (clocks.today() + timedelta(days=20)).isoformat()
        row = make_draft(people["leader"], deadline=day, funding="threshold", minimum=100_000)
        submit(row, people["leader"])
        decide(case_of(row), people["naryn"], "approve")
        before = len(to(mailbox, "leader"))
        for _ in range(21):
            tasks.remind()
            tasks.remind()
            clock.forward(days=1)
        found = to(mailbox, "leader")[before:]
        assert [letter.subject for letter in found] == [
            "14 days left: “A trail in Naryn”",
            "3 days left: “A trail in Naryn”",
        ]
        assert "at least CHF\u00a01,000.00" in found[0].text
        assert "List-Unsubscribe" in found[0].headers


def donors(count: int, **more: Any) -> int:
    """Write a project with donors whose money has come; return its row."""
    row = make_project(**more)
    for number in range(count):
        _, payment = make_pledge(row, email=f"d{number:04}@example.org", name=f"Donor {number}")
        settle(payment)
    return row


def test_those_who_gave_are_told_once_each_what_became_of_it(site: Flask, mailbox: Mailbox) -> None:
    with site.app_context():
        row = donors(2)
        _, payment = make_pledge(row, "20.00", email="D0000@example.org", language="de")
        settle(payment)
        make_pledge(row, email="unpaid@example.org")
        before = len(mailbox.letters)
        for _ in range(2):
            with db.transaction():
                outbox.emit("project_cancelled", project=project(row).slug)
        tasks.go_on()
        found = mailbox.letters[before:]
        assert sorted(letter.recipient for letter in found) == [
            "D0000@example.org",
            "d0001@example.org",
        ]
        mine = next(letter for letter in found if letter.recipient.startswith("D"))
        assert mine.text.count("/pledges/") == 2
        assert "http://localhost/legal/terms?lang=de" in mine.text
        assert all(letter.headers == {} for letter in found)
        assert db.session.query(Mailing).filter_by(done_at=None).count() == 0


def copies(pledge: int, count: int) -> None:
    """Copy a pledge to other addresses."""
    table = db.table_of(Pledge)
    with db.transaction() as session:
        first = session.execute(sa.select(table).where(table.c.id == pledge)).mappings().one()
        given = {name: value for name, value in first.items() if name != "id"}
        others = [
            {"token": f"t{n:026}", "attempt": f"a{n}", "email": f"d{n:04}@example.org"}
            for n in range(count)
        ]
        session.execute(sa.insert(table), [given | {"counted": False} | one for one in others])


@one_engine
def test_a_thousand_donors_are_written_to_in_batches_of_few_statements(
    site: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with site.app_context():
        row = make_project()
        pledge, payment = make_pledge(row)
        settle(payment)
        copies(pledge, 1000)
        slug, statements = project(row).slug, []
        monkeypatch.setattr(site.extensions["ashar"].queue, "enqueue", lambda *_ids: None)
        mail.write("gift_completed", "done", {"project": slug}, "those who gave")
        engine = site.extensions["ashar"].database.engine
        sa.event.listen(engine, "before_cursor_execute", lambda *all_: statements.append(all_[2]))
        assert tasks.go_on() == 1001
        assert len(statements) <= 7 * (1001 // tasks.BATCH + 2)
        assert db.session.query(Letter).filter_by(kind="gift_completed").count() == 1001
        with db.transaction() as session:
            session.execute(sa.delete(Pledge).where(Pledge.id != pledge))


def test_a_mailing_that_its_process_left_goes_on_where_it_stopped(
    site: Flask, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with site.app_context():
        row = donors(5)
        monkeypatch.setattr(tasks, "BATCH", 2)
        with monkeypatch.context() as patch:
            patch.setattr(site.extensions["ashar"].queue, "enqueue", lambda *_args: None)
            with db.transaction():
                outbox.emit("project_completed", project=project(row).slug)
            [mailing] = db.session.query(Mailing).all()
            assert tasks._batch(mailing.id) == 2
        assert tasks.go_on() == 3
        found = [letter for letter in mailbox.letters if letter.subject.startswith("Completed")]
        assert len({letter.recipient for letter in found}) == len(found) == 5


def test_who_wants_no_more_gets_none_written_nor_one_that_was_written_before(
    site: Flask, people: dict[str, int], mailbox: Mailbox, clock: Clock
) -> None:
    with site.app_context():
        with db.transaction():
            topics.end("Second@example.org", "queue")
        submit(make_draft(people["leader"]), people["leader"])
        assert to(mailbox, "second") == []
        assert ("queue", "second") not in kinds_of(site)
        submit(make_draft(people["leader"]), people["leader"])
        with db.transaction():
            topics.end("naryn@example.org", "queue")
        clock.forward(minutes=31)
        mail.sweep()
        assert len(to(mailbox, "naryn")) == 1
        assert mail.sweep() == 0
        found = db.session.query(Letter).filter_by(recipient="naryn@example.org", sent_at=None)
        assert [letter.error for letter in found] == ["dropped: unsubscribed"]
        # What is essential still comes.
        ask(project_waiting(), people["naryn"])
        assert to(mailbox, "leader")[-1].subject.startswith("Questions")


def project_waiting() -> int:
    case = db.session.query(Case).filter_by(state="open").first()
    assert case is not None and case.project_id is not None
    return case.project_id


def test_a_fact_that_is_told_twice_is_one_letter(
    site: Flask, people: dict[str, int], row: int, mailbox: Mailbox
) -> None:
    with site.app_context():
        decide(case_of(row), people["naryn"], "approve")
        before = len(mailbox.letters)
        facts = {"project": project(row).slug}
        for occasion in occasions.OCCASIONS["project_published"]:
            mail.write(occasion.kind, occasion.fact.format(**facts), facts, occasion.to)
        assert len(mailbox.letters) == before


@one_engine
def test_one_click_headers_reach_the_mail_server(
    site: Flask, people: dict[str, int], row: int
) -> None:
    kept = Message()
    with site.app_context(), post_office(kept) as url:
        site.extensions["ashar"].mailer = SmtpMailer(url, "Ashar <ashar@localhost>")
        later = make_draft(people["leader"], title={"ky": "Жол", "en": "A\r\nBcc: x@example.org"})
        submit(later, people["leader"])
    [letter] = [one for one in kept.letters if one["To"] == "leader@example.org"]
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = letter["List-Unsubscribe"].replace("\n", "").replace(" ", "")
    assert link.startswith("<http://localhost/unsubscribe/") and link.endswith("?lang=en>")
    assert letter["Bcc"] is None
    with site.test_request_context():
        found = topics.read(link.split("/")[-1].partition("?")[0])
    assert found == ("leader@example.org", "projects")


def test_a_recipient_without_an_address_is_no_recipient(
    site: Flask, people: dict[str, int], row: int
) -> None:
    with site.app_context():
        with db.transaction() as session:
            session.get_one(Person, people["leader"]).email = None
        facts = {"project": project(row).slug}
        mail.write("resumed", "x", facts, "owner")
        assert ("resumed", "leader") not in kinds_of(site)
        assert Recipient("a@example.org", "ky").key == ""
