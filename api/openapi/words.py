"""The words in which an area of the API is described: operations, parameters, answers and problems."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from api.problems import (
    MEDIA_TYPE,
    AddressTooLong,
    HeadersTooLarge,
    MalformedRequest,
    RequestTimeout,
    problem_body,
)
from jobs.errors import InvalidSubmission, KhulasaError, OpenService, RateLimited, Unauthorized

Json = dict[str, Any]
SCHEMAS = "#/components/schemas/"
_HEADERS = "#/components/headers/"
# What any request may meet.
_ALWAYS = (MalformedRequest, RequestTimeout, AddressTooLong, HeadersTooLarge, KhulasaError)
# What the gate and the limits may answer before the operation does.
_GUARD = (Unauthorized, OpenService, RateLimited)
# That a key is optional is said by the empty requirement.
OPTIONAL_KEY: Sequence[Mapping[str, Sequence[str]]] = ({}, {"bearer": []}, {"apiKey": []})


@dataclass(frozen=True)
class Area:
    """A part of the API: its paths, and the models that they name with `body_of`.

    `inputs` are what clients send, `outputs` what they get: only in the former may a field be left out.
    """

    name: str
    description: str
    paths: Mapping[str, Json]
    inputs: Sequence[type[BaseModel]] = ()
    outputs: Sequence[type[BaseModel]] = ()


@dataclass(frozen=True)
class Operation:
    """One method of one path. `errors` are its own, besides those that any request may meet."""

    name: str  # the operationId: unique, for generated clients
    summary: str
    description: str
    answers: Mapping[int, Json]
    errors: Sequence[type[KhulasaError]] = ()
    parameters: Sequence[Json] = ()
    body: Json | None = None
    security: Sequence[Mapping[str, Sequence[str]]] = field(default=OPTIONAL_KEY)

    def described(self, area: str) -> Json:
        answers = {str(status): answer for status, answer in self.answers.items()}
        told: Json = {
            "operationId": self.name,
            "tags": [area],
            "summary": self.summary,
            "description": self.description,
            "parameters": list(self.parameters),
            "responses": answers | problems([*self.errors, *(_GUARD if self.security else ())]),
            "security": list(self.security),
        }
        return told | ({"requestBody": {"required": True, "content": self.body}} if self.body else {})


def body_of(model: str, **examples: Any) -> Json:
    """JSON of a model of the area, by its name; each example is a whole body."""
    named = {name.replace("_", " "): {"value": value} for name, value in examples.items()}
    content: Json = {"schema": {"$ref": f"{SCHEMAS}{model}"}} | ({"examples": named} if named else {})
    return {"application/json": content}


def text_of(media_type: str, description: str, example: str) -> Json:
    return {media_type: {"schema": {"type": "string", "description": description}, "example": example}}


def events_of(names: Sequence[str], example: Json) -> Json:
    """Server-sent events; the schema is of one event, as OpenAPI 3.2's `itemSchema` will be."""
    text: Json = {"type": "string"}
    fields: Json = {
        "event": text | {"enum": list(names)},
        "id": text | {"description": "What `Last-Event-ID` may say later."},
        "data": text | {"contentMediaType": "application/json"},
        "retry": {"type": "integer", "description": "Milliseconds after which to come back."},
    }
    return {"text/event-stream": {"schema": {"type": "object", "properties": fields}, "example": example}}


def answer(
    description: str, content: Json | None = None, *, headers: Sequence[str] = (), links: Json | None = None
) -> Json:
    """`headers` are names of `components/headers`; every answer has `X-Request-Id` besides."""
    told: Json = {
        "description": description,
        "headers": {name: {"$ref": f"{_HEADERS}{name}"} for name in (*headers, "X-Request-Id")},
    }
    return told | ({"content": content} if content else {}) | ({"links": links} if links else {})


def problems(errors: Sequence[type[KhulasaError]]) -> Json:
    """An answer for each status, with the codes that it may carry."""
    by_status: dict[int, list[type[KhulasaError]]] = {}
    possible: list[type[KhulasaError]] = [*errors, *_ALWAYS]
    for error in possible:
        by_status.setdefault(error.status, []).append(error)
    return {str(status): _problem(status, found) for status, found in sorted(by_status.items())}


def _problem(status: int, errors: Sequence[type[KhulasaError]]) -> Json:
    codes = {"code": {"enum": sorted({error.code for error in errors})}, "status": {"const": status}}
    content = {
        "schema": {"allOf": [{"$ref": f"{SCHEMAS}HttpProblem"}, {"properties": codes}]},
        "examples": {error.code: {"summary": error.title, "value": _example(error)} for error in errors},
    }
    may_be_retried = any(error.retry_after_seconds for error in errors)
    return answer(
        "\n".join(f"- `{error.code}`: {error.title}." for error in errors),
        {MEDIA_TYPE: content},
        headers=["Retry-After"] if may_be_retried else [],
    )


def _example(error: type[KhulasaError]) -> Json:
    detail = "what is wrong, and what to do about it"
    fields = {"errors": [{"pointer": "/article/text", "detail": detail}]}
    members = fields if issubclass(error, InvalidSubmission) else {}
    return problem_body(error.status, error.code, error.title, detail, **members)
