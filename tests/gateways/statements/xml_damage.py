"""What happens to XML besides: by a program, by somebody's hand."""

import re
from random import Random

from tests.gateways.statements.damage import Accident

#: What may stand in place of any text.
NASTY = (
    *(b"", b" ", b"NaN", b"-1.00", b"1e5", b"1,5", b"9" * 40, b"0", b"2026-13-45", b"true"),
    *(b"DBIT", b"PDNG", b"EUR", b"\xff", b"\0", b"&x;", b"&#0;", b"]]>", b"<!--", b"<![CDATA["),
    *(b"<a/>", b"&lt;", b"\xd1\x84"),
)
_TEXT = re.compile(rb">([^<>]+)<")
_TAG = re.compile(rb"<(/?)([A-Za-z0-9:]+)")
_ELEMENT = re.compile(rb"<([A-Za-z0-9:]+)[^<>]*>[^<>]*</\1>")


def swap_digits(content: bytes, draw: Random) -> bytes:
    """Change places of two digits that stand side by side."""
    pairs = [found.start() for found in re.finditer(rb"(?=\d\d)", content)]
    if not pairs:
        return content
    place = draw.choice(pairs)
    return content[:place] + content[place : place + 2][::-1] + content[place + 2 :]


def rename(content: bytes, draw: Random) -> bytes:
    """Give all elements of a name another one's, in one statement of the file or in all."""
    names = sorted({found[2] for found in _TAG.finditer(content)})
    if not names:
        return content
    old, new = draw.choice(names), draw.choice([*names, b"Other"])
    count = draw.choice([0, 2])
    return re.sub(rb"(</?)" + re.escape(old) + rb"\b", rb"\1" + new, content, count=count)


def retext(content: bytes, draw: Random) -> bytes:
    """Put something else in the place of a text."""
    if not (texts := list(_TEXT.finditer(content))):
        return content
    found = draw.choice(texts)
    return content[: found.start(1)] + draw.choice(NASTY) + content[found.end(1) :]


def drop_element(content: bytes, draw: Random) -> bytes:
    """Leave out a whole element."""
    if not (elements := list(_ELEMENT.finditer(content))):
        return content
    found = draw.choice(elements)
    return content[: found.start()] + content[found.end() :]


def move_element(content: bytes, draw: Random) -> bytes:
    """Put a whole element before another one."""
    if len(elements := list(_ELEMENT.finditer(content))) < 2:
        return content
    first, second = sorted(draw.sample(elements, 2), key=re.Match.start)
    return (
        content[: first.start()]
        + second[0]
        + content[first.start() : second.start()]
        + content[second.end() :]
    )


ELEMENTS: tuple[Accident, ...] = (swap_digits, rename, retext, drop_element, move_element)
