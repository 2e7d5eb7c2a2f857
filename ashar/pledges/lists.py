"""Corridors of payment as administrators keep them: what works from which country, and since when.

A country without a row pays by whatever the ways themselves allow.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from flask import current_app

from ashar.gateways import bank
from ashar.gateways.base import Payee, Subscribes, Way
from ashar.kernel import clock, terms
from ashar.ledger import accounts
from ashar.pledges import corridors as known

#: A corridor that nobody has looked at for so long is named to the administrators.
CHECK_EVERY = timedelta(days=180)
#: Ways that a provider can charge again without its donor.
RECURRING = frozenset({"card", "sepa"})


@dataclass(frozen=True, slots=True)
class Corridor:
    """What is offered to a card or account of one country.

    `ways` are codes, None for all that fit; `texts` the legal text per language; `checked` the day
    when somebody last made sure of it.
    """

    country: str
    on: bool
    ways: tuple[str, ...] | None
    texts: Mapping[str, str]
    checked: date | None

    @property
    def due(self) -> date | None:
        """Return until when it should be looked at again; None where nobody ever did."""
        return self.checked + CHECK_EVERY if self.checked else None

    @property
    def overdue(self) -> bool:
        """Tell whether it should be looked at again."""
        return self.due is None or self.due < clock.today()

    def text(self, lang: str) -> str:
        """Return the legal text in a language, else in English; empty where there is none."""
        return self.texts.get(lang) or self.texts.get("en", "")

    def offers(self, way: Way) -> bool:
        """Tell whether a way is offered here."""
        return self.on and (self.ways is None or way.code in self.ways)


def corridors() -> Mapping[str, Corridor]:
    """Return the corridors that administrators have written down, by country."""
    return {code: corridor_of(term) for code, term in terms.of("corridor").items()}


def corridor(country: str) -> Corridor | None:
    """Return a country's corridor, if it has one."""
    term = terms.of("corridor").get(country)
    return None if term is None else corridor_of(term)


def corridor_of(term: terms.Term | terms.TermRow) -> Corridor:
    """Return what an entry says of a corridor."""
    ways, checked = term.more.get("ways"), term.more.get("checked")
    return Corridor(
        country=term.code,
        on=term.active,
        ways=None if ways is None else tuple(ways),
        texts=term.names,
        checked=date.fromisoformat(checked) if checked else None,
    )


def ways() -> list[Way]:
    """Return the ways of paying that the site's gateways know, those of their own last."""
    gateways: list[Any] = list(current_app.extensions["ashar"].gateways.values())
    methods = {method for gateway in gateways for method in gateway.methods}
    own = [way for gateway in gateways for way in getattr(gateway, "ways", ())]
    return _open([way for way in known.WAYS if way.code in methods]) + own


def monthly_ways() -> frozenset[str]:
    """Return the ways that can be charged each month, or that a donor's own bank repeats."""
    gateways: list[Any] = list(current_app.extensions["ashar"].gateways.values())
    return frozenset(
        method
        for gateway in gateways
        for method in gateway.methods
        if gateway.name == bank.NAME or (method in RECURRING and isinstance(gateway, Subscribes))
    )


def payee(currency: str) -> Payee | None:
    """Return to whom a transfer in a currency goes, None where no account takes it."""
    found = accounts.receiving(currency)
    if found is None:
        return None
    return Payee(
        name=found.holder,
        iban=found.iban,
        qr_iban=found.qr_iban,
        bic=found.bic,
        bank=found.bank,
        street=found.street,
        house=found.house,
        postcode=found.postcode,
        city=found.city,
        country=found.country,
    )


def _open(found: list[Way]) -> list[Way]:
    """Bind transfers to the currencies of the association's accounts; without any, none."""
    taken = accounts.currencies() if any(way.code == bank.NAME for way in found) else frozenset()
    return [
        replace(way, currencies=taken) if way.code == bank.NAME else way
        for way in found
        if way.code != bank.NAME or taken
    ]
