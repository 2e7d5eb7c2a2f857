"""The listing, for everybody."""

from typing import Any

from flask import render_template, request

from ashar.kernel import i18n, links, remembered
from ashar.kernel.i18n import N_, t
from ashar.kernel.limits import limited
from ashar.projects import lists, queries, show
from ashar.projects.map import regions_map
from ashar.projects.queries import PER_PAGE, AnyRow, Filters
from ashar.projects.regions import REGIONS, short_name
from ashar.projects.states import LISTED
from ashar.projects.words import NEED_WORDS, SORT_WORDS, STATE_WORDS


class Page:
    """One page of a list."""

    def __init__(self, number: int, total: int) -> None:
        self.number, self.total = number, total
        self.pages = max(1, -(-total // PER_PAGE))

    def url(self, number: int) -> str:
        """Return the address of another page of the same list."""
        args = {key: value for key, value in request.args.items() if key != "page" and value}
        return links.url("projects.index", **args, **({"page": number} if number > 1 else {}))


def _filters() -> Filters:
    """Read the address leniently: what does not exist filters nothing out."""
    args = request.args
    number = args.get("page", "1")
    return Filters(
        q=args.get("q", "")[:100].strip(),
        region=args.get("region", "") if args.get("region") in REGIONS else "",
        theme=args.get("theme", "") if args.get("theme") in lists.themes(all_of_them=True) else "",
        sdg=args.get("sdg", "")[:8],
        state=args.get("state", "") if args.get("state") in LISTED else "",
        need=args.get("need", "") if args.get("need") in NEED_WORDS else "",
        sort=args.get("sort", "") if args.get("sort") in SORT_WORDS else "",
        page=int(number) if number.isdecimal() and len(number) < 6 else 1,
    )


@limited("search")
def index() -> Any:
    """List projects."""
    filters = _filters()
    rows = queries.cards(filters)
    total = queries.total(filters, len(rows))
    counts = [queries.count_by(name) for name in ("region", "theme", "state")]
    return remembered.page(repr((rows, total, counts)), lambda: _index(filters, rows, total))


def _index(filters: Filters, rows: list[AnyRow], total: int) -> str:
    return render_template(
        "ashar/projects/index.html",
        cards=show.cards(rows),
        page=Page(max(1, filters.page), total),
        filters={name: getattr(filters, name) for name in Filters.__slots__ if name != "page"},
        choices=_choices(),
        regions_map=regions_map(queries.count_by("region"), filters.region, i18n.language()),
    )


def _choices() -> dict[str, list[tuple[str, str, int | None]]]:
    """Return what each filter offers: value, label, count."""
    lang = i18n.language()
    regions, themes = queries.count_by("region"), queries.count_by("theme")
    states = queries.count_by("state")
    found: dict[str, list[tuple[str, str, int | None]]] = {
        "region": [(code, short_name(code, lang), regions.get(code, 0)) for code in REGIONS],
        "theme": [
            (code, theme.name.in_language(lang), themes.get(code, 0))
            for code, theme in lists.themes().items()
        ],
        "state": [(code, t(STATE_WORDS[code]), states.get(code, 0)) for code in LISTED],
        "need": [(code, t(label), None) for code, label in NEED_WORDS.items()],
        "sdg": [
            (code, f"{code} {name.in_language(lang)}", None)
            for code, name in lists.targets().items()
        ],
    }
    everything: tuple[str, str, int | None] = ("", t(N_("All")), None)
    sorts: list[tuple[str, str, int | None]] = [
        (code, t(label), None) for code, label in SORT_WORDS.items()
    ]
    return {name: [everything, *rows] for name, rows in found.items()} | {"sort": sorts}
