"""The collector's forms: a slip in one screen, a void number, handing in."""

from collections.abc import Sequence
from typing import Any

from flask_wtf.file import FileField
from wtforms import DateField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from ashar.gateways import cash
from ashar.kernel import clock
from ashar.kernel.forms import AmountField, Form, clean_text
from ashar.kernel.i18n import N_, language, t
from ashar.kernel.phones import read_contact
from ashar.pledges import queries as pledges
from ashar.pledges.hand_ins import Place
from ashar.pledges.models import Collector
from ashar.pledges.slips import Given

#: How long ago a slip that is entered now may have been written, in days.
OLDEST = 400


class _Numbered(Form):
    """A form that begins with a slip's number."""

    number = StringField(
        N_("Number of the slip"),
        validators=[InputRequired(), Length(max=20)],
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )

    def __init__(self, collector: Collector, **more: Any) -> None:
        super().__init__(**more)
        self.collector = collector
        for field in self:
            field.label.text = t(field.label.text)

    def validate_number(self, field: StringField) -> None:
        """Hold it against its check digit."""
        if cash.read_number(field.data) is None:
            raise ValidationError(t(N_("One digit is wrong: please compare it with the paper.")))

    @property
    def slip(self) -> str:
        """Return the number that was written, as it is kept."""
        return cash.read_number(self.number.data or "") or ""


class SlipForm(_Numbered):
    """Cash that was taken: for a pledge by its code, or for a project by somebody who came by."""

    code = StringField(
        N_("The donor's code"),
        filters=[clean_text],
        validators=[Length(max=20)],
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )
    project = SelectField(N_("Project"), validate_choice=False)
    amount = AmountField(N_("Sum"))
    day = DateField(N_("Written on"), validators=[InputRequired()])
    name = StringField(N_("First name"), filters=[clean_text], validators=[Length(max=60)])
    contact = StringField(N_("Phone or e-mail"), filters=[clean_text], validators=[Length(max=254)])

    def __init__(
        self, collector: Collector, projects: dict[str, tuple[int, str]], **more: Any
    ) -> None:
        super().__init__(collector, **more)
        self.amount.code = collector.currency
        self.known = projects
        self.project.choices = [("", t(N_("Choose …")))] + [
            (slug, title) for slug, (_, title) in self.known.items()
        ]
        self.address: tuple[str | None, str | None] = (None, None)
        self.pledge: int | None = None

    def validate_day(self, field: DateField) -> None:
        """Neither to come nor long past."""
        if field.data is None:
            return
        today = clock.today()
        if field.data > today:
            raise ValidationError(t(N_("This day is still to come.")))
        if (today - field.data).days > OLDEST:
            raise ValidationError(t(N_("This day is more than a year ago.")))

    def validate_code(self, field: StringField) -> None:
        """Find the pledge that it was told for."""
        if not field.data:
            return
        code = cash.read_code(field.data)
        found = pledges.by_reference(code) if code else None
        if found is None or found.method != cash.NAME:
            raise ValidationError(t(N_("No pledge in cash has this code.")))
        self.pledge = found.id

    def validate_project(self, field: SelectField) -> None:
        """Ask for it where there is no code."""
        if not self.code.data and field.data not in self.known:
            raise ValidationError(t(N_("Please choose a project, or enter the donor's code.")))

    def validate_name(self, field: StringField) -> None:
        """Ask for it where there is no code."""
        if not self.code.data and not field.data:
            raise ValidationError(t(N_("Please ask for a first name.")))

    def validate_contact(self, field: StringField) -> None:
        """Read it where there is no code."""
        if self.code.data:
            return
        found = read_contact(field.data or "", self.collector.country)
        if found is None:
            raise ValidationError(
                t(N_("Please enter a phone number like +996 700 123 456, or an e-mail address."))
            )
        self.address = found

    @property
    def given(self) -> Given:
        """Return what a valid form says."""
        assert self.amount.money is not None and self.day.data is not None  # noqa: S101, PT018 - valid
        if self.pledge is not None:
            return Given(self.slip, self.amount.money, self.day.data, pledge=self.pledge)
        email, phone = self.address
        return Given(
            self.slip,
            self.amount.money,
            self.day.data,
            project=self.known[self.project.data][0],
            name=self.name.data,
            email=email,
            phone=phone,
            language=language(),
        )


class VoidForm(_Numbered):
    """A number that was spoilt, or left out."""

    reason = StringField(
        N_("Why"), filters=[clean_text], validators=[InputRequired(), Length(max=300)]
    )


class HandInForm(Form):
    """Cash of some slips, handed in."""

    slips = SelectMultipleField(
        N_("Slips"),
        option_widget=CheckboxInput(),
        widget=ListWidget(),
        validators=[InputRequired(message=N_("Please choose at least one slip."))],
    )
    account = RadioField(N_("Where you handed it in"), validators=[InputRequired()])
    amount = AmountField(N_("What you handed over"))
    proof = FileField(N_("The signed paper: the bank's or the partner's"))

    def __init__(
        self,
        collector: Collector,
        lines: Sequence[tuple[str, str]],
        places: Sequence[Place],
        **more: Any,
    ) -> None:
        super().__init__(**more)
        self.slips.choices = list(lines)
        self.account.choices = [(place.account, place.name) for place in places]
        self.amount.code = collector.currency
        for field in self:
            field.label.text = t(field.label.text)
        for validator in self.slips.validators:
            validator.message = t(N_("Please choose at least one slip."))
