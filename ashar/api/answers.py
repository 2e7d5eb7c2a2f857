"""What the addresses of API v1 answer; loaded with the first request, and pydantic with it."""

from flask import Response, abort, jsonify

from ashar.api import schemas, show
from ashar.api.document import document
from ashar.api.operations import operation
from ashar.projects import queries
from ashar.projects.models import Project
from ashar.projects.queries import Filters


@operation(schemas.Page, asks=schemas.Listing)
def projects(asked: schemas.Listing) -> schemas.Page:
    """List projects."""
    return show.page(Filters(**asked.model_dump(exclude={"lang"})))


@operation(schemas.Project)
def project(asked: schemas.Asked, slug: str) -> schemas.Project:
    """Read one project."""
    return show.project(_find(slug))


@operation(schemas.Progress)
def progress(asked: schemas.Asked, slug: str) -> schemas.Progress:
    """Read how far a project has come."""
    return show.progress(_find(slug))


def _find(slug: str) -> Project:
    # PostgreSQL refuses a NUL in a text before it looks anything up.
    found = queries.by_slug(slug) if slug.isprintable() else None
    return found or abort(404, "There is no such project, or it is not public.")


@operation(schemas.Updates, asks=schemas.Paged)
def updates(asked: schemas.Paged, slug: str) -> schemas.Updates:
    """List a project's updates."""
    return show.updates(_find(slug), asked.page)


@operation(schemas.Regions)
def regions(asked: schemas.Asked) -> schemas.Regions:
    """List the regions with the number of their projects."""
    return show.regions()


def openapi() -> Response:
    """Describe the API to machines."""
    return jsonify(document())
