"""Proposals how a file may be read, for a person to correct."""

from dataclasses import replace
from pathlib import Path

import pytest

from ashar.gateways.statements.csv_lines import guess, rows
from tests.gateways.statements.test_csv_lines import FILES, mapping_of

#: What a person has to correct: what the sample does not show.
CORRECTED = {
    "credit-modele": {"encoding": "iso-8859-15"},
    "rabobank": {"kind": "Code"},
}


@pytest.mark.parametrize(
    "file", [file for file in FILES if file.stem != "headless"], ids=lambda file: file.stem
)
def test_a_proposal_reads_each_banks_file(file: Path) -> None:
    mapping = mapping_of(file)
    found = guess(file.read_bytes(), mapping.account, mapping.currency)
    assert found is not None
    assert replace(found, **CORRECTED.get(file.stem, {})) == mapping


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_preview_shows_the_first_rows_of_a_sample_that_ends_anywhere(file: Path) -> None:
    data, mapping = file.read_bytes(), mapping_of(file)
    whole = rows(data, mapping)
    assert all("�" not in cell for row in whole for cell in row)
    if mapping.heading:
        assert set(filter(lambda one: isinstance(one, str), mapping.text)) <= set(whole[0])
    for end in range(0, len(data), 7):
        shown = rows(data[:end], mapping)
        assert len(shown) <= max(len(whole), 1)


def test_no_proposal_is_made_of_what_is_not_known() -> None:
    for sample in (
        b"",
        b"\0\0",
        b"a;b;c\n1;2;3\n",
        b"Datum;Text\n1;2\n",
        b"%PDF-1.7 x",
        b"\xff\xfe",
    ):
        assert guess(sample) is None
    assert guess(b"a,b\n" * 100_000) is None


def test_a_currency_is_proposed_where_the_file_names_one() -> None:
    assert guess("Датум;Сумма\n".encode("cp1251")) is None
    for head, currency in (
        ("Date,Amount,Currency\n2024-01-02,5.00,USD\n", "USD"),
        ("Datum;Betrag in CHF\n02.01.2024;5.00\n", "CHF"),
        ("Валюта счета: KGS;\nДата;Сумма\n02.01.2024;5,00\n", "KGS"),
        ("Datum,Bedrag,Valuta\n02-01-2024,5.00,GBP\n", "GBP"),
        ("Date,Amount\n01/02/2024,5.00\n", "EUR"),
    ):
        found = guess(head.encode())
        assert found is not None and found.currency == currency


@pytest.mark.parametrize(
    ("days", "form"),
    [
        ("01/02/2024 03/02/2024", "dd/mm/yyyy"),
        ("01/02/2024 01/13/2024", "mm/dd/yyyy"),
        ("13.01.24 14.01.24", "dd.mm.yy"),
        ("20240102 20240103", "yyyymmdd"),
    ],
)
def test_a_day_stands_before_its_month_unless_it_cannot(days: str, form: str) -> None:
    sample = "Date;Amount\n" + "".join(f"{day};5,00\n" for day in days.split())
    found = guess(sample.encode())
    assert found is not None and found.dates == form
