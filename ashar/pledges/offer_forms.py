"""The form of an offer, and the small ones of its page."""

from collections.abc import Sequence
from typing import Any

from wtforms import HiddenField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import (
    AnyOf,
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    StopValidation,
    ValidationError,
)

from ashar.kernel import i18n, ids
from ashar.kernel.forms import Email, Form, clean_text
from ashar.kernel.i18n import N_, t
from ashar.kernel.phones import read_phone
from ashar.pledges.models import Offer
from ashar.pledges.offers import Wish
from ashar.projects.models import Need
from ashar.projects.show import amount_of, in_language

#: The most people who offer together.
MOST_PEOPLE = 500
#: A phone number without a country's code is one of the village's.
HOME = "KG"

VISIBILITY = (
    ("public", N_("With my name")),
    ("anonymous", N_("Without my name in public; the project's leader sees it")),
    ("hidden", N_("Hidden from the project's leader too")),
)


class Reach:
    """Ask for an e-mail, unless there is a phone number."""

    def __call__(self, form: "OfferForm", field: StringField) -> None:
        """Stop at an empty field, with words where one is needed."""
        if (field.data or "").strip():
            return
        if (form.phone.data or "").strip():
            raise StopValidation
        raise StopValidation(
            t(N_("Please give an e-mail address or a phone number: how else would they reach you?"))
        )


class OfferForm(Form):
    """What somebody who offers hands or things fills in."""

    attempt = HiddenField(validators=[Length(max=64)])
    kind = HiddenField()
    need = RadioField(N_("What you help with"), validators=[InputRequired()])
    quantity = IntegerField(
        N_("How much you offer"),
        validators=[InputRequired(), NumberRange(1)],
        render_kw={"inputmode": "numeric", "min": 1},
    )
    people = IntegerField(
        N_("How many people come"),
        default=1,
        validators=[Optional(), NumberRange(1, MOST_PEOPLE)],
        render_kw={"inputmode": "numeric", "min": 1, "max": MOST_PEOPLE},
    )
    name = StringField(
        N_("Your name"), filters=[clean_text], validators=[DataRequired(), Length(max=120)]
    )
    email = StringField(N_("E-mail"), validators=[Reach(), Length(max=254), Email()])
    phone = StringField(N_("Phone, instead of an e-mail"), validators=[Length(max=40)])
    visibility = RadioField(N_("How you are named"), default="anonymous")
    group = StringField(
        N_("On behalf of a group"), filters=[clean_text], validators=[Optional(), Length(max=120)]
    )
    message = TextAreaField(
        N_("A message to the village"),
        filters=[clean_text],
        validators=[Optional(), Length(max=1000)],
    )
    language = SelectField(N_("Language of our letters"), validators=[InputRequired()])

    def __init__(self, kind: str, needs: Sequence[Need], asked: str = "") -> None:
        super().__init__()
        self.kind.validators = [AnyOf([kind])]
        self.need.choices = [(one.key, in_language(one.titles)) for one in needs]
        self.visibility.choices = [(code, t(label)) for code, label in VISIBILITY]
        self.language.choices = [(code, i18n.ENDONYMS[code]) for code in i18n.languages()]
        self.notes = {one.key: _left(one) for one in needs}
        self._most = {one.key: one for one in needs}
        self._begin(kind, asked)
        if kind == "materials":
            del self.people
        for field in self:
            field.label.text = t(field.label.text)

    def _begin(self, kind: str, asked: str) -> None:
        if self.language.data is None:
            self.language.data = i18n.language()
        keys = [key for key, _ in self.need.choices]
        if self.need.data is None and (asked in keys or len(keys) == 1):
            self.need.data = asked if asked in keys else keys[0]
            # What is the only choice need not be chosen.
            self.need.raw_data = [self.need.data]
        if not self.is_submitted():
            self.attempt.data, self.kind.data = ids.token(), kind

    def validate_quantity(self, field: IntegerField) -> None:
        """Take no more from one hand than all that is needed."""
        need = self._most.get(self.need.data or "")
        if need is not None and field.data and field.data > need.needed:
            most = amount_of(need.unit, need.needed)
            raise ValidationError(t(N_("All that is needed is %(amount)s."), amount=most))

    def validate_phone(self, field: StringField) -> None:
        """Read the number; one without a country's code is of the village's."""
        if not (field.data or "").strip():
            field.data = ""
            return
        number = read_phone(field.data, HOME)
        if number is None:
            raise ValidationError(
                t(N_("This is not a phone number. Write it like +996 700 123 456."))
            )
        field.data = number

    def wish(self, person: int | None) -> Wish:
        """Return what a valid form asks for."""
        people = self.people.data if "people" in self else None
        return Wish(
            attempt=self.attempt.data or ids.token(),
            quantity=self.quantity.data or 0,
            people=people or 1,
            name=self.name.data or "",
            email=self.email.data or None,
            phone=self.phone.data or None,
            visibility=self.visibility.data,
            message=self.message.data or "",
            group=self.group.data or "",
            language=self.language.data,
            person=person,
        )


def _left(need: Need) -> str:
    """Return what of a need nobody has offered yet, in words."""
    left = max(0, need.needed - need.offered)
    if not left:
        return t(N_("All of it is offered; more may be welcome."))
    return t(N_("Still needed: %(amount)s."), amount=amount_of(need.unit, left))


class ConfirmForm(Form):
    """Say how much really came; `key` is a fresh link's, where one is needed."""

    key = HiddenField()
    quantity = IntegerField(
        N_("How much came"),
        validators=[InputRequired()],
        render_kw={"inputmode": "numeric", "min": 1},
    )

    def __init__(self, offer: Offer, **more: Any) -> None:
        more.setdefault("quantity", offer.delivered)
        super().__init__(**more)
        self.quantity.validators = [InputRequired(), NumberRange(1, max(1, offer.delivered))]
        self.quantity.label.text = t(self.quantity.label.text)
