"""Writes camt messages of what is to be read in them, in every version and with its rows.

Nothing of the reader is used: the two agree only if both are right.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from xml.sax.saxutils import escape

from ashar.gateways.statements.base import Begin, End, Line, Part
from ashar.kernel.money import minor_to_decimal

VERSIONS = ("02", "04", "08")


@dataclass(frozen=True)
class Entry:
    """What a bank books: one line, or the parts of a collective one (`reference`).

    `detailed` says whether a single line has its details told; `booked` whether it is booked.
    """

    lines: tuple[Line, ...]
    detailed: bool = True
    booked: bool = True
    reference: str = ""


@dataclass(frozen=True)
class Statement:
    """A statement to be written; each of its pages is what follows one of `breaks` entries."""

    begin: Begin
    entries: tuple[Entry, ...]
    breaks: tuple[int, ...] = ()

    @property
    def closing(self) -> int | None:
        """Return what its lines lead to."""
        if self.begin.opening is None:
            return None
        return self.begin.opening + moved(self.entries)

    def pages(self) -> list["Statement"]:
        """Return its pages, each a statement whose opening is the closing of the one before."""
        made, opening, ends = [], self.begin.opening, [*self.breaks, len(self.entries)]
        for start, end in zip([0, *self.breaks], ends, strict=True):
            page = Statement(replace(self.begin, opening=opening), self.entries[start:end])
            made.append(page)
            opening = page.closing
        return made


def moved(entries: tuple[Entry, ...]) -> int:
    """Return the sum of what is booked."""
    return sum(line.minor for entry in entries if entry.booked for line in entry.lines)


@dataclass
class Writer:
    """One message under way: its text, and the parts that a reader has to find in it."""

    version: str
    posts: bool
    rows: list[str] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)

    @property
    def row(self) -> int:
        """Return the number of the row that is written next."""
        return len(self.rows) + 1

    def put(self, tag: str, text: str, **attributes: str) -> None:
        """Write an element with a text, unless there is none."""
        if text:
            named = "".join(f' {name}="{value}"' for name, value in attributes.items())
            self.rows.append(f"<{tag}{named}>{escape(text)}</{tag}>")

    @contextmanager
    def inside(self, *tags: str) -> Iterator[None]:
        """Write elements around what follows."""
        self.rows.extend(f"<{tag}>" for tag in tags)
        yield
        self.rows.extend(f"</{tag}>" for tag in reversed(tags))

    def amount(self, minor: int, currency: str, tag: str = "Amt") -> None:
        """Write an amount as some banks do, without zeros at its end."""
        told = minor_to_decimal(abs(minor), currency)
        shortest = told.rstrip("0").rstrip(".") if "." in told and minor % 7 == 0 else told
        self.put(tag, shortest, Ccy=currency)

    def way(self, minor: int) -> None:
        """Write whether it comes in."""
        self.put("CdtDbtInd", "CRDT" if minor >= 0 else "DBIT")

    def nested(self, text: str, *tags: str) -> None:
        """Write a text in elements, unless there is none."""
        if text:
            with self.inside(*tags[:-1]):
                self.put(tags[-1], text)


def message(statements: list[Statement], version: str, posts: bool) -> tuple[bytes, list[Part]]:
    """Return a message and what is in it."""
    writer = Writer(version, posts)
    number = "053" if posts else "054"
    name, inner = ("BkToCstmrStmt", "Stmt") if posts else ("BkToCstmrDbtCdtNtfctn", "Ntfctn")
    space = f"urn:iso:std:iso:20022:tech:xsd:camt.{number}.001.{version}"
    writer.rows += ['<?xml version="1.0" encoding="UTF-8"?>', f'<Document xmlns="{space}">']
    with writer.inside(name):
        with writer.inside("GrpHdr"):
            writer.put("MsgId", "M1")
            writer.put("CreDtTm", "2026-01-01T00:00:00")
        for statement in statements:
            _statement(writer, statement, inner)
    writer.rows.append("</Document>")
    return "\n".join(writer.rows).encode(), writer.parts


def _statement(writer: Writer, statement: Statement, inner: str) -> None:
    pages = statement.pages()
    for number, page in enumerate(pages, 1):
        if number == 1:
            writer.parts.append(statement.begin)
        first, last = number == 1, number == len(pages)
        row = writer.row
        with writer.inside(inner):
            closing = _head(writer, page, number if len(pages) > 1 else 0, first, last)
            for entry in page.entries:
                _entry(writer, entry)
        if last:
            writer.parts.append(End(page.closing, closing or row))


def _head(writer: Writer, page: Statement, number: int, first: bool, last: bool) -> int:
    """Write what heads a page; return the row of its closing balance."""
    begin = page.begin
    writer.put("Id", begin.number)
    if number:
        with writer.inside("StmtPgntn" if writer.posts else "NtfctnPgntn"):
            writer.put("PgNb", str(number))
            writer.put("LastPgInd", "true" if last else "false")
    writer.put("ElctrncSeqNb", begin.sequence)
    writer.put("CreDtTm", begin.made_at.isoformat() if begin.made_at else "")
    if begin.since and begin.until:
        with writer.inside("FrToDt"):
            writer.put("FrDtTm", f"{begin.since}T00:00:00")
            writer.put("ToDtTm", f"{begin.until}T23:59:59")
    with writer.inside("Acct"):
        _account(writer, begin.account)
        writer.put("Ccy", begin.currency)
    if page.begin.opening is None or page.closing is None:
        return 0
    _balance(writer, "OPBD" if first else "ITBD", page.begin.opening, begin.currency)
    row = writer.row
    _balance(writer, "CLBD" if last else "ITBD", page.closing, begin.currency)
    return row


def _balance(writer: Writer, code: str, minor: int, currency: str) -> None:
    with writer.inside("Bal"):
        writer.nested(code, "Tp", "CdOrPrtry", "Cd")
        writer.amount(minor, currency)
        writer.way(minor)
        writer.nested("2026-01-01", "Dt", "Dt")


def _account(writer: Writer, account: str) -> None:
    iban = account[:2].isalpha() and account[2:4].isdigit()
    writer.nested(account, "Id", *(["IBAN"] if iban else ["Othr", "Id"]))


def _entry(writer: Writer, entry: Entry) -> None:
    """Write an entry and note the lines that are in it, those without details as far as told."""
    first, row = entry.lines[0], writer.row
    many = len(entry.lines) > 1
    total = sum(line.minor for line in entry.lines)
    with writer.inside("Ntry"):
        writer.amount(total, first.currency)
        writer.way(total)
        writer.put("RvslInd", "true" if first.returned and not first.reason else "")
        status = "BOOK" if entry.booked else "PDNG"
        writer.nested(status, *(["Sts", "Cd"] if writer.version == "08" else ["Sts"]))
        writer.nested(_iso(first.booked), "BookgDt", "Dt")
        writer.nested(_iso(first.valued), "ValDt", "Dt")
        writer.put("AcctSvcrRef", entry.reference if many else first.bank_reference)
        _kind(writer, first.kind)
        told = not (many or entry.detailed)
        if told:
            _sums(writer, first)
        if many or entry.detailed or first.size > 1:
            with writer.inside("NtryDtls"):
                _details(writer, entry, row)
        elif entry.booked:
            writer.parts.append(replace(first, row=row))
        writer.put("AddtlNtryInf", first.text if told else "")


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _kind(writer: Writer, kind: str) -> None:
    with writer.inside("BkTxCd"):
        if kind.count("/") == 2:
            domain, family, sub = kind.split("/")
            with writer.inside("Domn"):
                writer.put("Cd", domain)
                with writer.inside("Fmly"):
                    writer.put("Cd", family)
                    writer.put("SubFmlyCd", sub)
        else:
            writer.nested(kind, "Prtry", "Cd")


def _sums(writer: Writer, line: Line, amount: bool = False) -> None:
    """Write the amount of a detail, what the payer sent and what a bank kept."""
    old = writer.version == "02"
    if amount and not old:
        writer.amount(line.minor, line.currency)
        writer.way(line.minor)
    with writer.inside("AmtDtls"):
        if line.instructed is not None:
            with writer.inside("InstdAmt"):
                writer.amount(line.instructed, line.instructed_currency)
        if amount and old:
            with writer.inside("TxAmt"):
                writer.amount(line.minor, line.currency)
    if line.charges:
        with writer.inside("Chrgs", *([] if old else ["Rcrd"])):
            writer.amount(line.charges, line.charges_currency)


def _details(writer: Writer, entry: Entry, row: int) -> None:
    first = entry.lines[0]
    with writer.inside("Btch"):
        writer.put("NbOfTxs", str(max(len(entry.lines), first.size)))
    if not (entry.detailed or len(entry.lines) > 1):
        if entry.booked:
            writer.parts.append(replace(first, row=row))
        return
    for line in entry.lines:
        single = len(entry.lines) == 1
        if entry.booked:
            writer.parts.append(replace(line, row=row if single else writer.row))
        with writer.inside("TxDtls"):
            _detail(writer, line, single)


def _detail(writer: Writer, line: Line, single: bool) -> None:
    with writer.inside("Refs"):
        writer.put("AcctSvcrRef", "" if single else line.bank_reference)
        writer.put("EndToEndId", line.end_to_end or "NOTPROVIDED")
    _sums(writer, line, amount=True)
    # What is given back keeps the roles of the first transfer.
    side = "Dbtr" if (line.minor >= 0) != line.returned else "Cdtr"
    with writer.inside("RltdPties"):
        writer.nested(line.name, side, *(["Pty"] if writer.version == "08" else []), "Nm")
        if line.iban:
            with writer.inside(f"{side}Acct"):
                _account(writer, line.iban)
    bic = "BIC" if writer.version == "02" else "BICFI"
    with writer.inside("RltdAgts"):
        writer.nested(line.bic, f"{side}Agt", "FinInstnId", bic)
    with writer.inside("RmtInf"):
        # In lines of 35 letters, as banks break them: between words.
        for words in _broken(line.text):
            writer.put("Ustrd", words)
        writer.nested(line.reference, "Strd", "CdtrRefInf", "Ref")
    writer.nested(line.reason, "RtrInf", "Rsn", "Cd")


def _broken(text: str) -> Iterator[str]:
    words = text.split(" ")
    for start in range(0, len(words), 3):
        yield " ".join(words[start : start + 3])
