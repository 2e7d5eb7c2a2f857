"""What a treasurer does about a campaign whose gifts go back."""

from wtforms import HiddenField
from wtforms.validators import AnyOf

from ashar.kernel.forms import Form


class ActForm(Form):
    """Begin although the balance is short, or try what was given up once more."""

    what = HiddenField(validators=[AnyOf(["start", "retry"])])
