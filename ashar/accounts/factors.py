"""Second factors: codes that count once, passkeys, and who has shown two factors."""

import base64
from typing import Any

from flask import Flask, g, request
from flask import session as cookie
from flask_login import user_logged_out
from flask_security import (
    MfRecoveryCodesUtil,
    Totp,
    WebauthnUtil,
    login_user,
    tf_profile_changed,
    user_authenticated,
    wan_registered,
)
from flask_security.webauthn import WebAuthnSigninResponseForm
from qrcode import make as make_qr
from qrcode.image.svg import SvgPathFillImage
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from ashar.accounts.models import User
from ashar.kernel.i18n import N_, t

STRONG = "ashar_strong"
#: Steps that end a sign-in with a second factor.
SECOND_STEPS = frozenset(
    {
        "security.two_factor_token_validation",
        "security.mf_recovery",
        "security.wan_signin_response",
    }
)
#: Sessions that go on under a new key, after a changed password or a new factor.
ENROLLED, CHANGED = ["enrolled"], ["change"]
RENEWALS = (ENROLLED, CHANGED)


class OnceOnlyTotp(Totp):
    """Codes of an authenticator app, each good once: one that was overseen is no good again."""

    def get_last_counter(self, user: User) -> int | None:
        """Return the time step of the last code."""
        return user.tf_last_counter

    def set_last_counter(self, user: User, tmatch: Any) -> None:
        """Keep the time step of a code that was just accepted."""
        user.tf_last_counter = tmatch.counter

    def generate_qrcode(self, username: str, totp: str) -> str:
        """Return the QR code on white, so that it can be read in the dark scheme too."""
        uri = self.get_totp_uri(username, totp)
        image = make_qr(uri, image_factory=SvgPathFillImage, border=3)
        return _data_uri(image.to_string())


def _data_uri(svg: bytes) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg).decode()


class RecoveryCodes(MfRecoveryCodesUtil):
    """Printed codes, taken as people type them."""

    def check_recovery_code(self, user: User, code: str) -> bool:
        """Tell whether the code is one of theirs."""
        return bool(super().check_recovery_code(user, _clean(code)))

    def delete_recovery_code(self, user: User, code: str) -> bool:
        """Use the code up."""
        return bool(super().delete_recovery_code(user, _clean(code)))


def _clean(code: str) -> str:
    plain = "".join(char for char in code.lower() if char.isalnum())
    return "-".join(plain[i : i + 4] for i in range(0, len(plain), 4))


class Passkeys(WebauthnUtil):
    """A passkey that replaces the password checks its owner too, so it is two factors in one."""

    def authenticator_selection(self, user: User, usage: str) -> AuthenticatorSelectionCriteria:
        """Ask for what the use needs."""
        if usage == "first":
            return AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                require_resident_key=True,
                user_verification=UserVerificationRequirement.REQUIRED,
            )
        return AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED,
            user_verification=UserVerificationRequirement.DISCOURAGED,
        )

    def user_verification(self, user: User | None, usage: list[str]) -> UserVerificationRequirement:
        """Ask for the owner's PIN or finger where the key stands alone."""
        if usage == ["first"]:
            return UserVerificationRequirement.REQUIRED
        return UserVerificationRequirement.DISCOURAGED


class PasskeyAnswerForm(WebAuthnSigninResponseForm):
    """What a passkey answered; as a second factor it must be the account's whose password came."""

    def validate(self, **more: Any) -> bool:
        """Check the answer, and note whether it stands for two factors."""
        if not super().validate(**more):
            return False
        begun = cookie.get("tf_user_id")
        if self.is_secondary and self.user.fs_uniquifier != begun:
            self.credential.errors.append(t(N_("This key belongs to another account.")))
            return False
        g.ashar_two_factors = self.mf_check
        return True


def has_second(user: User) -> bool:
    """Tell whether signing in asks this account for a second factor."""
    keys = any(key.usage == "secondary" for key in user.webauthn)
    return keys or bool(user.tf_primary_method and user.tf_totp_secret)


def can_be_strong(user: User) -> bool:
    """Tell whether this account can show two factors: a passkey alone stands for both."""
    return bool(user.webauthn) or has_second(user)


def is_strong(user: User) -> bool:
    """Tell whether this session has shown two factors."""
    return bool(cookie.get(STRONG) == user.key)


def listen(app: Flask, store: Any) -> None:
    """Follow sign-ins and changes of factors."""

    def enrolled(_app: Flask, user: Any, **_more: Any) -> None:
        """End all other sessions: they were begun without the new factor."""
        account = user._get_current_object() if hasattr(user, "_get_current_object") else user
        store.set_uniquifier(account)
        login_user(account, authn_via=ENROLLED)

    user_authenticated.connect(_note_strength, sender=app, weak=False)
    user_logged_out.connect(_forget, sender=app, weak=False)
    tf_profile_changed.connect(enrolled, sender=app, weak=False)
    wan_registered.connect(enrolled, sender=app, weak=False)


def _note_strength(_app: Flask, user: User, authn_via: Any = None, **_more: Any) -> None:
    """Mark the session once two factors were shown, and never for less."""
    second = authn_via is None and request.endpoint in SECOND_STEPS
    alone = authn_via == ["webauthn"] and g.get("ashar_two_factors")
    if second or alone or authn_via == ENROLLED:
        cookie[STRONG] = user.key
    elif authn_via != CHANGED:
        cookie.pop(STRONG, None)


def _forget(_app: Flask, **_more: Any) -> None:
    cookie.pop(STRONG, None)
