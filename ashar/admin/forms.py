"""The administrators' forms: roles, decisions, recoveries."""

from typing import Any

from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from ashar.kernel import i18n
from ashar.kernel.forms import Form, clean_text
from ashar.kernel.i18n import N_, t
from ashar.people.access import ROLES
from ashar.people.words import ROLE_WORDS
from ashar.projects.regions import REGIONS, region_name

DECISIONS = {"grant": N_("Make them a leader"), "refuse": N_("Decline")}


def _words(most: int = 1000, *more: Any) -> TextAreaField:
    return TextAreaField(
        filters=[clean_text], validators=[*more, Length(max=most)], render_kw={"rows": 3}
    )


class RoleForm(Form):
    """A role to give."""

    role = RadioField()
    regions = SelectMultipleField(option_widget=CheckboxInput(), widget=ListWidget())
    partner = StringField(filters=[clean_text], validators=[Length(max=120)])
    why = _words(500, DataRequired())

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        lang = i18n.language()
        self.role.choices = [(name, t(ROLE_WORDS[name])) for name in ROLES]
        self.regions.choices = [(code, region_name(code, lang)) for code in REGIONS]
        self.role.label.text = t(N_("Role"))
        self.regions.label.text = t(N_("Regions of a moderator"))
        self.partner.label.text = t(N_("Partner of a clerk"))
        self.why.label.text = t(N_("Why"))

    def validate(self, **more: Any) -> bool:
        """Refuse a moderator without a region, a clerk without a partner."""
        good = bool(super().validate(**more))
        for name, field, words in (
            ("moderator", self.regions, t(N_("Please choose at least one region."))),
            ("partner", self.partner, t(N_("Please name the partner."))),
        ):
            if self.role.data == name and not field.data:
                field.errors = [*field.errors, words]
                good = False
        return good

    @property
    def scopes(self) -> list[str]:
        """Return what the role is for."""
        scoped = {"moderator": self.regions.data, "partner": [self.partner.data]}
        return list(scoped.get(self.role.data, []))


class TakeForm(Form):
    """A role to take away."""

    role = HiddenField()
    scope = HiddenField()
    reason = StringField(filters=[clean_text], validators=[DataRequired(), Length(max=500)])

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.reason.label.text = t(N_("Why"))


class DecisionForm(Form):
    """Whether somebody becomes a leader."""

    decision = RadioField()
    words = _words(1000, Optional())

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.decision.choices = [(value, t(label)) for value, label in DECISIONS.items()]
        self.decision.label.text = t(N_("Decision"))
        self.words.label.text = t(N_("Words to the applicant"))


class NewcomerForm(Form):
    """An account for somebody without an e-mail, whom an administrator has met."""

    name = StringField(filters=[clean_text], validators=[DataRequired(), Length(max=120)])
    phone = StringField(
        filters=[clean_text],
        validators=[DataRequired(), Length(max=40)],
        render_kw={"inputmode": "tel", "autocomplete": "off"},
    )
    language = SelectField()
    how = _words(1000, DataRequired())

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.name.label.text = t(N_("Name"))
        self.phone.label.text = t(N_("Phone"))
        self.language.label.text = t(N_("Language"))
        self.language.choices = [(code, i18n.ENDONYMS[code]) for code in i18n.languages()]
        self.how.label.text = t(N_("Where and how you met them, and how you know who they are"))


class BeginForm(Form):
    """How the first administrator made sure who somebody is."""

    how = _words(1000, DataRequired())

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.how.label.text = t(N_("Where and how you met them, and how you know who they are"))


class ConfirmForm(Form):
    """The second administrator's word."""

    met = BooleanField(validators=[DataRequired()])
    note = StringField(filters=[clean_text], validators=[Length(max=500)])

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.met.label.text = t(N_("I have met this person myself and know who they are."))
        self.note.label.text = t(N_("A note for the history"))
