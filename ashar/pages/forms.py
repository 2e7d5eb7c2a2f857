"""Forms: to become a leader; to see, take along and erase what one gave."""

from typing import Any

from wtforms import BooleanField, SelectField, StringField, TelField, TextAreaField
from wtforms.validators import DataRequired, Length, Regexp

from ashar.kernel import i18n
from ashar.kernel.forms import Email, Form, clean_text
from ashar.kernel.i18n import N_, t
from ashar.people.applications import Answers, Voucher
from ashar.projects.regions import REGIONS, region_name

#: How many people may vouch; one has to.
VOUCHERS = 3
LONG = {"rows": 5}


def _line(most: int, *more: Any) -> StringField:
    return StringField(filters=[clean_text], validators=[*more, Length(max=most)])


class ApplyForm(Form):
    """Where somebody lives, who they are, and who knows them."""

    region = SelectField(validators=[DataRequired()])
    place = _line(120, DataRequired())
    phone = TelField(
        filters=[clean_text],
        validators=[DataRequired(), Length(max=40), Regexp(r"^[+0-9][0-9 ()/.-]{5,}$")],
        render_kw={"autocomplete": "tel"},
    )
    about = TextAreaField(
        filters=[clean_text], validators=[DataRequired(), Length(max=2000)], render_kw=LONG
    )
    community = TextAreaField(
        filters=[clean_text], validators=[DataRequired(), Length(max=2000)], render_kw=LONG
    )
    voucher1_name = _line(120, DataRequired())
    voucher1_contact = _line(160, DataRequired())
    voucher2_name = _line(120)
    voucher2_contact = _line(160)
    voucher3_name = _line(120)
    voucher3_contact = _line(160)
    consent = BooleanField(validators=[DataRequired()])

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        lang = i18n.language()
        self.region.choices = [("", t(N_("Please choose")))]
        self.region.choices += [(code, region_name(code, lang)) for code in REGIONS]
        for name, words in LABELS.items():
            self[name].label.text = t(words)
        for number in range(1, VOUCHERS + 1):
            name, contact = self.pair(number)
            name.label.text = t(N_("Name of who vouches"))
            contact.label.text = t(N_("How to reach them"))

    def pair(self, number: int) -> tuple[Any, Any]:
        """Return the two fields of one who vouches."""
        return self[f"voucher{number}_name"], self[f"voucher{number}_contact"]

    def validate(self, **more: Any) -> bool:
        """Refuse somebody who vouches and cannot be reached, or has no name."""
        good = bool(super().validate(**more))
        for number in range(2, VOUCHERS + 1):
            name, contact = self.pair(number)
            if bool(name.data) != bool(contact.data):
                field = contact if name.data else name
                field.errors = [*field.errors, t(N_("Please give both, name and a way to reach."))]
                good = False
        return good

    def answers(self) -> Answers:
        """Return what was answered."""
        pairs = (self.pair(number) for number in range(1, VOUCHERS + 1))
        return Answers(
            region=self.region.data,
            place=self.place.data,
            phone=self.phone.data,
            about=self.about.data,
            community=self.community.data,
            vouchers=tuple(
                Voucher(name.data, contact.data) for name, contact in pairs if name.data
            ),
        )


LABELS = {
    "region": N_("Region"),
    "place": N_("District and village"),
    "phone": N_("Your phone"),
    "about": N_("About you"),
    "community": N_("About your community"),
    "consent": N_("You may keep these answers for the decision"),
}


class AskForm(Form):
    """Where the link to somebody's gifts goes."""

    email = StringField(
        filters=[clean_text],
        validators=[DataRequired(), Length(max=254), Email()],
        render_kw={"autocomplete": "email", "inputmode": "email"},
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.email.label.text = t(N_("E-mail"))


class OpenForm(Form):
    """Opens a link: nothing but the proof that it is ours."""


class EraseForm(Form):
    """Erases somebody; ticked, since it cannot be undone."""

    sure = BooleanField(validators=[DataRequired()])

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.sure.label.text = t(N_("Yes, erase all of it. I know that it cannot be undone."))
