"""The settings: one table, from which come defaults, the environment's reading and the docs."""

import os
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, NamedTuple

from ashar.kernel.errors import ConfigError

Parse = Callable[[str], Any]
INSECURE_KEYS = frozenset({"", "dev", "development", "secret", "change-me", "changeme"})
DEVELOPMENT_KEY = "development"
#: Set by the stand-alone site for itself.
OWN_ACCOUNTS = "ASHAR_OWN_ACCOUNTS"


def _flag(text: str) -> bool:
    if text.strip().lower() in {"1", "true", "yes", "on"}:
        return True
    if text.strip().lower() in {"0", "false", "no", "off", ""}:
        return False
    raise ConfigError(f"{text!r} is neither 1 nor 0")


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


class Setting(NamedTuple):
    """One setting: its name, its default, how its text is read, what it is for."""

    name: str
    default: Any
    help: str
    parse: Parse = str


SETTINGS: tuple[Setting, ...] = (
    Setting("ASHAR_ENV", "development", "`production` refuses to start with anything unsafe."),
    Setting("ASHAR_SECRET_KEY", "", "Key that signs sessions and forms (stand-alone site)."),
    Setting("ASHAR_SECRET_KEY_FALLBACKS", (), "Earlier keys, still accepted, by comma.", _list),
    Setting("ASHAR_PASSWORD_SALT", "", "Salt of the password hashes (stand-alone site)."),
    Setting("ASHAR_TOTP_SECRETS", "", "Key that seals second factors (stand-alone site)."),
    Setting("ASHAR_DATABASE_URL", "", "Database of the stand-alone site; empty: SQLite in the "
            "instance folder."),
    Setting("ASHAR_INSTANCE_PATH", "", "Folder of the database, media and jobs files."),
    Setting("ASHAR_BIND", "ashar", "Key in SQLALCHEMY_BINDS that a host keeps for Ashar; used "
            "when the host has such a bind, else the host's own engine."),
    Setting("ASHAR_SQLITE_PRAGMAS", False, "A host's yes to setting up its own SQLite engine for "
            "money: foreign keys, WAL, full sync, explicit transactions.", _flag),
    Setting("ASHAR_BASE_URL", "http://127.0.0.1:5000", "Address of the site, for letters and "
            "for the way back from Checkout."),
    Setting("ASHAR_SITE_ID", "ashar", "Name of this installation in Stripe's metadata: events of "
            "another on the same account are told apart by it."),
    Setting("ASHAR_STRIPE_SECRET_KEY", "", "Stripe's secret key; without it no way of paying "
            "through Stripe is offered."),
    Setting("ASHAR_STRIPE_WEBHOOK_SECRET", (), "Signing secrets of the webhook, by comma.", _list),
    Setting("ASHAR_STRIPE_API_BASE", "", "Address of Stripe's API when it is not Stripe's own "
            "(the sandbox)."),
    Setting("ASHAR_STRIPE_TIMEOUT", 10, "Seconds after which a call to Stripe is given up.", int),
    Setting("ASHAR_JOBS", "sqlite", "Where jobs queue: sqlite, postgres, a redis:// URL, or off "
            "(jobs then run at once, in the process that asks)."),
    Setting("ASHAR_MAIL_URL", "log", "smtp://user:password@host:port (smtps:// for TLS), or log."),
    Setting("ASHAR_MAIL_FROM", "Ashar <ashar@localhost>", "Sender of every letter."),
    Setting("ASHAR_CHECK_DELIVERABILITY", False, "Ask DNS whether an e-mail's domain takes mail "
            "at registration (stand-alone site).", _flag),
    Setting("ASHAR_TRUSTED_PROXIES", 0, "How many proxies in front may set X-Forwarded-*.", int),
    Setting("ASHAR_TIMEZONE", "Europe/Zurich", "Time zone of the association: the book's days."),
    Setting("ASHAR_BOOK_CURRENCY", "CHF", "Currency in which the book is valued."),
    Setting("ASHAR_CURRENCIES", ("CHF", "EUR", "USD", "GBP", "KRW", "JPY", "KGS", "KZT", "TRY",
            "RUB"), "Currencies that donors may "
            "choose, by comma.", _list),
    Setting("ASHAR_LANGUAGES", ("ky", "ru", "en", "de"), "Languages, by comma; the first is the "
            "default.", _list),
    Setting("ASHAR_RETENTION_YEARS", 10, "Years that vouchers are kept.", int),
    Setting("ASHAR_RATELIMIT_ENABLED", True, "0 turns off every limit and brake (never in "
            "production).", _flag),
    Setting("ASHAR_RATELIMIT_STORAGE", "database", "Where limits count: database, memory or a "
            "redis:// URL."),
    Setting("ASHAR_MEDIA", "", "Folder of pictures; empty: `media` in the instance folder."),
    Setting("ASHAR_METRICS_TOKEN", "", "Bearer token of /metrics; without it the page is shut."),
    Setting("ASHAR_SIGN_IN_URL", "/sign-in", "Page of the host where people sign in."),
    Setting("ASHAR_MINIMUM_GIFT", "1.00", "Smallest gift, in the donor's currency."),
    Setting("ASHAR_MAXIMUM_GIFT", "20000.00", "Largest gift, in the donor's currency."),
    Setting("ASHAR_TRANSFER_DAYS", 60, "Days for which a pledge by bank transfer is waited for; "
            "what comes later is booked all the same.", int),
    Setting("ASHAR_DEBIT_DAYS", 56, "Days for which a direct debit can be called back without a "
            "question: its money is not final before.", int),
    Setting("ASHAR_CASH_SLIP", "500.00", "Most cash on one slip, unless a collector has a limit of "
            "their own; this and the next two are in francs, euros or dollars, and more in small "
            "currencies."),
    Setting("ASHAR_CASH_YEAR", "1000.00", "Most cash of one donor in a calendar year."),
    Setting("ASHAR_CASH_HELD", "2000.00", "Most cash that a collector holds at once, unless they "
            "have a limit of their own."),
    Setting("ASHAR_CASH_DAYS", 30, "Days after which cash that was not handed in is overdue, "
            "unless a collector has a limit of their own.", int),
    Setting("ASHAR_TWO_APPROVALS_FROM", "10000.00", "Goal, in the book's currency, above which "
            "two moderators have to approve a project."),
    Setting("ASHAR_REFUND_DAYS", 120, "Days for which every way of paying can give a gift back: "
            "a threshold project collects no longer.", int),
    Setting("ASHAR_REFUND_WARNED", False, "Refund at once what a card's bank gives an early fraud "
            "warning of; without it a treasurer decides.", _flag),
    Setting("ASHAR_REMEMBERED_PAGES", 0, "How many rendered public pages a process remembers; 0 "
            "renders each anew, as a host must whose layout greets its user. The stand-alone "
            "site remembers 256.", int),
    Setting("ASHAR_NOTICE", "", "A sentence shown on every page, such as that data are samples."),
)  # fmt: skip


def set_defaults(config: MutableMapping[str, Any]) -> None:
    """Give every setting that the host left out its default."""
    for setting in SETTINGS:
        config.setdefault(setting.name, setting.default)


def from_environment(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Read the settings that the environment has.

    Raises ConfigError naming a setting whose text cannot be read.
    """
    found = {}
    for setting in SETTINGS:
        if setting.name in environ:
            found[setting.name] = _read(setting, environ[setting.name])
    return found


def _read(setting: Setting, text: str) -> Any:
    try:
        return setting.parse(text)
    except (ValueError, ConfigError) as error:
        raise ConfigError(f"{setting.name}: {error}") from error


def is_production(config: Mapping[str, Any]) -> bool:
    """Tell whether the site is run for real money."""
    return str(config["ASHAR_ENV"]) == "production"


def unsafe(config: Mapping[str, Any]) -> list[str]:
    """Name, a sentence each, what must not be so in production."""
    found = []
    if config.get("DEBUG"):
        found.append("Debug mode is on: tracebacks would be shown to strangers.")
    if str(config.get("SECRET_KEY") or "") in INSECURE_KEYS | {DEVELOPMENT_KEY}:
        found.append("ASHAR_SECRET_KEY is missing or a default: anyone could forge a session.")
    if not config["ASHAR_STRIPE_WEBHOOK_SECRET"]:
        found.append("ASHAR_STRIPE_WEBHOOK_SECRET is missing: payments could not be believed.")
    if any(word.startswith("whsec_sandbox") for word in config["ASHAR_STRIPE_WEBHOOK_SECRET"]):
        found.append("ASHAR_STRIPE_WEBHOOK_SECRET is the sandbox's: anyone could tell of payments.")
    if not config["ASHAR_RATELIMIT_ENABLED"]:
        found.append("ASHAR_RATELIMIT_ENABLED is 0: stolen cards could be tried here.")
    if not str(config["ASHAR_BASE_URL"]).startswith("https://"):
        found.append("ASHAR_BASE_URL is not https: links and forms could be read on the way.")
    if str(config["ASHAR_MAIL_URL"]) == "log":
        found.append("ASHAR_MAIL_URL is log: no donor would get a letter.")
    if config.get(OWN_ACCOUNTS):
        found.extend(_unsafe_accounts(config))
    return found


def _unsafe_accounts(config: Mapping[str, Any]) -> list[str]:
    """Name what the stand-alone site's accounts must not lack; a host's accounts are its own."""
    words = {
        "ASHAR_PASSWORD_SALT": "passwords would hang on the secret key.",
        "ASHAR_TOTP_SECRETS": "second factors would hang on the secret key.",
    }
    return [f"{name} is missing: {why}" for name, why in words.items() if not config[name]]


def refuse_unsafe(config: Mapping[str, Any]) -> None:
    """Raise ConfigError in production while anything is unsafe."""
    if is_production(config) and (found := unsafe(config)):
        raise ConfigError("Not started in production:\n- " + "\n- ".join(found))
