"""Making and changing matching pools, and paying into them; called inside a transaction."""

from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from typing import Any

from ashar.kernel import clock, history
from ashar.kernel.db import session
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_
from ashar.kernel.money import Money
from ashar.ledger.models import BankAccount
from ashar.ledger.services import Source, move_to
from ashar.pledges import pools
from ashar.pledges.models import Pool, PoolPayment, PoolScope

KNOWN = N_("This form was sent before, with other figures, and those are entered.")


@dataclass(frozen=True, slots=True)
class Terms:
    """What of a pool is decided once: others would be another pool's."""

    slug: str
    kind: str
    currency: str
    rate_gives: int = 1
    rate_for: int = 1


@dataclass(frozen=True, slots=True)
class Said:
    """What may be said of a pool and changed later; sums in minor units, scopes (kind, value)."""

    names: dict[str, str]
    total_minor: int
    scopes: tuple[tuple[str, str], ...]
    cap_minor: int | None = None
    email: str = ""
    person_id: int | None = None
    starts: date | None = None
    ends: date | None = None
    open: bool = True


def make(terms: Terms, said: Said, *, actor: int | None) -> Pool:
    """Make a pool; raise Refused when there is one of that name."""
    if pools.by_slug(terms.slug) is not None:
        raise Refused(N_("There is a pool of that name already."))
    pool = Pool(made_at=clock.now(), **asdict(terms), **_columns(said))
    pool.scopes = [PoolScope(kind=kind, value=value) for kind, value in said.scopes]
    session.add(pool)
    session.flush()
    data = {"after": told(said) | _told(asdict(terms))}
    history.record("pool", pool.id, "pool", None, pool.slug, actor=actor, data=data)
    pools.forget()
    return pool


def change(slug: str, said: Said, *, actor: int, why: str) -> bool:
    """Change what is said of a pool, and tell whether anything is different.

    Raises Refused for a total below what is set aside and given already.
    """
    found = pools.by_slug(slug)
    if found is None:
        raise LookupError(slug)
    pool = pools.lock(found.id)
    if said.total_minor < pool.reserved_minor + pool.booked_minor:
        raise Refused(N_("More than that is set aside and given already."))
    before, after = told(said_of(pool)), told(said)
    if before == after:
        return False
    for name, value in _columns(said).items():
        setattr(pool, name, value)
    kept = {(row.kind, row.value): row for row in pool.scopes}
    pool.scopes = [
        kept.get(one) or PoolScope(kind=one[0], value=one[1]) for one in sorted(said.scopes)
    ]
    session.flush()
    data = {"before": before, "after": after}
    history.record("pool", pool.id, "changed", None, slug, why=why, actor=actor, data=data)
    pools.forget()
    return True


def said_of(pool: Pool) -> Said:
    """Return what is said of a pool now."""
    names = [name for name in Said.__slots__ if name != "scopes"]
    scopes = tuple(sorted((row.kind, row.value) for row in pool.scopes))
    return Said(scopes=scopes, **{name: getattr(pool, name) for name in names})


def told(said: Said) -> dict[str, Any]:
    """Return what is said of a pool as its history keeps it."""
    return _told(asdict(said) | {"scopes": sorted(list(one) for one in said.scopes)})


def _told(facts: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in facts.items()
    }


def _columns(said: Said) -> dict[str, Any]:
    return {name: value for name, value in asdict(said).items() if name != "scopes"}


def pay_in(
    slug: str,
    attempt: str,
    account: BankAccount,
    money: Money,
    day: date,
    *,
    actor: int | None,
) -> PoolPayment | None:
    """Enter what a sponsor has paid into a pool; None where the same form entered it before.

    Raises Refused for a pool that is only promised, another currency than the pool's, and other
    figures under the name of a form that is known.
    """
    found = pools.by_slug(slug)
    if found is None:
        raise LookupError(slug)
    pool = pools.lock(found.id)
    if pool.kind != "paid_in":
        raise Refused(N_("This pool is only promised: nothing is paid into it."))
    if {money.currency, account.currency} != {pool.currency}:
        raise Refused(N_("This account is in another currency than the pool."))
    known = session.query(PoolPayment).filter_by(attempt=attempt).one_or_none()
    if known is not None:
        if (known.pool_id, known.account, known.money) != (pool.id, account.slug, money):
            raise Refused(KNOWN)
        return None
    row = PoolPayment(
        pool_id=pool.id,
        attempt=attempt,
        account=account.slug,
        minor=money.minor,
        currency=money.currency,
        day=day,
        actor_id=actor,
        made_at=clock.now(),
    )
    session.add(row)
    pool.paid_in_minor += money.minor
    session.flush()
    _book(row, pool, actor)
    return row


def _book(row: PoolPayment, pool: Pool, actor: int | None) -> None:
    sides = {
        (f"bank:{row.account}", row.currency): row.minor,
        (pool.account, row.currency): -row.minor,
    }
    # Of a booked day banks tell no hour.
    at = datetime.combine(row.day, time(12), clock.zone())
    source = Source("pool", row.id, f"hand-{row.attempt}")
    move_to("paid into pool", sides, source, at, actor=actor)
