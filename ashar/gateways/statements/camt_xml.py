"""Large XML from anywhere, read safely and an element at a time."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import BinaryIO

from lxml import etree

from ashar.gateways.statements.base import Unreadable
from ashar.gateways.statements.camt_shape import Element
from ashar.kernel.i18n import N_

NOT_XML = N_("This file is not XML, as camt statements are.")
DAMAGED = N_("This XML file is damaged or not complete.")
DOCTYPE = N_("This file declares a document type (DOCTYPE), which no bank statement does.")

#: Bytes read at once.
CHUNK = 1 << 15
#: No DTD, no entities, no network, no huge texts or depths; nothing kept that nobody reads.
SAFE = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "collect_ids": False,
    "remove_blank_text": True,
    "remove_comments": True,
    "remove_pis": True,
}
#: What may stand before the first letter of an XML file, in UTF-8 and in UTF-16.
BEFORE = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"


def opened(file: BinaryIO) -> tuple[str, bytes]:
    """Return the name of the outermost element, and the bytes that were read to know it.

    Raises Unreadable for what is no XML, or might expand to more than what stands in it.
    """
    start = b""
    while len(start) < CHUNK and (more := file.read(CHUNK - len(start))):
        start += more
    if not start.lstrip(BEFORE).startswith(b"<"):
        raise Unreadable(NOT_XML)
    parser = etree.XMLPullParser(events=("start",), **SAFE)
    with suppress(etree.XMLSyntaxError):
        parser.feed(start)
    for _, root in parser.read_events():
        if root.getroottree().docinfo.internalDTD is not None:
            raise Unreadable(DOCTYPE)
        return root.tag, start
    # An entity may have broken the file before its first element came.
    if b"<!DOCTYPE" in start.replace(b"\0", b""):
        raise Unreadable(DOCTYPE)
    raise _damaged(parser)


def elements(file: BinaryIO, start: bytes, names: Sequence[str]) -> Iterator[Element]:
    """Yield elements of some names, each when it has ended; raise Unreadable.

    They are looked for in any namespace, so that none is overlooked that bears a wrong one.
    """
    tags = [f"{{*}}{name}" for name in names]
    parser = etree.XMLPullParser(events=("end",), tag=tags, **SAFE)
    chunk = start
    try:
        while chunk:
            parser.feed(chunk)
            for _, element in parser.read_events():
                yield element
            chunk = file.read(CHUNK)
        parser.close()
    except etree.XMLSyntaxError:
        raise _damaged(parser) from None


def _damaged(parser: etree.XMLPullParser) -> Unreadable:
    """Return the refusal of a file, with the row of the first thing that is wrong in it."""
    log = parser.feed_error_log
    return Unreadable(DAMAGED, (log[0].line or None) if log else None)


def forget(element: Element) -> None:
    """Free what is in an element, and those before it; the parser still needs it itself."""
    element.clear()
    forget_before(element)


def forget_before(element: Element, tag: str = "") -> None:
    """Free the elements before one, or those of a tag."""
    before = element.getprevious()
    while before is not None and tag in ("", before.tag):
        element.getparent().remove(before)
        before = element.getprevious()
