"""The steps of the desk: what is written stays, nonsense is refused, nothing typed is lost."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from ashar.kernel import clock
from ashar.kernel.db import session
from ashar.projects import versions
from ashar.projects.content import Content
from ashar.projects.models import Project
from tests.lead.browser import Desk, filled, read
from tests.lead.conftest import Sit, project_of

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def content(site: Flask, slug: str) -> Content:
    with site.app_context():
        return dict(versions.written(project_of(slug)).content)


SAVED: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "story",
        {"title": "Жаңы жол", "summary": "", "story": "Биринчи.\n\nЭкинчи."},
        {
            "title": {"ky": "Жаңы жол", "en": "A trail in Naryn"},
            "summary": {"en": "We put up signs."},
        },
    ),
    (
        "place",
        {"region": "KG-B", "district": "Лейлек", "aymak": "Кулунду", "sdg": ["6.4", "13.1"]},
        {"region": "KG-B", "district": "Лейлек", "aymak": "Кулунду", "sdg": ["6.4", "13.1"]},
    ),
    (
        "goal",
        {"goal": "7 500,50", "currency": "EUR", "funding": "threshold", "minimum": "3000",
         "deadline": "2031-05-01", "takes_more": None, "more_for": "Көпүрө"},
        {"goal": 750_050, "currency": "EUR", "funding": "threshold", "minimum": 300_000,
         "deadline": "2031-05-01", "takes_more": False, "more_for": {"ky": "Көпүрө"}},
    ),
    (
        "people",
        {"owner_name": "Айыл кеңеши", "lines-0-role": "малчы", "payee_name": "Фонд",
         "payee_email": "fund@example.org"},
        {"owner_name": "Айыл кеңеши", "payee": {"name": "Фонд", "email": "fund@example.org"}},
    ),
]  # fmt: skip


@one_engine
@pytest.mark.parametrize(("step", "fields", "written"), SAVED, ids=[one[0] for one in SAVED])
def test_a_step_is_saved_as_it_is_typed(
    site: Flask, leader: Desk, draft: str, step: str, fields: dict[str, Any], written: Content
) -> None:
    answer = leader.save(draft, step, then="next", **fields)
    assert answer.status_code == 303 and f"/{step}" not in answer.location
    found = content(site, draft)
    assert {name: found[name] for name in written} == written


@one_engine
def test_lines_are_added_changed_moved_and_taken_out(site: Flask, leader: Desk, draft: str) -> None:
    leader.save(draft, "budget", lines__1__title="Боёк", lines__1__amount="1200")
    leader.save(draft, "budget", lines__2__title="Такта", lines__2__amount="300", then="more")
    first, second, third = content(site, draft)["budget"]
    assert (first["title"], second["amount"], third["title"]) == (
        {"ky": "Белгилер"}, 120_000, {"ky": "Такта"}
    )  # fmt: skip
    leader.save(draft, "words/en", **{f"budget.{second['key']}.title": "Paint"})
    leader.save(draft, "budget", lines__0__gone="y", lines__2__place="1")
    moved = content(site, draft)["budget"]
    assert [line["key"] for line in moved] == [third["key"], second["key"]]
    assert moved[1]["title"] == {"ky": "Боёк", "en": "Paint"}
    leader.save(draft, "budget", lines__1__title="", lines__1__amount="")
    assert [line["title"]["ky"] for line in content(site, draft)["budget"]] == ["Такта"]


@one_engine
def test_needs_milestones_and_committee_are_lists_too(
    site: Flask, leader: Desk, draft: str
) -> None:
    need = {"title": "Кум", "kind": "materials", "quantity": "12", "unit": "m3"}
    leader.save(draft, "needs", **{f"lines-1-{name}": value for name, value in need.items()})
    step = {"title": "Көпүрө", "text": "Жыгач", "due": "1.9.2031", "share": "40"}
    step |= {"evidence": ["photos", "report"]}  # type: ignore[dict-item]
    leader.save(draft, "milestones", **{f"lines-1-{name}": value for name, value in step.items()})
    one = {"name": "Гүлзат", "role": "врач", "email": "gul@example.org"}
    leader.save(draft, "people", **{f"lines-2-{name}": value for name, value in one.items()})
    found = content(site, draft)
    made = [{**found[name][-1], "key": ""} for name in ("needs", "milestones", "committee")]
    assert made == [
        {"key": "", "kind": "materials", "unit": "m3", "quantity": 12, "title": {"ky": "Кум"}},
        {"key": "", "title": {"ky": "Көпүрө"}, "text": {"ky": "Жыгач"}, "due": "2031-09-01",
         "share": 40, "evidence": ["photos", "report"]},
        {"key": "", **one},
    ]  # fmt: skip


NONSENSE = [
    ("story", {"title": "x" * 141}),
    ("place", {"region": "KG-X"}),
    ("place", {"theme": "gold"}),
    ("place", {"sdg": ["99.9"]}),
    ("goal", {"goal": "much"}),
    ("goal", {"goal": ""}),
    ("goal", {"minimum": "-5"}),
    ("goal", {"deadline": "someday"}),
    ("goal", {"deadline": "1031-01-01"}),
    ("goal", {"funding": "lottery"}),
    ("goal", {"currency": "XXX"}),
    ("budget", {"lines-0-amount": "12 34"}),
    ("needs", {"lines-0-quantity": "many"}),
    ("needs", {"lines-0-quantity": "99999999999"}),
    ("needs", {"lines-0-unit": "sack"}),
    ("milestones", {"lines-0-share": "101"}),
    ("milestones", {"lines-0-due": "soon"}),
    ("milestones", {"lines-0-evidence": ["trust"]}),
    ("people", {"lines-0-email": "nobody"}),
    ("people", {"payee_email": "nobody"}),
]


@one_engine
@pytest.mark.parametrize(("step", "fields"), NONSENSE)
def test_nonsense_is_refused_beside_its_field_and_nothing_typed_is_lost(
    site: Flask, leader: Desk, draft: str, step: str, fields: dict[str, Any]
) -> None:
    before = content(site, draft)
    answer = leader.save(draft, step, **fields)
    assert answer.status_code == 422
    assert content(site, draft) == before
    [(name, value)] = fields.items()
    assert f'href="#{name}"' in answer.text and f'id="{name}-error"' in answer.text
    chosen = {"region", "theme", "sdg", "funding", "currency", "lines-0-unit", "lines-0-evidence"}
    assert name in chosen or value in answer.text


@one_engine
def test_a_form_that_is_not_ours_is_refused_and_keeps_what_was_typed(
    site: Flask, leader: Desk, draft: str
) -> None:
    answer = leader.save(draft, "story", title="Жаңы", csrf_token="forged")
    assert answer.status_code == 400 and 'value="Жаңы"' in answer.text
    assert content(site, draft)["title"]["ky"] == "Нарындагы жол"


@one_engine
def test_another_currency_leaves_the_budgets_figures(site: Flask, leader: Desk, draft: str) -> None:
    leader.save(draft, "goal", currency="KRW", goal="5000")
    assert content(site, draft)["budget"][0]["amount"] == 5_000
    leader.save(draft, "goal", currency="KGS", goal="5000")
    assert content(site, draft)["budget"][0]["amount"] == 500_000


@one_engine
def test_a_translation_is_written_beside_the_original(
    site: Flask, leader: Desk, draft: str
) -> None:
    page = leader.get(f"/lead/projects/{draft}/words/ru")
    assert "Тоодогу жолго белги коёбуз." in page.text
    answer = leader.save(draft, "words/ru", title="Тропа", **{"milestones.m1.title": "Готово"})
    assert answer.status_code == 303
    found = content(site, draft)
    assert found["title"] == {"ky": "Нарындагы жол", "en": "A trail in Naryn", "ru": "Тропа"}
    assert found["milestones"][0]["title"] == {"ky": "Жол белгиленди", "ru": "Готово"}
    assert leader.get(f"/lead/projects/{draft}/words/ky").status_code == 404
    assert leader.get(f"/lead/projects/{draft}/words/fr").status_code == 404


def test_who_saves_over_somebody_elses_words_is_shown_both_and_then_decides(
    site: Flask, leader: Desk, helper: Desk, draft: str
) -> None:
    path = f"/lead/projects/{draft}/story"
    old = leader.sheet(path, "step")
    helper.save(draft, "story", title="Жардамчынын аты")
    answer = leader.post(path, filled(old.pairs, {"title": "Менин атым", "then": "stay"}))
    assert answer.status_code == 422
    assert "Жардамчынын аты" in answer.text and 'value="Менин атым"' in answer.text
    assert content(site, draft)["title"]["ky"] == "Жардамчынын аты"
    from_answer = {form.id: form for form in read(answer)}["step"]
    again = leader.post(path, filled(from_answer.pairs, {"then": "stay"}))
    assert again.status_code == 303
    assert content(site, draft)["title"]["ky"] == "Менин атым"


def test_the_same_form_sent_again_on_a_bad_line_changes_nothing_more(
    site: Flask, leader: Desk, draft: str
) -> None:
    path = f"/lead/projects/{draft}/budget"
    form = leader.sheet(path, "step")
    pairs = filled(form.pairs, {"lines-1-title": "Боёк", "lines-1-amount": "12"})
    first = leader.post(path, pairs)
    before = content(site, draft)
    again = leader.post(path, pairs)
    assert (first.status_code, again.status_code) == (303, 303)
    assert content(site, draft) == before and len(before["budget"]) == 2


NEW = {
    "title": "Жаңы арык",
    "region": "KG-N",
    "theme": "water",
    "goal": "250 000",
    "language": "ky",
}


def test_a_project_begun_twice_by_one_form_is_one(site: Flask, leader: Desk) -> None:
    form = leader.sheet("/lead/projects/new", "begin")
    pairs = filled(form.pairs, NEW)
    answers = [leader.post("/lead/projects/new", pairs) for _ in range(3)]
    assert {one.status_code for one in answers} == {303}
    assert {one.location for one in answers} == {"/lead/projects/zhany-aryk/story"}
    another = leader.send("/lead/projects/new", "begin", **NEW)
    assert another.location != answers[0].location
    with site.app_context():
        assert session.execute(select(func.count()).select_from(Project)).scalar() == 2


@one_engine
def test_somebody_elses_attempt_is_none_of_mine(site: Flask, leader: Desk, sit: Sit) -> None:
    first = leader.send("/lead/projects/new", "begin", attempt="same", **NEW)
    second = sit("other").send("/lead/projects/new", "begin", attempt="same", **NEW)
    assert first.location != second.location


@one_engine
def test_a_new_project_without_a_title_is_refused_and_keeps_the_rest(leader: Desk) -> None:
    answer = leader.send("/lead/projects/new", "begin", **(NEW | {"title": " ", "goal": "viel"}))
    assert answer.status_code == 422
    assert 'value="viel"' in answer.text and 'href="#title"' in answer.text


@one_engine
def test_what_is_in_review_cannot_be_written(site: Flask, leader: Desk, draft: str) -> None:
    form = leader.sheet(f"/lead/projects/{draft}/story", "step")
    leader.send(f"/lead/projects/{draft}/submit", "send")
    assert leader.sheet(f"/lead/projects/{draft}/story", "step").disabled
    late = leader.post(f"/lead/projects/{draft}/story", filled(form.pairs, {"title": "Кеч"}))
    assert late.status_code == 422 and 'value="Кеч"' in late.text


@one_engine
def test_the_list_of_what_is_missing_leads_to_the_steps(leader: Desk, draft: str) -> None:
    leader.save(draft, "needs", lines__0__quantity="")
    leader.save(draft, "budget", lines__1__title="Боёк")
    past = (clock.system_clock() - timedelta(days=3)).date().isoformat()
    leader.save(draft, "goal", deadline=past)
    page = leader.get(f"/lead/projects/{draft}").text
    for step, words in (
        ("needs", "Line 1 of the needs does not say how much."),
        ("budget", "Line 2 of the budget has no sum."),
        ("goal", "The day until which you collect has passed."),
    ):
        assert f'<a href="/lead/projects/{draft}/{step}">{words}</a>' in page
    answer = leader.post(f"/lead/projects/{draft}/submit", {"csrf_token": leader.token()})
    assert answer.status_code == 422 and "Line 2 of the budget has no sum." in answer.text
