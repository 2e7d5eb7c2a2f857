"""What the people of a site ask of its accounts; a host keeps its own, and has none of these."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Protocol

from flask import current_app

if TYPE_CHECKING:
    from ashar.people.access import Identity


class Accounts(Protocol):
    """The stand-alone site's accounts, as far as other features need them."""

    def second_factors(self, ids: Collection[str]) -> Mapping[str, bool]:
        """Tell of each identity whether signing in asks it for a second factor."""
        ...

    def way_to_two_factors(self) -> tuple[str, str]:
        """Return words and address of what somebody signed in has to do to show two factors."""
        ...

    def was(self) -> str | None:
        """Return the identity that the browser was signed in as before its session ended."""
        ...

    def tell(self, identity: str, kind: str) -> None:
        """Write to an account's address, once the request is answered."""
        ...

    def make_by_phone(self, name: str, phone: str, language: str) -> "Identity":
        """Make an account that has a phone and no e-mail, in a transaction; raises Refused.

        It has no password: a code that is handed over lets its owner choose one.
        """
        ...

    def awaits_password(self, identity: str) -> bool:
        """Tell whether nobody has ever chosen a password for an account, as it is now."""
        ...

    def recovery_url(self, code: str = "") -> str:
        """Return the full address of the page that takes a recovery's code."""
        ...


def accounts() -> Accounts | None:
    """Return the accounts of the stand-alone site, None in a host."""
    found: Accounts | None = current_app.extensions.get("ashar_accounts")
    return found
