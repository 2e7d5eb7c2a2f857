"""Statements of ISO 20022: as banks of several countries write them, and as nobody should."""

import io
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashar.gateways.statements import camt, camt_entry, camt_head, camt_values, camt_xml
from ashar.gateways.statements.base import (
    LONGEST,
    NO_STATEMENT,
    WRONG_SUM,
    Begin,
    End,
    Line,
    Part,
    Unreadable,
    checked,
)
from tests.gateways.statements.camt_facts import statements
from tests.gateways.statements.camt_table import assert_table
from tests.gateways.statements.camt_writer import VERSIONS, message

CORPUS = sorted((Path(__file__).parent / "corpus" / "camt").glob("*.xml"))


def parts_of(content: bytes) -> list[Part]:
    return list(checked(camt.read(io.BytesIO(content))))


def lines_of(content: bytes) -> list[Line]:
    return [part for part in parts_of(content) if isinstance(part, Line)]


@pytest.mark.parametrize("file", CORPUS, ids=lambda file: file.stem)
def test_a_statement_is_read_as_somebody_has_read_it(file: Path) -> None:
    with file.open("rb") as opened:
        assert_table(file, checked(camt.read(opened)))


@pytest.mark.parametrize("posts", [True, False], ids=["053", "054"])
@pytest.mark.parametrize("version", VERSIONS)
@given(data=st.data())
def test_what_is_written_is_read(version: str, posts: bool, data: Any) -> None:
    told = data.draw(st.lists(statements(version, posts), min_size=1, max_size=3))
    content, parts = message(told, version, posts)
    assert parts_of(content) == parts


def test_a_file_may_come_in_any_portions() -> None:
    content = CORPUS[-1].read_bytes() + b" " * camt_xml.CHUNK
    assert list(camt.read(Portions(content))) == parts_of(content)


class Portions(io.BytesIO):
    """A file that hands out a few bytes at a time."""

    def read(self, size: int | None = -1) -> bytes:
        """Return less than was asked for."""
        return super().read(min(size or 0, 613))


# Single things -----------------------------------------------------------------------------


SPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
ENTRY = """<Ntry>
<Amt Ccy="EUR">5.00</Amt>
<CdtDbtInd>CRDT</CdtDbtInd>
<Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>2026-03-05</Dt></BookgDt>
<AcctSvcrRef>B-1</AcctSvcrRef>
<BkTxCd/>
{details}
</Ntry>"""
WHOLE = """<Document xmlns="{space}">
<BkToCstmrStmt>
<Stmt>
<Id>1</Id>
<Acct><Id><IBAN>DE66999999040000000001</IBAN></Id><Ccy>EUR</Ccy></Acct>
{balances}
{entries}
</Stmt>
</BkToCstmrStmt>
</Document>
"""
#: The rows on which the only entry begins, and its only detail.
ROW, DETAIL = 7, 14


def balance(code: str, amount: str) -> str:
    """Return a balance on one row."""
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>'
    )


def whole(
    entries: str | None = None, *, details: str = "", balances: str = "", space: str = SPACE
) -> str:
    """Return a statement that is fine, but for what is to be put into it."""
    told = ENTRY.format(details=details) if entries is None else entries
    return WHOLE.format(space=space, balances=balances, entries=told)


def only(details: str, **changes: str) -> Line:
    """Return the only line of a statement of one entry with these details."""
    text = whole(details=details)
    for old, new in changes.items():
        text = text.replace(f"<{old}/>", new)
    [line] = lines_of(text.encode())
    return line


def test_texts_are_one_line_without_control_characters_and_not_endless() -> None:
    ustrd = f"<Ustrd>\u202e\n a\u0085b\tc {'x' * 5000}</Ustrd>"
    line = only(f"<NtryDtls><TxDtls><RmtInf>{ustrd}</RmtInf></TxDtls></NtryDtls>")
    assert line.text == ("a b c " + "x" * 5000)[:LONGEST]


def test_a_text_of_endless_lines_is_read_in_no_time() -> None:
    ustrd = f"<Ustrd>{'x' * 139}</Ustrd>" * 60_000
    line = only(f"<NtryDtls><TxDtls><RmtInf>{ustrd}</RmtInf></TxDtls></NtryDtls>")
    assert len(line.text) == LONGEST


def test_account_numbers_are_read_without_spaces() -> None:
    text = whole().replace("DE66999999040000000001", " DE66 9999 9904 0000 0000 01\n")
    [begin, *_] = parts_of(text.encode())
    assert isinstance(begin, Begin)
    assert begin.account == "DE66999999040000000001"


@pytest.mark.parametrize(
    ("told", "opening", "closing"),
    [
        ("OPBD CLBD", 100, 600),
        ("PRCD CLBD", 100, 600),
        ("OPBD ITBD", 100, 600),
        ("ITBD CLBD", 100, 600),
        ("ITBD ITBD", 100, 600),
        ("PRCD ITBD", 100, 600),
        ("OPBD OPAV", 100, None),
        ("ITAV CLBD", None, 600),
        ("CLAV ITBD", None, None),
        ("XPCD INFO", None, None),
    ],
)
def test_balances_open_and_close_by_what_they_are(
    told: str, opening: int | None, closing: int | None
) -> None:
    first, last = told.split()
    text = whole(balances=balance(first, "1.00") + balance(last, "6.00"))
    [begin, _, end] = parts_of(text.encode())
    assert isinstance(begin, Begin) and isinstance(end, End)
    assert (begin.opening, end.closing) == (opening, closing)


def test_a_balance_before_the_last_opens_only_where_no_opening_is_told() -> None:
    text = whole(balances=balance("PRCD", "9.00") + balance("OPBD", "1.00") + balance("CLBD", "6"))
    [begin, *_] = parts_of(text.encode())
    assert isinstance(begin, Begin) and begin.opening == 100


def test_a_collective_entry_whose_only_detail_speaks_for_all_stays_one_line() -> None:
    line = only("<NtryDtls><Btch><NbOfTxs>0012</NbOfTxs></Btch><TxDtls/></NtryDtls>")
    assert (line.size, line.minor, line.bank_reference) == (12, 500, "B-1")


def test_batches_of_an_entry_are_counted_together() -> None:
    batch = "<NtryDtls><Btch><NbOfTxs>{}</NbOfTxs></Btch></NtryDtls>"
    assert only(batch.format(2) + batch.format(3)).size == 5


@pytest.mark.parametrize(
    ("charges", "told"),
    [
        ('<Rcrd><Amt Ccy="EUR">1.5</Amt></Rcrd><Rcrd><Amt Ccy="EUR">2</Amt></Rcrd>', (350, "EUR")),
        ('<Rcrd><Amt Ccy="USD">1.5</Amt></Rcrd>', (150, "USD")),
        ('<Rcrd><Amt Ccy="USD">1</Amt></Rcrd><Rcrd><Amt Ccy="EUR">2</Amt></Rcrd>', (200, "EUR")),
        ('<TtlChrgsAndTaxAmt Ccy="EUR">3</TtlChrgsAndTaxAmt>', (300, "EUR")),
        ('<Rcrd><Amt Ccy="EUR">1</Amt><ChrgInclInd>false</ChrgInclInd></Rcrd>', (0, "")),
        ('<Rcrd><Amt Ccy="EUR">1</Amt><CdtDbtInd>CRDT</CdtDbtInd></Rcrd>', (0, "")),
        ('<Rcrd><Amt Ccy="EUR">0.00</Amt></Rcrd>', (0, "")),
        ('<Rcrd><Amt Ccy="XAU">1</Amt></Rcrd>', (0, "")),
    ],
)
def test_charges_are_what_was_kept_of_a_transfer(charges: str, told: tuple[int, str]) -> None:
    line = only(f"<NtryDtls><TxDtls><Chrgs>{charges}</Chrgs></TxDtls></NtryDtls>")
    assert (line.charges, line.charges_currency) == told


def test_a_sum_sent_in_a_currency_unknown_here_is_left_out() -> None:
    details = '<AmtDtls><InstdAmt><Amt Ccy="INR">5</Amt></InstdAmt></AmtDtls>'
    line = only(f"<NtryDtls><TxDtls>{details}</TxDtls></NtryDtls>")
    assert (line.instructed, line.instructed_currency) == (None, "")


def test_parts_may_be_told_in_the_currency_of_the_payer_as_well() -> None:
    part = (
        '<TxDtls><Amt Ccy="USD">{}</Amt><AmtDtls><CntrValAmt><Amt Ccy="EUR">{}</Amt></CntrValAmt>'
        "</AmtDtls></TxDtls>"
    )
    text = whole(details=f"<NtryDtls>{part.format(3, 2)}{part.format(4, 3)}</NtryDtls>")
    assert [line.minor for line in lines_of(text.encode())] == [200, 300]


@pytest.mark.parametrize(
    ("given_back", "name"), [("", "Payer"), ("<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>", "Payee")]
)
def test_what_comes_back_comes_from_whom_it_went_to(given_back: str, name: str) -> None:
    parties = "<Dbtr><Pty><Nm>Payer</Nm></Pty></Dbtr><Cdtr><Pty><Nm>Payee</Nm></Pty></Cdtr>"
    details = f"<RltdPties>{parties}</RltdPties>{given_back}"
    assert only(f"<NtryDtls><TxDtls>{details}</TxDtls></NtryDtls>").name == name


def test_what_comes_back_never_comes_from_our_own_account() -> None:
    """Some banks turn the roles round with the money."""
    ours = "<CdtrAcct><Id><IBAN>DE66999999040000000001</IBAN></Id></CdtrAcct>"
    parties = f"<Dbtr><Pty><Nm>Other</Nm></Pty></Dbtr><Cdtr><Pty><Nm>We</Nm></Pty></Cdtr>{ours}"
    details = f"<RltdPties>{parties}</RltdPties><RtrInf/>"
    line = only(f"<NtryDtls><TxDtls>{details}</TxDtls></NtryDtls>")
    assert (line.name, line.returned, line.reason) == ("Other", True, "")


def test_an_entry_without_a_booking_day_was_booked_on_the_day_from_which_it_counts() -> None:
    text = whole().replace("BookgDt", "ValDt")
    [line] = lines_of(text.encode())
    assert line.booked == line.valued


def test_a_page_is_not_taken_for_the_next_one_of_another_account() -> None:
    page = "<StmtPgntn><PgNb>{}</PgNb><LastPgInd>{}</LastPgInd></StmtPgntn>"
    first = whole().replace("<Acct>", page.format(1, "false") + "<Acct>")
    second = first.replace("<PgNb>1", "<PgNb>2").replace("DE66", "DE65")
    both = first.split("</BkToCstmrStmt>")[0] + second[second.index("<Stmt>") :]
    kinds = [type(part).__name__ for part in parts_of(both.encode())]
    assert kinds == ["Begin", "Line", "End"] * 2


def test_the_currency_of_a_notification_may_be_told_by_its_first_entry_alone() -> None:
    text = whole(space=SPACE.replace("053", "054")).replace("<Ccy>EUR</Ccy>", "")
    text = text.replace("BkToCstmrStmt", "BkToCstmrDbtCdtNtfctn").replace("Stmt>", "Ntfctn>")
    [begin, *_] = parts_of(text.encode())
    assert isinstance(begin, Begin)
    assert (begin.currency, begin.posts) == ("EUR", False)


# What is refused --------------------------------------------------------------------------

LAUGHS = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in pairwise("abcdefghij"))
LAUGHS = f'<!DOCTYPE Document [<!ENTITY a "ha">{LAUGHS}]>'
WITHIN = '<!DOCTYPE Document [<!ENTITY % a SYSTEM "http://127.0.0.1:9/a.dtd"> %a;]>'
OUTSIDE = '<!DOCTYPE Document [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
TWO = '<NtryDtls><TxDtls><Amt Ccy="EUR">2</Amt></TxDtls><TxDtls>{}</TxDtls></NtryDtls>'


def put(old: str, new: str) -> bytes:
    """Return a good statement with something else in it."""
    text = whole(balances=balance("OPBD", "1.00") + balance("CLBD", "6.00"))
    assert text.count(old) == 1, old
    return text.replace(old, new).encode()


def amount(text: str, currency: str = "EUR") -> bytes:
    """Return a good statement but for the amount of its entry."""
    return put('<Amt Ccy="EUR">5.00</Amt>', f'<Amt Ccy="{currency}">{text}</Amt>')


@pytest.mark.parametrize(
    ("content", "words", "row"),
    [
        (b"", camt_xml.NOT_XML, None),
        (b"   \n", camt_xml.NOT_XML, None),
        (b":20:STARTUMS\r\n:25:99999904/1\r\n", camt_xml.NOT_XML, None),
        (b"\x89PNG\r\n\x1a\n\0\0", camt_xml.NOT_XML, None),
        (b"<", camt_xml.DAMAGED, None),
        (b"<!-- nothing", camt_xml.DAMAGED, None),
        (b"<html><body/></html>", camt.OTHER_XML, None),
        (b"<Document/>", camt.OTHER_XML, None),
        (b'<Document xmlns="urn:x"/>', camt.OTHER_XML, None),
        (whole(space=SPACE.replace("08", "13")).encode(), camt.OTHER_MESSAGE, None),
        (whole(space=SPACE.replace("053", "052")).encode(), camt.OTHER_MESSAGE, None),
        (whole().replace("Document", "Dokument").encode(), camt.OTHER_MESSAGE, None),
        (f'<Document xmlns="{SPACE}"/>'.encode(), NO_STATEMENT, None),
        ((LAUGHS + whole(details="&j;")).encode(), camt_xml.DOCTYPE, None),
        ((LAUGHS + whole().replace("<Stmt>", '<Stmt a="&j;">')).encode(), camt_xml.DOCTYPE, None),
        ((OUTSIDE + whole(details="&a;")).encode(), camt_xml.DOCTYPE, None),
        ((WITHIN + whole()).encode(), camt_xml.DOCTYPE, None),
        (b'<!DOCTYPE Document SYSTEM "http://127.0.0.1:9/x.dtd">' + whole().encode(),
         camt_xml.DOCTYPE, None),
        (b'<!DOCTYPE Document PUBLIC "a" "b">' + whole().encode(), camt_xml.DOCTYPE, None),
        ((OUTSIDE + whole(details="&a;")).encode("utf-16"), camt_xml.DOCTYPE, None),
        (put("<AcctSvcrRef>", "<AcctSvcrRef>&nbsp;"), camt_xml.DAMAGED, 12),
        (whole(details="<q:Ntry/>").encode(), camt.MISPLACED, 14),
        (b"<q:Document/>", camt.OTHER_XML, None),
        (put("</Stmt>", ""), camt_xml.DAMAGED, 17),
        (whole().encode()[:-20], camt_xml.DAMAGED, 17),
        (whole(details="ä").encode("latin-1"), camt_xml.DAMAGED, 14),
        (b'<?xml version="1.0" encoding="x-none"?>' + whole().encode(), camt_xml.DAMAGED, 1),
        (b'<?xml version="1.0" encoding="us-ascii"?>' + whole(details="ä").encode(),
         camt_xml.DAMAGED, 1),
        (whole(details="<a>" * 500 + "</a>" * 500).encode(), camt_xml.DAMAGED, 14),
        (whole(details=f"<AddtlNtryInf>{'x' * 11_000_000}</AddtlNtryInf>").encode(),
         camt_xml.DAMAGED, 14),
        (put("<Ntry>", f'<Ntry a="{"x" * 11_000_000}">'), camt_xml.DAMAGED, 19),
        (whole().encode() + whole().encode(), camt_xml.DAMAGED, 19),
        (put("<AcctSvcrRef>", "<AcctSvcrRef>\0"), camt_xml.DAMAGED, 12),
        (amount("NaN"), camt_values.BAD_AMOUNT, ROW),
        (amount("INF"), camt_values.BAD_AMOUNT, ROW),
        (amount("1e5"), camt_values.BAD_AMOUNT, ROW),
        (amount("1,5"), camt_values.BAD_AMOUNT, ROW),
        (amount("1'000.00"), camt_values.BAD_AMOUNT, ROW),
        (amount("-5.00"), camt_values.BAD_AMOUNT, ROW),
        (amount("+5.00"), camt_values.BAD_AMOUNT, ROW),
        (amount("٥"), camt_values.BAD_AMOUNT, ROW),
        (amount("５.00"), camt_values.BAD_AMOUNT, ROW),
        (amount(""), camt_values.BAD_AMOUNT, ROW),
        (amount("."), camt_values.BAD_AMOUNT, ROW),
        (amount("1_000"), camt_values.BAD_AMOUNT, ROW),
        (amount("0x10"), camt_values.BAD_AMOUNT, ROW),
        (amount("1" * 5000), camt_values.BAD_AMOUNT, ROW),
        (amount("99999999999.99"), camt_values.TOO_LARGE, ROW),
        (amount("5.001"), camt_values.TOO_EXACT, ROW),
        (amount("5.00", "USD"), camt_entry.OTHER_CURRENCY, ROW),
        (amount("5.00", ""), camt_entry.OTHER_CURRENCY, ROW),
        (put('<Amt Ccy="EUR">5.00</Amt>', "<Amt>5.00</Amt>"), camt_entry.OTHER_CURRENCY, ROW),
        (put('<Amt Ccy="EUR">5.00</Amt>', ""), camt_values.MISSING, ROW),
        (put("<Ccy>EUR</Ccy>", "<Ccy>XAU</Ccy>"), camt_values.UNKNOWN_CURRENCY, 3),
        (put("<Ccy>EUR</Ccy>", "<Ccy>eur</Ccy>"), camt_values.UNKNOWN_CURRENCY, 3),
        (put("<Ccy>EUR</Ccy>", "<Ccy>CHF</Ccy>"), camt_head.TWO_CURRENCIES, 6),
        (put("<Sts><Cd>BOOK</Cd></Sts>", ""), camt_values.MISSING, ROW),
        (put("<Cd>BOOK</Cd>", ""), camt_values.MISSING, ROW),
        (put("<Cd>BOOK</Cd>", "<Cd>BUCH</Cd>"), camt_values.BAD_CODE, ROW),
        (put("<CdtDbtInd>CRDT</CdtDbtInd>\n", ""), camt_values.MISSING, ROW),
        (put("<CdtDbtInd>CRDT</CdtDbtInd>\n", "<CdtDbtInd>C</CdtDbtInd>\n"),
         camt_values.BAD_CODE, ROW),
        (put("<BkTxCd/>", "<RvslInd>perhaps</RvslInd>"), camt_values.BAD_CODE, ROW),
        (put("<BookgDt><Dt>2026-03-05</Dt></BookgDt>", ""), camt_values.MISSING, ROW),
        (put("2026-03-05", "2026-02-30"), camt_values.BAD_DAY, ROW),
        (put("2026-03-05", "05.03.2026"), camt_values.BAD_DAY, ROW),
        (put("2026-03-05", "20260305"), camt_values.BAD_DAY, ROW),
        (put("2026-03-05", "0001-01-01"), camt_values.BAD_DAY, ROW),
        (put("2026-03-05", "9999-12-31"), camt_values.BAD_DAY, ROW),
        (put("2026-03-05", "２０２６-03-05"), camt_values.BAD_DAY, ROW),
        (put("2026-03-05", "2026-03-05" * 9999), camt_values.BAD_DAY, ROW),
        (put("<Id>1</Id>", "<FrToDt><FrDtTm>yesterday</FrDtTm></FrToDt>"), camt_values.BAD_DAY, 3),
        (put("<Id>1</Id>", "<StmtPgntn><PgNb>one</PgNb></StmtPgntn>"), camt_values.BAD_CODE, 3),
        (put("<BkTxCd/>", "<NtryDtls><Btch><NbOfTxs>1e9</NbOfTxs></Btch></NtryDtls>"),
         camt_values.BAD_CODE, 13),
        (put("6.00", "7.00"), WRONG_SUM, 6),
        (put("6.00", "6,00"), camt_values.BAD_AMOUNT, 6),
        (whole(details=TWO.format('<Amt Ccy="EUR">2.99</Amt>')).encode(),
         camt_entry.WRONG_PARTS, ROW),
        (whole(details=TWO.format("")).encode(), camt_entry.SILENT_PART, DETAIL),
        (whole(details=TWO.format('<Amt Ccy="USD">3</Amt>')).encode(),
         camt_entry.OTHER_CURRENCY, DETAIL),
        (whole(details=TWO.format('<Amt Ccy="EUR">3</Amt><CdtDbtInd>?</CdtDbtInd>')).encode(),
         camt_values.BAD_CODE, DETAIL),
        (whole(details=whole("")).encode(), camt.MISPLACED, 16),
        (whole(details=ENTRY).encode(), camt.MISPLACED, 14),
        (whole(details=f"<NtryDtls><TxDtls/></NtryDtls>\n{ENTRY}").encode(), camt.MISPLACED, 15),
        (whole(details="<TxDtls/>").encode(), camt.MISPLACED, 14),
        (whole(details='<x xmlns="urn:x"><Ntry/></x>').encode(), camt.MISPLACED, 14),
        (put("<Ntry>", '<Ntry xmlns="urn:x">'), camt.MISPLACED, ROW),
        (put("<Stmt>", "<Stmt><Stmt>").replace(b"</Stmt>", b"</Stmt></Stmt>"), camt.MISPLACED, 3),
        (put("<BkToCstmrStmt>", "<x>").replace(b"</BkToCstmrStmt>", b"</x>"), camt.MISPLACED, 3),
        (whole(details="</Ntry>" + balance("CLBD", "1") + "<Ntry>").encode(), camt.MISPLACED, 14),
        (put("<Ccy>EUR</Ccy>", "").replace(b' Ccy="EUR"', b""), camt_head.NO_CURRENCY, 3),
        (f'<Document xmlns="{SPACE}"><Ntry/></Document>'.encode(), camt.MISPLACED, 1),
        (f'<Document xmlns="{SPACE}"><NtryDtls><TxDtls/></NtryDtls></Document>'.encode(),
         camt.MISPLACED, 1),
    ],
)  # fmt: skip
def test_what_no_bank_should_write_is_refused_in_words(
    content: bytes, words: str, row: int | None
) -> None:
    with pytest.raises(Unreadable) as refused:
        parts_of(content)
    assert (refused.value.words, refused.value.row) == (words, row)
    assert refused.value.words % refused.value.values
    assert all(len(value) <= 40 for value in refused.value.values.values())


def test_a_refusal_tells_what_was_found() -> None:
    with pytest.raises(Unreadable) as refused:
        parts_of(whole(space=SPACE.replace("053.001.08", "052.001.02")).encode())
    assert "camt.052.001.02" in refused.value.words % refused.value.values


# Large files ------------------------------------------------------------------------------


class Written(io.RawIOBase):
    """A file that is written while it is read."""

    def __init__(self, texts: Iterator[str]) -> None:
        self._texts, self._left = texts, b""

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        while len(self._left) < size and (text := next(self._texts, None)) is not None:
            self._left += text.encode()
        given, self._left = self._left[:size], self._left[size:]
        return given


def many(count: int, each: str, before: str, after: str) -> Iterator[str]:
    """Write a statement with a hundred of something at a time."""
    start, _, end = whole("\0").partition("\0")
    yield start + before
    for _ in range(count // 100):
        yield each * 100
    yield after + end


LEAN = ENTRY.replace("\n", "").format(details="") + "\n"
PART = '<TxDtls><Amt Ccy="EUR">0.01</Amt></TxDtls>\n'
LONG = ENTRY.partition("{details}")


@pytest.mark.parametrize(
    ("count", "each", "before", "after"),
    [(200_000, LEAN, "", ""), (20_000, PART, LONG[0] + "<NtryDtls>", "</NtryDtls></Ntry>")],
    ids=["entries", "parts"],
)
def test_a_long_statement_is_read_in_little_memory(
    count: int, each: str, before: str, after: str
) -> None:
    before = before.replace("5.00", f"{count // 100}.00")
    house, seen, most, row = psutil.Process(), 0, 0, 0
    start = house.memory_info().rss
    for part in camt.read(Written(many(count, each, before, after))):  # type: ignore[arg-type]
        if isinstance(part, Line):
            seen, row = seen + 1, part.row
            if seen % 2_000 == 0:
                most = max(most, house.memory_info().rss - start)
    assert seen == count
    # What libxml2 holds is in it, which tracemalloc does not see.
    assert most < 30 * 2**20
    # Rows are right beyond what sixteen bits can count.
    assert row == before.count("\n") + count + 6
