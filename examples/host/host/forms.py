"""The association's forms."""

from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField, SelectField, StringField
from wtforms.validators import InputRequired, Length

LANGUAGES = ["de", "ky", "ru", "en"]


class SignOutForm(FlaskForm):
    """Sign out: nothing but the proof that it came from our page."""


class SignInForm(FlaskForm):
    """Sign in."""

    email = EmailField("E-mail", validators=[InputRequired(), Length(max=254)])
    password = PasswordField("Password", validators=[InputRequired()])


class JoinForm(SignInForm):
    """Become a member."""

    name = StringField("Name", validators=[InputRequired(), Length(max=120)])
    language = SelectField("Language", choices=LANGUAGES)
    password = PasswordField("Password", validators=[InputRequired(), Length(min=8)])
