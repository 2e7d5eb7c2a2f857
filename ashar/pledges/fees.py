"""What a way of paying costs, as published by the provider, for a donor who adds the fees."""

from decimal import Decimal

from ashar.kernel.money import Money, exponent, gross_up

#: Share of the charge and fixed part in major units of the currency.
#: Source: Stripe's price list for European accounts, standard cards, 2026.
TARIFF = {
    "card": (Decimal("0.029"), Decimal("0.30")),
    "twint": (Decimal("0.019"), Decimal("0.30")),
    "sepa": (Decimal("0"), Decimal("0.35")),
    "ideal": (Decimal("0"), Decimal("0.29")),
}
#: Fixed parts are quoted in euros or francs; elsewhere they are worth about this much more.
SCALE = {"KRW": 1500, "JPY": 160, "KGS": 95, "KZT": 520, "TRY": 45, "RUB": 95}


def cover(gift: Money, method: str) -> Money:
    """Return what to add so that the gift is left after the fee; an estimate, rounded up."""
    rate, fixed = TARIFF.get(method, (Decimal(0), Decimal(0)))
    part = fixed * SCALE.get(gift.currency, 1)
    return Money(
        gross_up(gift.minor, rate, part.scaleb(exponent(gift.currency))) - gift.minor,
        gift.currency,
    )
