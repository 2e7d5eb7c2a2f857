"""Bank statements and notifications of ISO 20022: camt.053 and camt.054.

A file is read as it comes by, and what has been read is forgotten: of a file of a million entries
one is in memory at a time, and of an entry of a million details likewise.
"""

from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple

from ashar.gateways.statements.base import End, Part, Unreadable
from ashar.gateways.statements.camt_entry import Entry
from ashar.gateways.statements.camt_head import Head, head
from ashar.gateways.statements.camt_shape import SHAPES, Element, Found, gather, named
from ashar.gateways.statements.camt_xml import elements, forget, forget_before, opened
from ashar.gateways.statements.texts import shown
from ashar.kernel.i18n import N_

OTHER_XML = N_("This XML file is not a bank statement (camt.053 or camt.054).")
OTHER_MESSAGE = N_(
    "This file is a %(found)s. What can be read are camt.053 and camt.054 in the versions 001.02, "
    "001.04 and 001.08."
)
MISPLACED = N_("Something stands here where no bank statement has it: %(element)s.")

ISO = "urn:iso:std:iso:20022:tech:xsd:"


class Kind(NamedTuple):
    """A message, by its namespace: what it is called, what a statement in it, if that posts."""

    namespace: str
    message: str
    statement: str
    posts: bool


KINDS = {
    kind.namespace: kind
    for version in ("02", "04", "08")
    for kind in (
        Kind(f"{ISO}camt.053.001.{version}", "BkToCstmrStmt", "Stmt", True),
        Kind(f"{ISO}camt.054.001.{version}", "BkToCstmrDbtCdtNtfctn", "Ntfctn", False),
    )
}


def read(file: BinaryIO) -> Iterator[Part]:
    """Read the statements of a file; raise Unreadable for what is none, in whatever way."""
    root, start = opened(file)
    kind = _kind(root)
    reader = _Reader(kind)
    for element in elements(file, start, (kind.statement, "Bal", "Ntry", "TxDtls")):
        yield from reader.take(element)
    yield from reader.close()


def _kind(root: str) -> Kind:
    namespace, _, name = root.removeprefix("{").rpartition("}")
    if name == "Document" and namespace in KINDS:
        return KINDS[namespace]
    if namespace.startswith(ISO):
        raise Unreadable(OTHER_MESSAGE, found=shown(namespace.removeprefix(ISO)))
    raise Unreadable(OTHER_XML)


class _Reader:
    """Makes parts of elements, in the order in which they end."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._statements = self._tag(kind.statement)
        self._entries, self._details = self._tag("Ntry"), self._tag("NtryDtls")
        self._words = self._tag("AddtlNtryInf")
        self._shapes = {name: named(shape, kind.namespace) for name, shape in SHAPES.items()}
        self._takes: dict[str, Callable[[Element], list[Part]]] = {
            self._statements: self._statement,
            self._entries: self._entry,
            self._tag("TxDtls"): self._detail,
            self._tag("Bal"): self._balance,
        }
        self._message: Found | None = None
        #: The statement that is under way, with what heads it, and its entry likewise.
        self._head: Head | None = None
        self._open: Entry | None = None
        #: A page of a statement after which another one should come, and its end if none does.
        self._page: tuple[Head, End] | None = None

    def take(self, element: Element) -> list[Part]:
        """Return what is certain now that an element has ended."""
        if element.tag not in self._takes:
            raise _misplaced(element)
        return self._takes[element.tag](element)

    def close(self) -> list[Part]:
        """Return the end of a statement of which this file lacks the last page."""
        left, self._page = self._page, None
        return [] if left is None else [left[1]]

    def _detail(self, element: Element) -> list[Part]:
        details = element.getparent()
        if details.tag != self._details:
            raise _misplaced(element)
        told: list[Part] = []
        if self._open is None:
            self._open = self._opens(details.getparent(), told)
        if self._open.posted:
            told += self._open.detail(self._gathered(element, "detail"))
        forget(element)
        # Some banks wrap each detail on its own.
        forget_before(details, self._details)
        return told

    def _entry(self, element: Element) -> list[Part]:
        if element.getparent().tag != self._statements:
            raise _misplaced(element)
        told: list[Part] = []
        entry = self._open or self._opens(element, told)
        if entry.posted:
            told += entry.end(self._words_of(element))
        self._open = None
        forget(element)
        return told

    def _opens(self, element: Element, told: list[Part]) -> Entry:
        """Begin an entry, of which what comes before its details is there; maybe its statement."""
        statement = element.getparent()
        if element.tag != self._entries or statement.tag != self._statements:
            raise _misplaced(element)
        found = self._gathered(element, "entry")
        if self._head is None:
            self._head = self._begins(statement, told, found.get("amount.Ccy", ""))
        return Entry(found, self._head.begin)

    def _words_of(self, element: Element) -> str:
        """Return what a bank says of an entry after its details."""
        last = element[-1] if len(element) else None
        return (last.text or "") if last is not None and last.tag == self._words else ""

    def _balance(self, element: Element) -> list[Part]:
        """Refuse balances after the first entry: what they lead from has been told by then."""
        if self._head is not None:
            raise _misplaced(element)
        return []

    def _begins(self, element: Element, told: list[Part], currency: str = "") -> Head:
        """Begin a statement, or go on with it where this is its next page."""
        message = element.getparent()
        inside = message.tag == self._tag(self._kind.message)
        if not inside or message.getparent().getparent() is not None:
            raise _misplaced(element)
        if self._message is None:
            self._message = self._gathered(message, "message")
        found = self._gathered(element, "statement")
        begun = head(found, self._message, currency, self._kind.posts)
        if self._page and begun.continues(self._page[0]):
            self._page = None
        else:
            told += [*self.close(), begun.begin]
        return begun

    def _statement(self, element: Element) -> list[Part]:
        told: list[Part] = []
        begun = self._head or self._begins(element, told)
        end = End(begun.closing, begun.row or element.sourceline or 0)
        if begun.last:
            told.append(end)
        else:
            self._page = begun, end
        self._head = None
        forget(element)
        return told

    def _gathered(self, element: Element, shape: str) -> Found:
        found = Found(element.sourceline or 0)
        gather(element, self._shapes[shape], found)
        return found

    def _tag(self, name: str) -> str:
        return f"{{{self._kind.namespace}}}{name}"


def _misplaced(element: Element) -> Unreadable:
    name = element.tag.rpartition("}")[2]
    return Unreadable(MISPLACED, element.sourceline or None, element=shown(name))
