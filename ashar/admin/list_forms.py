"""The forms of the lists that administrators edit, one for each kind."""

import re
from collections.abc import Sequence
from typing import Any

from flask import current_app
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    ValidationError,
)
from wtforms.widgets import CheckboxInput, ListWidget

from ashar.admin.lists import LIMITS, Item
from ashar.kernel import clock, i18n
from ashar.kernel.forms import AmountField, Form, clean_text
from ashar.kernel.i18n import N_, t
from ashar.kernel.terms import Term
from ashar.pledges import corridors
from ashar.pledges import lists as paying
from ashar.projects import lists as known
from ashar.projects.lists import ICONS

#: In the order in which the languages' fields stand.
LANGUAGES = ("ky", "ru", "en", "de")
ICON_WORDS = {
    "yurt": N_("Yurt"),
    "sprout": N_("Sprout"),
    "drop": N_("Drop"),
    "sun": N_("Sun"),
    "tree": N_("Tree"),
    "recycle": N_("Arrows in a circle"),
    "book": N_("Book"),
}


class EntryForm(Form):
    """What every entry has: on or off, why it is changed, and the state that the form is of."""

    active = BooleanField()
    why = TextAreaField(
        filters=[clean_text], validators=[DataRequired(), Length(max=500)], render_kw={"rows": 2}
    )
    seen = HiddenField(validators=[Length(max=40)])

    def __init__(self, entry: Item | None, **more: Any) -> None:
        given = {"active": True} if entry is None else self.begun(entry.term)
        super().__init__(data=given | {"seen": entry.stamp if entry else ""}, **more)
        self.active.label.text = t(N_("On: it can be chosen"))
        self.why.label.text = t(N_("Why"))
        if entry is not None and "code" in self:
            del self.code
        self.speak(entry)

    def begun(self, term: Term) -> dict[str, Any]:
        """Return what the fields hold to begin with."""
        return {"active": term.active}

    def speak(self, entry: Item | None) -> None:
        """Give the fields their words in the reader's language."""

    @property
    def values(self) -> dict[str, Any]:
        """Return what is to be written, as a history keeps it."""
        return {"names": {}, "more": {}, "position": 0, "active": bool(self.active.data)}

    @property
    def texts(self) -> list[Any]:
        """Return the fields that are written in one language each."""
        return [self[f"text_{code}"] for code in LANGUAGES if f"text_{code}" in self]

    def _said(self) -> dict[str, str]:
        return {
            code: field.data
            for code, field in zip(LANGUAGES, self.texts, strict=True)
            if field.data
        }


def _name(*validators: Any) -> StringField:
    return StringField(filters=[clean_text], validators=[*validators, Length(max=80)])


class NamedForm(EntryForm):
    """An entry with a name in each language; English stands in for those that are left out."""

    #: What a code looks like: a pattern, and words for it.
    CODE, CODE_WORDS = "", ""

    code = StringField(filters=[clean_text], validators=[DataRequired()])
    text_ky = _name()
    text_ru = _name()
    text_en = _name(DataRequired())
    text_de = _name()

    def validate_code(self, field: StringField) -> None:
        """Refuse what does not look like a code of this list."""
        if not re.fullmatch(self.CODE, field.data or ""):
            raise ValidationError(t(N_("It is not written like that.")))

    def begun(self, term: Term) -> dict[str, Any]:
        """Return the names too."""
        return super().begun(term) | {f"text_{code}": term.names.get(code) for code in LANGUAGES}

    def speak(self, entry: Item | None) -> None:
        """Say for each name which language it is of, and what a code looks like."""
        if entry is None:
            self.code.label.text = t(self.CODE_WORDS)
        for code, field in zip(LANGUAGES, self.texts, strict=True):
            field.label.text = i18n.ENDONYMS[code]

    @property
    def values(self) -> dict[str, Any]:
        """Return the names too."""
        return super().values | {"names": self._said()}


class ThemeForm(NamedForm):
    """A theme."""

    # "new" is a page of its own.
    CODE = r"(?!new$)[a-z][a-z0-9-]{1,30}"
    CODE_WORDS = N_("Code: small Latin letters, digits and dashes")

    icon = RadioField(validators=[InputRequired()])
    position = IntegerField(validators=[InputRequired(), NumberRange(0, 9999)])

    def begun(self, term: Term) -> dict[str, Any]:
        """Return icon and place too."""
        icon = term.more.get("icon") or ICONS[0]
        return super().begun(term) | {"icon": icon, "position": term.position}

    def speak(self, entry: Item | None) -> None:
        """Offer the icons that there are; a new theme comes last."""
        super().speak(entry)
        self.icon.label.text = t(N_("Icon"))
        self.icon.choices = [(icon, t(ICON_WORDS.get(icon, icon))) for icon in ICONS]
        self.position.label.text = t(N_("Place in the list"))
        if entry is None and self.position.data is None and not self.is_submitted():
            self.position.data = known.STEP * (len(known.themes(all_of_them=True)) + 1)

    @property
    def values(self) -> dict[str, Any]:
        """Return icon and place too."""
        return super().values | {"more": {"icon": self.icon.data}, "position": self.position.data}


class TargetForm(NamedForm):
    """A target of the Sustainable Development Goals."""

    CODE = r"([1-9]|1[0-7])\.([1-9]|1\d|[a-d])"
    CODE_WORDS = N_("Number of the target, such as 13.3")


def _legal() -> TextAreaField:
    return TextAreaField(filters=[clean_text], validators=[Length(max=600)], render_kw={"rows": 2})


class CorridorForm(EntryForm):
    """What is offered to cards and accounts of a country."""

    code = SelectField(validators=[InputRequired()])
    offers = RadioField(default="all", validators=[InputRequired()])
    ways = SelectMultipleField(option_widget=CheckboxInput(), widget=ListWidget())
    text_ky = _legal()
    text_ru = _legal()
    text_en = _legal()
    text_de = _legal()
    checked_today = BooleanField()

    def begun(self, term: Term) -> dict[str, Any]:
        """Return texts, ways and the day of the last check too."""
        ways = term.more.get("ways")
        texts = {f"text_{code}": term.names.get(code) for code in LANGUAGES}
        chosen = {"offers": "all" if ways is None else "these", "ways": ways or []}
        return super().begun(term) | texts | chosen

    def speak(self, entry: Item | None) -> None:
        """Offer the ways that the site knows, and those that were chosen before."""
        self._checked = entry.term.more.get("checked") if entry else None
        before = (entry.term.more.get("ways") if entry else None) or []
        for code, field in zip(LANGUAGES, self.texts, strict=True):
            field.label.text = i18n.ENDONYMS[code]
        self.active.label.text = t(N_("On: people can pay from there"))
        self.offers.label.text = t(N_("What is offered"))
        self.offers.choices = [
            ("all", t(N_("Every way that works from there"))),
            ("these", t(N_("Only these ways"))),
        ]
        self.ways.label.text = t(N_("Ways of paying"))
        self.ways.choices = _ways(before)
        self.checked_today.label.text = t(N_("I made sure today that this is right"))
        if entry is None:
            self.code.label.text = t(N_("Country of the card or account"))
            self.code.choices = [("", t(N_("Choose …"))), *corridors.countries(i18n.language())]

    def validate_code(self, field: SelectField) -> None:
        """Refuse what is no country."""
        if field.data not in corridors.codes():
            raise ValidationError(t(N_("Please choose a country.")))

    def validate_ways(self, field: SelectMultipleField) -> None:
        """Refuse a corridor that is on and offers nothing."""
        if self.offers.data == "these" and self.active.data and not field.data:
            raise ValidationError(t(N_("Choose a way, or switch the corridor off.")))

    @property
    def values(self) -> dict[str, Any]:
        """Return texts, ways and the day of the last check too."""
        checked = clock.today().isoformat() if self.checked_today.data else self._checked
        chosen = None if self.offers.data == "all" else list(self.ways.data)
        return super().values | {
            "names": self._said(),
            "more": {"ways": chosen, "checked": checked},
        }


def _ways(before: Sequence[str]) -> list[tuple[str, str]]:
    found = {way.code: t(way.label) for way in paying.ways()}
    return list(({code: code for code in before} | found).items())


class LimitForm(EntryForm):
    """A sum from which more is asked for."""

    amount = AmountField()
    currency = HiddenField()

    def begun(self, term: Term) -> dict[str, Any]:
        """Return the sum too."""
        return super().begun(term) | {"amount": str(term.more["amount"])}

    def speak(self, entry: Item | None) -> None:
        """Say what the sum does; it is in the currency of the books, whatever was sent."""
        del self.active
        self.currency.data = current_app.config["ASHAR_BOOK_CURRENCY"]
        label = LIMITS[entry.term.code][0] if entry else N_("Amount")
        self.amount.label.text = f"{t(label)}: {self.currency.data}"

    @property
    def values(self) -> dict[str, Any]:
        """Return the sum, as it is kept."""
        assert self.amount.money is not None  # noqa: S101 - a valid form has read its amount
        more = {"amount": self.amount.money.decimal}
        return {"names": {}, "more": more, "position": 0, "active": True}


FORMS: dict[str, type[EntryForm]] = {
    "theme": ThemeForm,
    "sdg": TargetForm,
    "corridor": CorridorForm,
    "limit": LimitForm,
}
