"""Themes and targets as administrators keep them: what the code knows, with their rows over it."""

from collections.abc import Mapping

from ashar.kernel import terms
from ashar.projects.regions import Names
from ashar.projects.themes import SDG_TARGETS, THEMES, Theme

#: Icons that a theme may bear; each is in static/icons.svg.
ICONS = tuple(dict.fromkeys(theme.icon for theme in THEMES.values()))


def themes(*, all_of_them: bool = False) -> Mapping[str, Theme]:
    """Return the themes by code; those that are off only where all are asked for."""
    found = dict(THEMES)
    for code, term in terms.of("theme").items():
        if term.active or all_of_them:
            icon = str(term.more.get("icon") or (found[code].icon if code in found else ICONS[0]))
            found[code] = Theme(code, _names(term.names), icon)
        else:
            found.pop(code, None)
    return found


def targets(*, all_of_them: bool = False) -> Mapping[str, Names]:
    """Return the SDG targets by code; those that are off only where all are asked for."""
    found = dict(SDG_TARGETS)
    for code, term in terms.of("sdg").items():
        if term.active or all_of_them:
            found[code] = _names(term.names)
        else:
            found.pop(code, None)
    return dict(sorted(found.items(), key=lambda item: [int(part) for part in item[0].split(".")]))


def _names(names: Mapping[str, str]) -> Names:
    english = names.get("en", "")
    return Names(*(names.get(code) or english for code in Names._fields))


def theme_name(code: str, lang: str) -> str:
    """Return a theme's name, also of one that is off by now."""
    found = themes(all_of_them=True).get(code)
    return found.name.in_language(lang) if found else code
