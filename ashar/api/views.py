"""The addresses of API v1; what they answer is loaded when one is first asked."""

from types import ModuleType
from typing import Any

from flask import Blueprint, Response

from ashar.api import problems
from ashar.kernel.limits import limited
from ashar.people.access import allow

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
problems.register(blueprint)


def _answers() -> ModuleType:
    # Its models stand on pydantic and cost a tenth of the start; many hosts are never asked.
    from ashar.api import answers

    return answers


@blueprint.get("/projects")
@allow("public")
@limited("api")
def projects() -> Any:
    return _answers().projects()


@blueprint.get("/projects/<slug>")
@allow("public")
@limited("api")
def project(slug: str) -> Any:
    return _answers().project(slug=slug)


@blueprint.get("/projects/<slug>/progress")
@allow("public")
@limited("api")
def progress(slug: str) -> Any:
    return _answers().progress(slug=slug)


@blueprint.get("/projects/<slug>/updates")
@allow("public")
@limited("api")
def updates(slug: str) -> Any:
    return _answers().updates(slug=slug)


@blueprint.get("/regions")
@allow("public")
@limited("api")
def regions() -> Any:
    return _answers().regions()


@blueprint.get("/openapi.json")
@allow("public")
@limited("api")
def openapi() -> Any:
    return _answers().openapi()


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
