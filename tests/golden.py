"""The whole book as a text table, held against the one that somebody has read.

`ASHAR_GOLDEN=write pytest …` writes what a story left; read it by eye before it is committed.
"""

import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import select

from ashar import checks
from ashar.kernel.db import session
from ashar.kernel.money import Money
from ashar.ledger.models import Entry, Line

FOLDER = Path(__file__).parent / "golden"
WIDTHS = (20, 32, 16, 16)


def assert_book(story: str, *, fold: bool = False) -> None:
    """Hold the book against the story's table, and every invariant against the book.

    Folded, entries that read the same stand there once, with how many they are.
    """
    session.rollback()
    assert {name: found for name, found in checks.run().items() if found} == {}
    file, now = FOLDER / f"{story}.txt", book(fold=fold)
    if os.environ.get("ASHAR_GOLDEN") == "write":
        FOLDER.mkdir(exist_ok=True)
        file.write_text(now)
    assert file.exists(), "read what ASHAR_GOLDEN=write writes, then commit it"
    assert now == file.read_text()


def book(*, fold: bool = False) -> str:
    """Return entries in the order they were posted, and what stands in each account after them."""
    entries = [
        (entry.posted_at, _written(entry, lines))
        for entry, lines in _entries(
            session.scalars(select(Entry).order_by(Entry.posted_at, Entry.id))
        )
    ]
    # Those of one instant have no order of their own.
    rows = [text for _, text in sorted(entries)]
    if fold:
        # In the order of their texts: when one was posted among so many says nothing.
        rows = [f"{number} ×\n{text}" for text, number in sorted(Counter(rows).items())]
    return "\n".join([_row("entry", "account", "debit", "credit"), *rows, "", *_balances()]) + "\n"


def _entries(found: Iterable[Entry]) -> Iterable[tuple[Entry, list[Line]]]:
    for entry in found:
        query = select(Line).where(Line.entry_id == entry.id)
        yield entry, list(session.scalars(query.order_by(Line.minor.desc(), Line.account)))


def _written(entry: Entry, lines: list[Line]) -> str:
    heads = [entry.kind, *[""] * len(lines)]
    return "\n".join(
        _row(head, line.account, *_sides(line.minor, line.currency))
        for head, line in zip(heads, lines, strict=False)
    )


def _balances() -> Iterable[str]:
    sums: Counter[tuple[str, str]] = Counter()
    for line in session.scalars(select(Line)):
        sums[line.account, line.currency] += line.minor
    for (account, currency), minor in sorted(sums.items()):
        yield _row("balance", account, *_sides(minor, currency))


def _sides(minor: int, currency: str) -> tuple[str, str]:
    words = str(Money(abs(minor), currency))
    return ("", words) if minor < 0 else (words, "")


def _row(*cells: str) -> str:
    first, account, debit, credit = zip(cells, WIDTHS, strict=True)
    left = first[0].ljust(first[1]) + account[0].ljust(account[1])
    return (left + debit[0].rjust(debit[1]) + credit[0].rjust(credit[1])).rstrip()
