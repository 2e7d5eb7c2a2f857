"""Money: integers in minor units with a currency. Only this module parses or rounds amounts."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Self

from ashar.kernel.errors import AmountError, CurrencyMismatch, MoneyError

# ISO 4217 exponents of the currencies that we handle; a test holds them against CLDR's.
EXPONENTS = {
    "CHF": 2, "EUR": 2, "USD": 2, "GBP": 2, "KGS": 2, "KZT": 2, "TRY": 2, "RUB": 2, "UZS": 2,
    "CNY": 2, "PLN": 2, "CZK": 2, "SEK": 2, "NOK": 2, "DKK": 2, "CAD": 2, "AUD": 2, "AED": 2,
    "HUF": 2, "ISK": 0, "UGX": 0, "JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "MGA": 2,
    "KWD": 3, "BHD": 3, "JOD": 3, "OMR": 3, "TND": 3,
}  # fmt: skip
# The largest amount that a column holds with room for sums of a billion of them.
LARGEST_MINOR = 10**12

_SPACES = re.compile(r"[\s\u00a0\u202f\u2009]")
_APOSTROPHES = re.compile("['\u2019\u02bc\u066c]")
_SHAPE = re.compile(r"[0-9][0-9.,]*")
# What stands for a space, an apostrophe or a minus in amounts that machines write.
_ALIKE = str.maketrans(dict.fromkeys("\u00a0\u202f\u2009", " ") | {"\u2019": "'", "\u2212": "-"})


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount in minor units of one currency; sums refuse to mix currencies."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if self.currency not in EXPONENTS:
            raise MoneyError(f"unknown currency {self.currency!r}")
        if not isinstance(self.minor, int) or isinstance(self.minor, bool):
            raise MoneyError(f"minor units are integers, not {self.minor!r}")

    @classmethod
    def parse(cls, text: str, currency: str) -> Self:
        """Read what a person typed, such as `1 234,50`; raise AmountError with its reason."""
        return cls(parse_minor(text, currency), currency)

    @classmethod
    def from_decimal(cls, text: str, currency: str) -> Self:
        """Read a machine's plain decimal, such as `-12.50`; raise AmountError."""
        return cls(decimal_to_minor(text, currency), currency)

    @classmethod
    def zero(cls, currency: str) -> Self:
        """Return nothing of that currency."""
        return cls(0, currency)

    @property
    def decimal(self) -> str:
        """Return the plain decimal text, such as `50.00`."""
        return minor_to_decimal(self.minor, self.currency)

    def _same(self, other: "Money") -> int:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")
        return other.minor

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._same(other)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __str__(self) -> str:
        return f"{self.decimal} {self.currency}"


def exponent(currency: str) -> int:
    """Return how many digits the minor unit has; raise MoneyError for an unknown currency."""
    try:
        return EXPONENTS[currency]
    except KeyError:
        raise MoneyError(f"unknown currency {currency!r}") from None


def minor_to_decimal(minor: int, currency: str) -> str:
    """Return minor units as a plain decimal text."""
    digits = exponent(currency)
    whole, part = divmod(abs(minor), 10**digits)
    sign = "-" if minor < 0 else ""
    return f"{sign}{whole}.{part:0{digits}d}" if digits else f"{sign}{whole}"


def decimal_to_minor(text: str, currency: str) -> int:
    """Read a plain decimal with an optional sign, exactly; raise AmountError."""
    match = re.fullmatch(r"([+-]?)([0-9]+)(?:\.([0-9]*))?", text.strip())
    if not match:
        raise AmountError("form", text)
    sign, whole, part = match.groups()
    minor = _joined(whole, part or "", currency, text)
    return -minor if sign == "-" else minor


def parse_minor(text: str, currency: str) -> int:
    """Read an amount as people write it into minor units.

    Takes spaces of every kind, apostrophes (Swiss), points and commas as separators and any
    script's digits. A single separator with three digits after it groups thousands unless the
    currency has three decimals. Raises AmountError (empty, form, digits, negative, large).
    """
    plain = _plain_digits(text)
    if not plain:
        raise AmountError("empty")
    if plain[0] in "-\u2212":
        raise AmountError("negative", text)
    if not _SHAPE.fullmatch(plain):
        raise AmountError("form", text)
    whole, part = _split(plain, currency, text)
    minor = _joined(whole, part, currency, text)
    if minor > LARGEST_MINOR:
        raise AmountError("large", text)
    return minor


def _plain_digits(text: str) -> str:
    """Fold every script's digits and separators to ASCII; drop spaces and apostrophes."""
    if len(text.strip()) > 64:
        raise AmountError("form", text[:64])
    folded = []
    for char in text.strip():
        digit = unicodedata.digit(char, None)
        folded.append(char if digit is None else str(digit))
    plain = "".join(folded).replace("\u066b", ",").replace("\uff0e", ".").replace("\uff0c", ",")
    _check_grouping(_SPACES.sub(" ", plain), text)
    return _APOSTROPHES.sub("", _SPACES.sub("", plain))


def _check_grouping(plain: str, text: str) -> None:
    """Refuse groups that are not of three digits: `12 34` is a slip, not an amount."""
    head = re.split(r"[.,]", plain, maxsplit=1)[0]
    groups = re.split(r"[ '\u2019\u02bc\u066c]", head.strip())
    if len(groups) > 1 and any(len(group) != 3 for group in groups[1:]):
        raise AmountError("form", text)


def _split(plain: str, currency: str, text: str) -> tuple[str, str]:
    """Tell the decimal separator from the grouping one; return whole and decimal digits."""
    last = max(plain.rfind("."), plain.rfind(","))
    if last < 0:
        return plain, ""
    mark, other = plain[last], "," if plain[last] == "." else "."
    after = plain[last + 1 :]
    if plain.count(mark) > 1 or (
        other not in plain and len(after) == 3 and exponent(currency) != 3
    ):
        if other in plain:
            raise AmountError("form", text)
        return _ungroup(plain, mark, text), ""
    return _ungroup(plain[:last], other, text), after


def _ungroup(whole: str, mark: str, text: str) -> str:
    head, *groups = whole.split(mark)
    if not head or any(len(group) != 3 or not group.isdigit() for group in groups):
        raise AmountError("form", text)
    if not head.isdigit() or (groups and len(head) > 3):
        raise AmountError("form", text)
    return head + "".join(groups)


def _joined(whole: str, part: str, currency: str, text: str) -> int:
    digits = exponent(currency)
    if part.strip("0") and len(part.rstrip("0")) > digits:
        raise AmountError("digits", text)
    return int(whole + part[:digits].ljust(digits, "0"))


def written_to_minor(text: str, currency: str, *, decimal: str, thousands: str = "") -> int:
    """Read an amount as a bank writes it, its signs being stated, exactly; raise AmountError.

    `decimal` is the sign before the decimals, `thousands` are those that may group digits by
    three. A minus stands before or after the digits (`12-`), or brackets stand around them.
    Too many decimals are refused, and so are three of them, zeros or not, in a currency that has
    not three: whoever stated the wrong sign would get a thousandth of the amount.
    """
    match = _written_shape(decimal, thousands).fullmatch(text.strip().translate(_ALIKE))
    if not match or len(text) > 64:
        raise AmountError("form", text[:64])
    opened, before, whole, part, after, closed = match.groups(default="")
    if (opened == "(") != (closed == ")") or len(opened + before + after) > 1:
        raise AmountError("form", text)
    if len(part) == 3 and exponent(currency) != 3:
        raise AmountError("digits", text)
    digits = whole.translate(_GROUPS)
    if not digits + part:
        raise AmountError("form", text)
    minor = _joined(digits or "0", part, currency, text)
    if minor > LARGEST_MINOR:
        raise AmountError("large", text)
    return -minor if "-" in before + after or opened else minor


def amount_reader(currency: str, *, decimal: str, thousands: str = "") -> Callable[[str], int]:
    """Return what reads amounts as `written_to_minor` does, made for a file of a million.

    The shape that nearly all of them have, all decimals and at most a minus, is read by one
    match; whatever else by the rules.
    """
    digits = exponent(currency)
    signs = "".join(sorted(set(thousands.translate(_ALIKE)) - {decimal}))
    decimals = rf"{re.escape(decimal)}([0-9]{{{digits}}})" if digits else "()"
    usual = re.compile(rf"(-?(?:[0-9]{{1,9}}{_grouped(signs, most=2)})){decimals}").fullmatch

    def read(text: str) -> int:
        if match := usual(text):
            whole, part = match.groups()
            for sign in signs:
                whole = whole.replace(sign, "")
            return int(whole + part)
        return written_to_minor(text, currency, decimal=decimal, thousands=thousands)

    return read


_GROUPS = str.maketrans("", "", ".,' ")


@lru_cache
def _written_shape(decimal: str, thousands: str) -> re.Pattern[str]:
    """Return what amounts look like: bare digits, or groups of three with one sign throughout."""
    grouped = _grouped("".join(sorted(set(thousands.translate(_ALIKE)) - {decimal})), most=20)
    return re.compile(
        rf"(\()?([+-])? ?([0-9]*{grouped})(?:{re.escape(decimal)}([0-9]*))?([+-])?(\))?"
    )


def _grouped(signs: str, most: int) -> str:
    """Return a pattern's alternatives for digits in groups of three, at most so many of them."""
    groups = (rf"(?:{re.escape(sign)}[0-9]{{3}}){{1,{most}}}" for sign in signs)
    return "".join(f"|[0-9]{{1,3}}{group}" for group in groups)


def share(total: int, part: int, whole: int) -> int:
    """Return `total · part ÷ whole`, rounded half up; `share(t, w, w) == t` exactly.

    All three are minor units or counts of at least zero; the whole is not zero.
    """
    if whole <= 0 or part < 0:
        raise MoneyError(f"no share of {part}/{whole}")
    sign = -1 if total < 0 else 1
    return sign * ((abs(total) * part * 2 + whole) // (whole * 2))


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Divide minor units by weights so that the parts sum to the whole.

    The largest remainders get the odd units; equal remainders in order. Raises MoneyError when
    no weight is positive.
    """
    whole = sum(weights)
    if whole <= 0 or any(weight < 0 for weight in weights):
        raise MoneyError("weights sum to nothing")
    parts = [total * weight // whole for weight in weights]
    rest = total - sum(parts)
    order = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for index in order[:rest]:
        parts[index] += 1
    return parts


def convert(money: Money, currency: str, rate: Decimal) -> Money:
    """Return the money in another currency at `rate` units of it for one, rounded half up."""
    scaled = Decimal(money.minor).scaleb(exponent(currency) - exponent(money.currency)) * rate
    return Money(int(scaled.quantize(Decimal(1), rounding=ROUND_HALF_UP)), currency)


def gross_up(net: int, rate: Decimal, fixed: Decimal) -> int:
    """Return the least charge of which `net` is left after `rate` of it and `fixed`, rounded up.

    All in minor units; the rate is below one.
    """
    return int(((net + fixed) / (1 - rate)).to_integral_value(rounding=ROUND_CEILING))
