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


#: Where a refund stands that a bank has still to carry out.
PAYABLE = "refunds-payable"


@dataclass(frozen=True, slots=True)
class Takeback:
    """A refund or dispute.

    `minor` is what it now takes, in the donor's currency (0 once it failed or was won). It goes
    out of the account with the part `role`: the provider, PAYABLE while a bank has still to carry
    it out, or one of the association's own accounts.

    Of the provider's, `moved` is what it took from its balance in the settled currency (a failed
    one may leave a difference), None while the provider's transactions for it are not known, and
    `fee` what the provider asked for it. Of an own account's, `paid` is what was debited there, as
    (minor units, currency). What is only `promised` takes no more than disputes and other refunds
    have left: nobody is owed what their bank has given back already. `final` is what is over,
    whatever may become of it later.
    """

    minor: int
    moved: int | None = None
    fee: int = 0
    role: str = "provider"
    paid: tuple[int, str] | None = None
    promised: bool = False
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
        return self._sum(promised=False) + self.promised

    @property
    def promised(self) -> int:
        """Return what is still owed, of what was promised."""
        left = max(0, self.charged - self._sum(promised=False))
        return min(left, self._sum(promised=True))

    def _sum(self, *, promised: bool) -> int:
        return sum(back.minor for back in self.takebacks if back.promised == promised)

    @property
    def gone(self) -> int:
        """Return what of it is over: refunds that arrived, disputes that were lost."""
        return sum(back.minor for back in self.takebacks if back.final)


def position(facts: Facts) -> Mapping[tuple[str, str], int]:
    """Return signed minor units (debit positive) per (role, currency).

    Roles: provider, project, fees, fx, losses, and those of the takebacks. The sides sum to zero.

    Until the provider's transaction is known, all stands in the donor's currency; from then on in
    the settled one. Refunds and disputes take the payment's share of the *original* settled
    amount from the project (and of the cover from the fees, to which it was credited); what was
    really moved beyond that, by the provider or on an own account, is `fx`. What is taken beyond
    the charge is `losses`.
    """
    charged = facts.charged
    settled = facts.settled or Settled(charged, 0, facts.currency)
    total, currency = settled.minor, settled.currency
    gift = share(total, facts.gift, charged)
    taken = min(facts.taken, charged)
    back = share(total, taken, charged)
    gift_back = share(gift, taken, charged)
    excess = share(total, facts.taken, charged) - back
    theirs = [item for item in facts.takebacks if item.role == "provider"]
    by_provider = share(total, sum(item.minor for item in theirs), charged)
    known = [item for item in theirs if item.moved is not None and facts.settled]
    moved = sum(item.moved or 0 for item in known)
    counted = share(total, sum(item.minor for item in known), charged)
    fees = settled.fee + (sum(item.fee for item in theirs) if facts.settled else 0)
    fx = moved - counted
    sides = _elsewhere(facts)
    for (_, code), minor in list(sides.items()):
        sides["fx", code] -= minor
    sides["fx", currency] += fx - (back + excess - by_provider)
    sides["project", currency] += gift_back - gift
    sides["fees", currency] += (back - gift_back) - (total - gift) + fees
    sides["losses", currency] += excess
    sides["provider", currency] += total - fees - by_provider - fx
    return {key: minor for key, minor in sides.items() if minor}


def _elsewhere(facts: Facts) -> Counter[tuple[str, str]]:
    """Return what takebacks credit that do not go through the provider."""
    sides: Counter[tuple[str, str]] = Counter()
    for item in facts.takebacks:
        if item.role != "provider" and not item.promised:
            minor, currency = item.paid or (item.minor, facts.currency)
            sides[item.role, currency] -= minor
    sides[PAYABLE, facts.currency] -= facts.promised
    return sides
