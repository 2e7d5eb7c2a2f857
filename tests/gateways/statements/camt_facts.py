"""Hypothesis draws statements of banks: what `camt_writer` writes and the reader has to find."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from ashar.gateways.statements.base import Begin, Line
from tests.gateways.statements.camt_writer import Entry, Statement

CURRENCIES = ("CHF", "EUR", "KGS", "JPY", "KWD", "USD")
MINORS = st.integers(1, 10**8)
DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
WORD = st.text(
    st.sampled_from("abcxyzABCXYZäöüßéçąžАБВгдеёңөүҮ0189.,:;/&<>'\"%-+()€—字😀"),
    min_size=1,
    max_size=9,
)
WORDS = st.lists(WORD, max_size=9).map(" ".join)
CODE = st.text("ABCXYZ0189-", min_size=6, max_size=20)
IBANS = st.sampled_from(
    [
        "CH5709995000000000101",
        "DE66999999040000000001",
        "NL85FAKE0100000101",
        "9990000000000001",
        "",
    ]
)
KINDS = st.sampled_from(["PMNT/RCDT/ESCT", "PMNT/ICDT/DMCT", "ACMT/MDOP/CHRG", "NTRF+166+9310", ""])
MOMENTS = st.builds(
    lambda moment, hours: moment.replace(tzinfo=timezone(timedelta(hours=hours))),
    st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)),
    st.integers(-11, 11),
) | st.just(datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None))


@st.composite
def sums(draw: Any, currency: str) -> dict[str, Any]:
    """Draw what the payer sent and what a bank kept; often neither."""
    told: dict[str, Any] = {}
    if draw(st.integers(0, 3)) == 0:
        told |= {
            "instructed": draw(MINORS),
            "instructed_currency": draw(st.sampled_from(CURRENCIES)),
        }
    if draw(st.integers(0, 3)) == 0:
        told |= {"charges": draw(MINORS), "charges_currency": currency}
    return told


@st.composite
def lines(draw: Any, currency: str, detailed: bool) -> Line:
    """Draw a line: with all that details tell, or with what an entry alone does."""
    line = Line(
        row=0,
        booked=draw(DAYS),
        minor=draw(MINORS) * draw(st.sampled_from([1, -1])),
        currency=currency,
        valued=draw(st.none() | DAYS),
        bank_reference=draw(CODE | st.just("")),
        text=draw(WORDS),
        kind=draw(KINDS),
        **draw(sums(currency)),
    )
    if not detailed:
        return replace(line, size=draw(st.sampled_from([1, 1, 2, 500])))
    return replace(
        line,
        reference=draw(CODE | st.just("")),
        end_to_end=draw(CODE | st.just("")),
        name=draw(WORDS),
        iban=draw(IBANS),
        bic=draw(st.sampled_from(["FAKECHZZXXX", "TESTDE55", ""])),
    )


@st.composite
def entries(draw: Any, currency: str, version: str) -> Entry:
    """Draw an entry: a single one, given back at times, or a collective one with its parts."""
    booked = draw(st.integers(0, 5)) > 0
    count = draw(st.sampled_from([1, 1, 1, 2, 3]))
    if count == 1:
        detailed = draw(st.booleans())
        line = draw(lines(currency, detailed))
        if detailed and line.name and draw(st.integers(0, 3)) == 0:
            line = replace(line, returned=True, reason=draw(st.sampled_from(["AC04", "MD06", ""])))
        return Entry((line,), detailed, booked)
    reference = f"BATCH {draw(st.integers(1, 999))}"
    first = draw(lines(currency, True))
    parts = [first, *(draw(lines(currency, True)) for _ in range(count - 1))]
    shared = {"booked": first.booked, "valued": first.valued, "kind": first.kind}
    parts = [replace(part, batch=reference, **shared) for part in parts]
    if version == "02":
        # It has no place for a sign of a part.
        sign = 1 if first.minor > 0 else -1
        parts = [replace(part, minor=sign * abs(part.minor)) for part in parts]
    return Entry(tuple(parts), True, booked, reference)


@st.composite
def statements(draw: Any, version: str, posts: bool) -> Statement:
    """Draw a statement, at times in pages."""
    currency = draw(st.sampled_from(CURRENCIES))
    since = draw(st.none() | DAYS)
    begin = Begin(
        account=draw(st.sampled_from(["CH9509999000150000017", "9990000000000099"])),
        currency=currency,
        number=draw(CODE),
        sequence=draw(st.sampled_from(["", "1", "260"])),
        since=since,
        until=since and since + timedelta(draw(st.integers(0, 40))),
        opening=draw(st.integers(-(10**9), 10**9)) if posts else None,
        made_at=draw(MOMENTS),
        posts=posts,
    )
    drawn = tuple(draw(st.lists(entries(currency, version), max_size=6)))
    breaks = draw(st.sets(st.integers(0, len(drawn)), max_size=2))
    return Statement(begin, drawn, tuple(sorted(breaks)))
