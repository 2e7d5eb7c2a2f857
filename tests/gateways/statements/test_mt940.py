"""MT940 in the ways of its banks, whole, damaged and hostile."""

import re
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from random import Random

import pytest

from ashar.gateways.statements import mt940
from ashar.gateways.statements.base import (
    LONGEST,
    NO_END,
    NO_STATEMENT,
    WRONG_SUM,
    Begin,
    End,
    Line,
    Part,
    Unreadable,
    checked,
)
from ashar.gateways.statements.texts import TOO_WIDE
from ashar.kernel.money import EXPONENTS
from tests.gateways.statements.damage import DAMAGES, LONG, Endless, corpus, damaged, peak_of, taken
from tests.gateways.statements.table import assert_table

FILES = corpus("mt940/*.sta")
HEAD = ":20:A\n:25:DE02120300000000202051\n:28C:7/1\n:60F:C240101EUR100,00\n"
FOOT = ":62F:C240131EUR100,00\n-\n"


def parts(text: str | bytes) -> list[Part]:
    data = text.encode() if isinstance(text, str) else text
    return list(checked(mt940.read(BytesIO(data))))


def line(movement: str, details: str = "", currency: str = "EUR") -> Line:
    """Read one movement that another takes back."""
    mark = "C" if re.match(r"[0-9]+(D|RC)", movement) else "D"
    match = re.search(r"[0-9]+,[0-9]*", movement)
    back = f":61:240115{mark}{match[0] if match else '1,00'}NMSCNONREF\n"
    head, foot = (text.replace("EUR", currency) for text in (HEAD, FOOT))
    if details:
        details = f":86:{details}\n"
    found = parts(f"{head}:61:{movement}\n{details}{back}{foot}")[1]
    assert isinstance(found, Line)
    return found


def refused(text: str | bytes) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        parts(text)
    assert caught.value.words % caught.value.values
    return caught.value


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_banks_files_are_read_as_somebody_has_read_them(file: Path) -> None:
    with file.open("rb") as opened:
        assert_table(file, checked(mt940.read(opened)))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_line_ends_and_a_mark_at_the_start_change_nothing(file: Path, end: str) -> None:
    data = file.read_bytes()
    lines = data.replace(b"\r\n", b"\n")
    assert parts(b"\xef\xbb\xbf" + lines.replace(b"\n", end.encode())) == parts(data)


# Statement lines ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("movement", "minor", "returned"),
    [
        ("2401020102C12,34NTRFNONREF", 1234, False),
        ("240102CR12,3NTRFX//Y", 1230, False),
        ("240102D12,NTRFX", -1200, False),
        ("240102DR0,01F123X", -1, False),
        ("240102RC5,00S103X", -500, True),
        ("240102RDR5,00NMSCX", 500, True),
        ("240102C5,00NRTIX", 500, True),
    ],
)
def test_marks_tell_which_way_money_went(movement: str, minor: int, returned: bool) -> None:
    found = line(movement)
    assert (found.minor, found.returned) == (minor, returned)


@pytest.mark.parametrize(
    ("valued", "entry", "booked"),
    [
        ("231229", "0102", date(2024, 1, 2)),
        ("240102", "1229", date(2023, 12, 29)),
        ("240102", "", date(2024, 1, 2)),
        ("240301", "0229", date(2024, 2, 29)),
        ("991231", "0101", date(2000, 1, 1)),
    ],
)
def test_a_day_without_a_year_is_near_its_value_date(valued: str, entry: str, booked: date) -> None:
    assert line(f"{valued}{entry}C1,00NTRFX").booked == booked


def test_interest_is_valued_on_a_thirtieth_of_february() -> None:
    assert line("2402300301C1,00NINTX").valued == date(2024, 2, 29)
    assert line("230230C1,00NINTX").valued == date(2023, 2, 28)


def test_what_is_only_expected_is_no_movement() -> None:
    text = HEAD + ":61:240102EC5,00NTRFX\n:86:soon\n:61:240102ED7,00NTRFX\n" + FOOT
    assert [type(part) for part in parts(text)] == [Begin, End]


def test_references_that_are_none_stay_empty() -> None:
    for words in ("NONREF//NONREF", "EREF", "PREF//", "KREF+", "NOTPROVIDED"):
        found = line(f"240102C1,00NTRF{words}")
        assert (found.end_to_end, found.bank_reference) == ("", "")
    found = line("240102C1,00NTRFGIFT-1//B 77", "166?00X?20EREF+NOTPROVIDED?21SVWZ+Y")
    assert (found.end_to_end, found.bank_reference) == ("GIFT-1", "B 77")


@pytest.mark.parametrize("currency", ["JPY", "EUR", "KWD"])
def test_amounts_have_their_currencys_decimals(currency: str) -> None:
    head, foot = (text.replace("EUR100,00", f"{currency}100,") for text in (HEAD, FOOT))
    digits = EXPONENTS[currency]
    least = "1," if not digits else "0," + "1".rjust(digits, "0")
    text = f"{head}:61:240102C{least}NTRFX\n:61:240102D{least}NTRFX\n{foot}"
    assert [part.minor for part in parts(text) if isinstance(part, Line)] == [1, -1]


# Accounts and pages ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "account"),
    [
        ("DE02 1203 0000 0000 2020 51", "DE02120300000000202051"),
        ("BYLADEM1001/DE02120300000000202051", "DE02120300000000202051"),
        ("DE02120300000000202051EUR", "DE02120300000000202051"),
        ("DE02120300000000202051 EUR", "DE02120300000000202051"),
        ("DE02120300000000202051/EUR", "DE02120300000000202051"),
        ("/DE02120300000000202051", "DE02120300000000202051"),
        ("12030000/1234567", "12030000/1234567"),
        ("12030000/1234567EUR", "12030000/1234567"),
        ("1091 0000 9999 9901", "1091000099999901"),
    ],
)
def test_accounts_are_named_in_many_ways(told: str, account: str) -> None:
    [begin, _] = parts(HEAD.replace("DE02120300000000202051", told) + FOOT)
    assert isinstance(begin, Begin)
    assert begin.account == account


PAGES = (
    HEAD + ":61:240102C5,00NTRFX\n:62M:C240102EUR105,00\n-\n"
    ":20:A\n:25:DE02120300000000202051\n:28C:7/2\n:60M:C240102EUR105,00\n"
    ":61:240103D5,00NTRFX\n:62F:C240103EUR100,00\n-\n"
)


def test_pages_go_on_where_the_one_before_ended() -> None:
    heads = [part for part in parts(PAGES) if isinstance(part, Begin)]
    assert [(head.number, head.opening) for head in heads] == [("7/1", 10000), ("7/2", 10500)]
    lost = PAGES.replace(":60M:C240102EUR105", ":60M:C240102EUR106").replace(
        "EUR100,00\n-\n", "EUR101,00\n-\n"
    )
    assert refused(lost).words == mt940.MISSING_PAGE


def test_a_statement_may_have_no_movements() -> None:
    assert parts(HEAD + FOOT) == [
        Begin("DE02120300000000202051", "EUR", "7/1", opening=10000),
        End(10000, 5),
    ]


# Hostile --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words", "row"),
    [
        ("", NO_STATEMENT, None),
        ("hello\nworld", NO_STATEMENT, None),
        (":62F:C240131EUR100,00\n", mt940.NO_OPENING, 1),
        (":20:A\n:25:X\n:61:240102C1,00NTRFX\n", mt940.NO_OPENING, 3),
        (":20:A\n:60F:C240101EUR1,00\n", mt940.NO_ACCOUNT, 2),
        (HEAD, NO_END, 4),
        (HEAD + HEAD, NO_END, 5),
        (HEAD + ":60F:C240101EUR100,00\n", NO_END, 5),
        (HEAD + ":61:240102C1,00NTRFX\n" + FOOT, WRONG_SUM, 6),
        (HEAD + ":61:240102C1.00NTRFX\n" + FOOT, None, 5),
        (HEAD + ":61:240102C1NTRFX\n" + FOOT, None, 5),
        (HEAD + ":61:240102C1,000NTRFX\n" + FOOT, None, 5),
        (HEAD + ":61:240102C1,001NTRFX\n" + FOOT, None, 5),
        (HEAD + ":61:240102C1e5,00NTRFX\n" + FOOT, None, 5),
        (HEAD + ":61:240102C١٢,00NTRFX\n" + FOOT, None, 5),
        (HEAD + ":61:240102CNaN,NTRFX\n" + FOOT, None, 5),
        (HEAD + ":61:240102C999999999999999,99NTRFX\n" + FOOT, None, 5),
        (HEAD + ":61:240102C9999999999999999,99NTRFX\n" + FOOT, None, 5),
        (HEAD + ":61:241302C1,00NTRFX\n" + FOOT, None, 5),
        (HEAD + ":61:240431C1,00NTRFX\n" + FOOT, None, 5),
        (HEAD + ":61:2401021345C1,00NTRFX\n" + FOOT, None, 5),
        (HEAD + ":61:\n" + FOOT, None, 5),
        (HEAD + FOOT.replace("EUR", "USD"), mt940.MISPLACED, 5),
        (HEAD.replace("EUR", "XXX") + FOOT, None, 4),
        (HEAD.replace("C240101EUR", "240101EUR") + FOOT, None, 4),
        (HEAD.replace("240101", "240199") + FOOT, None, 4),
        (HEAD + ":61:240102C0,00NTRFX\n:86:" + "a" * 140_000 + "\n" + FOOT, mt940.TOO_MUCH, 5),
        (HEAD + ":61:240102C0,00NTRFX\n:86:" + "a\n" * 30_000 + FOOT, mt940.TOO_MUCH, 6),
        (HEAD + "a" * 300_000 + FOOT, TOO_WIDE, 5),
        (HEAD + ":61:240102C0,00NTRFX\n" + ":86:\n" * 90_000 + FOOT, mt940.TOO_MUCH, 5),
        ("a" * 10_000_000, None, 1),
        (HEAD + "\0" + FOOT, None, 5),
    ],
)
def test_what_is_no_statement_is_refused_with_its_row(
    text: str, words: str | None, row: int | None
) -> None:
    error = refused(text)
    assert error.row == row
    assert words is None or error.words == words


def test_texts_are_cleaned_and_cut() -> None:
    found = line("240102C1,00NTRFX", "a\tb\x07  c\u202e\u200bd " + "x" * 3000)
    assert found.text.startswith("a b cd xxx")
    assert len(found.text) == LONGEST


def test_details_before_after_and_between_statements_are_nobodys() -> None:
    text = ":86:before\n" + HEAD + ":86:of the head\n" + FOOT + ":86:after\n"
    assert [type(part) for part in parts(text)] == [Begin, End]


@pytest.mark.faults
def test_a_damaged_file_is_refused_or_its_sums_hold() -> None:
    random = Random(940)
    whole = [file.read_bytes() for file in FILES]
    found = [taken(mt940.read, damaged(random.choice(whole), random)) for _ in range(DAMAGES)]
    # Most accidents are found, and some do not touch what is read.
    refusals = sum(isinstance(one, Unreadable) for one in found)
    assert DAMAGES * 0.3 < refusals < DAMAGES


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_digit_of_every_amount_counts(file: Path) -> None:
    data = file.read_bytes()
    amounts = rb"(?m)^:(?:6[02][FM]?:[CD]\d{6}[A-Z]{3}|61:\d{6,10}[A-Z]{1,3})([\d,]+)"
    for match in re.finditer(amounts, data):
        for place in range(*match.span(1)):
            if data[place : place + 1].isdigit():
                digit = b"%d" % ((int(data[place : place + 1]) + 1) % 10)
                refused(data[:place] + digit + data[place + 1 :])


# Size -----------------------------------------------------------------------------------------


def many(count: int) -> Iterator[bytes]:
    yield HEAD.replace("100,00", "0,00").encode()
    for number in range(count):
        yield b":61:2401020102C1,00NTRFNONREF//B%d\r\n" % number
        yield b":86:166?00GUT?20EREF+GIFT-%d?21SVWZ+Spende?32Erika\r\n" % number
    yield b":62F:C240131EUR%d,00\r\n-\r\n" % count


@pytest.mark.faults
def test_a_long_statement_is_read_in_the_memory_of_a_line() -> None:
    peak, count = peak_of(lambda: checked(mt940.read(Endless(many(LONG)))))
    assert count == LONG
    assert peak < 2**20
