"""The form of what a sponsor has paid into a pool."""

from typing import Any

from flask_wtf.file import FileField
from wtforms import DateField, HiddenField, SelectField
from wtforms.validators import InputRequired, Length

from ashar.gateways import bank
from ashar.kernel import ids
from ashar.kernel.forms import AmountField, Form
from ashar.kernel.i18n import N_, t
from ashar.ledger.models import BankAccount
from ashar.treasury.forms import ReceivedForm


class PaidInForm(Form):
    """What was seen on one of the accounts in the pool's currency."""

    attempt = HiddenField(validators=[InputRequired(), Length(max=64)])
    account = SelectField(N_("Account"), validators=[InputRequired()])
    amount = AmountField(N_("Amount that came"))
    day = DateField(N_("Booked on"), validators=[InputRequired()])
    proof = FileField(N_("Proof: the line of the statement, as PDF or picture"))

    validate_day = ReceivedForm.validate_day
    validate_proof = ReceivedForm.validate_proof

    def __init__(self, accounts: list[BankAccount], **more: Any) -> None:
        super().__init__(**more)
        self.account.choices = [
            (row.slug, f"{row.slug} · {bank.grouped(row.iban)} · {row.currency}")
            for row in accounts
        ]
        self.amount.code = accounts[0].currency
        for field in self:
            field.label.text = t(field.label.text)
        if not self.is_submitted():
            self.attempt.data = ids.token()
