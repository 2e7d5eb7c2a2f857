"""What there is to know of a movement beyond its sum, and the sums that words tell."""

import re
from dataclasses import dataclass, field

from stdnum.ch import esr

from ashar.gateways.statements.texts import checks_97, cleaned
from ashar.kernel.errors import AmountError
from ashar.kernel.money import EXPONENTS, written_to_minor


@dataclass(slots=True)
class Details:
    """What :86: says; sums in minor units. `code` is the bank's number for the kind of movement."""

    name: str = ""
    iban: str = ""
    bic: str = ""
    end_to_end: str = ""
    reference: str = ""
    texts: list[str] = field(default_factory=list)
    #: What kind of movement it is, in words that are read where nothing else is said.
    kind: str = ""
    code: str = ""
    reason: str = ""
    returned: bool = False
    size: int = 1
    charges: int = 0
    charges_currency: str = ""
    instructed: int | None = None
    instructed_currency: str = ""

    def said(self) -> str:
        """Return what there is to read."""
        return cleaned(" ".join(filter(None, map(str.strip, self.texts))))


def structured(text: str) -> str:
    """Return the creditor reference (RF or QRR) that a text is as a whole, or names as one."""
    labelled = _LABELLED.search(text)
    for words in (text, labelled[1] if labelled else ""):
        plain = "".join(words.split()).upper() if len(words) < 50 else ""
        if _CREDITOR.fullmatch(plain) and checks_97(plain):
            return plain
        if len(plain) == 27 and plain.isdecimal() and plain.isascii() and esr.is_valid(plain):
            return plain
    return ""


_CREDITOR = re.compile(r"RF[0-9]{2}[A-Z0-9]{1,21}")
_LABELLED = re.compile(r"\bREF(?:ERENZ(?:EN)?|ERENCE)?\b[ .:]*((?:[0-9] ?){26}[0-9])\b", re.I)


# Sums --------------------------------------------------------------------------------------

_SUM = re.compile(r"\s*([A-Z]{3})? ?([0-9]{1,15}(?:,[0-9]*)?)(?![0-9.,])")


def _sum(text: str, currency: str) -> tuple[int, str] | None:
    """Read `EUR5,00` or `5,00`; None where it is something else."""
    match = _SUM.match(text)
    if match is None or (match[1] or currency) not in EXPONENTS:
        return None
    try:
        return written_to_minor(match[2], match[1] or currency, decimal=","), match[1] or currency
    except AmountError:
        return None


def _charged(found: Details, kept: tuple[int, str]) -> None:
    """Add what a bank kept; what another kept in a second currency cannot be added."""
    if found.charges_currency in {"", kept[1]}:
        found.charges, found.charges_currency = found.charges + kept[0], kept[1]


def _instructed(found: Details, sent: tuple[int, str]) -> None:
    if found.instructed is None:
        found.instructed, found.instructed_currency = sent


SUMS = {"COAM": _charged, "CHGS": _charged, "OCMT": _instructed, "OAMT": _instructed}


def take_sum(found: Details, word: str, value: str, currency: str) -> None:
    """Take a sum under its codeword; what is none stays to be read."""
    if read := _sum(value, currency):
        SUMS[word](found, read)
    else:
        found.texts.append(f"{word} {value}")
