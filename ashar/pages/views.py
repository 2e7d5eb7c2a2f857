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
    """Send a picture in one of its widths; one that is not public only to who may see it."""
    width = request.args.get("w", "960")
    if not width.isdecimal() or int(width) > pictures.WIDTHS[-1]:
        abort(404)
    public = _is_public(token)
    data = media.store().get(media.file_name(token, int(width)))
    if data is None:
        abort(404)
    answer = make_response(data)
    answer.headers["Content-Type"] = "image/webp"
    # Kept by the reader's browser alone: from others' caches nothing could be taken back.
    answer.headers["Cache-Control"] = FOREVER_PRIVATE if public else "no-store"
    return answer


def _is_public(token: str) -> bool:
    """Tell whether a picture is for everybody; answer with 404 who may not see it."""
    found, project = queries.picture(token) or abort(404)
    if found.public and (project is None or project.state in PUBLIC):
        return True
    if project is None or not moderation.may_see(project):
        abort(404)
    return False
