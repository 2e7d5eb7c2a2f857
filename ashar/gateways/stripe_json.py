"""What all readers of Stripe's JSON share: amounts, ids, and what we wrote beside a thing."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ashar.kernel.errors import GatewayRefused, Parked
from ashar.kernel.money import EXPONENTS, Money

NAME = "stripe"
#: Where Stripe's exponent is not ISO 4217's.
EXPONENT = {"ISK": 2, "UGX": 2, "MGA": 0}

Object = Mapping[str, Any]


def to_stripe(money: Money) -> int:
    """Return the amount in Stripe's own smallest unit; raise GatewayRefused when it has none."""
    shift = EXPONENT.get(money.currency, EXPONENTS[money.currency]) - EXPONENTS[money.currency]
    if shift >= 0:
        return money.minor * 10**shift
    units, rest = divmod(money.minor, 10**-shift)
    if rest:
        raise GatewayRefused(f"Stripe cannot charge {money}")
    return units


def from_stripe(amount: int, currency: str) -> Money:
    """Return Stripe's amount as money; raise Parked for what we have no unit for."""
    code = currency.upper()
    if code not in EXPONENTS:
        raise Parked(f"unknown currency {code}")
    shift = EXPONENTS[code] - EXPONENT.get(code, EXPONENTS[code])
    if shift >= 0:
        return Money(amount * 10**shift, code)
    minor, rest = divmod(amount, 10**-shift)
    if rest:
        raise Parked(f"{amount} of Stripe's units is no amount in {code}")
    return Money(minor, code)


def site_of(thing: Object) -> str | None:
    """Return the site that a thing was made by, where it says so."""
    site: str | None = metadata(thing).get("site")
    return site


def metadata(thing: Object) -> Object:
    """Return a thing's metadata, an invoice's subscription's."""
    details = (thing.get("parent") or {}).get("subscription_details") or {}
    return details.get("metadata") or thing.get("metadata") or {}


def created(thing: Object) -> datetime:
    """Return when a thing was made."""
    return datetime.fromtimestamp(thing["created"], UTC)


def id_of(value: Any) -> str | None:
    """Return the id of a thing that may be expanded."""
    if isinstance(value, Mapping):
        return str(value["id"])
    return value


def ids_of(**values: Any) -> dict[str, str]:
    """Return the ids of things, those that are there."""
    return {name: str(id_of(value)) for name, value in values.items() if value}


def about(thing: Object) -> dict[str, Any]:
    """Return the pledge's token and the number of its try, as we wrote them beside a thing."""
    told = metadata(thing)
    attempt = str(told.get("attempt", ""))
    return {"token": told.get("pledge"), "attempt": attempt if attempt.isdigit() else None}
