"""The form in which a donor says where a refund goes."""

from typing import Any

from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length

from ashar.kernel.forms import Form, Iban, clean_text, compact
from ashar.kernel.i18n import N_, t


class WhereForm(Form):
    """An account, and whose it is; `key` is the one-use key of the letter."""

    key = HiddenField(validators=[Length(max=200)])
    iban = StringField(
        N_("IBAN"), filters=[compact], validators=[InputRequired(), Length(max=40), Iban()]
    )
    holder = StringField(
        N_("Account holder"), filters=[clean_text], validators=[InputRequired(), Length(max=70)]
    )

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        for field in self:
            field.label.text = t(field.label.text)


class AskForm(Form):
    """Ask for a fresh link; nothing to fill in."""
