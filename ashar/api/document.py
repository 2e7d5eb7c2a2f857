"""The OpenAPI document of one mount, made from its routes and their operations.

spectree makes one document a process and reads the whole of the host's routes for it; this one
has the prefix and the languages of the mount that is asked.
"""

import inspect
import re
from typing import Any

from flask import current_app
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema
from werkzeug.routing import Rule

from ashar.api.operations import OPERATIONS, Operation
from ashar.api.problems import MEDIA_TYPE
from ashar.api.schemas import Asked, Problem
from ashar.kernel import links

REFERENCE = "#/components/schemas/{model}"
SLUG = {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"}
PROBLEMS = {
    "400": "The address cannot be read: it holds a NUL.",
    "404": "There is no such project, or it is not public.",
    "422": "A parameter is unknown or has a value that cannot be taken.",
    "429": "Too many requests from one address; Retry-After says when to come back.",
    "500": "Something went wrong here.",
}
ABOUT = (
    "Projects of villages in Kyrgyzstan, for reading; no key is needed. Titles and summaries come "
    "in the language that `lang` or Accept-Language asks for. Every answer has an ETag; errors "
    "are RFC 9457 problems."
)


def document() -> dict[str, Any]:
    """Return the document of the mount that the request came through."""
    found = {_path(rule): (rule, kept) for rule, kept in _routes()}
    models: set[type[BaseModel]] = {Problem, *(kept.answers for _, kept in found.values())}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Ashar", "version": "1.0", "description": ABOUT},
        "servers": [{"url": current_app.config["ASHAR_BASE_URL"].rstrip("/")}],
        "paths": {path: {"get": _operation(*route)} for path, route in sorted(found.items())},
        "components": {"schemas": _schemas(models)},
    }


def _routes() -> list[tuple[Rule, Operation]]:
    api = f"{links.mount()}.api."
    return [
        (rule, kept)
        for rule in current_app.url_map.iter_rules()
        if rule.endpoint.startswith(api)
        if (kept := OPERATIONS.get(rule.endpoint.removeprefix(api)))
    ]


def _path(rule: Rule) -> str:
    return re.sub("<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule)


def _operation(rule: Rule, kept: Operation) -> dict[str, Any]:
    return {
        "operationId": rule.endpoint.rpartition(".")[2],
        "summary": inspect.getdoc(kept.run),
        "parameters": [*_path_parameters(rule), *_query_parameters(kept.asks)],
        "responses": _responses(kept.answers, bool(rule.arguments)),
    }


def _path_parameters(rule: Rule) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": SLUG}
        for name in sorted(rule.arguments)
    ]


def _query_parameters(asks: type[Asked]) -> list[dict[str, Any]]:
    found = []
    for name, schema in asks.model_json_schema()["properties"].items():
        said = {"description": schema.pop("description", name.capitalize())}
        schema.pop("title", None)
        found.append({"name": name, "in": "query", **said, "schema": schema})
    return found


def _responses(answers: type[BaseModel], one: bool) -> dict[str, Any]:
    etag = {"ETag": {"schema": {"type": "string"}}}
    good = {
        "200": {
            "description": inspect.getdoc(answers),
            "headers": etag,
            "content": _content("application/json", answers),
        },
        "304": {"description": "Nothing has changed since If-None-Match.", "headers": etag},
    }
    bad = {
        code: {"description": said, "content": _content(MEDIA_TYPE, Problem)}
        for code, said in PROBLEMS.items()
        if one or code != "404"
    }
    return {**good, **bad}


def _content(media_type: str, model: type[BaseModel]) -> dict[str, Any]:
    return {media_type: {"schema": {"$ref": REFERENCE.format(model=model.__name__)}}}


def _schemas(models: set[type[BaseModel]]) -> dict[str, Any]:
    mode: JsonSchemaMode = "serialization"
    wanted = [(model, mode) for model in sorted(models, key=lambda model: model.__name__)]
    _, made = models_json_schema(wanted, ref_template=REFERENCE)
    found: dict[str, Any] = made["$defs"]
    return found
