"""The document: every area's paths and models put together. A new area is one file and one line here."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api.openapi.batches import batches_area
from api.openapi.bodies import HttpProblem
from api.openapi.glossaries import glossaries_area
from api.openapi.headers import RESPONSE_HEADERS
from api.openapi.jobs import jobs_area
from api.openapi.service import service_area
from api.openapi.webhooks import webhooks_area
from api.openapi.words import SCHEMAS, Area, Json
from models.steps import Steps

_DESCRIPTION = """Arabic articles in; an Arabic summary, a sentence-aligned English translation and an English
summary out. Submit an article, then poll the job, wait for it or listen to its events.

Bodies are UTF-8 JSON; times are RFC 3339 in UTC. Every error is `application/problem+json` (RFC 9457) with a
`code` that does not change and a `detail` that says what to do. A request that is not HTTP as it should be is
told 400, 414, 417, 431 or 501 in the same form, an address without a route 404 `no-such-route`, and a method
that an address does not take 405 with `Allow`."""
_KEYS: Json = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key, where the service asks for one.",
    },
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The same key."},
}


def openapi_document(submission: type[BaseModel], steps: Steps) -> dict[str, Any]:
    areas = [jobs_area(submission, steps), batches_area(submission), glossaries_area()]
    areas += [webhooks_area(), service_area()]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Khulasa",
            "version": "1",
            "summary": "Arabic articles in, gist out.",
            "description": _DESCRIPTION,
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "This service."}],
        "tags": [{"name": area.name, "description": area.description} for area in areas],
        "paths": {path: item for area in areas for path, item in area.paths.items()},
        "components": {
            "schemas": _schemas(areas),
            "headers": RESPONSE_HEADERS,
            "securitySchemes": _KEYS,
        },
    }


def _schemas(areas: Sequence[Area]) -> Json:
    inputs: list[Any] = [(model, "validation") for area in areas for model in area.inputs]
    outputs: list[Any] = [(model, "serialization") for area in areas for model in area.outputs]
    _, definitions = models_json_schema(
        [*inputs, *outputs, (HttpProblem, "serialization")], ref_template=SCHEMAS + "{model}"
    )
    schemas: Json = definitions["$defs"]
    return schemas
