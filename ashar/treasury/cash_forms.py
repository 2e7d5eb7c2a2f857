"""The treasurer's forms about cash and remittances."""

from typing import Any

from flask_wtf.file import FileField
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from ashar.kernel.forms import AmountField, Form, clean_text
from ashar.kernel.i18n import N_, t


class CountForm(Form):
    """What was counted of a hand-in."""

    amount = AmountField(N_("Counted"))
    reason = TextAreaField(
        N_("Why it differs from the slips"), filters=[clean_text], validators=[Length(max=500)]
    )
    proof = FileField(N_("The signed paper: the bank's or the partner's"))

    def __init__(self, currency: str, **more: Any) -> None:
        super().__init__(**more)
        self.amount.code = currency
        for field in self:
            field.label.text = t(field.label.text)


class ReasonForm(Form):
    """Undo something, with a reason."""

    why = TextAreaField(
        N_("Why"), filters=[clean_text], validators=[InputRequired(), Length(max=500)]
    )

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        for field in self:
            field.label.text = t(field.label.text)


class DecideForm(Form):
    """Whether a remittance was seen on the partner's statement."""

    decision = RadioField(N_("Decision"), validators=[InputRequired()])
    why = StringField(N_("Why not"), filters=[clean_text], validators=[Length(max=500)])

    def __init__(self, *, recorded: bool, **more: Any) -> None:
        super().__init__(**more)
        seen = [("confirm", t(N_("I have seen it on the partner's statement")))]
        self.decision.choices = [
            *(seen if recorded else ()),
            ("refuse", t(N_("It did not come"))),
        ]
        for field in self:
            field.label.text = t(field.label.text)

    def validate_why(self, field: StringField) -> None:
        """Ask for it where something is declined."""
        if self.decision.data == "refuse" and not field.data:
            raise ValidationError(t(N_("Please say why.")))
