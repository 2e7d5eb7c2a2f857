"""The project's page: what it wants, what came of it, and what people say to it."""

from typing import Any

from flask import abort, render_template

from ashar.kernel import remembered
from ashar.progress import givers
from ashar.progress import queries as progress
from ashar.progress import show as news
from ashar.progress.queries import LATEST
from ashar.progress.show import number
from ashar.projects import queries, show
from ashar.projects.words import EVIDENCE_WORDS


def show_project(slug: str) -> Any:
    """Show one project.

    What is shown of updates and comments moves the project's `edited_at`, which is in the rows.
    """
    rows = queries.standing(slug) or abort(404)
    return remembered.page(repr(rows), lambda: _project(slug))


def _project(slug: str) -> str:
    project = queries.by_slug(slug) or abort(404)
    latest = progress.updates(project.id, limit=LATEST)
    return render_template(
        "ashar/projects/show.html",
        project=show.view(project),
        evidence=EVIDENCE_WORDS,
        updates=news.updates(latest, slug),
        comments=news.comments(project.id, slug, number("comments")),
        givers=givers.public(project.id, number("supporters")),
    )
