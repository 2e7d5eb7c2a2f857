"""The administrators' forms about collectors, partners and agreements."""

import re
from typing import Any

from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from ashar.kernel.forms import AmountField, Form, clean_text
from ashar.kernel.i18n import N_, language, t
from ashar.kernel.money import EXPONENTS
from ashar.people import queries as people
from ashar.people.models import Person
from ashar.pledges import corridors
from ashar.pledges.models import Collector, Partner
from ashar.pledges.registers import BOOK, File, Place


def _line(label: str, most: int = 120, *more: Any) -> StringField:
    return StringField(label, filters=[clean_text], validators=[*more, Length(max=most)])


def _why() -> TextAreaField:
    return TextAreaField(N_("Why"), filters=[clean_text], validators=[Length(max=500)])


class _Kept(Form):
    """A form of a row that is entered once under a short name, and changed later."""

    slug = _line(N_("Short name"), 40, InputRequired())
    currency = SelectField(N_("Currency"), default="KGS", validators=[InputRequired()])

    def __init__(self, row: Collector | Partner | None, **more: Any) -> None:
        super().__init__(obj=row, **more)
        if row is None:
            self.currency.choices = [(code, code) for code in sorted(EXPONENTS)]
        else:
            del self.slug, self.currency
        for field in self:
            field.label.text = t(field.label.text)

    def validate_slug(self, field: StringField) -> None:
        """It stands in addresses and in the book."""
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", field.data):
            raise ValidationError(t(N_("Small Latin letters, digits and hyphens, please.")))
        if field.data == "new":
            raise ValidationError(t(N_("This word stands for something else here.")))


class CollectorForm(_Kept):
    """A collector: who, where, up to what."""

    email = _line(N_("E-mail or phone of their account"), 254, InputRequired())
    country = SelectField(N_("Country"), default="KG", validators=[InputRequired()])
    place = _line(N_("Place"), 120, InputRequired())
    contact = _line(N_("What donors are told: a name, a phone"), 120)
    slip_limit = AmountField(N_("Most on one slip"))
    held_limit = AmountField(N_("Most held at once"))
    days_held = IntegerField(
        N_("Days until it is handed in"), validators=[InputRequired(), NumberRange(1, 365)]
    )
    active = BooleanField(N_("Takes cash now"), default=True)
    why = _why()

    def __init__(self, row: Collector | None, **more: Any) -> None:
        super().__init__(row, **more)
        self.person: Person | None = None
        if row is None:
            self.country.choices = corridors.countries(language())
            del self.why
        else:
            self.slip_limit.code = self.held_limit.code = row.currency
            del self.email, self.country

    def validate_email(self, field: StringField) -> None:
        """Find who it is."""
        self.person = people.by_email(field.data) or people.by_phone(field.data)
        if self.person is None:
            raise ValidationError(t(N_("Nobody with this e-mail or phone has signed in yet.")))

    @property
    def said(self) -> Place:
        """Return what a valid form says."""
        assert self.slip_limit.money and self.held_limit.money  # noqa: S101, PT018 - valid
        return Place(
            place=self.place.data,
            contact=self.contact.data,
            slip_limit_minor=self.slip_limit.money.minor,
            held_limit_minor=self.held_limit.money.minor,
            days_held=self.days_held.data,
            active=bool(self.active.data),
        )


class BookForm(Form):
    """A book of slips to issue."""

    slips = IntegerField(
        N_("How many slips"), default=50, validators=[InputRequired(), NumberRange(1, BOOK)]
    )

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.slips.label.text = t(self.slips.label.text)


class PartnerForm(_Kept):
    """A partner's file."""

    name = _line(N_("The recipient's exact name"), 140, InputRequired())
    legal_form = _line(N_("Legal form"), 120, InputRequired())
    number = _line(N_("Registration number"), 60, InputRequired())
    register = _line(N_("Status in the register of foreign representatives"), 200)
    bank = _line(N_("Bank"), 120)
    account_number = _line(N_("Account number"), 60)
    signatories = TextAreaField(
        N_("Who may sign"), filters=[clean_text], validators=[Length(max=500)]
    )
    sanctions_by = _line(N_("Sanctions check: who looked"), 120)
    sanctions_on = DateField(N_("Sanctions check: when"), validators=[Optional()])
    sanctions_list = _line(N_("Sanctions check: in which list"), 200)
    active = BooleanField(N_("Is a partner now"), default=True)
    why = _why()

    def __init__(self, row: Partner | None, **more: Any) -> None:
        super().__init__(row, **more)
        if row is None:
            del self.why

    @property
    def said(self) -> File:
        """Return what a valid form says."""
        return File(**{name: self[name].data for name in File.__slots__})


class AgreementForm(Form):
    """An agreement, with its paper."""

    from_day = DateField(N_("In force from"), validators=[InputRequired()])
    until_day = DateField(N_("In force until"), validators=[InputRequired()])
    ceiling = AmountField(N_("The most that the partner may hold"))
    projects = SelectMultipleField(
        N_("Projects"), option_widget=CheckboxInput(), widget=ListWidget(), coerce=int
    )
    agency = BooleanField(N_("With the agency clause: the partner receives gifts in our name"))
    paper = FileField(N_("The signed agreement, as PDF"))

    def __init__(self, currency: str, projects: list[tuple[int, str]], **more: Any) -> None:
        super().__init__(**more)
        self.ceiling.code = currency
        self.projects.choices = projects
        for field in self:
            field.label.text = t(field.label.text)

    def validate_until_day(self, field: DateField) -> None:
        """It ends after it begins."""
        if field.data and self.from_day.data and field.data < self.from_day.data:
            raise ValidationError(t(N_("It would end before it begins.")))

    def validate_projects(self, field: SelectMultipleField) -> None:
        """Ask for one at least."""
        if not field.data:
            raise ValidationError(t(N_("Please choose at least one project.")))

    def validate_paper(self, field: FileField) -> None:
        """Ask for it."""
        if not field.data or not field.data.filename:
            raise ValidationError(t(N_("Please bring a PDF, or a picture as JPEG or PNG.")))


class EndForm(Form):
    """The earlier end of an agreement."""

    on = DateField(N_("Its last day"), validators=[InputRequired()])
    why = StringField(
        N_("Why"), filters=[clean_text], validators=[InputRequired(), Length(max=500)]
    )

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        for field in self:
            field.label.text = t(field.label.text)
