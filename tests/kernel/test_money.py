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
    convert,
    gross_up,
    minor_to_decimal,
    parse_minor,
    share,
    split,
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
