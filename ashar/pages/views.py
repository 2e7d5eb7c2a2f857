"""The first page, pictures, legal pages."""

from typing import Any

from flask import abort, make_response, render_template, request

from ashar.kernel import i18n, media, pictures, remembered
from ashar.moderation import access as moderation
from ashar.projects import queries, show
from ashar.projects.map import regions_map
from ashar.projects.queries import AnyRow, Filters
from ashar.projects.states import PUBLIC

#: A picture never changes under its address.
FOREVER_PRIVATE = "private, max-age=31536000, immutable"
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
    """Send a picture, as wide as asked for or the next wider; if not public, to who may see it."""
    asked = request.args.get("w", "960")
    if not asked.isdecimal() or int(asked) > pictures.WIDTHS[-1]:
        abort(404)
    found, project = queries.picture(token) or abort(404)
    public = found.public and (project is None or project.state in PUBLIC)
    if not public and (project is None or not moderation.may_see(project)):
        abort(404)
    width = next((one for one in found.widths if one >= int(asked)), found.widths[-1])
    answer = make_response(media.store().get(media.file_name(token, width)) or abort(404))
    answer.headers["Content-Type"] = "image/webp"
    # Kept by the reader's browser alone: from others' caches nothing could be taken back.
    answer.headers["Cache-Control"] = FOREVER_PRIVATE if public else "no-store"
    return answer
