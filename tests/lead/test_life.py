"""The turns of a project's life, as its leader takes them at the desk."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ashar.kernel import clock, db
from ashar.kernel.db import session
from ashar.moderation import holds, services
from ashar.moderation.models import Case
from ashar.people.models import Person
from ashar.projects import services as projects
from ashar.projects import versions
from ashar.projects.models import Version
from tests.factories import reviewer, verdict
from tests.lead.browser import Desk
from tests.lead.conftest import project_of

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def case_of(slug: str, kind: str = "project") -> Case:
    found = session.query(Case).filter_by(project_id=project_of(slug).id, kind=kind)
    return found.order_by(Case.id.desc()).populate_existing().first()  # type: ignore[return-value]


def decide(
    site: Flask, slug: str, person: int, what: str = "approve", kind: str = "project"
) -> None:
    with site.app_context(), db.transaction():
        services.decide(case_of(slug, kind), reviewer(person), verdict(what, case_of(slug, kind)))


def state(site: Flask, slug: str) -> str:
    with site.app_context():
        return project_of(slug).state


@pytest.fixture
def published(site: Flask, leader: Desk, people: dict[str, int], draft: str) -> str:
    """Have the draft published."""
    assert leader.send(f"/lead/projects/{draft}/submit", "send").status_code == 303
    decide(site, draft, people["naryn"])
    assert state(site, draft) == "published"
    return draft


def test_a_project_is_sent_in_asked_about_answered_and_published(
    site: Flask, leader: Desk, people: dict[str, int], draft: str
) -> None:
    send = f"/lead/projects/{draft}/submit"
    form = leader.sheet(send, "send")
    assert [leader.post(send, form.pairs).status_code for _ in range(2)] == [303, 303]
    with site.app_context():
        assert session.query(Version).count() == 1
        with db.transaction():
            services.question(case_of(draft), reviewer(people["naryn"]), "goal", "Why so much?")
            services.question(case_of(draft), reviewer(people["naryn"]), "budget.b1.title.ky", "?")
    decide(site, draft, people["naryn"], "ask")
    page = leader.get(f"/lead/projects/{draft}").text
    assert "Why so much?" in page and "Budget · 1 · Title" in page
    assert "2 questions to answer" in leader.get("/lead").text
    refused = leader.post(send, {"csrf_token": leader.token()})
    assert refused.status_code == 422 and "has no answer yet" in refused.text
    answers = [f for f in leader.forms(f"/lead/projects/{draft}").values() if "answer" in f.id]
    for one in answers:
        name = next(name for name, _ in one.pairs if name.endswith("words"))
        pairs = [pair for pair in one.pairs if pair[0] != name]
        assert leader.post(one.action, [*pairs, (name, "")]).status_code == 422
        assert leader.post(one.action, [*pairs, (name, "Signs are dear.")]).status_code == 303
    assert leader.send(send, "send", words="See below").status_code == 303
    decide(site, draft, people["naryn"])
    assert state(site, draft) == "published"


def test_of_what_changes_later_slips_are_shown_and_the_rest_waits(
    site: Flask, leader: Desk, people: dict[str, int], published: str
) -> None:
    leader.save(published, "story", summary="Белгилер коёбуз.")
    leader.save(published, "goal", goal="6000")
    leader.save(published, "budget", lines__0__amount="6000")
    page = leader.get(f"/lead/projects/{published}/submit").text
    assert "Shown at once" in page and "Read by another leader first" in page
    form = leader.sheet(f"/lead/projects/{published}/submit", "send")
    for _ in range(2):
        assert leader.post(f"/lead/projects/{published}/submit", form.pairs).status_code == 303
    with site.app_context():
        shown = project_of(published).content
        assert (shown["summary"]["ky"], shown["goal"]) == ("Белгилер коёбуз.", 500_000)
        assert sorted(one.kind for one in session.query(Version)) == ["change", "first", "slight"]
    decide(site, published, people["naryn"], "approve", "change")
    with site.app_context():
        assert project_of(published).content["goal"] == 600_000
    lines = leader.get(f"/lead/projects/{published}/versions").text
    assert "Replaced" not in lines and lines.count("<tr>") == 4


@one_engine
def test_a_version_is_shown_word_by_word_beside_the_one_before(
    leader: Desk, helper: Desk, published: str
) -> None:
    leader.save(published, "story", story="Тоодогу жолго жаңы белги коёбуз.")
    leader.save(published, "people", lines__0__email="new@example.org")
    leader.send(f"/lead/projects/{published}/submit", "send", words="Better so")
    mine = leader.get(f"/lead/projects/{published}/versions/3").text
    slip = leader.get(f"/lead/projects/{published}/versions/2").text
    assert "<ins>жаңы </ins>" in slip and "new@example.org" in mine
    theirs = helper.get(f"/lead/projects/{published}/versions/3").text
    assert "new@example.org" not in theirs
    assert leader.get(f"/lead/projects/{published}/versions/9").status_code == 404


@one_engine
def test_the_currency_stays_once_gifts_may_come(leader: Desk, published: str) -> None:
    assert leader.save(published, "goal", currency="USD").status_code == 422


def test_a_later_deadline_waits_for_another_leader(
    site: Flask, leader: Desk, people: dict[str, int], published: str
) -> None:
    path = f"/lead/projects/{published}/extend"
    with site.app_context():
        old = project_of(published).deadline
    assert old is not None
    early = leader.send(path, "extend", deadline=old.isoformat(), words="Rain")
    assert early.status_code == 422 and "later than the old one" in early.text
    far = (clock.system_clock() + timedelta(days=500)).date().isoformat()
    assert leader.send(path, "extend", deadline=far, words="Rain").status_code == 422
    day = old + timedelta(days=30)
    assert leader.send(path, "extend", deadline=day.isoformat(), words="").status_code == 422
    form = leader.send(path, "extend", deadline=day.isoformat(), words="Rain")
    assert form.status_code == 303
    with site.app_context():
        assert project_of(published).deadline == old
    decide(site, published, people["naryn"], "approve", "change")
    with site.app_context():
        assert project_of(published).deadline == day


@one_engine
def test_a_refused_extension_leaves_the_working_copy_as_it_was(
    site: Flask, leader: Desk, helper: Desk, published: str
) -> None:
    helper.save(published, "goal", more_for="Көпүрө")
    with site.app_context():
        before = dict(versions.written(project_of(published)).content)
        day = (project_of(published).deadline or clock.today()) + timedelta(days=3)
    answer = leader.send(
        f"/lead/projects/{published}/extend", "extend", deadline=day.isoformat(), words="Rain"
    )
    assert answer.status_code == 422 and "Helper has entered this" in answer.text
    with site.app_context():
        copy = versions.written(project_of(published))
        assert copy.content == before
        assert versions.entered_by_helpers(copy) == {"goal": "Helper"}


@one_engine
def test_the_work_begins_ends_and_is_reported(
    site: Flask, leader: Desk, people: dict[str, int], published: str
) -> None:
    home = f"/lead/projects/{published}"
    assert leader.sheet(f"{home}/turn/close", "turn")
    assert "not possible" in leader.get(f"{home}/turn/start").text
    for turn, now in (("close", "closed"), ("start", "in_progress")):
        form = leader.sheet(f"{home}/turn/{turn}", "turn")
        for _ in range(2):
            assert leader.post(f"{home}/turn/{turn}", form.pairs).status_code == 303
        assert state(site, published) == now
    empty = leader.send(f"{home}/complete", "report", **{"done-en": "Done."})
    assert empty.status_code == 422 and "Done." in empty.text
    report = {"done-ky": "Бүттү.", "lessons-en": "Begin in spring."}
    for _ in range(2):
        assert leader.send(f"{home}/complete", "report", **report).status_code == 303
    decide(site, published, people["naryn"], "approve", "completion")
    assert state(site, published) == "completed"
    with site.app_context():
        assert project_of(published).content["report"]["ky"]["done"] == "Бүттү."
        assert session.query(Version).filter_by(kind="completion").count() == 1
    for path in ("", "/versions", "/versions/2", "/story", "/submit"):
        assert leader.get(home + path).status_code == 200


@one_engine
def test_a_draft_is_taken_back(site: Flask, leader: Desk, draft: str) -> None:
    form = leader.sheet(f"/lead/projects/{draft}/turn/withdraw", "turn")
    assert leader.post(f"/lead/projects/{draft}/turn/withdraw", form.pairs).status_code == 303
    assert state(site, draft) == "cancelled"
    close = leader.post(f"/lead/projects/{draft}/turn/close", form.pairs)
    assert close.status_code == 422 and "not possible" in close.text
    assert leader.get(f"/lead/projects/{draft}/turn/sell").status_code == 404


@one_engine
def test_why_a_project_was_turned_down_is_said(
    site: Flask, leader: Desk, people: dict[str, int], draft: str
) -> None:
    leader.send(f"/lead/projects/{draft}/submit", "send")
    decide(site, draft, people["naryn"], "reject")
    page = leader.get(f"/lead/projects/{draft}").text
    assert "It cannot be judged from what is written" in page and "as I see it" in page
    assert "as I see it" in leader.get(f"/lead/projects/{draft}/versions").text


@one_engine
def test_the_leader_sees_why_it_is_held_up_and_appeals_once(
    site: Flask, leader: Desk, helper: Desk, people: dict[str, int], published: str
) -> None:
    with site.app_context(), db.transaction():
        holds.place(project_of(published), reviewer(people["naryn"]), "untrue", "Old photos.")
    home = f"/lead/projects/{published}"
    assert "Old photos." in leader.get(home).text
    assert "Old photos." not in helper.get(home).text
    form = leader.sheet(home, "appeal")
    pairs = [pair for pair in form.pairs if pair[0] != "words"]
    assert leader.post(form.action, [*pairs, ("words", "")]).status_code == 422
    assert leader.post(form.action, [*pairs, ("words", "They are new.")]).status_code == 303
    again = leader.post(form.action, [*pairs, ("words", "They are!")])
    assert again.status_code == 422 and "appealed already" in again.text
    assert "They are new." in leader.get(home).text


@one_engine
def test_the_preview_shows_what_is_written_to_those_at_the_desk_alone(
    client: FlaskClient, leader: Desk, draft: str
) -> None:
    leader.save(draft, "story", title="", story="## Окуя\n\n**Жаңы**")
    leader.save(draft, "needs", lines__0__title="", lines__0__quantity="7")
    page = leader.get(f"/lead/projects/{draft}/preview?lang=de").text
    assert "Noch ohne Titel" in page and "<strong>Жаңы</strong>" in page
    assert "/pledge" not in page and "Zurück zum Schreibtisch" in page
    english = leader.get(f"/lead/projects/{draft}/preview?lang=en").text
    assert "A trail in Naryn" in english
    assert leader.client.get(f"/projects/{draft}").status_code == 404


@one_engine
def test_a_project_without_an_owner_is_nobodys(site: Flask, leader: Desk, published: str) -> None:
    with site.app_context(), db.transaction():
        owner = session.get_one(Person, project_of(published).owner_id)
        projects.step(project_of(published), "closed", actor=owner.id)
        project_of(published).owner_id = None
    assert leader.get(f"/lead/projects/{published}").status_code == 403
