"""The database itself refuses to lose or bend what was booked; raw SQL, both engines."""

import contextlib
import threading
import uuid
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

LINE = sa.text(
    "INSERT INTO ashar_line (entry_id, no, account, currency, minor) "
    "VALUES (:entry, :no, :account, :currency, :minor)"
)
ENTRY = sa.text(
    "INSERT INTO ashar_entry (id, kind, day, at, posted_at, source_kind, source_id, voucher) "
    "VALUES (:entry, 'test', '2026-03-02', '2026-03-02 10:00:00', '2026-03-02 10:00:00', "
    "'test', 1, 'paper')"
)


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    made = sa.create_engine(database_url)
    if made.dialect.name == "sqlite":
        sa.event.listen(made, "connect", lambda raw, _: raw.execute("PRAGMA foreign_keys=ON"))
    yield made
    made.dispose()


def key(engine: sa.Engine) -> str:
    made = uuid.uuid4()
    return made.hex if engine.dialect.name == "sqlite" else str(made)


def lines(connection: sa.Connection, entry: str, *sides: tuple[str, str, int]) -> None:
    for no, (account, currency, minor) in enumerate(sides, start=1):
        values = {"entry": entry, "no": no, "account": account, "currency": currency}
        connection.execute(LINE, {**values, "minor": minor})


def book(engine: sa.Engine, *sides: tuple[str, str, int]) -> str:
    entry = key(engine)
    with engine.begin() as connection:
        lines(connection, entry, *sides)
        connection.execute(ENTRY, {"entry": entry})
    return entry


GOOD = (("provider", "CHF", 2060), ("project", "CHF", -2000), ("fees", "CHF", -60))


def refused(engine: sa.Engine, statement: str, **values: object) -> bool:
    """Tell whether the database refuses a statement, at once or at the commit."""
    try:
        with engine.begin() as connection:
            done = connection.execute(sa.text(statement), values)
            assert done.rowcount != 0, "the statement touched nothing: it proves nothing"
    except sa.exc.DBAPIError as error:
        assert "book:" in str(error) or "FOREIGN KEY" in str(error).upper(), error
        return True
    return False


def test_a_balanced_entry_is_booked(engine: sa.Engine) -> None:
    book(engine, *GOOD)
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM ashar_line")).scalar() == 3


@pytest.mark.parametrize(
    "sides",
    [
        (("provider", "CHF", 2060), ("project", "CHF", -2000)),
        (("provider", "CHF", 2000), ("project", "EUR", -2000)),
        (("provider", "CHF", 1),),
        (),
    ],
)
def test_an_unbalanced_or_lonely_entry_is_refused(
    engine: sa.Engine, sides: tuple[tuple[str, str, int], ...]
) -> None:
    with pytest.raises(sa.exc.DBAPIError, match="book:"):
        book(engine, *sides)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ashar_line SET minor = minor + 0 WHERE entry_id = :entry",
        "UPDATE ashar_entry SET reason = 'x' WHERE id = :entry",
        "DELETE FROM ashar_line WHERE entry_id = :entry",
        "DELETE FROM ashar_entry WHERE id = :entry",
        "INSERT INTO ashar_line (entry_id, no, account, currency, minor) "
        "VALUES (:entry, 9, 'a', 'CHF', 5)",
    ],
)
def test_what_was_booked_cannot_be_changed(engine: sa.Engine, statement: str) -> None:
    entry = book(engine, *GOOD)
    assert refused(engine, statement, entry=entry)


def test_replace_is_refused_on_sqlite(engine: sa.Engine) -> None:
    if engine.dialect.name != "sqlite":
        statement = (
            "INSERT INTO ashar_line (entry_id, no, account, currency, minor) "
            "VALUES (:entry, 1, 'a', 'CHF', 5) ON CONFLICT (entry_id, no) "
            "DO UPDATE SET minor = 5"
        )
        assert refused(engine, statement, entry=book(engine, *GOOD))
        return
    entry = book(engine, *GOOD)
    for statement in (
        "INSERT OR REPLACE INTO ashar_line (entry_id, no, account, currency, minor) "
        "VALUES (:entry, 1, 'a', 'CHF', 5)",
        "REPLACE INTO ashar_entry SELECT * FROM ashar_entry WHERE id = :entry",
        "UPDATE OR REPLACE ashar_line SET no = 2 WHERE entry_id = :entry AND no = 1",
    ):
        assert refused(engine, statement, entry=entry)


def test_truncate_is_refused_on_postgresql(engine: sa.Engine) -> None:
    if engine.dialect.name == "sqlite":
        book(engine, *GOOD)
        assert refused(engine, "DELETE FROM ashar_line")
        return
    book(engine, *GOOD)
    for statement in ("TRUNCATE ashar_line", "TRUNCATE ashar_entry CASCADE"):
        with pytest.raises(sa.exc.DBAPIError, match="book:"), engine.begin() as connection:
            connection.execute(sa.text(statement))


def test_a_line_without_its_entry_fails_at_the_commit(engine: sa.Engine) -> None:
    entry = key(engine)
    with pytest.raises(sa.exc.DBAPIError), engine.begin() as connection:
        lines(connection, entry, *GOOD)


def slip_a_line_in(engine: sa.Engine) -> tuple[int, int]:
    """Book an entry while a second session adds a line to it and commits after us.

    Return the sum and the number of the entry's lines afterwards.
    """
    entry = key(engine)
    written, committed = threading.Event(), threading.Event()

    def thief() -> None:
        with contextlib.suppress(sa.exc.DBAPIError), engine.begin() as other:
            values = {"entry": entry, "no": 9, "account": "thief", "currency": "CHF"}
            other.execute(LINE, {**values, "minor": 500})
            written.set()
            committed.wait(20)

    thread = threading.Thread(target=thief)
    with engine.begin() as connection:
        lines(connection, entry, *GOOD)
        connection.execute(ENTRY, {"entry": entry})
        thread.start()
        # SQLite has one writer at a time: there the thief waits for our commit.
        written.wait(20 if engine.dialect.name == "postgresql" else 0.3)
    committed.set()
    thread.join(30)
    with engine.connect() as connection:
        found = connection.execute(
            sa.text("SELECT sum(minor), count(*) FROM ashar_line WHERE entry_id = :entry"),
            {"entry": entry},
        ).one()
    return int(found[0]), int(found[1])


def test_a_line_slipped_in_by_a_second_session_is_refused(engine: sa.Engine) -> None:
    assert slip_a_line_in(engine) == (0, 3)


def test_without_its_guard_the_line_slips_in(engine: sa.Engine) -> None:
    """The negative control: it is the guard that kept the line out, not the clumsy thief."""
    guards = {
        "postgresql": "DROP TRIGGER ashar_line_balanced ON ashar_line",
        "sqlite": "DROP TRIGGER ashar_line_sealed",
    }
    with engine.begin() as connection:
        connection.execute(sa.text(guards[engine.dialect.name]))
    assert slip_a_line_in(engine) == (500, 4)
