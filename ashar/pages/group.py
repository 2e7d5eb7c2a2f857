"""A group's page: what came in its name, and which projects it helped."""

from typing import Any

from flask import abort, render_template

from ashar.pledges import groups
from ashar.projects import queries, show


def show_group(slug: str) -> Any:
    """Show a group whose name a moderator has read."""
    group = groups.shown(slug) or abort(404)
    given = groups.given(group)
    return render_template(
        "ashar/pledges/group.html",
        group=group,
        given=given,
        projects=show.cards(queries.cards_of(given.projects)),
    )
