"""Forms: CSRF on every one, messages from our catalogue, and an amount field without floats."""

import re
import time
from collections.abc import Sequence
from typing import Any

from flask import current_app
from flask_wtf import FlaskForm
from flask_wtf.form import _Auto
from itsdangerous import BadData, URLSafeTimedSerializer
from markupsafe import Markup
from stdnum import iban as ibans
from wtforms import StringField
from wtforms.validators import StopValidation, ValidationError

from ashar.kernel import kept
from ashar.kernel.errors import AmountError
from ashar.kernel.i18n import N_, NN_, FormTexts, t
from ashar.kernel.money import Money

AMOUNT_ERRORS = {
    "empty": N_("Please enter an amount."),
    "form": N_("This is not an amount. Write it like 50 or 50.00."),
    "digits": N_("This currency has fewer digits after the point."),
    "negative": N_("The amount must be above zero."),
    "large": N_("This amount is too large."),
}
#: What WTForms and Flask-WTF say by themselves, word for word, so that it can be translated.
WTFORMS_TEXTS = (
    N_("This field is required."),
    N_("Not a valid choice."),
    N_("Invalid Choice: could not coerce."),
    N_("Invalid value, must be one of: %(values)s."),
    N_("Invalid input."),
    N_("Not a valid integer value."),
    N_("Not a valid decimal value."),
    N_("Not a valid date value."),
    N_("Number must be at least %(min)s."),
    N_("Number must be at most %(max)s."),
    N_("Number must be between %(min)s and %(max)s."),
    N_("Field must be between %(min)d and %(max)d characters long."),
    NN_(
        "Field must be at least %(min)d character long.",
        "Field must be at least %(min)d characters long.",
    ),
    NN_(
        "'%(value)s' is not a valid choice for this field.",
        "'%(value)s' are not valid choices for this field.",
    ),
    NN_(
        "Field cannot be longer than %(max)d character.",
        "Field cannot be longer than %(max)d characters.",
    ),
)
_EMAIL = re.compile(r"[^@\s<>,;\"]{1,64}@[^@\s<>,;\"]{1,190}\.[^@\s<>,;.\"]{2,63}")


class Form(FlaskForm):
    """Base of all forms; after a sign-in it shows again what was typed before it."""

    #: Whether it shows what was typed before a sign-in: nothing of it was sent yet.
    refilled = False

    class Meta(FlaskForm.Meta):
        """Take WTForms' texts from our catalogue."""

        def get_translations(self, form: Any) -> FormTexts:
            """Return our catalogue in the reader's language."""
            return FormTexts()

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Return what was sent, or what a sign-in has interrupted."""
            found = super().wrap_formdata(form, formdata)
            if found is None and formdata is _Auto:
                found = _typed_before(form)
            return found

    @property
    def forged(self) -> bool:
        """Tell whether the form lacks the proof that it came from our page."""
        token = getattr(self, "csrf_token", None)
        return bool(token is not None and token.errors)

    @property
    def age(self) -> float:
        """Return for how many seconds the form has been open, by the token of its page."""
        signer = URLSafeTimedSerializer(current_app.secret_key or "", salt="wtf-csrf-token")
        try:
            _, since = signer.loads(self.csrf_token.data or "", return_timestamp=True)
        except BadData:
            return 0.0
        return time.time() - float(since.timestamp())


def _typed_before(form: Form) -> Any:
    typed = kept.take()
    if typed is None or not kept.suits(typed, form._fields):
        return None
    form.refilled = True
    return typed


def _why_no_amount(reason: str) -> str:
    text = AMOUNT_ERRORS[reason]
    return t(text)


class AmountField(StringField):
    """An amount as people write it; `data` keeps what was typed, `minor` what it means.

    The currency is `code`, or stands in another field of the form, named by `currency_field`.
    """

    code = ""

    def __init__(self, *args: Any, currency_field: str = "currency", **kwargs: Any) -> None:
        kwargs.setdefault("render_kw", {"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(*args, **kwargs)
        self.currency_field = currency_field
        self.money: Money | None = None

    def pre_validate(self, form: Any) -> None:
        """Read the text in the currency of the form; stop with a message that says why not."""
        currency = self.code or getattr(form, self.currency_field).data
        try:
            self.money = Money.parse(self.data or "", currency)
        except AmountError as error:
            raise StopValidation(_why_no_amount(error.reason)) from error
        except ValueError as error:
            raise StopValidation(_why_no_amount("form")) from error
        if not self.money:
            raise StopValidation(_why_no_amount("negative"))


def looks_like_email(text: str) -> bool:
    """Tell whether a text can be an e-mail address."""
    return bool(_EMAIL.fullmatch(text)) and ".." not in text


class Email:
    """Refuse what cannot be an e-mail address; whether it exists is for a letter to find out."""

    def __call__(self, form: Any, field: Any) -> None:
        """Check the field's text, stripped."""
        field.data = (field.data or "").strip()
        if not looks_like_email(field.data):
            raise ValidationError(t(N_("This is not an e-mail address.")))


class Iban:
    """Refuse what cannot be an account's number, by its length and check digits."""

    def __call__(self, form: Any, field: Any) -> None:
        """Check the field's text, compacted."""
        if not ibans.is_valid(field.data or ""):
            raise ValidationError(t(N_("This is not an IBAN: please look at each digit.")))


def compact(text: str | None) -> str:
    """Return a number of an account or the like without spaces, in capitals."""
    return "".join((text or "").split()).upper()


def clean_text(text: str | None) -> str:
    """Fold a person's text: no control characters, no loose spaces, lines kept."""
    kept = "".join(char for char in text or "" if char in "\n\t" or char.isprintable())
    return "\n".join(" ".join(line.split()) for line in kept.strip().splitlines())


def words(errors: Sequence[str]) -> Markup:
    """Join messages for one field."""
    return Markup(" ").join(errors)
