"""What the details of an entry tell of a transfer: by whom, with which words, at what cost."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from ashar.gateways.statements import camt_values as values
from ashar.gateways.statements.camt_shape import Found
from ashar.gateways.statements.texts import cleaned
from ashar.kernel.money import EXPONENTS

#: Codes of sub-families (ISO 20022's external code set) by which something is given back.
GIVEN_BACK = frozenset({"RRTN", "RPCR", "UPDD", "PRDD", "RCDD", "UPCQ", "CQRV"})
NONE = Found()


class Party(NamedTuple):
    """Who is on the other side of a transfer."""

    name: str
    account: str
    bank: str


class Sum(NamedTuple):
    """An amount beside that of the line; nothing where none is told."""

    minor: int | None
    currency: str


def kind(found: Found) -> str:
    """Return the bank's code of what this is: the standard's with slashes, or else its own."""
    get = found.get
    return _kind(get("domain"), get("family"), get("subfamily"), get("proprietary"))


@lru_cache(maxsize=1024)
def _kind(*codes: str | None) -> str:
    *standard, own = codes
    whole = "/".join(code.strip() for code in standard if code)
    return cleaned(whole or own or "")


def given_back(detail: Found, entry: Found) -> tuple[bool, str]:
    """Tell whether this undoes a transfer, and the code of the reason if there is one."""
    reason = ""
    if returns := detail.each.get("returns"):
        reason = values.told(returns[0].get("reason", ""))
    code = detail.get("subfamily") or entry.get("subfamily", "")
    undone = values.flag(entry.get("reversal", ""), "RvslInd", entry.row)
    return undone or bool(returns) or code in GIVEN_BACK, reason


def party(detail: Found, incoming: bool, returned: bool, own: str) -> Party:
    """Return the other side: who pays us, or whom we pay.

    What is given back keeps the roles of the first transfer, as most banks do it: who has got our
    money is the creditor when it comes back to us. Where the account is our own, it is the other.
    """
    side, opposite = ("debtor", "creditor") if incoming != returned else ("creditor", "debtor")
    account = values.number(detail.get(f"{side} account", ""))
    if (own and account == own) or (returned and not (account or _name(detail, side))):
        side = opposite
        account = values.number(detail.get(f"{side} account", ""))
    return Party(_name(detail, side), account, values.number(detail.get(f"{side} bank", "")))


def _name(detail: Found, side: str) -> str:
    name = values.told(detail.get(side, ""))
    return name or values.told(detail.get(f"first {side}", ""))


def text(detail: Found, entry: Found) -> str:
    """Return the words that came with a transfer, or what the bank says of it."""
    returns = detail.each.get("returns")
    for words in (
        detail.get("text"),
        detail.get("more text"),
        detail.get("words"),
        returns[0].get("text") if returns else None,
        entry.get("words"),
    ):
        if words and (found := values.told(words)):
            return found
    return ""


def instructed(found: Found) -> Sum:
    """Return the sum that the payer sent; none in a currency that is not known here."""
    currency = found.get("instructed.Ccy", "")
    if currency not in EXPONENTS:
        return Sum(None, "")
    return Sum(values.amount(found["instructed"], currency, found.row), currency)


def charges(found: Found, ours: str) -> Sum:
    """Return what was kept of a transfer, in our currency or else in the first one told."""
    if not (told := found.each.get("charges")):
        return Sum(None, "")
    sums: dict[str, int] = {}
    for minor, currency in _records(told):
        sums[currency] = sums.get(currency, 0) + minor
    currency = ours if ours in sums else next(iter(sums), "")
    return Sum(sums.get(currency) or None, currency if sums.get(currency) else "")


def _records(told: list[Found]) -> Iterator[tuple[int, str]]:
    """Yield single charges; those that are booked apart, or given back, were not kept."""
    for one in told:
        for record in one.each.get("records", (one,)):
            name = "amount" if "amount" in record else "total"
            currency = record.get(f"{name}.Ccy", "")
            apart = record.get("included", "").strip() in {"false", "0"}
            if currency in EXPONENTS and not apart and record.get("sign", "").strip() != "CRDT":
                yield values.amount(record[name], currency, record.row), currency
