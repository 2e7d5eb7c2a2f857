"""Who gives receipts out, as administrators keep it: the association, and what tax offices said."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Self

from flask import current_app

from ashar.kernel import terms
from ashar.kernel.i18n import N_
from ashar.kernel.money import Money

#: The kind of these entries among the lists of `kernel.terms`.
KIND = "receipts"
ASSOCIATION = "association"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a country asks of a receipt for its tax office.

    `least` is the smallest gift, in `currency`, that one is given for, None where gifts of a year
    are confirmed together; `years` for how long a notice holds, by its kind.
    """

    country: str
    label: str
    language: str
    currency: str
    least: int | None
    years: Mapping[str, int]


#: § 50 (4) EStDV asks for none up to 300 euros, § 63 (5) AO says how long a notice holds; IRS
#: Publication 1771 asks for one from 250 dollars.
RULES = {
    "de": Rule("DE", N_("Germany"), "de", "EUR", 30_001, {"exempt": 5, "provisional": 3}),
    "ch": Rule("CH", N_("Switzerland"), "de", "CHF", None, {}),
    "us": Rule("US", N_("United States"), "en", "USD", 25_000, {}),
}
#: What a German tax office has found, by which its notices are told apart.
NOTICES = {
    "exempt": N_("Exempt by the last assessment (Freistellungsbescheid)"),
    "provisional": N_("Statutes found to comply (§ 60a AO)"),
}


@dataclass(frozen=True, slots=True)
class Issuer:
    """The association as its papers name it."""

    name: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""
    register: str = ""
    contact: str = ""
    signatory: str = ""

    @classmethod
    def read(cls, more: Mapping[str, Any]) -> Self:
        """Read what an entry or a receipt's facts say; what they lack is empty."""
        return cls(**{field.name: str(more.get(field.name) or "") for field in fields(cls)})


@dataclass(frozen=True, slots=True)
class Tax:
    """What a country's tax office said of the association."""

    office: str = ""
    number: str = ""
    notice: str = ""
    notice_day: date | None = None
    until: date | None = None
    assessed: str = ""
    purposes: str = ""
    machine: bool = False

    @classmethod
    def read(cls, more: Mapping[str, Any]) -> Self:
        """Read what an entry or a receipt's facts say."""
        words = ("office", "number", "notice", "assessed", "purposes")
        return cls(
            **{name: str(more.get(name) or "") for name in words},
            notice_day=_day(more.get("notice_day")),
            until=_day(more.get("until")),
            machine=bool(more.get("machine")),
        )

    @property
    def said(self) -> dict[str, Any]:
        """Return it as it is kept."""
        days = {
            name: day.isoformat() if (day := getattr(self, name)) else None
            for name in ("notice_day", "until")
        }
        return {field.name: getattr(self, field.name) for field in fields(self)} | days


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def issuer() -> Issuer:
    """Return the association; before anybody has entered it, by the name of who sends letters."""
    term = terms.of(KIND).get(ASSOCIATION)
    if term is not None:
        return Issuer.read(term.more)
    name, _, _ = str(current_app.config["ASHAR_MAIL_FROM"]).partition("<")
    return Issuer(name=name.strip() or "Ashar")


def tax(form: str) -> Tax | None:
    """Return what a country's office said; None where receipts of that form are off."""
    term = terms.of(KIND).get(form)
    return Tax.read(term.more) if form in RULES and term is not None and term.active else None


def form_of(country: str | None) -> str | None:
    """Return the form that is given out to a country now."""
    known = next((code for code, rule in RULES.items() if rule.country == country), None)
    return known if known and tax(known) is not None else None


def forms() -> list[str]:
    """Return the forms that are given out now."""
    return [code for code in RULES if tax(code) is not None]


def last_day(form: str, found: Tax) -> date | None:
    """Return until when a notice holds; None where nothing ends it."""
    years = RULES[form].years.get(found.notice)
    ends = [found.until] if found.until else []
    if years is not None and found.notice_day is not None:
        ends.append(_later(found.notice_day, years))
    return min(ends, default=None)


def _later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def holds(form: str, found: Tax, day: date) -> bool:
    """Tell whether a notice was there and held on a day."""
    last = last_day(form, found)
    return (
        found.notice_day is not None
        and found.notice_day <= day
        and (last is None or day <= last)
        and not (RULES[form].years and found.notice not in RULES[form].years)
    )


def least(form: str) -> Money | None:
    """Return the smallest gift that a form is given out for."""
    rule = RULES[form]
    return None if rule.least is None else Money(rule.least, rule.currency)
