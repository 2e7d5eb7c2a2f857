"""Letters about hands and things: to who offers, to the leader, to the committee."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from ashar.kernel import clock as time
from ashar.kernel import db, i18n, outbox
from ashar.mail import kinds, offer_says, sending, tasks
from ashar.mail.models import Letter
from ashar.pledges import offers
from ashar.pledges.models import Offer
from ashar.projects.models import Project
from tests.conftest import Clock
from tests.factories import PROJECT, make_offer, make_person, make_project
from tests.mailbox import Mailbox

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LANGUAGES = ("ky", "ru", "en", "de")
KINDS = sorted(kind for kind, found in kinds.KINDS.items() if found.says is offer_says.offer)
WHERE = "Тегирмен <b>жанында</b> & 8:00"


def accepted(row: int) -> Offer:
    with db.transaction():
        offer = db.session.get_one(Offer, row)
        day = time.today() + timedelta(days=2)
        offers.accept(offer, offer.offered, day=day, meeting=WHERE, actor=None)
    return db.session.get_one(Offer, row)


def said(kind: str, offer: Offer, lang: str) -> dict[str, Any]:
    """Return what a letter of a kind may say, whatever has become of the offer."""
    facts = {"offer": offer.id, "purpose": "offer", "nonce": "n"}
    letter = Letter(kind="offer_key", pledge_id=offer.pledge_id, language=lang, facts=facts)
    return offer_says.offer([letter]) | {
        "why": kinds.KINDS[kind].why,
        "name": "",
        "unsubscribe": "",
    }


@pytest.mark.parametrize("kind", KINDS)
def test_every_letter_about_an_offer_is_short_and_says_the_same_twice(
    site: Flask, kind: str
) -> None:
    with site.app_context():
        row = make_offer(make_project(), 21, name="Ада & Со <x>")
        offer = accepted(row)
        offer.reason = "Жаан <script> жаап жатат"
        for lang in LANGUAGES:
            with i18n.speaking(lang):
                subject, text, html = sending.render(kind, said(kind, offer, lang))
            assert 0 < len(subject) <= 60, (lang, subject)
            assert f'<html lang="{lang}">' in html and "<img" not in html and "<script" not in html
            assert "&amp;" not in text and "\n\n\n" not in text and "<b>жанында" not in html
            links = re.findall(r"http://localhost/pledges/\S+", text)
            assert links and all(link in html for link in links)
            assert ("21" in subject) is (kind not in {"offer_key", "offer_cancelled"})
            if kind == "offer_accepted":
                assert WHERE in text and any(link.endswith("/day.ics") for link in links)
            if kind == "offer_declined":
                assert "> Жаан <script>" in text
        db.session.rollback()


def test_a_letter_says_nothing_that_is_not_so_any_more(site: Flask, mailbox: Mailbox) -> None:
    with site.app_context():
        row = make_offer(make_project(), 5)
        accepted(row)
        [letter] = db.session.query(Letter).filter_by(kind="offer_accepted")
        assert offer_says.offer([letter])
        with db.transaction():
            offers.withdraw(db.session.get_one(Offer, row), actor=None)
        assert offer_says.offer([letter]) == {}


def test_the_leader_hears_once_of_all_that_was_offered_and_not_of_their_own_lists(
    site: Flask, mailbox: Mailbox, clock: Clock
) -> None:
    with site.app_context():
        project, leader = make_project(), make_person("leader", "leader")
        with db.transaction() as session:
            session.get_one(Project, project).owner_id = leader
        make_offer(project, 5)
        to_leader = [one for one in mailbox.letters if one.recipient == "leader@example.org"]
        assert len(to_leader) == 1
        rows = [make_offer(project, number) for number in (3, 4)]
        with db.transaction():
            offers.withdraw(db.session.get_one(Offer, rows[0]), actor=None)
        accepted(rows[1])
        listed = offers.PaperList("paper", (offers.Listed("Асан", 2),), "ky")
        with db.transaction() as session:
            found = session.get_one(Project, project)
            offers.enter(found, found.needs[0], listed, actor=leader, leads=True)
        clock.forward(hours=1)
        sending.sweep()
        second = [one for one in mailbox.letters if one.recipient == "leader@example.org"][1]
        # The one that is answered is no news; who took theirs back, is.
        assert "3 labour days" in second.text and "Withdrawn" in second.text
        assert "4 labour days" not in second.text and "Асан" not in second.text


def test_the_committee_is_asked_where_the_giver_has_no_letter(
    site: Flask, mailbox: Mailbox, clock: Clock
) -> None:
    with site.app_context():
        project = make_project()
        make_person("bakyt")
        with db.transaction() as session:
            found = session.get_one(Project, project)
            named = [{"key": "p1", "name": "Бакыт", "role": "", "email": "Bakyt@example.org"}]
            found.content = found.content | {"committee": named}
        rows = [make_offer(project, 2), make_offer(project, 3, email=None, phone="+996700000000")]
        for row in rows:
            accepted(row)
            with db.transaction():
                offers.deliver([(db.session.get_one(Offer, row), 1)], photo=None, actor=None)
        to = [one.recipient for one in mailbox.letters]
        assert to.count("bakyt@example.org") == 1
        asked = mailbox.letters[-1]
        assert "/projects/dry-rice/confirm" in asked.text
        assert to.count("aibek@example.org") == 3


def test_who_offered_is_told_once_that_a_project_was_cancelled(
    site: Flask, mailbox: Mailbox
) -> None:
    with site.app_context():
        project = make_project()
        first, second = make_offer(project, 2), make_offer(project, 3)
        accepted(second)
        gone = make_offer(project, 1, email="gone@example.org")
        with db.transaction() as session:
            offers.withdraw(session.get_one(Offer, gone), actor=None)
        before = len(mailbox.letters)
        with db.transaction():
            outbox.emit("project_cancelled", project=PROJECT)
        tasks.go_on()
        [letter] = mailbox.letters[before:]
        assert letter.recipient == "aibek@example.org"
        assert "please do not come" in letter.text and len(letter.subject) <= 60
        token = db.session.get_one(Offer, max(first, second)).pledge.token
        assert f"/pledges/{token}" in letter.text
