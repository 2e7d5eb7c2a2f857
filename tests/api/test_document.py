"""The OpenAPI document is valid, fits where it is mounted, and is what the API does."""

from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, seed, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import GenerationMode

from ashar.site import create_app
from tests.api.conftest import MakeHost
from tests.api.test_views import make_many
from tests.factories import make_project

PATHS = [
    "/projects",
    "/projects/{slug}",
    "/projects/{slug}/progress",
    "/projects/{slug}/updates",
    "/regions",
]
BOUNDED = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def read(app: Flask, prefix: str = "") -> Any:
    """Read the document and check that it is one."""
    answer = app.test_client().get(f"{prefix}/api/v1/openapi.json")
    assert answer.status_code == 200
    OpenAPIV31SpecValidator(answer.json).validate()
    return answer.json


def test_the_document_is_valid_and_names_every_address(site: Flask) -> None:
    found = read(site)
    assert list(found["paths"]) == ["/api/v1" + path for path in PATHS]
    assert found["servers"] == [{"url": "http://localhost"}]
    names = [path["get"]["operationId"] for path in found["paths"].values()]
    assert names == ["projects", "project", "progress", "updates", "regions"]


def test_every_view_but_the_document_itself_is_documented(site: Flask) -> None:
    views = {name for name in site.view_functions if name.startswith("ashar.api.")}
    documented = {path["get"]["operationId"] for path in read(site)["paths"].values()}
    assert views == {f"ashar.api.{name}" for name in {*documented, "openapi", "unknown"}}


def test_under_a_prefix_the_paths_carry_it(make_host: MakeHost) -> None:
    found = read(make_host(ashar="/crowd"), "/crowd")
    assert list(found["paths"]) == ["/crowd/api/v1" + path for path in PATHS]


def test_two_mounts_have_a_document_each(make_host: MakeHost) -> None:
    app = make_host(ashar="/one", second="/two")
    for prefix in ("/one", "/two"):
        assert list(read(app, prefix)["paths"]) == [f"{prefix}/api/v1{path}" for path in PATHS]


def test_links_stay_in_their_mount(make_host: MakeHost) -> None:
    app = make_host(ashar="/one", second="/two")
    make_many(app, 21)
    for prefix in ("/one", "/two"):
        found = app.test_client().get(f"{prefix}/api/v1/projects").json
        assert found["next"] == f"http://localhost{prefix}/api/v1/projects?page=2"
        assert found["items"][0]["url"].startswith(f"http://localhost{prefix}/projects/")


def test_a_second_app_in_the_process_has_the_same_document(
    site: Flask, settings: dict[str, Any]
) -> None:
    again = create_app(settings, environ={})
    assert read(again) == read(site) == read(site)


def test_the_document_names_the_languages_of_the_site(site: Flask) -> None:
    site.config["ASHAR_LANGUAGES"] = ("ky", "en")
    operation = read(site)["paths"]["/api/v1/regions"]["get"]
    assert operation["parameters"][0]["schema"] == {"type": "string", "enum": ["ky", "en"]}


def test_nothing_of_the_host_is_in_the_document(make_host: MakeHost) -> None:
    app = make_host(ashar="/crowd")
    app.add_url_rule("/secret", view_func=lambda: "x", endpoint="secret")
    assert "secret" not in str(read(app, "/crowd"))


@pytest.mark.parametrize("mode", GenerationMode)
def test_the_api_does_what_the_document_says(
    site: Flask, client: FlaskClient, mode: GenerationMode
) -> None:
    with site.app_context():
        make_project()
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", site)
    tried = []
    for result in schema.get_all_operations():
        operation = result.ok()

        @seed(1)
        @BOUNDED
        @given(case=operation.as_strategy(generation_mode=mode))
        def try_one(case: schemathesis.Case) -> None:
            case.call_and_validate()

        try_one()
        tried.append(operation.path)
    assert tried == ["/api/v1" + path for path in PATHS]


@pytest.mark.parametrize("path", ["dry-rice", "dry-rice/progress", "dry-rice/updates"])
def test_a_project_that_exists_answers_as_documented(
    site: Flask, client: FlaskClient, project: str, path: str
) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", site)
    template = "/api/v1/projects/{slug}" + path.removeprefix("dry-rice")
    for lang in ("ky", "ru", "en", "de"):
        case = schema[template]["GET"].Case(path_parameters={"slug": project}, query={"lang": lang})
        assert case.call_and_validate().status_code == 200
