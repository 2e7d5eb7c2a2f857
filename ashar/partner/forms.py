"""The form of a partner's clerk."""

from collections.abc import Sequence
from typing import Any

from wtforms import DateField, HiddenField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from ashar.gateways import cash
from ashar.kernel import clock, i18n, ids
from ashar.kernel.forms import AmountField, Form, clean_text
from ashar.kernel.i18n import N_, t
from ashar.kernel.phones import read_contact
from ashar.pledges import queries as pledges
from ashar.pledges.models import Pledge
from ashar.pledges.remittances import Got
from ashar.projects import show

#: How long ago money may have come that is recorded now, in days.
OLDEST = 400
#: None of the pledges that it may be.
NONE = "none"


class RecordForm(Form):
    """What the partner received: of a transfer that a donor told of, or one that came by itself."""

    attempt = HiddenField(validators=[Length(max=64)])
    amount = AmountField(N_("What came"))
    day = DateField(N_("Came on"), validators=[InputRequired()])
    control = StringField(N_("Control number"), filters=[clean_text], validators=[Length(max=40)])
    code = StringField(
        N_("The pledge's code"),
        filters=[clean_text],
        validators=[Length(max=20)],
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )
    pledge = RadioField(N_("Is it one of these?"), validators=[Optional()], validate_choice=False)
    project = SelectField(N_("Project"), validate_choice=False)
    name = StringField(N_("First name"), filters=[clean_text], validators=[Length(max=60)])
    contact = StringField(N_("Phone or e-mail"), filters=[clean_text], validators=[Length(max=254)])

    def __init__(
        self, currency: str, projects: dict[str, tuple[int, str]], *, told: bool, **more: Any
    ) -> None:
        super().__init__(**more)
        self.amount.code = currency
        self.projects = projects
        self.found: int | None = None
        self.address: tuple[str | None, str | None] = (None, None)
        self.pledge.choices = []
        self.project.choices = [("", t(N_("Choose …")))] + [
            (slug, title) for slug, (_, title) in projects.items()
        ]
        if told:
            del self.control, self.code, self.pledge, self.project, self.name, self.contact
        for field in self:
            field.label.text = t(field.label.text)
        if not self.is_submitted():
            self.attempt.data = ids.token()

    def validate_day(self, field: DateField) -> None:
        """It is not to come, and not long past."""
        today = clock.today()
        if field.data is not None and not 0 <= (today - field.data).days <= OLDEST:
            raise ValidationError(t(N_("This day is still to come, or more than a year ago.")))

    def validate_code(self, field: StringField) -> None:
        """Find the pledge that it stands for."""
        if not field.data:
            return
        code = cash.read_code(field.data)
        found = pledges.by_reference(code) if code else None
        if found is None or found.method != cash.PARTNER:
            raise ValidationError(t(N_("No pledge to the partner has this code.")))
        self.found = found.id

    def validate_project(self, field: SelectField) -> None:
        """Ask for it where no pledge is named."""
        if not self._names_a_pledge() and field.data not in self.projects:
            raise ValidationError(t(N_("Please choose a project, or enter the pledge's code.")))

    def validate_contact(self, field: StringField) -> None:
        """Read it where somebody left one."""
        if not field.data or self._names_a_pledge():
            return
        found = read_contact(field.data, "KG")
        if found is None:
            raise ValidationError(
                t(N_("Please enter a phone number like +996 700 123 456, or an e-mail address."))
            )
        self.address = found

    def _names_a_pledge(self) -> bool:
        chosen = self.pledge.data not in (None, "", NONE)
        return bool(self.code.data) or chosen

    def offer(self, candidates: Sequence[Pledge]) -> None:
        """Ask whether it is one of some pledges; one of them may be chosen."""
        lines = [
            (one.reference or "", f"{cash.grouped(one.reference or '')} · {_about(one)}")
            for one in candidates
        ]
        self.pledge.choices = [*lines, (NONE, t(N_("None of these")))]
        known = {one.reference: one.id for one in candidates}
        self.found = self.found or known.get(self.pledge.data)

    @property
    def asks(self) -> bool:
        """Tell whether a choice among pledges is still to be made."""
        chosen = {code for code, _ in self.pledge.choices}
        return len(chosen) > 1 and self.found is None and self.pledge.data != NONE

    def got(self) -> Got:
        """Return what a valid form says."""
        assert self.amount.money is not None and self.day.data is not None  # noqa: S101, PT018 - valid
        attempt, on, money = self.attempt.data or "", self.day.data, self.amount.money
        if "code" not in self:
            return Got(attempt, on, money)
        control = self.control.data
        if self.found is not None:
            return Got(attempt, on, money, control, pledge=self.found)
        email, phone = self.address
        return Got(
            attempt,
            on,
            money,
            control,
            project=self.projects[self.project.data][0],
            name=self.name.data,
            email=email,
            phone=phone,
        )


def _about(pledge: Pledge) -> str:
    day = i18n.day(pledge.made_at)
    return f"{i18n.money(pledge.gift)} · {show.title(pledge.project)} · {day}"
