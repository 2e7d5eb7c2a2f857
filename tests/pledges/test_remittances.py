"""Money sent to a partner: told, recorded, confirmed; or given locally."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from ashar.gateways import cash
from ashar.kernel import clock as time
from ashar.kernel import db
from ashar.kernel.db import session
from ashar.kernel.errors import Refused
from ashar.kernel.money import Money
from ashar.people import services as people
from ashar.people.models import Person
from ashar.pledges import partners, remittances
from ashar.pledges.models import Agreement, Partner, Remittance
from ashar.pledges.remittances import Got
from ashar.projects import queries as projects
from tests.factories import PROJECT, make_partner, make_person, make_rates
from tests.live import read_form
from tests.people.conftest import Come, Guest, come
from tests.pledges.test_stream import balances, only_pledge
from tests.pledges.test_transfers import states, totals

__all__ = ["come"]

PAGE = f"/projects/{PROJECT}/pledge"
HELD = "partner-held:village"


class World:
    """A partner with its clerk, a treasurer."""

    def __init__(self, *, agency: bool = True) -> None:
        make_rates()
        found = projects.by_slug(PROJECT)
        assert found is not None
        self.project = found.id
        self.partner = make_partner("village", [self.project], agency=agency)
        self.clerk, self.kassa = make_person("clerk"), make_person("kassa", "treasurer")
        session.rollback()

    def got(self, amount: str = "1000", **more: Any) -> Got:
        """Return what came."""
        given = {"attempt": f"attempt-{amount}", "on": time.today()} | more
        return Got(money=Money.parse(amount, "KGS"), **given)

    def record(self, got: Got, token: str = "") -> str:
        """Record what came; return the remittance's token."""
        with db.transaction():
            row = remittances.record(
                session.get_one(Partner, self.partner), got, token, actor=self.clerk
            )
            return row.token

    def confirm(self, token: str, actor: int | None = None) -> None:
        """Confirm it."""
        with db.transaction():
            remittances.confirm(token, actor=actor or self.kassa)


@pytest.fixture
def world(site: Flask, project: str) -> World:
    with site.app_context():
        return World()


def pledge(client: FlaskClient, **fields: Any) -> Any:
    """Send the form by the partner, from Russia."""
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    form = read_form(client.get(PAGE)).fields
    given = {"amount": "1000", "currency": "KGS", "country": "RU", "method": "partner"}
    return client.post(PAGE, data=form | given | {"phone": "+7 912 345 67 89"} | fields)


def refused(call: Callable[[], Any]) -> str:
    with pytest.raises(Refused) as caught:
        call()
    session.rollback()
    return str(caught.value)


def test_a_transfer_is_told_recorded_confirmed_and_then_counts(
    site: Flask, world: World, client: FlaskClient
) -> None:
    there = pledge(client).location.partition("?")[0]
    page = client.get(there).text
    assert "Обществен. фонд «Үлгү»" in page and "1090000000000001" in page
    form = read_form(client.get(f"{there}/sent")).fields
    told = form | {"control": "123-456", "amount": "1000", "currency": "KGS"}
    for _ in range(2):
        assert client.post(f"{there}/sent", data=told).status_code == 303
    with site.app_context():
        row = session.scalars(select(Remittance)).one()
        assert (row.control, row.state, totals()) == ("123-456", "told", (0, 974, 0))
        token = world.record(world.got(), row.token)
        assert balances() == {}
        assert refused(lambda: world.confirm(token, world.clerk)) == remittances.OWN
        world.confirm(token)
        world.confirm(token)
        assert balances() == {(HELD, "KGS"): 100_000, (f"project:{PROJECT}", "KGS"): -100_000}
        assert totals() == (974, 0, 1)
        assert states() == ("paid", ["settled"])
        assert refused(lambda: refuse(token, world.kassa)) == remittances.DECIDED


def refuse(token: str, actor: int) -> None:
    with db.transaction():
        remittances.refuse(token, "not on the statement", actor=actor)


def test_a_forwarded_link_speaks_for_nobody(site: Flask, world: World, client: FlaskClient) -> None:
    there = pledge(client).location.partition("?")[0]
    other = site.test_client()
    other.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    form = read_form(other.get(f"{there}/sent", buffered=True)).fields
    told = form | {"control": "1", "amount": "1000", "currency": "KGS"}
    for contact, status in (("", 422), ("+7 912 000 00 00", 422), ("8 912 345-67-89", 303)):
        answer = other.post(f"{there}/sent", data=told | {"contact": contact}, buffered=True)
        assert answer.status_code == status, contact
    with site.app_context():
        assert len(session.scalars(select(Remittance)).all()) == 1


def test_what_came_by_itself_becomes_a_hidden_gift(site: Flask, world: World) -> None:
    with site.app_context():
        got = world.got(project=world.project, name="Бакыт", phone="+996700123456")
        token = world.record(got)
        assert world.record(got) == token
        assert (only_pledge().visibility, totals()) == ("hidden", (0, 974, 0))
        world.confirm(token)
        assert totals() == (974, 0, 1)


def test_what_is_not_on_the_statement_is_declined(site: Flask, world: World) -> None:
    with site.app_context():
        token = world.record(world.got(project=world.project))
        refuse(token, world.kassa)
        assert states() == ("cancelled", ["expired"])
        assert (totals(), balances()) == ((0, 0, 0), {})


def test_without_the_clause_it_is_given_locally_and_no_money_of_ours(
    site: Flask, project: str, client: FlaskClient
) -> None:
    with site.app_context():
        world = World(agency=False)
        assert partners.agent_for(world.project) is None
        world.confirm(world.record(world.got(project=world.project)))
        assert (totals(), balances()) == ((0, 0, 0), {})
        assert remittances.locally(world.project) == [Money(100_000, "KGS")]
    page = client.get(f"/projects/{PROJECT}?lang=en").text
    assert "Given locally" in page and "1,000.00" in page
    assert 'value="partner"' not in client.get(PAGE).text


def test_a_clause_that_ended_before_the_money_came_makes_it_local(
    site: Flask, world: World, client: FlaskClient
) -> None:
    there = pledge(client).location
    with site.app_context():
        row = only_pledge().id
        token = world.record(world.got(pledge=row))
        with db.transaction():
            session.scalars(select(Agreement)).one().until_day = time.today() - timedelta(days=1)
        world.confirm(token)
        assert states() == ("cancelled", ["expired"])
        assert (totals(), balances()) == ((0, 0, 0), {})
    assert "given locally" in client.get(there).text


def test_the_partner_is_offered_where_an_agreement_names_the_project(
    site: Flask, world: World, client: FlaskClient
) -> None:
    assert pledge(client, country="DE").status_code == 422
    assert pledge(client, currency="CHF").status_code == 422
    with site.app_context(), db.transaction():
        session.scalars(select(Partner)).one().active = False
    assert pledge(client).status_code == 422


class TestDesk:
    """The clerk's and the treasurer's pages."""

    def clerk(self, site: Flask, come: Come) -> Guest:
        who = come("desk")
        with site.app_context(), db.transaction():
            people.give_role(session.get_one(Person, who.row), "partner", "village")
        return who

    def test_a_code_finds_its_pledge_and_a_sum_asks(
        self, site: Flask, world: World, client: FlaskClient, come: Come
    ) -> None:
        pledge(client)
        clerk = self.clerk(site, come)
        with site.app_context():
            code = str(only_pledge().reference)
        page = "/partner/record"
        given = {"amount": "1000", "day": time_of(site), "project": PROJECT, "attempt": "a"}
        answer = clerk.send(page, given)
        assert answer.status_code == 422 and cash.grouped(code) in answer.text
        assert clerk.send(page, given | {"code": "123456"}).status_code == 422
        assert clerk.send(page, given | {"pledge": code}).status_code == 303
        with site.app_context():
            row = session.scalars(select(Remittance)).one()
            assert row.pledge_id == only_pledge().id
            token = row.token
        kassa = come("kasse", "treasurer")
        there = f"/treasury/remittances/{token}"
        assert kassa.send(there, {"decision": "refuse"}).status_code == 422
        assert kassa.send(there, {"decision": "confirm"}).status_code == 303
        with site.app_context():
            assert totals() == (974, 0, 1)

    def test_a_clerk_sees_their_own_partner_alone(
        self, site: Flask, world: World, client: FlaskClient, come: Come
    ) -> None:
        there = pledge(client).location.partition("?")[0]
        form = read_form(client.get(f"{there}/sent")).fields
        client.post(f"{there}/sent", data=form | {"control": "77-77", "amount": "1000"})
        with site.app_context():
            make_partner("elsewhere", [world.project])
            token = session.scalars(select(Remittance)).one().token
        other = come("other")
        with site.app_context(), db.transaction():
            people.give_role(session.get_one(Person, other.row), "partner", "elsewhere")
        assert "77-77" in self.clerk(site, come).get("/partner").text
        assert "77-77" not in other.get("/partner").text
        assert other.get(f"/partner/record?told={token}").status_code == 404


def time_of(site: Flask) -> str:
    with site.app_context():
        return time.today().isoformat()
