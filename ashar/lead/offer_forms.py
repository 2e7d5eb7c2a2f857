"""The forms of the leader's desk about offers: answers, what came, lists that were on paper."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import wtforms
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    ValidationError,
)

from ashar.kernel import clock, i18n, ids
from ashar.kernel.forms import clean_text
from ashar.kernel.i18n import N_, t
from ashar.lead.forms import DeskForm
from ashar.lead.steps import DayField
from ashar.pledges.models import Offer
from ashar.pledges.offers import Listed, PaperList
from ashar.projects.models import Need
from ashar.projects.show import in_language

#: How far ahead, and how long ago, a day of work may be.
AHEAD, AGO = timedelta(days=730), timedelta(days=400)
#: Lines of a paper list on one form.
LINES = 10
#: The most of anything, as on the step of needs.
MOST = 1_000_000
_NUMBER = {"inputmode": "numeric", "min": 0}
_PICTURES = {"accept": "image/jpeg,image/png"}


def _in_time(day: date | None, first: date) -> None:
    """Refuse a day that is mistyped; years are short to type wrong."""
    if day is None:
        return
    if day < first:
        raise ValidationError(t(N_("This day is over.")))
    if day > clock.today() + AHEAD:
        raise ValidationError(t(N_("This day is too far away.")))


class AcceptForm(DeskForm):
    """Accept an offer, whole or in part, for a day."""

    quantity = IntegerField(
        N_("How much you accept"), validators=[InputRequired()], render_kw=_NUMBER
    )
    day = DayField(N_("Day"))
    meeting = StringField(
        N_("Where and when you meet"), filters=[clean_text], validators=[Length(max=200)]
    )
    more = BooleanField(N_("More than is needed is welcome"))

    def __init__(self, offer: Offer, **more: Any) -> None:
        known = {"quantity": offer.accepted or offer.offered, "day": offer.day}
        super().__init__(data=known | {"meeting": offer.meeting}, prefix="accept", **more)
        self.quantity.validators = [InputRequired(), NumberRange(1, offer.offered)]

    def validate_day(self, field: DayField) -> None:
        """Keep it near, and not in the past."""
        _in_time(field.data, clock.today())


class DeclineForm(DeskForm):
    """Decline an offer, in words that its giver reads."""

    reason = TextAreaField(
        N_("Why"), filters=[clean_text], validators=[DataRequired(), Length(max=500)]
    )

    def __init__(self, _offer: Offer, **more: Any) -> None:
        super().__init__(prefix="decline", **more)


class CameForm(DeskForm):
    """Say how much of an offer came; nothing is a day missed."""

    quantity = IntegerField(N_("How much came"), validators=[InputRequired()], render_kw=_NUMBER)
    photo = FileField(N_("A picture of the day"), render_kw=_PICTURES)

    def __init__(self, offer: Offer, **more: Any) -> None:
        known = {"quantity": offer.delivered or offer.accepted}
        super().__init__(data=known, prefix="came", **more)
        self.quantity.validators = [InputRequired(), NumberRange(0, offer.accepted)]


class SeenForm(DeskForm):
    """Confirm, as one of the committee, how much of an offer came."""

    quantity = IntegerField(N_("How much came"), validators=[InputRequired()], render_kw=_NUMBER)

    def __init__(self, offer: Offer, **more: Any) -> None:
        # There is one for each offer on the page.
        super().__init__(data={"quantity": offer.delivered}, prefix=offer.token, **more)
        self.quantity.validators = [InputRequired(), NumberRange(1, max(1, offer.delivered))]


class DayForm(DeskForm):
    """Say of all who were expected on a day how much came of each, with one picture."""

    photo = FileField(N_("A picture of the day"), render_kw=_PICTURES)

    @property
    def came(self) -> dict[str, int]:
        """Return by an offer's token how much of it came."""
        return {
            field.name.removeprefix("came_"): field.data or 0
            for field in self
            if field.name.startswith("came_")
        }


def day_form(offers: Sequence[Offer], **more: Any) -> DayForm:
    """Return the form of a day with a number for each offer that is not confirmed yet."""
    fields: dict[str, Any] = {
        f"came_{offer.token}": IntegerField(
            N_("Came"),
            default=offer.delivered if offer.state != "accepted" else offer.accepted,
            validators=[InputRequired(), NumberRange(0, offer.accepted)],
            render_kw=_NUMBER | {"max": offer.accepted},
        )
        for offer in offers
        if offer.state != "confirmed"
    }
    return type("DayForm", (DayForm,), fields)(**more)


class PaperLine(wtforms.Form):
    """A line of a paper list."""

    name = StringField(N_("Who"), filters=[clean_text], validators=[Length(max=120)])
    quantity = IntegerField(
        N_("How much"), validators=[Optional(), NumberRange(1, MOST)], render_kw=_NUMBER
    )
    people = IntegerField(
        N_("People"), validators=[Optional(), NumberRange(1, 500)], render_kw=_NUMBER
    )

    class Meta:
        """Take WTForms' texts from our catalogue."""

        def get_translations(self, form: Any) -> i18n.FormTexts:
            """Return our catalogue in the reader's language."""
            return i18n.FormTexts()

    @property
    def is_filled(self) -> bool:
        """Tell whether anything stands on the line."""
        return any(field.raw_data and field.raw_data[0].strip() for field in self)


class PaperForm(DeskForm):
    """A list that was written on paper."""

    attempt = HiddenField(validators=[Length(max=64)])
    need = SelectField(N_("For which need"), validators=[InputRequired()])
    came = RadioField(N_("Who stands on it"), default="no", validators=[InputRequired()])
    day = DayField(N_("Day"))
    lines = FieldList(FormField(PaperLine), min_entries=LINES, max_entries=LINES)
    more = BooleanField(N_("More than is needed is welcome"))
    consent = BooleanField(N_("Everybody on the list agrees that I enter them here."))

    def __init__(self, needs: Sequence[Need], **more: Any) -> None:
        super().__init__(**more)
        self.need.choices = [(one.key, in_language(one.titles)) for one in needs]
        self.came.choices = [
            ("no", t(N_("Those who will come"))),
            ("yes", t(N_("Those who were there"))),
        ]
        if not self.is_submitted():
            self.attempt.data = ids.token()

    def validate_day(self, field: DayField) -> None:
        """Ask when they were there; who will come, comes from today on."""
        today = clock.today()
        if self.came.data == "yes" and field.data and field.data > today:
            raise ValidationError(t(N_("This day is still to come.")))
        _in_time(field.data, today - AGO if self.came.data == "yes" else today)

    def validate_consent(self, field: BooleanField) -> None:
        """Nobody is entered unasked."""
        if not field.data:
            raise ValidationError(t(N_("Please ask them first.")))

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for a name and a number on each line that is begun, and for one line at least."""
        valid = super().validate(extra_validators)
        filled = [line.form for line in self.lines if line.form.is_filled]
        if not filled:
            self.form_errors.append(t(N_("Please enter at least one line.")))
        for line in filled:
            if not line.name.data:
                line.name.errors = [t(N_("Please enter a name."))]
            if line.quantity.data is None and not line.quantity.errors:
                line.quantity.errors = [t(N_("How much?"))]
        return valid and bool(filled) and not any(line.errors for line in filled)

    def paper(self) -> PaperList:
        """Return what a valid form holds."""
        lines = [line.form for line in self.lines if line.form.is_filled]
        return PaperList(
            attempt=self.attempt.data or ids.token(),
            lines=tuple(
                Listed(line.name.data, line.quantity.data, line.people.data or 1) for line in lines
            ),
            language=i18n.language(),
            day=self.day.data,
            came=self.came.data == "yes",
            more=bool(self.more.data),
        )
