"""Writes that nobody waits for: in order, before whatever reads, all or none."""

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from ashar.kernel import db, history, ids
from ashar.kernel.direct import Prepared
from ashar.kernel.errors import PendingRows
from ashar.kernel.history import History
from ashar.kernel.outbox import Outbox

OUTBOX = db.table_of(Outbox)
HISTORY = db.table_of(History)
AT = datetime(2026, 3, 2, 8, 30, 15, 123456, tzinfo=UTC)


def signal(name: str = "x", **more: Any) -> dict[str, Any]:
    given = {"id": ids.row_id(), "signal": name, "facts": {"сом": [1, None]}, "attempts": 0}
    return {**given, "made_at": AT, "next_at": AT, **more}


def test_what_was_written_is_there_for_the_next_read_by_whatever_way(site: Flask) -> None:
    with site.app_context(), db.transaction() as session:
        history.record("test", 1, "what", None, "new")
        assert session.query(History).count() == 1, "the ORM's query"
        history.record("test", 2, "what", None, "new")
        count = sa.select(sa.func.count()).select_from(HISTORY)
        assert db.connection().execute(count).scalar_one() == 2, "the connection's"
        history.record("test", 3, "what", None, "new")
        assert session.execute(count).scalar_one() == 3, "the session's"


def test_it_goes_before_what_the_session_flushes(site: Flask) -> None:
    with site.app_context():
        with db.transaction() as session:
            history.record("test", 1, "what", None, "first")
            session.add(History(kind="test", subject_id=1, what="what", new="then", at=AT))
        found = db.session.scalars(sa.select(History.new).order_by(History.id)).all()
        assert found == ["first", "then"]


def test_what_is_asked_of_the_driver_knows_what_the_session_holds(site: Flask) -> None:
    with site.app_context(), db.transaction() as session:
        session.add(History(kind="test", subject_id=1, what="what", new="then", at=AT))
        assert db.fetch(sa.select(HISTORY.c.new), {}) == [("then",)]


def test_values_are_turned_as_their_columns_want_them(site: Flask) -> None:
    row = signal(facts={"сом": ["1/2", 3, None, True]})
    with site.app_context():
        with db.transaction():
            db.write(OUTBOX.insert(), row)
        found = db.session.query(Outbox).one()
        assert (found.id, found.facts, found.made_at) == (row["id"], row["facts"], AT)


def test_rows_by_the_list_and_constants_of_the_statement(site: Flask) -> None:
    done = sa.update(OUTBOX).where(OUTBOX.c.signal == sa.bindparam("name"))
    with site.app_context():
        with db.transaction():
            db.write(OUTBOX.insert(), [signal("a"), signal("b"), signal("b")])
            db.write(done.values(error="over", done_at=AT), {"name": "b"})
        found = db.session.execute(sa.select(Outbox.signal, Outbox.error, Outbox.done_at)).all()
        assert sorted(map(tuple, found), key=str) == sorted(
            [("a", None, None), ("b", "over", AT), ("b", "over", AT)], key=str
        )


def test_what_is_wanted_at_once_comes_after_what_was_put_off(site: Flask) -> None:
    first = signal("a")
    tried = (
        sa.update(OUTBOX)
        .where(OUTBOX.c.id == sa.bindparam("row"))
        .values(attempts=OUTBOX.c.attempts + sa.bindparam("more"))
        .returning(OUTBOX.c.attempts)
    )
    with site.app_context(), db.transaction():
        db.write(OUTBOX.insert(), first)
        assert db.fetch(tried, {"row": first["id"], "more": 3}) == [(3,)]
        assert db.fetch(tried, {"row": ids.row_id(), "more": 3}) == []


@pytest.mark.parametrize("more", [0, 1])
def test_a_write_that_the_database_refuses_takes_the_others_with_it(site: Flask, more: int) -> None:
    """Alone or among others it is the same error, and the connection stays of use."""
    twice = signal()
    with site.app_context():
        with pytest.raises(sa.exc.IntegrityError), db.transaction():
            for number in range(more):
                history.record("test", number, "what", None, "new")
            db.write(OUTBOX.insert(), twice)
            db.write(OUTBOX.insert(), twice)
            for number in range(more):
                history.record("test", number, "what", None, "new")
        assert db.session.query(History).count() == db.session.query(Outbox).count() == 0
        with db.transaction():
            db.write(OUTBOX.insert(), twice)
        assert db.session.query(Outbox).count() == 1


def test_nothing_is_written_of_a_transaction_that_failed(site: Flask) -> None:
    with site.app_context():
        with pytest.raises(RuntimeError), db.transaction():
            history.record("test", 1, "what", None, "new")
            raise RuntimeError
        with db.transaction():
            pass
        assert db.session.query(History).count() == 0


def test_outside_a_transaction_it_is_refused(site: Flask) -> None:
    with site.app_context(), pytest.raises(RuntimeError, match="transaction"):
        history.record("test", 1, "what", None, "new")


def test_a_statement_whose_defaults_only_sqlalchemy_knows_is_refused(site: Flask) -> None:
    with site.app_context():
        dialect = db.database().engine.dialect
        with pytest.raises(TypeError, match="defaults"):
            Prepared(OUTBOX.insert(), ["signal", "facts"], dialect)


# Alone -------------------------------------------------------------------------------------

KEEP = OUTBOX.insert().returning(OUTBOX.c.attempts)


def seen_by_another(site: Flask) -> int:
    """Count rows as another connection sees them."""
    with db.database().engine.connect() as other:
        return other.execute(sa.select(sa.func.count()).select_from(OUTBOX)).scalar_one()


def test_a_statement_alone_is_kept_at_once(site: Flask) -> None:
    with site.app_context():
        assert db.alone(KEEP, signal(attempts=7)) == [(7,)]
        assert seen_by_another(site) == 1


def test_a_statement_alone_ends_what_was_being_read(site: Flask) -> None:
    with site.app_context():
        assert db.session.query(Outbox).count() == 0
        db.alone(KEEP, signal())
        assert db.database().engine.pool.checkedout() == 0  # type: ignore[attr-defined]
        assert db.session.query(Outbox).count() == 1


def test_a_statement_alone_that_is_refused_leaves_nothing(site: Flask) -> None:
    row = signal()
    with site.app_context():
        db.alone(KEEP, row)
        with pytest.raises(sa.exc.IntegrityError):
            db.alone(KEEP, row)
        assert seen_by_another(site) == 1
        with db.transaction():
            history.record("test", 1, "what", None, "new")
        assert db.session.query(History).count() == 1


def test_nothing_is_alone_over_what_is_not_saved(site: Flask) -> None:
    with site.app_context():
        db.session.query(Outbox).count()
        db.session.add(History(kind="test", subject_id=1, what="what", new="new", at=AT))
        with pytest.raises(PendingRows):
            db.alone(KEEP, signal())
        db.session.rollback()
        with pytest.raises(RuntimeError, match="alone"), db.transaction():
            db.alone(KEEP, signal())
        assert seen_by_another(site) == 0
