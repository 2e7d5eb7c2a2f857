"""CSV exports in the ways of their banks, whole, damaged and hostile."""

import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import partial
from io import BytesIO
from pathlib import Path
from random import Random

import pytest

from ashar.gateways.statements import csv_columns, csv_lines, texts
from ashar.gateways.statements.base import (
    LONGEST,
    NO_STATEMENT,
    Begin,
    End,
    Line,
    Part,
    Unreadable,
    checked,
)
from ashar.gateways.statements.csv_dates import day_of
from ashar.gateways.statements.csv_lines import Mapping, guess, read, rows
from ashar.gateways.statements.csv_mapping import ENCODINGS
from tests.gateways.statements.damage import (
    DAMAGES,
    LONG,
    Endless,
    corpus,
    damaged,
    peak_of,
    taken,
)
from tests.gateways.statements.table import assert_table

FILES = corpus("csv/*.csv")
#: Files that tell a balance, so that every amount in them is held against something.
BALANCED = [
    file
    for file in FILES
    if '"balance": null' not in file.with_suffix(".mapping.json").read_text("utf-8")
]
PLAIN = Mapping(account="X", currency="EUR", booked="Day", amount="Sum", text=("Text",))


def mapping_of(file: Path) -> Mapping:
    return Mapping.from_json(file.with_suffix(".mapping.json").read_text("utf-8"))


def parts(text: str | bytes, mapping: Mapping = PLAIN) -> list[Part]:
    data = text.encode() if isinstance(text, str) else text
    return list(checked(read(BytesIO(data), mapping)))


def lines(text: str | bytes, mapping: Mapping = PLAIN) -> list[Line]:
    return [part for part in parts(text, mapping) if isinstance(part, Line)]


def refused(text: str | bytes, mapping: Mapping = PLAIN) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        parts(text, mapping)
    assert caught.value.words % caught.value.values
    return caught.value


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_banks_files_are_read_as_somebody_has_read_them(file: Path) -> None:
    with file.open("rb") as opened:
        assert_table(file, checked(read(opened, mapping_of(file))))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_line_ends_change_nothing(file: Path, end: str) -> None:
    mapping = mapping_of(file)
    encoding = "utf-16" if mapping.encoding == "utf-16" else ENCODINGS[mapping.encoding]
    text = file.read_bytes().decode(encoding).replace("\r\n", "\n")
    assert parts(text.replace("\n", end).encode(encoding), mapping) == parts(
        file.read_bytes(), mapping
    )


# Cells ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "form", "day"),
    [
        ("05.03.2024", "dd.mm.yyyy", date(2024, 3, 5)),
        ("5.3.2024", "dd.mm.yyyy", date(2024, 3, 5)),
        ("05.03.2024 23:59", "dd.mm.yyyy", date(2024, 3, 5)),
        ("05.03.24", "dd.mm.yy", date(2024, 3, 5)),
        ("05/03/2024", "dd/mm/yyyy", date(2024, 3, 5)),
        ("03/05/2024", "mm/dd/yyyy", date(2024, 3, 5)),
        ("05-03-2024", "dd-mm-yyyy", date(2024, 3, 5)),
        ("2024-03-05", "yyyy-mm-dd", date(2024, 3, 5)),
        ("2024-03-05 10:11:12", "yyyy-mm-dd", date(2024, 3, 5)),
        ("2024-03-05T10:11:12.123456", "yyyy-mm-dd", date(2024, 3, 5)),
        ("2024/03/05", "yyyy/mm/dd", date(2024, 3, 5)),
        (" 20240305 ", "yyyymmdd", date(2024, 3, 5)),
        ("05.03.24", "dd.mm.yyyy", None),
        ("05.03.2024", "dd.mm.yy", None),
        ("31.02.2024", "dd.mm.yyyy", None),
        ("05.13.2024", "dd.mm.yyyy", None),
        ("05.03.0024", "dd.mm.yyyy", None),
        ("٠٥.٠٣.٢٠٢٤", "dd.mm.yyyy", None),
        ("05.03.2024" + " " * 100, "dd.mm.yyyy", None),
        ("", "dd.mm.yyyy", None),
    ],
)
def test_days_are_read_in_one_stated_form(text: str, form: str, day: date | None) -> None:
    assert day_of(text, form) == day


TWO = replace(PLAIN, amount=None, debit="Out", credit="In")
WAYS = replace(PLAIN, direction="Way", into=("Bij", "C"), out=("Af", "D"))


def test_money_out_has_a_column_of_its_own() -> None:
    text = "Day,Out,In,Text\n2024-01-02,5.00,,a\n2024-01-02,,7.00,b\n2024-01-02,0.00,1,c\n"
    assert [line.minor for line in lines(text, TWO)] == [-500, 700, 100]
    negative = text.replace(",5.00,", ",-5.00,")
    assert refused(negative, TWO).words == csv_columns.NEGATIVE
    assert [line.minor for line in lines(negative, replace(TWO, debits="negative"))][0] == -500
    assert refused(text, replace(TWO, debits="negative")).words == csv_columns.NEGATIVE


def test_a_reversed_gift_stands_in_its_column_with_a_minus() -> None:
    [line] = lines("Day,Out,In,Text\n2024-01-02,,-7.00,b\n", TWO)
    assert line.minor == -700


def test_a_word_tells_which_way_money_went() -> None:
    text = "Day,Way,Sum,Text\n2024-01-02,Af,5.00,a\n2024-01-02, bij ,7.00,b\n2024-01-02,c,1,c\n"
    assert [line.minor for line in lines(text, WAYS)] == [-500, 700, 100]
    assert refused(text.replace("Af", "Weg"), WAYS).words == csv_columns.NO_SIGN
    assert refused(text.replace("5.00", "-5.00"), WAYS).words == csv_columns.NEGATIVE


def test_payer_and_payee_have_columns_of_their_own() -> None:
    mapping = replace(PLAIN, name="Payer", name_out="Payee", iban="From", iban_out="To")
    text = "Day,Sum,Payer,From,Payee,To,Text\n"
    text += "2024-01-02,5.00,Anna,DE1,We,DE9,x\n2024-01-02,-5.00,We,DE9,Bolot,1091 0000,x\n"
    assert [(line.name, line.iban) for line in lines(text, mapping)] == [
        ("Anna", "DE1"),
        ("Bolot", "10910000"),
    ]


def test_an_amount_may_have_its_unit_beside_it() -> None:
    text = 'Day,Sum,Text\n2024-01-02,"1,234.50 EUR",a\n2024-01-02,€ 5,b\n2024-01-02,-5.00 €,c\n'
    assert [line.minor for line in lines(text)] == [123450, 500, -500]
    assert refused(text.replace("€ 5", "$ 5")).row == 3


def test_totals_end_the_table_but_a_donor_who_is_called_so_does_not() -> None:
    mapping = replace(PLAIN, stop=("Total", "Saldo"))
    text = "Text,Day,Sum\nTotal Energies,2024-01-02,5.00\nTotal,,5.00\nanything,;,at all\n"
    assert [line.text for line in lines(text, mapping)] == ["Total Energies"]
    assert refused(text).row == 3


def test_rows_that_are_pending_are_none_yet() -> None:
    mapping = replace(PLAIN, state="State", done=("Done",), undone=("Pending",))
    text = "Day,Sum,State,Text\n2024-01-02,5.00,done,a\n,?,pending,b\n2024-01-02,7.00,DONE,c\n"
    assert [line.minor for line in lines(text, mapping)] == [500, 700]
    for other in ("Maybe", ""):
        assert refused(text.replace("DONE", other), mapping).words == csv_lines.BAD_STATE


def test_charges_come_off_an_amount_and_what_was_sent_is_kept() -> None:
    mapping = replace(PLAIN, charges="Fee")
    text = (
        "Day,Sum,Fee,Text\n2024-01-02,100.00,1.50,a\n2024-01-02,-100.00,1.50,b\n2024-01-02,1,,c\n"
    )
    found = lines(text, mapping)
    assert [line.minor for line in found] == [9850, -10150, 100]
    assert [line.charges for line in found] == [150, 150, 0]
    assert [line.instructed for line in found] == [10000, 10000, None]
    assert refused(text.replace("1.50,a", "-1.50,a"), mapping).words == csv_columns.NEGATIVE


def test_rows_of_another_currency_are_refused() -> None:
    mapping = replace(PLAIN, currency_column="Cur")
    text = "Day,Sum,Cur,Text\n2024-01-02,5.00,EUR,a\n2024-01-02,5.00, eur ,b\n"
    assert len(lines(text, mapping)) == 2
    for other in ("USD", "", "EURO"):
        error = refused(text + f"2024-01-02,5.00,{other},c\n", mapping)
        assert (error.words, error.row) == (csv_lines.OTHER_CURRENCY, 4)


def test_texts_are_kept_as_texts_cleaned_and_cut() -> None:
    text = "Day,Sum,Text\n2024-01-02,5.00,\"=cmd|' /C calc'!A0\n\u202eé\u200b\t;  x\"\n"
    assert lines(text)[0].text == "=cmd|' /C calc'!A0 é ; x"
    assert len(lines(f"Day,Sum,Text\n2024-01-02,5.00,{'long ' * 999}\n")[0].text) == LONGEST - 1


def test_columns_may_be_counted_and_files_may_have_no_heading() -> None:
    mapping = replace(PLAIN, heading=False, booked=1, amount=3, text=(2,), skip=1)
    text = "Account 1\n2024-01-02,a,5.00\n\n2024-01-03,b,6.00\n"
    assert [(line.row, line.minor, line.text) for line in lines(text, mapping)] == [
        (2, 500, "a"),
        (4, 600, "b"),
    ]


# Balances ------------------------------------------------------------------------------------

RUNNING = replace(PLAIN, balance="Left")
OLDEST = (
    "Day,Sum,Left,Text\n2024-01-02,5.00,105.00,a\n2024-01-03,-7.00,,b\n2024-01-04,2.00,100.00,c\n"
)


def test_a_running_balance_tells_what_a_file_opens_and_closes_with() -> None:
    found = parts(OLDEST, RUNNING)
    assert isinstance(found[0], Begin) and found[0].opening == 10000
    assert found[-1] == End(10000, 4, 10000)


def test_the_newest_row_may_be_first() -> None:
    head, *below = OLDEST.splitlines(keepends=True)
    text = head + "".join(reversed(below))
    found = parts(text, replace(RUNNING, order="newest"))
    assert isinstance(found[0], Begin) and found[0].opening is None
    assert found[-1] == End(10000, 4, 10000)
    assert refused(text, RUNNING).words == csv_lines.WRONG_BALANCE
    assert refused(OLDEST, replace(RUNNING, order="newest")).words == csv_lines.WRONG_BALANCE


def test_a_row_that_is_missing_is_found_by_the_balance_after_it() -> None:
    rows = OLDEST.splitlines(keepends=True)
    error = refused("".join(rows[:2] + rows[3:]), RUNNING)
    assert (error.words, error.row) == (csv_lines.WRONG_BALANCE, 3)


def test_a_file_may_have_no_rows() -> None:
    assert parts("Day,Sum,Text\n") == [Begin("X", "EUR"), End(None, 1)]


@pytest.mark.parametrize("file", BALANCED, ids=lambda file: file.stem)
def test_every_digit_of_every_amount_counts(file: Path) -> None:
    """A wrong digit breaks the balances, or what the file opens or closes with is another."""
    mapping, whole = mapping_of(file), file.read_bytes()
    encoding = ENCODINGS[mapping.encoding]
    text = whole.decode(encoding)
    true = ends(parts(whole, mapping))
    for match in re.finditer(r"[\d.,'\u00a0 ]*\d[.,]\d\d?(?![\d.])", text):
        for place in range(*match.span()):
            if text[place].isdigit() and in_amount(text, place, mapping):
                digit = str((int(text[place]) + 1) % 10)
                wrong = (text[:place] + digit + text[place + 1 :]).encode(encoding)
                found = taken(partial(read, mapping=mapping), wrong)
                assert isinstance(found, Unreadable) or ends(found) != true, text[
                    place - 9 : place + 9
                ]


def in_amount(text: str, place: int, mapping: Mapping) -> bool:
    """Tell whether a letter of a file stands in a cell of an amount or a balance."""
    marked = text[:place] + "\ue000" + text[place + 1 :]
    table = list(csv.reader(marked.splitlines()[mapping.skip :], delimiter=mapping.delimiter))
    head = table[0] if mapping.heading else [str(at + 1) for at in range(len(table[0]))]
    told = {str(one) for one in (mapping.amount, mapping.debit, mapping.credit, mapping.balance)}
    below = table[1:] if mapping.heading else table
    return any(
        "\ue000" in cell and head[at].strip() in told
        for row in below
        if not row[0].startswith(mapping.stop or "\ue001")
        if not {one.casefold() for one in row} & {*mapping.undone}
        for at, cell in enumerate(row[: len(head)])
    )


def ends(found: list[Part]) -> tuple[int | None, int | None]:
    end = found[-1]
    assert isinstance(end, End)
    return end.opening, end.closing


# Hostile -------------------------------------------------------------------------------------

GOOD = "Day,Sum,Text\n2024-01-02,5.00,a\n"


@pytest.mark.parametrize(
    ("text", "words", "row"),
    [
        ("", csv_lines.NO_HEADING, None),
        ("\n\n , ,\n", csv_lines.NO_HEADING, None),
        ("Day,Text\n2024-01-02,a\n", csv_columns.NO_COLUMN, 1),
        ("Day,Sum,Sum,Text\n", csv_columns.TWO_COLUMNS, 1),
        (GOOD + "2024-01-03,5.00\n", csv_lines.WRONG_WIDTH, 3),
        (GOOD + "2024-01-03,5.00,a,b\n", csv_lines.WRONG_WIDTH, 3),
        (GOOD + "2024-01-03\n", csv_lines.WRONG_WIDTH, 3),
        (GOOD + "2024-01-32,5.00,a\n", texts.BAD_DATE, 3),
        (GOOD + ",5.00,a\n", texts.BAD_DATE, 3),
        (GOOD + "  ,5.00,a\n", texts.BAD_DATE, 3),
        (GOOD + "=TODAY(),5.00,a\n", texts.BAD_DATE, 3),
        (GOOD + "2024-01-03,,a\n", texts.BAD_AMOUNT, 3),
        (GOOD + "2024-01-03,NaN,a\n", texts.BAD_AMOUNT, 3),
        (GOOD + "2024-01-03,Infinity,a\n", texts.BAD_AMOUNT, 3),
        (GOOD + "2024-01-03,1e5,a\n", texts.BAD_AMOUNT, 3),
        (GOOD + "2024-01-03,١٢,a\n", texts.BAD_AMOUNT, 3),
        (GOOD + "2024-01-03,1.234,a\n", texts.BAD_AMOUNT, 3),
        (GOOD + '2024-01-03,"1,5",a\n', texts.BAD_AMOUNT, 3),
        (GOOD + '2024-01-03,"1.234,50",a\n', texts.BAD_AMOUNT, 3),
        (GOOD + "2024-01-03,=1+1,a\n", texts.BAD_AMOUNT, 3),
        (GOOD + "2024-01-03," + "9" * 40 + ",a\n", texts.BAD_AMOUNT, 3),
        (GOOD + '2024-01-03,5.00,"a\n2024-01-04,5.00,b\n', csv_lines.BAD_QUOTES, 3),
        (GOOD + '2024-01-03,5.00,"a" b\n', csv_lines.BAD_QUOTES, 3),
        (GOOD + "2024-01-03,5.00," + "a" * 131_100 + "\n", texts.TOO_WIDE, 3),
        (GOOD + '2024-01-03,5.00,"' + "a\n" * 70_000 + '"\n', csv_lines.BAD_QUOTES, 3),
        (GOOD + "2024-01-03,5.00," + "a" * 9_000_000, texts.TOO_WIDE, 3),
        ("a" * 9_000_000, texts.TOO_WIDE, 1),
        (GOOD + "2024-01-03,5.00,a\0b\n", texts.NOT_TEXT, 3),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_row(
    text: str, words: str | None, row: int | None
) -> None:
    error = refused(text)
    assert error.row == row
    assert words is None or error.words == words


def test_bytes_of_another_encoding_are_refused_with_their_row() -> None:
    cyrillic = GOOD + "2024-01-03,5.00,Айгуль\n"
    assert refused(cyrillic.encode("cp1251")).row == 3
    assert refused(cyrillic.encode("utf-16")).row == 1
    assert refused(cyrillic.encode("utf-16-be"), replace(PLAIN, encoding="utf-16")).row == 1
    assert refused(cyrillic.encode("utf-16")[:-1], replace(PLAIN, encoding="utf-16")).row == 3
    assert refused(cyrillic.encode()[:-2]).row == 3
    wrong = replace(PLAIN, encoding="windows-1251", text=("Ünïq",))
    assert refused(GOOD.replace("Text", "Ünïq").encode(), wrong).words == csv_columns.NO_COLUMN


def test_two_amounts_on_a_row_are_refused() -> None:
    text = "Day,Out,In,Text\n2024-01-02,5.00,7.00,a\n"
    assert refused(text, TWO).words == csv_columns.BOTH
    assert refused("Day,Out,In,Text\n2024-01-02,,,a\n", TWO).words == texts.BAD_AMOUNT


def test_a_file_without_a_heading_has_to_have_rows_and_all_columns() -> None:
    mapping = replace(PLAIN, heading=False, booked=1, amount=2, text=(3,))
    assert refused("\n\n", mapping).words == NO_STATEMENT
    assert refused("2024-01-02,5.00\n", mapping).words == csv_columns.NO_COLUMN


@pytest.mark.faults
def test_a_damaged_file_is_refused_or_its_sums_hold() -> None:
    random = Random(4180)
    whole = [(file.read_bytes(), mapping_of(file)) for file in FILES]
    refusals = 0
    for _ in range(DAMAGES):
        data, mapping = random.choice(whole)
        data = damaged(data, random)
        refusals += isinstance(taken(partial(read, mapping=mapping), data), Unreadable)
        assert guess(data) is None or guess(data, mapping.account, mapping.currency)
        rows(data, mapping)
    # Most accidents are found where a balance is told, and some do not touch what is read.
    assert DAMAGES * 0.2 < refusals < DAMAGES


# Size ----------------------------------------------------------------------------------------


def many(count: int) -> Iterator[bytes]:
    yield b"Day,Sum,Left,Text\n"
    for number in range(1, count + 1):
        yield b'2024-01-02,1.00,%d.00,"a gift, number %d"\r\n' % (number, number)


@pytest.mark.faults
def test_a_long_file_is_read_in_the_memory_of_a_row() -> None:
    peak, count = peak_of(lambda: checked(read(Endless(many(LONG)), RUNNING)))  # type: ignore[arg-type]
    assert count == LONG
    assert peak < 2 * 2**20
