"""Exchange rates by hand or from a file."""

from decimal import Decimal
from typing import Any

from flask_wtf.file import FileField
from wtforms import DateField, SelectField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from ashar.kernel import clock
from ashar.kernel.forms import Form, clean_text
from ashar.kernel.i18n import N_, t
from ashar.kernel.money import EXPONENTS
from ashar.ledger import rates

#: A day's or some months' rates; the whole history is for the command.
LARGEST = 200_000


class RateForm(Form):
    """How many units of a currency one euro is worth on a day."""

    currency = SelectField(N_("Currency"), default="KGS", validators=[InputRequired()])
    day = DateField(N_("Day"), validators=[InputRequired()])
    rate = StringField(
        N_("Units for one euro"), filters=[clean_text], validators=[InputRequired(), Length(max=24)]
    )
    source = StringField(
        N_("Source"), filters=[clean_text], validators=[InputRequired(), Length(max=60)]
    )

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.value: Decimal | None = None
        codes = sorted(code for code in EXPONENTS if code != "EUR")
        self.currency.choices = [(code, code) for code in codes]
        for field in self:
            field.label.text = t(field.label.text)

    def validate_day(self, field: DateField) -> None:
        """No rate is known of a day to come."""
        if field.data is not None and field.data > clock.today():
            raise ValidationError(t(N_("This day is still to come.")))

    def validate_rate(self, field: StringField) -> None:
        """Read it, with a comma or a point."""
        self.value = rates.read(field.data.replace(" ", "").replace(",", "."))
        if self.value is None:
            raise ValidationError(t(N_("This is not a rate. Write it like 98.45.")))


class RatesFileForm(Form):
    """A file of rates: the European Central Bank's, or lines of our own."""

    file = FileField(N_("File (CSV)"))

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.text = ""
        self.file.label.text = t(self.file.label.text)

    def validate_file(self, field: FileField) -> None:
        """Read it as text, up to its largest size."""
        if not field.data or not field.data.filename:
            raise ValidationError(t(N_("Please choose a file.")))
        data = field.data.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise ValidationError(t(N_("This is too large. The command `rates import` takes it.")))
        try:
            self.text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise ValidationError(t(N_("This is no text file."))) from None
        if "\0" in self.text:
            raise ValidationError(t(N_("This is no text file.")))
