"""Bank transfers: what a donor writes on one, and what came read again.

Nothing here reaches out: a bank tells by its statement, or a treasurer by hand. Either way a fact
comes in as a small JSON text of ours, see `fact`.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from stdnum import iso11649
from stdnum.ch import esr
from stdnum.iso7064 import mod_97_10

from ashar.gateways.base import Instructions, Notice, Order, Payee, Received, RefundOrder
from ashar.kernel import clock
from ashar.kernel.errors import GatewayRefused, Parked
from ashar.kernel.i18n import N_
from ashar.kernel.money import Money

NAME = "bank"
#: Digits of a reference that are drawn at random; the same ones stand in every form of it.
DIGITS = 12
#: Countries whose accounts a Swiss QR-bill can name, and its currencies.
SWISS, SWISS_CURRENCIES = frozenset({"CH", "LI"}), frozenset({"CHF", "EUR"})
#: Bank numbers of QR-IBANs (digits 5 to 9), whose transfers bear a 27-digit reference (QRR).
QR_BANKS = range(30_000, 32_000)


# References --------------------------------------------------------------------------------


def new_reference() -> str:
    """Draw a creditor reference (ISO 11649), such as `RF03123456789012`."""
    digits = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    return "RF" + mod_97_10.calc_check_digits(digits + "RF") + digits


def digits_of(reference: str) -> str:
    """Return the drawn digits of a reference, which people may write in any purpose."""
    return reference[4:]


def read_reference(text: str) -> str | None:
    """Return the reference that somebody wrote, in whatever groups and letters; None if none is.

    Takes RF references of ours, the 27-digit form of them, and the bare digits. The letters R and
    F may be Cyrillic look-alikes, as a phone's keyboard in Kyrgyzstan writes them.
    """
    plain = "".join(text.split()).upper().translate(_LOOK_ALIKES)
    if plain.isdigit() and plain.isascii():
        digits = plain[:-1] if len(plain) == 27 else plain
        digits = digits.lstrip("0").rjust(DIGITS, "0")
        if len(digits) != DIGITS or (len(plain) == 27 and long_form(digits) != plain):
            return None
        return "RF" + mod_97_10.calc_check_digits(digits + "RF") + digits
    if iso11649.is_valid(plain) and plain[4:].isdigit():
        return plain[:4] + plain[4:].lstrip("0").rjust(DIGITS, "0")
    return None


_LOOK_ALIKES = str.maketrans({"Р": "R", "Ғ": "F", "Ф": "F", "О": "0", "O": "0"})


def long_form(digits: str) -> str:
    """Return the 27-digit Swiss QR reference (QRR) of a reference's digits."""
    padded = digits.rjust(26, "0")
    return padded + esr.calc_check_digit(padded)


def is_qr_iban(iban: str) -> bool:
    """Tell whether an account number is one that only QR-bills name."""
    return iban[:2] in SWISS and iban[4:9].isdigit() and int(iban[4:9]) in QR_BANKS


def grouped(text: str) -> str:
    """Return a reference or IBAN in groups of four, as papers print it."""
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


# Transfers -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Transfer:
    """A transfer that somebody has to make: to whom, how much, under which reference."""

    payee: Payee
    money: Money
    reference: str
    about: str = ""

    @property
    def swiss(self) -> bool:
        """Tell whether a Swiss QR-bill can be made of it: it has a holder's whole address."""
        whole = self.payee.iban[:2] in SWISS and bool(self.payee.postcode)
        return whole and self.money.currency in SWISS_CURRENCIES

    @property
    def sepa(self) -> bool:
        """Tell whether the code of European banking apps (EPC069-12) can be made of it."""
        return self.money.currency == "EUR"

    @property
    def bill_reference(self) -> str:
        """Return the reference in the form that the account's QR-bills take."""
        return long_form(digits_of(self.reference)) if self.payee.qr_iban else self.reference


# The gateway -------------------------------------------------------------------------------


def fact(
    *,
    reference: str,
    account: str,
    money: Money,
    on: datetime,
    line: str,
    sender: str = "",
) -> Received:
    """Return money that came, as a message that `read` understands.

    `line` names it once and for all: a statement's line, or what a treasurer entered by hand.
    `sender` is the IBAN it came from, if it is known: a refund goes back there.
    """
    told = {
        "reference": reference,
        "account": account,
        "amount": money.decimal,
        "currency": money.currency,
        "at": on.isoformat(),
        "line": line,
        **({"sender": sender} if sender else {}),
    }
    return Received(line, "received", json.dumps(told, sort_keys=True).encode())


class BankGateway:
    """Transfers to the association's own accounts."""

    name = NAME
    methods: tuple[str, ...] = ("bank",)
    origins: tuple[str, ...] = ()
    reaches_out = False

    def __init__(self, days: int) -> None:
        self._life = timedelta(days=days)

    def begin(self, order: Order) -> Instructions:
        """Tell what to write on the transfer."""
        payee, reference = order.payee, order.reference
        if payee is None or reference is None:
            raise GatewayRefused(f"no account takes {order.total.currency}")
        lines = {
            N_("Recipient"): payee.name,
            N_("IBAN"): grouped(payee.iban),
            N_("BIC"): payee.bic,
            N_("Bank"): payee.bank,
            N_("Amount"): str(order.total),
            N_("Reference"): grouped(reference),
        }
        told = {label: words for label, words in lines.items() if words}
        return Instructions(told, clock.now() + self._life)

    def read(self, body: bytes) -> list[Notice]:
        """Read money that came; raise Parked for what is not ours."""
        told: Mapping[str, str] = json.loads(body)
        reference = read_reference(told["reference"])
        if reference is None:
            raise Parked(f"{told['reference']!r} is no reference of ours")
        return [
            Notice(
                gateway=NAME,
                id=told["line"],
                kind="received",
                at=datetime.fromisoformat(told["at"]),
                reference=reference,
                ids={"charge": told["line"]},
                money=Money.from_decimal(told["amount"], told["currency"]),
                account=f"bank:{told['account']}",
                sender=told.get("sender"),
            )
        ]

    def refund(self, order: RefundOrder) -> Received:
        """Refuse: a bank gives nothing back by itself."""
        raise GatewayRefused("a transfer goes back by another transfer")

    def fetch(self, kind: str, id: str) -> Received:
        """Refuse: a bank is not asked, its statements come."""
        raise GatewayRefused(f"no {kind} can be fetched from a bank")
