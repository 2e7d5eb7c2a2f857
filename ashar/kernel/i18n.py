"""Languages: our own catalogue and our own choice, whatever Babel the host may run.

A second `Babel(app)` would silently replace the host's locale selector, so texts are looked up
in our catalogue directly and Babel serves as the library of formats.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel.core import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal
from babel.support import NullTranslations, Translations
from flask import current_app, g, has_request_context, request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from ashar.kernel import clock, paths
from ashar.kernel.money import Money, exponent

DOMAIN = "ashar"
ENDONYMS = {"ky": "Кыргызча", "ru": "Русский", "en": "English", "de": "Deutsch"}
# CLDR knows the som by a code or a sign that fonts lack; people say сом.
SOM = {"ky": "сом", "ru": "сом", "en": "som", "de": "Som"}


def N_(text: str) -> str:
    """Mark a text for the catalogue where it is not shown yet."""
    return text


def NN_(one: str, many: str) -> tuple[str, str]:
    """Mark a text that depends on a number, likewise."""
    return one, many


@lru_cache
def catalogue(lang: str) -> NullTranslations:
    """Load a language's texts, once a process."""
    if lang == "en":
        return NullTranslations()
    return Translations.load(paths.TRANSLATIONS, [lang], DOMAIN)


@lru_cache
def _messages(lang: str) -> Mapping[str, str]:
    found: Mapping[str, str] = getattr(catalogue(lang), "_catalog", {})
    return found


def languages() -> tuple[str, ...]:
    """Return the site's languages, the default first."""
    return tuple(current_app.config["ASHAR_LANGUAGES"])


def chosen() -> str | None:
    """Return the language that the address itself asks for."""
    if not has_request_context():
        return None
    asked = request.args.get("lang", "")
    return asked if asked and asked in languages() else None


def language() -> str:
    """Return the reader's language: what is forced, the address, the account, the browser."""
    found: str | None = g.get("ashar_language")
    if found is None:
        found = g.ashar_language = _select()
    return found


def _select() -> str:
    if not has_request_context():
        return languages()[0]
    if found := chosen():
        return found
    person = g.get("ashar_person_language")
    if person in languages():
        return str(person)
    return _best(request.headers.get("Accept-Language", ""), languages())


@lru_cache(maxsize=256)
def _best(accepted: str, known: tuple[str, ...]) -> str:
    """Choose by what a browser accepts; most browsers say one of a few things."""
    wishes = parse_accept_header(accepted, LanguageAccept)
    return wishes.best_match(known) or known[0]


@contextmanager
def speaking(lang: str) -> Iterator[None]:
    """Write in a given language, as in a letter to somebody else."""
    before = g.get("ashar_language")
    g.ashar_language = lang if lang in languages() else languages()[0]
    try:
        yield
    finally:
        if before is None:
            g.pop("ashar_language", None)
        else:
            g.ashar_language = before


def t(text: str, /, **values: Any) -> str:
    """Translate a text into the reader's language and fill in its `%(name)s` values.

    Money among them is written as the reader writes it.
    """
    # The empty text is the catalogue's own header.
    found = (_messages(language()).get(text) if text else None) or text
    return _filled(found, {name: _said(value) for name, value in values.items()})


#: A Russian day ends with an abbreviation, "2026 г.": one full stop ends the sentence as well.
_TWO_STOPS = re.compile(r"(\d\sг\.)\.(?!\.)")


def _filled(found: str, values: Mapping[str, Any]) -> str:
    if not values:
        return found
    return _TWO_STOPS.sub(r"\1", found % values)


def _said(value: Any) -> Any:
    return money(value) if isinstance(value, Money) else value


def nt(one: str, many: str, n: int, /, **values: Any) -> str:
    """Translate a text that depends on a number; `%(num)s` is the number, formatted."""
    lang = language()
    found = catalogue(lang).ngettext(one, many, n)
    return _filled(found, {"num": number(n), **values})


def locale() -> Locale:
    """Return Babel's locale of the reader's language."""
    return _locale(language())


@lru_cache
def _locale(lang: str) -> Locale:
    return Locale.parse(lang)


def number(value: int | Decimal) -> str:
    """Format a number as the reader writes it."""
    return _number(value, language())


@lru_cache(maxsize=4096)
def _number(value: int | Decimal, lang: str) -> str:
    return format_decimal(value, locale=_locale(lang))


def money(value: Money, short: bool = False) -> str:
    """Format money as the reader writes it; `short` leaves out decimals that are all zero."""
    return _money(value.minor, value.currency, short, language())


@lru_cache(maxsize=8192)
def _money(minor: int, currency: str, short: bool, lang: str) -> str:
    digits = exponent(currency)
    amount = Decimal(minor).scaleb(-digits)
    whole = short and minor % 10**digits == 0
    pattern = "#,##0" if whole or not digits else "#,##0." + "0" * digits
    name = SOM[lang] if currency == "KGS" and lang in SOM else currency
    if lang == "en" and currency != "KGS":
        text = format_currency(
            amount, currency, "¤¤\u00a0" + pattern, locale="en", currency_digits=False
        )
        return str(text)
    figure = format_decimal(amount, format=pattern, locale=_locale(lang))
    return f"{figure}\u00a0{name}"


def day(value: date | datetime | None, form: str = "long") -> str:
    """Format a calendar day, an instant in the association's time zone."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = clock.day_of(value)
    return format_date(value, form, locale=locale())


def moment(value: datetime | None) -> str:
    """Format an instant to the minute in the association's time zone."""
    if value is None:
        return ""
    spoken, zone = locale(), clock.zone()
    # The locale's own order; a medium moment would show seconds.
    return spoken.datetime_formats["medium"].format(
        format_time(value, "short", tzinfo=zone, locale=spoken),
        format_date(value.astimezone(zone), "medium", locale=spoken),
    )


class FormTexts:
    """What WTForms asks for its own messages: our catalogue."""

    def gettext(self, text: str) -> str:
        """Translate one of WTForms' texts."""
        return _messages(language()).get(text) or text

    def ngettext(self, one: str, many: str, n: int) -> str:
        """Translate one of WTForms' texts that depend on a number."""
        return catalogue(language()).ngettext(one, many, n)
