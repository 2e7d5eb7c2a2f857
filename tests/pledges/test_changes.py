"""What a donor changes afterwards: how they are named, their words, their group."""

import re
import threading

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from ashar.kernel import db
from ashar.kernel.db import session
from ashar.kernel.money import Money
from ashar.moderation import services as moderation
from ashar.moderation.models import Case
from ashar.pledges import changes, groups, services
from ashar.pledges.changes import Wanted
from ashar.pledges.models import Group, GroupTotal, Pledge
from ashar.progress import givers
from tests.conftest import Clock
from tests.factories import (
    make_person,
    make_pledge,
    make_project,
    make_rates,
    pledge_of,
    reviewer,
    settle,
    verdict,
)
from tests.live import read_form
from tests.mailbox import Mailbox

GIVEN = {"name": "Айгүл", "visibility": "public", "message": "Ийгилик!", "group": "Bern "}
one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def give(project: int, amount: str = "50.00", **more: str) -> int:
    """Have a gift arrive; return its pledge."""
    pledge, payment = make_pledge(project, amount, **(GIVEN | more))
    settle(payment, credited=Money.from_decimal(amount, "CHF"))
    return pledge


def decide(kind: str, what: str, person: int) -> None:
    """Decide on the case of a kind that waits."""
    with db.transaction():
        case = session.query(Case).filter_by(kind=kind, state="open").one()
        moderation.decide(case, reviewer(person), verdict(what, case))


def wanted(row: int, **more: object) -> Wanted:
    now = pledge_of(row)
    given = {
        "visibility": now.visibility,
        "name": now.name,
        "group": now.group_name,
        "in_honour_of": now.in_honour_of,
        "honour_email": now.honour_email,
        "message": now.message,
        "language": now.language,
    }
    return Wanted(**(given | more))  # type: ignore[arg-type]


def change(row: int, **more: object) -> None:
    asked = wanted(row, **more)
    with db.transaction():
        changes.change(pledge_of(row), asked)


def totals() -> dict[tuple[bool, str], tuple[int, int]]:
    session.rollback()
    return {
        (row.hidden, row.currency): (row.raised_minor, row.gifts)
        for row in session.query(GroupTotal)
        if row.raised_minor or row.gifts
    }


def test_words_are_shown_once_somebody_has_read_them_and_never_changed_ones(site: Flask) -> None:
    with site.app_context():
        project = make_project()
        moderator = make_person("moderator", "moderator", region="KG-B")
        row = give(project)
        assert givers.public(project).rows[0].message == ""
        decide("message", "approve", moderator)
        assert givers.public(project).rows[0].message == "Ийгилик!"
        change(row, message="Дагы бир сөз")
        assert givers.public(project).rows[0].message == ""
        decide("message", "reject", moderator)
        assert givers.public(project).rows[0].message == ""
        change(row, message="")
        change(row, message="Акыркы сөз")
        decide("message", "approve", moderator)
        [shown] = givers.public(project).rows
        assert (shown.name, shown.message, shown.group) == ("Айгүл", "Акыркы сөз", "")
        decide("group", "approve", moderator)
        assert givers.public(project).rows[0].group == "Bern"


def test_words_that_are_taken_back_wait_for_nobody(site: Flask) -> None:
    with site.app_context():
        row = give(make_project())
        assert session.query(Case).filter_by(kind="message", state="open").count() == 1
        change(row, visibility="hidden")
        session.rollback()
        assert session.query(Case).filter_by(kind="message", state="open").count() == 0


def test_each_sees_what_the_donor_lets_them_see(site: Flask) -> None:
    with site.app_context():
        project = make_project()
        named = give(project, name="Named")
        quiet = give(project, name="Quiet", visibility="anonymous")
        give(project, name="Nobody", visibility="hidden")
        unpaid, _ = make_pledge(project, name="Unpaid", visibility="public")
        assert [one.name for one in givers.public(project).rows] == ["Named"]
        desk = givers.for_leader(project).rows
        assert [(one.name, one.anonymous) for one in desk] == [("Quiet", True), ("Named", False)]
        change(named, visibility="hidden")
        change(quiet, visibility="public", name="Loud")
        assert [one.name for one in givers.public(project).rows] == ["Loud"]
        assert pledge_of(unpaid).group_id is None


def test_a_group_has_what_its_gifts_add_up_to_whatever_changes(site: Flask) -> None:
    with site.app_context():
        make_rates()
        project = make_project()
        first = give(project, "50.00", group="Ашар  тобу")
        second = give(project, "30.00", group="ашар тобу")
        assert session.query(Group).count() == 1
        assert totals() == {(False, "CHF"): (8000, 2)}
        change(first, visibility="hidden")
        assert totals() == {(False, "CHF"): (3000, 1), (True, "CHF"): (5000, 1)}
        change(first, group="Another")
        assert totals() == {(False, "CHF"): (3000, 1), (True, "CHF"): (5000, 1)}
        assert session.query(Group).count() == 2
        change(first, group="")
        change(second, visibility="anonymous", group="АШАР ТОБУ")
        assert totals() == {(False, "CHF"): (3000, 1)}


def test_few_hidden_gifts_are_not_told_by_the_sum(site: Flask) -> None:
    with site.app_context():
        project = make_project()
        moderator = make_person("moderator", "moderator", region="KG-B")
        give(project, "10.00", message="")
        decide("group", "approve", moderator)
        group = session.query(Group).one()
        for _ in range(2):
            give(project, "7.00", visibility="hidden")
        assert groups.given(group).sums == [Money(1000, "CHF")]
        give(project, "7.00", visibility="hidden")
        found = groups.given(group)
        assert (found.gifts, found.sums) == (1, [Money(3100, "CHF")])
        assert found.projects == [project]


def test_a_groups_page_is_there_once_its_name_was_read(site: Flask, client: FlaskClient) -> None:
    with site.app_context():
        project = make_project()
        moderator = make_person("moderator", "moderator", region="KG-B")
        give(project, "10.00", group="<b>Bern</b>")
        slug = session.query(Group).one().slug
        session.rollback()
    assert client.get(f"/groups/{slug}").status_code == 404
    with site.app_context():
        decide("group", "approve", moderator)
    page = client.get(f"/groups/{slug}?lang=en")
    assert "&lt;b&gt;Bern&lt;/b&gt;" in page.text and "CHF 10" in page.text.replace("\xa0", " ")
    assert "1 gift has arrived in its name." in page.text
    shown = client.get("/projects/dry-rice?lang=en").text
    assert f"/groups/{slug}" in shown
    form = client.get("/projects/dry-rice/pledge?lang=en").text
    assert '<option value="&lt;b&gt;Bern&lt;/b&gt;">' in form


# The page ---------------------------------------------------------------------------------


def key_in(mailbox: Mailbox) -> str:
    found = re.search(r"/change\?key=(\S+)", mailbox.letters[-1].text)
    assert found is not None
    return found[1]


def test_a_forwarded_link_changes_and_shows_nothing_without_a_key(
    site: Flask, client: FlaskClient, mailbox: Mailbox, clock: Clock
) -> None:
    with site.app_context():
        row = give(make_project(), in_honour_of="Grandfather")
        token = pledge_of(row).token
    mailbox.letters.clear()
    page = client.get(f"/pledges/{token}/change?lang=en")
    assert page.status_code == 200
    for word in ("Айгүл", "Ийгилик", "Bern", "Grandfather", "donor@"):
        assert word not in page.text
    form = read_form(page)
    sent = client.post(form.action, data=form.fields | {"visibility": "hidden", "language": "en"})
    assert sent.status_code == 200 and "We have sent a link" in sent.text
    with site.app_context():
        assert pledge_of(row).visibility == "public"
    key = key_in(mailbox)
    page = client.get(f"/pledges/{token}/change?key={key}&lang=en")
    assert "Айгүл" in page.text and "Grandfather" in page.text
    form = read_form(page)
    bad = client.post(form.action, data=form.fields | {"visibility": "loud", "name": "Kept typed"})
    assert bad.status_code == 422 and "Kept typed" in bad.text
    good = client.post(form.action, data=form.fields | {"visibility": "hidden", "name": "B"})
    assert good.status_code == 303
    with site.app_context():
        assert (pledge_of(row).visibility, pledge_of(row).name) == ("hidden", "B")
    again = client.post(form.action, data=form.fields | {"visibility": "public"})
    assert "We have sent a link" in again.text
    fresh = key_in(mailbox)
    assert fresh != key
    clock.forward(minutes=31)
    assert "older than half an hour" in client.get(f"/pledges/{token}/change?key={fresh}").text or (
        client.get(f"/pledges/{token}/change?key={fresh}&lang=en").text.count("half an hour") == 1
    )


@pytest.mark.parametrize("guarded", [True, False])
def test_of_two_with_one_key_one_changes(
    site: Flask, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both look at the key before either uses it up; without the guard both would change."""
    with site.app_context():
        row = give(make_project())
        with db.transaction():
            nonce = services.make_key(pledge_of(row), "change")
        key, token = services.signed_key(nonce), pledge_of(row).token
    together = threading.Barrier(2, timeout=30)
    if not guarded:
        monkeypatch.setattr(services, "use_key", lambda made, purpose, key: True)
    won: list[str] = []

    def run(name: str) -> None:
        with site.app_context():
            made = session.query(Pledge).filter_by(token=token).one()
            assert services.key_opens(made, "change", key)
            session.rollback()
            together.wait()
            with db.transaction():
                if services.use_key(
                    session.query(Pledge).filter_by(token=token).one(), "change", key
                ):
                    won.append(name)

    threads = [threading.Thread(target=run, args=(name,)) for name in ("A", "B")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(won) == (1 if guarded else 2)


def test_lists_of_those_who_gave_take_one_query(site: Flask) -> None:
    with site.app_context():
        project = make_project()
        for number in range(15):
            give(project, "5.00", name=f"N{number}", message="", group="")
        engine, seen = db.database().engine, list[str]()
        sa.event.listen(engine, "before_cursor_execute", lambda *args: seen.append(str(args[2])))
        page = givers.public(project)
        assert len(page.rows) == givers.ON_PAGE and page.more
        assert len(givers.public(project, 2).rows) == 3
        assert len([one for one in seen if one.startswith("SELECT")]) == 2


def test_whom_a_gift_honours_is_told_once_without_a_sum(site: Flask, mailbox: Mailbox) -> None:
    with site.app_context():
        project = make_project()
        honour = {"in_honour_of": "Grandfather", "honour_email": "old@example.org", "group": ""}
        row, payment = make_pledge(project, "77.00", **(GIVEN | honour))
        assert not [one for one in mailbox.letters if one.recipient == "old@example.org"]
        settle(payment)
        [letter] = [one for one in mailbox.letters if one.recipient == "old@example.org"]
        assert "Айгүл" in letter.text and "77" not in letter.text + letter.subject + letter.html
        assert "List-Unsubscribe" in letter.headers
        change(row, honour_email="another@example.org", name="Other")
        assert pledge_of(row).honour_email == "old@example.org"
        hidden = honour | {"visibility": "anonymous", "honour_email": "two@example.org"}
        _, payment = make_pledge(project, "20.00", **(GIVEN | hidden))
        settle(payment)
        [letter] = [one for one in mailbox.letters if one.recipient == "two@example.org"]
        assert "Айгүл" not in letter.text + letter.html


def test_a_name_with_an_address_in_it_is_left_out(site: Flask, mailbox: Mailbox) -> None:
    with site.app_context():
        words = {"name": "win at evil.example/x", "in_honour_of": "see www.evil.example"}
        mail = {"honour_email": "old@example.org", "group": "", "message": ""}
        _, payment = make_pledge(make_project(), **(GIVEN | words | mail))
        settle(payment)
        [letter] = [one for one in mailbox.letters if one.recipient == "old@example.org"]
        assert "evil" not in letter.text + letter.html + letter.subject


def test_the_form_shows_what_covering_the_fees_adds(site: Flask, client: FlaskClient) -> None:
    with site.app_context():
        make_project()
    empty = client.get("/projects/dry-rice/pledge?lang=en").text
    assert "Covering the fees adds" not in empty
    page = client.get("/projects/dry-rice/pledge?lang=en&amount=100&currency=CHF&method=twint").text
    found = page.replace("\xa0", " ")
    assert "CHF 3.30" in found and "CHF 2.25" in found
    assert re.search(r'value="twint"[^>]* checked|checked[^>]*value="twint"', page)


def test_links_outlive_nothing(site: Flask, clock: Clock) -> None:
    with site.app_context():
        row = give(make_project())
        with db.transaction():
            nonce = services.make_key(pledge_of(row), "cancel")
        key = services.signed_key(nonce)
        assert not services.key_opens(pledge_of(row), "change", key)
        assert services.key_opens(pledge_of(row), "cancel", key)
        clock.forward(minutes=31)
        assert not services.key_opens(pledge_of(row), "cancel", key)
