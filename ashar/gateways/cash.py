"""Cash and remittances: numbers of slips, short codes, and what was counted as a fact.

Nothing here reaches out. Both check digits are those of ISO 7064, Mod 11,10: they find every
wrong digit, and nearly every pair that changed places.
"""

import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_11_10

from ashar.gateways.base import Instructions, Notice, Order, Received, RefundOrder
from ashar.kernel import clock
from ashar.kernel.errors import GatewayRefused
from ashar.kernel.i18n import N_
from ashar.kernel.money import Money

NAME, PARTNER = "cash", "partner"
#: Digits of a slip's serial number and of a pledge's short code, each before its check digit.
SERIAL, CODE = 7, 5


# Numbers and codes -------------------------------------------------------------------------


def number_of(serial: int) -> str:
    """Return the number that is printed on a slip: its serial number and a check digit."""
    digits = f"{serial:0{SERIAL}d}"
    return digits + mod_11_10.calc_check_digit(digits)


def serial_of(number: str) -> int:
    """Return the serial number of a slip's number."""
    return int(number[:SERIAL])


def read_number(text: str) -> str | None:
    """Return the number that somebody wrote, None unless its check digit is right."""
    return _checked(text, SERIAL)


def new_code() -> str:
    """Draw a code of six digits, to be told by phone or written as a transfer's purpose."""
    digits = f"{secrets.randbelow(10**CODE):0{CODE}d}"
    return digits + mod_11_10.calc_check_digit(digits)


def read_code(text: str) -> str | None:
    """Return the code that somebody wrote, None unless its check digit is right."""
    return _checked(text, CODE)


def _checked(text: str, length: int) -> str | None:
    plain = "".join(char for char in text if not char.isspace() and char not in "-–·")
    if len(plain) != length + 1 or not (plain.isdigit() and plain.isascii()):
        return None
    try:
        return str(mod_11_10.validate(plain))
    except ValidationError:
        return None


def grouped(number: str) -> str:
    """Return a number or code in two halves, as it is read out."""
    half = len(number) // 2
    return f"{number[:half]} {number[half:]}"


# What was counted --------------------------------------------------------------------------


def fact(
    *, pledge: str, line: str, account: str, money: Money, at: datetime, given: datetime
) -> Received:
    """Return money that was counted, as a message that `read` understands.

    `pledge` is the pledge's token, `line` names the fact once and for all, `given` is when the
    donor gave it: the rate of that day holds.
    """
    told = {
        "pledge": pledge,
        "account": account,
        "amount": money.decimal,
        "currency": money.currency,
        "at": at.isoformat(),
        "given": given.isoformat(),
        "line": line,
    }
    return Received(line, "received", json.dumps(told, sort_keys=True).encode())


class ByHand:
    """What collects without a provider: people hand money over and tell of it."""

    name = ""
    methods: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()

    def __init__(self, days: int) -> None:
        self._life = timedelta(days=days)

    def begin(self, order: Order) -> Instructions:
        """Tell what the donor has to do."""
        if order.reference is None:
            raise GatewayRefused("no code was drawn for this pledge")
        told = {label: words for label, words in self.lines(order).items() if words}
        return Instructions(told, clock.now() + self._life)

    def lines(self, order: Order) -> Mapping[str, str]:
        """Return what to do, label → words."""
        return {N_("Amount"): str(order.total), N_("Your code"): grouped(order.reference or "")}

    def read(self, body: bytes) -> list[Notice]:
        """Read money that was counted."""
        told: Mapping[str, str] = json.loads(body)
        return [
            Notice(
                gateway=self.name,
                id=told["line"],
                kind="received",
                at=datetime.fromisoformat(told["at"]),
                reference=told["pledge"],
                ids={"charge": told["line"]},
                money=Money.from_decimal(told["amount"], told["currency"]),
                account=told["account"],
                valued_at=datetime.fromisoformat(told["given"]),
            )
        ]

    def refund(self, order: RefundOrder) -> Received:
        """Refuse: what was handed over goes back by a transfer, ordered by a treasurer."""
        raise GatewayRefused("cash goes back by a transfer")

    def fetch(self, kind: str, id: str) -> Received:
        """Refuse: nobody is asked, people tell."""
        raise GatewayRefused(f"no {kind} can be fetched of what was given by hand")


class CashGateway(ByHand):
    """Cash that a registered collector takes against a slip of a numbered book."""

    name = NAME
    methods: tuple[str, ...] = ("cash",)


class PartnerGateway(ByHand):
    """Money sent to the partner in Kyrgyzstan, who receives it as the association's agent."""

    name = PARTNER
    methods: tuple[str, ...] = ("partner",)

    def lines(self, order: Order) -> Mapping[str, str]:
        """Return to whom it goes, exactly as a transfer office asks for it, and the code."""
        payee = order.payee
        if payee is None:
            raise GatewayRefused("no partner receives money for this project")
        return {
            N_("Recipient"): payee.name,
            N_("Bank"): payee.bank,
            N_("Account"): payee.iban,
            **super().lines(order),
        }
