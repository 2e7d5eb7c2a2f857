"""The small forms that change a monthly gift."""

from typing import Any

from wtforms import HiddenField
from wtforms.validators import ValidationError

from ashar.kernel.forms import AmountField, Form
from ashar.kernel.i18n import N_, money, t
from ashar.pledges.forms import bounds


class StepForm(Form):
    """Pause, resume, stop or mend; nothing to fill in but the key of a link."""

    key = HiddenField()


class SumForm(StepForm):
    """Another sum each month, in the currency that it began with."""

    amount = AmountField(N_("Sum each month"))

    def __init__(self, currency: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.amount.code = currency
        self.amount.label.text = f"{t(self.amount.label.text)} ({currency})"

    def validate_amount(self, field: AmountField) -> None:
        """Hold the sum between the site's smallest and largest gift."""
        if field.money is None:
            return
        least, most = bounds(field.money.currency)
        if field.money < least:
            raise ValidationError(t(N_("The smallest gift is %(sum)s."), sum=money(least)))
        if most < field.money:
            raise ValidationError(t(N_("The largest gift here is %(sum)s."), sum=money(most)))
