"""Damaged statements: refused in words, or read into sums that hold; never anything else."""

import io
import os
import random
import re
from pathlib import Path

import pytest
from lxml import etree

from ashar.gateways.statements import camt
from ashar.gateways.statements.base import Begin, End, Line, Part, Unreadable, checked
from tests.gateways.statements.xml_damage import damaged

CORPUS = sorted((Path(__file__).parent / "corpus" / "camt").glob("*.xml"))
SEED = 20022


def damages() -> int:
    """Return how many damaged files to read."""
    return 10_000 if os.environ.get("ASHAR_FAULTS") == "full" else 200


def read(content: bytes) -> list[Part]:
    return list(checked(camt.read(io.BytesIO(content))))


@pytest.mark.faults
def test_a_damaged_file_is_refused_or_its_sums_hold() -> None:
    draw = random.Random(SEED)
    refused = 0
    for number in range(damages()):
        file = draw.choice(CORPUS)
        content = damaged(file.read_bytes(), draw)
        try:
            parts = read(content)
        except Unreadable as error:
            assert error.words % error.values
            assert error.row is None or error.row > 0
            refused += 1
        else:
            assert_law(parts, f"damage {number} of {file.name}")
    # Neither does it refuse whatever comes.
    assert 0 < refused < damages()


def assert_law(parts: list[Part], where: str) -> None:
    """Hold lines against the balances of their statements, and every line against its type."""
    total, opening = 0, None
    for part in parts:
        if isinstance(part, Begin):
            total, opening = 0, part.opening if part.posts else None
        elif isinstance(part, Line):
            total += part.minor
            assert part.row > 0 and part.charges >= 0 and part.size > 0, where
        elif isinstance(part, End) and None not in (opening, part.closing):
            assert opening is not None
            assert opening + total == part.closing, where
    assert isinstance(parts[0], Begin) and isinstance(parts[-1], End), where


def amounts(content: bytes) -> list[tuple[int, int]]:
    """Return where the amounts stand that move a balance, or are parts of what does."""
    name = rb"<(?:\w+:)?Amt Ccy=\"[A-Z]{3}\">([0-9.]+)<"
    entry = re.compile(rb"<(?:\w+:)?Ntry>.*?</(?:\w+:)?Ntry>", re.DOTALL)
    detail = re.compile(rb"<(?:\w+:)?TxDtls>.*?</(?:\w+:)?TxDtls>", re.DOTALL)
    found = []
    for whole in entry.finditer(content):
        if any(word in whole[0] for word in (b">PDNG<", b">INFO<", b">FUTR<")):
            continue
        parts = list(detail.finditer(content, *whole.span()))
        for one in [whole, *(parts if len(parts) > 1 else [])]:
            first = re.compile(name).search(content, *one.span())
            assert first is not None
            found.append(first.span(1))
    return found


def test_one_wrong_digit_of_an_amount_is_found() -> None:
    """Where a statement tells its balances, or a collective entry its parts."""
    seen = 0
    for file in CORPUS:
        # As one byte a letter, whatever it was.
        tree = etree.parse(file)
        content = etree.tostring(tree, encoding="us-ascii", xml_declaration=True)
        assert len(read(content)) == len(read(file.read_bytes()))
        for start, end in amounts(content):
            for place in range(start, end):
                if content[place : place + 1] == b".":
                    continue
                other = b"%d" % ((int(content[place : place + 1]) + 1 + place % 9) % 10)
                wrong = content[:place] + other + content[place + 1 :]
                with pytest.raises(Unreadable):
                    read(wrong)
                seen += 1
    assert seen > 150
