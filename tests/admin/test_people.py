"""People and their roles, as administrators see and change them."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from ashar.kernel import db
from ashar.kernel.errors import Refused
from ashar.kernel.history import History
from ashar.people import queries, services
from ashar.people.models import Person
from ashar.site import create_app
from tests.accounts.conftest import EMAIL, PASSWORD
from tests.conftest import Clock, _dispose
from tests.faults.locks import Rendezvous, together, unlocked
from tests.people.conftest import Come, Guest, come, held

__all__ = ["come"]


def give(boss: Guest, whom: Guest, role: str, **more: Any) -> Any:
    fields = {"role": role, "why": "agreed on 3 May", **more}
    return boss.send(f"/admin/people/{whom.token}", fields, to=f"/admin/people/{whom.token}/roles")


def take(boss: Guest, whom: Guest, role: str, scope: str = "", page: str = "") -> Any:
    fields = {"role": role, "scope": scope, "reason": "moved away"}
    path = f"/admin/people/{whom.token}"
    return boss.send(page or path, fields, to=f"{path}/roles/take")


def test_people_are_found_by_name_and_e_mail_in_any_script(site: Flask, come: Come) -> None:
    boss = come("boss", "administrator")
    come("АЙГҮЛ")
    come("tilek%")
    for words, there in (("айгүл", True), ("АЙГ EXAMPLE", True), ("%", False), ("nobody", False)):
        page = boss.get("/admin/people", query_string={"q": words}).text
        assert ("Айгүл" in page) is there, words
    assert "Tilek%" in boss.get("/admin/people", query_string={"q": "%"}).text
    assert "Айгүл" not in boss.get("/admin/people?role=administrator").text


def test_long_lists_have_pages_and_a_fixed_number_of_queries(site: Flask, come: Come) -> None:
    boss = come("boss", "administrator")
    with site.app_context():
        engine = db.database().engine
    seen: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *call: seen.append(call[2]))
    boss.get("/admin/people")
    few = len(seen)
    for number in range(60):
        come(f"person{number:02}", "leader")
    seen.clear()
    first = boss.get("/admin/people?q=person")
    assert len(seen) == few
    assert "60 people" in first.text and "Person49" in first.text and "Person50" not in first.text
    assert "Person50" in boss.get("/admin/people?q=person&page=2").text
    for page in ("0", "-1", "999", "x", "9" * 30):
        assert boss.get(f"/admin/people?page={page}").status_code == 200


def test_roles_are_given_and_taken_with_reasons(site: Flask, come: Come) -> None:
    boss, aida = come("boss", "administrator"), come("aida")
    assert give(boss, aida, "moderator", regions=["KG-N", "KG-B"]).status_code == 303
    assert give(boss, aida, "partner", partner="Ak-Talaa fund").status_code == 303
    assert give(boss, aida, "leader", regions=["KG-N"]).status_code == 303
    given = {("moderator", "KG-N"), ("moderator", "KG-B"), ("partner", "Ak-Talaa fund")}
    assert held(site, aida.row) == given | {("leader", "")}
    assert take(boss, aida, "moderator", "KG-B").status_code == 303
    assert ("moderator", "KG-B") not in held(site, aida.row)
    page = boss.get(f"/admin/people/{aida.token}").text
    assert "moved away" in page and "agreed on 3 May" in page and "Boss" in page
    with site.app_context():
        rows = db.session.query(History).filter_by(subject_id=aida.row, kind="person").all()
        assert {row.actor_id for row in rows} == {boss.row} and all(row.why for row in rows)
        assert [row.old for row in rows if row.new is None] == ["moderator KG-B"]


@pytest.mark.parametrize(
    ("role", "more", "field"),
    [
        ("moderator", {}, "regions"),
        ("moderator", {"regions": ["KG-X"]}, "regions"),
        ("partner", {}, "partner"),
        ("king", {}, "role"),
        ("leader", {"why": " "}, "why"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_role_that_cannot_be_is_refused_beside_its_field(
    site: Flask, come: Come, role: str, more: dict[str, Any], field: str
) -> None:
    boss, aida = come("boss", "administrator"), come("aida")
    answer = give(boss, aida, role, **more)
    assert answer.status_code == 422 and f'id="{field}-error"' in answer.text
    assert held(site, aida.row) == set()


def test_nobody_changes_their_own_roles_except_giving_one_up(site: Flask, come: Come) -> None:
    boss, other = come("boss", "administrator", "leader"), come("other", "administrator")
    page = f"/admin/people/{other.token}"
    own = f"/admin/people/{boss.token}"
    fields = {"role": "treasurer", "why": "I want it"}
    assert boss.send(page, fields, to=f"{own}/roles").status_code == 409
    assert held(site, boss.row) == {("administrator", ""), ("leader", "")}
    assert take(boss, boss, "leader").status_code == 303
    gone = take(boss, boss, "administrator")
    assert (gone.status_code, gone.location) == (303, "/")
    assert held(site, boss.row) == set()
    assert boss.get("/admin").status_code == 403


def test_the_last_administrator_stays(site: Flask, come: Come) -> None:
    boss = come("boss", "administrator")
    answer = take(boss, boss, "administrator")
    assert answer.status_code == 409 and "last administrator" in answer.text
    assert held(site, boss.row) == {("administrator", "")}


def test_a_form_without_its_token_changes_nothing(site: Flask, come: Come) -> None:
    boss, aida = come("boss", "administrator"), come("aida", "leader")
    path = f"/admin/people/{aida.token}"
    for end, fields in (
        ("roles", {"role": "treasurer", "why": "x"}),
        ("roles/take", {"role": "leader", "scope": "", "reason": "x"}),
        ("recovery", {"how": "x"}),
        ("recovery/confirm", {"met": "y"}),
        ("recovery/withdraw", {}),
    ):
        assert boss.post(f"{path}/{end}", fields).status_code == 400, end
    assert held(site, aida.row) == {("leader", "")}


def _remove(site: Flask, whom: int, actor: int, refused: list[int], hold: Any = None) -> None:
    """Let one administrator remove another; `hold` is called with what was counted, before it."""
    with site.app_context():
        try:
            with db.transaction() as session:
                person = session.get_one(Person, whom)
                if hold:
                    assert len(queries.lock_administrators()) == 2
                    hold()
                services.take_role(person, "administrator", "", actor=actor, why="at once")
        except Refused:
            refused.append(actor)


def administrators(site: Flask) -> int:
    with site.app_context():
        return len(queries.lock_administrators())


def test_of_two_who_remove_each_other_at_once_one_stays(site: Flask, come: Come) -> None:
    pair = [come(f"boss{n}", "administrator").row for n in range(2)]
    refused: list[int] = []
    together(2, lambda n: _remove(site, pair[1 - n], pair[n], refused))
    assert len(refused) == 1 and administrators(site) == 1


def test_of_two_who_give_up_at_once_one_stays(site: Flask, come: Come) -> None:
    pair = [come(f"boss{n}", "administrator").row for n in range(2)]
    refused: list[int] = []
    together(2, lambda n: _remove(site, pair[n], pair[n], refused))
    assert len(refused) == 1 and administrators(site) == 1


def test_without_the_lock_nobody_would_stay(
    settings: dict[str, Any], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of the tests above."""
    site = create_app(settings, environ={}, clock=clock)
    pair = []
    with site.app_context():
        for number in range(2):
            accounts = site.extensions["ashar_accounts"]
            accounts.create(f"boss{number}@example.org", PASSWORD, ["administrator"])
        pair = [row.id for row in db.session.query(Person).order_by(Person.id)]
        db.session.rollback()
        engine = db.database().engine
    read, locked = Rendezvous(2), queries.lock_administrators

    def counted() -> list[Any]:
        rows = locked()
        read.wait()
        return rows

    monkeypatch.setattr(queries, "lock_administrators", counted)
    refused: list[int] = []
    with unlocked(engine):
        together(2, lambda n: _remove(site, pair[n], pair[n], refused))
    monkeypatch.undo()
    assert refused == [] and administrators(site) == 0
    _dispose(site)


def test_who_lacks_a_second_factor_is_pointed_out(site: Flask, come: Come) -> None:
    boss = come("boss", "administrator")
    with site.app_context():
        site.extensions["ashar_accounts"].create(EMAIL, PASSWORD, ["leader"])
        token = db.session.query(Person).filter_by(email=EMAIL).one().token
    for page in ("/admin", "/admin/people", f"/admin/people/{token}"):
        assert (
            "no second factor" in boss.get(page).text or "do not count yet" in boss.get(page).text
        )
    del site.extensions["ashar_accounts"]
    assert "known to the site" in boss.get(f"/admin/people/{token}").text
    assert boss.get("/admin/people/nobody").status_code == 404


def test_roles_by_command(site: Flask) -> None:
    runner = site.test_cli_runner()

    def ashar(*words: str) -> Any:
        return runner.invoke(args=["ashar", "user", "role", *words])

    with site.app_context():
        site.extensions["ashar_accounts"].create(EMAIL, PASSWORD)
    done = ashar(EMAIL, "--give", "administrator", "--give", "moderator", "--region", "KG-N")
    assert (done.exit_code, done.output) == (0, f"{EMAIL}\tadministrator,moderator KG-N\n")
    assert ashar(EMAIL, "--take", "moderator").output == f"{EMAIL}\tadministrator\n"
    for words, said in (
        ((EMAIL, "--take", "administrator"), "last administrator"),
        ((EMAIL, "--give", "moderator"), "for which region"),
        ((EMAIL, "--give", "moderator", "--region", "KG-X"), "no region KG-X"),
        ((EMAIL, "--take", "leader"), "do not have this role"),
        (("nobody@example.org", "--give", "leader"), "no account"),
    ):
        refused = ashar(*words)
        assert refused.exit_code == 1 and said in refused.output, refused.output
    del site.extensions["ashar_accounts"]
    assert ashar("new@example.org", "--give", "leader").exit_code == 1
    made = ashar("new@example.org", "--id", "17", "--give", "leader")
    assert made.output == "new@example.org\tleader\n"
