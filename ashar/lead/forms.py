"""The small forms of the desk: answers, helpers, pictures, and the turns of a project's life."""

from typing import Any

from wtforms import HiddenField, MultipleFileField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from ashar.kernel.forms import Email, Form, clean_text
from ashar.kernel.i18n import ENDONYMS, N_, t
from ashar.lead import words
from ashar.lead.lines import BudgetForm, MilestonesForm, NeedsForm, PeopleForm, PicturesForm
from ashar.lead.steps import (
    DayField,
    Fault,
    GoalForm,
    PlaceForm,
    StepForm,
    StoryForm,
    faults,
    name_field,
    translate,
)

#: The form of each step.
FORMS: dict[str, type[StepForm]] = {
    form.step: form
    for form in (
        StoryForm,
        PlaceForm,
        GoalForm,
        BudgetForm,
        NeedsForm,
        MilestonesForm,
        PeopleForm,
        PicturesForm,
    )
}

#: What the completion report says, per language.
REPORT = ("done", "otherwise", "maintenance", "lessons")


class DeskForm(Form):
    """Base of them: labels in the reader's language."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        translate(self)

    @property
    def faults(self) -> list[Fault]:
        """Return what is wrong, field by field."""
        return list(faults(self))


def prose(label: str, *, needed: bool = True, length: int = 3_000) -> TextAreaField:
    """Return a field for some sentences."""
    return TextAreaField(
        label,
        filters=[clean_text],
        validators=[*([DataRequired()] if needed else []), Length(max=length)],
        render_kw={"rows": 3, "maxlength": length},
    )


class PlainForm(DeskForm):
    """Nothing to fill in but the proof that it came from our page."""


class ConfirmForm(DeskForm):
    """The leader's word for what a helper entered, as it was when the leader read it."""

    revision = HiddenField()


class AnswerForm(DeskForm):
    """An answer to a reviewer's question."""

    words = prose(N_("Your answer"))


class SubmitForm(DeskForm):
    """A word to the reviewers."""

    words = prose(N_("A word to the reviewers"), needed=False)


class AppealForm(DeskForm):
    """Why a hold should be lifted."""

    words = prose(N_("Why it should go on"))


class ExtendForm(DeskForm):
    """A later day, and why."""

    base = HiddenField()
    deadline = DayField(N_("New day"))
    words = prose(N_("Why you need more time"))


class InviteForm(DeskForm):
    """Whom the leader asks for help."""

    name = name_field(N_("Their name"))
    email = StringField(N_("Their e-mail"), validators=[DataRequired(), Length(max=254), Email()])


class PhotosForm(DeskForm):
    """Pictures to add."""

    photos = MultipleFileField(N_("Pictures"))
    alt = name_field(N_("What is to be seen, for those who cannot see it"), 300)


def report_form(codes: list[str], report: dict[str, dict[str, str]]) -> DeskForm:
    """Return the form of the completion report: four fields per language."""
    fields: dict[str, Any] = {
        f"{name}-{code}": prose(words.PARTS[name], needed=False, length=6_000)
        for code in codes
        for name in REPORT
    }
    given = {
        f"{name}-{code}": report.get(code, {}).get(name, "") for code in codes for name in REPORT
    }
    made: DeskForm = type("ReportForm", (DeskForm,), fields)(data=given)
    return made


def report_of(form: DeskForm, codes: list[str]) -> dict[str, dict[str, str]]:
    """Return what a completion report says, per language that says anything."""
    found = {code: {name: form[f"{name}-{code}"].data or "" for name in REPORT} for code in codes}
    return {code: texts for code, texts in found.items() if any(texts.values())}


def language_name(code: str) -> str:
    """Return a language's own name."""
    return ENDONYMS.get(code, t(code))
