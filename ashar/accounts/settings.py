"""What Flask-Security is told: our settings in its words."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask_security import uia_email_mapper, uia_phone_mapper

from ashar.accounts.phones import HOME
from ashar.kernel import clock, paths

PAGES = "ashar/accounts/"
LETTERS = "ashar/accounts/mail/"
OVERVIEW = "ashar_accounts.overview"
PASSWORD_LENGTH = 10

URLS = {
    "LOGIN_URL": "/sign-in",
    "LOGOUT_URL": "/sign-out",
    "REGISTER_URL": "/register",
    "CONFIRM_URL": "/account/confirm",
    "RESET_URL": "/account/password/forgotten",
    "CHANGE_URL": "/account/password",
    "CHANGE_EMAIL_URL": "/account/email",
    "VERIFY_URL": "/account/verify",
    "TWO_FACTOR_SETUP_URL": "/account/two-factor",
    "TWO_FACTOR_TOKEN_VALIDATION_URL": "/account/code",
    "TWO_FACTOR_SELECT_URL": "/account/choose",
    "TWO_FACTOR_RESCUE_URL": "/account/rescue",
    "MULTI_FACTOR_RECOVERY_URL": "/account/recovery",
    "MULTI_FACTOR_RECOVERY_CODES_URL": "/account/recovery-codes",
    "WAN_SIGNIN_URL": "/account/passkey",
    "WAN_REGISTER_URL": "/account/passkeys",
    "WAN_DELETE_URL": "/account/passkeys/remove",
    "WAN_VERIFY_URL": "/account/verify/passkey",
}
TEMPLATES = {
    "LOGIN_USER_TEMPLATE": "sign_in.html",
    "LOGOUT_USER_TEMPLATE": "sign_out.html",
    "REGISTER_USER_TEMPLATE": "register.html",
    "SEND_CONFIRMATION_TEMPLATE": "confirm.html",
    "FORGOT_PASSWORD_TEMPLATE": "forgotten.html",
    "RESET_PASSWORD_TEMPLATE": "reset.html",
    "CHANGE_PASSWORD_TEMPLATE": "password.html",
    "CHANGE_EMAIL_TEMPLATE": "email.html",
    "VERIFY_TEMPLATE": "verify.html",
    "TWO_FACTOR_SETUP_TEMPLATE": "two_factor.html",
    "TWO_FACTOR_VERIFY_CODE_TEMPLATE": "code.html",
    "TWO_FACTOR_SELECT_TEMPLATE": "choose.html",
    "MULTI_FACTOR_RECOVERY_TEMPLATE": "recovery.html",
    "MULTI_FACTOR_RECOVERY_CODES_TEMPLATE": "recovery_codes.html",
    "WAN_SIGNIN_TEMPLATE": "passkey.html",
    "WAN_REGISTER_TEMPLATE": "passkeys.html",
    "WAN_VERIFY_TEMPLATE": "verify_passkey.html",
}
#: Flask-Security's letters; each name is a folder of ours.
MAIL = {
    "REGISTER_EMAIL_TEMPLATE": "welcome",
    "REGISTER_EMAIL_EXISTING_TEMPLATE": "known",
    "EMAIL_TEMPLATE_CONFIRM": "confirm",
    "EMAIL_TEMPLATE_PASSWORD_RESET": "reset",
    "EMAIL_TEMPLATE_PASSWORD_RESET_NOTICE": "changed",
    "EMAIL_TEMPLATE_PASSWORD_CHANGE_NOTICE": "changed",
    "CHANGE_EMAIL_EMAIL_TEMPLATE": "address",
}
FEATURES: dict[str, Any] = {
    "REGISTERABLE": True,
    "CONFIRMABLE": True,
    "RECOVERABLE": True,
    "CHANGEABLE": True,
    "CHANGE_EMAIL": True,
    "TRACKABLE": False,
    "TWO_FACTOR": True,
    "TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
    "TWO_FACTOR_RESCUE_EMAIL": False,
    # Two steps of 30 seconds each way: cheap phones have clocks that are off.
    "TWO_FACTOR_AUTHENTICATOR_VALIDITY": 60,
    "TWO_FACTOR_POST_SETUP_VIEW": OVERVIEW,
    "MULTI_FACTOR_RECOVERY_CODES": True,
    "MULTI_FACTOR_RECOVERY_CODES_N": 10,
    "WEBAUTHN": True,
    "WAN_ALLOW_USER_HINTS": False,
    "WAN_RP_NAME": "Ashar",
    "RETURN_GENERIC_RESPONSES": True,
    "PASSWORD_HASH": "argon2",
    "PASSWORD_SCHEMES": ["argon2"],
    # OWASP's 19 MiB and two passes: 50 ms, and many can sign in at once on a small machine.
    "PASSWORD_HASH_PASSLIB_OPTIONS": {
        "argon2__memory_cost": 19456,
        "argon2__time_cost": 2,
        "argon2__parallelism": 1,
    },
    # Binds the links in letters to a password's hash and an e-mail. A slow one would show in the
    # time of an answer whether an account exists.
    "HASHING_SCHEMES": ["hex_sha256"],
    "PASSWORD_LENGTH_MIN": PASSWORD_LENGTH,
    "PASSWORD_CONFIRM_REQUIRED": False,
    "PASSWORD_CHECK_BREACHED": False,
    "FRESHNESS": timedelta(minutes=30),
    "FRESHNESS_GRACE_PERIOD": timedelta(minutes=10),
    "CONFIRM_EMAIL_WITHIN": timedelta(days=3),
    "CHANGE_EMAIL_WITHIN": timedelta(hours=24),
    "RESET_PASSWORD_WITHIN": timedelta(hours=2),
    "API_ENABLED_METHODS": ["session"],
    "JOIN_USER_ROLES": False,
    # Decomposed letters, as in й, would be refused the next time they are typed.
    "INPUT_NORMALIZE_FORM": "NFC",
    "LOGOUT_CSRF": True,
    "CACHE_CONTROL": None,
    "STATIC_FOLDER": None,
    "CLI_USERS_NAME": None,
    "CLI_ROLES_NAME": None,
    "EMAIL_PLAINTEXT": False,
    "EMAIL_HTML": False,
    "POST_LOGIN_VIEW": OVERVIEW,
    "POST_CHANGE_VIEW": OVERVIEW,
    "POST_VERIFY_VIEW": OVERVIEW,
    "POST_REGISTER_VIEW": "security.login",
    "USER_IDENTITY_ATTRIBUTES": [
        {"email": {"mapper": uia_email_mapper}},
        {"phone": {"mapper": uia_phone_mapper}},
    ],
    "PHONE_REGION_DEFAULT": HOME,
}


def for_security(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return Flask-Security's settings."""
    secrets = totp_secrets(settings)
    found: dict[str, Any] = FEATURES | URLS
    found |= {key: PAGES + name for key, name in TEMPLATES.items()}
    found |= {key: LETTERS + name for key, name in MAIL.items()}
    found |= {
        "PASSWORD_SALT": settings["ASHAR_PASSWORD_SALT"] or _derived(settings, "password"),
        "TOTP_SECRETS": secrets,
        "TOTP_ISSUER": "Ashar",
        "MULTI_FACTOR_RECOVERY_CODES_KEYS": [_fernet(secret) for secret in secrets.values()],
        "DATETIME_FACTORY": clock.now,
        "I18N_DIRNAME": ["builtin", str(paths.TRANSLATIONS)],
        "EMAIL_SENDER": settings["ASHAR_MAIL_FROM"],
    }
    return {f"SECURITY_{key}": value for key, value in found.items()}


def totp_secrets(settings: Mapping[str, Any]) -> dict[str, str]:
    """Read ASHAR_TOTP_SECRETS, `2:new,1:old` or one plain secret; the newest comes first."""
    found = {}
    for part in str(settings["ASHAR_TOTP_SECRETS"] or "").split(","):
        tag, colon, secret = part.strip().partition(":")
        if colon and tag.isdigit():
            found[tag] = secret
        elif part.strip():
            found["1"] = part.strip()
    found = found or {"1": _derived(settings, "totp")}
    return dict(sorted(found.items(), key=lambda pair: int(pair[0]), reverse=True))


def _derived(settings: Mapping[str, Any], purpose: str) -> str:
    """Return a secret made from the site's key, for development."""
    key = str(settings["SECRET_KEY"]).encode()
    return hmac.new(key, f"ashar-{purpose}".encode(), hashlib.sha256).hexdigest()


def _fernet(secret: str) -> bytes:
    digest = hmac.new(secret.encode(), b"ashar-recovery-codes", hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest)
