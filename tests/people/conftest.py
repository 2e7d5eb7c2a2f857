"""People who come to a site with an identity, as a host would tell of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ashar.kernel import db
from ashar.people import services
from ashar.people.access import Identity
from ashar.people.models import Person
from tests.live import read_form

Come = Callable[..., "Guest"]


@dataclass
class Guest:
    """Somebody at a browser; `who` is whoever sends the request at hand."""

    client: FlaskClient
    identity: Identity
    row: int
    token: str

    def get(self, path: str, **more: Any) -> Any:
        """Open a page."""
        self._come()
        return self.client.get(path, **more)

    def send(self, page: str, fields: dict[str, Any], to: str = "") -> Any:
        """Open a page and send a form of it."""
        found = read_form(self.get(page)).fields
        return self.post(to or page, {"csrf_token": found["csrf_token"], **fields})

    def post(self, path: str, fields: dict[str, Any]) -> Any:
        """Send fields as they are."""
        self._come()
        return self.client.post(path, data=fields)

    def _come(self) -> None:
        self.client.environ_base["ashar.test.identity"] = self.identity


@pytest.fixture
def come(site: Flask, client: FlaskClient) -> Come:
    """Return what lets somebody with roles come to the site, strong unless said otherwise."""
    from flask import request

    site.extensions["ashar"].who = lambda: request.environ.get("ashar.test.identity")
    return lambda name, *roles, **more: _guest(site, name, roles, **more)


def _guest(site: Flask, name: str, roles: tuple[Any, ...], strong: bool = True) -> Guest:
    found = Identity(f"host-{name}", f"{name}@example.org", name.title(), "en", strong)
    with site.app_context(), db.transaction():
        person = services.know(found)
        for role in roles:
            services.give_role(person, *([role] if isinstance(role, str) else role))
        row, token = person.id, person.token
    client = site.test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return Guest(client, found, row, token)


def held(site: Flask, row: int) -> set[tuple[str, str]]:
    """Return the roles that somebody has."""
    with site.app_context():
        person = db.session.get_one(Person, row, populate_existing=True)
        return {(role.name, role.scope) for role in person.roles}
