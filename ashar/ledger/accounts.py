"""The association's accounts at banks."""

from collections.abc import Sequence
from functools import cache

from sqlalchemy import Select, bindparam, select

from ashar.kernel.db import session
from ashar.ledger.models import BankAccount


def accounts() -> Sequence[BankAccount]:
    """Return all accounts, closed ones last."""
    return session.scalars(
        select(BankAccount).order_by(BankAccount.open.desc(), BankAccount.currency, BankAccount.id)
    ).all()


def account(slug: str) -> BankAccount | None:
    """Return an account by its name in addresses and in the book."""
    return session.scalars(select(BankAccount).where(BankAccount.slug == slug)).one_or_none()


def receiving(currency: str) -> BankAccount | None:
    """Return the account that takes new transfers in a currency, if there is one."""
    return session.scalars(_receiving(), {"currency": currency}).one_or_none()


# Every transfer asks this; to build a statement costs as much as to run it.
@cache
def _receiving() -> Select[BankAccount]:
    return (
        select(BankAccount)
        .where(BankAccount.currency == bindparam("currency"), BankAccount.open.is_(True))
        .order_by(BankAccount.id)
        .limit(1)
    )
