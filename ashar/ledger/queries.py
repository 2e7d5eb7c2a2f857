"""Reading the book."""

from collections.abc import Iterator

from sqlalchemy import Row, func, select

from ashar.kernel.db import session
from ashar.kernel.money import Money
from ashar.ledger.models import Entry, Line


def balances(prefix: str = "") -> dict[tuple[str, str], int]:
    """Return signed minor units per (account, currency), accounts beginning with a prefix."""
    found = session.execute(
        select(Line.account, Line.currency, func.sum(Line.minor))
        .where(Line.account.startswith(prefix, autoescape=True))
        .group_by(Line.account, Line.currency)
        .order_by(Line.account, Line.currency)
    )
    return {(account, currency): int(minor) for account, currency, minor in found}


def balance(account: str, currency: str) -> Money:
    """Return the balance of one account in one currency; debit positive."""
    minor = session.execute(
        select(func.coalesce(func.sum(Line.minor), 0)).where(
            Line.account == account, Line.currency == currency
        )
    ).scalar_one()
    return Money(int(minor), currency)


def journal(limit: int | None = None) -> Iterator[Row[Entry, Line]]:
    """Yield entries with their lines, oldest first."""
    yield from session.execute(
        select(Entry, Line)
        .join(Line, Line.entry_id == Entry.id)
        .order_by(Entry.id, Line.no)
        .limit(limit)
        .execution_options(yield_per=500)
    )
