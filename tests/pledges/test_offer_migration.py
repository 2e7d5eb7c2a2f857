"""Pledges that were there before offers: they stay, under a rule that lets offers in."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from ashar.kernel import migrate
from tests.people.test_migration import empty as empty

BEFORE = "0011"
PLEDGE = {
    "reference": None, "kind": "money", "state": "open", "gift_minor": 5000, "cover_minor": 0,
    "currency": "CHF", "method": "card", "frequency": "once", "name": "", "country": "CH",
    "language": "ky", "visibility": "anonymous", "message": "", "in_honour_of": "",
    "group_name": "", "fallback": "refund", "counted": False, "made_at": "2026-01-01 00:00:00",
}  # fmt: skip


@pytest.fixture
def upgraded(empty: sa.Engine) -> Iterator[sa.Engine]:
    """Return a database with a pledge of before, brought up to date."""
    migrate.upgrade(empty, BEFORE)
    with empty.begin() as connection:
        _project(connection)
        _write(connection, 1)
        with pytest.raises(IntegrityError), connection.begin_nested():
            _write(connection, 2, kind="labour", gift_minor=0)
    migrate.upgrade(empty)
    yield empty


def _project(connection: sa.Connection) -> None:
    columns = {
        "id": 1, "slug": "rice", "state": "published", "language": "ky", "region": "KG-B",
        "district": "", "aymak": "", "village": "", "theme": "water", "sdg": "[]",
        "currency": "CHF", "goal_minor": 100, "funding": "flexible", "takes_more": True,
        "content": "{}", "sample": False, "made_at": "2026-01-01 00:00:00",
        "edited_at": "2026-01-01 00:00:00",
    }  # fmt: skip
    _insert(connection, "ashar_project", columns)
    need = {"id": 1, "project_id": 1, "key": "n1", "position": 0, "kind": "labour", "unit": "day"}
    _insert(connection, "ashar_need", need | {"needed": 8, "titles": "{}"})


def _write(connection: sa.Connection, number: int, **more: object) -> None:
    row = {"id": number, "token": f"t{number}", "attempt": f"a{number}", "project_id": 1}
    _insert(connection, "ashar_pledge", PLEDGE | row | more)


def _insert(connection: sa.Connection, table: str, values: dict[str, object]) -> None:
    marks = ", ".join(f":{name}" for name in values)
    connection.execute(
        sa.text(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})"), values
    )  # noqa: S608


def test_what_was_there_stays_and_offers_may_come(upgraded: sa.Engine) -> None:
    with upgraded.begin() as connection:
        assert connection.execute(sa.text("SELECT gift_minor FROM ashar_pledge")).all() == [(5000,)]
        need = sa.text("SELECT offered, accepted, delivered, confirmed, moves FROM ashar_need")
        assert connection.execute(need).all() == [(0, 0, 0, 0, 0)]
        _write(connection, 2, kind="labour", gift_minor=0)
        _write(connection, 3)
    wrong: tuple[dict[str, object], ...] = (
        {"kind": "labour", "gift_minor": 5},
        {"kind": "money", "gift_minor": 0},
        {"kind": "money", "gift_minor": -1},
        {"kind": "labour", "gift_minor": 0, "cover_minor": -1},
        {"token": "t1"},
    )
    for number, more in enumerate(wrong, 10):
        with pytest.raises(IntegrityError), upgraded.begin() as connection:
            _write(connection, number, **more)


def test_the_new_rule_is_what_another_connection_reads_too(upgraded: sa.Engine) -> None:
    upgraded.dispose()
    found = sa.inspect(upgraded).get_check_constraints("ashar_pledge")
    [rule] = [one["sqltext"] for one in found if one["name"] == "ck_ashar_pledge_amounts"]
    assert "kind" in rule and "money" in rule
    if upgraded.dialect.name == "sqlite":
        with upgraded.connect() as connection:
            whole = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
        assert whole == ["ok"]
