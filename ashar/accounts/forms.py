"""Flask-Security's forms with our texts, and our own small ones."""

from typing import Any

from flask import current_app
from flask_security import (
    ChangeEmailForm,
    ForgotPasswordForm,
    FormInfo,
    LoginForm,
    RegisterFormV2,
    Security,
    TwoFactorRescueForm,
    TwoFactorSetupForm,
    WebAuthnRegisterForm,
    current_user,
    lookup_identity,
    verify_password,
)
from flask_security.utils import get_message
from wtforms import (
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import DataRequired, InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from ashar.kernel import i18n
from ashar.kernel.forms import Form, clean_text
from ashar.kernel.i18n import N_, FormTexts, t


class SignInForm(LoginForm):
    """E-mail or phone, and password; nobody stays signed in beyond the browser's session."""

    remember = None
    # Its name is what Flask-Security's view knows.
    email = StringField(
        validators=[InputRequired(), Length(max=254)],
        render_kw={"autocapitalize": "none", "spellcheck": "false"},
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.password.description = ""
        self.email.label.text = t(N_("E-mail or phone"))

    def validate(self, **more: Any) -> bool:
        """Find the account by either; what is neither is answered as an unknown one is."""
        self.ifield = self.email
        self.user = lookup_identity((self.email.data or "").strip())
        return bool(super().validate(**more))


class RegisterForm(RegisterFormV2):
    """What a new account needs."""

    name = StringField(validators=[Length(max=120)], filters=[clean_text])

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.name.label.text = t(N_("Your name"))


class ForgottenForm(ForgotPasswordForm):
    """The e-mail whose password was forgotten."""

    def validate(self, **more: Any) -> bool:
        """Let the unconfirmed in: the letter's link proves their e-mail as well."""
        found = bool(super().validate(**more))
        if self.requires_confirmation:
            self.email.errors = []
            return True
        return found


class AddressForm(ChangeEmailForm):
    """A new e-mail, and the password: a phone that lies about signed in is not enough for it."""

    password = PasswordField(render_kw={"autocomplete": "current-password"})

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.email.label.text = t(N_("New e-mail"))
        self.password.label.text = t(N_("Your password"))

    def validate(self, **more: Any) -> bool:
        """Check the password first: without it nobody learns anything of other addresses."""
        self.existing_email_user = None
        found = bool(super().validate(**more))
        if not self._is_right():
            self.email.errors, self.existing_email_user = [], None
            self.password.errors = [get_message("INVALID_PASSWORD")[0]]
            return False
        if self.email.data == current_user.email:
            self.email.errors, self.existing_email_user = [t(N_("This is your e-mail now."))], None
        return found

    def _is_right(self) -> bool:
        security = current_app.extensions["security"]
        typed = security.password_util.normalize(self.password.data or "")
        return bool(verify_password(typed, current_user.password or ""))


class RecoverForm(Form):
    """The code that two administrators gave, and a new password."""

    code = StringField(
        filters=[clean_text],
        validators=[DataRequired(), Length(max=60)],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        validators=[InputRequired()], render_kw={"autocomplete": "new-password"}
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.code.label.text = t(N_("Code"))
        self.password.label.text = t(N_("New password"))


class EndForm(Form):
    """Which session is to end."""

    session = HiddenField(validators=[Length(max=64)])


class ReadsForm(Form):
    """The languages in which somebody with a role can judge a text."""

    reads = SelectMultipleField(option_widget=CheckboxInput(), widget=ListWidget())

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.reads.label.text = t(N_("Languages in which you can judge a text"))
        self.reads.choices = [(code, i18n.ENDONYMS[code]) for code in i18n.languages()]


class AppForm(TwoFactorSetupForm):
    """Setting up the authenticator app; the page's buttons are its choices."""

    setup = StringField()


class RescueForm(TwoFactorRescueForm):
    """Flask-Security's ways out, of which we offer only recovery codes, as a link."""

    help_setup = StringField()

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.help_setup.choices = []


class KeyForm(WebAuthnRegisterForm):
    """A new passkey or security key."""

    usage = RadioField(default="first")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.usage.label.text = t(N_("What it is for"))
        self.usage.choices = [
            ("first", t(N_("It signs me in alone, instead of the password"))),
            ("secondary", t(N_("It is my second factor, after the password"))),
        ]


class LanguageForm(Form):
    """The language of pages and letters."""

    language = SelectField()

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.language.label.text = t(N_("Language"))
        self.language.choices = [(code, i18n.ENDONYMS[code]) for code in i18n.languages()]


def speak(security: Security) -> None:
    """Let every form of Flask-Security take WTForms' own messages from our catalogue."""
    for name, info in security.forms.items():
        if info.cls is not None:
            security.set_form_info(name, FormInfo(instantiator=_make, cls=info.cls))


def _make(name: str, cls: Any, *args: Any, **more: Any) -> Any:
    meta = dict(more.pop("meta", {}), get_translations=lambda form: FormTexts())
    return cls(*args, meta=meta, **more)
