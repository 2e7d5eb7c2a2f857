"""Those who gave, for a project's leader: names as far as they are not hidden, and no sums."""

from typing import Any

from flask import render_template

from ashar.lead import access
from ashar.progress import givers
from ashar.progress.show import number
from ashar.projects import show


def supporters(slug: str) -> Any:
    """List those who gave to a project and do not hide from its leader."""
    seat = access.own(slug)
    return render_template(
        "ashar/lead/supporters.html",
        slug=slug,
        title=show.title(seat.project),
        givers=givers.for_leader(seat.project.id, number()),
    )
