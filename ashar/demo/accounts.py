"""Sample accounts of an association, one in euros and one in francs; no bank has them.

Their numbers are those that banks print in examples.
"""

from ashar.kernel import clock
from ashar.kernel.db import session
from ashar.ledger import accounts
from ashar.ledger.models import BankAccount

HOLDER = "Ashar e. V. (Muster)"
SAMPLES = (
    {
        "slug": "sample-eur",
        "iban": "DE89370400440532013000",
        "bic": "COBADEFFXXX",
        "bank": "Musterbank",
        "currency": "EUR",
        "street": "Musterweg",
        "house": "1",
        "postcode": "10115",
        "city": "Berlin",
        "country": "DE",
    },
    {
        "slug": "sample-chf",
        "iban": "CH9300762011623852957",
        "bank": "Beispielbank",
        "currency": "CHF",
        "street": "Beispielgasse",
        "house": "1",
        "postcode": "8001",
        "city": "Zürich",
        "country": "CH",
    },
)


def load() -> None:
    """Put in what is missing, in the current transaction."""
    for sample in SAMPLES:
        if accounts.account(sample["slug"]) is None:
            session.add(BankAccount(holder=HOLDER, made_at=clock.now(), **sample))
    session.flush()
