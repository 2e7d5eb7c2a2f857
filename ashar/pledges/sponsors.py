"""What is shown of sponsors' pools: to donors what is left, then what was added; and at desks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from ashar.kernel import clock, i18n
from ashar.kernel.i18n import N_, t
from ashar.kernel.money import Money
from ashar.pledges import pools
from ashar.pledges.models import Match, Pledge, Pool
from ashar.projects import lists, show
from ashar.projects.models import Project
from ashar.projects.regions import REGIONS, region_name

SET_ASIDE = N_(
    "%(name)s has set %(sum)s aside for your gift. It is added when your gift has arrived."
)
KEPT = N_("%(sum)s of %(name)s stays set aside until it is clear whether your gift stays.")
GIVEN = N_("%(name)s has added %(sum)s to your gift.")
PROMISED = N_(
    "%(name)s has promised to add %(sum)s to your gift. It is no part of the project's sum until "
    "the sponsor has paid."
)
BACK = N_("What %(name)s had added went back when your gift went back.")


@dataclass(frozen=True, slots=True)
class PoolView:
    """A pool as readers see it: whose, how much for how much, and what is left of it."""

    name: str
    rate: str
    left: Money
    cap: Money | None
    until: date | None
    promised: bool


@dataclass(frozen=True, slots=True)
class MatchLine:
    """What a sponsor adds to a payment, in words; `until` is how long it is waited for."""

    words: str
    good: bool
    until: date | None = None


def view(pool: Pool) -> PoolView:
    """Return what readers see of a pool."""
    return PoolView(
        name=name_of(pool),
        rate=f"{pool.rate_gives}:{pool.rate_for}",
        left=pool.free,
        cap=None if pool.cap_minor is None else Money(pool.cap_minor, pool.currency),
        until=pool.ends,
        promised=pool.kind == "promised",
    )


def name_of(pool: Pool) -> str:
    """Return the sponsor's name in the reader's language, else in English."""
    return show.in_language(pool.names, "en")


def of_project(project: Project) -> PoolView | None:
    """Return the pool that adds to gifts to a project now, if one does."""
    pool = pools.shown(project)
    return None if pool is None else view(pool)


def lines(pledge: Pledge) -> list[MatchLine]:
    """Return what is set aside for, or was added to, a pledge's payments."""
    if all(payment.pool_id is None for payment in pledge.payments):
        return []
    ends = {row.id: row.ends_at for row in pledge.payments if row.state == "started"}
    found = []
    for match in pools.matches_of(pledge):
        if match.state != "released":
            end = ends.get(match.payment_id)
            found.append(_line(match, clock.day_of(end) if end else None))
    return found


def _line(match: Match, until: date | None) -> MatchLine:
    pool, promised = match.pool, match.pool.kind == "promised"
    minor = match.given_minor or match.reserved_minor
    said = {"name": name_of(pool), "sum": Money(minor, pool.currency)}
    if match.state == "reserved":
        return MatchLine(t(PROMISED if promised else SET_ASIDE, **said), False, until)
    if match.given_minor:
        return MatchLine(t(PROMISED if promised else GIVEN, **said), not promised)
    if match.reserved_minor:
        return MatchLine(t(KEPT, **said), False)
    return MatchLine(t(BACK, **said), False)


# At a desk -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PoolLine:
    """A pool at a desk: what is set aside, given and free of it, and what was paid in."""

    slug: str
    name: str
    rate: str
    scopes: str
    promised: bool
    open: bool
    currency: str
    total: Money
    set_aside: Money
    given: Money
    free: Money
    paid_in: Money


def desk_lines(found: Sequence[Pool]) -> list[PoolLine]:
    """Return the lines of pools: no query, however many there are."""
    return [_at_desk(pool) for pool in found]


def _at_desk(pool: Pool) -> PoolLine:
    shown = view(pool)
    return PoolLine(
        slug=pool.slug,
        name=shown.name,
        rate=shown.rate,
        scopes=scopes((row.kind, row.value) for row in pool.scopes),
        promised=shown.promised,
        open=pool.open,
        currency=pool.currency,
        total=Money(pool.total_minor, pool.currency),
        set_aside=Money(pool.reserved_minor, pool.currency),
        given=Money(pool.booked_minor, pool.currency),
        free=pool.free,
        paid_in=Money(pool.paid_in_minor, pool.currency),
    )


def scopes(found: Iterable[Sequence[str]]) -> str:
    """Return for what a pool is, in words."""
    return ", ".join(_scope(kind, value) for kind, value in found)


def _scope(kind: str, value: str) -> str:
    if kind == "region" and value in REGIONS:
        return region_name(value, i18n.language())
    return lists.theme_name(value, i18n.language()) if kind == "theme" else value
