"""Themes and targets as administrators keep them: what the code knows, with their rows over it."""

from collections.abc import Mapping

from ashar.kernel import terms
from ashar.projects.regions import Names
from ashar.projects.themes import SDG_TARGETS, THEMES, Theme

#: Icons that a theme may bear; each is in static/icons.svg.
ICONS = tuple(dict.fromkeys(theme.icon for theme in THEMES.values()))


#: How far the places of what the code knows lie apart: others fit between.
STEP = 10


def themes(*, all_of_them: bool = False, now: bool = False) -> Mapping[str, Theme]:
    """Return the themes by code, in their order; those that are off only where all are asked for.

    They may be half a minute old, unless asked for `now`.
    """
    found = {code: (STEP * no, theme) for no, (code, theme) in enumerate(THEMES.items(), 1)}
    for code, term in terms.of("theme", now=now).items():
        if term.active or all_of_them:
            icon = str(term.more.get("icon") or (THEMES[code].icon if code in THEMES else ICONS[0]))
            found[code] = term.position, Theme(code, _names(term.names), icon)
        else:
            found.pop(code, None)
    # Sorting keeps the order of those that have one place.
    return {code: theme for code, (_, theme) in sorted(found.items(), key=lambda one: one[1][0])}


def targets(*, all_of_them: bool = False) -> Mapping[str, Names]:
    """Return the SDG targets by code; those that are off only where all are asked for."""
    found = dict(SDG_TARGETS)
    for code, term in terms.of("sdg").items():
        if term.active or all_of_them:
            found[code] = _names(term.names)
        else:
            found.pop(code, None)
    return dict(sorted(found.items(), key=lambda item: place(item[0])))


def place(code: str) -> tuple[int, int, str]:
    """Return where a target stands: 4.7 before 4.10, and both before 4.a."""
    goal, _, target = code.partition(".")
    return int(goal), int(target) if target.isdecimal() else 99, target


def _names(names: Mapping[str, str]) -> Names:
    english = names.get("en", "")
    return Names(*(names.get(code) or english for code in Names._fields))


def theme_name(code: str, lang: str) -> str:
    """Return a theme's name, also of one that is off by now."""
    found = themes(all_of_them=True).get(code)
    return found.name.in_language(lang) if found else code
