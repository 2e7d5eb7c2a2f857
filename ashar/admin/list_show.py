"""What the pages of the lists show: names, facts in words, and what was changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import current_app
from sqlalchemy import select

from ashar.admin.list_forms import ICON_WORDS, LANGUAGES
from ashar.admin.lists import LIMITS, Item
from ashar.admin.receipts_form import LABELS
from ashar.kernel import i18n
from ashar.kernel.db import session
from ashar.kernel.history import History
from ashar.kernel.i18n import N_, t
from ashar.kernel.money import Money
from ashar.kernel.terms import TermRow, said
from ashar.people import queries as people
from ashar.people.models import Person
from ashar.pledges import corridors, issuer
from ashar.pledges import lists as paying

#: How many changes a page shows.
LAST = 50


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry in its list."""

    code: str
    name: str
    detail: str
    active: bool
    uses: int | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class Deed:
    """One change: who, when, why, and each fact as it was and as it became."""

    at: datetime
    code: str
    name: str
    by: Person | None
    why: str
    words: str
    facts: list[tuple[str, str, str]]


def line(kind: str, entry: Item, uses: Mapping[str, int] | None) -> Shown:
    """Return what a list says of an entry."""
    term = entry.term
    corridor = paying.corridor_of(term) if kind == "corridor" else None
    return Shown(
        code=term.code,
        name=name_of(kind, term.code, term.names),
        detail=_detail(kind, term.code, said(term)),
        active=term.active,
        uses=None if uses is None else uses[term.code],
        overdue=corridor is not None and corridor.overdue,
    )


def name_of(kind: str, code: str, names: Mapping[str, str]) -> str:
    """Return what an entry is called in the reader's language."""
    if kind == "corridor":
        return corridors.country_name(code, i18n.language())
    if kind == "limit":
        return t(LIMITS[code][0]) if code in LIMITS else code
    if kind == issuer.KIND:
        return t(issuer.RULES[code].label) if code in issuer.RULES else t(N_("The association"))
    name = names.get(i18n.language()) or names.get("en", code)
    return f"{code} {name}" if kind == "sdg" else name


def _detail(kind: str, code: str, now: Mapping[str, Any]) -> str:
    if kind == "corridor":
        seen = t(N_("Looked at"))
        return f"{_ways(now['more'])} · {seen}: {_day(now['more'].get('checked'))}"
    if kind == "limit":
        return _amount(now["more"])
    if kind == issuer.KIND:
        more = now["more"]
        return str(more.get("name") or more.get("office") or "")
    return code if kind == "theme" else ""


def facts(kind: str, now: Mapping[str, Any] | None) -> dict[str, str]:
    """Return the facts of an entry in words, by their label."""
    if now is None:
        return {}
    found = {i18n.ENDONYMS[code]: now["names"].get(code, "") for code in LANGUAGES}
    more = now["more"]
    if kind == "theme":
        found[t(N_("Icon"))] = t(ICON_WORDS.get(more.get("icon", ""), ""))
        found[t(N_("Place in the list"))] = i18n.number(now["position"])
    if kind == "corridor":
        found[t(N_("Ways of paying"))] = _ways(more)
        found[t(N_("Looked at"))] = _day(more.get("checked"))
    if kind == "limit":
        return {t(N_("Amount")): _amount(more)}
    if kind == issuer.KIND:
        found = {t(LABELS[name]): _said(value) for name, value in more.items() if name in LABELS}
    return found | {t(N_("State")): t(N_("On")) if now["active"] else t(N_("Off"))}


YES, NO = N_("Yes"), N_("No")


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return t(YES if value else NO)
    return t(issuer.NOTICES[value]) if value in issuer.NOTICES else str(value or "")


def _ways(more: Mapping[str, Any]) -> str:
    chosen = more.get("ways")
    if chosen is None:
        return t(N_("every way that works from there"))
    labels = {way.code: t(way.label) for way in paying.ways()}
    return ", ".join(labels.get(code, code) for code in chosen) or "–"


def _day(text: str | None) -> str:
    return i18n.day(date.fromisoformat(text)) if text else t(N_("never"))


def _amount(more: Mapping[str, Any]) -> str:
    currency = current_app.config["ASHAR_BOOK_CURRENCY"]
    return i18n.money(Money.from_decimal(str(more["amount"]), currency))


def deeds(kind: str, row: int | None = None) -> list[Deed]:
    """Return what was changed in a list, or in one entry of it, newest first."""
    query = (
        select(History, TermRow.code)
        .join(TermRow, TermRow.id == History.subject_id)
        .where(History.kind == "term", TermRow.kind == kind)
    )
    if row is not None:
        query = query.where(TermRow.id == row)
    rows = session.execute(query.order_by(History.id.desc()).limit(LAST)).all()
    return _deeds(kind, [(found, code) for found, code in rows])


def _deeds(kind: str, rows: Sequence[tuple[History, str]]) -> list[Deed]:
    actors = people.named({row.actor_id for row, _ in rows if row.actor_id is not None})
    return [_deed(kind, row, code, actors.get(row.actor_id or 0)) for row, code in rows]


def _deed(kind: str, row: History, code: str, by: Person | None) -> Deed:
    data = row.data or {}
    before, after = data.get("before"), data.get("after")
    words = N_("Changed") if before else N_("Added")
    if row.what == "unchecked":
        words = N_("Administrators were told that nobody has looked at it for half a year")
    name = name_of(kind, code, (after or {}).get("names", {}))
    changed = _changed(facts(kind, before), facts(kind, after))
    return Deed(row.at, code, name, by, row.why, t(words), list(changed))


def _changed(before: dict[str, str], after: dict[str, str]) -> Iterable[tuple[str, str, str]]:
    for label in {**before, **after}:
        old, new = before.get(label, ""), after.get(label, "")
        if old != new:
            yield label, old, new


def overdue() -> list[tuple[str, str, date | None]]:
    """Return the corridors that nobody has looked at for too long: country, its name, since when.

    Whatever is asked for was read when this page was: administrators see their own change at once.
    """
    lang = i18n.language()
    found = (one for one in paying.corridors().values() if one.overdue)
    named = [(one.country, corridors.country_name(one.country, lang), one.checked) for one in found]
    return sorted(named, key=lambda one: one[1])
