"""A donor's own page: all pledges, for nobody else."""

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from ashar.kernel import db
from ashar.kernel.money import Money
from ashar.people import services as people
from ashar.people.access import Identity
from tests.factories import make_monthly, make_pledge, make_project, pledge_of, settle


def test_a_stranger_is_sent_to_sign_in(client: FlaskClient) -> None:
    answer = client.get("/me?lang=de")
    assert answer.status_code == 302
    assert answer.location == "/sign-in?next=%2Fme%3Flang%3Dde"


def test_a_donor_sees_their_own_pledges_and_no_others(site: Flask, client: FlaskClient) -> None:
    site.extensions["ashar"].who = lambda: Identity("site-1", "aida@example.org", "Aida")
    empty = client.get("/me?lang=en")
    assert "There are none yet" in empty.text
    assert empty.headers["Cache-Control"] == "no-store"
    with site.app_context():
        with db.transaction():
            person = people.know(Identity("site-1", "aida@example.org", "Aida")).id
        project = make_project()
        mine, payment = make_pledge(project, "31.00", person=person)
        settle(payment, credited=Money(3100, "CHF"))
        make_pledge(project, "77.00")
        token = pledge_of(mine).token
        unpaid = pledge_of(make_pledge(project, "12.00", person=person)[0]).token
    page = client.get("/me?lang=en").text
    assert "CHF 31.00" in page.replace("\xa0", " ") and token in page
    assert "77.00" not in page
    assert f"/pledges/{token}/receipt" in page and f"/pledges/{unpaid}/receipt" not in page
    answer = client.get(f"/pledges/{token}/receipt?lang=en")
    assert answer.status_code == 200 and "Payment confirmation" in answer.text


def test_monthly_gifts_stand_there_with_their_links_and_take_no_query_each(
    site: Flask, client: FlaskClient
) -> None:
    identity = Identity("site-1", "aida@example.org", "Aida")
    site.extensions["ashar"].who = lambda: identity
    seen: list[str] = []
    with site.app_context():
        with db.transaction():
            person = people.know(identity).id
        project = make_project()
        first = make_monthly(project, person=person).token
        engine = db.database().engine
    sa.event.listen(engine, "before_cursor_execute", lambda *call: seen.append(call[2]))
    page = client.get("/me?lang=en").text.replace("\xa0", " ")
    assert "It runs: CHF 20.00 each month" in page and f"/pledges/{first}/monthly" in page
    few = len(seen)
    with site.app_context():
        for _ in range(5):
            make_monthly(project, person=person)
    seen.clear()
    assert client.get("/me?lang=en").text.count("/monthly") == 6
    assert len(seen) <= few
