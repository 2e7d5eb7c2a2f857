"""The forms in which treasurers give money back, and answer those who take it."""

from collections.abc import Sequence
from typing import Any

from flask_wtf.file import FileField
from wtforms import DateField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from ashar.gateways import bank
from ashar.kernel import clock, ids
from ashar.kernel.forms import AmountField, Form, Iban, clean_text, compact
from ashar.kernel.i18n import N_, t
from ashar.ledger.models import BankAccount
from ashar.treasury.forms import OLDEST

WAYS = {
    "provider": N_("By the payment service, the way it came"),
    "bank": N_("By a transfer to the donor's account"),
    "cash": N_("In cash, against a signed paper"),
}


class DeskForm(Form):
    """A form whose labels are translated when it is made."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        for field in self:
            field.label.text = t(field.label.text)


def _why(label: str) -> TextAreaField:
    return TextAreaField(label, filters=[clean_text], validators=[InputRequired(), Length(max=500)])


class _Day:
    """Refuse a day that is still to come, or long past."""

    def __call__(self, form: Any, field: DateField) -> None:
        today = clock.today()
        if field.data is not None and field.data > today:
            raise ValidationError(t(N_("This day is still to come.")))
        if field.data is not None and field.data < today - OLDEST:
            raise ValidationError(t(N_("This day is more than a year ago.")))


class _Brought:
    """Ask for a file."""

    def __call__(self, form: Any, field: FileField) -> None:
        if not field.data or not field.data.filename:
            raise ValidationError(t(N_("Please bring a PDF, or a picture as JPEG or PNG.")))


class OrderForm(DeskForm):
    """An order for a refund, whole or in part; sent twice it is one."""

    attempt = HiddenField(validators=[Length(max=64)])
    amount = AmountField(N_("Amount"))
    way = RadioField(N_("How it goes back"), validators=[InputRequired()])
    reason = _why(N_("Why"))

    def __init__(self, currency: str, ways: Sequence[str], **more: Any) -> None:
        super().__init__(**more)
        self.amount.code = currency
        self.way.choices = [(code, t(WAYS[code])) for code in ways]
        if not self.attempt.data:
            self.attempt.data = ids.token()


class StepForm(DeskForm):
    """A step that needs nothing but a person's yes."""


class WhyForm(DeskForm):
    """A step that needs a reason, which its donor or the history gets."""

    why = _why(N_("Why"))


class SignedForm(DeskForm):
    """An account that a donor without an e-mail has signed for."""

    iban = StringField(
        N_("IBAN"), filters=[compact], validators=[InputRequired(), Length(max=40), Iban()]
    )
    holder = StringField(
        N_("Account holder"), filters=[clean_text], validators=[InputRequired(), Length(max=70)]
    )
    proof = FileField(N_("The paper that the donor has signed"), validators=[_Brought()])


class PaidForm(DeskForm):
    """What was debited for a refund, on which account and day."""

    account = SelectField(N_("Account"), validators=[InputRequired()])
    amount = AmountField(N_("Debited"))
    day = DateField(N_("Booked on"), validators=[InputRequired(), _Day()])
    proof = FileField(N_("Proof: the line of the statement, or the signed paper"))

    def __init__(self, accounts: Sequence[BankAccount], **more: Any) -> None:
        super().__init__(**more)
        self.account.choices = _choices(accounts)
        of = {row.slug: row.currency for row in accounts}
        self.amount.code = of.get(self.account.data or "", accounts[0].currency)


class ReturnedForm(DeskForm):
    """When and why a bank sent a refund back."""

    day = DateField(N_("Booked on"), validators=[InputRequired(), _Day()])
    why = _why(N_("Why, in the bank's words"))


class FileForm(DeskForm):
    """For which account a payment order is made."""

    account = SelectField(N_("Account"), validators=[InputRequired()])

    def __init__(self, accounts: Sequence[BankAccount], **more: Any) -> None:
        super().__init__(**more)
        self.account.choices = _choices(accounts)


class DebitForm(DeskForm):
    """When a bank has paid an order."""

    day = DateField(N_("Booked on"), validators=[InputRequired(), _Day()])
    proof = FileField(N_("Proof: the statement, as PDF or picture"), validators=[_Brought()])


class RecallForm(DeskForm):
    """What a donor's bank has called back of a transfer."""

    amount = AmountField(N_("Called back"))
    day = DateField(N_("Booked on"), validators=[InputRequired(), _Day()])
    why = _why(N_("Why, in the bank's words"))
    proof = FileField(N_("Proof: the line of the statement"), validators=[_Brought()])

    def __init__(self, currency: str, **more: Any) -> None:
        super().__init__(**more)
        self.amount.code = currency


class EvidenceForm(DeskForm):
    """What a provider is told against a dispute; it can be said once."""

    about = TextAreaField(
        N_("What the gift was for"), filters=[clean_text], validators=[Length(max=3000)]
    )
    told = TextAreaField(
        N_("What happened"),
        filters=[clean_text],
        validators=[InputRequired(), Length(max=15_000)],
    )


def _choices(accounts: Sequence[BankAccount]) -> list[tuple[str, str]]:
    return [
        (row.slug, f"{row.slug} · {bank.grouped(row.iban)} · {row.currency}") for row in accounts
    ]
