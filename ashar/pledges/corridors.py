"""Which ways of paying work from where: the card's or account's country decides.

Ways that go through Stripe so far. Countries that are not listed pay by card.
"""

from ashar.gateways.base import Way
from ashar.kernel.i18n import N_

EURO = frozenset({"EUR"})
#: Country of the card or account → ways of paying.
SEPA_AREA = frozenset(
    "AT BE BG HR CY CZ DK EE FI FR DE GR HU IS IE IT LV LI LT LU MT NL NO PL PT RO SK SI ES SE"
    " CH GB".split()
)
#: Countries whose cards and accounts Stripe cannot charge.
SHUT = frozenset({"RU", "BY", "CU", "IR", "KP", "SY"})

#: Offered first on the form; the rest of the world follows in the alphabet.
NEAR = ("DE", "CH", "KG", "RU", "KR", "US", "KZ", "TR", "IT", "AT", "FR", "GB", "NL", "PL", "CZ")

WAYS = (
    Way(
        "card",
        N_("Card"),
        N_("Visa, Mastercard, Apple Pay or Google Pay. Settled at once."),
        without=SHUT,
    ),
    Way(
        "sepa",
        N_("SEPA direct debit"),
        N_("From your bank account, in euros. It takes a few days until it counts."),
        EURO,
        SEPA_AREA,
    ),
    Way(
        "twint",
        N_("TWINT"),
        N_("With your phone, in Swiss francs, up to 5,000."),
        frozenset({"CHF"}),
        frozenset({"CH"}),
        500_000,
    ),
    Way("ideal", N_("iDEAL"), N_("From your Dutch bank account."), EURO, frozenset({"NL"})),
)
