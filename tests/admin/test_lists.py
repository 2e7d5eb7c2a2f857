"""Lists that administrators edit: seen at once, never lost, and with a history."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from ashar.kernel import db, outbox, signals, terms
from ashar.kernel.errors import Stale
from ashar.kernel.history import History
from ashar.kernel.i18n import speaking
from ashar.moderation.services import two_approvals_from
from ashar.pledges import lists as paying
from ashar.pledges import overdue
from ashar.projects import lists, tasks
from tests.conftest import Clock
from tests.factories import make_draft, make_project
from tests.hostile import MARK, TEXTS
from tests.live import read_form
from tests.people.conftest import Come, Guest, come

__all__ = ["come"]

THEME = {"text_en": "Snow", "text_ky": "Кар", "icon": "drop", "position": "5", "active": "y"}


def change(boss: Guest, path: str, **fields: Any) -> Any:
    """Send an entry's form with some fields changed."""
    page = f"/admin/lists/{path}"
    found = read_form(boss.get(page)).fields
    return boss.post(page, {**found, "why": "agreed in May", **fields})


def leave_out(boss: Guest, path: str, *names: str) -> Any:
    page = f"/admin/lists/{path}"
    found = read_form(boss.get(page)).fields
    kept = {key: value for key, value in found.items() if key not in names}
    return boss.post(page, kept | {"why": "not any more"})


def add(boss: Guest, kind: str, **fields: Any) -> Any:
    return boss.send(f"/admin/lists/{kind}/new", {"why": "asked for", **fields})


def test_a_theme_is_added_renamed_and_shown_at_once(site: Flask, come: Come, project: str) -> None:
    boss = come("boss", "administrator")
    reader = site.test_client()
    page = "/projects?lang=ky"
    assert "Кар<" not in reader.get(page).text
    assert add(boss, "theme", code="snow", **THEME).status_code == 303
    with site.app_context():
        assert next(iter(lists.themes())) == "snow"
    assert '<option value="snow"' in reader.get(page).text and "Кар" in reader.get(page).text
    assert change(boss, "theme/agriculture", text_en="Fields").status_code == 303
    assert "Fields" in reader.get(f"/projects/{project}?lang=en").text
    shown = boss.get("/admin/lists/theme/agriculture").text
    for words in ("agreed in May", "Farming", "Fields", "Boss", "1 project uses it"):
        assert words in shown, words
    assert "asked for" in boss.get("/admin/lists/theme").text
    assert boss.get("/admin/lists").status_code == 200


def test_what_is_used_is_switched_off_and_keeps_its_name(
    site: Flask, come: Come, project: str
) -> None:
    boss = come("boss", "administrator")
    assert leave_out(boss, "theme/agriculture", "active").status_code == 303
    client = site.test_client()
    assert '<option value="agriculture"' not in client.get("/projects?lang=en").text
    assert "Farming" in client.get(f"/projects/{project}?lang=en").text
    assert client.get("/projects?theme=agriculture").status_code == 200
    assert "Off" in boss.get("/admin/lists/theme").text
    assert leave_out(boss, "sdg/6.4", "active").status_code == 303
    with site.app_context():
        assert "6.4" not in lists.targets() and "6.4" in lists.targets(all_of_them=True)


def test_uses_are_counted_in_drafts_too(site: Flask, come: Come, project: str) -> None:
    boss = come("boss", "administrator")
    with site.app_context():
        make_draft(boss.row, theme="agriculture", sdg=["6.4", "13.3"])
        make_project("other", theme="water", sdg=("6.4",))
    for path, words in (
        ("theme/agriculture", "2 projects use it"),
        ("theme/water", "1 project uses it"),
        ("sdg/6.4", "3 projects use it"),
        ("sdg/13.3", "1 project uses it"),
    ):
        assert words in boss.get(f"/admin/lists/{path}").text, path


def test_a_target_needs_a_real_number_and_stands_in_order(site: Flask, come: Come) -> None:
    boss = come("boss", "administrator")
    for code in ("13", "18.1", "0.1", "13.33", "a.b", "13.3 ", "1.1/..", "13.e"):
        answer = add(boss, "sdg", code=code, text_en="x", active="y")
        assert answer.status_code == 422 and 'id="code-error"' in answer.text, code
    for code in ("13.a", "13.2"):
        assert add(boss, "sdg", code=code, text_en="Plans", active="y").status_code == 303
    with site.app_context():
        near = [code for code in lists.targets() if code.startswith("13.")]
        assert near == ["13.1", "13.2", "13.3", "13.a"]
        with speaking("de"):
            assert lists.targets()["13.2"].in_language("de") == "Plans"
    assert site.test_client().get("/projects?sdg=13.a").status_code == 200


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_wrong_is_said_beside_its_field(site: Flask, come: Come) -> None:
    boss = come("boss", "administrator")
    for fields, wrong in (
        ({"code": "new"}, "code"),
        ({"code": "Snow"}, "code"),
        ({"code": "water"}, "code"),
        ({"text_en": " "}, "text_en"),
        ({"text_ky": "x" * 81}, "text_ky"),
        ({"icon": "skull"}, "icon"),
        ({"position": "-1"}, "position"),
        ({"why": ""}, "why"),
    ):
        answer = add(boss, "theme", **({"code": "snow", **THEME} | fields))
        assert answer.status_code == 422 and f'id="{wrong}-error"' in answer.text, fields
        assert "Кар" in answer.text or wrong == "text_ky"
    forged = boss.post("/admin/lists/theme/new", {"code": "snow", "why": "x", **THEME})
    assert forged.status_code == 400
    for path in ("people", "theme/nothing", "limit/new", "corridor/DE"):
        assert boss.get(f"/admin/lists/{path}").status_code == 404
    assert come("lea", "leader").get("/admin/lists").status_code == 403
    with site.app_context():
        assert db.session.query(terms.TermRow).count() == 0


def test_a_form_of_an_older_state_is_refused_and_kept(site: Flask, come: Come) -> None:
    boss = come("boss", "administrator")
    other = come("other", "administrator")
    page = "/admin/lists/theme/water"
    old = read_form(boss.get(page)).fields
    assert change(other, "theme/water", text_en="Rivers").status_code == 303
    answer = boss.post(page, old | {"text_en": "Lakes", "why": "mine"})
    assert answer.status_code == 409 and "Somebody has changed this" in answer.text
    assert 'value="Lakes"' in answer.text and "Rivers" in answer.text
    again = read_form(answer).fields
    assert boss.post(page, again | {"why": "all the same"}).status_code == 303
    shown = boss.get(page).text
    assert "<del>" in shown and "Lakes" in shown and "Rivers" in shown


def test_two_first_changes_at_once_make_one(site: Flask) -> None:
    ready, outcomes = threading.Barrier(2), []

    def write(name: str) -> None:
        with site.app_context():
            ready.wait()
            try:
                with db.transaction():
                    terms.change("theme", "snow", {"en": name}, actor=None, seen="")
                outcomes.append("written")
            except Stale:
                outcomes.append("stale")

    both = [threading.Thread(target=write, args=(name,)) for name in ("Snow", "Ice")]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join(30)
    assert sorted(outcomes) == ["stale", "written"]


def test_nothing_different_leaves_no_history(site: Flask, come: Come) -> None:
    boss = come("boss", "administrator")
    assert change(boss, "theme/water").status_code == 303
    assert change(boss, "limit/two_approvals_from").status_code == 303
    with site.app_context():
        assert db.session.query(History).filter_by(kind="term").count() == 0


def test_each_change_moves_the_mark_though_the_clock_stands_still(site: Flask) -> None:
    seen = set()
    with site.app_context():
        for number in range(3):
            with db.transaction():
                terms.change("theme", "water", {"en": f"Water {number}"}, actor=None)
            seen.add(terms.mark())
            assert lists.theme_name("water", "en") == f"Water {number}"
        with db.transaction():
            terms.change("theme", "waste", {"en": "Waste"}, actor=None)
        seen.add(terms.mark())
    assert len(seen) == 4


def test_another_process_knows_within_half_a_minute(
    site: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(terms.time, "monotonic", lambda: now)
    with site.app_context():
        with db.transaction():
            terms.change("theme", "water", {"en": "Rivers"}, actor=None)
        now += terms.SETTLING + 1
        before = lists.theme_name("water", "en"), terms.mark()
        db.session.rollback()
        # What another process writes, of which this one is not told.
        with db.transaction():
            row = terms.row_of("theme", "water", hold=True)
            assert row is not None
            row.names, row.changed_at = {"en": "Lakes"}, row.changed_at + timedelta(seconds=1)
        assert (lists.theme_name("water", "en"), terms.mark()) == before == ("Rivers", before[1])
        now += terms.LIFE + 1
        assert lists.theme_name("water", "en") == "Lakes" and terms.mark() != before[1]


def test_what_was_read_just_before_a_change_is_not_kept(
    site: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request that began before the change may read the old state after it."""
    with site.app_context():
        old = terms._read()
        with db.transaction():
            terms.change("theme", "water", {"en": "Rivers"}, actor=None)
        with monkeypatch.context() as late:
            late.setattr(terms, "_read", lambda: old)
            assert lists.theme_name("water", "en") == "Water"
        assert lists.theme_name("water", "en") == "Rivers"


def test_a_renamed_theme_is_found_by_its_new_name(site: Flask, come: Come, project: str) -> None:
    boss = come("boss", "administrator")
    client = site.test_client()
    with site.app_context(), db.transaction():
        make_project("hidden", publish=False)
    assert "dry-rice" not in client.get("/projects?q=orchard").text
    assert change(boss, "theme/agriculture", text_en="Orchards").status_code == 303
    assert "dry-rice" in client.get("/projects?q=orchard").text
    assert "dry-rice" in client.get("/projects?q=" + "кадам").text
    with site.app_context():
        assert tasks.file_theme("agriculture") == 1
        assert tasks.file_theme("water") == 0


def test_a_refiling_that_failed_is_done_by_the_sweep(
    site: Flask, come: Come, project: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    boss = come("boss", "administrator")
    with monkeypatch.context() as broken:
        broken.setattr(tasks, "file_theme", lambda code: 1 / 0)
        assert change(boss, "theme/agriculture", text_en="Orchards").status_code == 303
    clock.forward(minutes=5)
    with site.app_context():
        assert outbox.sweep() == 1
    assert "dry-rice" in site.test_client().get("/projects?q=orchard").text


def test_a_corridor_says_what_works_from_a_country(site: Flask, come: Come, project: str) -> None:
    boss = come("boss", "administrator")
    text = "From Kyrgyzstan cards may be declined."
    fields = {"code": "KG", "offers": "these", "ways": ["card"], "text_en": text, "active": "y"}
    assert add(boss, "corridor", **(fields | {"ways": []})).status_code == 422
    assert add(boss, "corridor", **(fields | {"code": "QQ"})).status_code == 422
    assert add(boss, "corridor", **fields).status_code == 303
    assert add(boss, "corridor", **fields).status_code == 422
    with site.app_context():
        found = paying.corridor("KG")
        assert found is not None and found.overdue and found.checked is None
        assert (found.ways, found.on) == (("card",), True)
    assert "Kyrgyzstan" in boss.get("/admin").text
    assert change(boss, "corridor/KG", ways="card", checked_today="y").status_code == 303
    assert "Nobody has looked" not in boss.get("/admin").text
    page = f"/projects/{project}/pledge"
    speaks = {"Accept-Language": "en-KG"}
    assert text in site.test_client().get(page, headers=speaks).text
    assert text not in site.test_client().get(page, headers={"Accept-Language": "en-DE"}).text
    assert leave_out(boss, "corridor/KG", "active").status_code == 303
    with site.app_context():
        found = paying.corridor("KG")
        assert found is not None and not found.on and found.checked is not None


def test_a_corridor_that_is_due_is_told_of_once_for_each_day(
    site: Flask, come: Come, clock: Clock
) -> None:
    boss = come("boss", "administrator")
    told: list[Any] = []

    def hear(_app: Flask, *, country: str, due: str, **_more: Any) -> None:
        told.append((country, due))

    signals.corridor_unchecked.connect(hear, sender=site)
    fields = {"code": "KG", "offers": "all", "active": "y", "checked_today": "y"}
    assert add(boss, "corridor", **fields).status_code == 303
    assert add(boss, "corridor", code="RU", offers="all", active="y").status_code == 303
    with site.app_context():
        assert overdue.tell() == 1 and told == [("RU", "")]
        clock.forward(days=179)
        assert overdue.tell() == 0
        clock.forward(days=2)
        assert overdue.tell() == 1 and overdue.tell() == 0
    assert [country for country, _ in told] == ["RU", "KG"] and told[1][1]
    assert change(boss, "corridor/KG", checked_today="y").status_code == 303
    with site.app_context():
        clock.forward(days=181)
        assert overdue.tell() == 1 and overdue.tell() == 0
    page = boss.get("/admin/lists/corridor/KG").text
    assert page.count("Administrators were told") == 2


def test_the_limit_of_two_approvals_is_a_sum_of_the_books_currency(site: Flask, come: Come) -> None:
    boss = come("boss", "administrator")
    for amount in ("", "many", "0", "-5", "1.00555"):
        answer = change(boss, "limit/two_approvals_from", amount=amount)
        assert answer.status_code == 422, amount
    answer = change(boss, "limit/two_approvals_from", amount="2500.50", currency="KRW")
    assert answer.status_code == 303
    with site.app_context():
        limit = two_approvals_from()
        assert limit.decimal == "2500.50"
        assert limit.currency == site.config["ASHAR_BOOK_CURRENCY"]
    page = boss.get("/admin/lists/limit/two_approvals_from").text
    assert "2,500.50" in page and "10,000" in page


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_hostile_names_stay_text_everywhere(site: Flask, come: Come, project: str) -> None:
    boss = come("boss", "administrator")
    client = site.test_client()
    pages = ("/", "/projects?lang=en", f"/projects/{project}?lang=en")
    ours = ("/admin/lists/theme", "/admin/lists/theme/agriculture", "/admin/lists/corridor")
    add(boss, "corridor", code="KG", offers="all", active="y")
    for text in TEXTS:
        short = text[:80]
        change(boss, "theme/agriculture", text_en=short or "x", text_ky=short, why=text[:500])
        change(boss, "corridor/KG", text_en=text[:600], why=text[:500])
        form = client.get(f"/projects/{project}/pledge", headers={"Accept-Language": "en-KG"})
        shown = [client.get(page) for page in pages] + [boss.get(page) for page in ours] + [form]
        for answer in shown:
            assert answer.status_code == 200
            for tag in ("<script>" + MARK, "<img src=x", "<svg onload", "<iframe", "<base"):
                assert tag not in answer.text, text
