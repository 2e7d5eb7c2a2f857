"""The steps of the desk as forms: each is made of a content, and says what it makes of it.

A step saves even when it is not complete; only nonsense is refused. What is lacking stands on the
list of what is missing.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, NamedTuple

from flask import current_app
from wtforms import (
    BooleanField,
    DateField,
    Field,
    FieldList,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from ashar.kernel import ids
from ashar.kernel.forms import AmountField, Email, Form, clean_text
from ashar.kernel.i18n import ENDONYMS, N_, language, languages, t
from ashar.kernel.money import Money, convert
from ashar.lead import words
from ashar.projects import content as contents
from ashar.projects.content import Content
from ashar.projects.regions import REGIONS, region_name
from ashar.projects.themes import SDG_TARGETS, THEMES

#: Empty lines that the form of a list offers.
BLANK_LINES = 2
#: How long texts may be.
LENGTHS = {
    "title": 140,
    "summary": 500,
    "story": 20_000,
    "text": 3_000,
    "more_for": 1_000,
    "alt": 300,
    "caption": 300,
}
LONG = frozenset({"summary", "story", "text", "more_for"})
#: Days between which a day that somebody means lies.
_FIRST, _LAST = date(2000, 1, 1), date(2100, 1, 1)


def one_line(text: str | None) -> str:
    """Fold a person's text to one line."""
    return " ".join(clean_text(text).split())


def text_field(name: str, label: str = "") -> Field:
    """Return a field for a text of a content, by its name."""
    long = name in LONG
    given = {"maxlength": LENGTHS[name]} | ({"rows": 14 if name == "story" else 3} if long else {})
    return (TextAreaField if long else StringField)(
        label or words.FIELDS.get(name) or words.PARTS[name],
        filters=[clean_text if long else one_line],
        validators=[Length(max=LENGTHS[name])],
        render_kw=given,
    )


def name_field(label: str, length: int = 120) -> Field:
    """Return a field for a name, which is the same in all languages."""
    return StringField(
        label,
        filters=[one_line],
        validators=[Length(max=length)],
        render_kw={"maxlength": length},
    )


def email_field(label: str) -> Field:
    """Return a field for an e-mail that may be left empty."""
    return StringField(
        label,
        filters=[one_line],
        validators=[Optional(), Length(max=254), Email()],
        render_kw={"inputmode": "email", "autocomplete": "off"},
    )


class OptionalAmount(AmountField):
    """An amount that may be left empty, in the currency that the form says it is in."""

    def pre_validate(self, form: Any) -> None:
        """Read what is there."""
        if (self.data or "").strip():
            super().pre_validate(form)


def minor_of(field: AmountField) -> int | None:
    """Return what an amount means in minor units, None where it is empty."""
    return field.money.minor if field.money else None


class DayField(DateField):
    """A day, which may be left empty."""

    def __init__(self, label: str, **more: Any) -> None:
        # Written by hand where the browser knows no calendar.
        given = {"format": ["%Y-%m-%d", "%d.%m.%Y"], "validators": [Optional()]}
        super().__init__(label, **given | more)

    def pre_validate(self, form: Any) -> None:
        """Refuse what is no day of our lives."""
        if self.data and not _FIRST <= self.data < _LAST:
            raise ValidationError(t(N_("Please look at the year again.")))


def said(before: Mapping[str, str], code: str, text: str | None) -> dict[str, str]:
    """Return a text per language with one language's put in, or taken out where it is empty."""
    kept = {one: known for one, known in before.items() if one != code and known}
    return kept | ({code: text} if text else {})


def typed(minor: int | None, currency: str) -> str:
    """Return an amount as somebody would type it."""
    return Money(minor, currency).decimal.removesuffix(".00") if minor else ""


class Fault(NamedTuple):
    """What is wrong with a field: its id, what it is called, and words."""

    id: str
    label: str
    words: str


class StepForm(Form):
    """Base of the steps; `base` is the revision of the part that it was made of."""

    step: ClassVar[str] = ""
    base = HiddenField()

    def __init__(
        self,
        content: Content,
        *,
        base: int = 0,
        blank: int = BLANK_LINES,
        helper: bool = False,
        public: bool = False,
    ) -> None:
        self.content, self.language = content, content["language"]
        self.helper, self.public, self.blank = helper, public, blank
        super().__init__(data={"base": str(base), **self.read(content)})
        translate(self)

    @property
    def base_revision(self) -> int:
        """Return the revision that the form was made of."""
        text = self.base.data or ""
        return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else 0

    def read(self, content: Content) -> dict[str, Any]:
        """Return the fields' values of a content."""
        raise NotImplementedError

    def values(self, content: Content) -> Content:
        """Return the fields of a content as the form says them; the content as it is now."""
        raise NotImplementedError

    @property
    def faults(self) -> list[Fault]:
        """Return what is wrong, field by field, lines numbered."""
        return list(faults(self))


def translate(form: Form) -> None:
    """Say the labels of a form, and of its lines, in the reader's language."""
    for field in form:
        field.label.text = t(field.label.text)
        if isinstance(field, FieldList):
            for entry in field:
                translate(entry.form)


def faults(form: Form, before: str = "") -> Iterator[Fault]:
    """Yield what is wrong with a form, and with its lines."""
    for field in form:
        if isinstance(field, FieldList):
            for number, entry in enumerate(field, 1):
                yield from faults(entry.form, t(N_("Line %(n)s"), n=number) + " · ")
        elif field.errors and field.type != "CSRFTokenField":
            yield Fault(field.id, before + field.label.text, " ".join(map(str, field.errors)))


class StoryForm(StepForm):
    """What it is about, in the language that the leader writes in."""

    step = "story"
    title = text_field("title")
    summary = text_field("summary")
    story = text_field("story")

    def read(self, content: Content) -> dict[str, Any]:
        """Return the original texts."""
        return {name: content[name].get(self.language, "") for name in contents.STEPS["story"]}

    def values(self, content: Content) -> Content:
        """Return the texts with the original ones put in."""
        return {
            name: said(content[name], self.language, self[name].data)
            for name in contents.STEPS["story"]
        }


class PlaceForm(StepForm):
    """Where it is, and what it serves."""

    step = "place"
    region = SelectField(
        N_("Region"), choices=lambda: [(code, region_name(code, language())) for code in REGIONS]
    )
    district = name_field(N_("District"))
    aymak = name_field(N_("Ayil aymak"))
    village = name_field(N_("Village"))
    theme = SelectField(
        N_("Theme"),
        choices=lambda: [(code, one.name.in_language(language())) for code, one in THEMES.items()],
    )
    sdg = SelectMultipleField(
        N_("UN targets that it serves"),
        choices=lambda: [
            (code, f"{code} {name.in_language(language())}") for code, name in SDG_TARGETS.items()
        ],
    )

    def read(self, content: Content) -> dict[str, Any]:
        """Return place, theme and targets."""
        return {name: content[name] for name in contents.STEPS["place"]}

    def values(self, content: Content) -> Content:
        """Return them."""
        found = {name: self[name].data for name in contents.STEPS["place"]}
        return found | {"sdg": list(dict.fromkeys(found["sdg"]))}

    @property
    def districts(self) -> list[tuple[str, list[str]]]:
        """Return the districts of each region, as suggestions."""
        return [
            (code, [one.in_language(language()) for one in region.districts])
            for code, region in REGIONS.items()
        ]


def currencies() -> list[str]:
    """Return the currencies that a goal may be in."""
    return list(dict.fromkeys(("KGS", *current_app.config["ASHAR_CURRENCIES"])))


class GoalForm(StepForm):
    """How much, until when, and what happens if less comes."""

    step = "goal"
    goal = AmountField(N_("Goal"))
    currency = SelectField(N_("Currency"), choices=lambda: [(code, code) for code in currencies()])
    deadline = DayField(N_("Collects until"))
    funding = RadioField(
        N_("Funding rule"),
        choices=lambda: [(code, t(label)) for code, label in words.FUNDING.items()],
    )
    minimum = OptionalAmount(N_("Least sum"))
    takes_more = BooleanField(N_("Go on taking gifts once the goal is reached"))
    more_for = text_field("more_for")

    def __init__(self, content: Content, **more: Any) -> None:
        super().__init__(content, **more)
        if self.public:
            # What was given is counted in it.
            self.currency.choices = [(content["currency"], content["currency"])]

    def read(self, content: Content) -> dict[str, Any]:
        """Return the sums as they are typed, the day as a day."""
        given = {name: content[name] for name in ("currency", "funding", "takes_more")}
        return given | {
            "goal": typed(content["goal"], content["currency"]),
            "minimum": typed(content["minimum"], content["currency"]),
            "deadline": date.fromisoformat(content["deadline"]) if content["deadline"] else None,
            "more_for": content["more_for"].get(self.language, ""),
        }

    def values(self, content: Content) -> Content:
        """Return goal, rule and day; in another currency, the budget's figures stay the same."""
        currency, day = self.currency.data, self.deadline.data
        found = {
            "currency": currency,
            "goal": minor_of(self.goal) or 0,
            "minimum": minor_of(self.minimum),
            "funding": self.funding.data,
            "deadline": day.isoformat() if day else None,
            "takes_more": self.takes_more.data,
            "more_for": said(content["more_for"], self.language, self.more_for.data),
        }
        if currency != content["currency"]:
            found["budget"] = [
                line | {"amount": _in_currency(line["amount"], content["currency"], currency)}
                for line in content["budget"]
            ]
        return found


def _in_currency(minor: int, old: str, new: str) -> int:
    return convert(Money(minor, old), new, Decimal(1)).minor


# Beginning -----------------------------------------------------------------------------------


class NewForm(Form):
    """What a project begins with; all of it can be changed later but the language."""

    attempt = HiddenField(validators=[Length(max=64)])
    language = SelectField(
        N_("Language that you write in"),
        choices=lambda: [(code, ENDONYMS[code]) for code in languages()],
    )
    title = text_field("title")
    region = SelectField(
        N_("Region"), choices=lambda: [(code, region_name(code, language())) for code in REGIONS]
    )
    theme = SelectField(
        N_("Theme"),
        choices=lambda: [(code, one.name.in_language(language())) for code, one in THEMES.items()],
    )
    goal = AmountField(N_("Rough goal"))
    currency = SelectField(N_("Currency"), choices=lambda: [(code, code) for code in currencies()])

    def __init__(self) -> None:
        given = {"attempt": ids.token(), "language": language(), "currency": "KGS"}
        super().__init__(data=given)
        translate(self)
        self.title.validators = [DataRequired(), *self.title.validators]

    @property
    def faults(self) -> list[Fault]:
        """Return what is wrong."""
        return list(faults(self))

    def content(self) -> Content:
        """Return the content to begin with."""
        given = {name: self[name].data for name in ("language", "region", "theme", "currency")}
        title = {self.language.data: self.title.data}
        return contents.whole(given | {"title": title, "goal": minor_of(self.goal) or 0})
