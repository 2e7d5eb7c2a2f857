"""The pledge form and the small forms of a pledge's page."""

from collections.abc import Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any

from flask import current_app, request
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import (
    AnyOf,
    InputRequired,
    Length,
    Optional,
    StopValidation,
    ValidationError,
)

from ashar.gateways.base import Way
from ashar.kernel import clock, ids
from ashar.kernel.forms import AmountField, Email, Form, clean_text
from ashar.kernel.i18n import ENDONYMS, N_, language, languages, money, t
from ashar.kernel.money import Money
from ashar.kernel.phones import read_phone
from ashar.pledges import corridors, fees, lists, months, services
from ashar.pledges.address import AddressFields
from ashar.pledges.fallbacks import Other

#: Currency that people in a country think in, where it differs from the euro.
CURRENCY_OF = {"CH": "CHF", "LI": "CHF", "US": "USD", "GB": "GBP", "KR": "KRW", "KG": "KGS"}
CURRENCY_OF |= {"JP": "JPY", "KZ": "KZT", "TR": "TRY", "RU": "RUB"}
#: Round sums to begin with, in major units.
SUGGESTED = {
    "KRW": (20_000, 50_000, 100_000),
    "KGS": (1_000, 3_000, 10_000),
    "JPY": (2_000, 5_000, 10_000),
    "KZT": (10_000, 25_000, 50_000),
    "RUB": (1_000, 3_000, 10_000),
    "TRY": (500, 1_000, 3_000),
}
SUGGESTED_ELSE = (20, 50, 100)

#: Ways that need no e-mail address where there is a phone number.
WITHOUT_EMAIL = frozenset({"bank"}) | corridors.BY_HAND

FREQUENCY = (("once", N_("Once")), ("monthly", N_("Each month")))
VISIBILITY = (
    ("public", N_("With my name")),
    ("anonymous", N_("Without my name in public; the project's leader sees it")),
    ("hidden", N_("Hidden from the project's leader too")),
)


def _stripped(text: str | None) -> str:
    return clean_text(text)


#: What becomes of a gift to a project that misses its threshold.
FALLBACK = (
    ("refund", N_("It goes back to me, the way it came")),
    ("other", N_("It goes to another project")),
)


class Address:
    """Ask for an e-mail, unless the way of paying does without and there is a phone number."""

    def __call__(self, form: "PledgeForm", field: StringField) -> None:
        """Stop at an empty field, with words where one is needed."""
        if (field.data or "").strip():
            return
        if form.phone.data and form.method.data in WITHOUT_EMAIL:
            raise StopValidation
        raise StopValidation(t(N_("Please give an e-mail address: the receipt goes there.")))


class PledgeForm(AddressFields, Form):
    """What a donor fills in; labels are translated when the form is made."""

    attempt = HiddenField(validators=[Length(max=64)])
    kind = HiddenField(default="money", validators=[AnyOf(["money"])])
    amount = AmountField(N_("Amount"))
    currency = SelectField(N_("Currency"), validators=[InputRequired()])
    frequency = RadioField(N_("How often"), default="once")
    # Held against the set below: a walk over 250 choices would take longer than the rest.
    country = SelectField(
        N_("Country of your card or account"), validators=[InputRequired()], validate_choice=False
    )
    method = RadioField(N_("How you pay"), validators=[InputRequired()])
    cover_fees = BooleanField(N_("Add the fees, so that the whole gift arrives"))
    name = StringField(
        N_("Your name"), filters=[_stripped], validators=[Optional(), Length(max=120)]
    )
    email = StringField(N_("E-mail"), validators=[Address(), Length(max=254), Email()])
    phone = StringField(N_("Phone, instead of an e-mail"), validators=[Optional(), Length(max=40)])
    fallback = RadioField(N_("If the minimum is not reached by the last day"), default="refund")
    fallback_project = SelectField(N_("Which other project"))
    visibility = RadioField(N_("How you are named"), default="anonymous")
    group = StringField(
        N_("On behalf of a group"), filters=[_stripped], validators=[Optional(), Length(max=120)]
    )
    in_honour_of = StringField(
        N_("In honour of"), filters=[_stripped], validators=[Optional(), Length(max=120)]
    )
    honour_email = StringField(
        N_("Their e-mail, if we may tell them"),
        filters=[_stripped],
        validators=[Optional(), Length(max=254), Email()],
    )
    message = TextAreaField(
        N_("A message to the village"),
        filters=[_stripped],
        validators=[Optional(), Length(max=1000)],
    )

    def __init__(
        self,
        project_currency: str,
        ways: list[Way],
        others: Sequence[Other] | None = None,
        **kwargs: Any,
    ) -> None:
        """Make the form; `others` are given for a threshold project: what may be given instead.

        Such a project takes no monthly gifts.
        """
        super().__init__(**kwargs)
        self._ways = ways
        self._monthly = lists.monthly_ways()
        #: Whether the project takes monthly gifts, by any way that there is.
        self.takes_monthly = others is None and any(way.code in self._monthly for way in ways)
        self.frequency.choices = [(code, t(label)) for code, label in FREQUENCY]
        self.others = others
        if others is None:
            del self.fallback, self.fallback_project
        else:
            self.fallback.choices = [(code, t(label)) for code, label in FALLBACK]
            self.fallback_project.choices = [
                ("", t(N_("The one that the association chooses"))),
                *[(one.slug, one.title) for one in others],
            ]
        self.currency.choices = [(code, code) for code in currencies(project_currency, ways)]
        self.country.choices = [("", t(N_("Choose …"))), *corridors.countries(language())]
        self.method.choices = [(way.code, t(way.label)) for way in ways]
        self.visibility.choices = [(code, t(label)) for code, label in VISIBILITY]
        self.offer_receipts()
        for field in self:
            field.label.text = t(field.label.text)
        if not self.is_submitted():
            self._begin(project_currency)

    def _begin(self, project_currency: str) -> None:
        """Fill in what can be guessed: nothing that costs the donor anything."""
        self.attempt.data = ids.token()
        territory = _territory()
        self.country.data = territory
        wanted = request.args.get("currency") or CURRENCY_OF.get(territory, "EUR")
        known = [code for code, _ in self.currency.choices]
        fallback = project_currency if project_currency in known else known[0]
        self.currency.data = wanted if territory and wanted in known else fallback
        if request.args.get("currency") in known:
            self.currency.data = request.args["currency"]
        self.amount.data = request.args.get("amount", "")[:20]
        codes = [way.code for way in self._ways]
        asked = request.args.get("method", "")
        self.method.data = asked if asked in codes else next(iter(codes), None)

    @property
    def covers(self) -> list[tuple[str, Money]]:
        """Return what covering the fees adds to the sum, by each way that can pay it."""
        try:
            gift = Money.parse(self.amount.data or "", self.currency.data or "")
        except ValueError:
            return []
        return [
            (t(way.label), fees.cover(gift, way.code))
            for way in self._ways
            if gift.minor > 0 and (not way.currencies or gift.currency in way.currencies)
        ]

    @property
    def frequency_notes(self) -> dict[str, str]:
        """Return when the next charge of a monthly gift comes, and how it ends."""
        return {"monthly": months.promise()}

    @property
    def method_notes(self) -> dict[str, str]:
        """Return what stands beside each way of paying."""
        return {way.code: t(way.hint) for way in self._ways}

    @property
    def method_currencies(self) -> dict[str, str]:
        """Return the currencies of each way that is bound to some, by space."""
        offered = {code for code, _ in self.currency.choices}
        return {
            way.code: " ".join(sorted(way.currencies & offered))
            for way in self._ways
            if way.currencies
        }

    @property
    def country_note(self) -> str:
        """Return what a corridor's legal text says of the country that is chosen."""
        kept = lists.corridor(self.country.data or "")
        return kept.text(language()) if kept else ""

    def validate_country(self, field: SelectField) -> None:
        """Refuse what is no country."""
        if field.data not in corridors.codes():
            raise ValidationError(field.gettext("Not a valid choice."))

    def validate_phone(self, field: StringField) -> None:
        """Read the number; one without a country's code is of the account's country."""
        number = read_phone(field.data, self.country.data or "")
        if number is None:
            raise ValidationError(
                t(N_("This is not a phone number. Write it like +996 700 123 456."))
            )
        field.data = number

    def validate_frequency(self, field: RadioField) -> None:
        """Refuse a monthly gift where the project or the way of paying takes none."""
        if field.data != "monthly":
            return
        if not self.takes_monthly:
            raise ValidationError(t(services.NOT_MONTHLY))
        if self.method.data and self.method.data not in self._monthly:
            raise ValidationError(t(N_("This way of paying works once. Choose another one.")))

    def validate_amount(self, field: AmountField) -> None:
        """Hold the amount between the site's smallest and largest gift."""
        if field.money is None:
            return
        least, most = bounds(field.money.currency)
        if field.money < least:
            raise ValidationError(t(N_("The smallest gift is %(sum)s."), sum=money(least)))
        if most < field.money:
            raise ValidationError(t(N_("The largest gift here is %(sum)s."), sum=money(most)))

    def validate_method(self, field: RadioField) -> None:
        """Refuse a way that does not work for the country, currency or sum."""
        country, currency = self.country.data, self.currency.data
        way = next((way for way in self._ways if way.code == field.data), None)
        if way is not None and country in way.without:
            raise ValidationError(t(N_("Cards and accounts from this country cannot be charged.")))
        kept = lists.corridor(country or "")
        if way is not None and kept is not None and not kept.offers(way):
            raise ValidationError(
                kept.text(language())
                or t(N_("This way is not offered for cards and accounts of this country now."))
            )
        if way is None or not way.serves(country, currency):
            raise ValidationError(
                t(N_("This way does not work for this country and currency. Choose another."))
            )
        given = self.amount.money
        if way.ceiling is not None and given and given.minor > way.ceiling:
            raise ValidationError(
                t(
                    N_("The largest gift this way is %(sum)s."),
                    sum=money(Money(way.ceiling, currency)),
                )
            )


class ChangeForm(Form):
    """How a donor wants to be named from now on, and what their pledge says."""

    key = HiddenField(validators=[Length(max=200)])
    visibility = RadioField(N_("How you are named"))
    name = StringField(
        N_("Your name"), filters=[_stripped], validators=[Optional(), Length(max=120)]
    )
    group = StringField(
        N_("On behalf of a group"), filters=[_stripped], validators=[Optional(), Length(max=120)]
    )
    in_honour_of = StringField(
        N_("In honour of"), filters=[_stripped], validators=[Optional(), Length(max=120)]
    )
    honour_email = StringField(
        N_("Their e-mail, if we may tell them"),
        filters=[_stripped],
        validators=[Optional(), Length(max=254), Email()],
    )
    message = TextAreaField(
        N_("A message to the village"),
        filters=[_stripped],
        validators=[Optional(), Length(max=1000)],
    )
    language = SelectField(N_("Language of our letters"))

    def __init__(self, *, told: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if told:
            # Who is honoured was told when the money came, and is told once.
            del self.honour_email
        self.visibility.choices = [(code, t(label)) for code, label in VISIBILITY]
        self.language.choices = [(code, ENDONYMS[code]) for code in languages()]
        for field in self:
            field.label.text = t(field.label.text)


class SentForm(Form):
    """What a donor sent to the partner; who did not make the pledge just now shows it is theirs.

    A forwarded link shows neither the phone nor the e-mail that stand on the pledge.
    """

    attempt = HiddenField(validators=[Length(max=64)])
    control = StringField(
        N_("Control number"), filters=[_stripped], validators=[InputRequired(), Length(max=40)]
    )
    day = DateField(N_("Sent on"), validators=[InputRequired()])
    amount = AmountField(N_("Sum"))
    currency = SelectField(N_("Currency"), validators=[InputRequired()])
    contact = StringField(
        N_("Your phone or e-mail, as on the pledge"),
        filters=[_stripped],
        validators=[Length(max=254)],
    )

    def __init__(self, currency: str, *, known: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if known:
            del self.contact
        codes = dict.fromkeys((currency, "RUB", "KGS", "USD", "EUR", "KZT"))
        self.currency.choices = [(code, code) for code in codes]
        for field in self:
            field.label.text = t(field.label.text)
        if not self.is_submitted():
            self.attempt.data = ids.token()

    def validate_day(self, field: DateField) -> None:
        """It is not to come, and not long past."""
        today = clock.today()
        if field.data is not None and not today - timedelta(days=400) <= field.data <= today:
            raise ValidationError(t(N_("This day is still to come, or more than a year ago.")))


class CancelForm(Form):
    """Call a pledge off; nothing to fill in but the proof that it came from our page."""

    key = HiddenField()


class RetryForm(Form):
    """Pay again; nothing to fill in."""


def currencies(project_currency: str, ways: list[Way]) -> list[str]:
    """Return the currencies that a donor may choose, those only given by hand last."""
    found: list[str] = list(current_app.config["ASHAR_CURRENCIES"])
    if project_currency not in found and project_currency != "KGS":
        found.insert(0, project_currency)
    by_hand = [way.currencies or () for way in ways if way.code in corridors.BY_HAND]
    return found + sorted({code for taken in by_hand for code in taken} - set(found))


def bounds(currency: str) -> tuple[Money, Money]:
    """Return the smallest and the largest gift in a currency.

    The settings are in francs, euros or dollars; in small currencies they count a hundredfold.
    """
    config = current_app.config
    return _bounds(config["ASHAR_MINIMUM_GIFT"], config["ASHAR_MAXIMUM_GIFT"], currency)


@lru_cache
def _bounds(smallest: str, largest: str, currency: str) -> tuple[Money, Money]:
    factor = corridors.SCALE.get(currency, 1)
    least = Money.parse(smallest, "EUR").minor * factor
    most = Money.parse(largest, "EUR").minor * factor
    digits = len(Money(0, currency).decimal.partition(".")[2])
    if digits == 0:
        least, most = -(-least // 100), most // 100
    return Money(least, currency), Money(most, currency)


def suggestions(currency: str) -> list[tuple[str, Money]]:
    """Return round sums to begin with, as typed and as money."""
    return [
        (str(major), Money.parse(str(major), currency))
        for major in SUGGESTED.get(currency, SUGGESTED_ELSE)
    ]


def _territory() -> str:
    """Guess the country from the browser's languages, such as de-CH."""
    for tag, _ in request.accept_languages:
        _, _, territory = tag.replace("_", "-").partition("-")
        if len(territory) == 2 and territory.isalpha():
            return territory.upper()
    return ""
