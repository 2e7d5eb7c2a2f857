"""Random files, written as banks do and read again."""

import csv
import io
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ashar.gateways.statements.base import (
    Begin,
    End,
    Line,
    Part,
    Unreadable,
)
from ashar.gateways.statements.csv_dates import DATES
from ashar.gateways.statements.csv_lines import Mapping, read
from ashar.gateways.statements.csv_mapping import ENCODINGS
from ashar.gateways.statements.texts import cleaned
from ashar.kernel.money import EXPONENTS, minor_to_decimal
from tests.gateways.statements.damage import (
    taken,
)
from tests.gateways.statements.test_csv_lines import ends, parts

ALPHABETS = {
    "windows-1251": "абвгдежзийклмнопрстуфхцчшщъыьэюяABC 019.,;|\"'=+@-\n\t№",
    "windows-1252": "abcäöüßéèœ ABC 019.,;|\"'=+@-\n\t€",
    "iso-8859-1": "abcäöüßéè ABC 019.,;|\"'=+@-\n\t",
    "iso-8859-15": "abcäöüßéèœ ABC 019.,;|\"'=+@-\n\t€",
}
ANY = "abcүөң漢字 ABC 019.,;|\"'=+@-\n\t😀\u00a0\u2028"


@st.composite
def mappings(draw: Any) -> Mapping:
    decimal, quote = draw(st.sampled_from(".,")), draw(st.sampled_from(["'", '"', ""]))
    way = draw(st.sampled_from(["signed", "two", "negative", "word"]))
    told: dict[str, Any] = {"amount": "Sum"}
    if way in {"two", "negative"}:
        debits = "negative" if way == "negative" else "positive"
        told = {"debit": "Out", "credit": "In", "debits": debits}
    elif way == "word":
        told |= {"direction": "Way", "into": ("H", "Haben"), "out": ("S",)}
    return Mapping(
        account="CH9300762011623852957",
        currency=draw(st.sampled_from(sorted(EXPONENTS))),
        booked="Buchung",
        encoding=draw(st.sampled_from(sorted(ENCODINGS))),
        # Without quotation marks no comma can be in an amount.
        delimiter=draw(st.sampled_from(",;\t|" if quote else ";\t|")),
        quote=quote,
        skip=draw(st.integers(0, 4)),
        dates=draw(st.sampled_from(sorted(DATES))),
        decimal=decimal,
        thousands=draw(st.sampled_from([None, "", "'", " ", ".,".replace(decimal, "")])),
        valued=draw(st.sampled_from(["Valuta", None])),
        name="Name",
        iban="IBAN",
        bank_reference="Ref",
        end_to_end="E2E",
        text=("Text", "More"),
        balance=draw(st.sampled_from(["Saldo", None])),
        order=draw(st.sampled_from(["oldest", "newest"])),
        **told,
    )


@st.composite
def movements(draw: Any, mapping: Mapping) -> list[Line]:
    letters = ALPHABETS.get(mapping.encoding, ANY)
    if not mapping.quote:
        letters = "".join(one for one in letters if one not in f"{mapping.delimiter}\n\"'")
    texts = st.text(letters, max_size=30)
    days = st.dates(date(2000, 1, 1), date(2099, 12, 31))
    found = []
    for _ in range(draw(st.integers(0, 5))):
        found.append(
            Line(
                row=0,
                booked=draw(days),
                valued=draw(days) if mapping.valued else None,
                minor=draw(st.integers(-(10**8), 10**8)),
                currency=mapping.currency,
                name=draw(texts),
                iban=draw(st.sampled_from(["", "DE02120300000000202051", "1091000099999901"])),
                bank_reference=draw(st.text("ABC0123", max_size=9)),
                end_to_end=draw(st.text("XYZ0123", max_size=9)),
                text=draw(texts),
            )
        )
    return found


def day_text(day: date, form: str) -> str:
    for name, digits in (("yyyy", f"{day:%Y}"), ("yy", f"{day:%y}"), ("mm", f"{day:%m}")):
        form = form.replace(name, digits)
    return form.replace("dd", f"{day:%d}")


def sum_text(minor: int, mapping: Mapping) -> str:
    whole, _, part = minor_to_decimal(abs(minor), mapping.currency).partition(".")
    group = mapping.grouping[:1]
    text = f"{int(whole):,}".replace(",", group) + (mapping.decimal + part if part else "")
    return f"-{text}" if minor < 0 else text


def cells_of(line: Line, left: int, mapping: Mapping) -> dict[str, str]:
    sum_, plain = sum_text(line.minor, mapping), sum_text(abs(line.minor), mapping)
    out = line.minor < 0
    return {
        "Buchung": day_text(line.booked, mapping.dates),
        "Valuta": day_text(line.valued, mapping.dates) if line.valued else "",
        "Sum": plain if mapping.direction else sum_,
        "Way": "s" if out else "HABEN",
        "Out": (sum_ if mapping.debits == "negative" else plain) if out else "",
        "In": "" if out else plain,
        "Name": line.name,
        "IBAN": line.iban,
        "Ref": line.bank_reference,
        "E2E": line.end_to_end,
        "Text": line.text,
        "More": "more",
        "Saldo": sum_text(left, mapping),
    }


def table_of(table: list[list[str]], mapping: Mapping) -> tuple[str, list[int]]:
    """Return rows as a CSV, and the lines on which each of them begins."""
    text, starts = "preamble; with,any|thing\n" * mapping.skip, []
    for cells in table:
        starts.append(text.count("\n") + 1)
        if mapping.quote:
            out = io.StringIO()
            writer = csv.writer(
                out, delimiter=mapping.delimiter, quotechar=mapping.quote, lineterminator="\n"
            )
            writer.writerow(cells)
            text += out.getvalue()
        else:
            text += mapping.delimiter.join(cells) + "\n"
    return text, starts


def written(mapping: Mapping, opening: int, lines: list[Line]) -> tuple[bytes, list[Part]]:
    """Write a file, oldest row first as `lines` are; return it with what has to be read."""
    left, table = opening, []
    for line in lines:
        left += line.minor
        table.append(cells_of(line, left, mapping))
    if mapping.order == "newest":
        table, lines = table[::-1], lines[::-1]
    heading = [*cells_of(Line(1, date(2024, 1, 1), 0, mapping.currency), 0, mapping)]
    text, starts = table_of([heading, *([*row.values()] for row in table)], mapping)
    known = mapping.balance is not None and bool(lines)
    expected: list[Part] = [
        replace(
            line,
            row=start,
            name=cleaned(line.name),
            text=cleaned(f"{line.text} more"),
        )
        for line, start in zip(lines, starts[1:], strict=True)
    ]
    head = Begin(
        mapping.account,
        mapping.currency,
        opening=opening if known and mapping.order == "oldest" else None,
    )
    end = End(left, starts[-1], opening) if known else End(None, starts[-1] if lines else 1)
    return text.encode(ENCODINGS[mapping.encoding]), [head, *expected, end]


@st.composite
def files(draw: Any) -> tuple[Mapping, int, list[Line]]:
    mapping = draw(mappings())
    return mapping, draw(st.integers(-(10**8), 10**8)), draw(movements(mapping))


@given(files())
def test_what_is_written_is_read_again(file: tuple[Mapping, int, list[Line]]) -> None:
    data, expected = written(*file)
    assert parts(data, file[0]) == expected


@given(files(), st.data())
def test_one_wrong_digit_of_an_amount_is_found(file: Any, data: Any) -> None:
    mapping, opening, lines = file
    if mapping.balance is None or not lines:
        return
    true, _ = written(mapping, opening, lines)
    at = data.draw(st.integers(0, len(lines) - 1))
    text = minor_to_decimal(abs(lines[at].minor), mapping.currency)
    place = data.draw(st.sampled_from([place for place, one in enumerate(text) if one != "."]))
    digit = data.draw(st.sampled_from(sorted(set("0123456789") - {text[place]})))
    wrong = int((text[:place] + digit + text[place + 1 :]).replace(".", ""))
    changed = replace(lines[at], minor=-wrong if lines[at].minor < 0 else wrong)
    found = taken(partial(read, mapping=mapping), rewritten(mapping, opening, lines, at, changed))
    assert isinstance(found, Unreadable) or ends(found) != ends(parts(true, mapping))


def rewritten(mapping: Mapping, opening: int, lines: list[Line], at: int, other: Line) -> bytes:
    """Write a file with one row's amount changed and every balance as it was."""
    left, table = opening, []
    for number, line in enumerate(lines):
        left += line.minor
        table.append(cells_of(other if number == at else line, left, mapping))
    heading = [*table[0]]
    if mapping.order == "newest":
        table = table[::-1]
    text, _ = table_of([heading, *([*row.values()] for row in table)], mapping)
    return text.encode(ENCODINGS[mapping.encoding])
