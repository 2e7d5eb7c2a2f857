"""What may happen to a file on its way, and what may come of reading it then."""

import os
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO, RawIOBase
from pathlib import Path
from random import Random
from typing import BinaryIO

from ashar.gateways.statements.base import LONGEST, Begin, End, Line, Part, Unreadable, checked

#: Long loops run whole under `make faults` only.
FULL = os.environ.get("ASHAR_FAULTS") == "full"
DAMAGES = 10_000 if FULL else 200
#: Lines of a long file.
LONG = 200_000 if FULL else 3_000

Reader = Callable[[BinaryIO], Iterator[Part]]
Accident = Callable[[bytes, Random], bytes]


def damaged(data: bytes, random: Random, more: Sequence[Accident] = ()) -> bytes:
    """Return bytes after one to three accidents: those of every file, or more of one format."""
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        data = random.choice((*_ACCIDENTS, *more))(data, random)
    return data


def _cut(data: bytes, random: Random) -> bytes:
    return data[: random.randrange(len(data) + 1)]


def _flip(data: bytes, random: Random) -> bytes:
    changed = bytearray(data)
    for _ in range(random.randint(1, 4) if data else 0):
        changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    return bytes(changed)


def _delete(data: bytes, random: Random) -> bytes:
    start, end = _span(data, random)
    return data[:start] + data[end:]


def _double(data: bytes, random: Random) -> bytes:
    start, end = _span(data, random)
    return data[:end] + data[start:end] + data[end:]


def _swap(data: bytes, random: Random) -> bytes:
    places = [place for place, byte in enumerate(data) if byte in b"0123456789"]
    changed = bytearray(data)
    if len(places) > 1:
        one, other = random.sample(places, 2)
        changed[one], changed[other] = data[other], data[one]
    return bytes(changed)


def _insert(data: bytes, random: Random) -> bytes:
    place = random.randrange(len(data) + 1)
    strange = random.choice((b"\0", b'"', b"\r", b"\n:61:", b";", b"-", b"\xff", b"\xe2\x80\xae"))
    return data[:place] + strange + data[place:]


def _span(data: bytes, random: Random) -> tuple[int, int]:
    start = random.randrange(len(data) + 1)
    return start, min(len(data), start + random.choice((1, 3, 10, 80, 400, 5000)))


_ACCIDENTS = (_cut, _flip, _delete, _double, _swap, _insert)


def taken(read: Reader, data: bytes) -> list[Part] | Unreadable:
    """Return what came of a file: its parts, sound, or why it cannot be read, in words."""
    try:
        parts = list(checked(read(BytesIO(data))))
    except Unreadable as error:
        assert error.words % error.values
        assert error.row is None or error.row >= 1
        return error
    assert_sound(parts)
    return parts


def assert_sound(parts: list[Part]) -> None:
    """Hold parts against the law of their sums, and their texts against what may be kept."""
    total, head = 0, None
    for part in parts:
        if isinstance(part, Begin):
            total, head = 0, part
        elif isinstance(part, Line):
            assert head is not None and part.currency == head.currency
            total += part.minor
            assert_line(part)
        else:
            assert head is not None
            _assert_sum(head, total, part)
            head = None
    assert head is None


def _assert_sum(head: Begin, total: int, end: End) -> None:
    opening = end.opening if head.opening is None else head.opening
    assert None in (opening, end.closing) or (opening or 0) + total == end.closing


def assert_line(line: Line) -> None:
    """Hold a line's texts against what may be kept of them."""
    assert line.row >= 1 and line.charges >= 0 and line.size >= 1
    for text in (line.name, line.text, line.end_to_end, line.reference, line.bank_reference):
        assert len(text) <= LONGEST and text.isprintable() and text == text.strip()


def corpus(pattern: str) -> list[Path]:
    """Return the files of the corpus that match a pattern."""
    return sorted((Path(__file__).parent / "corpus").glob(pattern))


class Endless(RawIOBase):
    """A file that is made while it is read."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks, self._rest = chunks, b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while len(self._rest) < size and (chunk := next(self._chunks, b"")):
            self._rest += chunk
        given, self._rest = self._rest[:size], self._rest[size:]
        return given


def peak_of(read: Callable[[], Iterator[Part]]) -> tuple[int, int]:
    """Return the most bytes that were held while a file was read, and its lines."""
    tracemalloc.start()
    try:
        count = sum(isinstance(part, Line) for part in read())
        return tracemalloc.get_traced_memory()[1], count
    finally:
        tracemalloc.stop()
