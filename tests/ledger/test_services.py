"""The only writers of the book: balanced, by differences, reversed once and never changed."""

import uuid
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ashar.kernel import clock, db
from ashar.kernel.errors import BookError
from ashar.kernel.money import Money
from ashar.ledger import queries as book
from ashar.ledger import rates
from ashar.ledger.models import Entry, Line
from ashar.ledger.services import Sides, Source, move_to, post, posted, reverse

SOURCE = Source("test", 1, "paper")
NOW = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
GIFT = {("provider", "CHF"): 2060, ("project", "CHF"): -2000, ("fees", "CHF"): -60}


def write(sides: Sides, source: Source = SOURCE) -> uuid.UUID | None:
    with db.transaction():
        return post("test", sides, source, NOW)


def test_an_entry_names_its_fact_its_day_and_who_wrote_it(site: Flask) -> None:
    with site.app_context():
        with db.transaction():
            made = post("gift", GIFT, SOURCE, NOW, actor=7, reason="asked for")
        entry = db.session.query(Entry).one()
        assert entry.id == made
        assert (entry.kind, entry.source_kind, entry.source_id) == ("gift", "test", 1)
        assert (entry.voucher, entry.actor_id, entry.reason) == ("paper", 7, "asked for")
        # Half past eleven at night in UTC is the next day in Zurich.
        assert str(entry.day) == "2026-03-02" and entry.at == NOW
        lines = db.session.query(Line).order_by(Line.no)
        assert {(line.account, line.currency): line.minor for line in lines} == GIFT


def test_zeros_are_no_lines_and_nothing_is_no_entry(site: Flask) -> None:
    with site.app_context():
        write({**GIFT, ("fx", "CHF"): 0})
        assert db.session.query(Line).count() == 3
        assert write({}) is None and write({("fx", "CHF"): 0}) is None
        assert db.session.query(Entry).count() == 1


@pytest.mark.parametrize(
    "sides",
    [
        {("a", "CHF"): 1},
        {("a", "CHF"): 1, ("b", "CHF"): -2},
        {("a", "CHF"): 1, ("b", "EUR"): -1},
        {("a", "CHF"): 1, ("b", "CHF"): -1, ("c", "EUR"): 5},
    ],
)
def test_what_does_not_balance_in_each_currency_is_refused(site: Flask, sides: Sides) -> None:
    with site.app_context():
        with pytest.raises(BookError, match="not balanced"):
            write(sides)
        assert db.session.query(Line).count() == 0


def test_a_conversion_balances_in_both_currencies(site: Flask) -> None:
    with site.app_context():
        write(
            {
                ("provider", "EUR"): -2000,
                ("project", "EUR"): 2000,
                ("provider", "CHF"): 1880,
                ("project", "CHF"): -1880,
            }
        )
        assert book.balance("project", "CHF") == Money(-1880, "CHF")
        assert book.balance("project", "EUR") == Money(2000, "EUR")


def test_lines_keep_their_value_in_the_books_currency(site: Flask) -> None:
    with site.app_context():
        with db.transaction():
            rates.add("CHF", clock.day_of(NOW), Decimal("0.94"), "test")
        write({("a", "EUR"): 2000, ("b", "EUR"): -2000, ("a", "KRW"): 5, ("b", "KRW"): -5})
        found = {(line.account, line.currency): line.book_minor for line in db.session.query(Line)}
        assert found == {
            ("a", "EUR"): 1880,
            ("b", "EUR"): -1880,
            ("a", "KRW"): None,
            ("b", "KRW"): None,
        }


def test_only_the_difference_to_what_was_booked_is_posted(site: Flask) -> None:
    with site.app_context():
        write(GIFT)
        target = {("provider", "CHF"): 1000, ("project", "CHF"): -1000}
        with db.transaction():
            assert move_to("moved", target, SOURCE, NOW) is not None
        with db.transaction():
            assert move_to("moved", target, SOURCE, NOW) is None
        assert {key: minor for key, minor in posted("test", 1).items() if minor} == target
        assert posted("test", 2) == Counter()


def test_another_rows_entries_are_not_counted(site: Flask) -> None:
    with site.app_context():
        write(GIFT, Source("test", 2, "other"))
        write(GIFT, Source("other", 1, "other"))
        with db.transaction():
            move_to("moved", GIFT, SOURCE, NOW)
        assert posted("test", 1) == Counter(GIFT)


SIDES = st.lists(
    st.tuples(
        st.sampled_from("abc"), st.sampled_from(["CHF", "EUR"]), st.integers(-(10**12), 10**12)
    ),
    max_size=5,
)


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.lists(SIDES, min_size=1, max_size=3))
def test_whatever_the_way_the_book_ends_at_the_last_target(
    site: Flask, targets: list[list[tuple[str, str, int]]]
) -> None:
    source = Source("way", uuid.uuid4().int % 10**9, "paper")
    with site.app_context():
        for lines in targets:
            target: Counter[tuple[str, str]] = Counter()
            for account, currency, minor in lines:
                target[account, currency] += minor
                target["rest", currency] -= minor
            with db.transaction():
                move_to("moved", target, source, NOW)
            found = {key: minor for key, minor in posted("way", source.id).items() if minor}
            assert found == {key: minor for key, minor in target.items() if minor}


def test_a_correction_is_the_opposite_entry_with_a_reason_and_only_once(site: Flask) -> None:
    with site.app_context():
        made = write(GIFT)
        assert made is not None
        with db.transaction():
            back = reverse(made, actor=7, reason="wrong project")
        assert all(minor == 0 for minor in book.balances().values())
        entry = db.session.get_one(Entry, back)
        assert (entry.reverses, entry.reason, entry.kind) == (made, "wrong project", "reversal")
        with pytest.raises(BookError, match="reversed before"), db.transaction():
            reverse(made, actor=7, reason="again")
        with pytest.raises(BookError, match="no entry"), db.transaction():
            reverse(uuid.uuid4(), actor=7, reason="which?")


def test_balances_are_per_account_and_currency_and_by_prefix(site: Flask) -> None:
    with site.app_context():
        write({("project:a", "CHF"): -5, ("project_b", "CHF"): -7, ("bank", "CHF"): 12})
        assert book.balances("project:") == {("project:a", "CHF"): -5}
        assert book.balances("project_") == {("project_b", "CHF"): -7}
        assert book.balance("nobody", "CHF") == Money(0, "CHF")


def test_the_journal_is_read_oldest_first(site: Flask) -> None:
    with site.app_context():
        first, second = write(GIFT), write(GIFT)
        found = [(row[0].id, row[1].no) for row in book.journal()]
        assert found == [(made, no) for made in (first, second) for no in (1, 2, 3)]
        assert len(list(book.journal(limit=2))) == 2
