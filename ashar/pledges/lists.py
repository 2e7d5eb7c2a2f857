"""Corridors of payment as administrators keep them: what works from which country, and since when.

A country without a row pays by whatever the ways themselves allow.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import select

from ashar.gateways import bank, cash
from ashar.gateways.base import Payee, Subscribes, Way
from ashar.kernel import clock, terms
from ashar.kernel.db import session
from ashar.kernel.money import EXPONENTS
from ashar.ledger import accounts
from ashar.pledges import corridors as known
from ashar.pledges import partners
from ashar.pledges.models import Collector

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
    gateways: list[Any] = list(current_app.extensions["ashar"].gateways.values())
    methods = {method for gateway in gateways for method in gateway.methods}
    own = [way for gateway in gateways for way in getattr(gateway, "ways", ())]
    found = _open([way for way in known.WAYS if way.code in methods])
    return _by_hand(found, project) + own


def _by_hand(found: list[Way], project: int | None) -> list[Way]:
    """Bind cash to where collectors are, and the partner's way to an agreement in force.

    A currency that only they take is no other way's.
    """
    taken = {way.code: way for way in (_cash(found), _to_partner(found, project)) if way}
    own = {code for way in taken.values() for code in way.currencies or ()}
    own -= set(current_app.config["ASHAR_CURRENCIES"])
    return [
        taken.get(way.code) or _without(way, own)
        for way in found
        if way.code in taken or way.code not in known.BY_HAND
    ]


def _without(way: Way, own: set[str]) -> Way:
    if not own or way.currencies is not None:
        return way
    return replace(way, currencies=frozenset(EXPONENTS) - own)


def _cash(found: list[Way]) -> Way | None:
    way = next((way for way in found if way.code == cash.NAME), None)
    if way is None:
        return None
    query = select(Collector.country, Collector.currency).where(Collector.active.is_(True))
    pairs = frozenset((country, currency) for country, currency in session.execute(query))
    if not pairs:
        return None
    return NearBy(
        way.code, way.label, way.hint, frozenset(currency for _, currency in pairs), pairs=pairs
    )


def _to_partner(found: list[Way], project: int | None) -> Way | None:
    way = next((way for way in found if way.code == cash.PARTNER), None)
    if way is None:
        return None
    agents = partners.agents() if project is None else [partners.agent_for(project)]
    taken = frozenset(agent.currency for agent in agents if agent)
    return replace(way, currencies=taken) if taken else None


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
