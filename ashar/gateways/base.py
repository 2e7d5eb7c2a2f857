"""What a way of paying is to the rest: four calls, and small frozen facts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Protocol, runtime_checkable

from ashar.kernel.money import Money

#: What a notice may say.
KINDS = frozenset(
    {
        "paid",
        "received",
        "processing",
        "declined",
        "failed",
        "expired",
        "charged",
        "transaction",
        "refunded",
        "refund_failed",
        "disputed",
        "fraud_warning",
        "subscription",
    }
)
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement on the provider's balance: signed amount and fee, in the settled currency."""

    id: str
    amount: Money
    fee: Money


@dataclass(frozen=True, slots=True)
class Notice:
    """A fact from outside.

    `id` is the gateway's name for the fact, `kind` one of KINDS, `reference` the pledge's token
    where the gateway carries it, `ids` the provider's own ids (session, intent, charge, refund,
    dispute, source, attempt, invoice, subscription), `at` the fact's own instant. `money` is what
    it is about, in the currency the donor paid. `status` and `reason` are the provider's words.
    `movements` are what it did to the provider's balance; `wants` names facts to be fetched, as
    (kind, id).

    "received" is money that came by itself, of whatever amount, on the book's `account`; its
    `reference` is what was written on it, or the pledge's token; `sender` the IBAN it came from,
    where that is known; `valued_at` when it was given, where that is earlier than the fact: the
    rate of that day holds. `gift` is which part of the money is the gift, where it says so;
    `next_at` when the provider charges next, `card_until` the last day of the card that it charges;
    `due` until when a dispute may be answered.
    """

    gateway: str
    id: str
    kind: str
    at: datetime
    reference: str | None = None
    ids: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    money: Money | None = None
    status: str = ""
    reason: str = ""
    movements: tuple[Movement, ...] = ()
    wants: tuple[tuple[str, str], ...] = ()
    account: str | None = None
    gift: Money | None = None
    next_at: datetime | None = None
    card_until: date | None = None
    sender: str | None = None
    due: datetime | None = None
    valued_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind of notice {self.kind!r}")


@dataclass(frozen=True, slots=True)
class Payee:
    """An account of the association's, with its holder and their address as a bank has them.

    `qr_iban` is the one that Swiss QR-bills name, where the bank gave one.
    """

    name: str
    iban: str
    qr_iban: str = ""
    bic: str = ""
    bank: str = ""
    street: str = ""
    house: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """What a gateway is asked to collect: a gift, with the donor's cover of the fees apart.

    `payee` and `reference` are for gateways that lead nowhere: to whom the donor sends the money,
    and what has to stand on it. `monthly` asks for the same again each month.
    """

    pledge: str
    key: str
    attempt: int
    gift: Money
    cover: Money
    method: str
    language: str
    title: str
    image: str | None
    email: str | None
    back_url: str
    cancel_url: str
    payee: Payee | None = None
    reference: str | None = None
    monthly: bool = False

    @property
    def total(self) -> Money:
        """Return what will be charged."""
        return self.gift + self.cover


@dataclass(frozen=True, slots=True)
class Redirect:
    """The donor goes on at the provider's page, until it ends."""

    url: str
    id: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Instructions:
    """The donor does the rest alone: what to write on a transfer, say."""

    lines: Mapping[str, str]
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """What a gateway is asked to give back of a payment."""

    key: str
    refund: int
    ids: Mapping[str, str]
    money: Money
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Received:
    """An authentic message: the gateway's id and kind for it, and its bytes as they came."""

    id: str
    kind: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Way:
    """A way of paying: what it is called, what it says beside it, its currencies and countries.

    None is all of them, `without` are countries that it does not serve; `ceiling` is the largest
    gift in minor units. Label and hint are msgids of the catalogue, or plain words.
    """

    code: str
    label: str
    hint: str
    currencies: frozenset[str] | None = None
    countries: frozenset[str] | None = None
    ceiling: int | None = None
    without: frozenset[str] = frozenset()

    def serves(self, country: str, currency: str) -> bool:
        """Tell whether it works for a card or account of a country, in a currency."""
        return (
            (self.currencies is None or currency in self.currencies)
            and (self.countries is None or country in self.countries)
            and country not in self.without
        )


@runtime_checkable
class Gateway(Protocol):
    """What collects by one or several ways of paying.

    A gateway with ways that Ashar does not know offers them as `ways`, a tuple of Way. One whose
    `begin` asks nobody outside says `reaches_out = False`: it begins within the transaction.
    Calls that reach out raise GatewayUnreachable for a passing fault and GatewayRefused for a no.
    """

    name: str
    #: Ways that a donor may choose, such as card and sepa.
    methods: tuple[str, ...]
    #: Origins to which a form may lead a donor away.
    origins: tuple[str, ...]

    def begin(self, order: Order) -> Redirect | Instructions:
        """Start collecting; the same key twice starts once."""

    def read(self, body: bytes) -> list[Notice]:
        """Turn a message into facts, without any call; raise Parked for what is not ours."""

    def refund(self, order: RefundOrder) -> Received:
        """Give money back; the same key twice gives back once."""

    def fetch(self, kind: str, id: str) -> Received:
        """Ask the provider for one thing, such as a session or a balance transaction."""


@runtime_checkable
class Contests(Protocol):
    """A gateway whose disputes can be answered."""

    def contest(self, dispute: str, evidence: Mapping[str, str], key: str) -> Received:
        """Hand in evidence, by the provider's names; the same key twice hands in once."""


class Listens(Protocol):
    """A gateway that is told of facts by signed messages, and can list those it sent."""

    def accept(self, body: bytes, headers: Mapping[str, str]) -> Received:
        """Verify a message; raise GatewayRefused unless it is authentic and fresh."""

    def missed(self, since: datetime) -> Iterator[Received]:
        """List the messages sent since an instant, oldest first."""

    def stop(self, id: str) -> None:
        """End what was begun; raise GatewayRefused when it is too late for that."""


@runtime_checkable
class Subscribes(Protocol):
    """A gateway that charges each month by itself, until it is told otherwise.

    Each call is made with a key, under which it happens once, and answers with how the
    subscription stands then.
    """

    def set_amount(self, id: str, key: str, gift: Money, cover: Money) -> Received:
        """Charge another sum from the next time on."""

    def pause(self, id: str, key: str) -> Received:
        """Charge nothing until it is resumed."""

    def resume(self, id: str, key: str) -> Received:
        """Charge again from the next time on."""

    def end(self, id: str, key: str) -> Received:
        """Never charge again."""

    def mend(self, id: str, invoice: str) -> str | None:
        """Return the address where an invoice can be paid anew; None when nothing is open."""
