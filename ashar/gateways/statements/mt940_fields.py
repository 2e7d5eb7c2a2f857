"""The head and the movements of an MT940: accounts, balances, statement lines."""

import re
from calendar import isleap
from dataclasses import dataclass
from datetime import date

from ashar.gateways.statements.base import Unreadable
from ashar.gateways.statements.texts import (
    BAD_AMOUNT,
    BAD_DATE,
    account_of,
    cleaned,
    is_iban,
    reference_of,
    shown,
)
from ashar.kernel.errors import AmountError
from ashar.kernel.i18n import N_
from ashar.kernel.money import EXPONENTS, written_to_minor

BAD_BALANCE = N_("“%(text)s” is no balance as this format writes it.")
BAD_LINE = N_("“%(text)s” is no movement as this format writes it.")
UNKNOWN_CURRENCY = N_("No amounts in %(currency)s can be taken in.")

_BALANCE = re.compile(r"([CD])([0-9]{6})([A-Z]{3})([0-9]{1,15},[0-9]*)")
_LINE = re.compile(
    r"(?P<valued>[0-9]{6})(?P<entry>[0-9]{4})?(?P<mark>R[CD]|E[CD]|[CD])(?P<funds>[A-Z])?"
    r"(?P<amount>[0-9]{1,15},[0-9]*)(?P<kind>[NFS][A-Z0-9]{3})(?P<rest>.*)"
)
#: Where a detail follows a reference at once, which banks should put on a line of its own.
_DETAIL = re.compile(r"/(?:TRCD|OCMT|CHGS|EXCH)/")


@dataclass(frozen=True, slots=True)
class Movement:
    """A :61: line. `minor` is signed; `expected` says that it is announced, not booked."""

    booked: date
    valued: date
    minor: int
    kind: str
    reference: str
    bank_reference: str
    supplement: str
    returned: bool
    expected: bool


def movement(text: str, currency: str, row: int) -> Movement:
    """Read what stands behind :61: on its first line; raise Unreadable."""
    match = _LINE.fullmatch(text.strip())
    if match is None:
        raise Unreadable(BAD_LINE, row, text=shown(text))
    valued = _day(match["valued"], row)
    booked = _entry(match["entry"], valued, row) if match["entry"] else valued
    mark, minor = match["mark"], amount(match["amount"], currency, row)
    reference, _, rest = match["rest"].partition("//")
    detail = _DETAIL.search(rest)
    at = detail.start() if detail else len(rest)
    return Movement(
        booked=booked,
        valued=valued,
        minor=minor if mark in {"C", "EC", "RD"} else -minor,
        kind=match["kind"],
        reference=reference_of(reference),
        bank_reference=reference_of(rest[:at]),
        supplement=rest[at:],
        returned=mark in {"RC", "RD"} or match["kind"][1:] == "RTI",
        expected=mark in {"EC", "ED"},
    )


def balance(text: str, row: int) -> tuple[int, str]:
    """Read a balance: signed minor units and the currency; raise Unreadable."""
    match = _BALANCE.fullmatch(text.strip())
    if match is None:
        raise Unreadable(BAD_BALANCE, row, text=shown(text))
    mark, day, currency, digits = match.groups()
    _day(day, row)
    if currency not in EXPONENTS:
        raise Unreadable(UNKNOWN_CURRENCY, row, currency=currency)
    minor = amount(digits, currency, row)
    return (minor if mark == "C" else -minor), currency


def amount(text: str, currency: str, row: int) -> int:
    """Read an unsigned amount with a decimal comma; raise Unreadable."""
    try:
        return written_to_minor(text, currency, decimal=",")
    except AmountError:
        raise Unreadable(BAD_AMOUNT, row, text=shown(text), currency=currency) from None


def account(text: str, currency: str) -> str:
    """Return the account that :25: names: its IBAN if it tells one, else its words without spaces.

    Banks write a BIC before an IBAN (`COBADEFFXXX/DE…`), its currency after it (`NL…EUR`,
    `FR…/EUR`), or a bank's number and an account's (`12030000/1234567`).
    """
    whole = "".join(text.split())
    bare = whole.removesuffix(currency).rstrip("/")
    for number in (whole, bare, *whole.split("/"), *bare.split("/")):
        if is_iban(number):
            return number
    return bare if bare[-1:].isdigit() else whole


def supplement_of(text: str) -> tuple[str, str]:
    """Return the account that a :61:'s second line is, as Rabobank has it, or else its words."""
    number = account_of(text) if text else ""
    return (number, "") if is_iban(number) else ("", cleaned(text))


def _day(text: str, row: int) -> date:
    """Read YYMMDD. Banks that count months of thirty days value interest on the 30th of February:
    its last day stands for it."""
    year, month, day = int(text[:2]), int(text[2:4]), int(text[4:])
    year += 1900 if year >= 80 else 2000
    if month == 2 and day in {29, 30}:
        day = 29 if isleap(year) else 28
    return _date(year, month, day, text, row)


def _entry(text: str, valued: date, row: int) -> date:
    """Read MMDD in the year that brings it nearest to the value date, as at New Year."""
    month, day = int(text[:2]), int(text[2:])
    found = []
    for year in (valued.year, valued.year - 1, valued.year + 1):
        try:
            found.append(date(year, month, day))
        except ValueError:
            continue
    if not found:
        raise Unreadable(BAD_DATE, row, text=text)
    return min(found, key=lambda one: abs(one - valued))


def _date(year: int, month: int, day: int, text: str, row: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise Unreadable(BAD_DATE, row, text=text) from None
