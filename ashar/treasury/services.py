"""Opening and changing the association's accounts; called inside a transaction."""

from dataclasses import asdict, dataclass

from ashar.kernel import clock, history
from ashar.kernel.db import session
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_
from ashar.ledger import accounts
from ashar.ledger.models import BankAccount


@dataclass(frozen=True, slots=True)
class Said:
    """What may be said of an account and changed later; its number and currency may not."""

    holder: str
    qr_iban: str
    bic: str
    bank: str
    street: str
    house: str
    postcode: str
    city: str
    country: str
    open: bool


def add(slug: str, iban: str, currency: str, said: Said, *, actor: int) -> BankAccount:
    """Enter an account; raise Refused when its name or number is there already."""
    for known in accounts.accounts():
        if known.slug == slug:
            raise Refused(N_("There is an account of that name already."))
        if known.iban == iban:
            raise Refused(N_("This account number is entered already."))
    row = BankAccount(slug=slug, iban=iban, currency=currency, made_at=clock.now(), **asdict(said))
    session.add(row)
    session.flush()
    history.record("bank-account", row.id, "account", None, iban, actor=actor, data=asdict(said))
    return row


def change(row: BankAccount, said: Said, *, actor: int, why: str) -> bool:
    """Change what is said of an account, and tell whether anything is different."""
    new = asdict(said)
    old = {name: getattr(row, name) for name in new}
    changed = [name for name in new if new[name] != old[name]]
    for name in changed:
        setattr(row, name, new[name])
        history.record(
            "bank-account", row.id, name, str(old[name]), str(new[name]), why=why, actor=actor
        )
    return bool(changed)
