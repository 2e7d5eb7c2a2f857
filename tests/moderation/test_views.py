"""The moderators' pages: who gets in, what a POST may do, what is told and kept."""

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ashar.kernel import clock as time
from ashar.kernel import db, ids
from ashar.kernel.errors import Refused
from ashar.moderation import holds, queries, reviews, services
from ashar.moderation.kinds import KINDS, Kind
from ashar.moderation.models import Hold, Remark
from ashar.moderation.states import CHECKLIST
from ashar.people.models import Person
from ashar.progress import reports
from ashar.progress.reports import Told
from ashar.projects.models import Project, Version
from tests.factories import complete_content, make_person, reviewer
from tests.live import read_form
from tests.moderation.conftest import (
    LARGE,
    answer_all,
    case_of,
    decide,
    project,
    published,
    signed_in,
    submit,
    submitted,
    write,
)

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

YES: dict[str, Any] = {
    "kinship": "no",
    "what": "approve",
    "words": "as I see it",
    "reads": ["ky", "en"],
    **{f"check_{name}": "yes" for name in CHECKLIST},
}


def send(client: FlaskClient, path: str, page: str = "", **fields: Any) -> TestResponse:
    """Send a form with the token and revision of a page, the path's own by default."""
    shown = client.get(page or path)
    form = next(iter(_forms(shown)), {})
    return client.post(path, data=form | fields)


def _forms(answer: TestResponse) -> Iterator[dict[str, str]]:
    if "csrf_token" in answer.text:
        fields = read_form(answer).fields
        found = {"csrf_token": fields["csrf_token"]}
        if 'name="revision"' in answer.text:
            found["revision"] = answer.text.split('name="revision" value="')[1].split('"')[0]
        yield found


def address(row: int, kind: str = "project") -> str:
    return f"/moderation/{case_of(row, kind).token}"


def slug(row: int) -> str:
    return project(row).slug


@pytest.fixture
def first(site: Flask, people: dict[str, int]) -> int:
    with site.app_context():
        return submitted(people)


def path_of(site: Flask, row: int, kind: str = "project") -> str:
    with site.app_context():
        return address(row, kind)


def state(site: Flask, row: int) -> tuple[str, str]:
    with site.app_context():
        return case_of(row).state, project(row).state


@one_engine
def test_a_moderator_finds_a_case_and_approves_it(
    site: Flask, client: FlaskClient, first: int
) -> None:
    path = path_of(site, first)
    with signed_in(site, "naryn"):
        queue = client.get("/moderation?lang=en")
        assert path in queue.text and "0 of 1" in queue.text
        page = client.get(path + "?lang=en")
        assert "CHF\u00a05,000" in page.text and "b…@example.org" in page.text
        assert "bakyt@example.org" not in page.text and "payee@example.org" not in page.text
        answer = send(client, path, **YES)
        assert (answer.status_code, answer.location) == (303, "/moderation")
    assert state(site, first) == ("decided", "published")


ELSEWHERE = ("", "/ask", "/take-back", "/note", "/claim", "/release", "/conflict")


@one_engine
def test_a_moderator_of_another_region_gets_into_no_page_of_a_case(
    site: Flask, client: FlaskClient, people: dict[str, int], first: int
) -> None:
    path = path_of(site, first)
    with site.app_context():
        own = published(people)
        name, there = slug(first), slug(own)
    pages = [path, *(f"/moderation/{what}/{at}" for what in PAGES for at in (name, there))]
    with signed_in(site, "batken"):
        assert path not in client.get("/moderation").text
        for page in [*pages, "/moderation/nothing", "/moderation/hold/nothing"]:
            assert client.get(page).status_code == 403, page
        posts = [path + more for more in ELSEWHERE]
        posts += [f"/moderation/{what}/{at}" for what in FORMS for at in (name, there, "none")]
        for page in posts:
            answer = send(client, page, "/moderation/none", field="goal", words="x", **YES_ONLY)
            assert answer.status_code == 403, page
    assert state(site, first) == ("open", "submitted")


PAGES = ("projects", "hold", "cancel")
FORMS = ("hold", "lift", "cancel")
YES_ONLY = {name: value for name, value in YES.items() if name != "words"}


@one_engine
def test_a_leader_who_moderates_the_region_cannot_decide_by_any_post(
    site: Flask, client: FlaskClient, people: dict[str, int], first: int
) -> None:
    path = path_of(site, first)
    with site.app_context(), db.transaction():
        services.note(case_of(first), reviewer(people["naryn"]), "Between us: who is that?")
    with signed_in(site, "leader"):
        assert "You are the leader of this project" in client.get("/moderation?lang=en").text
        page = client.get(path + "?lang=en")
        assert "You are the leader of this project" in page.text
        assert "form-decision" not in page.text and "Between us" not in page.text
        with signed_in(site, "naryn"):
            form = next(_forms(client.get(path)))
        for what in ("approve", "reject", "ask"):
            sent = YES | form | {"what": what, "reason": "money"}
            assert client.post(path, data=sent).status_code == 403
        for more, given in (("/claim", {}), ("/ask", {"field": "goal"}), ("/note", {"note": "x"})):
            answer = client.post(path + more, data=form | {"words": "x"} | given)
            assert answer.status_code == 403, more
    assert state(site, first) == ("open", "submitted")
    with site.app_context():
        assert db.session.query(Remark).count() == 1


@one_engine
def test_a_role_without_its_second_factor_opens_nothing(
    site: Flask, client: FlaskClient, first: int
) -> None:
    path = path_of(site, first)
    with signed_in(site, "naryn", strong=False):
        assert client.get("/moderation").status_code == 403
        assert client.get(path).status_code == 403
        assert client.post(path, data=YES).status_code == 403


@one_engine
@pytest.mark.parametrize(
    ("missing", "told"),
    [
        ({"kinship": ""}, "kinship"),
        ({"what": ""}, "what"),
        ({"check_quotes": ""}, "check_quotes"),
        ({"check_quotes": "no"}, "check_quotes"),
        ({"reads": []}, "reads"),
        ({"what": "reject", "reason": ""}, "reason"),
        ({"what": "reject", "reason": "money", "words": ""}, "words"),
        ({"what": "ask"}, "what"),
        ({"what": "publish"}, "what"),
    ],
)
def test_what_is_missing_is_told_beside_its_field_and_nothing_typed_is_lost(
    site: Flask, client: FlaskClient, first: int, missing: dict[str, Any], told: str
) -> None:
    path = path_of(site, first)
    typed = YES | {"words": "Ошол эле сөздөр."} | missing
    with signed_in(site, "naryn"):
        answer = send(client, path, **typed)
    assert answer.status_code == 422
    assert f'id="{told}-error"' in answer.text
    assert str(typed["words"]) in answer.text
    assert state(site, first) == ("open", "submitted")


@one_engine
def test_a_forged_form_is_refused(site: Flask, client: FlaskClient, first: int) -> None:
    path = path_of(site, first)
    with signed_in(site, "naryn"):
        for more in ELSEWHERE:
            assert client.post(path + more, data=YES).status_code == 400, more
    assert state(site, first) == ("open", "submitted")


@one_engine
def test_who_comes_too_late_is_told_who_was_first_and_keeps_their_words(
    site: Flask, client: FlaskClient, people: dict[str, int], first: int
) -> None:
    path = path_of(site, first)
    with signed_in(site, "naryn"):
        form = next(_forms(client.get(path)))
    with site.app_context():
        decide(case_of(first), people["second"], "approve", words="Fine with me.")
    with signed_in(site, "naryn"):
        no = {"what": "reject", "reason": "money", "words": "Far too dear."}
        answer = client.post(path + "?lang=en", data=YES | form | no)
    assert answer.status_code == 409
    for words in ("Second was first", "Fine with me.", "Far too dear.", "Approved"):
        assert words in answer.text
    assert state(site, first) == ("decided", "published")


@one_engine
def test_a_form_of_an_earlier_version_decides_only_once_it_was_read_again(
    site: Flask, client: FlaskClient, people: dict[str, int], first: int
) -> None:
    path = path_of(site, first)
    with signed_in(site, "second"):
        form = next(_forms(client.get(path)))
    with site.app_context():
        with db.transaction():
            services.question(case_of(first), reviewer(people["naryn"]), "goal", "Why?")
        decide(case_of(first), people["naryn"], "ask")
        answer_all(first, people["leader"])
        write(first, people, "story", story={"ky": "Жаңы окуя: белги жана көпүрө."})
        submit(first, people["leader"])
    with signed_in(site, "second"):
        answer = client.post(path + "?lang=en", data=YES | form)
        assert answer.status_code == 409
        assert "has changed since you opened it" in answer.text and "as I see it" in answer.text
        assert "Changed since you asked" in answer.text
        assert state(site, first) == ("open", "submitted")
        again = next(_forms(answer))
        assert client.post(path, data=YES | again).status_code == 303
    assert state(site, first) == ("decided", "published")


@one_engine
def test_two_fields_are_asked_about_and_the_answers_stand_beside_them(
    site: Flask, client: FlaskClient, people: dict[str, int], first: int
) -> None:
    path = path_of(site, first)
    with signed_in(site, "naryn"):
        answer = send(client, path + "/ask", path, field="budget.b1", words="Two quotes, please.")
        assert answer.location == f"{path}#about-budget.b1"
        send(client, path + "/ask", path, field="story", words="Who mends them?")
        for bad in ("nothing", "budget.b9", "payee.iban"):
            assert send(client, path + "/ask", path, field=bad, words="?").status_code == 422
        empty = send(client, path + "/ask", path, field="goal", words=" ")
        assert empty.status_code == 422 and 'id="ask-goal-error"' in empty.text
        send(client, path, **YES | {"what": "ask", "words": "Two small things."})
    assert state(site, first) == ("asked", "changes_requested")
    with site.app_context():
        answer_all(first, people["leader"])
        submit(first, people["leader"])
    with signed_in(site, "naryn"):
        page = client.get(path + "?lang=en").text
    for words in ("Budget, line 1", "Two quotes, please.", "Who mends them?", "So it is."):
        assert words in page


@one_engine
def test_a_question_is_taken_back_by_who_asked_it_alone(
    site: Flask, client: FlaskClient, people: dict[str, int], first: int
) -> None:
    path = path_of(site, first)
    with signed_in(site, "naryn"):
        send(client, path + "/ask", path, field="goal", words="Why?")
    with site.app_context():
        token = db.session.query(Remark).one().token
    for name, left in (("second", 1), ("naryn", 0)):
        with signed_in(site, name):
            send(client, path + "/take-back", path, field=token)
        with site.app_context():
            assert db.session.query(Remark).count() == left


@one_engine
def test_a_case_is_taken_by_one_and_put_back(
    site: Flask, client: FlaskClient, people: dict[str, int], first: int
) -> None:
    path = path_of(site, first)
    with signed_in(site, "naryn"):
        assert send(client, path + "/claim", path).status_code == 303
        assert path in client.get("/moderation?show=mine").text
    with signed_in(site, "second"):
        answer = send(client, path + "/claim", path)
        assert answer.status_code == 409 and "Naryn" in answer.text
        assert path not in client.get("/moderation?show=mine").text
    with signed_in(site, "naryn"):
        assert send(client, path + "/release", path).status_code == 303
    with site.app_context():
        assert case_of(first).claimed_by is None


@one_engine
def test_who_is_too_close_says_so_and_is_out(
    site: Flask, client: FlaskClient, people: dict[str, int], first: int
) -> None:
    path = path_of(site, first)
    with signed_in(site, "naryn"):
        assert send(client, path + "/conflict", path, closeness="no").status_code == 422
        answer = send(client, path + "/conflict", path, closeness="relative", why="My aunt.")
        assert answer.status_code == 303
        assert "too close" in client.get(path + "?lang=en").text
        with signed_in(site, "second"):
            form = next(_forms(client.get(path)))
        assert client.post(path, data=YES | form).status_code == 403
    assert state(site, first) == ("open", "submitted")


@one_engine
def test_the_first_of_two_approvals_is_counted_and_its_giver_waits(
    site: Flask, client: FlaskClient, people: dict[str, int]
) -> None:
    with site.app_context():
        row = submitted(people, **LARGE)
        path = address(row)
    with signed_in(site, "naryn"):
        send(client, path, **YES)
        assert "1 of 2" in client.get("/moderation?lang=en").text
        assert send(client, path, **YES).status_code == 409
    with signed_in(site, "second"):
        assert send(client, path, **YES).status_code == 303
    assert state(site, row) == ("decided", "published")


@one_engine
def test_a_change_is_shown_beside_what_is_shown_now(
    site: Flask, client: FlaskClient, people: dict[str, int]
) -> None:
    with site.app_context():
        row = published(people)
        payee = {"name": "Жаңы өнөктөш", "email": "pony@example.org"}
        write(row, people, "people", payee=payee)
        summary = project(row).content["summary"] | {"en": "We put up new signs."}
        story = {"ky": "Тоодогу жолго чоң жыгач белгилерди тигебиз жана коёбуз.", "en": "Signs."}
        write(row, people, "story", summary=summary, story=story)
        submit(row, people["leader"], reviews.propose)
        change, slight = address(row, "change"), address(row, "slight")
    with signed_in(site, "second"):
        page = client.get(change + "?lang=en").text
        for words in ("<ins>Жаңы өнөктөш</ins>", "<del>Жергилик өнөктөш</del>", "another one"):
            assert words in page
        assert "<ins>чоң жыгач белгилерди тигебиз жана </ins>коёбуз." in page
        page = client.get(slight + "?lang=en").text
        assert "<ins>new </ins>" in page and "Take it back" in page


@one_engine
def test_who_a_report_is_about_does_not_learn_of_it(
    site: Flask, client: FlaskClient, people: dict[str, int]
) -> None:
    with site.app_context():
        row = published(people)
        make_person("bakyt", "moderator", region="KG-N")
        with db.transaction():
            made = reports.report(project(row), Told("attempt-1", "misuse", "Sold in Osh."))
            report = queries.of_subject("report", made.id).token  # type: ignore[union-attr]
    for name, code in (("leader", 403), ("naryn", 200), ("admin", 200)):
        with signed_in(site, name):
            assert client.get(f"/moderation/{report}").status_code == code
            assert (report in client.get("/moderation").text) == (code == 200)
    with site.app_context():
        assert queries.has_open_report(project(row))


@one_engine
def test_a_kind_of_another_feature_is_shown_by_its_own_partial(
    site: Flask, client: FlaskClient, people: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = SimpleNamespace(words="What they wrote", placed_at=time.system_clock(), appeal="")
    said.confirmed_at = said.ends_at = said.lifted_at = None
    kind = Kind(
        "comment",
        "Comment",
        choices=("approve", "reject"),
        words={"approve": "Show it", "reject": "Hide it"},
        template="ashar/moderation/_hold.html",
        facts=lambda case: {"hold": said, "reason": f"number {case.subject_id}"},
    )
    monkeypatch.setitem(KINDS, "comment", kind)
    with site.app_context():
        row = published(people)
        with db.transaction():
            token = services.open_case("comment", 7, "KG-N", project=project(row)).token
    with signed_in(site, "naryn"):
        page = client.get(f"/moderation/{token}?lang=en").text
        for words in ("What they wrote", "number 7", "Show it", "Hide it"):
            assert words in page
        assert "Ask about" not in page and "check_quotes" not in page
        done = send(client, f"/moderation/{token}", kinship="no", what="approve")
        assert done.status_code == 303


@one_engine
def test_a_project_is_suspended_and_the_suspension_lifted(
    site: Flask, client: FlaskClient, people: dict[str, int]
) -> None:
    with site.app_context():
        row = published(people)
        name = slug(row)
    hold = f"/moderation/hold/{name}"
    with signed_in(site, "naryn"):
        assert send(client, hold, reason="untrue").status_code == 422
        done = send(client, hold, reason="untrue", words="The photos are old.")
        assert done.location == f"/moderation/projects/{name}"
        assert send(client, hold, reason="untrue", words="Again.").status_code == 409
    with site.app_context():
        assert project(row).state == "suspended"
    assert client.get(f"/projects/{name}").status_code == 404
    path = path_of(site, row, "hold")
    with signed_in(site, "second"):
        # From the region: sees it, and does not confirm it.
        assert client.get(path).status_code == 200
        form = next(_forms(client.get(f"/moderation/hold/{name}")))
        given = YES | form | {"revision": "1"}
        assert client.post(path, data=given).status_code == 403
    with signed_in(site, "osh"):
        assert send(client, path, kinship="no", what="approve").status_code == 303
    with signed_in(site, "naryn"):
        lift = send(client, f"/moderation/lift/{name}", f"{hold}", words="All is well.")
        assert lift.status_code == 409
    with signed_in(site, "osh"):
        lift = send(client, f"/moderation/lift/{name}", f"/moderation/projects/{name}", words="Ok.")
        assert lift.status_code == 303
    with site.app_context():
        assert project(row).state == "published"


@one_engine
def test_nobody_holds_the_same_project_up_again_and_again(
    site: Flask, people: dict[str, int]
) -> None:
    with site.app_context():
        row = published(people)
        with db.transaction() as session:
            hold = holds.place(project(row), reviewer(people["naryn"]), "untrue", "Old photos.")
            holds.lift_by(session.get_one(Hold, hold.id), reviewer(people["naryn"]), "A mistake.")
        assert project(row).state == "published"
        with pytest.raises(Refused, match="nobody confirmed"), db.transaction():
            holds.place(project(row), reviewer(people["naryn"]), "untrue", "Old photos.")


@one_engine
def test_an_administrator_alone_cancels_and_what_was_proposed_ends_with_it(
    site: Flask, client: FlaskClient, people: dict[str, int]
) -> None:
    with site.app_context():
        row = published(people)
        name = slug(row)
        write(row, people, goal=600_000, budget=[{"key": "b1", "amount": 600_000,
              "title": {"ky": "Белгилер"}}])  # fmt: skip
        submit(row, people["leader"], reviews.propose)
    path = f"/moderation/cancel/{name}"
    given = {"reason": "consent", "words": "The kenesh has withdrawn.", "sure": "y"}
    with signed_in(site, "naryn"):
        assert client.get(path).status_code == 403
        assert send(client, path, f"/moderation/hold/{name}", **given).status_code == 403
    with signed_in(site, "admin"):
        assert send(client, path, **given | {"sure": ""}).status_code == 422
        assert send(client, path, **given).status_code == 303
        assert "The kenesh has withdrawn." in client.get(f"/moderation/projects/{name}").text
        assert send(client, path, **given).status_code == 409
    with site.app_context():
        assert project(row).state == "cancelled"
        assert case_of(row, "change").state == "withdrawn"
        states = {one.state for one in db.session.query(Version).filter_by(project_id=row)}
        assert states == {"approved", "withdrawn"}


@one_engine
def test_the_history_says_who_decided_what_when_and_why(
    site: Flask, client: FlaskClient, people: dict[str, int]
) -> None:
    with site.app_context():
        row = submitted(people)
        with db.transaction():
            services.declare(case_of(row), reviewer(people["second"]), "relative", "An aunt.")
        decide(case_of(row), people["naryn"], "approve", words="Seen it all.")
        name = slug(row)
    with signed_in(site, "second"):
        page = client.get(f"/moderation/projects/{name}?lang=en").text
    assert "Naryn" in page and "Seen it all." in page
    with signed_in(site, "naryn"):
        assert "An aunt." in client.get(f"/moderation/projects/{name}?lang=en").text
    with signed_in(site, "leader"):
        # Who found themselves too close is not the leader's business.
        assert "An aunt." not in client.get(f"/moderation/projects/{name}?lang=en").text


@one_engine
def test_a_project_is_found_by_its_address(
    site: Flask, client: FlaskClient, people: dict[str, int]
) -> None:
    with signed_in(site, "naryn"):
        for asked in ("dry-rice", "https://example.org/projects/dry-rice?lang=ky", "/x/dry-rice/"):
            answer = client.get("/moderation", query_string={"find": asked})
            assert answer.location == "/moderation/projects/dry-rice"


def many(people: dict[str, int], count: int) -> None:
    """Put in many cases, each about a project of its own with words and a committee."""
    now, content = time.now(), complete_content()
    with db.transaction() as session:
        for number in range(count):
            made = reviews.projects.begin(
                content,
                slug=f"many-{number}-{ids.short()}",
                owner=session.get_one(Person, people["leader"]),
            )
            case = services.open_case("project", 0, "KG-N", project=made)
            session.add(made)
            version = Version(
                project_id=made.id, no=1, kind="first", content=content, base={},
                author_id=people["leader"], made_at=now, state="proposed",
            )  # fmt: skip
            session.add(version)
            session.flush()
            case.subject_id = version.id
            case.since = now - timedelta(hours=number)
        held = session.query(Project).first()
        assert held is not None
        for number in range(5):
            placed = Hold(
                project_id=held.id, before="published", reason="untrue", words="x",
                placed_by=people["second"], placed_at=now,
            )  # fmt: skip
            session.add(placed)
            session.flush()
            case = services.open_case("hold", placed.id, "KG-N", project=held)
            case.since = now - timedelta(days=90 + number)


def test_the_queue_takes_a_fixed_number_of_queries(
    site: Flask, client: FlaskClient, people: dict[str, int]
) -> None:
    counted = []
    with site.app_context():
        engine = db.database().engine
    for count in (1, 24, 475):
        with site.app_context():
            many(people, count)
        with signed_in(site, "naryn"):
            client.get("/moderation")
            statements: list[str] = []
            sa.event.listen(
                engine, "before_cursor_execute", lambda *a, to=statements: to.append(a[2])
            )
            answer = client.get("/moderation")
            counted.append(len(statements))
            statements = []
        assert answer.status_code == 200
    assert "Page 1 of" in client_text(site, client)
    assert len(set(counted)) == 1, counted
    assert counted[0] < 40


def client_text(site: Flask, client: FlaskClient) -> str:
    with signed_in(site, "naryn"):
        return client.get("/moderation?lang=en").text


@one_engine
def test_a_case_and_its_differences_take_a_fixed_number_of_queries(
    site: Flask, client: FlaskClient, people: dict[str, int]
) -> None:
    with site.app_context():
        row = published(people)
        lines = [
            {"key": f"b{n}", "amount": 5_000, "title": {"ky": f"Сызык {n}", "en": f"Line {n}"}}
            for n in range(100)
        ]
        paths = []
        for budget in (lines[:2], lines):
            write(row, people, "budget", budget=budget, goal=5_000 * len(budget))
            submit(row, people["leader"], reviews.propose)
            paths.append(address(row, "change"))
        engine = db.database().engine
    statements: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    with signed_in(site, "naryn"):
        assert "Сызык 99" in client.get(paths[-1]).text
    assert len(statements) < 60
