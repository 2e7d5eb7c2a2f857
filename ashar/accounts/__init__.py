"""Accounts of the stand-alone site, by Flask-Security; a host has its own and never sees these."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from flask import Flask, Response, after_this_request, render_template, request, url_for
from flask import session as cookie
from flask_babel import Babel
from flask_login import current_user
from flask_security import (
    Security,
    auth_required,
    hash_password,
    lookup_identity,
    password_reset,
    url_for_security,
    user_authenticated,
)
from flask_security.change_email import change_email
from flask_wtf import FlaskForm
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from ashar.accounts import factors, forms, guard, letters, phones, sessions, settings, views
from ashar.accounts import privacy as privacy
from ashar.accounts.models import NOWHERE, User, WebAuthn
from ashar.accounts.store import Store, identity_of, key_of
from ashar.kernel import clock, db, i18n
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_, t
from ashar.people import services as people
from ashar.people.access import Identity
from ashar.people.models import Person

__all__ = ["Accounts", "User", "WebAuthn"]

#: Flask-Security's own catalogues bear a country's name.
CATALOGUES = {"ru": "ru_RU", "de": "de_DE"}


class Accounts:
    """The stand-alone site's accounts; `app.extensions["ashar_accounts"]`."""

    def __init__(self, app: Flask, _db: Any) -> None:
        self.store = Store()
        app.extensions["ashar_accounts"] = self

    def who(self) -> Identity | None:
        """Return who is signed in; the session is not opened for who is not."""
        if guard.session_handle() is None or not current_user.is_authenticated:
            return None
        return identity_of(current_user, strong=factors.is_strong(current_user))

    def mount(self, app: Flask) -> None:
        """Start Flask-Security and add the accounts' pages; after Ashar itself."""
        Babel(app, locale_selector=_locale)
        app.config.update(settings.for_security(app.config))
        self.security = Security(
            app,
            self.store,
            login_form=forms.SignInForm,
            register_form=forms.RegisterForm,
            forgot_password_form=forms.ForgottenForm,
            change_email_form=forms.AddressForm,
            two_factor_setup_form=forms.AppForm,
            two_factor_rescue_form=forms.RescueForm,
            wan_register_form=forms.KeyForm,
            wan_signin_response_form=factors.PasskeyAnswerForm,
            mail_util_cls=letters.Post,
            totp_cls=factors.OnceOnlyTotp,
            phone_util_cls=phones.Numbers,
            webauthn_util_cls=factors.Passkeys,
            mf_recovery_codes_util_cls=factors.RecoveryCodes,
            render_template=render,
        )
        self.security.want_json(lambda request: False)
        self.security.login_manager.request_loader(_no_tokens)
        self.security.login_manager.user_loader(sessions.load)
        forms.speak(self.security)
        app.register_blueprint(views.blueprint)
        user_authenticated.connect(_greet, sender=app, weak=False)
        password_reset.connect(_confirm, sender=app, weak=False)
        # Its form asks for the password itself, whenever the sign-in was; a GET changes nothing.
        app.view_functions |= {
            "security.change_email": auth_required("session")(change_email.__wrapped__),
            "security.change_email_confirm": views.ask_address,
        }
        factors.listen(app, self.store)
        sessions.listen(app)
        letters.listen(app)
        guard.mount(app, self.security)

    def second_factors(self, ids: Collection[str]) -> Mapping[str, bool]:
        """Tell of each identity whether it can show two factors."""
        keys = {key_of(one): one for one in ids}
        found = db.session.scalars(select(User).where(User.key.in_(keys)))
        return {keys[user.key]: factors.can_be_strong(user) for user in found}

    def way_to_two_factors(self) -> tuple[str, str]:
        """Return words and address of what somebody signed in has to do to show two factors."""
        if current_user.is_authenticated and factors.can_be_strong(current_user):
            return t(N_("Sign out, and in again with it")), url_for("ashar_accounts.sign_out")
        return t(N_("Set up a second factor")), url_for_security("two_factor_setup")

    def was(self) -> str | None:
        """Return the identity that the browser was signed in as before its session ended."""
        return sessions.was()

    def tell(self, identity: str, kind: str) -> None:
        """Write to an account's address, once the request is answered."""
        user = self.store.find_user(key=key_of(identity))
        if user is not None:
            letters.write(user, kind)

    def recovery_url(self, code: str = "") -> str:
        """Return the full address of the page that takes a recovery's code."""
        return letters.address("ashar_accounts.recover", **({"code": code} if code else {}))

    def person(self, email: str) -> Person:
        """Return the person of an account, by e-mail or phone; made where they are new.

        Called inside a transaction. Raises Refused where there is no such account.
        """
        user = lookup_identity(email.strip().lower())
        if user is None:
            raise Refused(N_("There is no account with this e-mail."))
        return people.know(identity_of(user))

    def create(
        self, email: str, password: str, roles: Sequence[str] = (), region: str = ""
    ) -> None:
        """Make an account that needs no confirming, with roles; a moderator's is for a region.

        Raises Refused, in words, for what cannot be.
        """
        address, secret = self._checked(email, password)
        with db.transaction():
            if self.store.find_user(email=address) is not None:
                raise Refused(N_("There is an account with this e-mail already."))
            user = self.store.create_user(
                email=address,
                password=hash_password(secret),
                confirmed_at=clock.now(),
                language=None,
            )
            db.session.flush()
            person = people.know(identity_of(user))
            for role in roles:
                people.give_role(person, role, region if role == "moderator" else "")

    def make_by_phone(self, name: str, phone: str, language: str) -> Identity:
        """Make an account that has a phone and no e-mail, in a transaction; raises Refused."""
        number = phones.canonical(phone)
        if number is None:
            raise Refused(N_("This is not a phone number. Write it like +996 700 123456."))
        if self.store.find_user(phone=number) is not None:
            raise Refused(N_("There is an account with this number already."))
        key = uuid.uuid4().hex
        user = self.store.create_user(
            key=key,
            email=key + NOWHERE,
            phone=number,
            name=name,
            password=None,
            confirmed_at=clock.now(),
            language=language,
        )
        try:
            db.session.flush()
        except IntegrityError as error:
            raise Refused(N_("There is an account with this number already.")) from error
        return identity_of(user)

    def awaits_password(self, identity: str) -> bool:
        """Tell whether nobody has ever chosen a password for an account, as it is now."""
        query = select(User.password).where(User.key == key_of(identity))
        found = db.session.execute(query).one_or_none()
        return found is not None and found.password is None

    def _checked(self, email: str, password: str) -> tuple[str, str]:
        try:
            address = self.security.mail_util.validate(email)
        except ValueError as error:
            raise Refused(N_("This is not an e-mail address.")) from error
        wrong, secret = self.security.password_util.validate(password, True)
        if wrong:
            raise Refused(str(wrong[0]))
        return address, secret


def render(template: str, **context: Any) -> Any:
    """Render a page of Flask-Security; a form that was refused answers 422, a forged one 400."""
    if (context.get("current_email") or "").endswith(NOWHERE):
        context["current_email"] = None
    page = render_template(template, **context)
    if request.method != "POST":
        return page
    wrong = [form.errors for form in context.values() if isinstance(form, FlaskForm)]
    if any("csrf_token" in errors for errors in wrong):
        return page, 400
    return (page, 422) if any(wrong) else page


def _locale() -> str:
    lang = i18n.language()
    return CATALOGUES.get(lang, lang)


def _no_tokens(_request: Any) -> None:
    """Know nobody by a token: the site has no API that signs in."""


def _greet(_app: Flask, user: User, authn_via: Any = None, **_more: Any) -> None:
    """Know the person behind an account that has just signed in, once its rows are committed."""
    if authn_via in factors.RENEWALS:
        return
    row = user.id

    def know(response: Response) -> Response:
        db.session.commit()
        with db.transaction() as session:
            people.know(identity_of(session.get_one(User, row)))
        cookie.pop("_flashes", None)
        return response

    after_this_request(know)


def _confirm(_app: Flask, user: User, **_more: Any) -> None:
    """Take a new password by letter for proof of the e-mail.

    So whoever was forestalled by somebody who registered their address gets it back.
    """
    user.confirmed_at = user.confirmed_at or clock.now()
