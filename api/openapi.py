"""The OpenAPI 3.1 document, made from the same models that check submissions and shape results."""

from typing import Any

from flask import Blueprint, Response, jsonify
from pydantic import BaseModel, create_model
from pydantic.json_schema import models_json_schema

from api.problems import MEDIA_TYPE
from jobs.job import Problem, Receipt, Status
from models.installed import ModelInfo
from models.steps import Steps

_REF = "#/components/schemas/"
_ID = {"name": "job_id", "in": "path", "required": True, "schema": {"type": "string"}}
_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}
_GUARDED = (401, 403, 429)  # what the gate and the limits may answer before the route does
_PREFER = {
    "name": "Prefer",
    "in": "header",
    "schema": {"type": "string"},
    "description": "`wait=N` holds the answer until the job ends, N seconds at most (60 at most).",
}


def openapi_routes(submission: type[BaseModel], steps: Steps) -> Blueprint:
    routes = Blueprint("openapi", __name__)
    document = openapi_document(submission, steps)

    @routes.get("/openapi.json")
    def show() -> Response:
        return jsonify(document)

    return routes


def openapi_document(submission: type[BaseModel], steps: Steps) -> dict[str, Any]:
    schemas = _schemas(submission, steps)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Khulasa",
            "version": "1",
            "description": "Arabic articles in, gist out.",
        },
        "paths": _paths(list(steps)),
        "components": {"schemas": schemas, "securitySchemes": _SCHEMES},
        "security": [{name: []} for name in _SCHEMES] + [{}],  # {}: a service without keys asks for none
    }


def _paths(steps: list[str]) -> dict[str, Any]:
    job = _json("Job")
    step = {"name": "step", "in": "path", "required": True, "schema": {"enum": steps}}
    plain = {"text/plain": {"schema": {"type": "string"}}}
    result = {"anyOf": [{"$ref": f"{_REF}{_result_name(name)}"} for name in steps]}
    return {
        "/v1/jobs": {
            "post": {
                "summary": "Submit an article",
                "parameters": [_PREFER],
                "requestBody": {"required": True, "content": _json("Submission")},
                "responses": {
                    "200": _answer("The job ended while the request waited.", job),
                    "202": _answer("The job is accepted; `Location` says where to follow it.", job),
                    **_problems(*_GUARDED, 400, 413, 415, 422, 503),
                },
            }
        },
        "/v1/jobs/{job_id}": {
            "parameters": [_ID],
            "get": {
                "summary": "Follow a job",
                "parameters": [
                    _PREFER,
                    {"name": "If-None-Match", "in": "header", "schema": {"type": "string"}},
                ],
                "responses": {
                    "200": _answer("The job as it stands.", job),
                    "304": {"description": "Nothing has changed since that `ETag`."},
                    **_problems(*_GUARDED, 404, 410, 503),
                },
            },
            "delete": {
                "summary": "Cancel and erase a job",
                "responses": {"204": {"description": "It is gone."}, **_problems(*_GUARDED, 404, 410, 503)},
            },
        },
        "/v1/jobs/{job_id}/{step}": {
            "parameters": [_ID, step],
            "get": {
                "summary": "Read one result",
                "responses": {
                    "200": _answer("The result.", {"application/json": {"schema": result}, **plain}),
                    **_problems(*_GUARDED, 404, 409, 410, 503),
                },
            },
        },
        "/v1/models": {
            "get": {
                "summary": "List the models",
                "responses": {
                    "200": _answer("The models by step.", _json("Models")),
                    **_problems(*_GUARDED, 503),
                },
            }
        },
        "/livez": {
            "get": {
                "summary": "Is it alive",
                "security": [],
                "responses": {"200": _answer("Yes.", _json("Health"))},
            }
        },
        "/readyz": {
            "get": {
                "summary": "Can it work",
                "security": [],
                "responses": {"200": _answer("Yes.", _json("Health")), **_problems(503)},
            }
        },
    }


def _schemas(submission: type[BaseModel], steps: Steps) -> dict[str, Any]:
    results = {
        name: create_model(
            _result_name(name),
            status=(Status, ...),
            problem=(Problem | None, ...),
            **{  # type: ignore[call-overload]  # a result's fields are known only once the steps are loaded
                field: (info.annotation | None, ...) for field, info in step.result.model_fields.items()
            },
        )
        for name, step in steps.items()
    }
    job = _job_model(results)
    info = create_model(
        "ModelOfAStep",
        __base__=ModelInfo,
        step=(str, ...),
        default=(bool, ...),
        available=(bool, ...),
    )
    field_problem = create_model("FieldProblem", pointer=(str, ...), detail=(str, ...))
    shapes = [
        job,
        create_model("Models", models=(list[info], ...)),
        create_model("Health", status=(str, ...), checks=(dict[str, Any], {})),
        create_model(
            "HttpProblem",
            __doc__="RFC 9457, with a stable `code`.",
            type=(str, ...),
            title=(str, ...),
            status=(int, ...),
            detail=(str, ...),
            code=(str, ...),
            errors=(list[field_problem], []),
        ),
    ]
    modes: list[Any] = [(shape, "serialization") for shape in shapes]
    _, definitions = models_json_schema([(submission, "validation"), *modes], ref_template=_REF + "{model}")
    schemas: dict[str, Any] = definitions["$defs"]
    return schemas


def _job_model(results: dict[str, type[BaseModel]]) -> type[BaseModel]:
    optional: dict[str, Any] = {name: (model | None, None) for name, model in results.items()}
    return create_model(
        "Job",
        id=(str, ...),
        status=(Status, ...),
        created_at=(str, ...),
        started_at=(str | None, ...),
        finished_at=(str | None, ...),
        expires_at=(str, ...),
        progress=(
            create_model("Progress", segments_done=(int, ...), segments_total=(int, ...), percent=(int, ...)),
            ...,
        ),
        article=(dict[str, Any], ...),
        results=(create_model("Results", **optional), ...),
        receipt=(Receipt | None, ...),
        problem=(Problem | None, ...),
        cached=(bool, ...),
        metadata=(dict[str, str], ...),
        lane=(str, ...),
        webhook=(None, ...),
    )


def _result_name(step: str) -> str:
    return "".join(part.capitalize() for part in step.split("_")) + "View"


def _json(schema: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"{_REF}{schema}"}}}


def _answer(description: str, content: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": content}


def _problems(*statuses: int) -> dict[str, Any]:
    content = {MEDIA_TYPE: {"schema": {"$ref": f"{_REF}HttpProblem"}}}
    return {str(status): _answer("A problem; its `code` says which.", content) for status in statuses}
