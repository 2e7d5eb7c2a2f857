"""What banks tell of a movement in an MT940's :86:, each in its own way.

German banks number subfields (`?20…`) and put codewords into them (`EREF+…`), Dutch ones put
codewords between slashes (`/EREF/…/REMI/…/`), Swiss and French ones write labels into a free text.
Whoever pays writes the purpose, and may write a codeword into it: sums, which a bank tells before
the purpose, are not believed after it, and stay there as text.
"""

import re
from collections.abc import Iterator

from ashar.gateways.statements.mt940_details import SUMS, Details, structured, take_sum
from ashar.gateways.statements.texts import account_of, cleaned, is_iban, reference_of


def details(lines: list[str], supplement: str, currency: str) -> tuple[Details, str]:
    """Read :86: and the second line of :61:, and what they say in words.

    Nothing in them is refused: at worst it is text.
    """
    found = Details()
    joined = "".join(lines)
    if german := _GERMAN.match(joined):
        _german(found, joined, german[2], currency)
    elif _SLASHED.match(joined):
        _slashed(found, joined, currency)
    else:
        _free(found, "\n".join(lines))
    if _SLASHED.match(supplement):
        _slashed(found, supplement, currency)
        supplement = ""
    text = found.said()
    if supplement not in text:
        text = cleaned(f"{text} {supplement}")
    found.reference = found.reference or structured(text)
    return found, text or cleaned(found.kind)


# German ------------------------------------------------------------------------------------

_GERMAN = re.compile(r"([0-9]{3})?([?^~@])(?=[0-9]{2})")
#: Letters of one numbered subfield. Banks fill it, or end it early, also by cutting a space off.
_FULL = 27
_PURPOSE = frozenset(f"{number}" for number in (*range(20, 30), *range(60, 64)))
_SUBFIELDS = _PURPOSE | {"00", "10", "30", "31", "32", "33", "34", "38"}
_CODEWORD = re.compile(
    r"(EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|COAM|OAMT|CHGS|OCMT|PURP|BREF|RREF|SQTP|MDAT)\+"
    r"|(?<!\S)(IBAN|BIC)\+"
    r"|(?<!\S)(EREF|KREF|MREF|CRED|SVWZ|ABWA|IBAN|BIC): ?"
)
#: Business transaction codes of the German banks for what is given back or undone: direct debits
#: (108, 109, 181, 184, 193), cards (110, 182), cheques (111, 183), transfers (159, 160).
RETURNS = frozenset({"108", "109", "110", "111", "159", "160"}) | {
    *("181", "182", "183", "184", "193"),
}
#: Their numbers for reasons of returns, where these are beyond doubt in letters of ISO 20022.
_REASON = re.compile("90[1-9]|9[1-5][0-9]")
REASONS = {
    "901": "AC01", "902": "AC04", "903": "AC06", "904": "AG01",
    "909": "MD01", "910": "MD02", "912": "MD06", "913": "MD07",
}  # fmt: skip


def _german(found: Details, joined: str, separator: str, currency: str) -> None:
    """Read numbered subfields; of an account that is told twice the bank's own comes last."""
    found.code, fields = _numbered(joined, separator)
    _coded(found, fields[""], currency)
    found.name = cleaned(_flowed([fields.get("32", ""), fields.get("33", "")]))
    found.bic = account_of(fields.get("30", "")) or found.bic
    found.iban = account_of(fields.get("31", fields.get("38", ""))) or found.iban
    found.kind = fields.get("00", "")
    _returned(found, fields.get("34", "").strip()[:3])


def _numbered(joined: str, separator: str) -> tuple[str, dict[str, str]]:
    """Split at the numbers; the purpose, run together, stands under the empty key."""
    code, *parts = re.split(re.escape(separator) + "([0-9]{2})", joined)
    found: list[tuple[str, str]] = []
    for key, words in zip(parts[::2], parts[1::2], strict=True):
        if key in _SUBFIELDS:
            found.append((key, words))
        else:
            # Whoever pays may ask a question: this is no subfield.
            before, text = found.pop() if found else ("20", "")
            found.append((before, text + separator + key + words))
    purposes = [words for key, words in found if key in _PURPOSE]
    return code, dict(found) | {"": _flowed(purposes)}


def _flowed(chunks: list[str]) -> str:
    """Run subfields together: a word goes on where one is full, a codeword begins anew."""
    flowed, full = "", True
    for chunk in chunks:
        glue = "\n" if _CODEWORD.match(chunk) else "" if full else " "
        flowed += glue + chunk
        full = len(chunk) >= _FULL
    return flowed


def _returned(found: Details, number: str) -> None:
    told_why = _REASON.fullmatch(number) is not None
    found.reason = REASONS.get(number, number) if told_why else ""
    found.returned = told_why or found.code in RETURNS


def _coded(found: Details, purpose: str, currency: str) -> None:
    """Read `EREF+…SVWZ+…`: what stands before the first codeword is purpose as well."""
    free, *parts = _CODEWORD.split(purpose)
    found.texts.append(free)
    written = bool(free.strip())
    for start in range(0, len(parts), 4):
        word = next(filter(None, parts[start : start + 3]))
        value = parts[start + 3]
        if word in SUMS and written:
            found.texts[-1] += f"{word}+{value}"
        elif word in SUMS:
            take_sum(found, word, value, currency)
        elif word == "SVWZ":
            found.texts.append(value)
            written = True
        else:
            _put(found, word, value)


def _put(found: Details, word: str, value: str) -> None:
    if word == "EREF":
        found.end_to_end = found.end_to_end or reference_of(value)
    elif word in {"ABWA", "ABWE"}:
        # On whose behalf it was paid, or to whom: the name is the account's holder.
        found.texts.append(f"{word}+{value.strip()}")
    elif word == "IBAN":
        found.iban = _number(value)
    elif word == "BIC":
        found.bic = account_of(value.partition(" ")[0])


def _number(value: str) -> str:
    """Return the account number at the beginning of a text: the whole IBAN where it is one."""
    words = value.split()
    grouped = ("".join(words[:count]).upper() for count in range(1, len(words) + 1))
    return next(filter(is_iban, grouped), account_of(words[0]) if words else "")


# Dutch -------------------------------------------------------------------------------------

_SLASHED = re.compile(r"/[A-Z]{3,4}/")
_SLASH = re.compile(
    r"/(TRTP|TRCD|RTYP|RTRN|EREF|PREF|MARF|CSID|BUSP|CNTP|BENM|ORDP|NAME|IBAN|BIC|ADDR|ACCW|ID"
    r"|REMI|PURP|ISDT|ULTC|ULTD|ULTB|CREF|IREF|NRTX|SWOD|SWOC|EXCH|CHGS|OCMT|OAMT|COAM)(?=/)"
)
#: What a bank tells before the purpose, and nobody is believed to tell in it.
_TOLD_BEFORE = frozenset({"CHGS", "COAM", "OCMT", "OAMT", "RTRN", "NRTX", "IBAN", "CNTP"})


def _slashed(found: Details, joined: str, currency: str) -> None:
    """Read `/WORD/value/` in any order and nesting (`/ORDP//NAME/…`)."""
    written = False
    for word, value in _words(joined):
        if written and word in _TOLD_BEFORE:
            found.texts[-1] += f"/{word}/{value}"
        elif word in SUMS:
            take_sum(found, word, value, currency)
        elif word == "REMI":
            _remitted(found, value)
            written = True
        else:
            _tell(found, word, value)


def _words(joined: str) -> Iterator[tuple[str, str]]:
    free, *parts = _SLASH.split(joined)
    if free.strip("/ "):
        yield "REMI", free
    for word, value in zip(parts[::2], parts[1::2], strict=True):
        yield word, value.removeprefix("/").rstrip().rstrip("/")


def _remitted(found: Details, value: str) -> None:
    """Take the purpose: bare, `USTD//text`, or `STRD/CUR/reference` and `STRD/ISO/RF…`."""
    if value.startswith("STRD/"):
        found.reference = cleaned(value.rpartition("/")[2])
        found.texts.append(found.reference)
    else:
        found.texts.append(value.removeprefix("USTD//").removeprefix("USTD/"))


def _tell(found: Details, word: str, value: str) -> None:
    if word == "CNTP":
        number, bic, name, *_ = [*value.split("/"), "", ""]
        found.iban, found.bic, found.name = account_of(number), account_of(bic), cleaned(name)
    elif word == "EREF":
        found.end_to_end = found.end_to_end or reference_of(value)
    elif word == "NAME":
        found.name = found.name or cleaned(value)
    elif word == "IBAN":
        found.iban = found.iban or account_of(value)
    elif word == "BIC":
        found.bic = found.bic or account_of(value)
    elif word == "TRCD":
        found.code = cleaned(value)
    elif word == "RTRN":
        found.reason, found.returned = account_of(value)[:4], True
    elif word == "NRTX" and value.isdecimal() and value.isascii() and len(value) <= 6:
        found.size = max(1, int(value))
    elif word in {"ULTD", "ULTC", "ULTB"}:
        found.texts.append(value)
    elif word == "TRTP":
        found.kind = value


# Free text ---------------------------------------------------------------------------------

_PAYER = re.compile(
    r"(?:(?<!\S)(?:AUFTRAGGEBER(?:IN)?|ABSENDER|EINZAHLER|ZAHLUNGSPFLICHTIGER|ORDERING PARTY"
    r"|DONNEUR D.ORDRE|ORDONNATEUR|ORDINANTE|NAAM|BEGÜNSTIGTER|BEGUENSTIGTER|B[ÉE]N[ÉE]FICIAIRE) ?:"
    r"|/DE |/BEN )\s*([^\n;,/]+)",
    re.I,
)
_PAYERS_ACCOUNT = re.compile(r"(?<!\S)IBAN ?: ?([A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]){11,30})")
_PAYERS_REFERENCE = re.compile(
    r"(?:/REFDO |/REF |(?<!\S)END-?TO-?END(?:-ID)? ?: ?)([^\s/;,]+)", re.I
)
#: Where the payer's own words begin, in which none of these labels is looked for.
_WORDS = re.compile(
    r"(?<!\S)(?:ZAHLUNGSGRUND|MITTEILUNG(?:EN)?|MOTIF|MESSAGE|COMMUNICATIONS?|VERWENDUNGSZWECK"
    r"|OMSCHRIJVING) ?:"
    r"|/MOTIF ",
    re.I,
)


def _free(found: Details, text: str) -> None:
    """Keep a free text whole, and find who paid where a label says it."""
    found.texts.append(text)
    words = _WORDS.search(text)
    before = text[: words.start()] if words else text
    if payer := _PAYER.search(before):
        found.name = cleaned(payer[1])
    if number := _PAYERS_ACCOUNT.search(before):
        found.iban = _number(number[1])
    if reference := _PAYERS_REFERENCE.search(text):
        found.end_to_end = reference_of(reference[1])
