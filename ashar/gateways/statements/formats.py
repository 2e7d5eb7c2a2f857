"""What format a file is in, and what reads it."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from typing import BinaryIO

from ashar.gateways.statements.base import Format, Part
from ashar.gateways.statements.csv_mapping import DELIMITERS, Mapping

#: Bytes of a file's beginning that tell its format.
ENOUGH = 4096

_XML = re.compile(r"\s*<")
_CAMT = re.compile(r"urn:iso:std:iso:20022:tech:xsd:camt\.05[234]\.")
#: A statement's first tags, at the beginning of a line or behind SWIFT's header.
_MT940 = re.compile(r"^(?:\{1:.*\{4:)?:(?:940|20|25P?):", re.M)
#: How files begin that people take for statements and that no text has in it.
_OTHERS = re.compile(r"\s*(?:%PDF|PK\x03|\{|\[)")


def format_of(start: bytes) -> Format | None:
    """Return the format of a file that begins with these bytes; None where it is none of ours."""
    text = _decoded(start[:ENOUGH])
    if _XML.match(text):
        return "camt" if _CAMT.search(text) else None
    if _MT940.search(text):
        return "mt940"
    if _OTHERS.match(text) or "\0" in text:
        return None
    return "csv" if any(mark in text for mark in DELIMITERS) else None


def _decoded(start: bytes) -> str:
    wide = start.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = start.decode("utf-16" if wide else "utf-8-sig", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def reader(format: Format, mapping: Mapping | None = None) -> Callable[[BinaryIO], Iterator[Part]]:
    """Return what reads a format, by a mapping if it is CSV; load no other."""
    if format != "csv":
        read: Callable[[BinaryIO], Iterator[Part]] = import_module(f"{__package__}.{format}").read
        return read
    if mapping is None:
        raise ValueError("a CSV is read by a mapping")
    return partial(import_module(f"{__package__}.csv_lines").read, mapping=mapping)
