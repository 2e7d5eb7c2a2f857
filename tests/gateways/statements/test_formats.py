"""Telling formats apart by how a file begins."""

from functools import partial

import pytest

from ashar.gateways.statements import csv_lines, formats, mt940
from ashar.gateways.statements.base import Format
from ashar.gateways.statements.formats import ENOUGH, format_of, reader
from tests.gateways.statements.damage import corpus
from tests.gateways.statements.test_csv_lines import PLAIN

CAMT = '<?xml version="1.0"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.05{}.001.08">'


@pytest.mark.parametrize("file", corpus("mt940/*.sta"), ids=lambda file: file.stem)
def test_mt940_is_told_by_its_tags(file: object) -> None:
    assert format_of(file.read_bytes()[:ENOUGH]) == "mt940"  # type: ignore[attr-defined]


@pytest.mark.parametrize("file", corpus("csv/*.csv"), ids=lambda file: file.stem)
def test_a_table_is_a_csv(file: object) -> None:
    assert format_of(file.read_bytes()[:ENOUGH]) == "csv"  # type: ignore[attr-defined]


@pytest.mark.parametrize("number", [2, 3, 4])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_camt_is_told_by_its_namespace(number: int, encoding: str) -> None:
    assert format_of(CAMT.format(number).encode(encoding)) == "camt"
    assert format_of(b"\r\n  " + CAMT.format(number).encode()) == "camt"


@pytest.mark.parametrize(
    ("start", "format"),
    [
        (b"{1:F01X}{2:I940X}{4:\r\n:20:A\r\n", "mt940"),
        (b"{1:F01X}{2:I940X}{4::20:A", "mt940"),
        (b"\xef\xbb\xbf:20:A\n", "mt940"),
        (b":940:\r:20:A\r", "mt940"),
        (b"Date,Amount\n2024-01-02,5.00\n", "csv"),
        (b"text :20: inside,1\n", "csv"),
        (CAMT.format(9).encode(), None),
        (b"<html><body>camt</body></html>", None),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><Document xmlns="urn:x">', None),
        (b"%PDF-1.7 a;b;c", None),
        (b"PK\x03\x04 a;b;c", None),
        (b'{"a": 1, "b": 2}', None),
        (b"\x89PNG\r\n\x1a\n\0\0;", None),
        (b"one word", None),
        (b"", None),
    ],
)
def test_other_beginnings(start: bytes, format: Format | None) -> None:
    assert format_of(start) == format


def test_each_format_has_its_reader() -> None:
    assert reader("mt940") is mt940.read
    found = reader("csv", PLAIN)
    assert isinstance(found, partial)
    assert found.func is csv_lines.read and found.keywords == {"mapping": PLAIN}
    with pytest.raises(ValueError):
        reader("csv")


def test_no_reader_is_loaded_before_it_is_asked_for() -> None:
    assert not {"mt940", "camt", "csv_lines"} & set(vars(formats))
