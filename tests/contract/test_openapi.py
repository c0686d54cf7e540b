"""The OpenAPI document: valid 3.1, whole, and true to the routes and the errors."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from flask import Flask
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from api.app import create_app
from jobs.errors import KhulasaError
from jobs.settings import Settings
from tests.jobs_over_http import ARABIC, finish, submit

Document = dict[str, Any]


@pytest.fixture(scope="module")
def app() -> Flask:
    return create_app(Settings())


@pytest.fixture(scope="module")
def document(app: Flask) -> Document:
    return dict(app.test_client().get("/openapi.json").get_json())


def operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    for path, item in document["paths"].items():
        for method in {"get", "post", "put", "patch", "delete"} & set(item):
            yield path, method, item[method]


def validator(document: Document, schema: Document) -> Draft202012Validator:
    return Draft202012Validator(schema | {"components": document["components"]})


def test_it_is_valid_openapi_3_1(document: Document) -> None:
    assert document["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(document).validate()


def test_every_route_is_described_and_every_description_has_a_route(app: Flask, document: Document) -> None:
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = {(path, method) for path, method, _ in operations(document)}
    assert described <= routes
    assert {route for route in routes if route[0].startswith("/v1/")} <= described


def test_every_error_answer_is_a_problem_with_its_codes(document: Document) -> None:
    for path, method, operation in operations(document):
        for status, response in operation["responses"].items():
            if status >= "4":
                content = response["content"]
                assert set(content) == {"application/problem+json"}, (path, method, status)
                codes = content["application/problem+json"]["schema"]["allOf"][1]["properties"]["code"][
                    "enum"
                ]
                assert codes
                assert all(f"`{code}`" in response["description"] for code in codes)


def test_every_error_that_is_the_clients_to_mend_is_described_somewhere(document: Document) -> None:
    described = set(re.findall(r'"code": "([a-z-]+)"', str(document).replace("'", '"')))
    assert {it.code for it in subclasses(KhulasaError) if 400 <= it.status < 500} <= described


def subclasses(kind: type[KhulasaError]) -> Iterator[type[KhulasaError]]:
    for below in kind.__subclasses__():
        if below.__module__.startswith("jobs."):
            yield below
            yield from subclasses(below)


def test_every_example_is_what_its_schema_says(document: Document) -> None:
    checked = 0
    for path, method, operation in operations(document):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for content in (it for body in bodies for it in body.get("content", {}).values()):
            for name, example in content.get("examples", {}).items():
                errors = list(validator(document, content["schema"]).iter_errors(example["value"]))
                assert not errors, (path, method, name, errors)
                checked += 1
    assert checked > 30


def test_a_link_leads_to_an_operation(document: Document) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names))
    for _, _, operation in operations(document):
        for response in operation["responses"].values():
            assert {link["operationId"] for link in response.get("links", {}).values()} <= set(names)


def test_what_the_service_answers_is_as_described(api: httpx.Client) -> None:
    document = api.get("/openapi.json").json()
    job = submit(api, ARABIC)
    answers = {
        "Job": [job, finish(api, job["id"])],
        "JobList": [api.get("/v1/jobs").json()],
        "HttpProblem": [api.post("/v1/jobs", json={}).json()],
        "Models": [api.get("/v1/models").json()],
        "Ready": [api.get("/readyz").json()],
        "Submission": [{"article": {"text": ARABIC}, "steps": ["summary"]}],
    }
    for schema, values in answers.items():
        for value in values:
            validator(document, {"$ref": f"#/components/schemas/{schema}"}).validate(value)


def test_it_is_sent_once_and_then_304(api: httpx.Client) -> None:
    etag = api.get("/openapi.json").headers["ETag"]
    assert api.get("/openapi.json", headers={"If-None-Match": etag}).status_code == 304
