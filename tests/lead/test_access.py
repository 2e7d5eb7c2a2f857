"""Who may sit at a project's desk, route by route, by GET and by POST."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from ashar.kernel import db
from ashar.projects import versions
from tests.factories import make_draft
from tests.lead.browser import Desk
from tests.lead.conftest import Sit, project_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

#: What a helper may open and send; all else is the leader's.
HELPERS = re.compile(
    r"/lead/projects/[^/]+(/(story|place|goal|budget|needs|milestones|people|pictures|words/en"
    r"|pictures/add|preview|versions(/1)?))?$"
)
#: The features of the desk.
MINE = (["lead"], ["drafts"], ["helping"], ["life"])
PARTS = {"step": "story", "code": "en", "part": "story", "turn": "withdraw", "no": "1"}


def routes(site: Flask, slug: str) -> Iterator[tuple[str, str]]:
    """Yield method and path of every route of a project's desk."""
    for rule in site.url_map.iter_rules():
        if rule.endpoint.split(".")[1:2] not in MINE or "<slug>" not in rule.rule:
            continue
        given = PARTS | {"slug": slug, "token": "none"}
        path = re.sub(r"<(\w+)>", lambda part: given[part[1]], rule.rule)  # noqa: B023
        for method in (rule.methods or set()) & {"GET", "POST"}:
            yield method, path


def call(desk: Desk, method: str, path: str, **fields: Any) -> int:
    answer = desk.get(path) if method == "GET" else desk.post(path, fields)
    return answer.status_code


@pytest.mark.parametrize("who", ["other", "stranger", "naryn"])
def test_others_are_turned_away_everywhere(site: Flask, sit: Sit, draft: str, who: str) -> None:
    desk = sit(who)
    for slug in (draft, "no-such-project"):
        found = {path: call(desk, method, path) for method, path in routes(site, slug)}
        assert set(found.values()) == {403}, found


def test_a_leader_without_the_second_factor_is_turned_away(
    site: Flask, sit: Sit, draft: str
) -> None:
    desk = sit("leader")
    desk.strong = False
    found = {path: call(desk, method, path) for method, path in routes(site, draft)}
    assert set(found.values()) == {403}, found
    page = desk.get("/lead")
    assert page.status_code == 403 and "second factor" in page.text


def test_a_helper_writes_and_no_more(site: Flask, helper: Desk, draft: str) -> None:
    for method, path in routes(site, draft):
        status = call(helper, method, path)
        if HELPERS.match(path):
            # A form without its proof, or a version that is not there, has come this far.
            assert status in {200, 400, 404}, (method, path, status)
        else:
            assert status == 403, (method, path, status)


def test_a_dismissed_helper_sees_nothing_any_more(
    site: Flask, leader: Desk, helper: Desk, draft: str
) -> None:
    form = leader.forms(f"/lead/projects/{draft}/helpers")[""]
    assert leader.post(form.action, form.pairs).status_code == 303
    found = {path: call(helper, method, path) for method, path in routes(site, draft)}
    assert set(found.values()) == {403}


def test_somebody_who_neither_leads_nor_helps_is_told_how_to(sit: Sit, draft: str) -> None:
    page = sit("stranger").get("/lead")
    assert page.status_code == 403 and "invitation" in page.text
    assert sit("stranger").get("/lead/projects/new").status_code == 403


def test_a_stranger_is_sent_to_sign_in(site: Flask, sit: Sit, draft: str) -> None:
    for method, path in routes(site, draft):
        answer = sit("").client.open(path, method=method)
        assert answer.status_code == 302 and answer.location.startswith("/sign-in"), path


def test_the_desk_takes_as_many_queries_for_many_projects(
    site: Flask, people: dict[str, int], leader: Desk, draft: str
) -> None:
    def counted(path: str) -> int:
        statements: list[str] = []
        with site.app_context():
            engine = db.database().engine

        def note(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
            statements.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        assert leader.get(path).status_code == 200
        event.remove(engine, "before_cursor_execute", note)
        return len(statements)

    few = counted("/lead"), counted(f"/lead/projects/{draft}")
    with site.app_context():
        for _ in range(5):
            row = make_draft(people["leader"])
            assert row
            with db.transaction():
                project = project_of(draft)
                versions.save(
                    project, "story", {"village": f"{row}"}, base=99,
                    by=db.session.get_one(versions.Person, people["leader"]),
                )  # fmt: skip
    assert (counted("/lead"), counted(f"/lead/projects/{draft}")) == few
    assert max(few) < 30
