"""Becoming a leader: one application at a time, decided once, by somebody else."""

from typing import Any

import pytest
from flask import Flask

from ashar.kernel import db, signals
from ashar.kernel.errors import Refused
from ashar.kernel.history import History
from ashar.people import applications, queries, tasks
from ashar.people.models import Application, Person
from tests.conftest import Clock
from tests.faults.locks import together
from tests.people.conftest import Come, Guest, held

FIELDS = {
    "region": "KG-N",
    "place": "Кочкор, Арал",
    "phone": "+996 700 123-456",
    "about": "I teach.",
    "community": "Two hundred families.",
    "voucher1_name": "Бакыт агай",
    "voucher1_contact": "+996 555 000 111",
    "consent": "y",
}


def apply(guest: Guest, **more: Any) -> Any:
    return guest.send("/lead/apply", FIELDS | more)


def found(site: Flask) -> list[Application]:
    with site.app_context():
        rows = db.session.query(Application).order_by(Application.id).all()
        db.session.expunge_all()
        return rows


@pytest.fixture
def heard(site: Flask) -> list[tuple[str, Any]]:
    """Return what is heard of applications."""
    kept: list[tuple[str, Any]] = []
    for name in ("leader_applied", "leader_granted", "leader_refused"):

        def hear(_app: Flask, _name: str = name, **facts: Any) -> None:
            kept.append((_name, (facts["application"], facts["person"])))

        signals.SIGNALS[name].connect(hear, sender=site, weak=False)
    return kept


def test_from_applying_to_the_role(site: Flask, come: Come, heard: list[tuple[str, Any]]) -> None:
    aida, boss = come("aida"), come("boss", "administrator")
    assert apply(aida).status_code == 303
    [row] = found(site)
    assert row.answers["vouchers"] == [{"name": "Бакыт агай", "contact": "+996 555 000 111"}]
    page = aida.get("/lead/apply").text
    assert "Being looked at" in page and "Apply again" not in page
    assert "1 application to lead" in boss.get("/admin").text
    shown = boss.get(f"/admin/applications/{row.token}").text
    assert "Бакыт агай" in shown and "+996 555 000 111" in shown
    done = boss.send(f"/admin/applications/{row.token}", {"decision": "grant", "words": "Welcome"})
    assert done.status_code == 303
    assert held(site, aida.row) == {("leader", "")}
    assert "You are a leader" in aida.get("/lead/apply").text
    facts = (row.token, aida.row)
    assert heard == [("leader_applied", facts), ("leader_granted", facts)]
    with site.app_context():
        steps = db.session.query(History).filter_by(kind="application").order_by(History.id)
        assert [(one.new, one.actor_id) for one in steps] == [
            ("open", aida.row),
            ("granted", boss.row),
        ]


def test_a_refusal_needs_words_which_the_applicant_reads(
    site: Flask, come: Come, heard: list[tuple[str, Any]]
) -> None:
    aida, boss = come("aida"), come("boss", "administrator")
    apply(aida)
    path = f"/admin/applications/{found(site)[0].token}"
    assert boss.send(path, {"decision": "refuse", "words": " "}).status_code == 409
    assert boss.send(path, {"decision": "nonsense"}).status_code == 422
    assert boss.post(path, {"decision": "refuse", "words": "No"}).status_code == 400
    assert boss.send(path, {"decision": "refuse", "words": "Too soon."}).status_code == 303
    assert "Too soon." in aida.get("/lead/apply").text
    assert held(site, aida.row) == set()
    assert [name for name, _ in heard] == ["leader_applied", "leader_refused"]
    assert apply(aida).status_code == 303, "one may try again"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"region": "KG-X"}, "region"),
        ({"place": ""}, "place"),
        ({"phone": "call me"}, "phone"),
        ({"about": "x" * 2001}, "about"),
        ({"voucher1_contact": ""}, "voucher1_contact"),
        ({"voucher2_name": "Only a name"}, "voucher2_contact"),
        ({"consent": ""}, "consent"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_missing_is_said_beside_its_field(
    site: Flask, come: Come, wrong: dict[str, str], field: str
) -> None:
    fields = {name: text for name, text in (FIELDS | wrong).items() if text}
    answer = come("aida").send("/lead/apply", fields)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert "Two hundred families." in answer.text
    assert found(site) == []


def test_one_withdraws_and_may_come_again(site: Flask, come: Come) -> None:
    aida = come("aida")
    apply(aida)
    assert aida.send("/lead/apply", {}, to="/lead/apply/withdraw").status_code == 303
    assert found(site)[0].state == "withdrawn"
    apply(aida)
    assert [one.state for one in found(site)] == ["withdrawn", "open"]


def test_of_two_forms_sent_at_once_one_is_an_application(site: Flask, come: Come) -> None:
    aida = come("aida")
    given = applications.Answers("KG-N", "Арал", "+996700123456", "I", "We", ())

    def send(_number: int) -> None:
        with site.app_context():
            try:
                with db.transaction() as session:
                    applications.apply(session.get_one(Person, aida.row), given)
            except Refused:
                return

    together(6, send)
    assert len(found(site)) == 1


def test_two_who_decide_at_once_decide_once(site: Flask, come: Come) -> None:
    aida = come("aida")
    bosses = [come(f"boss{n}", "administrator") for n in range(2)]
    apply(aida)
    token = found(site)[0].token
    refused: list[int] = []

    def decide(number: int) -> None:
        step = (applications.grant, applications.refuse)[number]
        with site.app_context():
            try:
                with db.transaction():
                    row = queries.application(token, hold=True)
                    assert row is not None
                    step(row, bosses[number].row, "words")
            except Refused:
                refused.append(number)

    together(2, decide)
    assert len(refused) == 1
    state = found(site)[0].state
    assert (state == "granted") is (held(site, aida.row) == {("leader", "")})


def test_nobody_decides_on_their_own(site: Flask, come: Come) -> None:
    boss = come("boss", "administrator")
    apply(boss)
    path = f"/admin/applications/{found(site)[0].token}"
    assert "another administrator decides" in boss.get(path).text
    other = come("other", "administrator")
    token = {"decision": "grant", "words": ""}
    assert boss.send("/lead/apply", token, to=path).status_code == 409
    assert other.send(path, token).status_code == 303


def test_what_led_to_nothing_is_forgotten_in_time(site: Flask, come: Come, clock: Clock) -> None:
    aida = come("aida")
    apply(aida)
    aida.send("/lead/apply", {}, to="/lead/apply/withdraw")
    apply(aida)
    clock.forward(days=200)
    with site.app_context():
        tasks.forget()
    first, second = found(site)
    assert first.answers == {} and second.answers != {}
    boss = come("boss", "administrator")
    assert boss.get(f"/admin/applications/{first.token}").status_code == 200
    assert boss.get("/admin/applications?state=withdrawn").status_code == 200


def test_a_stranger_is_sent_to_sign_in(site: Flask, client: Any) -> None:
    assert client.get("/lead/apply").location == "/sign-in?next=%2Flead%2Fapply"
