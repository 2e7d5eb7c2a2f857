"""People whom a site knew before they had pages of their own."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from ashar.kernel import migrate

REVISION_BEFORE = "0002"


@pytest.fixture
def empty(request: pytest.FixtureRequest, database_url: str) -> Iterator[sa.Engine]:
    """Return a database without any table of ours."""
    engine = sa.create_engine(database_url)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text("DROP SCHEMA public CASCADE"))
            connection.execute(sa.text("CREATE SCHEMA public"))
    if engine.dialect.name == "sqlite":
        engine.dispose()
        assert engine.url.database
        with open(engine.url.database, "wb"):
            pass
    yield engine
    engine.dispose()


def test_everybody_gets_a_token_and_can_be_found(empty: sa.Engine) -> None:
    migrate.upgrade(empty, REVISION_BEFORE)
    with empty.begin() as connection:
        for number, name in enumerate(("Айгүл", "Тилек"), 1):
            connection.execute(
                sa.text(
                    "INSERT INTO ashar_person (id, external_id, email, name, made_at) "
                    "VALUES (:id, :external, :email, :name, '2026-01-01 00:00:00')"
                ),
                {"id": number, "external": f"x{number}", "email": f"{number}@x.kg", "name": name},
            )
    migrate.upgrade(empty)
    with empty.connect() as connection:
        rows = connection.execute(
            sa.text("SELECT token, folded, reads FROM ashar_person ORDER BY id")
        ).all()
    assert [row.folded for row in rows] == ["айгүл 1@x.kg", "тилек 2@x.kg"]
    assert len({row.token for row in rows}) == 2 and all(len(row.token) == 24 for row in rows)
    assert [row.reads in ([], "[]") for row in rows] == [True, True]
