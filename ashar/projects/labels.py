"""What a content's fields are called, and how their values read: for reviewers and leaders."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from ashar.kernel import i18n
from ashar.kernel.i18n import N_, t
from ashar.kernel.money import Money
from ashar.projects import content as contents
from ashar.projects.content import Content
from ashar.projects.regions import region_name
from ashar.projects.show import unit
from ashar.projects.themes import THEMES
from ashar.projects.words import NEED_WORDS

FIELDS = {
    "language": N_("Language of the original"),
    "title": N_("Title"),
    "summary": N_("Summary"),
    "story": N_("Story"),
    "region": N_("Region"),
    "district": N_("District"),
    "aymak": N_("Ayil aymak"),
    "village": N_("Village"),
    "theme": N_("Theme"),
    "sdg": N_("UN targets"),
    "currency": N_("Currency"),
    "goal": N_("Goal"),
    "minimum": N_("Least sum"),
    "funding": N_("Funding rule"),
    "deadline": N_("Collects until"),
    "takes_more": N_("Takes more than the goal"),
    "more_for": N_("What more is used for"),
    "budget": N_("Budget"),
    "needs": N_("Needs"),
    "milestones": N_("Milestones"),
    "owner_name": N_("Responsible"),
    "committee": N_("Village committee"),
    "payee": N_("Receives the money in Kyrgyzstan"),
    "pictures": N_("Pictures"),
    "report": N_("Completion report"),
}
LINES = {
    "budget": N_("Budget, line %(n)s"),
    "needs": N_("Need %(n)s"),
    "milestones": N_("Milestone %(n)s"),
    "committee": N_("Committee, person %(n)s"),
    "pictures": N_("Picture %(n)s"),
}
PARTS = {
    "title": N_("title"),
    "text": N_("text"),
    "amount": N_("amount"),
    "kind": N_("kind"),
    "unit": N_("unit"),
    "quantity": N_("quantity"),
    "due": N_("day"),
    "share": N_("share of the money"),
    "evidence": N_("evidence"),
    "name": N_("name"),
    "role": N_("role"),
    "email": N_("e-mail"),
    "alt": N_("description for those who cannot see it"),
    "caption": N_("caption"),
    "done": N_("what was done"),
    "otherwise": N_("what went otherwise"),
    "maintenance": N_("who maintains it"),
    "lessons": N_("what others may learn"),
}
FUNDING = {
    "flexible": N_("Flexible: what is raised is used"),
    "threshold": N_("Threshold: below the least sum all gifts go back"),
}
EVIDENCE = {
    "photos": N_("photos"),
    "receipts": N_("receipts"),
    "confirmation": N_("confirmation"),
    "report": N_("report"),
}
_WORDS = {"funding": FUNDING, "kind": NEED_WORDS}
_LANGUAGES = frozenset(i18n.ENDONYMS)


def label(key: str, content: Content, before: Content | None = None) -> str:
    """Return what a field is called, by its dotted key: "Budget, line 2: amount (Кыргызча)".

    Lines are counted as they stand in the content, or in the one before if they were taken out.
    """
    field, *rest = key.split(".")
    head = t(FIELDS[field]) if field in FIELDS else field
    if field in LINES and rest:
        number = _number(field, rest[0], content) or _number(field, rest[0], before or {})
        head = t(LINES[field], n=number or "?")
        rest = rest[1:]
    parts = [t(PARTS[part]) for part in rest if part in PARTS]
    language = next((f" ({i18n.ENDONYMS[part]})" for part in rest if part in _LANGUAGES), "")
    return ": ".join([head, *parts]) + language


def _number(field: str, key: str, content: Content) -> int | None:
    lines = content.get(field) or []
    return next((number for number, line in enumerate(lines, 1) if line["key"] == key), None)


def is_field(key: str, content: Content) -> bool:
    """Tell whether a dotted key names a field, a line or a text of a content."""
    return bool(key) and (key in FIELDS or key in set(_keys(content)))


def _keys(content: Content) -> Iterator[str]:
    """Yield the keys of all that a content holds, and of each line as a whole."""
    for key in contents.flat(content):
        yield key
        yield key.rpartition(".")[0]
    for field in LINES:
        yield from (f"{field}.{line['key']}" for line in content.get(field) or [])


def value(key: str, found: Any, content: Content) -> str:
    """Return a field's value as people read it; an e-mail only so far that it can be compared."""
    if found is None or found in ("", []):
        return ""
    name = key.split(".")[-1]
    if name in {"goal", "minimum", "amount"}:
        return i18n.money(Money(found, content["currency"]), short=True)
    if name in {"deadline", "due"}:
        return i18n.day(date.fromisoformat(found))
    if name == "email":
        return masked(found)
    if name == "share":
        return f"{i18n.number(found)}\u00a0%"
    return _word(name, found)


def _word(name: str, found: Any) -> str:
    if isinstance(found, bool):
        return t(N_("Yes")) if found else t(N_("No"))
    if isinstance(found, int):
        return i18n.number(found)
    if isinstance(found, list):
        return ", ".join(t(EVIDENCE[one]) if one in EVIDENCE else str(one) for one in found)
    if name in _WORDS:
        return t(_WORDS[name].get(str(found), str(found)))
    if name == "unit":
        return unit(found)
    if name == "region":
        return region_name(found, i18n.language())
    if name == "theme" and found in THEMES:
        return THEMES[found].name.in_language(i18n.language())
    return i18n.ENDONYMS.get(found, found) if name == "language" else str(found)


def masked(email: str) -> str:
    """Return as much of an e-mail as a reviewer needs: its first letter and its provider."""
    local, _, domain = email.partition("@")
    return f"{local[:1]}…@{domain}" if domain else "…"
