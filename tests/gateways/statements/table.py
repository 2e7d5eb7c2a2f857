"""What a statement was read into as a text table, held against the one that somebody has read.

`ASHAR_GOLDEN=write pytest …` writes what was read; read it by eye before it is committed.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import MISSING, fields
from pathlib import Path

from ashar.gateways.statements.base import Begin, End, Line, Part
from ashar.kernel.money import minor_to_decimal

CORPUS = Path(__file__).parent / "corpus"
#: What stands in columns of its own.
SHOWN = frozenset({"account", "currency", "row", "booked", "minor", "closing"})


def assert_table(file: Path, parts: Iterable[Part]) -> None:
    """Hold what was read of a file of the corpus against the table beside it."""
    expected, now = file.with_suffix(".expected.txt"), table(parts)
    if os.environ.get("ASHAR_GOLDEN") == "write":
        expected.write_text(now, "utf-8")
    assert expected.exists(), "read what ASHAR_GOLDEN=write writes, then commit it"
    assert now == expected.read_text("utf-8")


def table(parts: Iterable[Part]) -> str:
    """Return a row for each part; what a part does not tell is left out."""
    return "".join(f"{row}\n" for row in _rows(parts))


def _rows(parts: Iterable[Part]) -> Iterator[str]:
    currency = ""
    for part in parts:
        if isinstance(part, Begin):
            currency = part.currency
            yield _joined("begin", part.account or "-", currency, *_told(part, currency))
        elif isinstance(part, End):
            closing = "-" if part.closing is None else _money(part.closing, currency)
            yield _joined("end", f"row {part.row}", closing, *_told(part, currency))
        else:
            sum_ = f"{_money(part.minor, currency):>12}"
            yield _joined("line", f"row {part.row}", str(part.booked), sum_, *_told(part, currency))


def _told(part: Part, currency: str) -> Iterator[str]:
    currencies = {"opening": currency}
    if isinstance(part, Line):
        currencies = {"charges": part.charges_currency, "instructed": part.instructed_currency}
    for field in fields(part):
        value = getattr(part, field.name)
        default = None if field.default is MISSING else field.default
        if field.name in SHOWN or value == default or field.name.endswith("_currency"):
            continue
        unit = currencies.get(field.name)
        yield f"{field.name}={f'{_money(value, unit)} {unit}' if unit else value}"


def _money(minor: int, currency: str) -> str:
    return minor_to_decimal(minor, currency)


def _joined(*cells: str) -> str:
    return "  ".join(cells)
