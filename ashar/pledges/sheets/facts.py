"""All that a receipt's paper says, kept with the receipt as plain JSON and never read anew."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Self

from ashar.kernel.money import Money
from ashar.pledges.issuer import Issuer, Tax


@dataclass(frozen=True, slots=True)
class Donor:
    """Who gave, as the receipt names them; without a name on a paper that may be forwarded."""

    name: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""

    @property
    def lines(self) -> list[str]:
        """Return name and address, a line each."""
        town = " ".join(filter(None, (self.postcode, self.city)))
        return [line for line in (self.name, self.street, town, self.country) if line]


@dataclass(frozen=True, slots=True)
class Gift:
    """One gift: `money` is what is confirmed, `back` what went back of it before."""

    payment: int
    day: date
    money: Money
    project: str
    back: Money | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What a paper says. `cancels` is number and day of the receipt that it takes back."""

    kind: str
    form: str
    number: str
    day: date
    language: str
    donor: Donor
    issuer: Issuer
    gifts: tuple[Gift, ...]
    total: Money
    tax: Tax | None = None
    period: int | None = None
    cancels: tuple[str, date] | None = None
    why: str = ""

    @property
    def said(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        return {
            "kind": self.kind,
            "form": self.form,
            "number": self.number,
            "day": self.day.isoformat(),
            "language": self.language,
            "donor": asdict(self.donor),
            "issuer": asdict(self.issuer),
            "gifts": [_said(gift) for gift in self.gifts],
            "total": _money(self.total),
            "tax": self.tax.said if self.tax else None,
            "period": self.period,
            "cancels": [self.cancels[0], self.cancels[1].isoformat()] if self.cancels else None,
            "why": self.why,
        }

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Self:
        """Read it back."""
        cancels = said["cancels"]
        return cls(
            kind=said["kind"],
            form=said["form"],
            number=said["number"],
            day=date.fromisoformat(said["day"]),
            language=said["language"],
            donor=Donor(**said["donor"]),
            issuer=Issuer.read(said["issuer"]),
            gifts=tuple(_gift(one) for one in said["gifts"]),
            total=_read(said["total"]),
            tax=Tax.read(said["tax"]) if said["tax"] else None,
            period=said["period"],
            cancels=(cancels[0], date.fromisoformat(cancels[1])) if cancels else None,
            why=said["why"],
        )


def _money(money: Money) -> list[Any]:
    return [money.minor, money.currency]


def _read(said: list[Any]) -> Money:
    return Money(int(said[0]), str(said[1]))


def _said(gift: Gift) -> dict[str, Any]:
    return {
        "payment": gift.payment,
        "day": gift.day.isoformat(),
        "money": _money(gift.money),
        "project": gift.project,
        "back": _money(gift.back) if gift.back else None,
    }


def _gift(said: Mapping[str, Any]) -> Gift:
    return Gift(
        payment=said["payment"],
        day=date.fromisoformat(said["day"]),
        money=_read(said["money"]),
        project=said["project"],
        back=_read(said["back"]) if said["back"] else None,
    )
