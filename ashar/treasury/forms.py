"""The forms of the treasurer's desk."""

import re
from datetime import timedelta
from typing import Any

from flask_wtf.file import FileField
from stdnum import bic as bics
from stdnum import iban as ibans
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from ashar.gateways import bank
from ashar.kernel import clock, ids
from ashar.kernel.forms import AmountField, Form, Iban, clean_text, compact
from ashar.kernel.i18n import N_, language, t
from ashar.kernel.money import EXPONENTS
from ashar.ledger.models import BankAccount
from ashar.pledges import corridors

#: How long ago a transfer that is entered by hand may have come.
OLDEST = timedelta(days=400)


class AccountForm(Form):
    """An account of the association's; number, name and currency stay as they were entered."""

    slug = StringField(
        N_("Short name"), filters=[clean_text], validators=[InputRequired(), Length(max=40)]
    )
    iban = StringField(N_("IBAN"), filters=[compact], validators=[InputRequired(), Iban()])
    currency = SelectField(N_("Currency"), default="CHF", validators=[InputRequired()])
    qr_iban = StringField(N_("QR-IBAN"), filters=[compact], validators=[Optional()])
    holder = StringField(
        N_("Account holder"), filters=[clean_text], validators=[InputRequired(), Length(max=70)]
    )
    bic = StringField(N_("BIC"), filters=[compact], validators=[Optional()])
    bank = StringField(N_("Bank"), filters=[clean_text], validators=[Length(max=70)])
    street = StringField(N_("Street"), filters=[clean_text], validators=[Length(max=70)])
    house = StringField(N_("House number"), filters=[clean_text], validators=[Length(max=16)])
    postcode = StringField(N_("Postcode"), filters=[clean_text], validators=[Length(max=16)])
    city = StringField(
        N_("Town"), filters=[clean_text], validators=[InputRequired(), Length(max=35)]
    )
    country = SelectField(N_("Country"), default="CH", validators=[InputRequired()])
    open = BooleanField(N_("Takes new transfers"), default=True)
    why = TextAreaField(N_("Why"), filters=[clean_text], validators=[Length(max=500)])

    def __init__(self, row: BankAccount | None, **more: Any) -> None:
        super().__init__(obj=row, **more)
        self.known = row
        self.currency.choices = [(code, code) for code in sorted(EXPONENTS)]
        self.country.choices = corridors.countries(language())
        if row is not None:
            del self.slug, self.iban, self.currency
        else:
            del self.why
        for field in self:
            field.label.text = t(field.label.text)

    def validate_slug(self, field: StringField) -> None:
        """It stands in addresses and in the book."""
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", field.data):
            raise ValidationError(t(N_("Small Latin letters, digits and hyphens, please.")))

    def validate_iban(self, field: StringField) -> None:
        """Refuse one that only bills name."""
        if bank.is_qr_iban(field.data):
            raise ValidationError(t(N_("This is a QR-IBAN: it has a field of its own below.")))

    def validate_qr_iban(self, field: StringField) -> None:
        """It is one that only bills name, of the same country."""
        if not ibans.is_valid(field.data) or not bank.is_qr_iban(field.data):
            raise ValidationError(t(N_("This is not a QR-IBAN.")))

    def validate_postcode(self, field: StringField) -> None:
        """Ask for it where bills are made: they name the holder's whole address."""
        iban = self.known.iban if self.known else self.iban.data or ""
        if iban[:2] in bank.SWISS and not field.data:
            raise ValidationError(t(N_("QR-bills need it.")))

    def validate_bic(self, field: StringField) -> None:
        """Hold it against the form of a BIC."""
        if not bics.is_valid(field.data):
            raise ValidationError(t(N_("This is not a BIC.")))


class RoundForm(Form):
    """The year whose gifts are confirmed to all donors."""

    year = IntegerField(N_("Year"), validators=[InputRequired(), NumberRange(2000, 2999)])

    def __init__(self, **more: Any) -> None:
        super().__init__(data={"year": clock.today().year - 1}, **more)
        self.year.label.text = t(self.year.label.text)


class CancelReceiptForm(Form):
    """Why a receipt is taken back."""

    why = TextAreaField(
        N_("Why"),
        filters=[clean_text],
        validators=[InputRequired(), Length(max=300)],
        render_kw={"rows": 2},
    )

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.why.label.text = t(self.why.label.text)


class ReceivedForm(Form):
    """A transfer that was seen on an account."""

    attempt = HiddenField(validators=[Length(max=64)])
    account = SelectField(N_("Account"), validators=[InputRequired()])
    amount = AmountField(N_("Amount that came"))
    day = DateField(N_("Booked on"), validators=[InputRequired()])
    sender = StringField(
        N_("IBAN it came from"),
        filters=[compact],
        validators=[Optional(), Length(max=40), Iban()],
    )
    proof = FileField(N_("Proof: the line of the statement, as PDF or picture"))

    def __init__(self, accounts: list[BankAccount], **more: Any) -> None:
        super().__init__(**more)
        self.account.choices = [
            (row.slug, f"{row.slug} · {bank.grouped(row.iban)} · {row.currency}")
            for row in accounts
        ]
        for field in self:
            field.label.text = t(field.label.text)
        # What came is in the currency of the account that it came to.
        of = {row.slug: row.currency for row in accounts}
        self.amount.code = of.get(self.account.data or "", accounts[0].currency)
        if not self.is_submitted():
            self.attempt.data = ids.token()

    def validate_day(self, field: DateField) -> None:
        """Neither to come nor long past."""
        today = clock.today()
        if field.data is None:
            return
        if field.data > today:
            raise ValidationError(t(N_("This day is still to come.")))
        if field.data < today - OLDEST:
            raise ValidationError(t(N_("This day is more than a year ago.")))

    def validate_proof(self, field: FileField) -> None:
        """Ask for one."""
        if not field.data or not field.data.filename:
            raise ValidationError(t(N_("Please bring a PDF, or a picture as JPEG or PNG.")))
