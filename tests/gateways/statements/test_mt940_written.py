"""Random statements, written in three dialects and read again."""

import re
import textwrap
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ashar.gateways.statements.base import (
    Begin,
    End,
    Line,
    Part,
)
from ashar.kernel.money import EXPONENTS, minor_to_decimal
from tests.gateways.statements.test_mt940 import parts, refused

LETTERS = st.characters(codec="latin-1", categories=("Ll", "Nd"), exclude_characters="ª²³¹ºß")
WORD = st.text(LETTERS, min_size=1, max_size=12)
TEXT = st.lists(WORD, min_size=1, max_size=20).map(" ".join)
ID = st.text("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789-", min_size=1, max_size=16).map("G".__add__)
DAY = st.dates(date(2000, 1, 5), date(2079, 12, 25))
KINDS = st.sampled_from(["NTRF", "NMSC", "FCHG", "S103", "N051"])


@st.composite
def lines(draw: Any, currency: str) -> Line:
    booked = draw(DAY)
    return Line(
        row=0,
        booked=booked,
        valued=booked + timedelta(draw(st.integers(-90, 90))),
        minor=draw(st.integers(-(10**9), 10**9)),
        currency=currency,
        bank_reference=draw(ID),
        end_to_end=draw(ID),
        name=draw(TEXT)[:50].strip(),
        iban="DE02120300000000202051",
        bic="BYLADEM1001",
        text=draw(TEXT),
        kind=draw(KINDS),
    )


@st.composite
def statements(draw: Any) -> tuple[Begin, list[Line]]:
    currency = draw(st.sampled_from(sorted(EXPONENTS)))
    opening = draw(st.integers(-(10**9), 10**9))
    head = Begin("CH9300762011623852957", currency, draw(st.just("1/1")), opening=opening)
    return head, draw(st.lists(lines(currency), max_size=6))


def balance(tag: str, minor: int, currency: str) -> str:
    return f":{tag}:{'D' if minor < 0 else 'C'}240101{currency}{amount(minor, currency)}"


def amount(minor: int, currency: str) -> str:
    text = minor_to_decimal(abs(minor), currency).replace(".", ",")
    return text if "," in text else text + ","


def wrapped(text: str) -> list[str]:
    return [text[start : start + 65] for start in range(0, len(text), 65)]


def german(one: Line) -> list[str]:
    purposes = [f"EREF+{one.end_to_end}", f"SVWZ+{one.text}"]
    chunks = [text[at : at + 27] for text in purposes for at in range(0, len(text), 27)]
    keys = [*range(20, 30), *range(60, 64)]
    numbered = (f"?{key}{chunk}" for key, chunk in zip(keys, chunks, strict=False))
    name = f"?32{one.name[:27]}?33{one.name[27:]}"
    return wrapped(f"166?00GUT?10931{''.join(numbered)}?30{one.bic}?31{one.iban}{name}")


def dutch(one: Line) -> list[str]:
    who = f"/CNTP/{one.iban}/{one.bic}/{one.name}///"
    return wrapped(f"/EREF/{one.end_to_end}/{who}REMI/USTD//{one.text}/")


def free(one: Line) -> list[str]:
    head = f"AUFTRAGGEBER: {one.name}"
    return [head, f"END-TO-END: {one.end_to_end}", *textwrap.wrap(f"MOTIF: {one.text}", 65)]


DIALECTS = {"german": german, "dutch": dutch, "free": free}


def told(one: Line, dialect: str) -> Line:
    """Return a line as far as a dialect tells it."""
    if dialect == "german":
        most = 27 * (14 - (len(one.end_to_end) > 22) - 1) - 5
        return replace(one, text=one.text[:most].strip(), kind=f"{one.kind}/166")
    if dialect == "dutch":
        return one
    text = f"AUFTRAGGEBER: {one.name} END-TO-END: {one.end_to_end} MOTIF: {one.text}"
    return replace(one, iban="", bic="", text=text)


def written(head: Begin, movements: list[Line], dialect: str) -> tuple[bytes, list[Part]]:
    """Write a statement; return it with what has to be read of it."""
    opening, currency = head.opening or 0, head.currency
    rows = [
        ":20:X",
        f":25:{head.account}",
        f":28C:{head.number}",
        balance("60F", opening, currency),
    ]
    expected: list[Part] = [head]
    for one in movements:
        expected.append(replace(told(one, dialect), row=len(rows) + 1))
        mark = "D" if one.minor < 0 else "C"
        assert one.valued is not None
        days = f"{one.valued:%y%m%d}{one.booked:%m%d}"
        sum_ = amount(one.minor, currency)
        rows.append(f":61:{days}{mark}{sum_}{one.kind}NONREF//{one.bank_reference}")
        first, *more = DIALECTS[dialect](one)
        rows += [f":86:{first}", *more]
    closing = opening + sum(one.minor for one in movements)
    rows += [balance("62F", closing, currency), "-", ""]
    return "\r\n".join(rows).encode("latin-1"), [*expected, End(closing, len(rows) - 2)]


@given(statements(), st.sampled_from(sorted(DIALECTS)))
def test_what_is_written_is_read_again(statement: tuple[Begin, list[Line]], dialect: str) -> None:
    data, expected = written(*statement, dialect)
    assert parts(data) == expected


@given(statements(), st.data())
def test_one_wrong_digit_of_an_amount_is_found(statement: Any, data: Any) -> None:
    text = written(*statement, "german")[0].decode("latin-1")
    amounts = re.finditer(r"^:6[0-2]F?:[^,]*?(\d+,\d*)(?=N|F|S|\r)", text, re.M)
    places = [place for match in amounts for place in range(*match.span(1)) if text[place] != ","]
    place = data.draw(st.sampled_from(places))
    digit = data.draw(st.sampled_from(sorted(set("0123456789") - {text[place]})))
    refused((text[:place] + digit + text[place + 1 :]).encode("latin-1"))
