"""What was changed of a matching pool, in words."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from ashar.admin.list_show import LAST, Deed
from ashar.kernel import i18n
from ashar.kernel.db import session
from ashar.kernel.history import History
from ashar.kernel.i18n import N_, t
from ashar.kernel.money import Money
from ashar.people import queries as people
from ashar.pledges import sponsors
from ashar.pledges.models import Pool

LABELS = {
    "kind": N_("What it is"),
    "email": N_("The sponsor's e-mail"),
    "starts": N_("From"),
    "ends": N_("Until"),
}


def deeds(pool: Pool) -> list[Deed]:
    """Return what was changed of a pool, newest first."""
    rows = session.scalars(
        select(History)
        .where(History.kind == "pool", History.subject_id == pool.id)
        .order_by(History.id.desc())
        .limit(LAST)
    ).all()
    actors = people.named({row.actor_id for row in rows if row.actor_id is not None})
    found = []
    for row in rows:
        data = row.data or {}
        words = N_("Changed") if data.get("before") else N_("Made")
        before = _facts(data.get("before") or {}, pool.currency)
        after = _facts(data.get("after") or {}, pool.currency)
        facts = [
            (label, before.get(label, ""), after.get(label, ""))
            for label in {**before, **after}
            if before.get(label, "") != after.get(label, "")
        ]
        by = actors.get(row.actor_id or 0)
        found.append(Deed(row.at, pool.slug, sponsors.name_of(pool), by, row.why, t(words), facts))
    return found


def _facts(said: Mapping[str, Any], currency: str) -> dict[str, str]:
    """Return what is said of a pool in words, by their label."""
    found = {i18n.ENDONYMS[code]: name for code, name in said.get("names", {}).items()}
    found |= {t(LABELS[name]): str(said[name]) for name in LABELS if said.get(name)}
    for name, label in (("total_minor", N_("In all")), ("cap_minor", N_("At most for one pledge"))):
        if said.get(name):
            found[t(label)] = i18n.money(Money(said[name], currency))
    if "scopes" in said:
        found[t(N_("For"))] = sponsors.scopes(said["scopes"])
        found[t(N_("State"))] = t(N_("Open")) if said["open"] else t(N_("Closed"))
    return found
