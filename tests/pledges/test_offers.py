"""Hands and things, from the form to what somebody else has confirmed; never in the book."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import icalendar
import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import update

from ashar import checks
from ashar.kernel import clock as time
from ashar.kernel import db
from ashar.kernel.errors import Refused
from ashar.kernel.history import History
from ashar.ledger.models import Entry
from ashar.people import services as people
from ashar.people.access import Identity
from ashar.people.models import Person
from ashar.pledges import needs, offers, witnesses
from ashar.pledges.models import Offer, Pledge
from ashar.pledges.needs import Counts
from ashar.projects import queries as projects
from ashar.projects import versions
from ashar.projects.models import Helper, Need, Project
from ashar.projects.services import Wanted
from tests.conftest import Clock
from tests.factories import PROJECT, make_offer, make_person, make_project
from tests.live import read_form
from tests.mailbox import Mailbox

FORM = f"/projects/{PROJECT}/pledge"
PAGE = f"{FORM}?kind=labour"
GIVEN = {"quantity": "5", "name": "Айбек", "email": "aibek@example.org"}


def read(row: int) -> Offer:
    """Read an offer as it is now."""
    return db.session.get_one(Offer, row, populate_existing=True)


def counted(key: str = "n1") -> Counts:
    """Return what stands beside a need."""
    found = db.session.query(Need).filter_by(key=key).populate_existing().one()
    return needs.kept(found)


def act(row: int, what: Callable[..., None], *args: Any, **more: Any) -> None:
    """Do something to an offer in a transaction of its own."""
    with db.transaction():
        what(read(row), *args, **more)


def accept(row: int, quantity: int = 5, **more: Any) -> None:
    given: dict[str, Any] = {"day": time.today() + timedelta(days=3), "actor": None}
    act(row, offers.accept, quantity, **(given | more))


def deliver(row: int, quantity: int, photo: tuple[bytes, str] | None = None) -> None:
    with db.transaction():
        offers.deliver([(read(row), quantity)], photo=photo, actor=None)


def confirm(row: int, quantity: int, role: str = "giver", person: int | None = None) -> None:
    with db.transaction() as session:
        found = session.get_one(Person, person) if person else None
        offers.confirm(read(row), quantity, role=role, person=found)


def jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(out, "JPEG")
    return out.getvalue()


def offer(client: FlaskClient, **fields: str) -> Any:
    """Fill in the form in English and send it."""
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    form = read_form(client.get(PAGE)).fields
    return client.post(FORM, data=form | GIVEN | fields)


# The services --------------------------------------------------------------------------------


def test_an_offer_goes_its_way_and_the_need_counts_with_it(site: Flask) -> None:
    with site.app_context():
        row = make_offer(make_project(), 5)
        assert counted() == Counts(5)
        accept(row, 4)
        assert counted() == Counts(4, 4)
        deliver(row, 3)
        assert counted() == Counts(3, 3, 3)
        confirm(row, 2)
        assert counted() == Counts(3, 3, 3, 2)
        found = read(row)
        assert (found.state, found.confirmed_as, found.pledge.state) == (
            "confirmed",
            "giver",
            "open",
        )
        said = db.session.query(History).filter_by(kind="offer", what="state")
        assert [one.new for one in said.order_by(History.id)] == [
            "offered",
            "accepted",
            "delivered",
            "confirmed",
        ]
        assert db.session.query(Entry).count() == 0


def test_what_is_told_again_changes_nothing(site: Flask) -> None:
    with site.app_context():
        row = make_offer(make_project(), 5)
        accept(row)
        for _ in range(3):
            deliver(row, 5)
            assert counted() == Counts(5, 5, 5)
        told = db.session.query(History).filter_by(kind="offer", what="delivered").count()
        assert told == 1
        deliver(row, 2)
        deliver(row, 4)
        assert counted() == Counts(4, 4, 4)


def test_what_did_not_come_is_promised_no_more_and_may_come_later(site: Flask) -> None:
    with site.app_context():
        row = make_offer(make_project(), 5)
        accept(row)
        deliver(row, 0)
        assert (read(row).state, counted()) == ("missed", Counts())
        accept(row, 5)
        deliver(row, 5)
        assert (read(row).state, counted()) == ("delivered", Counts(5, 5, 5))
        deliver(row, 0)
        assert (read(row).state, counted()) == ("missed", Counts())


@pytest.mark.parametrize("end", ["decline", "withdraw"])
def test_what_is_declined_or_taken_back_counts_no_more(site: Flask, end: str) -> None:
    with site.app_context():
        row = make_offer(make_project(), 5)
        accept(row)
        if end == "decline":
            act(row, offers.decline, reason="It rains", actor=None)
        else:
            act(row, offers.withdraw, actor=None)
        found = read(row)
        assert (found.state, found.pledge.state) == (
            ("declined" if end == "decline" else "withdrawn"),
            "cancelled",
        )
        assert counted() == Counts()
        for late in (
            lambda: accept(row),
            lambda: deliver(row, 1),
            lambda: confirm(row, 1),
            lambda: act(row, offers.withdraw, actor=None),
        ):
            with pytest.raises(Refused):
                late()


def test_no_more_is_accepted_than_is_needed_unless_more_is_welcome(site: Flask) -> None:
    wanted = (Wanted("labour", 8, "day", {"ky": "Арык", "en": "Canal"}),)
    with site.app_context():
        project = make_project(needs=wanted)
        one, other = make_offer(project, 5), make_offer(project, 5)
        accept(one)
        with pytest.raises(Refused, match="still needed") as told:
            accept(other, 4)
        assert told.value.values == {"left": 3}
        accept(other, 3)
        # What it holds itself is no obstacle to another day.
        accept(other, 3, day=time.today() + timedelta(days=9))
        with pytest.raises(Refused):
            accept(other, 5)
        accept(other, 5, more=True)
        assert counted() == Counts(10, 10)


def test_never_more_than_was_offered_accepted_or_delivered(site: Flask) -> None:
    with site.app_context():
        row = make_offer(make_project(), 5)
        for quantity in (0, -1, 6):
            with pytest.raises(Refused):
                accept(row, quantity)
        accept(row, 4)
        for quantity in (-1, 5):
            with pytest.raises(Refused):
                deliver(row, quantity)
        deliver(row, 3)
        for quantity in (0, -1, 4):
            with pytest.raises(Refused):
                confirm(row, quantity)
        assert counted() == Counts(3, 3, 3)


def test_a_picture_is_kept_once_for_all_of_a_day_and_nothing_else_is_one(site: Flask) -> None:
    with site.app_context():
        project = make_project()
        rows = [make_offer(project, 2) for _ in range(3)]
        for row in rows:
            accept(row, 2)
        for data in (b"%PDF-1.7", b"<svg/>", b""):
            with pytest.raises(Refused), db.transaction():
                offers.deliver([(read(rows[0]), 1)], photo=(data, "a.jpg"), actor=None)
        with db.transaction():
            came = [(read(row), 2) for row in rows]
            offers.deliver(came, photo=(jpeg(), "day.jpg"), actor=None)
        assert len({read(row).photo_id for row in rows}) == 1
        assert counted() == Counts(6, 6, 6)


def test_a_need_that_is_asked_for_no_more_leaves_its_offers(site: Flask) -> None:
    with site.app_context():
        project = make_project()
        row = make_offer(project, 5)
        accept(row)
        with db.transaction() as session:
            found = session.get_one(Project, project)
            content = found.content
            kept = [line | {"unit": "hour"} for line in content["needs"]]
            versions.show(found, content | {"needs": kept})
        assert read(row).need_id is None and counted() == Counts()
        deliver(row, 5)
        assert (read(row).state, counted()) == ("delivered", Counts())
        with db.transaction() as session:
            found = session.get_one(Project, project)
            versions.show(found, found.content | {"needs": []})
        assert read(row).unit == "day"


def test_a_need_that_only_changes_its_words_or_number_keeps_its_offers(site: Flask) -> None:
    with site.app_context():
        project = make_project()
        row = make_offer(project, 5)
        with db.transaction() as session:
            found = session.get_one(Project, project)
            line = found.content["needs"][0] | {"quantity": 70, "title": {"ky": "Башка"}}
            versions.show(found, found.content | {"needs": [line]})
        assert read(row).need_id is not None and counted() == Counts(5)


# Who confirms --------------------------------------------------------------------------------


def committee(project: int, *emails: str) -> None:
    with db.transaction() as session:
        found = session.get_one(Project, project)
        named = [
            {"key": f"p{no}", "name": "Бакыт", "role": "", "email": email}
            for no, email in enumerate(emails)
        ]
        found.content = found.content | {"committee": named}


def helps(project: int, email: str, person: int | None) -> None:
    with db.transaction() as session:
        now = time.now()
        session.add(
            Helper(
                token=email,
                project_id=project,
                email=email,
                name="",
                person_id=person,
                invited_at=now,
                accepted_at=now if person else None,
            )
        )


def test_neither_leader_nor_helper_confirms_in_any_account_or_spelling(site: Flask) -> None:
    with site.app_context():
        project = make_project()
        leader, helper = make_person("leader"), make_person("helper")
        twin = make_person("twin", email="Leader+twin@example.org")
        member, stranger = make_person("bakyt"), make_person("stranger")
        with db.transaction() as session:
            session.get_one(Project, project).owner_id = leader
        helps(project, "helper@example.org", helper)
        helps(project, "invited@example.org", None)
        everybody = [f"{name}@example.org" for name in ("leader", "helper", "bakyt", "invited")]
        committee(project, *everybody)

        def tries(email: str, role: str, person: int | None) -> bool:
            row = make_offer(project, 1, email=email)
            accept(row, 1)
            deliver(row, 1)
            try:
                confirm(row, 1, role, person)
            except Refused:
                return False
            return True

        giver, one = witnesses.GIVER, witnesses.COMMITTEE
        assert tries("aibek@example.org", giver, None)
        assert tries("aibek@example.org", giver, stranger)
        assert tries("aibek@example.org", one, member)
        assert not tries("aibek@example.org", one, stranger)
        assert not tries("aibek@example.org", one, None)
        for person in (leader, helper, twin):
            assert not tries("aibek@example.org", giver, person)
            assert not tries("aibek@example.org", one, person)
        for email in ("LEADER@example.org", "leader+x@example.org", "invited@example.org"):
            assert not tries(email, giver, None)


def test_the_committees_mailboxes_count_in_every_spelling(site: Flask) -> None:
    with site.app_context():
        project = make_project()
        committee(project, "Ba.kyt@googlemail.com", "")
        member = make_person("bakyt", email="bakyt+village@gmail.com")
        nobody = make_person("nobody", email="kyt@gmail.com")
        found = db.session.get_one(Project, project)
        assert witnesses.sits_on_committee(found, db.session.get_one(Person, member))
        assert not witnesses.sits_on_committee(found, db.session.get_one(Person, nobody))


# Paper lists ---------------------------------------------------------------------------------


def paper(**more: Any) -> offers.PaperList:
    given: dict[str, Any] = {
        "attempt": "paper",
        "lines": (offers.Listed("Асан", 2), offers.Listed("Үсөн", 3, people=2)),
        "language": "ky",
    }
    return offers.PaperList(**(given | more))


def enter(project: int, listed: offers.PaperList, *, leads: bool) -> list[int]:
    person = make_person("leader" if leads else "helper")
    with db.transaction() as session:
        found = session.get_one(Project, project)
        made = offers.enter(found, found.needs[0], listed, actor=person, leads=leads)
        return [one.id for one in made]


def test_a_leaders_paper_list_is_accepted_or_came_and_a_helpers_waits(site: Flask) -> None:
    with site.app_context():
        project = make_project()
        rows = enter(project, paper(), leads=True)
        assert [read(row).state for row in rows] == ["accepted", "accepted"]
        assert counted() == Counts(5, 5)
        came = enter(project, paper(attempt="came", came=True, day=time.today()), leads=True)
        assert [read(row).delivered for row in came] == [2, 3]
        assert counted() == Counts(10, 10, 5)
        waits = enter(project, paper(attempt="helper"), leads=False)
        assert {read(row).state for row in waits} == {"offered"}
        assert counted() == Counts(15, 10, 5)
        # They have no link, so that whoever is on the list confirms nothing by one.
        with pytest.raises(Refused):
            confirm(came[0], 2)
        asked = db.session.query(History).filter_by(kind="offer", what="consent").count()
        assert asked == 6
        with pytest.raises(Refused):
            enter(project, paper(attempt="many", lines=(offers.Listed("Асан", 51),)), leads=True)
        assert counted() == Counts(15, 10, 5)


# The check -----------------------------------------------------------------------------------


def found() -> list[str]:
    return checks.run()["offers are of one pledge each, and needs hold what they add up to"]


def test_the_check_names_every_difference_and_the_counts_can_be_put_right(site: Flask) -> None:
    with site.app_context():
        project = make_project()
        row = make_offer(project, 5)
        assert found() == []
        with db.transaction() as session:
            session.execute(update(Need).values(accepted=7))
        [told] = found()
        assert "holds (5, 7, 0, 0), its offers add up to (5, 0, 0, 0)" in told
        assert checks.fix_needs() == 1 and found() == []
        with db.transaction() as session:
            session.execute(update(Pledge).values(state="cancelled"))
        assert len(found()) == 1
        with db.transaction() as session:
            session.execute(update(Pledge).values(state="open"))
            session.execute(update(Offer).values(state="nowhere"))
        assert len(found()) == 2
        with db.transaction() as session:
            session.execute(update(Offer).where(Offer.id == row).values(state="offered"))


# The form and the page -----------------------------------------------------------------------


@pytest.mark.usefixtures("project")
class TestPages:
    """With a published project that needs sixty labour days."""

    def test_five_days_are_offered_and_shown_beside_the_money(
        self, site: Flask, client: FlaskClient, mailbox: Mailbox
    ) -> None:
        before = client.get(f"/projects/{PROJECT}?lang=en")
        assert f"/projects/{PROJECT}/pledge?kind=labour&amp;need=n1" in before.text
        answer = offer(client)
        assert answer.status_code == 303
        page = client.get(answer.location)
        assert "5 labour days" in page.text and "Айбек" not in page.text
        assert "aibek@example.org" not in page.text
        assert page.headers["Cache-Control"] == "no-store"
        after = client.get(f"/projects/{PROJECT}?lang=en")
        assert "5 more offered" in after.text and after.headers["ETag"] != before.headers["ETag"]
        api = client.get(f"/api/v1/projects/{PROJECT}").get_json()
        assert api["ashar"] == [
            {"kind": "labour", "unit": "day", "needed": 60, "offered": 5, "delivered": 0}
        ]
        assert api["raised"]["amount"] == "0.00" and api["supporters"] == 0
        listed = client.get("/api/v1/projects").get_json()["items"][0]
        assert listed["ashar"] == api["ashar"]
        [told] = mailbox.letters
        assert told.recipient == "aibek@example.org"
        assert answer.location.rsplit("/", 1)[-1] in told.text

    def test_the_same_form_twice_is_one_offer(self, site: Flask, client: FlaskClient) -> None:
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        form = read_form(client.get(PAGE)).fields | GIVEN
        answers = {client.post(FORM, data=form).location for _ in range(3)}
        assert len(answers) == 1
        money = {"kind": "money", "amount": "50", "currency": "CHF", "country": "CH"}
        again = client.post(FORM, data=form | money | {"method": "card"})
        assert again.location in answers
        with site.app_context():
            assert db.session.query(Offer).count() == db.session.query(Pledge).count() == 1

    @pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
    @pytest.mark.parametrize(
        ("field", "value", "words"),
        [
            ("quantity", "", "This field is required"),
            ("quantity", "many", "Not a valid integer"),
            ("quantity", "0", "must be at least 1"),
            ("quantity", "-3", "must be at least 1"),
            ("quantity", "61", "All that is needed is 60 labour days"),
            ("quantity", "9" * 6000, "Not a valid integer"),
            ("people", "501", "between 1 and 500"),
            ("need", "nothing", "Not a valid choice"),
            ("name", " ", "This field is required"),
            ("email", "nobody", "not an e-mail address"),
            ("email", "", "how else would they reach you"),
            ("phone", "12", "not a phone number"),
            ("visibility", "loud", "Not a valid choice"),
            ("language", "xx", "Not a valid choice"),
            ("message", "x" * 1001, "cannot be longer than 1000"),
        ],
    )
    def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(
        self, site: Flask, client: FlaskClient, field: str, value: str, words: str
    ) -> None:
        answer = offer(client, **{"message": "Салам", field: value})
        assert answer.status_code == 422
        assert re.search(rf'id="{field}-error".*?{words}', answer.text, re.S), answer.text
        for kept in {"name", "email"} - {field}:
            assert f'value="{GIVEN[kept]}"' in answer.text
        with site.app_context():
            assert db.session.query(Pledge).count() == 0

    def test_a_phone_will_do_and_the_only_need_need_not_be_named(
        self, site: Flask, client: FlaskClient
    ) -> None:
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        form = read_form(client.get(PAGE)).fields
        form.pop("need")
        given = {"quantity": "2", "name": "Асан", "phone": "0700 123 456"}
        answer = client.post(FORM, data=form | given)
        assert answer.status_code == 303
        with site.app_context():
            made = db.session.query(Pledge).one()
            assert (made.phone, made.email, made.kind) == ("+996700123456", None, "labour")
        page = client.post(f"{answer.location}/cancel", data={})
        assert page.status_code == 400

    def test_kinds_that_the_project_does_not_ask_for_are_not_taken(
        self, site: Flask, client: FlaskClient
    ) -> None:
        assert client.get(f"{FORM}?kind=transport").status_code == 409
        assert client.get(f"{FORM}?kind=wishes").status_code == 200
        form = read_form(client.get(f"{PAGE}&lang=en")).fields | GIVEN
        for kind in ("transport", "wishes", ""):
            answer = client.post(FORM, data=form | {"kind": kind, "amount": "5"})
            assert answer.status_code == 422, kind
        with site.app_context():
            assert db.session.query(Pledge).count() == 0

    @pytest.mark.parametrize(
        ("state", "open_"), [("closed", True), ("in_progress", True), ("completed", False)]
    )
    def test_hands_are_wanted_after_the_collecting_too(
        self, site: Flask, client: FlaskClient, state: str, open_: bool
    ) -> None:
        form = read_form(client.get(f"{PAGE}&lang=en")).fields | GIVEN
        with site.app_context(), db.transaction() as session:
            session.execute(update(Project).values(state=state))
        assert client.get(PAGE).status_code == (200 if open_ else 409)
        assert client.post(FORM, data=form).status_code == (303 if open_ else 422)

    def test_the_addresses_of_money_know_no_offers(self, site: Flask, client: FlaskClient) -> None:
        here = offer(client).location
        for path in ("/back", "/transfer.svg", "/qr-bill.pdf"):
            assert client.get(here + path).status_code == 404
        assert client.post(f"{here}/again").status_code == 404

    def test_who_made_it_takes_it_back_and_others_have_a_link_sent(
        self, site: Flask, client: FlaskClient, mailbox: Mailbox
    ) -> None:
        here = offer(client).location
        stranger = site.test_client()
        stranger.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        form = read_form(stranger.get(here))
        page = stranger.post(f"{here}/cancel", data=form.fields)
        assert "We have sent a link" in page.text
        with site.app_context():
            assert db.session.query(Offer).one().state == "offered"
        link = re.search(
            r"http://localhost(/pledges/\S+/cancel\?key=\S+)", mailbox.letters[-1].text
        )
        assert link is not None
        asked = stranger.get(link[1])
        assert "Take this offer back?" in asked.text
        assert stranger.post(f"{here}/cancel", data=read_form(asked).fields).status_code == 303
        with site.app_context():
            assert db.session.query(Offer).one().state == "withdrawn"
        assert "used before" in stranger.get(link[1]).text
        again = client.post(f"{here}/cancel", data=form.fields | read_form(asked).fields)
        assert again.status_code in {400, 409}

    def test_who_gave_confirms_part_and_may_say_something_then(
        self, site: Flask, client: FlaskClient, mailbox: Mailbox, clock: Clock
    ) -> None:
        here = offer(client).location
        with site.app_context():
            row = db.session.query(Offer).one().id
            accept(row, meeting="At the mill, 8 o'clock")
        accepted = mailbox.letters[-1]
        assert "At the mill" in accepted.text and "/day.ics" in accepted.text
        assert client.get(f"{here}/comment").status_code == 404
        calendar = icalendar.Calendar.from_ical(client.get(f"{here}/day.ics").data)
        [event] = calendar.walk("VEVENT")
        with site.app_context():
            assert event.decoded("dtstart") == time.today() + timedelta(days=3)
        assert (
            "At the mill" in str(event["location"]) and "Айбек" not in calendar.to_ical().decode()
        )
        with site.app_context():
            deliver(row, 3)
        clock.forward(minutes=31)
        form = read_form(client.get(here))
        assert form.action == f"{here}/confirm" and form.fields["quantity"] == "3"
        for wrong in ("0", "4", "x"):
            answer = client.post(form.action, data=form.fields | {"quantity": wrong})
            assert answer.status_code == 422
        page = client.post(form.action, data=form.fields | {"quantity": "2"})
        assert "We have sent a link" in page.text
        link = re.search(
            r"http://localhost(/pledges/\S+/confirm\?key=\S+)", mailbox.letters[-1].text
        )
        assert link is not None
        asked = read_form(client.get(link[1]))
        done = client.post(form.action, data=asked.fields | {"quantity": "2"})
        assert done.status_code == 303
        with site.app_context():
            found = read(row)
            assert (found.state, found.confirmed, found.delivered) == ("confirmed", 2, 3)
        assert "Thank you" in mailbox.letters[-1].subject
        assert client.get(f"{here}/comment").status_code == 200
        assert client.get(f"{here}/day.ics").status_code == 404
        page = client.get(f"/projects/{PROJECT}?lang=en").text
        assert "3 done" in page and "2 of it confirmed" in page

    def test_whoever_is_signed_in_finds_their_offers_among_their_gifts(
        self, site: Flask, client: FlaskClient
    ) -> None:
        who = Identity("site-1", "aida@example.org", "Aida")
        site.extensions["ashar"].who = lambda: who
        here = offer(client).location
        page = client.get("/me?lang=en").text
        assert here in page and "Clearing canals: 5 labour days" in page and "CHF" not in page
        with site.app_context(), db.transaction():
            assert db.session.query(Offer).one().pledge.person_id == people.know(who).id

    def test_a_page_is_never_remembered_past_a_change(
        self, site: Flask, client: FlaskClient
    ) -> None:
        offer(client)
        path = f"/projects/{PROJECT}?lang=en"
        with site.app_context():
            row = db.session.query(Offer).one().id
        seen = [client.get(path).text]
        for step in (
            lambda: accept(row),
            lambda: deliver(row, 4),
            lambda: deliver(row, 3),
            lambda: confirm(row, 3),
        ):
            with site.app_context():
                step()
            seen.append(client.get(path).text)
        assert len(set(seen)) == len(seen)


def test_a_project_page_tells_no_names(site: Flask, client: FlaskClient) -> None:
    with site.app_context():
        project = make_project()
        for visibility in ("public", "anonymous", "hidden"):
            make_offer(project, 1, name="Жашыруун", visibility=visibility, message="Салам")
        assert projects.by_slug(PROJECT) is not None
    assert "Жашыруун" not in client.get(f"/projects/{PROJECT}").text
