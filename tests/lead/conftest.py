"""Fixtures: a leader, a helper and a stranger at their browsers, and a draft that lacks nothing."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import StrictUndefined
from sqlalchemy import select

from ashar.kernel import clock, db
from ashar.kernel.db import session
from ashar.people.models import Person
from ashar.projects import services
from ashar.projects.models import Project
from tests.conftest import ClosingClient
from tests.factories import make_draft, make_person, make_rates
from tests.lead.browser import Desk, sign_in_by_header

SLUG = "narindagy-jol"
Sit = Callable[[str], Desk]


@pytest.fixture
def sit(site: Flask) -> Sit:
    """Let somebody sit down at a browser of their own."""
    sign_in_by_header(site)
    # As a host may have it.
    site.jinja_env.undefined = StrictUndefined
    site.test_client_class = ClosingClient

    def sit(name: str) -> Desk:
        client: FlaskClient = site.test_client()
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        return Desk(client, name)

    return sit


@pytest.fixture
def people(site: Flask) -> dict[str, int]:
    """Write the people; return their rows."""
    with site.app_context():
        make_rates()
        return {
            "leader": make_person("leader", "leader"),
            "naryn": make_person("naryn", "moderator", region="KG-N"),
            "helper": make_person("helper"),
            "other": make_person("other", "leader"),
            "stranger": make_person("stranger"),
        }


@pytest.fixture
def leader(sit: Sit, people: dict[str, int]) -> Desk:
    """Return the leader's browser."""
    return sit("leader")


@pytest.fixture
def draft(site: Flask, people: dict[str, int]) -> str:
    """Write a draft that lacks nothing, with a helper; return its slug."""
    with site.app_context():
        row = make_draft(people["leader"])
        project = session.get_one(Project, row)
        with db.transaction():
            leader = session.get_one(Person, people["leader"])
            helper = services.invite(project, "helper@example.org", "Aizada", leader)
            services.accept(helper, session.get_one(Person, people["helper"]))
            helper.accepted_at = clock.now()
        return project.slug


@pytest.fixture
def helper(sit: Sit, people: dict[str, int], draft: str) -> Desk:
    """Return the helper's browser."""
    return sit("helper")


def project_of(slug: str) -> Project:
    """Read a project as it is now."""
    query = select(Project).where(Project.slug == slug)
    return session.scalars(query, execution_options={"populate_existing": True}).one()
