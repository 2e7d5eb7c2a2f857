"""Roles count behind a second factor, for what they were given, and are asked for once."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, g
from flask.testing import FlaskClient

from ashar.kernel import db
from ashar.people import access, services
from ashar.people.models import Person
from tests.accounts.conftest import EMAIL, PASSWORD, Visitor
from tests.people.conftest import Come, Guest

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
MODERATOR = (("moderator", "KG-N"), ("moderator", "KG-B"), "leader", "auditor")


def asked(site: Flask, guest: Guest, question: Any) -> Any:
    """Ask something in a request of somebody's."""
    environ = {"ashar.test.identity": guest.identity}
    with site.test_request_context("/", environ_overrides=environ):
        return question()


def test_a_moderator_counts_for_their_regions(site: Flask, come: Come) -> None:
    strong = come("mira", *MODERATOR)
    assert asked(site, strong, lambda: access.scopes("moderator")) == {"KG-N", "KG-B"}
    assert asked(site, strong, lambda: access.scopes("leader")) == {""}
    assert asked(site, strong, lambda: access.scopes("treasurer")) == frozenset()
    assert asked(site, strong, access.roles) == {"moderator", "leader", "auditor"}


def test_without_a_second_factor_only_what_needs_none_counts(site: Flask, come: Come) -> None:
    weak = come("mira", *MODERATOR, strong=False)
    assert asked(site, weak, access.roles) == {"auditor"}
    assert asked(site, weak, lambda: access.scopes("moderator")) == frozenset()


def test_person_and_roles_cost_one_query_a_request(site: Flask, come: Come) -> None:
    guest = come("mira", *MODERATOR)
    seen: list[str] = []
    with site.app_context():
        engine = db.database().engine
    sa.event.listen(engine, "before_cursor_execute", lambda *call: seen.append(call[2]))

    def ask() -> None:
        for _ in range(3):
            found = access.person()
            assert found is not None and found.name == "Mira"
            assert access.roles() and access.scopes("moderator")
            assert len(found.roles) == 4

    asked(site, guest, ask)
    assert len([one for one in seen if "ashar_" in one]) == 1


def test_what_changes_in_a_request_is_seen_in_it(site: Flask, come: Come) -> None:
    guest = come("mira")

    def give() -> None:
        assert access.roles() == frozenset()
        with db.transaction() as session:
            services.give_role(session.get_one(Person, guest.row), "leader")
            assert access.roles() == {"leader"}
        assert access.roles() == {"leader"}

    asked(site, guest, give)


def test_two_people_in_one_context_are_not_taken_for_each_other(site: Flask, come: Come) -> None:
    first, second = come("mira", "leader"), come("joomart", "auditor")
    environ = {"ashar.test.identity": first.identity}
    with site.test_request_context("/", environ_overrides=environ):
        assert access.roles() == {"leader"}
        g.ashar_identity = second.identity
        assert access.roles() == {"auditor"}


@one_engine
def test_who_has_the_role_and_no_second_factor_is_told_so_in_a_host(
    site: Flask, come: Come
) -> None:
    del site.extensions["ashar_accounts"]
    weak, nobody = come("mira", "administrator", strong=False), come("joomart")
    page = weak.get("/admin?lang=en")
    assert page.status_code == 403
    assert "second factor" in page.text and "/account" not in page.text
    assert page.headers["Cache-Control"] == "no-store"
    other = nobody.get("/admin?lang=en")
    assert other.status_code == 403 and "second factor" not in other.text


@one_engine
def test_on_the_site_itself_the_page_leads_to_setting_one_up(
    site: Flask, client: FlaskClient
) -> None:
    with site.app_context():
        site.extensions["ashar_accounts"].create(EMAIL, PASSWORD, ["administrator"])
    visitor = Visitor(client)
    visitor.sign_in()
    page = visitor.get("/admin")
    assert page.status_code == 403
    assert 'href="/account/two-factor"' in page.text
    visitor.set_up_app()
    assert visitor.get("/admin").status_code == 200
    with client.session_transaction() as cookie:
        del cookie["ashar_strong"]
    assert 'href="/sign-out"' in visitor.get("/admin").text


def test_somebody_declares_the_languages_that_they_judge(site: Flask, client: FlaskClient) -> None:
    with site.app_context():
        accounts = site.extensions["ashar_accounts"]
        accounts.create(EMAIL, PASSWORD, ["moderator"], "KG-N")
        accounts.create("donor@example.org", PASSWORD)
    visitor = Visitor(client)
    visitor.sign_in()
    fields: dict[str, Any] = {"reads": ["ky", "ru"]}
    assert visitor.send("/account", fields, to="/account/reads").status_code == 302
    with site.app_context():
        person = db.session.query(Person).filter_by(email=EMAIL).one()
        assert sorted(person.reads) == ["ky", "ru"]
    assert visitor.send("/account", {"reads": ["xx"]}, to="/account/reads").status_code == 422
    donor = Visitor(site.test_client())
    donor.sign_in("donor@example.org")
    assert donor.send("/account", fields, to="/account/reads").status_code == 403
