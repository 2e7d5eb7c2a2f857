"""What single elements of a camt message say: amounts, days, codes and texts."""

import re
from datetime import date, datetime
from functools import lru_cache

from ashar.gateways.statements.base import Unreadable
from ashar.gateways.statements.texts import cleaned, shown
from ashar.kernel.errors import AmountError, MoneyError
from ashar.kernel.i18n import N_
from ashar.kernel.money import LARGEST_MINOR, decimal_to_minor

MISSING = N_("Something that every bank statement tells is missing here: %(element)s.")
BAD_AMOUNT = N_("“%(text)s” is not an amount as bank statements write it, such as 1234.50.")
TOO_EXACT = N_("The amount %(text)s has more decimal places than %(currency)s has.")
TOO_LARGE = N_("The amount %(text)s is larger than any that can be booked.")
UNKNOWN_CURRENCY = N_("The currency “%(currency)s” is not known here.")
BAD_DAY = N_("“%(text)s” is not a date as bank statements write it, such as 2026-03-31.")
BAD_CODE = N_("“%(text)s” is not one of the words that a bank statement has for %(element)s.")

#: Letters of an amount, at most: 18 digits are what the standard allows.
WIDEST = 24
#: Days of payments lie within these years; what is further off is a slip of some machine.
YEARS = range(1970, 2200)
#: What banks write where there is nothing to say.
NOTHING = frozenset({"NOTPROVIDED", "NOT PROVIDED", "NOTAVAILABLE", "NONREF"})

_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T[0-9:.]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})?")


def amount(text: str, currency: str, row: int) -> int:
    """Return an amount, never negative, in minor units; raise Unreadable."""
    plain = text.strip()
    # A point may open a decimal of XML; a sign may not open an amount of ISO 20022.
    plain = f"0{plain}" if plain.startswith(".") and len(plain) > 1 else plain
    try:
        if len(plain) > WIDEST or plain.startswith(("+", "-")):
            raise AmountError("form", text)
        minor = decimal_to_minor(plain, currency)
    except AmountError as error:
        words = TOO_EXACT if error.reason == "digits" else BAD_AMOUNT
        raise Unreadable(words, row, text=shown(text), currency=currency) from None
    except MoneyError:
        raise Unreadable(UNKNOWN_CURRENCY, row, currency=shown(currency)) from None
    if minor > LARGEST_MINOR:
        raise Unreadable(TOO_LARGE, row, text=shown(text))
    return minor


def sign(code: str, row: int) -> int:
    """Return 1 for what comes in, -1 for what goes out."""
    return 1 if chosen(code, "CdtDbtInd", ("CRDT", "DBIT"), row) == "CRDT" else -1


def flag(text: str, element: str, row: int) -> bool:
    """Return what XML calls a boolean; False where nothing stands."""
    return bool(text) and chosen(text, element, ("true", "false", "1", "0"), row) in {"true", "1"}


def chosen(text: str, element: str, known: tuple[str, ...], row: int) -> str:
    """Return a code if it is a known one; raise Unreadable, naming the element it stands in."""
    if not (code := text.strip()):
        raise Unreadable(MISSING, row, element=element)
    if code not in known:
        raise Unreadable(BAD_CODE, row, text=shown(text), element=element)
    return code


def count(text: str, element: str, row: int) -> int:
    """Return a number of things: zeros before it are some banks' habit."""
    if not re.fullmatch(r"0{0,14}[0-9]{1,9}", plain := text.strip()):
        raise Unreadable(BAD_CODE, row, text=shown(text), element=element)
    return int(plain)


def day(text: str, row: int) -> date:
    """Return the calendar day that a date or a moment names, where the bank is."""
    found = _day(text)
    if found is None:
        raise Unreadable(BAD_DAY, row, text=shown(text))
    return found


@lru_cache(maxsize=1024)
def _day(text: str) -> date | None:
    match = _DAY.fullmatch(text.strip()) if len(text) < 100 else None
    try:
        found = date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None
    return found if found and found.year in YEARS else None


def moment(text: str) -> datetime | None:
    """Return a moment, without a zone where the bank tells none; None where it is no moment."""
    try:
        found = datetime.fromisoformat(text.strip()) if _day(text) else None
    except ValueError:
        return None
    return found


def told(text: str) -> str:
    """Return a clean text; nothing for the words by which banks say that there is none."""
    if not text:
        return ""
    found = cleaned(text)
    return "" if found.upper() in NOTHING else found


def number(text: str) -> str:
    """Return an account number without spaces."""
    return told(text).replace(" ", "")
