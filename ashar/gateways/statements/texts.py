"""Bytes to lines to clean texts: what formats of plain text share, whatever a file is made of."""

import codecs
import re
from collections.abc import Iterator
from typing import AnyStr, BinaryIO

from ashar.gateways.statements.base import LONGEST, Unreadable
from ashar.kernel.i18n import N_

#: Letters that a line may have, far above what every format allows.
WIDEST = 1 << 17
_BLOCK = 1 << 16
_SAMPLE = 1 << 18
#: What stands in a reference to say that there is none, or that details tell it.
_NONE = frozenset(
    {"NONREF", "NOREF", "NONE", "NOTPROVIDED", "NOT PROVIDED", "EREF", "PREF", "MARF", "KREF"}
) | {"KREF+", "EREF+", "MREF+", "MREF"}

NOT_TEXT = N_("This file holds bytes that no text has: it is damaged, or its encoding is another.")
BAD_DATE = N_("“%(text)s” is no date.")
BAD_AMOUNT = N_("“%(text)s” is no amount in %(currency)s.")
TOO_WIDE = N_("A line of this file is longer than any line of a statement.")


def byte_lines(file: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a file without their ends (CRLF, LF, CR); raise Unreadable."""
    row, rest = 1, b""
    while block := file.read(_BLOCK):
        if block.endswith(b"\r"):
            # Its line feed may come next: the two are one end.
            block += file.read(1)
        lines = (rest + block).splitlines(keepends=True)
        rest = b"" if lines[-1].endswith((b"\n", b"\r")) else lines.pop()
        _sound(b"\0", [*lines, rest] if b"\0" in block else [rest], row + len(lines))
        for line in lines:
            yield line.rstrip(b"\r\n")
        row += len(lines)
    if rest:
        yield rest


def text_lines(file: BinaryIO, encoding: str) -> Iterator[str]:
    """Yield the lines of a text, each ended by a line feed; raise Unreadable."""
    decoder = codecs.getincrementaldecoder(encoding)()
    row, rest, block = 1, "", b" "
    while block:
        block = file.read(_BLOCK)
        data = rest + _decoded(decoder, block, row)
        held = "\r" if block and data.endswith("\r") else ""
        data = data.removesuffix(held) if held else data
        lines = data.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        _sound("\0", lines if "\0" in data else lines[-1:], row + len(lines) - 1)
        rest = lines.pop() + held
        for line in lines:
            yield line + "\n"
        row += len(lines)
    if rest:
        yield rest


def sample_lines(sample: bytes, encoding: str) -> list[str]:
    """Return the first lines of a file that may be cut anywhere, wrong bytes shown as such."""
    text = sample[:_SAMPLE].decode(encoding, "replace")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines[:-1] or lines


def _decoded(decoder: codecs.IncrementalDecoder, block: bytes, row: int) -> str:
    try:
        return decoder.decode(block, final=not block)
    except UnicodeDecodeError as error:
        raise Unreadable(NOT_TEXT, row + error.object[: error.start].count(b"\n")) from None
    except UnicodeError:
        # UTF-16 has to begin with its mark.
        raise Unreadable(NOT_TEXT, row) from None


def _sound(nul: AnyStr, lines: list[AnyStr], row: int) -> None:
    """Refuse lines that no text has; `row` is the last one's."""
    for number, line in enumerate(lines, row + 1 - len(lines)):
        if nul in line:
            raise Unreadable(NOT_TEXT, number)
        if len(line) > WIDEST:
            raise Unreadable(TOO_WIDE, number)


def cleaned(text: str, most: int = LONGEST) -> str:
    """Return a text without controls and invisible letters, its spaces folded, cut to `most`."""
    if len(text) > 8 * LONGEST:
        # Nothing is lost by it but what a hostile file hides behind thousands of blanks.
        text = text[: 8 * LONGEST]
    if not text.isprintable():
        text = "".join(map(_seen, text))
    if "  " in text or text[:1] == " " or text[-1:] == " ":
        text = " ".join(text.split())
    return text[:most].rstrip() if len(text) > most else text


def _seen(letter: str) -> str:
    if letter.isprintable():
        return letter
    return " " if letter.isspace() or letter < " " else ""


def reference_of(reference: str) -> str:
    """Return a reference; empty where its words say that there is none."""
    found = cleaned(reference)
    return "" if found.upper() in _NONE else found


def is_iban(text: str) -> bool:
    """Tell whether a text has the form and the check digits of an IBAN."""
    return bool(_IBAN.fullmatch(text)) and checks_97(text)


_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")


def checks_97(text: str) -> bool:
    """Tell whether ASCII letters and digits have the check digits of ISO 7064 at places 3 and 4."""
    return int("".join([str(int(letter, 36)) for letter in text[4:] + text[:4]])) % 97 == 1


def shown(text: str) -> str:
    """Return what an error may quote of a file."""
    return cleaned(text, 40)


def account_of(text: str) -> str:
    """Return an IBAN or a domestic account number without spaces; empty where it is neither."""
    if text.isalnum() and text.isascii() and len(text) <= 34:
        return text.upper()
    number = "".join(text.split()).upper()
    plain = number.replace("/", "").replace("-", "")
    return number if plain.isalnum() and plain.isascii() and len(number) <= 34 else ""
