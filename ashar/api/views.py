"""The addresses of API v1."""

from typing import Any

from flask import Blueprint, Response, abort, jsonify

from ashar.api import problems, schemas, show
from ashar.api.document import document
from ashar.api.operations import operation
from ashar.kernel.limits import limited
from ashar.people.access import allow
from ashar.projects import queries
from ashar.projects.models import Project
from ashar.projects.queries import Filters

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
problems.register(blueprint)


@blueprint.get("/projects")
@allow("public")
@limited("api")
@operation(schemas.Page, asks=schemas.Listing)
def projects(asked: schemas.Listing) -> schemas.Page:
    """List projects."""
    return show.page(Filters(**asked.model_dump(exclude={"lang"})))


@blueprint.get("/projects/<slug>")
@allow("public")
@limited("api")
@operation(schemas.Project)
def project(asked: schemas.Asked, slug: str) -> schemas.Project:
    """Read one project."""
    return show.project(_find(slug))


@blueprint.get("/projects/<slug>/progress")
@allow("public")
@limited("api")
@operation(schemas.Progress)
def progress(asked: schemas.Asked, slug: str) -> schemas.Progress:
    """Read how far a project has come."""
    return show.progress(_find(slug))


def _find(slug: str) -> Project:
    # PostgreSQL refuses a NUL in a text before it looks anything up.
    found = queries.by_slug(slug) if slug.isprintable() else None
    return found or abort(404, "There is no such project, or it is not public.")


@blueprint.get("/regions")
@allow("public")
@limited("api")
@operation(schemas.Regions)
def regions(asked: schemas.Asked) -> schemas.Regions:
    """List the regions with the number of their projects."""
    return show.regions()


@blueprint.get("/openapi.json")
@allow("public")
@limited("api")
def openapi() -> Any:
    """Describe the API to machines."""
    return jsonify(document())


@blueprint.route("", methods=problems.METHODS)
@blueprint.route("/", methods=problems.METHODS)
@blueprint.route("/<ashar_anything:rest>", methods=problems.METHODS)
@allow("public")
@limited("api")
def unknown(rest: str = "") -> Any:
    """Answer every other address below."""
    problems.refuse()


@blueprint.after_request
def open_to_all(response: Response) -> Response:
    """Let scripts of every site read, also conditionally."""
    headers = response.headers
    headers["Access-Control-Allow-Origin"] = "*"
    headers["Access-Control-Allow-Methods"] = ", ".join(problems.ALLOWED)
    headers["Access-Control-Allow-Headers"] = "Accept, Accept-Language, If-None-Match"
    headers["Access-Control-Expose-Headers"] = "ETag, Retry-After"
    headers["Access-Control-Max-Age"] = "86400"
    return response
