"""Erasing somebody: nothing names them any more, the book is whole, late money is booked."""

import base64
import json
import threading
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ashar import checks, features
from ashar.accounts.models import SignIn, User
from ashar.gateways import bank
from ashar.gateways.base import Received
from ashar.kernel import clock as times
from ashar.kernel import db, papers, retained
from ashar.kernel.db import session
from ashar.kernel.errors import Refused
from ashar.kernel.money import Money
from ashar.kernel.retained import Retained
from ashar.ledger.models import Line
from ashar.mail import sending, writing
from ashar.mail.models import Letter
from ashar.pages import exported
from ashar.people import privacy
from ashar.people.access import Identity
from ashar.people.models import Person
from ashar.people.privacy import Subject
from ashar.pledges import inbox, locking, settlement, tasks, transfers
from ashar.pledges.models import Inbox, Payment, Pledge
from ashar.progress import comments
from ashar.progress.comments import Author, Said
from ashar.progress.models import Comment, Message
from ashar.projects.models import Project
from tests.conftest import Clock
from tests.factories import (
    PROJECT,
    credit,
    make_account,
    make_person,
    make_pledge,
    make_project,
    make_transfer,
    notice,
    pledge_of,
    settle,
)
from tests.faults.locks import together
from tests.live import read_form
from tests.mailbox import Mailbox

EMAIL = "donor@example.org"
ALL = {
    "name": "Geheimnisvoll",
    "message": "Geheimnis-Nachricht",
    "group": "Geheimbund",
    "in_honour_of": "Geheim-Oma",
    "honour_email": "oma@example.org",
    "visibility": "public",
}


def erase(subject: Subject) -> None:
    assert features.VIEWS, "with them all parts are known"
    with db.transaction():
        privacy.erase(subject)


def lines() -> list[tuple[str, str, int]]:
    session.rollback()
    return sorted((row.account, row.currency, row.minor) for row in session.query(Line))


def everything() -> str:
    """Return every text of every table but what is locked away."""
    found = []
    for table in db.Base.metadata.sorted_tables:
        if table.name != "ashar_retained":
            found += [str(tuple(row)) for row in session.execute(table.select())]
    session.rollback()
    return "\n".join(found)


def furnish() -> tuple[int, int, int]:
    """Give by card, say things, begin another gift; return project, pledge and its payment."""
    project = make_project()
    pledge, payment = make_pledge(project, "50.00", **ALL)
    settle(payment, credited=Money(5000, "CHF"), fee=150)
    make_pledge(project, "20.00", **ALL)
    with db.transaction():
        said = Said("attempt", "Geheimer Kommentar", "Geheimnisvoll")
        comments.say(session.get_one(Project, project), Author(pledge=pledge), said)
    return project, pledge, payment


def test_nothing_names_somebody_who_was_erased_and_the_book_is_whole(
    site: Flask, client: FlaskClient
) -> None:
    with site.app_context():
        _, pledge, _ = furnish()
        before, token = lines(), pledge_of(pledge).token
        assert "Geheim" in everything() and EMAIL in everything()
        erase(Subject(email=EMAIL))
        left = everything()
        # A group's name is the group's.
        left = left.replace("Geheimbund", "").replace("geheimbund", "")
        assert "eheim" not in left and EMAIL not in left and "oma@" not in left
        assert lines() == before
        assert {name: rows for name, rows in checks.run().items() if rows} == {}
        assert session.query(Message).count() == 0
        assert session.query(Comment).one().state == "hidden"
        states = [row.state for row in session.query(Pledge).order_by(Pledge.id)]
        assert states == ["paid", "cancelled"]
        session.rollback()
    assert client.get(f"/pledges/{token}").status_code == 404
    assert client.get(f"/pledges/{token}/change").status_code == 404
    assert "Geheim" not in client.get("/projects/dry-rice").text


def test_money_that_comes_later_is_booked_and_nobody_is_written_to(
    site: Flask, mailbox: Mailbox
) -> None:
    with site.app_context():
        project, _, _ = furnish()
        late = session.query(Payment).order_by(Payment.id.desc()).first()
        assert late is not None
        row = late.id
        erase(Subject(email=EMAIL))
        mailbox.letters.clear()
        with db.transaction():
            payment = session.get_one(Payment, row)
            settlement.receive(notice(payment, "paid"))
            settlement.receive(credit(payment, Money(2000, "CHF"), 50))
        session.rollback()
        assert session.get_one(Payment, row).state == "settled"
        held = sum(minor for account, _, minor in lines() if account == "project:dry-rice")
        assert held == -7000
        assert mailbox.letters == [] and session.query(Letter).count() == 0
        assert project


def test_a_letter_that_is_on_its_way_while_its_reader_is_erased_leaves_nothing(
    site: Flask, mailbox: Mailbox
) -> None:
    with site.app_context():
        _, pledge, _ = furnish()
        erase(Subject(email=EMAIL))
        mailbox.letters.clear()
        with db.transaction():
            late = Letter(
                fact="late",
                recipient=EMAIL,
                kind="thanks",
                language="de",
                pledge_id=pledge,
                facts={"pledge": pledge},
                made_at=times.now(),
                next_at=times.now(),
            )
            session.add(late)
            session.flush()
            row = late.id
        assert sending.send(row) is False
        assert mailbox.letters == [] and session.query(Letter).count() == 0
        session.rollback()


def test_of_two_erasures_at_once_each_finds_all_or_nothing(site: Flask) -> None:
    with site.app_context():
        furnish()
        before = lines()
    together, failed = threading.Barrier(2, timeout=30), list[BaseException]()

    def run() -> None:
        with site.app_context():
            together.wait()
            try:
                erase(Subject(email=EMAIL))
            except BaseException as error:  # noqa: BLE001 - told by the assertion below
                failed.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    assert failed == []
    with site.app_context():
        assert lines() == before
        assert session.query(Pledge).filter(Pledge.erased_at.is_(None)).count() == 0
        session.rollback()


def test_an_erasure_and_a_payment_at_once_lose_neither(site: Flask) -> None:
    with site.app_context():
        project = make_project()
        _, payment = make_pledge(project, "50.00", **ALL)
    together, failed = threading.Barrier(2, timeout=30), list[BaseException]()

    def run(step: object) -> None:
        with site.app_context():
            together.wait()
            try:
                step()  # type: ignore[operator]
            except BaseException as error:  # noqa: BLE001 - told by the assertion below
                failed.append(error)

    steps = (lambda: erase(Subject(email=EMAIL)), lambda: settle(payment))
    threads = [threading.Thread(target=run, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    assert failed == []
    with site.app_context():
        found = session.query(Pledge).one()
        assert (found.state, found.name, found.email) == ("paid", "", None)
        session.rollback()


def test_a_letter_written_while_its_donor_is_erased_leaves_nothing(
    site: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An erasure at work has looked for letters already; only who sends this one can delete it."""
    with site.app_context():
        _, payment = make_pledge(make_project(), "50.00", **ALL)
        pledge = session.get_one(Payment, payment).pledge_id
        session.rollback()
    looked, sent = threading.Event(), threading.Event()
    hand_over = sending._hand_over

    def linger(_subject: Subject) -> None:
        looked.set()
        sent.wait(2)  # on SQLite the letter waits for the erasure

    def tell(rows: list[int]) -> str:
        dropped = hand_over(rows)
        sent.set()
        return dropped

    late = privacy.Part("late", 90, lambda _subject: iter(()), linger)
    monkeypatch.setitem(privacy.PARTS, "late", late)
    monkeypatch.setattr(sending, "_hand_over", tell)

    def act(number: int) -> None:
        with site.app_context():
            if number:
                erase(Subject(email=EMAIL))
            else:
                assert looked.wait(20)
                facts = {"project": PROJECT, "pledge": pledge, "payment": payment}
                writing.write("thanks", "late", facts)

    together(2, act)
    with site.app_context():
        assert session.query(Letter).count() == 0


# What law keeps -----------------------------------------------------------------------------


def event(payment: Payment, number: str) -> bytes:
    """Return an event as Stripe would send it, with everything that names somebody."""
    person = {"email": EMAIL, "name": "Geheimnisvoll", "phone": "+41 79 000", "address": None}
    session_of = {
        "id": payment.session_id,
        "object": "checkout.session",
        "customer_details": person,
        "client_reference_id": payment.pledge.token,
    }
    told = {"id": number, "object": "event", "type": "customer.created", "created": 1}
    return json.dumps(told | {"livemode": False, "data": {"object": session_of}}).encode()


def test_messages_of_the_payment_service_are_locked_away_until_their_day(
    site: Flask, clock: Clock
) -> None:
    with site.app_context():
        _, pledge, _ = furnish()
        payment = pledge_of(pledge).payments[0]
        whole = event(payment, "evt_1")
        other = event(payment, "evt_2").replace(str(payment.session_id).encode(), b"cs_another")
        for number, body in (("evt_1", whole), ("evt_2", other)):
            tasks.take_in("stripe", Received(number, "customer.created", body))
        erase(Subject(email=EMAIL))
        session.rollback()
        bare = inbox.body("stripe", "evt_1") or b""
        assert b"eheim" not in bare and EMAIL.encode() not in bare
        assert json.loads(bare)["data"]["object"]["id"] == json.loads(whole)["data"]["object"]["id"]
        assert inbox.body("stripe", "evt_2") == other
        row = session.query(Inbox).filter_by(external_id="evt_1").one().id
        assert tasks.replay(row) == "done"
        kept = session.query(Retained).one()
        assert (kept.kind, kept.row) == (locking.MESSAGE, row)
        assert base64.b64decode(kept.data["body"]) == whole
        assert kept.delete_on.year == times.now().year + 11
        assert kept.delete_on.timetuple()[1:3] == (1, 1)
        tasks.take_in("stripe", Received("evt_3", "customer.created", event(payment, "evt_3")))
        assert locking.lock_recent() == 1
        assert locking.lock_recent() == 0
        session.rollback()
        assert retained.delete_due() == 0
        clock.forward(days=366 * 11)
        assert retained.delete_due() == 2
        assert session.query(Retained).count() == 0
        session.rollback()


def test_an_address_for_the_tax_office_is_locked_away_where_money_came(site: Flask) -> None:
    with site.app_context():
        _, pledge, _ = furnish()
        with db.transaction():
            pledge_of(pledge).receipt_address = {"street": "Geheimgasse 1"}
        said = [one.what for one in privacy.stays(Subject(email=EMAIL))]
        assert any("tax office" in one for one in said)
        erase(Subject(email=EMAIL))
        session.rollback()
        kept = session.query(Retained).filter_by(kind="pledge").one()
        assert kept.data == {"name": "Geheimnisvoll", "address": {"street": "Geheimgasse 1"}}


def test_locked_things_open_to_auditors_alone(site: Flask, client: FlaskClient) -> None:
    with site.app_context():
        make_account("CHF")
        pledge = make_transfer(make_project())
        came = bank.fact(
            reference=str(pledge.reference),
            account="chf",
            money=Money(5000, "CHF"),
            on=times.now(),
            line="hand-1",
        )
        assert transfers.enter(came, (b"%PDF-1.7", "l.pdf"), actor=1) == "done"
        token = session.query(papers.Paper).one().token
        session.rollback()
        for name in ("treasurer", "administrator", "auditor"):
            make_person(name, name)
    who = {}
    site.extensions["ashar"].who = lambda: who.get("is")

    def opens(name: str, path: str) -> int:
        who["is"] = Identity(f"test-{name}", f"{name}@example.org", name, "en", strong=True)
        return client.get(path).status_code

    paper = f"/treasury/papers/{token}"
    assert opens("treasurer", paper) == 200
    with site.app_context():
        erase(Subject(email=EMAIL))
    for name in ("treasurer", "administrator"):
        assert opens(name, paper) == 403
        assert opens(name, "/treasury/retained") == 403
    assert opens("auditor", paper) == 200
    assert opens("auditor", "/treasury/retained") == 200
    with site.app_context(), db.transaction():
        kept = session.query(Retained).filter_by(kind=locking.PAPER).one()
        kept.delete_on = times.today()
    with site.app_context():
        assert retained.delete_due() >= 1
    assert opens("auditor", paper) == 404


# Accounts -----------------------------------------------------------------------------------


def test_who_has_a_role_or_leads_a_project_settles_that_first(site: Flask) -> None:
    with site.app_context():
        leader = session.get_one(Person, make_person("leader", "leader"))
        with pytest.raises(Refused, match="role"):
            erase(privacy.of_person(leader))
        owner = make_person("owner")
        with db.transaction():
            row = make_project()
            session.get_one(Project, row).owner_id = owner
        with pytest.raises(Refused, match="lead a project"):
            erase(privacy.of_person(session.get_one(Person, owner)))
        session.rollback()


def test_an_account_goes_with_its_sessions_and_the_browser_is_nobodys(
    site: Flask, client: FlaskClient
) -> None:
    secret = "a-long-enough-password-47"
    with site.app_context():
        site.extensions["ashar_accounts"].create("aida@example.org", secret)
    form = read_form(client.get("/sign-in"))
    client.post("/sign-in", data=form.fields | {"email": "aida@example.org", "password": secret})
    with site.app_context():
        person = session.query(Person).one()
        make_pledge(make_project(), person=person.id, name="Aida", email="other@example.org")
    assert client.get("/account/data").location.startswith("/me/data")
    archive = client.get("/me/data.zip")
    assert archive.content_type == "application/zip"
    with zipfile.ZipFile(BytesIO(archive.data)) as found:
        whole = json.loads(found.read("data.json"))
        assert {"account.csv", "person.csv", "pledges.csv"} <= set(found.namelist())
    assert whole["account"][0]["email"] == "aida@example.org"
    assert whole["pledges"][0]["email"] == "other@example.org"
    form = read_form(client.get("/me/erase?lang=en"))
    unsure = client.post("/me/erase", data=form.fields)
    assert unsure.status_code == 422
    done = client.post("/me/erase?lang=en", data=form.fields | {"sure": "y"})
    assert done.status_code == 200 and "Your data are erased" in done.text
    assert client.get("/me").status_code == 302
    with site.app_context():
        assert session.query(User).count() == session.query(SignIn).count() == 0
        shell = session.query(Person).one()
        assert (shell.name, shell.email) == ("", None) and shell.external_id.startswith("erased-")
        assert "aida" not in everything().casefold()


# The archive and the commands -----------------------------------------------------------------


def test_the_archive_holds_everything_and_no_formula(site: Flask) -> None:
    with site.app_context():
        project = make_project()
        _, payment = make_pledge(project, "50.00", **(ALL | {"name": "=1+1"}))
        settle(payment)
        make_pledge(project, "9.00", email="other@example.org", name="Somebody Else")
        with zipfile.ZipFile(BytesIO(exported.archive(Subject(email=EMAIL)))) as found:
            whole = json.loads(found.read("data.json"))
            table = found.read("pledges.csv").decode("utf-8-sig")
        assert [row["amount"] for row in whole["pledges"]] == ["50.00"]
        assert whole["messages"][0]["text"] == ALL["message"]
        assert {row["kind"] for row in whole["letters"]} == {"thanks"}
        assert "'=1+1" in table and "Somebody Else" not in json.dumps(whole)


def test_operators_export_and_erase_by_command(site: Flask, tmp_path: Path) -> None:
    with site.app_context():
        furnish()
    runner, file = site.test_cli_runner(), tmp_path / "person.zip"
    nobody = runner.invoke(args=["ashar", "person", "erase", "nobody@example.org", "--yes"])
    assert nobody.exit_code == 1 and "Nothing is held" in nobody.output
    made = runner.invoke(args=["ashar", "person", "export", EMAIL.upper(), "--out", str(file)])
    assert made.exit_code == 0 and zipfile.is_zipfile(file)
    done = runner.invoke(args=["ashar", "person", "erase", EMAIL, "--yes"])
    assert done.exit_code == 0 and str(times_year(site) + 11) in done.output
    again = runner.invoke(args=["ashar", "person", "erase", EMAIL, "--yes"])
    assert again.exit_code == 1


def times_year(site: Flask) -> int:
    with site.app_context():
        return times.today().year
