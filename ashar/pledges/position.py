"""Where a payment's money stands, as a pure function of what is known of it.

The book holds, for each payment, the difference between this and what was booked before. So the
order in which facts arrive, and how often, cannot change a balance: only what is known can.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from ashar.kernel.money import share


@dataclass(frozen=True, slots=True)
class Settled:
    """What the provider credited for a charge: minor units and fee in the settled currency."""

    minor: int
    fee: int
    currency: str


@dataclass(frozen=True, slots=True)
class Takeback:
    """A refund or dispute.

    `minor` is what it now takes, in the donor's currency (0 once it failed or was won); `moved`
    what it took from the provider's balance in the settled currency (a failed one may leave a
    difference), None while the provider's transactions for it are not known; `fee` what the
    provider asked for it; `final` that it is over, whatever may become of it later.
    """

    minor: int
    moved: int | None = None
    fee: int = 0
    final: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of a payment whose money came; gift and cover in the donor's currency."""

    gift: int
    cover: int
    currency: str
    settled: Settled | None = None
    takebacks: tuple[Takeback, ...] = ()

    @property
    def charged(self) -> int:
        """Return what the donor was charged."""
        return self.gift + self.cover

    @property
    def taken(self) -> int:
        """Return what refunds and disputes take, in the donor's currency."""
        return sum(back.minor for back in self.takebacks)

    @property
    def gone(self) -> int:
        """Return what of it is over: refunds that arrived, disputes that were lost."""
        return sum(back.minor for back in self.takebacks if back.final)


def position(facts: Facts) -> Mapping[tuple[str, str], int]:
    """Return signed minor units (debit positive) per (role, currency).

    Roles: provider, project, fees, fx, losses. The sides sum to zero.

    Until the provider's transaction is known, all stands in the donor's currency; from then on in
    the settled one. Refunds and disputes take the payment's share of the *original* settled
    amount from the project (and of the cover from the fees, to which it was credited); what the
    provider really moved beyond that is `fx`. What is taken beyond the charge is `losses`.
    """
    charged = facts.charged
    settled = facts.settled or Settled(charged, 0, facts.currency)
    total = settled.minor
    gift = share(total, facts.gift, charged)
    taken = min(facts.taken, charged)
    back = share(total, taken, charged)
    gift_back = share(gift, taken, charged)
    excess = share(total, facts.taken, charged) - back
    known = [item for item in facts.takebacks if item.moved is not None and facts.settled]
    moved = sum(item.moved or 0 for item in known)
    counted = share(total, sum(item.minor for item in known), charged)
    fees = settled.fee + (sum(item.fee for item in facts.takebacks) if facts.settled else 0)
    fx = moved - counted
    sides: Counter[tuple[str, str]] = Counter()
    sides["project", settled.currency] = gift_back - gift
    sides["fees", settled.currency] = (back - gift_back) - (total - gift) + fees
    sides["fx", settled.currency] = fx
    sides["losses", settled.currency] = excess
    sides["provider", settled.currency] = total - fees - back - excess - fx
    return {key: minor for key, minor in sides.items() if minor}
