"""The first page, pictures, legal pages."""

from typing import Any

from flask import abort, make_response, render_template, request

from ashar.kernel import i18n, links, media, pictures, remembered
from ashar.projects import queries, show
from ashar.projects.map import regions_map
from ashar.projects.queries import AnyRow, Filters

LEGAL = ("imprint", "privacy", "terms")


def home() -> Any:
    """Tell the story in one screen."""
    rows, counts = queries.cards(Filters())[:3], queries.count_by("region")
    return remembered.page(repr((rows, counts)), lambda: _home(rows))


def _home(rows: list[AnyRow]) -> str:
    return render_template(
        "ashar/pages/home.html",
        cards=show.cards(rows),
        totals=None,
        regions_map=regions_map(queries.count_by("region"), "", i18n.language()),
    )


def legal(page: str) -> Any:
    """Show a legal page."""
    if page not in LEGAL:
        abort(404)
    return render_template(f"ashar/pages/legal/{page}.html")


def picture(token: str) -> Any:
    """Send a public picture in one of its widths."""
    width = request.args.get("w", "960")
    if not width.isdecimal() or int(width) > pictures.WIDTHS[-1]:
        abort(404)
    data = media.store().get(media.file_name(token, int(width)))
    if data is None:
        abort(404)
    answer = make_response(data)
    answer.headers["Content-Type"] = "image/webp"
    answer.headers["Cache-Control"] = links.FOREVER
    return answer
