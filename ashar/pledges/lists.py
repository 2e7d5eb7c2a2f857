"""Corridors of payment as administrators keep them: what works from which country, and since when.

A country without a row pays by whatever the ways themselves allow.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from flask import current_app

from ashar.gateways import bank, cash
from ashar.gateways.base import Payee, Subscribes, Way
from ashar.kernel import clock, terms
from ashar.kernel.i18n import t
from ashar.kernel.money import EXPONENTS
from ashar.ledger import accounts
from ashar.pledges import corridors as known
from ashar.pledges import takers
from ashar.pledges.takers import Takers

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


@dataclass(frozen=True, slots=True)
class NearBy(Way):
    """A way that works for some countries in a currency each: where a collector takes it."""

    pairs: frozenset[tuple[str, str]] = frozenset()

    def serves(self, country: str, currency: str) -> bool:
        """Tell whether somebody takes a currency in a country."""
        return (country, currency) in self.pairs


def ways(project: int | None = None) -> list[Way]:
    """Return the ways of paying that the site's gateways know, those of their own last.

    To the partner a gift goes only where its agreement names the project, if one is given.
    """
    methods = {method for gateway in _gateways() for method in gateway.methods}
    found = [way for way in known.WAYS if way.code in methods]
    return (_bound(found, takers.of(project)) if found else []) + _own()


def _gateways() -> list[Any]:
    return list(current_app.extensions["ashar"].gateways.values())


def _own() -> list[Way]:
    """Return the ways that gateways bring themselves."""
    return [way for gateway in _gateways() for way in getattr(gateway, "ways", ())]


def _bound(found: list[Way], by: Takers) -> list[Way]:
    """Bind transfers to open accounts, cash to collectors, the partner's way to an agreement.

    A currency that only the last two take is no other way's.
    """
    own = ({currency for _, currency in by.collectors} | by.agents) - set(
        current_app.config["ASHAR_CURRENCIES"]
    )
    return [bound for way in found if (bound := _one_bound(way, by, own)) is not None]


def _one_bound(way: Way, by: Takers, own: set[str]) -> Way | None:
    if way.code == bank.NAME:
        return replace(way, currencies=by.accounts) if by.accounts else None
    if way.code == cash.NAME:
        return _near(way, by.collectors) if by.collectors else None
    if way.code == cash.PARTNER:
        return replace(way, currencies=by.agents) if by.agents else None
    if not own or way.currencies is not None:
        return way
    return replace(way, currencies=frozenset(EXPONENTS) - own)


def _near(way: Way, pairs: frozenset[tuple[str, str]]) -> Way:
    currencies = frozenset(currency for _, currency in pairs)
    return NearBy(way.code, way.label, way.hint, currencies, pairs=pairs)


def label(code: str) -> str:
    """Return what a way of paying is called, whether it can be taken now or not."""
    found = next((way for way in (*known.WAYS, *_own()) if way.code == code), None)
    return t(found.label) if found else code


def monthly_ways() -> frozenset[str]:
    """Return the ways that can be charged each month, or that a donor's own bank repeats."""
    return frozenset(
        method
        for gateway in _gateways()
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
