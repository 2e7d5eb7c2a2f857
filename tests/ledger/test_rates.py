"""Rates: the last one known on or before a day, through the euro, to the digit."""

from datetime import date
from decimal import Decimal

import pytest
from flask import Flask

from ashar.kernel import db
from ashar.kernel.money import Money
from ashar.ledger import rates
from ashar.ledger.models import Rate
from ashar.ledger.rates import RatesError, import_csv, quote, value

MONDAY, FRIDAY, SUNDAY = date(2026, 3, 2), date(2026, 3, 6), date(2026, 3, 8)


def keep(currency: str, day: date, rate: str, source: str = "ECB") -> None:
    with db.transaction():
        rates.add(currency, day, Decimal(rate), source)


def test_the_last_rate_on_or_before_the_day_counts(site: Flask) -> None:
    with site.app_context():
        keep("CHF", MONDAY, "0.94")
        keep("CHF", FRIDAY, "0.95")
        found = [quote("EUR", "CHF", day) for day in (date(2026, 3, 1), MONDAY, FRIDAY, SUNDAY)]
    assert found[0] is None
    assert [(one.rate, one.day) for one in found[1:] if one] == [
        (Decimal("0.94"), MONDAY),
        (Decimal("0.95"), FRIDAY),
        (Decimal("0.95"), FRIDAY),
    ]


def test_two_currencies_meet_in_the_euro_and_both_words_are_named(site: Flask) -> None:
    with site.app_context():
        keep("CHF", FRIDAY, "0.95", "ECB")
        keep("KGS", MONDAY, "97.5", "NBKR")
        found = quote("KGS", "CHF", SUNDAY)
        assert found is not None
        assert found.rate == (Decimal("0.95") / Decimal("97.5")).quantize(rates.PLACES)
        assert found.day == MONDAY
        assert found.source == "ECB / NBKR"
        assert value(Money(100_000, "KGS"), "CHF", SUNDAY) == Money(974, "CHF")


def test_the_same_currency_needs_no_rate(site: Flask) -> None:
    with site.app_context():
        assert value(Money(5000, "KGS"), "KGS", MONDAY) == Money(5000, "KGS")


def test_without_a_rate_there_is_no_value_and_no_guess(site: Flask) -> None:
    with site.app_context():
        keep("CHF", MONDAY, "0.94")
        assert value(Money(5000, "KRW"), "CHF", SUNDAY) is None
        assert value(Money(5000, "CHF"), "KRW", SUNDAY) is None


@pytest.mark.parametrize(
    ("given", "currency", "wanted"),
    [
        (Money(100, "EUR"), "KRW", Money(1500, "KRW")),
        (Money(1500, "KRW"), "EUR", Money(100, "EUR")),
        (Money(1, "EUR"), "CHF", Money(1, "CHF")),
        (Money(-2000, "EUR"), "CHF", Money(-1880, "CHF")),
    ],
)
def test_digits_after_the_point_are_each_currencys_own(
    site: Flask, given: Money, currency: str, wanted: Money
) -> None:
    with site.app_context():
        keep("CHF", MONDAY, "0.94")
        keep("KRW", MONDAY, "1500")
        assert value(given, currency, MONDAY) == wanted


def test_a_later_word_for_the_same_day_replaces_the_earlier(site: Flask) -> None:
    with site.app_context():
        keep("CHF", MONDAY, "0.94")
        keep("CHF", MONDAY, "0.9412", "corrected")
        row = db.session.query(Rate).one()
        assert (row.rate, row.source) == (Decimal("0.9412"), "corrected")


def test_our_own_lines_are_imported(site: Flask) -> None:
    text = "\ufeffdate,currency,rate,source\n2026-03-02,CHF,0.94,bank\n\n2026-03-02, KGS ,97.5\n"
    with site.app_context():
        with db.transaction():
            assert import_csv(text) == 2
        found = {row.currency: (row.rate, row.source) for row in db.session.query(Rate)}
    assert found == {"CHF": (Decimal("0.94"), "bank"), "KGS": (Decimal("97.5"), "import")}


def test_the_ecbs_table_is_imported_without_what_we_do_not_handle(site: Flask) -> None:
    text = (
        "Date, USD, JPY, BGN, CHF, \n"
        "2026-03-02,1.10,N/A,1.9558,0.94,\n"
        "2026-02-27,1.09,165.1,,0.93,\n"
    )
    with site.app_context():
        with db.transaction():
            assert import_csv(text) == 5
        assert value(Money(110, "USD"), "CHF", MONDAY) == Money(94, "CHF")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the file is empty"),
        ("a,b,c\n1,2,3\n", "line 1: neither"),
        ("date,currency,rate\n2026-03-02,XXX,1\n", "line 2: not date,currency"),
        ("date,currency,rate\n2026-03-02,CHF\n", "line 2: not date,currency"),
        ("date,currency,rate\n02.03.2026,CHF,1\n", "line 2: '02.03.2026' is no date"),
        ("date,currency,rate\n2026-03-02,CHF,0.94\n2026-03-03,CHF,free\n", "line 3: 'free'"),
        ("date,currency,rate\n2026-03-02,CHF,0\n", "line 2: '0' is no rate"),
        ("date,currency,rate\n2026-03-02,CHF,-1\n", "line 2: '-1' is no rate"),
        ("date,currency,rate\n2026-03-02,CHF,NaN\n", "line 2: 'NaN' is no rate"),
        ("date,currency,rate\n2026-03-02,CHF,Infinity\n", "line 2: 'Infinity' is no rate"),
        ("Date,USD\n2026-03-02,abc\n", "line 2: 'abc' is no rate"),
    ],
)
def test_a_file_that_cannot_be_read_names_its_line_and_leaves_nothing(
    site: Flask, text: str, words: str
) -> None:
    with site.app_context():
        with pytest.raises(RatesError, match=words), db.transaction():
            import_csv(text)
        assert db.session.query(Rate).count() == 0
