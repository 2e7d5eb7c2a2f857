"""Damaged statements: refused in words, or read into sums that hold; never anything else."""

import io
import re
from random import Random

import pytest
from lxml import etree

from ashar.gateways.statements import camt
from ashar.gateways.statements.base import Part, Unreadable, checked
from tests.gateways.statements.damage import DAMAGES, corpus, damaged, taken
from tests.gateways.statements.xml_damage import ELEMENTS

CORPUS = corpus("camt/*.xml")
SEED = 20022


def read(content: bytes) -> list[Part]:
    return list(checked(camt.read(io.BytesIO(content))))


@pytest.mark.faults
def test_a_damaged_file_is_refused_or_its_sums_hold() -> None:
    random, refused = Random(SEED), 0
    for _ in range(DAMAGES):
        content = damaged(random.choice(CORPUS).read_bytes(), random, ELEMENTS)
        refused += isinstance(taken(camt.read, content), Unreadable)
    # Neither does it refuse whatever comes.
    assert 0 < refused < DAMAGES


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
