"""The treasurer's receipts: the list of a year, one of them, the round, who may do what."""

import csv
import io
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, select

from ashar.kernel import clock as time
from ashar.kernel import db
from ashar.pledges import receipt_tasks
from ashar.pledges.models import Receipt
from tests.factories import make_project, make_rates
from tests.people.conftest import Come, come
from tests.pledges.test_receipts import ADDRESS, give, numbers, say_issuer, say_tax
from tests.pledges.test_statements import gave, last_year

__all__ = ["come"]
HERE = "/treasury/receipts"


@pytest.fixture
def row(site: Flask) -> int:
    with site.app_context():
        make_rates()
        say_issuer()
        say_tax("de")
        return make_project()


def issue(site: Flask, row: int, **more: object) -> str:
    with site.app_context():
        give(row, **more)
        receipt_tasks.issue()
        receipt_tasks.draw()
        return numbers()[-1][0]


def test_a_receipt_is_listed_and_its_duplicate_kept(site: Flask, row: int, come: Come) -> None:
    number = issue(site, row)
    for who, writes in ((come("kassa", "treasurer"), True), (come("esep", "auditor"), False)):
        assert number in who.get(HERE).text
        page = who.get(f"{HERE}/{number}").text
        assert "Sonnenallee 100" in page
        link = page.partition('href="/treasury/papers/')[2].partition('"')[0]
        assert who.get(f"/treasury/papers/{link}").data.startswith(b"%PDF")
        assert ("<textarea" in page) == writes
        assert ('action="/treasury/receipts/round"' in who.get(HERE).text) == writes
    assert come("esep", "auditor").get(f"{HERE}/DE-2000-000001").status_code == 404


def test_a_treasurer_cancels_with_a_reason_and_only_once(site: Flask, row: int, come: Come) -> None:
    number, kassa = issue(site, row), come("kassa", "treasurer")
    assert kassa.send(f"{HERE}/{number}", {"why": ""}).status_code == 422
    assert kassa.send(f"{HERE}/{number}", {"why": "The name was wrong."}).status_code == 303
    with site.app_context():
        assert [kind for _, kind, _ in numbers()] == ["legal", "cancelling"]
        second = numbers()[1][0]
    assert "The name was wrong." in kassa.get(f"{HERE}/{second}").text
    assert "<textarea" not in kassa.get(f"{HERE}/{number}").text


def test_a_table_for_a_spreadsheet_runs_nothing(site: Flask, row: int, come: Come) -> None:
    issue(site, row, receipt_address=ADDRESS | {"first_name": "=cmd()"})
    answer = come("esep", "auditor").get(f"{HERE}.csv?year={time_year(site)}")
    [head, line] = csv.reader(io.StringIO(answer.text))
    said = dict(zip(head, line, strict=True))
    assert said["donor"] == "'=cmd() Жаңыбаев"
    assert (said["amount"], said["currency"], said["cancelled"]) == ("400.00", "EUR", "")


def time_year(site: Flask) -> int:
    with site.app_context():
        return time.today().year


def test_the_statements_of_a_year_are_made_and_shown(site: Flask, row: int, come: Come) -> None:
    with site.app_context():
        year = last_year()
        for name in "abc":
            gave(row, f"{name}@example.org")
    kassa = come("kassa", "treasurer")
    assert kassa.send(HERE, {"year": str(year + 1)}, to=f"{HERE}/round").status_code == 422
    assert kassa.send(HERE, {"year": "x"}, to=f"{HERE}/round").status_code == 422
    assert kassa.send(HERE, {"year": str(year)}, to=f"{HERE}/round").status_code == 303
    page = kassa.get(HERE).text
    assert 'aria-valuenow="100"' in page
    with site.app_context():
        assert len(db.session.scalars(select(Receipt)).all()) == 3


def test_a_list_takes_as_many_queries_for_many_as_for_few(
    site: Flask, row: int, come: Come
) -> None:
    counts = []
    kassa = come("kassa", "treasurer")
    kassa.get(HERE)
    for many in (1, 6):
        for _ in range(many):
            issue(site, row)
        seen: list[str] = []

        def note(_c: object, _u: object, words: str, *_r: object, seen: list[str] = seen) -> None:
            seen.append(words)

        with site.app_context():
            engine = db.database().engine
        event.listen(engine, "before_cursor_execute", note)
        kassa.get(HERE)
        event.remove(engine, "before_cursor_execute", note)
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_administrators_keep_what_receipts_say(site: Flask, come: Come, project: str) -> None:
    boss, there = come("boss", "administrator"), "/admin/lists/receipts"
    assert boss.get(there).status_code == 200
    said = {"name": "Ashar e. V.", "city": "Bern", "why": "as registered"}
    assert boss.send(f"{there}/association", said).status_code == 303
    assert boss.send(f"{there}/association", said | {"name": ""}).status_code == 422
    with site.app_context():
        tomorrow = (time.today() + timedelta(days=2)).isoformat()
    given = {"active": "y", "purposes": "des Umweltschutzes", "notice_day": "2025-01-02"}
    given |= {"why": "notice came", "office": "Berlin", "notice": "exempt"}
    assert boss.send(f"{there}/de", given | {"notice_day": ""}).status_code == 422
    assert boss.send(f"{there}/de", given | {"notice_day": tomorrow}).status_code == 422
    assert boss.send(f"{there}/de", given | {"purposes": ""}).status_code == 422
    assert "tax_receipt" not in site.test_client().get(f"/projects/{project}/pledge").text
    assert boss.send(f"{there}/de", given).status_code == 303
    assert "tax_receipt" in site.test_client().get(f"/projects/{project}/pledge").text
    page = boss.get(f"{there}/de").text
    assert "notice came" in page and 'value="2025-01-02"' in page
