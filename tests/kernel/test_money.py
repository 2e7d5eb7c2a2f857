"""Amounts as people write them, and arithmetic that loses nothing."""

from decimal import Decimal

import pytest
from babel.numbers import get_currency_precision
from hypothesis import given
from hypothesis import strategies as st

from ashar.kernel.errors import AmountError, CurrencyMismatch, MoneyError
from ashar.kernel.money import (
    EXPONENTS,
    Money,
    amount_reader,
    convert,
    gross_up,
    minor_to_decimal,
    parse_minor,
    share,
    split,
    written_to_minor,
)

# CLDR rounds these for display; ISO 4217 gives them the digits that we keep.
CLDR_DIFFERS = {"UZS", "MGA", "HUF", "ISK"}


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("50", 5000),
        ("50.00", 5000),
        ("50,5", 5050),
        ("1 234,50", 123450),
        ("1\u00a0234,50", 123450),
        ("1\u202f234,50", 123450),
        ("1'234.50", 123450),
        ("1’234.50", 123450),
        ("1,234.50", 123450),
        ("1.234,50", 123450),
        ("1,234", 123400),
        ("1.234", 123400),
        ("1.234.567", 123456700),
        ("1,234,567.89", 123456789),
        ("٥٠٫٢٥", 5025),
        ("۱۲۳", 12300),
        ("५०", 5000),
        (" 7 ", 700),
        ("0.10", 10),
        ("12.500", 1250000),
        ("50.001", 5000100),
        ("5.", 500),
    ],
)
def test_an_amount_is_read_as_people_write_it(text: str, minor: int) -> None:
    assert parse_minor(text, "CHF") == minor


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("-5", "negative"),
        ("−5", "negative"),
        ("fifty", "form"),
        ("5e3", "form"),
        ("1_000", "form"),
        ("12 34", "form"),
        ("1,23,456", "form"),
        ("1.2.3", "form"),
        ("50,1234", "digits"),
        ("1,234.567", "digits"),
        ("0x10", "form"),
        ("NaN", "form"),
        ("½", "form"),
        ("99999999999999", "large"),
        ("5 CHF", "form"),
        (".", "form"),
        (",5", "form"),
    ],
)
def test_what_is_no_amount_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(AmountError) as caught:
        parse_minor(text, "CHF")
    assert caught.value.reason == reason


def test_currencies_without_or_with_three_digits_keep_theirs() -> None:
    assert parse_minor("5000", "KRW") == 5000
    assert parse_minor("5,000", "KRW") == 5000
    assert parse_minor("1.234", "KWD") == 1234
    with pytest.raises(AmountError):
        parse_minor("10.5", "KRW")


@pytest.mark.parametrize("currency", sorted(set(EXPONENTS) - CLDR_DIFFERS))
def test_exponents_are_those_of_cldr(currency: str) -> None:
    assert EXPONENTS[currency] == get_currency_precision(currency)


@given(st.integers(0, 10**11), st.sampled_from(sorted(EXPONENTS)))
def test_a_plain_decimal_comes_back_as_it_was(minor: int, currency: str) -> None:
    text = minor_to_decimal(minor, currency)
    assert Money.from_decimal(text, currency).minor == minor
    assert Money.from_decimal("-" + text, currency).minor == -minor


@given(st.text(max_size=30))
def test_any_text_is_an_amount_or_refused_but_never_a_crash(text: str) -> None:
    try:
        minor = parse_minor(text, "CHF")
    except AmountError:
        return
    assert 0 <= minor <= 10**12


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**6), min_size=1, max_size=12))
def test_a_split_sums_to_the_whole(total: int, weights: list[int]) -> None:
    if not any(weights):
        with pytest.raises(MoneyError):
            split(total, weights)
        return
    parts = split(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - total * weight) < sum(weights)


@given(st.integers(-(10**9), 10**9), st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_share_is_within_half_a_unit_and_exact_at_the_ends(
    total: int, part: int, whole: int
) -> None:
    part = min(part, whole)
    found = share(total, part, whole)
    assert abs(found * whole - total * part) * 2 <= whole
    assert share(total, whole, whole) == total
    assert share(total, 0, whole) == 0


@given(st.integers(1, 10**8), st.integers(0, 400))
def test_a_grossed_up_charge_leaves_the_gift(net: int, permille: int) -> None:
    rate, fixed = Decimal(permille).scaleb(-3), Decimal(30)
    charge = gross_up(net, rate, fixed)
    assert charge - (charge * rate + fixed) >= net
    assert (charge - 1) - ((charge - 1) * rate + fixed) < net


def test_sums_refuse_to_mix_currencies() -> None:
    with pytest.raises(CurrencyMismatch):
        Money(1, "CHF") + Money(1, "EUR")
    with pytest.raises(CurrencyMismatch):
        _ = Money(1, "CHF") < Money(1, "EUR")


def test_floats_and_unknown_currencies_are_no_money() -> None:
    with pytest.raises(MoneyError):
        Money(1.5, "CHF")  # type: ignore[arg-type]
    with pytest.raises(MoneyError):
        Money(1, "XXX")


def test_conversion_minds_the_digits_of_both_currencies() -> None:
    assert convert(Money(2000, "EUR"), "CHF", Decimal("0.94")) == Money(1880, "CHF")
    assert convert(Money(100, "CHF"), "KRW", Decimal("1550.5")) == Money(1551, "KRW")
    assert convert(Money(1551, "KRW"), "KWD", Decimal("0.0002")) == Money(310, "KWD")


@pytest.mark.parametrize(
    ("text", "decimal", "thousands", "minor"),
    [
        ("1234,56", ",", "", 123456),
        ("1.234,56", ",", ".", 123456),
        ("1'234.50", ".", "'", 123450),
        ("1’234.50", ".", "'", 123450),
        ("1 234,50", ",", " ", 123450),
        ("1\u202f234\u00a0567,5", ",", " ", 123456750),
        ("1.234", ",", ".", 123400),
        ("1,5", ",", ".", 150),
        (",05", ",", "", 5),
        ("7", ".", "", 700),
        ("12.0000", ".", "", 1200),
        ("-12", ".", "", -1200),
        ("\u221212", ".", "", -1200),
        ("12-", ".", "", -1200),
        ("+12", ".", "", 1200),
        ("(12.00)", ".", "", -1200),
        ("- 0,01", ",", "", -1),
    ],
)
def test_what_a_bank_writes_is_read_by_its_stated_signs(
    text: str, decimal: str, thousands: str, minor: int
) -> None:
    assert written_to_minor(text, "EUR", decimal=decimal, thousands=thousands) == minor
    assert amount_reader("EUR", decimal=decimal, thousands=thousands)(text) == minor


@pytest.mark.parametrize(
    ("text", "decimal", "thousands", "reason"),
    [
        # With a wrong sign each of these would be read a thousand times too big or too small.
        ("1,234", ",", ".", "digits"),
        ("1,000", ",", ".", "digits"),
        ("1.234", ".", ",", "digits"),
        ("1.23", ",", ".", "form"),
        ("1,5", ".", ",", "form"),
        ("1.234.5", ",", ".", "form"),
        ("1234.567,00", ",", ".", "form"),
        ("1.234'567,00", ",", ".'", "form"),
        ("1.234", ",", "", "form"),
        ("1 234", ".", "", "form"),
        ("12.345", ".", "", "digits"),
        ("12.3456", ".", "", "digits"),
        ("--12", ".", "", "form"),
        ("-12-", ".", "", "form"),
        ("(-12)", ".", "", "form"),
        ("(12", ".", "", "form"),
        ("NaN", ".", "", "form"),
        ("1e5", ".", "", "form"),
        ("١٢", ".", "", "form"),
        ("१२.५०", ".", "", "form"),
        ("", ".", "", "form"),
        (".", ".", "", "form"),
        ("-", ".", "", "form"),
        ("0x10", ".", "", "form"),
        ("9" * 20, ".", "", "large"),
        ("9" * 70, ".", "", "form"),
    ],
)
def test_what_may_be_read_otherwise_is_refused(
    text: str, decimal: str, thousands: str, reason: str
) -> None:
    for read in (
        lambda text: written_to_minor(text, "EUR", decimal=decimal, thousands=thousands),
        amount_reader("EUR", decimal=decimal, thousands=thousands),
    ):
        with pytest.raises(AmountError) as caught:
            read(text)
        assert caught.value.reason == reason


def test_three_decimals_are_those_of_currencies_that_have_three() -> None:
    assert written_to_minor("1,234", "KWD", decimal=",") == 1234
    assert written_to_minor("1,000", "KWD", decimal=",") == 1000
    assert written_to_minor("1000.00", "JPY", decimal=".") == 1000
    assert written_to_minor(".0", "JPY", decimal=".") == 0
    with pytest.raises(AmountError):
        written_to_minor("1.000", "JPY", decimal=".")


@given(
    st.text("0123456789.,' -+()", max_size=16),
    st.sampled_from([(",", ".' "), (".", ",' "), (",", ""), (".", "'")]),
    st.sampled_from(["EUR", "JPY", "KWD"]),
)
def test_what_reads_a_million_amounts_reads_each_like_what_reads_one(
    text: str, signs: tuple[str, str], currency: str
) -> None:
    decimal, thousands = signs
    read = amount_reader(currency, decimal=decimal, thousands=thousands)
    try:
        expected = written_to_minor(text, currency, decimal=decimal, thousands=thousands)
    except AmountError as error:
        with pytest.raises(AmountError) as caught:
            read(text)
        assert caught.value.reason == error.reason
    else:
        assert read(text) == expected


@given(st.integers(-(10**12), 10**12), st.sampled_from(sorted(EXPONENTS)), st.booleans())
def test_a_grouped_amount_comes_back_as_it_was(minor: int, currency: str, comma: bool) -> None:
    plain = minor_to_decimal(minor, currency)
    whole, _, part = plain.partition(".")
    group, decimal = (".", ",") if comma else (",", ".")
    text = f"{int(whole):,}".replace(",", group) + (decimal + part if part else "")
    text = text if minor >= 0 or text.startswith("-") else "-" + text
    read = amount_reader(currency, decimal=decimal, thousands=group)
    assert read(text) == minor
