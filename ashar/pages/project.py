"""The project's page: what it wants, what came of it, and what people say to it."""

from typing import Any

from flask import abort, render_template

from ashar.kernel import remembered
from ashar.pledges import pools, remittances, sponsors
from ashar.pledges.models import Pool
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
    pool = pools.shown_of(slug, rows[0].region, rows[0].theme)
    mark = (repr(rows), sponsors.view(pool) if pool else None)
    return remembered.page(mark, lambda: _project(slug, pool))


def _project(slug: str, pool: Pool | None) -> str:
    project = queries.by_slug(slug) or abort(404)
    latest = progress.updates(project.id, limit=LATEST)
    return render_template(
        "ashar/projects/show.html",
        project=show.view(project),
        pool=sponsors.view(pool) if pool else None,
        evidence=EVIDENCE_WORDS,
        locally=remittances.locally(project.id),
        updates=news.updates(latest, slug),
        comments=news.comments(project.id, slug, number("comments")),
        givers=givers.public(project.id, number("supporters")),
    )
