"""Updates for everybody: a project's list of them, and one with what was said to it."""

from typing import Any

from flask import abort, render_template

from ashar.kernel import remembered
from ashar.progress import queries, show
from ashar.progress.queries import UPDATES
from ashar.projects import queries as projects
from ashar.projects import show as showing
from ashar.projects.models import Project


def index(slug: str) -> Any:
    """List a project's updates."""
    rows = projects.standing(slug) or abort(404)
    return remembered.page(repr(rows), lambda: _index(_project(slug)))


def _project(slug: str) -> Project:
    return projects.found(slug) or abort(404)


def _index(project: Project) -> str:
    page = show.number()
    total = show.pages(queries.count_updates(project.id), UPDATES)
    values = {"slug": project.slug}
    return render_template(
        "ashar/progress/updates.html",
        slug=project.slug,
        title=showing.title(project),
        updates=show.updates(queries.updates(project.id, page), project.slug),
        page=show.Pager(min(page, total), total, "updates.index", values),
    )


def show_update(slug: str, token: str) -> Any:
    """Show one update."""
    rows = projects.standing(slug) or abort(404)
    return remembered.page(repr(rows), lambda: _show(_project(slug), token))


def _show(project: Project, token: str) -> str:
    found = queries.update(project.id, token) or abort(404)
    return render_template(
        "ashar/progress/update.html",
        slug=project.slug,
        title=showing.title(project),
        update=show.updates([found], project.slug)[0],
        comments=show.comments(project.id, project.slug, show.number("comments"), found),
    )
