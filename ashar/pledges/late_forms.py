"""The forms that decide what becomes of money which a project cannot use."""

from collections.abc import Sequence
from typing import Any

from wtforms import HiddenField, RadioField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from ashar.kernel.forms import Form, clean_text
from ashar.kernel.i18n import N_, t
from ashar.pledges.fallbacks import Other

CHOICES = (
    ("project", N_("To another project")),
    ("general", N_("To the association's general fund, for whatever needs it most")),
    ("refund", N_("Back, the way it came")),
)


class LateForm(Form):
    """What becomes of money that came too late: its donor says."""

    key = HiddenField()
    choice = RadioField(N_("What should become of it?"), validators=[InputRequired()])
    project = SelectField(N_("Which other project"))

    def __init__(self, others: Sequence[Other], **more: Any) -> None:
        """Make the form; without others the money may go to no project."""
        super().__init__(**more)
        self.choice.choices = [
            (code, t(label)) for code, label in CHOICES if others or code != "project"
        ]
        known = [(one.slug, one.title) for one in others]
        self.project.choices = [("", t(N_("Choose …"))), *known]
        if not others:
            del self.project
        for field in self:
            field.label.text = t(field.label.text)

    def validate_project(self, field: SelectField) -> None:
        """Ask for one where the money goes to a project."""
        if self.choice.data == "project" and not field.data:
            raise ValidationError(t(N_("Please choose a project.")))


class DecideForm(LateForm):
    """What becomes of it: a treasurer says, and why."""

    why = TextAreaField(
        N_("Why"), filters=[clean_text], validators=[InputRequired(), Length(max=500)]
    )
