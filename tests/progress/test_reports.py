"""Reports: to moderators and administrators, decided in words, and never does a leader know who."""

from typing import Any

import pytest
from flask import Flask

from ashar.kernel import db
from ashar.kernel.errors import Refused
from ashar.kernel.history import History
from ashar.kernel.outbox import Outbox
from ashar.moderation import queries as cases
from ashar.moderation import services as moderation
from ashar.people.access import Identity
from ashar.progress import reports
from tests.factories import reviewer
from tests.live import read_form
from tests.progress.conftest import SLUG, Village

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_a_report_goes_to_the_region_and_to_administrators(
    village: Village, heard: list[tuple[str, dict[str, Any]]]
) -> None:
    answer = village.report(village.as_(None), contact="shepherd@example.org")
    assert answer.status_code == 303
    status = village.as_(None).get(answer.location + "?lang=en")
    assert 'data-status="received"' in status.text and "Received" in status.text
    assert status.headers["Cache-Control"] == "no-store" and "noindex" in status.text
    with village.site.app_context():
        seen = {name: cases.queue(reviewer(row))[1] for name, row in village.people.items()}
        assert {name for name, count in seen.items() if count} == {"batken", "second", "admin"}
        assert dict(heard)["report_opened"].keys() >= {"project", "report"}
        with db.transaction():
            moderation.claim(village.case("report"), reviewer(village.people["batken"]))
    assert "Being looked at" in village.as_(None).get(answer.location + "?lang=en").text
    village.decide("batken", "report", "reject", words="We saw the pipe in its place.")
    status = village.as_(None).get(answer.location + "?lang=en")
    assert "Unfounded" in status.text and "We saw the pipe in its place." in status.text
    assert dict(heard)["report_decided"]["outcome"] == "unfounded"
    assert "shepherd" not in str(heard)


def test_the_leader_never_learns_who_reported(village: Village) -> None:
    """Also as a moderator of the region, by the queue, the case, the history or a signal."""
    client = village.as_("aida")
    answer = village.report(client, contact="aida@example.org", words="I saw it from my window")
    token = answer.location.rsplit("/", 1)[-1].partition("?")[0]
    with village.site.app_context():
        case = village.case("report")
        leader = reviewer(village.people["leader"])
        assert cases.by_token(case.token, leader) is None
        assert cases.queue(leader) == ([], 0) and "report" not in cases.counts(leader)
        assert moderation.obstacle(case, leader)
        left = db.session.query(History).filter(History.kind.in_(("report", "case"))).all()
        assert [row.actor_id for row in left] == [None] * len(left)
        told = str([row.facts for row in db.session.query(Outbox)])
        assert "aida" not in told and token not in told
    # Signed in as the leader, a case of theirs shows nothing even where it is rendered.
    village.now["who"] = Identity("test-leader", "leader@example.org", "L", "en", strong=True)
    with village.site.test_request_context():
        assert reports.facts(village.case("report")) == {"report": None}
    village.now["who"] = Identity("test-batken", "batken@example.org", "B", "en", strong=True)
    with village.site.test_request_context():
        facts = reports.facts(village.case("report"))
        assert facts["report"].contact == "aida@example.org"
    client = village.as_("leader")
    for path in (
        f"/projects/{SLUG}",
        f"/lead/projects/{SLUG}/updates",
        "/me",
        f"/report?project={SLUG}",
    ):
        page = client.get(path).text
        assert "aida" not in page.casefold() and "window" not in page


def test_a_reporter_by_row_or_by_address_decides_nothing(village: Village) -> None:
    village.report(village.as_("batken"))
    with village.site.app_context():
        case = village.case("report")
        assert "reported" in (moderation.obstacle(case, reviewer(village.people["batken"])) or "")
        assert moderation.obstacle(case, reviewer(village.people["admin"])) is None
    village.report(village.as_(None), contact="Second@Example.org")
    with village.site.app_context():
        case = village.case("report")
        assert "reported" in (moderation.obstacle(case, reviewer(village.people["second"])) or "")


def test_a_founded_report_hides_a_comment_with_the_words_in_its_place(village: Village) -> None:
    village.say(village.as_("leader"), "Bakyt is a liar")
    with village.site.app_context():
        token = village.comments()[0].token
    village.report(village.as_("bakyt"), f"&comment={token}", reason="insult")
    with village.site.app_context(), pytest.raises(Refused, match="reporter reads"):
        case = village.case("report")
        with db.transaction():
            verdict = moderation.Verdict("approve", case.revision, "no")
            moderation.decide(case, reviewer(village.people["batken"]), verdict)
    village.decide("batken", "report", "approve", words="An insult.")
    page = village.as_(None).get(f"/projects/{SLUG}?lang=en").text
    assert "liar" not in page and "Hidden by a moderator: An insult." in page


def test_a_founded_report_hides_an_update(village: Village) -> None:
    token = village.update()
    village.report(village.as_("aida"), f"&update={token}", reason="privacy")
    with village.site.app_context():
        assert moderation.obstacle(village.case("report"), reviewer(village.people["leader"]))
    village.decide("admin", "report", "approve", words="A child is shown.")
    assert village.as_(None).get(f"/projects/{SLUG}/updates/{token}").status_code == 404
    with village.site.app_context():
        row = village.row(token)
        assert (row.state, row.hidden_by, row.hidden_why) == ("hidden", "moderator",
                                                             "A child is shown.")  # fmt: skip
    assert "A child is shown." in village.as_("leader").get(f"/lead/projects/{SLUG}/updates").text


def test_a_report_of_a_project_that_was_suspended_still_has_its_page(village: Village) -> None:
    answer = village.report(village.as_(None))
    village.suspend()
    page = village.as_(None).get(answer.location + "?lang=en")
    assert page.status_code == 200 and SLUG not in page.text and "Batken dry rice" not in page.text


def test_the_same_report_twice_is_one_and_an_incomplete_one_comes_back(village: Village) -> None:
    client = village.as_(None)
    form = read_form(client.get(f"/report?project={SLUG}"))
    data = form.fields | {"reason": "misuse", "words": "Sold."}
    places = {client.post(form.action, data=data).location for _ in range(3)}
    with village.site.app_context():
        assert (len(places), len(village.reports())) == (1, 1)
    answer = village.report(client, reason="", contact="me")
    assert answer.status_code == 422 and "The pipe was sold in Osh." in answer.text
    assert client.post(f"/report?project={SLUG}", data=data | {"csrf_token": ""}).status_code == 400


def test_what_nobody_sees_cannot_be_reported(village: Village) -> None:
    client = village.as_(None)
    hidden = village.update(publish=False)
    for asked in (
        "project=nothing",
        f"project={SLUG}&update={hidden}",
        f"project={SLUG}&comment=x",
    ):
        assert client.get(f"/report?{asked}").status_code == 404
    page = client.get("/report?lang=en")
    assert page.status_code == 200 and "Open the page of the project" in page.text
    assert client.post("/report").status_code == 404
    assert client.get("/report/nothing").status_code == 404


@one_engine
def test_too_many_reports_are_refused(village: Village, site: Flask) -> None:
    site.config["ASHAR_RATELIMIT_ENABLED"] = True
    statuses = [village.report(village.as_(None)).status_code for _ in range(7)]
    assert statuses == [303] * 6 + [429]
