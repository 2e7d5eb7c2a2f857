"""Errors that Ashar raises on purpose.

AsharError
├── ConfigError          a setting is missing, wrong or unsafe
├── MoneyError
│   ├── AmountError      a text is no amount of that currency
│   └── CurrencyMismatch two currencies in one sum
├── StateError           a step that the table of states does not have
├── BookError            an entry that the book refuses
├── PendingRows          a transaction begun over the host's own unsaved rows
├── Refused              a request that a rule refuses, told to the person in words
│   └── Stale            it builds on something that has changed since
├── Waits                a fact whose predecessor has not arrived yet
├── Parked               a fact that cannot be applied; a person has to look
└── GatewayError
    ├── GatewayUnreachable   no answer, or a passing fault: try again
    └── GatewayRefused       the provider said no
"""

from typing import Any


class AsharError(Exception):
    """Base of all of Ashar's own errors."""


class ConfigError(AsharError):
    """A setting is missing, wrong or unsafe."""


class MoneyError(AsharError, ValueError):
    """Something is wrong with an amount."""


class AmountError(MoneyError):
    """A text is no amount; `reason` is one of empty, form, digits, negative, large."""

    def __init__(self, reason: str, text: str = "") -> None:
        super().__init__(f"{reason}: {text!r}" if text else reason)
        self.reason = reason


class CurrencyMismatch(MoneyError):
    """Two currencies met in one sum."""


class StateError(AsharError):
    """A step that the table of states does not have."""


class BookError(AsharError):
    """An entry that the book refuses."""


class PendingRows(AsharError):
    """A transaction was begun over rows of the host that are not saved yet."""


class Refused(AsharError):
    """A rule refuses what was asked; `str(error)` is a msgid of the catalogue, with its values."""

    def __init__(self, words: str, **values: Any) -> None:
        super().__init__(words)
        self.values = values


class Stale(Refused):
    """What was sent builds on something that has changed since."""


class Waits(AsharError):
    """A fact has to wait for the one it builds on, known by any of `keys`."""

    def __init__(self, *keys: str) -> None:
        super().__init__("waits for " + ", ".join(keys))
        self.keys = keys


class Parked(AsharError):
    """A fact cannot be applied; the reason is for the treasurer."""


class GatewayError(AsharError):
    """A payment provider did not do what was asked."""


class GatewayUnreachable(GatewayError):
    """The provider gave no answer or a passing fault; the same call may be made again."""


class GatewayRefused(GatewayError):
    """The provider refused; `code` is its own word for why."""

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.code = code
