"""Which ways of paying work from where: the card's or account's country decides.

Countries that are not listed pay by card or by transfer.
"""

from functools import lru_cache

from babel.core import Locale

from ashar.gateways.base import Way
from ashar.kernel.i18n import N_

EURO = frozenset({"EUR"})
#: Country of the card or account → ways of paying.
SEPA_AREA = frozenset(
    "AT BE BG HR CY CZ DK EE FI FR DE GR HU IS IE IT LV LI LT LU MT NL NO PL PT RO SK SI ES SE"
    " CH GB".split()
)
#: About how many units of a small currency are worth a franc, euro or dollar, for limits.
SCALE = {"KRW": 1000, "KGS": 100, "JPY": 100, "KZT": 500, "RUB": 100, "TRY": 40}

#: Countries whose cards and accounts Stripe cannot charge.
SHUT = frozenset({"RU", "BY", "CU", "IR", "KP", "SY"})

#: Offered first on the form; the rest of the world follows in the alphabet.
NEAR = ("DE", "CH", "KG", "RU", "KR", "US", "KZ", "TR", "IT", "AT", "FR", "GB", "NL", "PL", "CZ")
COUNTRY_NAMES = {"ky": {"KG": "Кыргызстан"}, "ru": {"KG": "Кыргызстан"}}

#: Ways in which people hand money over and tell of it.
BY_HAND = frozenset({"cash", "partner"})
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
    Way(
        "bank",
        N_("Bank transfer"),
        N_("From your own bank, with a code to scan. It counts when it has arrived, in some days."),
        without=SHUT,
    ),
    Way(
        "cash",
        N_("Cash"),
        N_(
            "To a collector near you, against a numbered slip. It counts when it was handed in and "
            "counted."
        ),
    ),
    Way(
        "partner",
        N_("To our partner in Kyrgyzstan"),
        N_(
            "By a money transfer service or from a local account. It counts when the partner has "
            "it and we have seen it."
        ),
        countries=frozenset({"RU", "KG"}),
    ),
)


@lru_cache
def countries(lang: str) -> list[tuple[str, str]]:
    """Return (code, name) of all countries in a language, the diaspora's first."""
    names = {
        code: COUNTRY_NAMES.get(lang, {}).get(code, name)
        for code, name in Locale.parse(lang).territories.items()
        if len(code) == 2
        and code.isalpha()
        and code not in {"EU", "UN", "ZZ", "XA", "XB", "EZ", "QO"}
    }
    near = [(code, names[code]) for code in NEAR]
    rest = [item for item in names.items() if item[0] not in NEAR]
    return near + sorted(rest, key=lambda item: item[1])


@lru_cache
def codes() -> frozenset[str]:
    """Return the codes of all countries."""
    return frozenset(code for code, _ in countries("en"))


def country_name(code: str, lang: str) -> str:
    """Return a country's name in a language, its code where it is none."""
    return dict(countries(lang)).get(code, code)
